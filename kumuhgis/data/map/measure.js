/* Measuring on the map: length of a line, surface of an area, on the ellipsoid. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var INK = "#0b3fa8";
  var SAME = 8;

  kg.measureTool = function (map) {
    var measure = new kg.Measure(map);
    measure.button = kg.tool(map, {
      id: "measure", icon: "M3 16 16 3l5 5L8 21zM7 12l2 2M10 9l3 3M13 6l2 2",
      act: function () {
        if (measure.on) measure.stop(true);
        else measure.start();
      },
    });
    kg.press(measure.button, false);
  };

  kg.Measure = function (map) {
    this.map = map;
    this.state = map.kumuhgis;
    this.area = false;
    this.points = [];
    this.keys = this.key.bind(this);
  };

  kg.Measure.prototype.start = function () {
    var self = this;
    kg.close(this.map);
    kg.take(this.map, "measure", function () { self.stop(false); });
    this.on = true;
    this.points = [];
    this.pointer = null;
    this.done = false;
    this.drawn = L.layerGroup().addTo(this.map);
    this.panel = kg.box(kg.footOf(this.map), this.makePanel());
    this.map.on({ click: this.add, mousemove: this.follow, dblclick: this.finish }, this);
    document.addEventListener("keydown", this.keys);
    this.map.getContainer().classList.add("kg-measuring");
    kg.press(this.button, true);
    this.draw();
  };

  kg.Measure.prototype.stop = function (back) {
    if (!this.on) return;
    this.on = false;
    this.map.off({ click: this.add, mousemove: this.follow, dblclick: this.finish }, this);
    document.removeEventListener("keydown", this.keys);
    this.drawn.remove();
    this.panel.remove();
    this.map.getContainer().classList.remove("kg-measuring");
    kg.press(this.button, false);
    kg.release(this.map, "measure");
    if (back) this.button.focus();
  };

  kg.Measure.prototype.makePanel = function () {
    var say = this.state.say;
    var self = this;
    this.figure = el("strong", "kg-measured");
    this.figure.setAttribute("role", "status");
    this.more = el("span", "kg-measured-more");
    this.undo = kg.button("kg-plain", say("measure.undo"), "", function () { self.back(); });
    this.end = kg.button("kg-plain", say("measure.finish"), "", function () { self.finish(); });
    var kinds = el("div", "kg-kinds", "", [this.kind("length", false), this.kind("surface", true)]);
    kinds.setAttribute("role", "radiogroup");
    kinds.setAttribute("aria-label", say("tool.measure"));
    return el("section", "kg-bar-box kg-measure", "", [
      kinds, el("p", "", "", [this.figure, this.more]), this.undo, this.end,
      kg.button("kg-close", "×", say("measure.close"), function () { self.stop(true); }),
    ]);
  };

  kg.Measure.prototype.kind = function (name, area) {
    var self = this;
    var input = el("input");
    input.type = "radio";
    input.name = "kg-measure-" + this.map._leaflet_id;
    input.checked = this.area === area;
    input.setAttribute("data-measure", name);
    input.addEventListener("change", function () {
      self.area = area;
      self.draw();
    });
    return el("label", "", "", [input, el("span", "", this.state.say("measure." + name))]);
  };

  /* A click at the place of the last one is half of a double click. */
  kg.Measure.prototype.add = function (event) {
    if (this.done) {
      this.points = [];
      this.done = false;
    }
    var last = this.points[this.points.length - 1];
    if (last && this.map.latLngToContainerPoint(last).distanceTo(event.containerPoint) < SAME) return;
    this.points.push(event.latlng);
    this.pointer = null;
    this.draw();
  };

  kg.Measure.prototype.follow = function (event) {
    if (this.done || !this.points.length || L.Browser.mobile) return;
    this.pointer = kg.overMap(this.map, event) ? event.latlng : null;
    this.draw();
  };

  kg.Measure.prototype.back = function () {
    this.points.pop();
    this.pointer = null;
    this.done = false;
    this.draw();
  };

  kg.Measure.prototype.finish = function () {
    if (this.points.length < (this.area ? 3 : 2)) return;
    this.done = true;
    this.pointer = null;
    this.draw();
  };

  kg.Measure.prototype.key = function (event) {
    var at = event.target;
    if (event.defaultPrevented || (/^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(at.tagName) && event.key !== "Escape")) return;
    if (event.key === "Escape") this.stop(true);
    else if (event.key === "Enter") this.finish();
    else if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      this.back();
    }
  };

  /* The points so far, with the pointer as the next one. */
  kg.Measure.prototype.line = function () {
    return this.pointer ? this.points.concat([this.pointer]) : this.points;
  };

  kg.Measure.prototype.draw = function () {
    var line = this.line();
    var said = this.said(line);
    this.figure.textContent = said[0];
    this.more.textContent = said[1];
    this.undo.disabled = !this.points.length;
    this.end.disabled = this.done || this.points.length < (this.area ? 3 : 2);
    this.drawn.clearLayers();
    if (line.length > 1) this.drawLine(line);
    this.points.forEach(function (point) {
      this.drawn.addLayer(L.circleMarker(point, this.how({ radius: 4.5, fillColor: "#ffffff", fillOpacity: 1, weight: 2.5 })));
    }, this);
    if (this.points.length && line.length > 1) this.drawLabel(line[line.length - 1], said[0].split(" (")[0]);
  };

  kg.Measure.prototype.drawLine = function (line) {
    var closed = this.area && line.length > 2;
    var make = function (how) { return closed ? L.polygon(line, how) : L.polyline(line, how); };
    var dash = this.done ? null : "7 5";
    this.drawn.addLayer(make(this.how({ color: "#ffffff", weight: 6, opacity: 0.9, fill: false })));
    this.drawn.addLayer(make(this.how({ weight: 2.5, dashArray: dash, fill: closed, fillColor: INK, fillOpacity: 0.12 })));
  };

  kg.Measure.prototype.drawLabel = function (at, text) {
    var icon = L.divIcon({ className: "kg-measure-label", html: el("span", "", text), iconSize: [0, 0] });
    this.drawn.addLayer(L.marker(at, { icon: icon, interactive: false, keyboard: false, pane: this.how().pane }));
  };

  kg.Measure.prototype.how = function (how) {
    if (!this.map.getPane("kg-measure")) {
      var pane = this.map.createPane("kg-measure");
      pane.style.zIndex = 640;
      pane.style.pointerEvents = "none";
      this.renderer = L.svg({ pane: "kg-measure" });
    }
    return Object.assign({ color: INK, interactive: false, pane: "kg-measure", renderer: this.renderer }, how);
  };

  /* The figure and what stands beside it. */
  kg.Measure.prototype.said = function (line) {
    var state = this.state;
    var n = line.length;
    if (!n) return ["", state.say("measure.first")];
    if (n < (this.area ? 3 : 2)) return ["", state.say("measure.next")];
    if (!this.area) {
      var last = kg.shownLength(state, kg.distance(line[n - 2], line[n - 1]));
      return [kg.shownLength(state, kg.lengthOf(line)), n > 2 ? state.say("measure.last", { length: last }) : ""];
    }
    var round = kg.shownLength(state, kg.lengthOf(line.concat([line[0]])));
    if (kg.crossed(line)) return [state.say("measure.crossed"), ""];
    return [kg.shownArea(state, kg.areaOf(line)), state.say("measure.round", { length: round })];
  };

  /* Whether a ring crosses itself: such a figure has no one area. */
  kg.crossed = function (ring) {
    var side = function (a, b, c) { return Math.sign((b.lng - a.lng) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lng - a.lng)); };
    var n = ring.length;
    for (var i = 0; i < n; i++) {
      for (var j = i + 2; j < n; j++) {
        if (i === 0 && j === n - 1) continue;
        var a = ring[i];
        var b = ring[i + 1];
        var c = ring[j];
        var d = ring[(j + 1) % n];
        if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return true;
      }
    }
    return false;
  };
})();
