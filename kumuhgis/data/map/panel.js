/* The frame of the map (title, scale, north) and the panel of legend and layers. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var GROUPS = ["colour", "border", "infrastructure", "condition", "people", "own", "data"];

  kg.frame = function (map, id, lang) {
    var state = kg.on(map, lang);
    var data = kg.read(id);
    var heading = kg.box(state.left, kg.heading(state, data));
    var measure = function () {
      var top = map.getContainer().getBoundingClientRect().top;
      var end = Math.round(heading.getBoundingClientRect().bottom - top);
      map.getContainer().style.setProperty("--kg-title", end + 8 + "px");
    };
    map.on("resize kg:open kg:close", measure);
    measure();
    L.control.attribution({ position: "bottomright", prefix: false }).addTo(map)
      .addAttribution(state.say("made_with"));
    L.control.scale({ imperial: false, maxWidth: map.getSize().x < 760 ? 90 : 140 }).addTo(map);
    kg.north(state).addTo(map);
    L.control.zoom({ position: "bottomright", zoomInTitle: state.say("zoom_in"), zoomOutTitle: state.say("zoom_out") })
      .addTo(map);
    if (data.bounds) kg.fit(map, data.bounds, { animate: false });
    state.sheet = data;
    kg.accessible(map, data.title);
    kg.standardTools(map, data.bounds);
    kg.printTools(map);
    kg.textSize(map);
    return state.left;
  };

  /* All of the village, clear of title and legend; again when the page first gets its size. */
  kg.fit = function (map, bounds, how) {
    var fit = function () {
      var size = map.getSize();
      if (!size.x || !size.y) return false;
      var small = size.x < 760;
      map.fitBounds(bounds, Object.assign({ animate: false }, small
        ? kg.clear(map, size)
        : { paddingTopLeft: [size.x > 1000 ? 40 : 20, 130], paddingBottomRight: [300, 50 + kg.drawer(map)] }, how));
      return true;
    };
    if (!fit()) map.once("resize", fit);
  };

  /* What title and tools leave of a phone. */
  kg.clear = function (map, size) {
    if (kg.wide(size)) return { paddingTopLeft: [300, 56], paddingBottomRight: [56, 66] };
    var tools = map.kumuhgis.tools;
    var end = tools ? tools.getBoundingClientRect().bottom - map.getContainer().getBoundingClientRect().top : 0;
    return { paddingTopLeft: [16, Math.max(110, Math.min(end + 8, 0.6 * size.y))], paddingBottomRight: [16, 70] };
  };

  kg.heading = function (state, data) {
    var rule = state.say("rule", { rule: data.rule });
    var title = el("h1", "", data.title);
    title.title = data.title;
    var lines = [
      data.sample ? el("p", "kg-sample", state.say("sample")) : null,
      title,
      data.place ? el("p", "kg-place", data.place) : null,
      el("p", "kg-detail", [data.when, rule].filter(Boolean).join(" · ")),
    ];
    if (data.told) lines.push(el("p", "kg-told", data.told));
    var found = data.problems;
    if (found.error + found.warning + found.info) lines.push(el("p", "kg-detail", state.say("problems", found)));
    return el("section", "kg-title", "", lines);
  };

  kg.north = function (state) {
    var control = L.control({ position: "bottomleft" });
    control.onAdd = function () {
      var arrow = kg.svg("svg", { viewBox: "0 0 24 34", width: 24, height: 34 }, [
        kg.svg("path", { d: "M12 1 L20 24 L12 19 Z", fill: "#2b2823" }),
        kg.svg("path", { d: "M12 1 L4 24 L12 19 Z", fill: "#fffdf8", stroke: "#2b2823", "stroke-width": 1 }),
      ]);
      var box = el("div", "kg-north", "", [arrow, el("span", "", state.say("north"))]);
      box.setAttribute("role", "img");
      box.setAttribute("aria-label", state.say("north_label"));
      return box;
    };
    return control;
  };

  kg.swatch = function (style) {
    if (style.form) return kg.mark(style, 22);
    var swatch = kg.svg("svg", { width: 26, height: 16, "class": "kg-swatch", "aria-hidden": "true" });
    if (style.fill) {
      swatch.appendChild(kg.svg("rect", {
        x: 1, y: 1, width: 24, height: 14, fill: kg.fill(style), stroke: style.line || "#4a453d",
        "stroke-width": style.weight > 1 ? 1.8 : 0.8, "stroke-dasharray": style.dash ? "4 3" : "none",
      }));
    } else {
      var line = { x1: 1, y1: 8, x2: 25, y2: 8, stroke: style.line, "stroke-width": style.weight };
      if (style.dash) line["stroke-dasharray"] = style.dash;
      swatch.appendChild(kg.svg("line", Object.assign(line, { "stroke-linecap": "round" })));
    }
    return swatch;
  };

  /* Write the panel anew from the layers that the map has by now. */
  kg.panel = function (map) {
    var state = map.kumuhgis;
    if (!state.panel) kg.box(state.right, kg.makePanel(map, state));
    var list = state.panel;
    list.textContent = "";
    GROUPS.forEach(function (group) {
      var entries = state.layers.filter(function (entry) { return entry.data.group === group; });
      if (entries.length) list.appendChild(kg.group(map, state, group, entries.reverse()));
    });
    kg.bases(map, state, list);
    kg.paper(map);
  };

  kg.makePanel = function (map, state) {
    state.panel = el("div", "kg-panel-body");
    var panel = el("section", "kg-panel");
    var small = map.getSize().x < 760;
    var toggle = kg.button("kg-toggle", state.say("legend"), "", function () {
      show(panel.classList.contains("kg-folded"));
    });
    var show = function (open) {
      panel.classList.toggle("kg-folded", !open);
      toggle.setAttribute("aria-expanded", String(open));
    };
    panel.appendChild(toggle);
    panel.appendChild(state.panel);
    show(!small);
    return panel;
  };

  kg.group = function (map, state, group, entries) {
    var box = el("fieldset", "kg-group", "", [el("legend", "", state.say("group." + group))]);
    var exclusive = entries.filter(function (entry) { return entry.data.exclusive; });
    entries.forEach(function (entry) {
      box.appendChild(kg.row(map, state, entry, exclusive.length > 1 && entry.data.exclusive));
    });
    if (exclusive.length > 1) box.appendChild(kg.bare(map, state, exclusive));
    return box;
  };

  /* One layer: a box to tick (or, among the colours of the area, a choice) and its classes. */
  kg.row = function (map, state, entry, choice) {
    var data = entry.data;
    var input = el("input");
    input.type = choice ? "radio" : "checkbox";
    if (choice) input.name = "kg-colour-" + map._leaflet_id;
    input.checked = kg.shown(map, entry);
    input.setAttribute("data-layer", data.id);
    input.addEventListener("change", function () {
      if (choice) kg.choose(map, state, data.id);
      else kg.show(map, entry, input.checked);
      entry.classes.hidden = !input.checked;
    });
    entry.input = input;
    entry.classes = kg.classes(state, data);
    entry.classes.hidden = !input.checked;
    var label = el("label", "", "", [input, el("span", "", data.title || data.name)]);
    var note = data.note ? el("p", "kg-hectares", data.note) : null;
    return el("div", "kg-layer", "", [label, data.chooser, entry.classes, note]);
  };

  /* Write the classes of one layer anew. */
  kg.recount = function (map, data) {
    var entry = map.kumuhgis.layers.filter(function (one) { return one.data === data; })[0];
    if (!entry || !entry.classes) return;
    var classes = kg.classes(map.kumuhgis, data);
    classes.hidden = entry.classes.hidden;
    entry.classes.replaceWith(classes);
    entry.classes = classes;
  };

  kg.bare = function (map, state, entries) {
    var input = el("input");
    input.type = "radio";
    input.name = "kg-colour-" + map._leaflet_id;
    input.setAttribute("data-layer", "none");
    input.checked = !entries.some(function (entry) { return kg.shown(map, entry); });
    input.addEventListener("change", function () { kg.choose(map, state, "none"); });
    return el("div", "kg-layer", "", [el("label", "", "", [input, el("span", "", state.say("no_colour"))])]);
  };

  kg.shown = function (map, entry) {
    return map.hasLayer(entry.drawn) && entry.filled !== false;
  };

  /* The units stay, as outlines with names, when the area gets the colour of another layer. */
  kg.show = function (map, entry, shown) {
    if (entry.drawn.kgFill && entry.data.kept) {
      entry.filled = shown;
      entry.drawn.kgFill(shown);
      entry.drawn.addTo(map);
    } else if (shown) entry.drawn.addTo(map);
    else map.removeLayer(entry.drawn);
  };

  kg.choose = function (map, state, id) {
    state.layers.forEach(function (entry) {
      if (!entry.data.exclusive) return;
      entry.data.kept = true;
      kg.show(map, entry, entry.data.id === id);
      entry.input.checked = entry.data.id === id;
      entry.classes.hidden = entry.data.id !== id;
    });
  };

  kg.classes = function (state, data) {
    var list = el("ul", "kg-classes");
    data.classes.forEach(function (style) {
      var amount = kg.known(style.hectares)
        ? state.say("legend_units", { n: state.number(style.count), ha: state.number(style.hectares, 2) })
        : state.number(style.count) + (style.amount ? " · " + style.amount : "");
      var row = el("li", "", "", [kg.swatch(style), el("span", "", style.label), el("small", "", amount)]);
      if (kg.known(style.key)) row.setAttribute("data-level", style.key);
      list.appendChild(row);
    });
    return list;
  };
})();
