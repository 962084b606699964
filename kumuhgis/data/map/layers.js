/* The layers: geometry and style from the data of the page, a word or two when one points at them. */
(function () {
  "use strict";
  var kg = window.kumuhgis;

  /* Draw any layer; data: id, name, group, show, exclusive, classes, told, features [{g, c, p}]. */
  kg.layer = function (map, id, lang) {
    var state = kg.on(map, lang);
    var data = kg.read(id);
    var renderer = data.canvas ? L.canvas({ pane: kg.pane(map, data) }) : L.svg({ pane: kg.pane(map, data) });
    var casing = data.casing ? kg.casing(map, data, renderer) : null;
    var shapes = L.geoJSON(kg.collection(data), {
      pane: kg.pane(map, data),
      renderer: renderer,
      interactive: !data.canvas,
      style: function (feature) {
        return kg.style(data.classes[feature.properties.c], feature.geometry.type);
      },
      pointToLayer: function (feature, at) {
        var style = data.classes[feature.properties.c];
        var how = { pane: kg.pane(map, data), renderer: renderer, radius: 6 };
        return style.mark === "diamond" ? new kg.Diamond(at, how) : L.circleMarker(at, how);
      },
      onEachFeature: function (feature, shape) {
        if (feature.properties.m) kg.explain(data, feature, shape);
        else if (!data.canvas) kg.tell(state, data, feature, shape);
      },
    });
    if (!data.canvas) kg.thin(map, data, shapes, casing);
    return kg.register(map, data, casing ? L.layerGroup([casing, shapes]) : shapes);
  };

  kg.pane = function (map, data) {
    var name = "kg-" + data.id;
    if (!map.getPane(name)) {
      map.createPane(name).style.zIndex = data.z;
      map.getPane(name).classList.add("kg-pane");
    }
    return name;
  };

  kg.collection = function (data) {
    return {
      type: "FeatureCollection",
      features: data.features.map(function (feature) {
        return { type: "Feature", geometry: feature.g, properties: feature };
      }),
    };
  };

  kg.style = function (style, type) {
    if (style.hatch && /Point/.test(type)) {
      return { color: "#ffffff", weight: 1.5, fill: true, fillColor: style.line, fillOpacity: 1 };
    }
    return {
      color: style.line || "#6b6459",
      weight: style.weight || 0.8,
      dashArray: style.dash || null,
      lineCap: "round",
      fill: Boolean(style.fill) && !/Line/.test(type),
      fillColor: kg.fill(style),
      fillOpacity: 1,
    };
  };

  /* Lines grow thinner as one goes away from the village. */
  kg.thin = function (map, data, shapes, casing) {
    var fit = function () {
      var factor = Math.max(0.45, Math.min(1, (map.getZoom() - 13) / 3.5));
      shapes.setStyle(function (feature) {
        return { weight: factor * (data.classes[feature.properties.c].weight || 0.8) };
      });
      if (casing) casing.setStyle({ weight: factor * 6 });
    };
    map.on("zoomend", fit);
    fit();
  };

  /* A white edge below lines, so that they are seen on every colour. Made before them, as Leaflet adds by age. */
  kg.casing = function (map, data, renderer) {
    return L.geoJSON(kg.collection(data), {
      pane: kg.pane(map, data),
      renderer: renderer,
      interactive: false,
      style: { color: "#ffffff", weight: 6, lineCap: "round", fill: false },
    });
  };

  /* Name and attributes of what one points at. */
  kg.tell = function (state, data, feature, shape) {
    var style = data.classes[feature.properties.c];
    var lines = [kg.el("strong", "", data.name), kg.el("div", "", style.label)];
    (data.told || []).forEach(function (column, n) {
      var value = feature.properties.p[n];
      if (!kg.known(value)) return;
      var shown = typeof value === "boolean" ? state.say(value ? "yes" : "no") : value;
      if (typeof value === "number") shown = kg.short(state, value, 2);
      lines.push(kg.el("div", "", state.say("column." + column, { value: shown })));
    });
    shape.bindTooltip(kg.el("div", "kg-tip", "", lines), { sticky: true });
  };

  /* What is wrong at a place and what to do, on a click. */
  kg.explain = function (data, feature, shape) {
    var told = feature.properties.m.map(function (said) {
      return kg.el("p", "", "", [kg.el("span", "kg-where", said[0]), kg.el("span", "", said[1]),
        said[2] && kg.el("strong", "", said[2])]);
    });
    var head = kg.el("h2", "", data.classes[feature.properties.c].label);
    shape.bindPopup(kg.el("div", "kg-problems", "", [head].concat(told)), { maxWidth: 320, maxHeight: 280 });
  };

  /* A mark that differs from the round ones in its form. */
  kg.Diamond = L.CircleMarker.extend({
    _updatePath: function () {
      var at = this._point;
      var r = this._radius + 3;
      var corners = [[at.x, at.y - r], [at.x + r, at.y], [at.x, at.y + r], [at.x - r, at.y]];
      this._renderer._setPath(this, this._empty() ? "M0 0" : "M" + corners.join("L") + "Z");
    },
  });

  kg.register = function (map, data, drawn) {
    var state = map.kumuhgis;
    var entry = { data: data, drawn: drawn };
    state.layers.push(entry);
    if (data.show) drawn.addTo(map);
    kg.panel(map);
    return drawn;
  };

  /* The units: coloured by level, labelled, opened by a click, a tap or the Enter key. */
  kg.units = function (map, id, lang) {
    var state = kg.on(map, lang);
    var data = kg.read(id);
    var village = new kg.Village(data);
    var pane = kg.pane(map, data);
    var paths = [];
    var shapes = L.geoJSON(kg.collection(data), {
      pane: pane,
      renderer: L.svg({ pane: pane }),
      style: function (feature) {
        return Object.assign(kg.style(data.classes[feature.properties.c], "Polygon"), kg.edge);
      },
      onEachFeature: function (feature, shape) {
        var i = paths.push(shape) - 1;
        if (!L.Browser.mobile) shape.bindTooltip(kg.glance(state, data, feature.properties), { sticky: true });
        shape.on("add", function () { kg.focusable(map, village, i, shape); });
      },
    });
    map.on("click", function (event) {
      if (state.busy) return;
      var found = map.hasLayer(shapes) ? village.at(event.latlng) : -1;
      if (found >= 0) kg.open(map, found);
      else kg.close(map);
    });
    map.on("kg:open", function (event) { paths[event.unit].closeTooltip(); });
    map.on("kg:close", function (event) {
      var path = paths[event.unit].getElement();
      if (path && event.focus) path.focus({ preventScroll: true });
    });
    var group = L.layerGroup([shapes, kg.labels(map, data)]);
    group.kgFill = function (shown) {
      shapes.setStyle({ fillOpacity: shown ? kg.opacity(map) : 0 });
    };
    group.kgFill(true);
    state.village = village;
    var drawn = kg.register(map, data, group);
    map.fire("kg:village");
    return drawn;
  };

  kg.edge = { color: "#4a453d", weight: 1.3, dashArray: null };

  /* Full colour on paper, as in the legend; lighter where tiles lie below. */
  kg.opacity = function (map) {
    var tiles = false;
    map.eachLayer(function (layer) { tiles = tiles || layer instanceof L.GridLayer; });
    return tiles ? 0.7 : 1;
  };

  kg.title = function (record) {
    return record.units.rt_rw || record.unit;
  };

  kg.glance = function (state, data, feature) {
    var record = feature.r;
    return kg.el("div", "kg-tip", "", [
      kg.el("strong", "", kg.title(record)),
      kg.el("div", "", data.classes[feature.c].label + " · " + kg.total(state, data, record)),
    ]);
  };

  kg.total = function (state, data, record) {
    var found = record.summary;
    var shown = kg.known(found.total_score)
      ? state.number(found.total_score)
      : state.number(found.total_low) + "–" + state.number(found.total_high);
    return state.say("card.of_total", { total: shown, max: data.rule.max_total });
  };

  kg.focusable = function (map, village, i, shape) {
    var path = shape.getElement();
    if (!path) return;
    path.setAttribute("tabindex", "0");
    path.setAttribute("role", "button");
    path.setAttribute("data-unit", village.record(i).unit);
    path.setAttribute("aria-label", village.title(i) + ": " + village.data.classes[village.record(i).level].label);
    path.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        kg.open(map, i);
      }
    });
  };

  /* Names in the units, each shown once the unit is wide enough for it. */
  kg.labels = function (map, data) {
    var marks = data.features.map(function (feature) {
      var name = kg.name(kg.title(feature.r));
      var icon = L.divIcon({ className: "kg-label", html: name, iconSize: [0, 0] });
      var mark = L.marker(feature.at, { icon: icon, interactive: false, keyboard: false, pane: kg.labelPane(map) });
      mark.kgBox = L.geoJSON(feature.g).getBounds();
      mark.kgName = name;
      return mark;
    });
    var fit = function () {
      marks.forEach(function (mark) {
        var a = map.latLngToLayerPoint(mark.kgBox.getNorthWest());
        var b = map.latLngToLayerPoint(mark.kgBox.getSouthEast());
        var wide = b.x - a.x > 14 + 6.5 * Math.min(mark.kgName.textContent.length, 14) && b.y - a.y > 24;
        mark.kgName.className = wide ? "" : "kg-narrow";
        mark.kgName.style.display = wide || (b.x - a.x > 52 && b.y - a.y > 38) ? "" : "none";
      });
    };
    map.on("zoomend", fit);
    fit();
    return L.layerGroup(marks);
  };

  /* "RT 03/RW 02" may break after its stroke. */
  kg.name = function (title) {
    var name = kg.el("span");
    title.split(/(?<=\/)/).forEach(function (part, n) {
      if (n) name.appendChild(kg.el("wbr"));
      name.appendChild(document.createTextNode(part));
    });
    return name;
  };

  kg.labelPane = function (map) {
    if (!map.getPane("kg-labels")) {
      map.createPane("kg-labels").style.zIndex = 440;
      map.getPane("kg-labels").style.pointerEvents = "none";
    }
    return "kg-labels";
  };
})();
