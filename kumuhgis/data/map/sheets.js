/* The sheets of paper: the map with its legend beside it, the card of a unit, and the table of all units. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var MARGIN = 9;
  var HEAD = 17;
  var FOOT = 8;
  var UNIT_FRAME = [9, 34, 74, 58];

  /* What can be printed; each gives sheet, page, and for a map the frame in which it lies. */
  kg.sheets = {};

  kg.sheets.map = function (map, job) {
    var state = map.kumuhgis;
    var size = kg.PAPERS[job.paper];
    var beside = job.paper === "A3" ? 80 : 62;
    var frame = [MARGIN, MARGIN + HEAD, size[0] - 2 * MARGIN - beside - 4, size[1] - 2 * MARGIN - HEAD - FOOT];
    var told = state.sheet.told ? [el("p", "kg-told", state.sheet.told)] : [];
    var legend = el("div", "kg-paper-legend", "", told.concat(kg.shownLegend(state)));
    var column = el("aside", "", "", [legend, el("div", "kg-paper-foot", "", [kg.northArrow(state), el("div", "kg-paper-scale")])]);
    kg.place(column, [frame[0] + frame[2] + 4, frame[1], beside, frame[3]]);
    var sheet = kg.sheet(state, "kg-mapsheet", size, [column]);
    return {
      sheet: sheet, frame: frame, page: { size: job.paper + " landscape", margin: 0 },
      finish: function () { kg.shrink(legend, column.lastChild.offsetHeight); },
    };
  };

  /* A sheet of a fixed size with title above and source below. */
  kg.sheet = function (state, name, size, parts) {
    var head = kg.paperHead(state);
    var foot = kg.paperFoot(state);
    kg.place(head, [MARGIN, MARGIN, size[0] - 2 * MARGIN, HEAD - 3]);
    kg.place(foot, [MARGIN, size[1] - MARGIN - FOOT + 3, size[0] - 2 * MARGIN, FOOT - 3]);
    var sheet = el("section", "kg-sheet kg-paper " + name, "", [head].concat(parts, [foot]));
    sheet.style.width = size[0] + "mm";
    sheet.style.height = size[1] - 0.3 + "mm";
    return sheet;
  };

  kg.place = function (element, box) {
    element.style.position = "absolute";
    ["left", "top", "width", "height"].forEach(function (side, n) { element.style[side] = box[n] + "mm"; });
  };

  kg.paperHead = function (state) {
    var data = state.sheet;
    return el("header", "kg-paper-head", "", [
      el("div", "", "", [el("h1", "", data.title), el("p", "", data.place)]),
      data.sample ? el("strong", "kg-sample", state.say("sample")) : null,
    ]);
  };

  kg.paperFoot = function (state) {
    var data = state.sheet;
    var shown = state.shown ? state.shown.filter(Boolean).length : null;
    return el("footer", "kg-paper-source", [
      data.project && state.say("print.source", { name: data.project }),
      data.when,
      state.say("rule", { rule: data.rule }),
      shown === null ? "" : state.say("print.filtered", { n: shown, all: state.shown.length }),
      state.say("print.printed", { date: kg.today() }),
      state.say("made_with"),
    ].filter(Boolean).join(" · "));
  };

  kg.today = function () {
    var now = new Date();
    return new Date(now.getTime() - 60000 * now.getTimezoneOffset()).toISOString().slice(0, 10);
  };

  /* The legend of the layers that are on the map now, as the panel shows it. */
  kg.shownLegend = function (state) {
    var shown = [];
    if (!state.panel) return shown;
    state.panel.querySelectorAll(".kg-layer").forEach(function (layer) {
      var input = layer.querySelector("input");
      var classes = layer.querySelector(".kg-classes");
      if (!input || !input.checked || !classes) return;
      var select = layer.querySelector("select");
      var name = select && select.selectedIndex >= 0
        ? select.options[select.selectedIndex].textContent
        : layer.querySelector("label span").textContent;
      classes = classes.cloneNode(true);
      classes.hidden = false;
      var note = layer.querySelector(".kg-hectares");
      shown.push(el("section", "", "", [el("h2", "", name), classes, note && note.cloneNode(true)]));
    });
    return shown;
  };

  kg.northArrow = function (state) {
    return el("div", "kg-north", "", [kg.svg("svg", { viewBox: "0 0 24 34", width: 24, height: 34 }, [
      kg.svg("path", { d: "M12 1 L20 24 L12 19 Z", fill: "#2b2823" }),
      kg.svg("path", { d: "M12 1 L4 24 L12 19 Z", fill: "#fffdf8", stroke: "#2b2823", "stroke-width": 1 }),
    ]), el("span", "", state.say("north"))]);
  };

  /* Make a part smaller until it fits into the box around it, less what is kept free. */
  kg.shrink = function (part, free) {
    for (var size = 1; size > 0.45; size -= 0.05) {
      part.style.zoom = size;
      if (part.getBoundingClientRect().height <= part.parentNode.clientHeight - free) return;
    }
  };

  /* Where the unit lies, and all that its card says, on one page. */
  kg.sheets.card = function (map, job) {
    var state = map.kumuhgis;
    var village = state.village;
    var data = village.data;
    var record = village.record(job.unit);
    var title = el("div", "kg-paper-unit", "", [
      el("h2", "", village.title(job.unit)),
      el("p", "", kg.whereabouts(state, record)),
    ]);
    var facts = el("div", "", "", [
      kg.badge(state, data, record), kg.figures(state, data, record), kg.consequences(state, record),
    ]);
    kg.place(title, [9, 22.5, 192, 11]);
    var notes = kg.notes(state, data, record);
    var body = el("div", "kg-paper-body", "", [].concat(
      kg.cardParts.map(function (part) { return part(map, job.unit); }),
      [kg.criteria(state, data, record)]
    ));
    var room = kg.cardRoom(state, facts, notes, body);
    var sheet = kg.sheet(state, "kg-cardsheet", [210, 297], [title, room]);
    return {
      sheet: sheet, frame: UNIT_FRAME, bounds: village.bounds(job.unit).pad(0.25),
      page: { size: "A4 portrait", margin: 0 },
      finish: function () {
        kg.placeNotes(room.firstChild, notes);
        kg.shrinkCard(room, notes, [facts, body]);
      },
    };
  };

  /* Below the title: the map with scale and notes, beside it the facts, under both the criteria. */
  kg.cardRoom = function (state, facts, notes, body) {
    var gap = el("div");
    gap.style.height = UNIT_FRAME[3] + 1.5 + "mm";
    var scale = el("div", "kg-paper-foot", "", [kg.northArrow(state), el("div", "kg-paper-scale")]);
    var top = el("div", "kg-card-top", "", [el("div", "", "", [gap, scale, notes]), facts]);
    top.style.gridTemplateColumns = UNIT_FRAME[2] + "mm 1fr";
    var room = el("div", "", "", [el("div", "", "", [top, body])]);
    kg.place(room, [UNIT_FRAME[0], UNIT_FRAME[1], 192, 297 - UNIT_FRAME[1] - 17]);
    return room;
  };

  /* Notes stand under the map; where they are long, across the page, if that leaves more room. */
  kg.placeNotes = function (flow, notes) {
    var column = notes.parentNode;
    var before = flow.offsetHeight;
    flow.insertBefore(notes, flow.lastChild);
    if (flow.offsetHeight >= before) column.appendChild(notes);
  };

  /* Make the parts smaller only if they would not fit otherwise, the notes last: below 0.92 their type is hard to read. */
  kg.shrinkCard = function (room, notes, parts) {
    for (var size = 1; size > 0.3; size -= 0.02) {
      parts.forEach(function (part) { part.style.zoom = size; });
      notes.style.zoom = size > 0.8 ? Math.max(size, 0.92) : size;
      if (room.firstChild.getBoundingClientRect().height <= room.clientHeight) return;
    }
  };

  kg.sheets.table = function (map, job) {
    var state = map.kumuhgis;
    var sheet = el("section", "kg-sheet kg-tablesheet", "", [kg.paperHead(state)].concat(
      kg.paperTable(state), [kg.paperFoot(state)]
    ));
    return { sheet: sheet, page: { size: job.paper + " landscape", margin: "10mm" } };
  };

  /* The table of the screen, all of it, and what its sums leave out. */
  kg.paperTable = function (state) {
    var rows = new kg.Rows(state, state.village);
    rows.setTheme(state.theme);
    var columns = rows.all();
    var shown = state.shown || new Array(state.village.n).fill(true);
    var totals = rows.totals(shown);
    var body = el("tbody", "", "", rows.sorted(shown, "unit", false).map(function (i) {
      return el("tr", "", "", columns.map(function (column, at) {
        return el(at ? "td" : "th", figure(column), column.show(i));
      }));
    }));
    var head = el("tr", "", "", columns.map(function (column) { return el("th", "", column.label); }));
    var sums = el("tbody", "kg-sum", "", [kg.paperSums(state, columns, totals)]);
    return [el("table", "", "", [el("thead", "", "", [head]), body, sums])].concat(kg.leftOut(state, columns, totals));
  };

  function figure(column) {
    return column.decimals === undefined ? "" : "kg-figure";
  }

  kg.paperSums = function (state, columns, totals) {
    return el("tr", "", "", columns.map(function (column, at) {
      if (!at) return el("th", "", state.say("print.sum", { n: state.number(totals.n) }));
      var total = totals[column.id];
      return el("td", figure(column), total ? kg.sum(state, total, column) + (total.missing ? "*" : "") : "");
    }));
  };

  /* For every sum with a star: how many units are not in it. */
  kg.leftOut = function (state, columns, totals) {
    return columns.filter(function (column) { return totals[column.id] && totals[column.id].missing; })
      .map(function (column) {
        var missing = state.say("table.missing", { n: state.number(totals[column.id].missing) });
        return el("p", "kg-left-out", "* " + column.label + ": " + missing);
      });
  };
})();
