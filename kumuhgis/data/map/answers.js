/* The answers drawn on this map: kept in the browser, written to a file, read again. No person's name is asked for. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var DEVICE = "kumuhgis:device";
  var KEY = /^[\w:.-]{8,64}$/;

  /* data: key (of the map), schema, limit, group_limit, kinds, map {title, rule, date}, bounds. */
  kg.Answers = function (data) {
    this.data = data;
    this.name = "kumuhgis:" + data.key;
    this.found = {};
    this.gone = {};
    this.kept = {};
    this.lasting = true;
    this.heard = [];
    this._merge(this._stored());
    this.device = this._device();
    var self = this;
    window.addEventListener("storage", function (event) {
      if (event.key === self.name) self._merge(self._stored()), self._tell();
    });
  };

  kg.Answers.prototype = {
    /* Call something after every change, with the id of the answer where it is one. */
    on: function (act) {
      this.heard.push(act);
    },

    _tell: function (id) {
      this.heard.forEach(function (act) { act(id); });
    },

    all: function () {
      var found = this.found;
      return Object.keys(found).map(function (id) { return found[id]; }).sort(function (a, b) {
        return a.properties.made < b.properties.made ? 1 : -1;
      });
    },

    get: function (id) {
      return this.found[id];
    },

    /* A new answer of a shape; who answers fills in the rest. */
    make: function (geometry, unit) {
      var now = kg.now();
      var own = { id: kg.uuid(), kind: "masalah", criterion: "", text: "", group: "", unit: unit, made: now, changed: now,
        device: this.device, map: this.data.map, schema: this.data.schema };
      return { type: "Feature", id: own.id, geometry: geometry, properties: own };
    },

    put: function (feature) {
      feature.properties.changed = kg.now();
      this.found[feature.id] = feature;
      delete this.gone[feature.id];
      this._write(feature.id);
    },

    remove: function (id) {
      delete this.found[id];
      this.gone[id] = kg.now();
      this._write();
    },

    /* How many answers have not been downloaded as they are now. */
    unsaved: function () {
      var kept = this.kept;
      return this.all().filter(function (feature) { return kept[feature.id] !== feature.properties.changed; }).length;
    },

    /* Groups that were written before, the last first. */
    groups: function () {
      var names = this.all().map(function (feature) { return feature.properties.group; });
      return names.filter(function (name, n) { return name && names.indexOf(name) === n; });
    },

    file: function () {
      return JSON.stringify({ type: "FeatureCollection", name: "tanggapan", features: this.all().reverse() }, null, 1);
    },

    saved: function () {
      var kept = this.kept;
      this.all().forEach(function (feature) { kept[feature.id] = feature.properties.changed; });
      this._write();
    },

    /* Read a file: how many answers are new, newer, the same, or cannot be read. Throws {key} of a sentence. */
    take: function (content) {
      var self = this;
      var features = kg.answersIn(content);
      var read = features.map(function (feature) { return self._read(feature); }).filter(Boolean);
      if (features.some(function (feature) { return feature && feature.properties && feature.properties.schema > self.data.schema; })) {
        throw { key: "newer" };
      }
      if (!read.length) throw { key: "none" };
      var box = this.data.bounds && L.latLngBounds(this.data.bounds).pad(0.5);
      if (box && !read.some(function (feature) { return box.contains(kg.middle(feature.geometry)); })) throw { key: "elsewhere" };
      var count = { added: 0, changed: 0, same: 0, skipped: features.length - read.length };
      read.forEach(function (feature) { count[self._enter(feature)] += 1; });
      this._write();
      return count;
    },

    _enter: function (feature) {
      var before = this.found[feature.id];
      if (before && kg.later(before.properties.changed, feature.properties.changed)) return "same";
      this.found[feature.id] = feature;
      this.kept[feature.id] = feature.properties.changed;
      delete this.gone[feature.id];
      return before ? "changed" : "added";
    },

    /* Take of a feature only what we know, each as what it has to be; null if it is no answer. */
    _read: function (feature) {
      var own = (feature && feature.properties) || {};
      var id = String((feature && feature.id) || own.id || "");
      var known = this.data.kinds.some(function (kind) { return kind.key === own.kind; });
      if (!KEY.test(id) || !known || !kg.sound(feature.geometry)) return null;
      var text = function (value, most) { return typeof value === "string" ? value.slice(0, most) : ""; };
      var map = own.map && typeof own.map === "object" ? own.map : {};
      return { type: "Feature", id: id, geometry: { type: feature.geometry.type, coordinates: feature.geometry.coordinates },
        properties: { id: id, kind: own.kind, criterion: text(own.criterion, 8), text: text(own.text, this.data.limit),
          group: text(own.group, this.data.group_limit), unit: text(own.unit, 64), made: text(own.made, 40),
          changed: text(own.changed, 40) || text(own.made, 40), device: text(own.device, 64),
          map: { title: text(map.title, 200), rule: text(map.rule, 80), date: text(map.date, 40) }, schema: this.data.schema } };
    },

    _stored: function () {
      try {
        var stored = JSON.parse(window.localStorage.getItem(this.name) || "{}");
        return stored && typeof stored === "object" ? stored : {};
      } catch (error) {
        this.lasting = !(error instanceof DOMException);
        return {};
      }
    },

    /* Bring together what is here and what another window of this map has kept. */
    _merge: function (stored) {
      var self = this;
      this.gone = Object.assign({}, stored.gone, this.gone);
      this.kept = Object.assign({}, stored.kept, this.kept);
      (Array.isArray(stored.features) ? stored.features : []).forEach(function (feature) {
        feature = self._read(feature);
        var before = feature && self.found[feature.id];
        if (feature && !(before && kg.later(before.properties.changed, feature.properties.changed))) self.found[feature.id] = feature;
      });
      Object.keys(this.gone).forEach(function (id) {
        if (self.found[id] && kg.later(self.gone[id], self.found[id].properties.changed)) delete self.found[id];
      });
    },

    _write: function (id) {
      try {
        this._merge(this._stored());
        var all = { features: this.all(), gone: this.gone, kept: this.kept };
        window.localStorage.setItem(this.name, JSON.stringify(all));
        this.lasting = true;
      } catch (error) {
        this.lasting = false;
      }
      this._tell(id);
    },

    _device: function () {
      try {
        var known = window.localStorage.getItem(DEVICE);
        if (!KEY.test(known || "")) window.localStorage.setItem(DEVICE, (known = kg.uuid()));
        return known;
      } catch (error) {
        this.lasting = false;
        return kg.uuid();
      }
    },
  };

  kg.answersIn = function (content) {
    var found;
    try {
      found = JSON.parse(content.replace(/^\uFEFF/, ""));
    } catch (error) {
      throw { key: "broken" };
    }
    if (!found || found.type !== "FeatureCollection" || !Array.isArray(found.features)) throw { key: "other" };
    return found.features;
  };

  kg.sound = function (geometry) {
    var depth = geometry && { Point: 0, LineString: 1, Polygon: 2 }[geometry.type];
    var check = function (part, left) {
      if (!Array.isArray(part)) return false;
      if (left) return part.length > 0 && part.every(function (inner) { return check(inner, left - 1); });
      return part.length >= 2 && Math.abs(part[0]) <= 180 && Math.abs(part[1]) <= 90;
    };
    return depth !== undefined && depth !== null && check(geometry.coordinates, depth) &&
      (depth !== 1 || geometry.coordinates.length > 1) && (depth !== 2 || geometry.coordinates[0].length > 3);
  };

  /* Whether a moment is as late as another or later; one that cannot be read is the earliest. */
  kg.later = function (one, other) {
    return (Date.parse(one) || 0) >= (Date.parse(other) || 0);
  };

  /* The moment with the zone of this machine: 2026-11-22T08:10:05.123+07:00. */
  kg.now = function () {
    var now = new Date();
    var zone = -now.getTimezoneOffset();
    var two = function (n) { return ("0" + n).slice(-2); };
    var local = new Date(now.getTime() + zone * 60000).toISOString().slice(0, 23);
    return local + (zone < 0 ? "-" : "+") + two(Math.floor(Math.abs(zone) / 60)) + ":" + two(Math.abs(zone) % 60);
  };

  kg.uuid = function () {
    var bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var hex = Array.prototype.map.call(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  };
})();
