/* The units: coloured by the chosen theme, labelled, opened by a click, a tap or the Enter key. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var EDGE = { color: "#4a453d", weight: 1.3 };
  var FADED = 0.12;

  kg.units = function (map, id, lang) {
    var state = kg.on(map, lang);
    var village = new kg.Village(kg.read(id));
    var data = village.data;
    state.village = village;
    state.theme = kg.themes(state, data).filter(function (theme) { return theme.id === data.first; })[0];
    var drawing = data.canvas ? kg.paintedUnits(map, village) : kg.unitPaths(map, village);
    var group = L.layerGroup([drawing.layer, new kg.Labels(village)]);
    group.kgFill = function (shown) {
      drawing.filled = shown;
      drawing.update();
    };
    group.kgFill(true);
    map.on("kg:theme kg:filter kg:pattern", drawing.update);
    map.on("click", function (event) {
      if (state.busy) return;
      var found = map.hasLayer(group) ? village.at(event.latlng) : -1;
      if (found >= 0) kg.open(map, found);
      else kg.close(map);
    });
    kg.themed(map, village, group);
    map.fire("kg:village");
    return group;
  };

  /* Style of a unit: its class in the theme, faded where the filter leaves it out. */
  var styleOf = function (map, drawing, code, faded) {
    var style = kg.style(map.kumuhgis.theme.classes[code], "Polygon");
    var opacity = drawing.filled ? 1 : 0;
    return Object.assign(style, EDGE, {
      dashArray: null,
      opacity: faded ? 2 * FADED : 1,
      fillOpacity: faded ? FADED * opacity : opacity,
    });
  };

  /* An element for each unit: each takes the focus of the keyboard. */
  kg.unitPaths = function (map, village) {
    var state = map.kumuhgis;
    var pane = kg.pane(map, village.data);
    var paths = [];
    var features = [];
    for (var i = 0; i < village.n; i++) {
      if (village.drawn(i)) features.push({ type: "Feature", properties: { i: i }, geometry: village.geometry(i) });
    }
    var shapes = L.geoJSON({ type: "FeatureCollection", features: features }, {
      pane: pane,
      renderer: L.svg({ pane: pane }),
      onEachFeature: function (feature, shape) {
        var i = feature.properties.i;
        paths[i] = shape;
        if (!L.Browser.mobile) shape.bindTooltip(function () { return kg.glance(state, village, i); }, { sticky: true });
        shape.on("add", function () { kg.focusable(map, village, i, shape); });
      },
    });
    map.on("kg:open", function (event) { if (paths[event.unit]) paths[event.unit].closeTooltip(); });
    map.on("kg:close", function (event) {
      var path = paths[event.unit] && paths[event.unit].getElement();
      if (path && event.focus) kg.focusUnit(path);
    });
    var drawing = {
      layer: shapes,
      update: function () {
        shapes.setStyle(function (feature) {
          var i = feature.properties.i;
          return styleOf(map, drawing, state.theme.codes[i], state.shown && !state.shown[i]);
        });
        paths.forEach(function (path, i) { kg.call(state, village, i, path); });
      },
    };
    return drawing;
  };

  /* All units on one canvas, each border once. */
  kg.paintedUnits = function (map, village) {
    var state = map.kumuhgis;
    var shapes = village.shapes;
    var lines = shapes.lines;
    var all = Array.from({ length: lines.n }, function (_, k) { return k; });
    var lists = {};
    var sheet = new kg.Sheet(function (view) {
      state.theme.classes.forEach(function (style, code) {
        [false, true].forEach(function (faded) {
          var fill = styleOf(map, drawing, code, faded);
          fill.weight = 0;
          kg.paint(view, shapes, lists[faded][code], fill);
        });
      });
      var near = Math.max(0.25, Math.min(1, (map.getZoom() - 12) / 4));
      var edge = { color: EDGE.color, weight: EDGE.weight * near, opacity: near };
      if (state.shown) lists[false].forEach(function (list) { kg.paint(view, shapes, list, edge); });
      kg.paint(view, lines, all, Object.assign({}, edge, { opacity: state.shown ? 2 * FADED : near }));
    }, { pane: kg.pane(map, village.data) });
    var drawing = {
      layer: sheet,
      update: function () {
        [false, true].forEach(function (faded) {
          lists[faded] = state.theme.classes.map(function () { return []; });
          for (var i = 0; i < village.n; i++) {
            if (Boolean(state.shown && !state.shown[i]) === faded) lists[faded][state.theme.codes[i]].push(i);
          }
        });
        sheet.repaint();
      },
    };
    sheet.on("add", function () {
      sheet._container.setAttribute("role", "img");
      sheet._container.setAttribute("aria-label", state.say("many_units", { n: state.number(village.n) }));
    });
    kg.hover(map, {
      z: village.data.z,
      on: function () { return map.hasLayer(sheet); },
      find: function (at) { return village.at(at); },
      tell: function (i) { return kg.glance(state, village, i); },
    });
    return drawing;
  };

  kg.title = function (record) {
    return record.units.rt_rw || record.unit;
  };

  /* Name, level and total, and the class of the theme when that is another. */
  kg.glance = function (state, village, i) {
    var record = village.record(i);
    var level = village.data.classes[record.level].label + " · " + kg.total(state, village.data, record);
    var theme = state.theme;
    var other = theme.id === "levels" ? null : kg.el("div", "", theme.name + ": " + theme.classes[theme.codes[i]].label);
    return kg.el("div", "kg-tip", "", [kg.el("strong", "", village.title(i)), kg.el("div", "", level), other]);
  };

  kg.total = function (state, data, record) {
    var found = record.summary;
    var shown = kg.known(found.total_score)
      ? state.number(found.total_score)
      : state.number(found.total_low) + "–" + state.number(found.total_high);
    return state.say("card.of_total", { total: shown, max: data.rule.max_total });
  };

  /* The unit becomes the one stop of the Tab key among the units. */
  kg.focusUnit = function (path) {
    path.parentNode.querySelectorAll("path[tabindex='0']").forEach(function (other) {
      other.setAttribute("tabindex", "-1");
    });
    path.setAttribute("tabindex", "0");
    path.focus({ preventScroll: true });
  };

  kg.focusable = function (map, village, i, shape) {
    var path = shape.getElement();
    if (!path) return;
    path.setAttribute("tabindex", path.previousElementSibling ? "-1" : "0");
    path.setAttribute("role", "button");
    path.setAttribute("data-unit", village.data.unit[i]);
    kg.call(map.kumuhgis, village, i, shape);
    path.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        kg.open(map, i);
      }
    });
  };

  /* What a screen reader calls a unit: its name and its class in the theme. */
  kg.call = function (state, village, i, shape) {
    var path = shape.getElement();
    if (path) path.setAttribute("aria-label", village.title(i) + ": " + state.theme.classes[state.theme.codes[i]].label);
  };
})();
