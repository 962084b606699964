/* A planner's own data: any shapes together, a legend, labels, and a popup with the columns that he named. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var MANY = 1500;
  var FOCUSABLE = 200;

  /* data: id, name, group, show, classes, headings, features [{g, c, p, l, at}]. */
  kg.own = function (map, id, lang) {
    var state = kg.on(map, lang);
    var data = kg.read(id);
    data.shapes = new kg.Shapes(data.shapes);
    data.features = kg.features(data);
    if (data.labels) nameThem(data);
    var pane = kg.pane(map, data);
    var many = data.n > MANY;
    var renderer = many ? L.canvas({ pane: pane }) : L.svg({ pane: pane });
    var shapes = L.geoJSON(kg.collection(data), {
      pane: pane,
      renderer: renderer,
      style: function (feature) { return ownStyle(data.classes[feature.properties.c], feature.geometry.type); },
      pointToLayer: function (feature, at) {
        return L.circleMarker(at, { pane: pane, renderer: renderer, radius: 7 });
      },
      onEachFeature: function (feature, shape) {
        shape.bindPopup(function () { return told(state, data, feature.properties); }, { maxWidth: 300, maxHeight: 280 });
        if (data.n <= FOCUSABLE) shape.on("add", function () { focusable(data, feature.properties, shape); });
      },
    });
    if (many) map.getPane(pane).classList.add("kg-own-canvas");
    return kg.register(map, data, L.layerGroup([shapes, names(map, data)]));
  };

  /* Give every feature its label (l) and where it stands (at). */
  function nameThem(data) {
    var label = kg.column(data, data.labels);
    var x = kg.running(data.middles.x);
    var y = kg.running(data.middles.y);
    data.features.forEach(function (feature, i) {
      var said = label(i);
      if (kg.known(said)) Object.assign(feature, { l: String(said), at: [y[i] / 1e6, x[i] / 1e6] });
    });
  }

  function ownStyle(style, type) {
    var point = /Point/.test(type);
    var line = /Line/.test(type);
    return {
      color: line ? style.line : "#3b362d",
      weight: line ? style.weight : point ? 1.2 : 0.8,
      fill: !line,
      fillColor: style.fill,
      fillOpacity: point ? 1 : 0.55,
    };
  }

  function told(state, data, feature) {
    var style = data.classes[feature.c];
    var rows = [];
    data.headings.forEach(function (heading, n) {
      var value = feature.p[n];
      if (!kg.known(value)) return;
      if (typeof value === "boolean") value = state.say(value ? "yes" : "no");
      if (typeof value === "number") value = kg.short(state, value, 3);
      rows.push(el("dt", "", heading), el("dd", "", value));
    });
    return el("div", "kg-own", "", [
      el("h2", "", kg.known(feature.l) ? feature.l : data.name),
      style.label === data.name ? null : el("p", "", style.label),
      rows.length ? el("dl", "", "", rows) : null,
    ]);
  }

  function focusable(data, feature, shape) {
    var parts = shape.getElement ? [shape] : shape.getLayers();
    parts.forEach(function (part) {
      var path = part.getElement && part.getElement();
      if (!path || path.hasAttribute("tabindex")) return;
      path.setAttribute("tabindex", "0");
      path.setAttribute("role", "button");
      path.setAttribute("aria-label", [data.name, feature.l].filter(kg.known).join(": "));
      path.addEventListener("keydown", function (event) {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        part.openPopup();
      });
    });
  }

  /* Labels beside the features, where there is room for them. */
  function names(map, data) {
    var group = L.layerGroup();
    var labelled = data.features.filter(function (feature) { return kg.known(feature.l); });
    var fit = function () {
      group.clearLayers();
      if (map.getZoom() < 15.5) return;
      var taken = [];
      var view = map.getBounds().pad(0.2);
      labelled.forEach(function (feature) {
        if (!view.contains(feature.at)) return;
        var at = map.latLngToLayerPoint(feature.at);
        var wide = 7 * Math.min(feature.l.length, 24) + 10;
        var free = taken.every(function (other) {
          return Math.abs(other.y - at.y) > 16 || other.x > at.x + wide || at.x > other.x + other.wide;
        });
        if (!free) return;
        taken.push({ x: at.x, y: at.y, wide: wide });
        var icon = L.divIcon({ className: "kg-own-name", html: el("span", "", feature.l), iconSize: [0, 0] });
        group.addLayer(L.marker(feature.at, { icon: icon, interactive: false, keyboard: false, pane: kg.labelPane(map) }));
      });
    };
    map.on("moveend", function () { if (map.hasLayer(group)) fit(); });
    group.on("add", fit);
    return group;
  }
})();
