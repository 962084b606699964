/* Printing by the browser: what is printed is laid out in millimetres, then everything is as before. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var PIXEL = 0.0254 / 96;
  var AXIS = 6378137;
  var SQUARED = 0.00669438;
  var WAIT = 1500;
  var ROUND = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 10];

  kg.PRINTER = "M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z";
  kg.PAPERS = { A4: [297, 210], A3: [420, 297] };

  /* The map that is on paper now; a page with two maps prints one at a time. */
  kg.printed = null;

  kg.printTools = function (map) {
    var state = map.kumuhgis;
    state.job = { kind: "map", paper: "A4", whole: true, patterns: true };
    var pattern = kg.tool(map, {
      id: "pattern", icon: "M4 4h16v16H4zM4 12l8-8M4 20 20 4M12 20l8-8",
      act: function () { kg.usePatterns(!kg.patterned); },
    });
    map.on("kg:pattern", function (event) { kg.press(pattern, event.on); });
    kg.press(pattern, kg.patterned);
    kg.tool(map, { id: "print", icon: kg.PRINTER, act: function () { kg.printDialog(map); } });
    window.addEventListener("beforeprint", function () {
      state.heard = true;
      if (!kg.printed) kg.toPaper(map, state.job);
    });
    window.addEventListener("afterprint", function () {
      if (kg.printed === map) kg.fromPaper(map);
    });
  };

  kg.printCard = function (map, i) {
    kg.print(map, { kind: "card", paper: "A4", unit: i, patterns: map.kumuhgis.job.patterns });
  };

  /* job: kind (map, table or card), paper, whole (or what the screen shows), patterns, unit. */
  kg.print = function (map, job) {
    kg.toPaper(map, job);
    var state = map.kumuhgis;
    var paper = state.paper; /* what waits here belongs to this sheet, not to one that is laid out after it */
    state.heard = false;
    window.requestAnimationFrame(function () {
      window.setTimeout(function () {
        if (state.paper === paper && window.print) window.print();
        window.setTimeout(function () { if (state.paper === paper) kg.unlessHeard(map); }, WAIT);
      }, 60);
    });
  };

  /* Some browsers inside other programs cannot print and do not say so: give the map back, and say it. */
  kg.unlessHeard = function (map) {
    var state = map.kumuhgis;
    if (state.heard || kg.printed !== map) return;
    kg.fromPaper(map);
    var told = el("dialog", "kg-dialog", "", [el("p", "", state.say("print.cannot"))]);
    var close = function () { told.remove(); };
    told.appendChild(el("div", "kg-buttons", "", [kg.button("kg-go", state.say("card.close"), "", close)]));
    kg.openWindow(map, told, close);
  };

  kg.openWindow = function (map, made, close) {
    made.addEventListener("close", close);
    kg.box(map.getContainer(), made);
    if (made.showModal) made.showModal();
    else made.setAttribute("open", "");
  };

  kg.toPaper = function (map, job) {
    var state = map.kumuhgis;
    if (map._animatingZoom) map._onZoomTransitionEnd();
    var bounds = (job.whole && state.sheet.bounds) || map.getBounds();
    kg.printed = map;
    state.before = {
      centre: map.getCenter(), zoom: map.getZoom(), snap: map.options.zoomSnap, patterned: kg.patterned,
      style: map.getContainer().getAttribute("style"), fine: L.Browser.retina,
    };
    if (job.patterns !== kg.patterned) kg.usePatterns(job.patterns);
    document.body.classList.add("kg-printing", "kg-printing-" + job.kind);
    var made = kg.sheets[job.kind](map, job);
    state.paper = made.sheet;
    document.head.appendChild(kg.pageStyle(made.page));
    document.body.appendChild(made.sheet);
    if (made.frame) kg.layMap(map, made.frame, made.bounds || bounds);
    if (made.finish) made.finish();
  };

  kg.pageStyle = function (page) {
    var style = el("style", "", "@page { size: " + page.size + "; margin: " + page.margin + "; }");
    style.id = "kg-page";
    return style;
  };

  kg.fromPaper = function (map) {
    var state = map.kumuhgis;
    var before = state.before;
    var container = map.getContainer();
    state.paper.remove();
    container.querySelectorAll(".kg-copy").forEach(function (copy) { copy.remove(); });
    document.getElementById("kg-page").remove();
    document.body.className = document.body.className.replace(/\s*kg-printing\S*/g, "");
    container.classList.remove("kg-on-paper");
    if (before.style === null) container.removeAttribute("style");
    else container.setAttribute("style", before.style);
    if (kg.patterned !== before.patterned) kg.usePatterns(before.patterned);
    L.Browser.retina = before.fine;
    map.invalidateSize({ pan: false, animate: false });
    map.options.zoomSnap = before.snap;
    map.setView(before.centre, before.zoom, { animate: false });
    kg.printed = state.paper = null;
    map.fire("kg:print", { on: false });
  };

  /* Put the map into a frame [left, top, width, height] (mm) of the sheet, at a round scale that holds the bounds.
     Who draws later than the map moves has to draw at once on "kg:print". */
  kg.layMap = function (map, frame, bounds) {
    var container = map.getContainer();
    container.classList.add("kg-on-paper");
    ["left", "top", "width", "height"].forEach(function (side, n) { container.style[side] = frame[n] + "mm"; });
    L.Browser.retina = true;
    map.options.zoomSnap = 0;
    map.closePopup();
    map.invalidateSize({ pan: false, animate: false });
    var box = L.latLngBounds(bounds);
    var middle = map.unproject(map.project(box.getNorthWest(), 20).add(map.project(box.getSouthEast(), 20)).divideBy(2), 20);
    var nearest = map.getBoundsZoom(box, false, L.point(16, 16));
    var scale = kg.roundScale(kg.scaleAt(middle.lat, nearest));
    map.setView(middle, nearest + Math.log(kg.scaleAt(middle.lat, nearest) / scale) / Math.LN2, { animate: false });
    map.fire("kg:print", { on: true });
    kg.copyCanvases(map);
    kg.writeScale(map, kg.scaleAt(middle.lat, map.getZoom()));
  };

  /* Copies of the canvases: Chromium prints a canvas that was drawn shortly before on opaque white. */
  kg.copyCanvases = function (map) {
    map.getContainer().querySelectorAll("canvas").forEach(function (canvas) {
      if (!canvas.width || !canvas.height) return;
      var copy = el("canvas", canvas.className + " kg-copy");
      copy.width = canvas.width;
      copy.height = canvas.height;
      copy.style.cssText = canvas.style.cssText;
      copy.getContext("2d").drawImage(canvas, 0, 0);
      canvas.parentNode.insertBefore(copy, canvas);
    });
  };

  /* The number of the scale (1 : n) at a latitude and a zoom, for pixels of 1/96 inch, on the ellipsoid. */
  kg.scaleAt = function (lat, zoom) {
    var sine = Math.sin((lat * Math.PI) / 180);
    var bend = 1 - SQUARED * sine * sine;
    var radius = (AXIS * Math.sqrt(1 - SQUARED)) / bend;
    var metres = ((2 * Math.PI * radius) / 256 / Math.pow(2, zoom)) * Math.cos((lat * Math.PI) / 180);
    return metres / PIXEL;
  };

  /* The next rounder scale: 1 : 2.873 becomes 1 : 3.000. */
  kg.roundScale = function (scale) {
    var power = Math.pow(10, Math.floor(Math.log(scale) / Math.LN10));
    for (var n = 0; n < ROUND.length; n++) {
      if (ROUND[n] * power >= scale * 0.9999) return ROUND[n] * power;
    }
    return 10 * power;
  };

  /* Numeric scale and scale bar, where the sheet has room for them. */
  kg.writeScale = function (map, scale) {
    var state = map.kumuhgis;
    var place = state.paper.querySelector(".kg-paper-scale");
    if (!place) return;
    var longest = scale * 0.045;
    var power = Math.pow(10, Math.floor(Math.log(longest) / Math.LN10));
    var length = [5, 2, 1].filter(function (n) { return n * power <= longest; })[0] * power;
    place.textContent = "";
    place.appendChild(el("strong", "", state.say("print.scale", { scale: state.number(Number(scale.toPrecision(3))) })));
    place.appendChild(kg.scaleBar((1000 * length) / scale));
    place.appendChild(el("div", "kg-bar-ends", "", [el("span", "", "0"), el("span", "", length >= 1000
      ? state.number(length / 1000) + " km" : state.number(length) + " m")]));
    place.lastChild.style.width = (1000 * length) / scale + "mm";
    place.setAttribute("data-scale", scale);
    place.setAttribute("data-metres", length);
  };

  kg.scaleBar = function (width) {
    var bar = kg.svg("svg", { width: width + "mm", height: "2mm", viewBox: "0 0 4 1", preserveAspectRatio: "none" });
    for (var n = 0; n < 4; n++) {
      bar.appendChild(kg.svg("rect", {
        x: n, y: 0, width: 1, height: 1, fill: n % 2 ? "#ffffff" : "#111111", stroke: "#111111", "stroke-width": 0.06,
      }));
    }
    return bar;
  };

  /* What to print and on what: a window that the keyboard can leave with Escape. */
  kg.printDialog = function (map) {
    var state = map.kumuhgis;
    var job = state.job;
    var asking = el("dialog", "kg-dialog");
    var close = function () { asking.remove(); };
    var pattern = el("input");
    pattern.type = "checkbox";
    pattern.checked = job.patterns;
    var go = kg.button("kg-go", state.say("print.go"), "", function () {
      var chosen = function (name) { return asking.querySelector("input[name=kg-" + name + "]:checked").value; };
      state.job = {
        kind: chosen("kind"), paper: chosen("paper"), whole: chosen("part") === "whole", patterns: pattern.checked,
      };
      close();
      kg.print(map, state.job);
    });
    [
      el("h2", "", state.say("tool.print")),
      kg.options(state, "kind", state.village ? ["map", "table"] : ["map"], job.kind),
      kg.options(state, "paper", Object.keys(kg.PAPERS), job.paper),
      kg.options(state, "part", ["whole", "seen"], job.whole ? "whole" : "seen"),
      el("label", "", "", [pattern, el("span", "", state.say("print.patterns"))]),
      el("p", "kg-hint", state.say("print.hint")),
      el("div", "kg-buttons", "", [kg.button("", state.say("print.cancel"), "", close), go]),
    ].forEach(function (part) { asking.appendChild(part); });
    asking.setAttribute("aria-label", state.say("tool.print"));
    kg.openWindow(map, asking, close);
  };

  kg.options = function (state, name, values, chosen) {
    return el("fieldset", "", "", [el("legend", "", state.say("print." + name))].concat(values.map(function (value) {
      var input = el("input");
      input.type = "radio";
      input.name = "kg-" + name;
      input.value = value;
      input.checked = value === chosen;
      return el("label", "", "", [input, el("span", "", state.say("print." + name + "_" + value))]);
    })));
  };
})();
