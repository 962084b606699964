/* Coordinates of the pointer or of the middle of the map, in degrees and UTM; and the scale as a number. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;

  kg.coordinateTool = function (map) {
    var tool = new kg.Coordinates(map);
    tool.button = kg.tool(map, {
      id: "coordinates", icon: "M12 3v5M12 16v5M3 12h5M16 12h5M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8",
      act: function () {
        if (tool.on) tool.stop(true);
        else tool.start();
      },
    });
    kg.press(tool.button, false);
  };

  kg.Coordinates = function (map) {
    this.map = map;
    this.state = map.kumuhgis;
    this.middle = L.Browser.mobile || !window.matchMedia("(hover: hover)").matches;
    this.keys = this.key.bind(this);
  };

  kg.Coordinates.prototype.start = function () {
    var self = this;
    kg.take(this.map, "coordinates", function () { self.stop(false); });
    if (this.map.getContainer().classList.contains("kg-small")) kg.close(this.map);
    this.on = true;
    this.held = null;
    this.panel = kg.box(kg.footOf(this.map), this.makePanel());
    this.map.on({ click: this.click, mousemove: this.follow, move: this.centre }, this);
    document.addEventListener("keydown", this.keys);
    this.map.getContainer().classList.add("kg-pointing");
    kg.press(this.button, true);
    this.aim();
  };

  kg.Coordinates.prototype.stop = function (back) {
    if (!this.on) return;
    this.on = false;
    this.map.off({ click: this.click, mousemove: this.follow, move: this.centre }, this);
    document.removeEventListener("keydown", this.keys);
    this.hold(null);
    this.panel.remove();
    this.map.getContainer().classList.remove("kg-aiming", "kg-pointing");
    kg.press(this.button, false);
    kg.release(this.map, "coordinates");
    if (back) this.button.focus();
  };

  kg.Coordinates.prototype.makePanel = function () {
    var say = this.state.say;
    var self = this;
    this.degrees = kg.button("kg-plain kg-copy", "", "", function () { self.copy(self.plain.degrees); });
    this.metres = kg.button("kg-plain kg-copy", "", "", function () { self.copy(self.plain.metres); });
    this.degrees.title = this.metres.title = say("coordinates.copy");
    this.said = el("span", "kg-said");
    this.said.setAttribute("role", "status");
    this.switch = kg.button("kg-plain", say("coordinates.middle"), "", function () {
      self.middle = !self.middle;
      self.hold(null);
      self.aim();
    });
    return el("section", "kg-bar-box kg-coordinates", "", [
      el("div", "", "", [this.degrees, this.metres]), this.switch, this.said,
      kg.button("kg-close", "×", say("coordinates.close"), function () { self.stop(true); }),
    ]);
  };

  /* By the middle of the map (with a cross on it) or by the pointer. */
  kg.Coordinates.prototype.aim = function () {
    kg.press(this.switch, this.middle);
    this.map.getContainer().classList.toggle("kg-aiming", this.middle);
    this.show(this.cross());
  };

  /* Where the cross stands. */
  kg.Coordinates.prototype.cross = function () {
    return this.map.containerPointToLatLng(this.map.getSize().divideBy(2));
  };

  kg.Coordinates.prototype.centre = function () {
    if (this.middle) this.show(this.cross());
  };

  kg.Coordinates.prototype.follow = function (event) {
    if (!this.middle && !this.held && kg.overMap(this.map, event)) this.show(event.latlng);
  };

  /* A click holds and copies the place, the next one lets it go; with the cross, the map comes to the click. */
  kg.Coordinates.prototype.click = function (event) {
    if (this.middle) this.map.panTo(event.latlng);
    else if (this.held) this.hold(null);
    else {
      this.show(event.latlng);
      this.hold(event.latlng);
      this.copy(this.plain.degrees);
    }
  };

  kg.Coordinates.prototype.hold = function (at) {
    if (this.held) this.held.remove();
    this.held = at && L.marker(at, {
      icon: L.divIcon({ className: "kg-held", html: el("span"), iconSize: [0, 0] }), interactive: false, keyboard: false,
    }).addTo(this.map);
    this.said.textContent = "";
  };

  kg.Coordinates.prototype.show = function (at) {
    var shown = kg.coordinates(this.state, at);
    this.plain = shown.plain;
    this.degrees.textContent = shown.degrees;
    this.metres.textContent = shown.metres;
    this.said.textContent = "";
  };

  /* A point as people read it, and as machines do (plain). */
  kg.coordinates = function (state, at) {
    at = L.latLng(at).wrap();
    var utm = kg.utm(at);
    return {
      degrees: state.say("coordinates.degrees", {
        lat: state.number(Math.abs(at.lat), 6), lng: state.number(Math.abs(at.lng), 6),
        ns: state.say(at.lat < 0 ? "coordinates.south" : "coordinates.north"),
        ew: state.say(at.lng < 0 ? "coordinates.west" : "coordinates.east"),
      }),
      metres: state.say("coordinates.utm", {
        zone: utm.zone, east: state.number(utm.east, 0), north: state.number(utm.north, 0),
      }),
      plain: {
        degrees: at.lat.toFixed(6) + ", " + at.lng.toFixed(6),
        metres: utm.zone + " " + utm.east.toFixed(0) + " " + utm.north.toFixed(0),
      },
    };
  };

  kg.Coordinates.prototype.copy = function (text) {
    var self = this;
    kg.copy(text, function (done) {
      if (self.on) self.said.textContent = self.state.say(done ? "coordinates.copied" : "coordinates.not_copied");
    });
  };

  /* Into the clipboard, also where the browser has only the old way. */
  kg.copy = function (text, act) {
    var old = function () {
      var field = el("textarea", "kg-unseen", text);
      document.body.appendChild(field);
      field.select();
      var done = document.execCommand("copy");
      field.remove();
      act(done);
    };
    if (!navigator.clipboard) return old();
    navigator.clipboard.writeText(text).then(function () { act(true); }, old);
  };

  kg.Coordinates.prototype.key = function (event) {
    if (event.key === "Escape" && !event.defaultPrevented) this.stop(true);
  };

  /* "± 1 : 5.000" below the scale bar: metres on the ground for a metre on a screen of 96 dots an inch. */
  kg.ratio = function (map) {
    var state = map.kumuhgis;
    var bar = map.getContainer().querySelector(".leaflet-control-scale");
    if (!bar) return;
    var text = bar.appendChild(el("div", "kg-ratio"));
    text.title = state.say("ratio_title");
    var show = function () { text.textContent = state.say("ratio", { n: state.number(kg.rounded(kg.scaleOf(map)), 0) }); };
    map.on("zoomend moveend resize", show);
    map.whenReady(show);
  };

  kg.scaleOf = function (map) {
    var middle = map.getSize().divideBy(2);
    var from = map.containerPointToLatLng(middle.subtract([50, 0]));
    var to = map.containerPointToLatLng(middle.add([50, 0]));
    return kg.distance(from, to) / 100 / (0.0254 / 96);
  };

  /* To two figures. */
  kg.rounded = function (value) {
    var step = Math.pow(10, Math.floor(Math.log10(value)) - 1);
    return Math.round(value / step) * step;
  };
})();
