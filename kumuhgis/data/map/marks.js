/* Marks of what residents say: each kind has a form of its own, so that it is known without its colour. */
(function () {
  "use strict";
  var kg = window.kumuhgis;

  var FORMS = {
    triangle: "M12 2.5 22.5 21H1.5Z",
    circle: "M12 2.5a9.5 9.5 0 1 0 .01 0Z",
    square: "M3.5 3.5h17v17h-17Z",
    diamond: "M12 1.5 22.5 12 12 22.5 1.5 12Z",
    cross: "M8.5 2.5h7v6h6v7h-6v6h-7v-6h-6v-7h6Z",
    hexagon: "M7 3.5h10L22 12l-5 8.5H7L2 12Z",
  };

  /* style: form, line (its colour), sign (a letter in it), hollow. */
  kg.mark = function (style, size) {
    var inner = [kg.svg("path", {
      d: FORMS[style.form], fill: style.hollow ? "#fffdf8" : style.line, stroke: style.hollow ? style.line : "#ffffff",
      "stroke-width": style.hollow ? 2.6 : 1.8, "stroke-linejoin": "round",
    })];
    var mark = kg.svg("svg", { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true", "class": "kg-mark-of" }, inner);
    if (!style.sign) return mark;
    var sign = kg.svg("text", { x: 12, y: 17, "text-anchor": "middle", "font-size": 15, "font-weight": 700,
      fill: style.hollow ? style.line : "#ffffff" });
    sign.textContent = style.sign;
    mark.appendChild(sign);
    return mark;
  };

  /* One answer on the map: its line or area, and its mark, which can be touched. how: pane, label, at. */
  kg.answerShape = function (map, style, geometry, how) {
    var parts = [];
    if (!/Point/.test(geometry.type)) {
      var area = /Polygon/.test(geometry.type);
      [{ color: "#ffffff", weight: 7, opacity: 0.9, fill: false },
        { color: style.line, weight: 3.5, dashArray: style.dash, fill: area, fillColor: area ? kg.hatch(style.line, "none") : "",
          fillOpacity: 0.55 }].forEach(function (look) {
        look = Object.assign({ lineCap: "round", className: "kg-answer-line" }, look);
        parts.push(L.geoJSON(geometry, { pane: how.pane, renderer: how.renderer, interactive: false, style: look }));
      });
    }
    var mark = kg.markAt(how.at ? L.latLng(how.at) : kg.middle(geometry), style, how);
    var group = L.featureGroup(parts.concat(mark));
    group.kgMark = mark;
    return group;
  };

  /* A mark on the map that a finger, a mouse and the keys Enter and Space can press. how: pane, label, data {name: value}. */
  kg.markAt = function (at, style, how) {
    var icon = L.divIcon({ className: "kg-answer", html: kg.mark(style, 28), iconSize: [36, 36], iconAnchor: how.anchor });
    var mark = L.marker(at, { icon: icon, pane: how.pane, title: how.label });
    mark.on("add", function () {
      var made = mark.getElement();
      made.setAttribute("aria-label", how.label);
      Object.keys(how.data || {}).forEach(function (name) { made.setAttribute("data-" + name, how.data[name]); });
      if (made.kgKeys) return;
      made.kgKeys = true;
      made.addEventListener("keydown", function (event) {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        mark.fire("click", { latlng: at, originalEvent: event });
      });
    });
    return mark;
  };

  /* A pane for answers, above the names, with one renderer for all of them. */
  kg.answerPane = function (map) {
    var state = map.kumuhgis;
    if (!state.answerPane) {
      var pane = kg.pane(map, { id: "answers", z: 445 });
      state.answerPane = { pane: pane, renderer: L.svg({ pane: pane }) };
    }
    return state.answerPane;
  };

  /* A point on a line half way along it, or inside an area where a level line through it is longest. */
  kg.middle = function (geometry) {
    if (geometry.type === "Point") return L.latLng(geometry.coordinates[1], geometry.coordinates[0]);
    return geometry.type === "LineString" ? kg.halfWay(geometry.coordinates) : kg.within(geometry.coordinates);
  };

  kg.halfWay = function (line) {
    var lengths = line.slice(1).map(function (to, n) { return Math.hypot(to[0] - line[n][0], to[1] - line[n][1]); });
    var left = lengths.reduce(function (sum, length) { return sum + length; }, 0) / 2;
    var n = 0;
    while (n < lengths.length - 1 && lengths[n] < left) left -= lengths[n++];
    var share = lengths[n] ? left / lengths[n] : 0;
    var a = line[n];
    var b = line[n + 1];
    return L.latLng(a[1] + share * (b[1] - a[1]), a[0] + share * (b[0] - a[0]));
  };

  kg.within = function (rings) {
    var heights = rings[0].map(function (corner) { return corner[1]; });
    var y = (Math.min.apply(null, heights) + Math.max.apply(null, heights)) / 2;
    var crossings = [];
    rings.forEach(function (ring) {
      for (var i = 1; i < ring.length; i++) {
        var a = ring[i - 1];
        var b = ring[i];
        if (a[1] > y !== b[1] > y) crossings.push(a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0]));
      }
    });
    crossings.sort(function (one, other) { return one - other; });
    var best = [rings[0][0][0], rings[0][0][0]];
    for (var n = 0; n + 1 < crossings.length; n += 2) {
      if (crossings[n + 1] - crossings[n] > best[1] - best[0]) best = [crossings[n], crossings[n + 1]];
    }
    return L.latLng(y, (best[0] + best[1]) / 2);
  };

  /* "2026-11-22T08:10+07:00" as people read it: the day and the hour as written, whatever zone this machine is in. */
  kg.moment = function (written) {
    return written.slice(0, 16).replace("T", " ");
  };
})();
