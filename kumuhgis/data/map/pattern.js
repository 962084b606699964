/* Fills that survive a black-and-white copy: hatches always, patterns of the levels when they are switched on. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var RISING = "M-2 2L2 -2M0 10L10 0M8 12L12 8";
  var FALLING = "M-2 8L2 12M0 0L10 10M8 -2L12 2";
  var DOTS = "M4 2.5a1.5 1.5 0 1 1 -3 0a1.5 1.5 0 1 1 3 0ZM9 7.5a1.5 1.5 0 1 1 -3 0a1.5 1.5 0 1 1 3 0Z";
  var PATTERNS = {
    dots: { dots: DOTS },
    slanted: { lines: FALLING, width: 1.6 },
    crossed: { lines: RISING + FALLING, width: 1 },
    horizontal: { lines: "M0 2.5H10M0 7.5H10", width: 1.2 },
    vertical: { lines: "M2.5 0V10M7.5 0V10", width: 1.2 },
    checks: { dots: "M0 0h5v5h-5ZM5 5h5v5h-5Z" },
    rings: { lines: "M8 5a3 3 0 1 1 -6 0a3 3 0 1 1 6 0Z", width: 1.2 },
    zigzag: { lines: "M-1 8L5 2L11 8", width: 1.3 },
    grid: { lines: "M0 5H10M5 0V10", width: 1.2 },
    dashes: { lines: "M0 2.5H6M-5 7.5H1M5 7.5H11", width: 1.5 },
    bars: { lines: "M5 0V10", width: 4 },
  };
  var SIZE = 10;
  var tiles = {};

  /* Whether levels show their pattern; one answer for the whole page. */
  kg.patterned = false;

  kg.usePatterns = function (on) {
    kg.patterned = on;
    kg.maps.forEach(function (map) {
      map.fire("kg:pattern", { on: on });
      if (map.kumuhgis.panel) kg.panel(map);
    });
  };

  /* What an SVG shape of this style is filled with. */
  kg.fill = function (style) {
    var tile = kg.tile(style);
    return tile ? kg.pattern(tile) : style.fill;
  };

  /* A tile of 10 × 10: ground, ink, and lines or dots; none for a plain colour. */
  kg.tile = function (style) {
    if (style.hatch) return kg.hatchTile(style.fill, style.line ? "" : "#efece4", style.hatch === "cross");
    var form = kg.patterned && PATTERNS[style.pattern];
    if (!form) return null;
    var ink = kg.dark(style.fill) ? "#ffffff" : "#2b2823";
    return Object.assign({ id: "kg-pattern-" + style.pattern + kg.plainId(style.fill), ground: style.fill, ink: ink }, form);
  };

  kg.hatchTile = function (colour, ground, crossed) {
    return {
      id: "kg-hatch-" + kg.plainId(colour + ground) + (crossed ? "x" : ""),
      ground: ground, ink: colour, lines: crossed ? RISING + FALLING : RISING, width: 3.4,
    };
  };

  /* Slanted lines of one colour, also crossed. */
  kg.hatch = function (colour, ground, crossed) {
    return kg.pattern(kg.hatchTile(colour, ground || "", crossed));
  };

  kg.plainId = function (text) {
    return text.replace(/[^0-9a-z]/gi, "");
  };

  kg.dark = function (colour) {
    var part = function (at) { return parseInt(colour.slice(at, at + 2), 16); };
    return 0.3 * part(1) + 0.6 * part(3) + 0.1 * part(5) < 90;
  };

  /* The tile as a pattern of the page, made once. */
  kg.pattern = function (tile) {
    if (!document.getElementById(tile.id)) {
      tiles[tile.id] = tile;
      var parts = [];
      if (tile.ground) parts.push(kg.svg("rect", { width: SIZE, height: SIZE, fill: tile.ground }));
      if (tile.lines) {
        parts.push(kg.svg("path", { d: tile.lines, stroke: tile.ink, "stroke-width": tile.width, fill: "none" }));
      }
      if (tile.dots) parts.push(kg.svg("path", { d: tile.dots, fill: tile.ink }));
      var pattern = kg.svg("pattern", { id: tile.id, patternUnits: "userSpaceOnUse", width: SIZE, height: SIZE }, parts);
      var holder = kg.svg("svg", { width: 0, height: 0, "class": "kg-patterns", "aria-hidden": "true" }, [
        kg.svg("defs", {}, [pattern]),
      ]);
      holder.style.position = "absolute";
      document.body.appendChild(holder);
    }
    return "url(#" + tile.id + ")";
  };

  /* What a canvas is filled with: a colour, or the tile that an SVG shape would be filled with. */
  kg.ink = function (fill) {
    var named = /^url\(#(.+)\)$/.exec(fill);
    return named ? kg.stamp(tiles[named[1]]) : fill;
  };

  /* The tile as a pattern of a canvas, sharp on screens with small pixels. */
  kg.stamp = function (tile) {
    var fine = Math.ceil(window.devicePixelRatio || 1);
    var canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIZE * fine;
    var pen = canvas.getContext("2d");
    pen.scale(fine, fine);
    if (tile.ground) {
      pen.fillStyle = tile.ground;
      pen.fillRect(0, 0, SIZE, SIZE);
    }
    pen.fillStyle = pen.strokeStyle = tile.ink;
    pen.lineWidth = tile.width || 1;
    if (tile.lines) pen.stroke(new Path2D(tile.lines));
    if (tile.dots) pen.fill(new Path2D(tile.dots));
    var stamp = pen.createPattern(canvas, "repeat");
    if (stamp.setTransform) stamp.setTransform(new DOMMatrix([1 / fine, 0, 0, 1 / fine, 0, 0]));
    return stamp;
  };
})();
