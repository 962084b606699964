/* Distances, areas and UTM coordinates on the ellipsoid WGS 84; points are {lat, lng} in degrees. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var A = 6378137;
  var F = 1 / 298.257223563;
  var B = A * (1 - F);
  var E2 = F * (2 - F);
  var RAD = Math.PI / 180;

  /* Metres along the geodesic (Vincenty 1975, inverse); close to the opposite side of the earth it gives NaN. */
  kg.distance = function (from, to) {
    if (from.lat === to.lat && from.lng === to.lng) return 0;
    var u = [from, to].map(function (point) { return Math.atan((1 - F) * Math.tan(point.lat * RAD)); });
    var along = (to.lng - from.lng) * RAD;
    var lambda = along;
    for (var round = 0; round < 100; round++) {
      var arc = great(u[0], u[1], lambda);
      var before = lambda;
      lambda = along + bend(arc);
      if (Math.abs(lambda - before) < 1e-13) return lengthOf(arc);
    }
    return NaN;
  };

  /* The arc between two points of the auxiliary sphere. */
  function great(u1, u2, lambda) {
    var across = Math.cos(u2) * Math.sin(lambda);
    var up = Math.cos(u1) * Math.sin(u2) - Math.sin(u1) * Math.cos(u2) * Math.cos(lambda);
    var sin = Math.sqrt(across * across + up * up);
    var cos = Math.sin(u1) * Math.sin(u2) + Math.cos(u1) * Math.cos(u2) * Math.cos(lambda);
    var alpha = sin ? (Math.cos(u1) * Math.cos(u2) * Math.sin(lambda)) / sin : 0;
    var square = 1 - alpha * alpha;
    var middle = square ? cos - (2 * Math.sin(u1) * Math.sin(u2)) / square : 0;
    return { sin: sin, cos: cos, sigma: Math.atan2(sin, cos), alpha: alpha, square: square, middle: middle };
  }

  /* How much the longitude on the sphere differs from that on the ellipsoid. */
  function bend(arc) {
    var c = (F / 16) * arc.square * (4 + F * (4 - 3 * arc.square));
    var inner = arc.middle + c * arc.cos * (2 * arc.middle * arc.middle - 1);
    return (1 - c) * F * arc.alpha * (arc.sigma + c * arc.sin * inner);
  }

  function lengthOf(arc) {
    var u = (arc.square * (A * A - B * B)) / (B * B);
    var a = 1 + (u / 16384) * (4096 + u * (u * (320 - 175 * u) - 768));
    var b = (u / 1024) * (256 + u * (u * (74 - 47 * u) - 128));
    var m = arc.middle;
    var last = (b / 6) * m * (4 * arc.sin * arc.sin - 3) * (4 * m * m - 3);
    var change = b * arc.sin * (m + (b / 4) * (arc.cos * (2 * m * m - 1) - last));
    return B * a * (arc.sigma - change);
  }

  /* Metres along a line of points. */
  kg.lengthOf = function (points) {
    return points.slice(1).reduce(function (sum, point, n) { return sum + kg.distance(points[n], point); }, 0);
  };

  /* Square metres within a ring of points: great circles on the sphere that has the surface of the ellipsoid. */
  kg.areaOf = function (points) {
    var sum = 0;
    points.forEach(function (point, n) {
      var next = points[(n + 1) % points.length];
      var a = Math.tan(authalic(point.lat * RAD) / 2);
      var b = Math.tan(authalic(next.lat * RAD) / 2);
      sum += 2 * Math.atan2(Math.tan(((next.lng - point.lng) * RAD) / 2) * (a + b), 1 + a * b);
    });
    return (Math.abs(sum) * A * A * surface(Math.PI / 2)) / 2;
  };

  function surface(lat) {
    var e = Math.sqrt(E2);
    var sin = Math.sin(lat);
    return (1 - E2) * (sin / (1 - E2 * sin * sin) + Math.atanh(e * sin) / e);
  }

  function authalic(lat) {
    return Math.asin(surface(lat) / surface(Math.PI / 2));
  }

  /* UTM by the series of Krüger to the third order of n (below a millimetre within a zone). */
  kg.utm = function (point) {
    var zone = Math.min(60, Math.floor((point.lng + 180) / 6) + 1);
    var n = F / (2 - F);
    var radius = (A / (1 + n)) * (1 + (n * n) / 4 + Math.pow(n, 4) / 64);
    var k = (2 * Math.sqrt(n)) / (1 + n);
    var sin = Math.sin(point.lat * RAD);
    var t = Math.sinh(Math.atanh(sin) - k * Math.atanh(k * sin));
    var along = (point.lng - (6 * zone - 183)) * RAD;
    var north = Math.atan2(t, Math.cos(along));
    var east = Math.atanh(Math.sin(along) / Math.sqrt(1 + t * t));
    var x = east;
    var y = north;
    series(n).forEach(function (factor, j) {
      x += factor * Math.cos(2 * (j + 1) * north) * Math.sinh(2 * (j + 1) * east);
      y += factor * Math.sin(2 * (j + 1) * north) * Math.cosh(2 * (j + 1) * east);
    });
    var south = point.lat < 0;
    return {
      zone: zone + (south ? "S" : "N"),
      east: 500000 + 0.9996 * radius * x,
      north: (south ? 10000000 : 0) + 0.9996 * radius * y,
    };
  };

  function series(n) {
    return [
      n / 2 - (2 / 3) * n * n + (5 / 16) * Math.pow(n, 3),
      (13 / 48) * n * n - (3 / 5) * Math.pow(n, 3),
      (61 / 240) * Math.pow(n, 3),
    ];
  }

  /* "85 m", "1,25 km"; "640 m²", "1,25 ha". */
  kg.shownLength = function (state, metres) {
    if (metres < 999.5) return state.number(metres, metres < 99.95 ? 1 : 0) + " m";
    return state.number(metres / 1000, metres < 99995 ? 2 : 0) + " km";
  };

  kg.shownArea = function (state, squares) {
    var metres = state.number(squares, squares < 99.95 ? 1 : 0) + " m²";
    if (squares < 1000) return metres;
    var hectares = state.number(squares / 1e4, squares < 1e8 ? 2 : 0) + " ha";
    return squares < 1e7 ? hectares + " (" + metres + ")" : hectares;
  };
})();
