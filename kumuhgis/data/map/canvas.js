/* A canvas for many shapes at once: painted straight from flat arrays, one path for all of a class. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var AT_ONCE = 20; // shapes of one path
  var SMALL = 1.5; // pixels; what is smaller is a dot

  /* act(view) paints; view: ctx, size (of the world in pixels), x, y (its corner), box (what is seen, millionths). */
  kg.Sheet = L.Canvas.extend({
    initialize: function (act, options) {
      L.Canvas.prototype.initialize.call(this, options);
      this._act = act;
    },
    _updatePaths: function () {
      if (!this._postponeUpdatePaths) this._redraw();
    },
    _draw: function () {
      var map = this._map;
      var origin = map.getPixelOrigin();
      var seen = [this._bounds.min, this._bounds.max].map(map.layerPointToLatLng, map);
      this._act({
        ctx: this._ctx,
        size: map.options.crs.scale(map.getZoom()),
        x: origin.x,
        y: origin.y,
        box: [1e6 * seen[0].lng, 1e6 * seen[1].lat, 1e6 * seen[1].lng, 1e6 * seen[0].lat],
      });
    },
    repaint: function () {
      if (this._map && this._ctx) this._redraw();
    },
  });

  /* Paint some features of shapes in one style. */
  kg.paint = function (view, shapes, chosen, style) {
    var ctx = view.ctx;
    var boxes = shapes.boxes();
    var seen = view.box;
    var waiting = 0;
    ctx.globalAlpha = 1;
    ctx.lineCap = "round";
    ctx.lineJoin = "round";
    ctx.lineWidth = style.weight;
    ctx.strokeStyle = style.color;
    ctx.setLineDash(style.dashArray ? style.dashArray.split(" ").map(Number) : []);
    if (style.fill) ctx.fillStyle = kg.ink(style.fillColor);
    var flush = function () {
      if (style.fill) {
        ctx.globalAlpha = style.fillOpacity;
        ctx.fill();
      }
      if (style.weight) {
        ctx.globalAlpha = style.opacity === undefined ? 1 : style.opacity;
        ctx.stroke();
      }
      waiting = 0;
    };
    for (var j = 0; j < chosen.length; j++) {
      var i = chosen[j];
      var b = 4 * i;
      if (boxes[b + 2] < seen[0] || boxes[b] > seen[2] || boxes[b + 3] < seen[1] || boxes[b + 1] > seen[3]) continue;
      if (!waiting) ctx.beginPath();
      kg.trace(view, shapes, i, style.radius);
      waiting += 1;
      if (waiting === AT_ONCE) flush();
    }
    if (waiting) flush();
    ctx.globalAlpha = 1;
    ctx.setLineDash([]);
  };

  /* Add a feature to the path; steps shorter than a dot of the screen are left out. */
  kg.trace = function (view, shapes, i, radius) {
    var world = shapes.world();
    var ctx = view.ctx;
    for (var p = shapes.parts[i]; p < shapes.parts[i + 1]; p++) {
      for (var r = shapes.rings[p]; r < shapes.rings[p + 1]; r++) {
        var from = shapes.points[r];
        var to = shapes.points[r + 1];
        var x = world.x[from] * view.size - view.x;
        var y = world.y[from] * view.size - view.y;
        if (shapes.kinds[p] === 0) {
          ctx.moveTo(x + radius, y);
          ctx.arc(x, y, radius, 0, 2 * Math.PI);
          continue;
        }
        line(ctx, view, world, from, to, x, y);
        if (shapes.kinds[p] === 2) ctx.closePath();
      }
    }
  };

  var line = function (ctx, view, world, from, to, x, y) {
    var kept = 0;
    ctx.moveTo(x, y);
    for (var k = from + 1; k < to; k++) {
      var nextX = world.x[k] * view.size - view.x;
      var nextY = world.y[k] * view.size - view.y;
      if (Math.abs(nextX - x) + Math.abs(nextY - y) < 0.8 && (k < to - 1 || kept)) continue;
      ctx.lineTo((x = nextX), (y = nextY));
      kept += 1;
    }
    if (kept < 2 && Math.abs(nextX - x) < SMALL) ctx.lineTo(x + 1, y + 1);
  };

  /* The numbers of the features of each class. */
  kg.byClass = function (codes, classes, n) {
    var out = classes.map(function () { return []; });
    for (var i = 0; i < n; i++) out[codes[i]].push(i);
    return out;
  };

  /* The feature at a point: a surface around it, else the nearest line or point within six pixels; or -1. */
  kg.hit = function (map, shapes, at) {
    var x = 1e6 * at.lng;
    var y = 1e6 * at.lat;
    var reach = (6 * 360e6) / map.options.crs.scale(map.getZoom());
    var boxes = shapes.boxes();
    for (var i = shapes.n - 1; i >= 0; i--) {
      var b = 4 * i;
      if (x < boxes[b] - reach || y < boxes[b + 1] - reach || x > boxes[b + 2] + reach || y > boxes[b + 3] + reach) continue;
      var kind = shapes.kinds[shapes.parts[i]];
      if (kind === 2 ? shapes.contains(i, x, y) : near(shapes, i, x, y, reach)) return i;
    }
    return -1;
  };

  var near = function (shapes, i, x, y, reach) {
    for (var r = shapes.rings[shapes.parts[i]]; r < shapes.rings[shapes.parts[i + 1]]; r++) {
      for (var k = shapes.points[r]; k < shapes.points[r + 1]; k++) {
        var before = Math.max(shapes.points[r], k - 1);
        var dx = shapes.x[k] - shapes.x[before];
        var dy = shapes.y[k] - shapes.y[before];
        var part = ((x - shapes.x[before]) * dx + (y - shapes.y[before]) * dy) / (dx * dx + dy * dy || 1);
        part = Math.max(0, Math.min(1, part));
        if (Math.hypot(x - shapes.x[before] - part * dx, y - shapes.y[before] - part * dy) <= reach) return true;
      }
    }
    return false;
  };

  /* Tell what lies under the pointer on canvases, from above to below. thing: z, on(), find(latlng), tell(i). */
  kg.hover = function (map, thing) {
    var state = map.kumuhgis;
    if (L.Browser.mobile) return;
    if (!state.hovers) watch(map, state);
    state.hovers.push(thing);
    state.hovers.sort(function (a, b) { return b.z - a.z; });
  };

  var watch = function (map, state) {
    var tip = L.tooltip({ sticky: true });
    var waiting = null;
    state.hovers = [];
    var look = function (event) {
      waiting = null;
      var target = event.originalEvent.target;
      var ground = target === map.getContainer() || target.tagName === "svg" || target.classList.contains("leaflet-pane");
      var found = ground && state.hovers.some(function (thing) {
        var i = thing.on() ? thing.find(event.latlng) : -1;
        if (i >= 0) tip.setContent(thing.tell(i)).setLatLng(event.latlng).addTo(map);
        return i >= 0;
      });
      if (!found) tip.remove();
    };
    map.on("mousemove", function (event) {
      if (waiting) clearTimeout(waiting);
      waiting = setTimeout(look, 40, event);
    });
    map.on("mouseout movestart kg:open", function () {
      clearTimeout(waiting);
      tip.remove();
    });
  };
})();
