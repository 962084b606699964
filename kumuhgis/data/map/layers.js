/* The layers: geometry and style from the data of the page, a word or two when one points at them. */
(function () {
  "use strict";
  var kg = window.kumuhgis;

  /* Draw any layer; data: id, name, group, show, exclusive, classes, and either features [{g, c, p}] or, packed, shapes,
     codes, told and perhaps said. With canvas all of it is painted at once. */
  kg.layer = function (map, id, lang) {
    return kg.drawLayer(map, kg.on(map, lang), kg.read(id));
  };

  kg.drawLayer = function (map, state, data) {
    if (data.shapes) data.shapes = new kg.Shapes(data.shapes);
    if (data.canvas) return kg.painted(map, state, data);
    if (data.shapes) data.features = kg.features(data);
    var renderer = L.svg({ pane: kg.pane(map, data) });
    var casing = data.casing ? kg.casing(map, data, renderer) : null;
    var shapes = L.geoJSON(kg.collection(data), {
      pane: kg.pane(map, data),
      renderer: renderer,
      style: function (feature) {
        return kg.style(data.classes[feature.properties.c], feature.geometry.type);
      },
      pointToLayer: function (feature, at) {
        var style = data.classes[feature.properties.c];
        var how = { pane: kg.pane(map, data), renderer: renderer, radius: 6 };
        return style.mark === "diamond" ? new kg.Diamond(at, how) : L.circleMarker(at, how);
      },
      onEachFeature: function (feature, shape) {
        var own = feature.properties;
        if (own.m) kg.explain(data, feature, shape);
        else kg.pointed(shape, function () { return kg.tell(state, data, own.c, own.p); });
      },
    });
    kg.thin(map, data, shapes, casing);
    return kg.register(map, data, casing ? L.layerGroup([casing, shapes]) : shapes);
  };

  /* A word or two for whoever points at a shape. Leaflet would listen for its focus, which alone makes it a stop of the Tab
     key in Chromium, hundreds of them without a name: that is left out. */
  kg.pointed = function (shape, tell) {
    shape._addFocusListeners = function () {};
    shape.bindTooltip(tell, { sticky: true });
  };

  /* Features as elements need them: geometry, class, what is told (in the order of data.told), what is said. */
  kg.features = function (data) {
    var tell = kg.teller(data);
    var out = [];
    for (var i = 0; i < data.n; i++) {
      out.push({ g: data.shapes.geometry(i), c: data.codes[i], p: tell(i), m: data.said && data.said[i] });
    }
    data.told = Object.keys(data.told || {});
    return out;
  };

  /* The features of a layer, also of one that is painted. */
  kg.featuresOf = function (data) {
    if (data.features) return kg.collection(data).features;
    return Array.from({ length: data.n }, function (_, i) {
      return { type: "Feature", geometry: data.shapes.geometry(i), properties: { c: data.codes[i], p: data.tell(i) } };
    });
  };

  kg.teller = function (data) {
    var readers = Object.keys(data.told || {}).map(function (name) { return kg.column(data, data.told[name]); });
    return function (i) { return readers.map(function (read) { return read(i); }); };
  };

  /* Many features on one canvas. */
  kg.painted = function (map, state, data) {
    var lists = kg.byClass(data.codes, data.classes, data.n);
    var sheet = new kg.Sheet(function (view) {
      var factor = kg.thinning(map);
      data.classes.forEach(function (one, c) {
        var style = kg.style(one, data.shapes.kinds[0] === 1 ? "LineString" : "Polygon");
        style.radius = 6;
        style.weight *= factor;
        if (data.casing) kg.paint(view, data.shapes, lists[c], { color: "#ffffff", weight: 6 * factor });
        kg.paint(view, data.shapes, lists[c], style);
      });
    }, { pane: kg.pane(map, data) });
    var tell = kg.teller(data);
    data.tell = tell;
    var told = (data.told = Object.keys(data.told || {}));
    if (told.length) {
      kg.hover(map, {
        z: data.z,
        on: function () { return map.hasLayer(sheet); },
        find: function (at) { return kg.hit(map, data.shapes, at); },
        tell: function (i) { return kg.tell(state, data, data.codes[i], tell(i)); },
      });
    }
    return kg.register(map, data, sheet);
  };

  kg.pane = function (map, data) {
    var name = "kg-" + data.id;
    if (!map.getPane(name)) {
      map.createPane(name).style.zIndex = data.z;
      map.getPane(name).classList.add("kg-pane");
    }
    return name;
  };

  kg.collection = function (data) {
    return {
      type: "FeatureCollection",
      features: data.features.map(function (feature) {
        return { type: "Feature", geometry: feature.g, properties: feature };
      }),
    };
  };

  kg.style = function (style, type) {
    if (style.hatch && /Point/.test(type)) {
      return { color: "#ffffff", weight: 1.5, fill: true, fillColor: style.line, fillOpacity: 1 };
    }
    return {
      color: style.line || "#6b6459",
      weight: style.weight || 0.8,
      dashArray: style.dash || null,
      lineCap: "round",
      fill: Boolean(style.fill) && !/Line/.test(type),
      fillColor: kg.fill(style),
      fillOpacity: 1,
    };
  };

  /* Lines grow thinner as one goes away from the village. */
  kg.thinning = function (map) {
    return Math.max(0.45, Math.min(1, (map.getZoom() - 13) / 3.5));
  };

  kg.thin = function (map, data, shapes, casing) {
    var fit = function () {
      var factor = kg.thinning(map);
      shapes.setStyle(function (feature) {
        return { weight: factor * (data.classes[feature.properties.c].weight || 0.8) };
      });
      if (casing) casing.setStyle({ weight: factor * 6 });
    };
    map.on("zoomend", fit);
    fit();
  };

  /* A white edge below lines, so that they are seen on every colour. Made before them, as Leaflet adds by age. */
  kg.casing = function (map, data, renderer) {
    return L.geoJSON(kg.collection(data), {
      pane: kg.pane(map, data),
      renderer: renderer,
      interactive: false,
      style: { color: "#ffffff", weight: 6, lineCap: "round", fill: false },
    });
  };

  /* Name and attributes of what one points at; values in the order of data.told. */
  kg.tell = function (state, data, code, values) {
    var lines = [kg.el("strong", "", data.name), kg.el("div", "", data.classes[code].label)];
    (data.told || []).forEach(function (column, n) {
      var value = values[n];
      if (!kg.known(value)) return;
      var shown = typeof value === "boolean" ? state.say(value ? "yes" : "no") : value;
      if (typeof value === "number") shown = kg.short(state, value, 2);
      lines.push(kg.el("div", "", state.say("column." + column, { value: shown })));
    });
    return kg.el("div", "kg-tip", "", lines);
  };

  /* What is wrong at a place and what to do, on a click. */
  kg.explain = function (data, feature, shape) {
    shape.bindPopup(function () {
      var told = feature.properties.m.map(function (said) {
        return kg.el("p", "", "", [kg.el("span", "kg-where", said[0]), kg.el("span", "", said[1]),
          said[2] && kg.el("strong", "", said[2])]);
      });
      var head = kg.el("h2", "", data.classes[feature.properties.c].label);
      return kg.el("div", "kg-problems", "", [head].concat(told));
    }, { maxWidth: 320, maxHeight: 280 });
  };

  /* A mark that differs from the round ones in its form. */
  kg.Diamond = L.CircleMarker.extend({
    _updatePath: function () {
      var at = this._point;
      var r = this._radius + 3;
      var corners = [[at.x, at.y - r], [at.x + r, at.y], [at.x, at.y + r], [at.x - r, at.y]];
      this._renderer._setPath(this, this._empty() ? "M0 0" : "M" + corners.join("L") + "Z");
    },
  });

  kg.register = function (map, data, drawn) {
    var state = map.kumuhgis;
    var entry = { data: data, drawn: drawn };
    state.layers.push(entry);
    if (data.show) drawn.addTo(map);
    kg.panel(map);
    return drawn;
  };
})();
