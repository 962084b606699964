/* Two results: the layer of changes, its words in the card, and the earlier map beside the later one. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;

  /* data: labels of the two, what is told of every unit, gone (a layer), before and after (the sides of the pair). */
  kg.changes = function (map, id, lang) {
    var state = kg.on(map, lang);
    var data = kg.read(id);
    kg.cardParts.push(function (shown, i) {
      var told = shown === map && data.told[state.village.data.unit[i]];
      return told ? kg.changeOf(state, told) : null;
    });
    kg.pairTool(map, state, data);
    if (data.gone) kg.drawLayer(map, state, data.gone);
  };

  kg.changeOf = function (state, told) {
    return el("section", "kg-change", "", [el("h3", "", state.say("compare.heading"))].concat(
      told.map(function (line, n) { return el(n ? "p" : "strong", "", line); })
    ));
  };

  /* A tool that shows both results side by side; the two maps move together. */
  kg.pairTool = function (map, state, data) {
    var pair = null;
    var end = function () {
      pair.end();
      pair = null;
      kg.press(button, false);
      button.focus();
    };
    var button = kg.tool(map, {
      id: "pair", icon: "M4 5h16v14H4zM12 5v14",
      act: function () {
        if (pair) return end();
        pair = kg.pair(map, state, data, end);
        kg.press(button, true);
      },
    });
    kg.press(button, false);
  };

  kg.pair = function (map, state, data, end) {
    var halves = [kg.half(state, data.labels[0], data.before), kg.half(state, data.labels[1], data.after)];
    var close = kg.button("kg-close", "×", state.say("card.close"), end);
    var head = el("header", "", "", [
      el("h2", "", state.say("compare.pair")),
      data.sample ? el("p", "kg-sample", state.say("sample")) : null,
      close,
    ]);
    var sheet = el("section", "kg-pair", "", [head, el("div", "kg-halves", "", halves)]);
    sheet.setAttribute("role", "dialog");
    sheet.setAttribute("aria-label", state.say("compare.pair"));
    sheet.addEventListener("keydown", function (event) { if (event.key === "Escape") end(); });
    kg.box(map.getContainer(), sheet);
    var maps = halves.map(function (half, n) {
      return kg.plainMap(half.querySelector(".kg-half-map"), n ? data.after : data.before, map);
    });
    L.control.scale({ imperial: false, maxWidth: 90 }).addTo(maps[1]);
    kg.north(state).addTo(maps[1]);
    var stop = kg.inStep(maps[0], maps[1]);
    close.focus();
    return {
      end: function () {
        stop();
        maps.forEach(function (one) { one.remove(); });
        sheet.remove();
      },
    };
  };

  /* One side: its name, its map and the hectares of its levels. */
  kg.half = function (state, name, data) {
    return el("div", "kg-half", "", [
      el("h3", "", name), el("div", "kg-half-map"), kg.classes(state, data),
    ]);
  };

  /* A map of units alone; what one points at says its level. */
  kg.plainMap = function (box, data, map) {
    var made = L.map(box, { zoomControl: false, attributionControl: false, zoomSnap: 0.25, maxZoom: 22 });
    var pane = kg.pane(made, data);
    data.shapes = data.shapes instanceof kg.Shapes ? data.shapes : new kg.Shapes(data.shapes);
    data.features = kg.features(data);
    var drawn = [];
    var shapes = L.geoJSON(kg.collection(data), {
      pane: pane,
      renderer: data.n > 1500 ? L.canvas({ pane: pane }) : L.svg({ pane: pane }),
      style: function (feature) {
        return Object.assign(kg.style(data.classes[feature.properties.c], "Polygon"), { color: "#4a453d", weight: 1.3 });
      },
      onEachFeature: function (feature, shape) {
        var tip = el("div", "kg-tip", "", feature.properties.m.map(function (line, n) {
          return el(n ? "div" : "strong", "", line);
        }));
        kg.pointed(shape, tip);
        drawn.push(shape);
      },
    }).addTo(made);
    made.fitBounds(shapes.getBounds(), { padding: [12, 12] });
    made.addLayer(new kg.Labels(kg.named(data, drawn)));
    return made;
  };

  /* What the labels ask of a village, for the units of one side. */
  kg.named = function (data, drawn) {
    return {
      n: data.n, shapes: data.shapes,
      drawn: function () { return true; },
      title: function (i) { return data.said[i][0]; },
      centre: function (i) { return drawn[i].getCenter(); },
    };
  };

  /* Let two maps follow each other; gives the function that ends it. */
  kg.inStep = function (one, two) {
    var busy = false;
    var follow = function (from, to) {
      return function () {
        if (busy) return;
        busy = true;
        to.setView(from.getCenter(), from.getZoom(), { animate: false });
        busy = false;
      };
    };
    var there = follow(one, two);
    var back = follow(two, one);
    one.on("move zoomend", there);
    two.on("move zoomend", back);
    return function () {
      one.off("move zoomend", there);
      two.off("move zoomend", back);
    };
  };
})();
