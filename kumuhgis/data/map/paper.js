/* The village on paper: its streets, water and houses drawn quietly below everything where their own layers are off. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var QUIET = {
    water: [{ color: "#b7cdd6", weight: 2, fill: true, fillColor: "#dce8ec", fillOpacity: 1 }],
    buildings: [{ color: "#d6ccb9", weight: 0.6, fill: true, fillColor: "#e9e1d2", fillOpacity: 1 }],
    roads: [{ color: "#d3c8b3", weight: 5.5 }, { color: "#fffdf8", weight: 3.8 }],
  };
  var LETTER = 5.6;

  kg.paper = function (map) {
    var state = map.kumuhgis;
    if (state.quiet) return;
    state.quiet = {};
    map.createPane("kg-paper").style.zIndex = 395;
    map.createPane("kg-streets").style.zIndex = 438;
    ["kg-paper", "kg-streets"].forEach(function (name) { map.getPane(name).style.pointerEvents = "none"; });
    var later = null;
    var quiet = function () {
      window.clearTimeout(later);
      later = window.setTimeout(function () { kg.quiet(map); kg.streetNames(map); }, 0);
    };
    map.on("layeradd layerremove", function (event) {
      if (state.layers.some(function (entry) { return entry.drawn === event.layer; })) quiet();
    });
    map.on("kg:base moveend", quiet);
    map.on("zoomstart", function () { map.getPane("kg-streets").textContent = ""; });
    quiet();
  };

  /* Draw what is off, take away what is on; nothing over a photo or tiles. */
  kg.quiet = function (map) {
    var state = map.kumuhgis;
    var bare = !kg.onPicture(map);
    state.layers.forEach(function (entry) {
      var styles = QUIET[entry.data.id];
      if (!styles) return;
      var wanted = bare && !map.hasLayer(entry.drawn);
      var drawn = state.quiet[entry.data.id];
      if (wanted && !drawn) drawn = state.quiet[entry.data.id] = kg.quietly(map, entry.data, styles);
      if (drawn && wanted !== map.hasLayer(drawn)) wanted ? drawn.addTo(map) : map.removeLayer(drawn);
    });
  };

  /* Painted from the shapes that the layer has anyway; what is only needed and not there yet is left out. */
  kg.quietly = function (map, data, styles) {
    var there = [];
    for (var i = 0; i < data.n; i++) {
      if (!data.classes[data.codes[i]].needed) there.push(i);
    }
    return new kg.Sheet(function (view) {
      styles.forEach(function (style) { kg.paint(view, data.shapes, there, style); });
    }, { pane: "kg-paper" });
  };

  /* Names of streets along their longest straight stretches that are in sight, each name once in a while. */
  kg.streetNames = function (map) {
    var state = map.kumuhgis;
    var pane = map.getPane("kg-streets");
    pane.textContent = "";
    var roads = state.layers.filter(function (entry) { return entry.data.id === "roads"; })[0];
    var coloured = roads && map.hasLayer(roads.drawn);
    if (!roads || !roads.data.features || map.getZoom() < (coloured ? 17.5 : 16)) return;
    var beside = coloured ? 9 : 0;
    var taken = kg.namesOfUnits(map);
    kg.stretches(map, roads.data).forEach(function (stretch) {
      var far = taken.every(function (other) {
        var apart = Math.max(Math.abs(other.x - stretch.x) - other.w - stretch.w,
          Math.abs(other.y - stretch.y) - other.h - stretch.h);
        return apart > (other.name === stretch.name ? 160 : 2);
      });
      if (!far) return;
      taken.push(stretch);
      var name = kg.el("span", "kg-street", stretch.name);
      name.style.transform = "translate(" + stretch.x + "px," + stretch.y + "px) translate(-50%,-50%) rotate(" +
        stretch.angle + "rad) translateY(" + -beside + "px)";
      pane.appendChild(name);
    });
  };

  /* Where the names of the units are: middle and half sizes in pixels of the layers. */
  kg.namesOfUnits = function (map) {
    var corner = map.getContainer().getBoundingClientRect();
    return Array.prototype.map.call(map.getContainer().querySelectorAll(".kg-label span"), function (name) {
      var box = name.getBoundingClientRect();
      var middle = [(box.left + box.right) / 2 - corner.left, (box.top + box.bottom) / 2 - corner.top];
      var at = map.containerPointToLayerPoint(middle);
      return { x: at.x, y: at.y, w: box.width / 2, h: box.height / 2 };
    });
  };

  kg.stretches = function (map, data) {
    var told = (data.told || []).indexOf("name");
    var view = map.getBounds();
    var found = [];
    if (told < 0) return found;
    kg.featuresOf(data).forEach(function (feature) {
      var name = feature.properties.p[told];
      if (!kg.known(name) || data.classes[feature.properties.c].needed) return;
      var lines = feature.geometry.type === "LineString" ? [feature.geometry.coordinates] : feature.geometry.coordinates;
      lines.forEach(function (line) {
        if (!view.intersects(L.latLngBounds(line.map(function (at) { return [at[1], at[0]]; })))) return;
        var stretch = kg.straight(map, line);
        var wide = LETTER * name.length;
        if (stretch && stretch.length > 0.9 * wide) found.push(kg.placed(stretch, name, wide));
      });
    });
    return found.sort(function (a, b) { return b.length - a.length; });
  };

  /* The longest part of a line that hardly turns (a sixth of a right angle). */
  kg.straight = function (map, line) {
    var points = line.map(function (at) { return map.latLngToLayerPoint([at[1], at[0]]); });
    var best = null;
    for (var i = 0; i < points.length - 1; i++) {
      var first = Math.atan2(points[i + 1].y - points[i].y, points[i + 1].x - points[i].x);
      for (var j = i + 1; j < points.length; j++) {
        var turn = Math.atan2(points[j].y - points[j - 1].y, points[j].x - points[j - 1].x) - first;
        if (Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn))) > 0.26) break;
        var length = points[i].distanceTo(points[j]);
        if (!best || length > best.length) best = { a: points[i], b: points[j], length: length };
      }
    }
    return best;
  };

  kg.placed = function (stretch, name, wide) {
    var angle = Math.atan2(stretch.b.y - stretch.a.y, stretch.b.x - stretch.a.x);
    if (Math.abs(angle) > Math.PI / 2) angle -= Math.sign(angle) * Math.PI;
    return {
      name: name, angle: angle, length: stretch.length,
      x: (stretch.a.x + stretch.b.x) / 2, y: (stretch.a.y + stretch.b.y) / 2,
      w: (wide * Math.cos(angle)) / 2 + 6, h: (wide * Math.abs(Math.sin(angle))) / 2 + 6,
    };
  };
})();
