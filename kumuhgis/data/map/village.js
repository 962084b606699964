/* The village: what the page knows of every unit, asked by its number (0 … n - 1, in the order of the summary). */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var INDONESIA = [[-11, 95], [6, 141]];

  /* data: the block of the units, as unit_columns, pack_coverage and pack_points write it. Other scripts ask only the
     methods below. */
  kg.Village = function (data) {
    var read = function (column) { return kg.column(data, column); };
    var readAll = function (columns) {
      var out = {};
      Object.keys(columns).forEach(function (name) { out[name] = read(columns[name]); });
      return out;
    };
    this.data = data;
    this.n = data.n;
    this.shapes = kg.coverage(data.borders);
    this._columns = {};
    this._units = readAll(data.units);
    this._summary = readAll(data.summary);
    this._texts = readAll(data.texts);
    this._means = data.means.map(read);
    this._measures = data.rule.columns.map(function (name) {
      return data.rule.criteria.map(function (criterion, k) { return read(data.measures[name] && data.measures[name][k]); });
    });
    this._x = new Int32Array(this.n);
    this._y = new Int32Array(this.n);
    var x = kg.running(data.centres.x);
    var y = kg.running(data.centres.y);
    for (var i = 0, k = 0; i < this.n; i++) {
      if (!this.drawn(i)) continue;
      this._x[i] = x[k];
      this._y[i] = y[k++];
    }
  };

  /* Whether the map knows where a unit lies. */
  kg.Village.prototype.drawn = function (i) {
    return this.shapes.parts[i] < this.shapes.parts[i + 1];
  };

  var known = function (readers, i) {
    var out = {};
    Object.keys(readers).forEach(function (name) {
      var value = readers[name](i);
      if (value !== null) out[name] = value;
    });
    return out;
  };

  /* All of one unit, as the card shows it: unit, level, units, summary, means, measures, and its texts (fragile, …). */
  kg.Village.prototype.record = function (i) {
    var measures = this._measures;
    var texts = this._texts;
    var record = {
      unit: this.data.unit[i],
      level: this.data.level[i],
      units: known(this._units, i),
      summary: known(this._summary, i),
      means: this._means.map(function (value) { return value(i); }),
      measures: this.data.rule.criteria.map(function (criterion, k) {
        return measures.map(function (column) { return column[k](i); });
      }),
    };
    Object.keys(texts).forEach(function (name) { record[name] = texts[name](i) || ""; });
    return record;
  };

  kg.Village.prototype.title = function (i) {
    return (this._units.rt_rw && this._units.rt_rw(i)) || this.data.unit[i];
  };

  /* One value per unit, null where there is none: "unit", "level" (number of the class), any column of units or summary,
     "mean:3" (an aspect), "percent:4a", "score:4a" and so on (columns of measures). */
  kg.Village.prototype.column = function (name) {
    if (!this._columns[name]) {
      var read = this._reader(name);
      var values = (this._columns[name] = []);
      for (var i = 0; i < this.n; i++) {
        var value = read(i);
        values.push(kg.known(value) ? value : null);
      }
    }
    return this._columns[name];
  };

  kg.Village.prototype._reader = function (name) {
    var data = this.data;
    var rule = data.rule;
    var parts = name.split(":");
    if (name === "unit" || name === "level") return function (i) { return data[name][i]; };
    if (parts[0] === "mean") return this._means[Number(parts[1]) - 1];
    if (parts.length === 2) {
      var row = rule.criteria.map(function (criterion) { return criterion.code; }).indexOf(parts[1]);
      return this._measures[rule.columns.indexOf(parts[0])][row];
    }
    var units = this._units[name];
    var summary = this._summary[name] || this._texts[name] || function () { return null; };
    return function (i) {
      var value = units ? units(i) : null;
      return kg.known(value) ? value : summary(i);
    };
  };

  /* The hectares that count for a unit. */
  kg.Village.prototype.hectares = function (i) {
    var read = this._summary.area_used_ha || this._summary.area_ha || this._units.area_ha;
    return (read && read(i)) || 0;
  };

  /* GeoJSON, or null where the map does not know the unit. */
  kg.Village.prototype.geometry = function (i) {
    return this.shapes.geometry(i);
  };

  /* Where a unit lies; the whole village for a unit that the map does not know. */
  kg.Village.prototype.bounds = function (i) {
    if (!this.drawn(i)) return L.latLngBounds(this.data.bounds || INDONESIA);
    var box = this.shapes.boxes().subarray(4 * i, 4 * i + 4);
    return L.latLngBounds([box[1] / 1e6, box[0] / 1e6], [box[3] / 1e6, box[2] / 1e6]);
  };

  kg.Village.prototype.centre = function (i) {
    return this.drawn(i) ? L.latLng(this._y[i] / 1e6, this._x[i] / 1e6) : this.bounds(i).getCenter();
  };

  /* The unit at a point, or -1. */
  kg.Village.prototype.at = function (point) {
    var x = point.lng * 1e6;
    var y = point.lat * 1e6;
    var boxes = this.shapes.boxes();
    for (var i = 0; i < this.n; i++) {
      var inBox = x >= boxes[4 * i] && y >= boxes[4 * i + 1] && x <= boxes[4 * i + 2] && y <= boxes[4 * i + 3];
      if (inBox && this.shapes.contains(i, x, y)) return i;
    }
    return -1;
  };

  /* Do something with the village: now, or as soon as its layer is there. */
  kg.whenVillage = function (map, act) {
    if (map.kumuhgis.village) act(map.kumuhgis.village);
    else map.once("kg:village", function () { act(map.kumuhgis.village); });
  };

  /* Bring a unit into sight and open its card. */
  kg.goTo = function (map, i) {
    var village = map.kumuhgis.village;
    if (village.drawn(i)) map.fitBounds(village.bounds(i), Object.assign({ maxZoom: 18, animate: false }, kg.room(map)));
    kg.open(map, i);
  };

  /* Show only some units: one true or false per unit, or null for all. The others fade. */
  kg.filter = function (map, shown) {
    map.kumuhgis.shown = shown;
    map.fire("kg:filter", { shown: shown });
  };
})();
