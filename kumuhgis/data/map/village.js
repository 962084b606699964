/* The village: what the page knows of every unit, asked by its number (0 … n - 1, in the order of the summary). */
(function () {
  "use strict";
  var kg = window.kumuhgis;

  /* data: classes, rule and features of the layer of units. Other scripts ask only the methods below. */
  kg.Village = function (data) {
    this.data = data;
    this.n = data.features.length;
    this._columns = {};
  };

  /* All of one unit, as the card shows it: unit, level, units, summary, means, measures, fragile. */
  kg.Village.prototype.record = function (i) {
    return this.data.features[i].r;
  };

  kg.Village.prototype.title = function (i) {
    var record = this.record(i);
    return record.units.rt_rw || record.unit;
  };

  /* One value per unit, null where there is none: "unit", "level" (number of the class), any column of units or summary,
     "mean:3" (an aspect), "percent:4a", "score:4a" and so on (columns of measures). */
  kg.Village.prototype.column = function (name) {
    if (!this._columns[name]) {
      var read = this._reader(name);
      this._columns[name] = this.data.features.map(function (feature) {
        var value = read(feature.r);
        return kg.known(value) ? value : null;
      });
    }
    return this._columns[name];
  };

  kg.Village.prototype._reader = function (name) {
    var rule = this.data.rule;
    var parts = name.split(":");
    if (parts[0] === "mean") {
      return function (record) { return record.means[Number(parts[1]) - 1]; };
    }
    if (parts.length === 2) {
      var cell = rule.columns.indexOf(parts[0]);
      var row = rule.criteria.map(function (criterion) { return criterion.code; }).indexOf(parts[1]);
      return function (record) { return record.measures[row][cell]; };
    }
    return function (record) {
      if (kg.known(record[name])) return record[name];
      return kg.known(record.units[name]) ? record.units[name] : record.summary[name];
    };
  };

  kg.Village.prototype.geometry = function (i) {
    return this.data.features[i].g;
  };

  kg.Village.prototype.bounds = function (i) {
    return L.geoJSON(this.geometry(i)).getBounds();
  };

  kg.Village.prototype.centre = function (i) {
    return L.latLng(this.data.features[i].at);
  };

  /* The unit at a point (even-odd rule over all its rings), or -1. */
  kg.Village.prototype.at = function (point) {
    for (var i = 0; i < this.n; i++) {
      var geometry = this.geometry(i);
      var parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
      if (parts.some(function (rings) { return kg.inside(rings, point); })) return i;
    }
    return -1;
  };

  kg.inside = function (rings, point) {
    var odd = false;
    rings.forEach(function (ring) {
      for (var i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        var a = ring[i];
        var b = ring[j];
        var crosses = a[1] > point.lat !== b[1] > point.lat;
        if (crosses && point.lng < ((b[0] - a[0]) * (point.lat - a[1])) / (b[1] - a[1]) + a[0]) odd = !odd;
      }
    });
    return odd;
  };

  /* Do something with the village: now, or as soon as its layer is there. */
  kg.whenVillage = function (map, act) {
    if (map.kumuhgis.village) act(map.kumuhgis.village);
    else map.once("kg:village", function () { act(map.kumuhgis.village); });
  };

  /* Bring a unit into sight and open its card. */
  kg.goTo = function (map, i) {
    map.fitBounds(map.kumuhgis.village.bounds(i), Object.assign({ maxZoom: 18, animate: false }, kg.room(map)));
    kg.open(map, i);
  };

  /* Show only some units: one true or false per unit, or null for all. The others fade. */
  kg.filter = function (map, shown) {
    map.kumuhgis.shown = shown;
    map.fire("kg:filter", { shown: shown });
  };
})();
