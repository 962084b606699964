/* Shapes in flat arrays: features of parts, parts of rings, rings of points in millionths of a degree. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var POINT = 0, LINE = 1, POLYGON = 2;

  /* Numbers of the first of each, from how many each has: one more than there are. */
  kg.starts = function (counts) {
    var out = new Uint32Array(counts.length + 1);
    for (var i = 0; i < counts.length; i++) out[i + 1] = out[i] + counts[i];
    return out;
  };

  kg.running = function (steps) {
    var out = new Int32Array(steps.length);
    for (var i = 0, sum = 0; i < steps.length; i++) out[i] = sum += steps[i];
    return out;
  };

  /* packed: parts, kinds, rings, points, x, y as shapes.py writes them. */
  kg.Shapes = function (packed) {
    this._arrange(packed.parts, packed.kinds, packed.rings, packed.points, kg.running(packed.x), kg.running(packed.y));
  };

  kg.Shapes.prototype._arrange = function (parts, kinds, rings, points, x, y) {
    this.n = parts.length;
    this.parts = kg.starts(parts);
    this.kinds = kinds;
    this.rings = kg.starts(rings);
    this.points = kg.starts(points);
    this.x = x;
    this.y = y;
  };

  /* Units from the arcs of their borders; lines are the arcs themselves, each border once. */
  kg.coverage = function (packed) {
    var x = kg.running(packed.x);
    var y = kg.running(packed.y);
    var arcs = kg.starts(packed.points);
    var walked = kg.running(packed.arcs);
    var pieces = kg.starts(packed.pieces);
    var points = new Uint32Array(packed.pieces.length);
    var i, k;
    for (i = 0; i < points.length; i++) {
      for (k = pieces[i]; k < pieces[i + 1]; k++) points[i] += packed.points[walked[k] >> 1] - 1;
    }
    var total = points.reduce(function (sum, n) { return sum + n; }, 0);
    var outX = new Int32Array(total);
    var outY = new Int32Array(total);
    var at = 0;
    for (i = 0; i < walked.length; i++) {
      var arc = walked[i] >> 1;
      var back = walked[i] & 1;
      for (k = arcs[arc]; k < arcs[arc + 1] - 1; k++) {
        var from = back ? arcs[arc] + arcs[arc + 1] - 1 - k : k;
        outX[at] = x[from];
        outY[at++] = y[from];
      }
    }
    var units = Object.create(kg.Shapes.prototype);
    var ones = new Uint8Array(packed.points.length).fill(1);
    units._arrange(packed.parts, new Uint8Array(packed.rings.length).fill(POLYGON), packed.rings, points, outX, outY);
    units.lines = Object.create(kg.Shapes.prototype);
    units.lines._arrange(ones, ones, ones, packed.points, x, y);
    return units;
  };

  /* One feature as GeoJSON, or null without any part. */
  kg.Shapes.prototype.geometry = function (i) {
    var from = this.parts[i];
    var to = this.parts[i + 1];
    if (from === to) return null;
    var parts = [];
    for (var p = from; p < to; p++) parts.push(this._part(p));
    if (parts.length === 1) return parts[0];
    var type = parts[0].type;
    var same = parts.every(function (part) { return part.type === type; });
    if (!same) return { type: "GeometryCollection", geometries: parts };
    return { type: "Multi" + type, coordinates: parts.map(function (part) { return part.coordinates; }) };
  };

  kg.Shapes.prototype._part = function (p) {
    var kind = this.kinds[p];
    var rings = [];
    for (var r = this.rings[p]; r < this.rings[p + 1]; r++) rings.push(this._ring(r, kind === POLYGON));
    if (kind === POINT) return { type: "Point", coordinates: rings[0][0] };
    return kind === LINE ? { type: "LineString", coordinates: rings[0] } : { type: "Polygon", coordinates: rings };
  };

  kg.Shapes.prototype._ring = function (r, closed) {
    var out = [];
    for (var k = this.points[r]; k < this.points[r + 1]; k++) out.push([this.x[k] / 1e6, this.y[k] / 1e6]);
    if (closed) out.push(out[0].slice());
    return out;
  };

  /* First and last point of a feature, counted over all. */
  kg.Shapes.prototype.span = function (i) {
    return [this.points[this.rings[this.parts[i]]], this.points[this.rings[this.parts[i + 1]]]];
  };

  /* West, south, east and north of every feature, one after the other, in millionths of a degree. */
  kg.Shapes.prototype.boxes = function () {
    if (this._boxes) return this._boxes;
    var out = (this._boxes = new Int32Array(4 * this.n));
    for (var i = 0; i < this.n; i++) {
      var span = this.span(i);
      var west = 2147483647, south = west, east = -west, north = -west;
      for (var k = span[0]; k < span[1]; k++) {
        if (this.x[k] < west) west = this.x[k];
        if (this.x[k] > east) east = this.x[k];
        if (this.y[k] < south) south = this.y[k];
        if (this.y[k] > north) north = this.y[k];
      }
      out.set([west, south, east, north], 4 * i);
    }
    return out;
  };

  /* Whether a point lies in a feature: even-odd rule over all its rings. */
  kg.Shapes.prototype.contains = function (i, x, y) {
    var odd = false;
    for (var r = this.rings[this.parts[i]]; r < this.rings[this.parts[i + 1]]; r++) {
      for (var k = this.points[r], j = this.points[r + 1] - 1; k < this.points[r + 1]; j = k++) {
        var crosses = this.y[k] > y !== this.y[j] > y;
        if (crosses && x < ((this.x[j] - this.x[k]) * (y - this.y[k])) / (this.y[j] - this.y[k]) + this.x[k]) odd = !odd;
      }
    }
    return odd;
  };

  /* All points in Web Mercator, the world being 1 wide and high. */
  kg.Shapes.prototype.world = function () {
    if (this._world) return this._world;
    var n = this.x.length;
    var x = new Float64Array(n);
    var y = new Float64Array(n);
    for (var k = 0; k < n; k++) {
      x[k] = kg.worldX(this.x[k]);
      y[k] = kg.worldY(this.y[k]);
    }
    return (this._world = { x: x, y: y });
  };

  kg.worldX = function (degrees) {
    return degrees / 360e6 + 0.5;
  };

  kg.worldY = function (degrees) {
    var sine = Math.sin((degrees / 1e6) * (Math.PI / 180));
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  };
})();
