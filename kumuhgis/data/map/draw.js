/* Drawing an answer: a point, a line or an area by finger or mouse, and changing its shape afterwards. */
(function () {
  "use strict";
  var kg = window.kumuhgis;

  /* Leaflet-Geoman sleeps in the page as text; it wakes when somebody draws for the first time. */
  kg.wake = function (map) {
    if (!L.PM) {
      var style = kg.el("style", "", document.getElementById("kumuhgis-geoman-css").textContent);
      var script = kg.el("script", "", document.getElementById("kumuhgis-geoman-js").textContent);
      document.head.appendChild(style);
      document.head.appendChild(script);
      L.PM.setOptIn(true);
    }
    if (!map.pm) {
      map.options.pmIgnore = false;
      L.PM.reInitLayer(map);
      var panes = { vertexPane: "markerPane", layerPane: kg.answerPane(map).pane, markerPane: "markerPane" };
      map.pm.setGlobalOptions({ snappable: false, tooltips: false, allowSelfIntersection: true, panes: panes });
    }
  };

  var SHAPES = { point: "Marker", line: "Line", area: "Polygon" };
  var LEAST = { point: 1, line: 2, area: 3 };

  /* Draw one shape. how: done(geometry), changed(number of corners). Gives finish, back and stop. */
  kg.draw = function (map, kind, how) {
    kg.wake(map);
    var tool = map.pm.Draw[SHAPES[kind]];
    var colour = { color: "#b3001b", weight: 4, className: "kg-drawing-line" };
    var over = false;
    var icon = L.divIcon({ className: "kg-answer", html: kg.mark({ form: "circle", line: "#b3001b" }, 28), iconSize: [36, 36] });
    var corners = function () { return kind === "point" ? 0 : tool._layer ? tool._layer.getLatLngs().length : 0; };
    var tell = function () { how.changed(corners(), LEAST[kind]); };
    var created = function (event) {
      event.layer.remove();
      var geometry = kg.geometryOf(event.layer);
      stop();
      setTimeout(function () { how.done(geometry); }, 0);
    };
    var stop = function () {
      if (over) return;
      over = true;
      map.off("pm:create", created);
      map.off("pm:drawend", ended);
      if (map.pm.globalDrawModeEnabled()) map.pm.disableDraw();
    };
    var ended = function () {
      if (!over) map.pm.enableDraw(SHAPES[kind], options), watch();
    };
    var watch = function () {
      if (kind !== "point") tool._layer.on("pm:vertexadded pm:change", tell);
      tell();
    };
    var options = { templineStyle: colour, hintlineStyle: { color: "#b3001b", dashArray: "5 7", weight: 3, className: "kg-drawing-line" },
      pathOptions: { pmIgnore: true }, markerStyle: { icon: icon, draggable: false, pmIgnore: true, interactive: false },
      continueDrawing: false, cursorMarker: false, finishOn: null };
    map.on("pm:create", created);
    map.pm.enableDraw(SHAPES[kind], options);
    map.on("pm:drawend", ended);
    watch();
    return {
      finish: function () { if (corners() >= LEAST[kind]) tool._finishShape(); },
      back: function () { if (corners()) tool._removeLastVertex(); },
      stop: stop,
    };
  };

  /* Change a shape that is there. Gives stop, which answers with the geometry as it is now. */
  kg.reshape = function (map, geometry, style) {
    kg.wake(map);
    var icon = L.divIcon({ className: "kg-answer kg-moving", html: kg.mark(style, 28), iconSize: [36, 36] });
    var layer = L.geoJSON(geometry, {
      pmIgnore: false,
      pane: kg.answerPane(map).pane,
      renderer: kg.answerPane(map).renderer,
      style: { color: style.line, weight: 4, fillOpacity: 0.25 },
      pointToLayer: function (feature, at) { return L.marker(at, { icon: icon, draggable: true, pane: "markerPane" }); },
    }).getLayers()[0].addTo(map);
    if (geometry.type !== "Point") {
      layer.options.pmIgnore = false;
      L.PM.reInitLayer(layer);
      layer.pm.enable({ allowSelfIntersection: true, snappable: false });
    }
    return function () {
      if (layer.pm) layer.pm.disable();
      layer.remove();
      return kg.geometryOf(layer);
    };
  };

  /* GeoJSON with six decimals; a ring ends where it began. */
  kg.geometryOf = function (layer) {
    return layer.toGeoJSON(6).geometry;
  };

  /* The unit in which most of a shape lies, or -1: asked at its corners, between them, and in its middle. */
  kg.unitOf = function (village, geometry) {
    var points = [kg.middle(geometry)];
    var line = geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.type === "LineString" ? geometry.coordinates : [];
    line.forEach(function (to, n) {
      points.push(L.latLng(to[1], to[0]));
      if (n) points.push(L.latLng((line[n - 1][1] + to[1]) / 2, (line[n - 1][0] + to[0]) / 2));
    });
    var votes = {};
    points.forEach(function (point, n) {
      var i = village.at(point);
      if (i >= 0) votes[i] = (votes[i] || 0) + (n ? 1 : 1.5);
    });
    var best = Object.keys(votes).sort(function (a, b) { return votes[b] - votes[a]; })[0];
    return best === undefined ? -1 : Number(best);
  };
})();
