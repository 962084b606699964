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
    var legend = el("div", "kg-paper-legend", "", kg.shownLegend(state));
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
      shown.push(el("section", "", "", [el("h2", "", name), classes]));
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
    var under = el("div", "kg-paper-foot", "", [kg.northArrow(state), el("div", "kg-paper-scale")]);
    kg.place(title, [9, 22.5, 192, 11]);
    var beside = el("div", "", "", [facts]);
    kg.place(beside, [UNIT_FRAME[0] + UNIT_FRAME[2] + 5, UNIT_FRAME[1], 192 - UNIT_FRAME[2] - 5, UNIT_FRAME[3] + 43]);
    kg.place(under, [UNIT_FRAME[0], UNIT_FRAME[1] + UNIT_FRAME[3] + 1.5, UNIT_FRAME[2], 12]);
    var notes = el("div", "", "", [kg.notes(state, data, record)]);
    kg.place(notes, [UNIT_FRAME[0], UNIT_FRAME[1] + UNIT_FRAME[3] + 14.5, UNIT_FRAME[2], 28]);
    var body = el("div", "kg-paper-body", "", [].concat(
      kg.cardParts.map(function (part) { return part(map, job.unit); }),
      [kg.criteria(state, data, record)]
    ));
    var room = el("div", "", "", [body]);
    kg.place(room, [9, UNIT_FRAME[1] + UNIT_FRAME[3] + 45, 192, 297 - UNIT_FRAME[1] - UNIT_FRAME[3] - 45 - 17]);
    var sheet = kg.sheet(state, "kg-cardsheet", [210, 297], [title, beside, under, notes, room]);
    return {
      sheet: sheet, frame: UNIT_FRAME, bounds: village.bounds(job.unit).pad(0.25),
      page: { size: "A4 portrait", margin: 0 },
      finish: function () {
        [facts, notes.firstChild, body].forEach(function (part) { kg.shrink(part, 0); });
      },
    };
  };

  kg.sheets.table = function (map, job) {
    var state = map.kumuhgis;
    var head = kg.paperHead(state);
    var sheet = el("section", "kg-sheet kg-tablesheet", "", [head, kg.paperTable(state), kg.paperFoot(state)]);
    return { sheet: sheet, page: { size: job.paper + " landscape", margin: "10mm" } };
  };

  /* Columns of the printed table: name, value of a unit, decimals of a number. */
  kg.tableColumns = function (state) {
    var data = state.village.data;
    var of = function (name) { return function (record) { return record.summary[name]; }; };
    var unit = function (name) { return function (record) { return record.units[name]; }; };
    return [
      ["unit", function (record) { return kg.title(record); }],
      ["desa", unit("desa")],
      ["level", function (record) { return data.classes[record.level].label; }],
      ["total", function (record) {
        var span = kg.span(record);
        return span[0] === span[1] ? span[0] : state.number(span[0]) + "–" + state.number(span[1]);
      }, 0],
      ["area", of("area_used_ha"), 2], ["slum", of("slum_ha"), 2],
      ["population", unit("population"), 0], ["households", unit("households"), 0],
      ["class", of("class")], ["priority", of("priority"), 0], ["rank", of("rank"), 0],
      ["legal", function (record) {
        var legal = record.summary.legal;
        return kg.known(legal) ? state.say(kg.yes(legal) ? "card.is_legal" : "card.not_legal") : null;
      }],
    ];
  };

  kg.paperTable = function (state) {
    var columns = kg.tableColumns(state);
    var sums = { area: 0, slum: 0, population: 0, households: 0 };
    var body = el("tbody");
    var n = 0;
    for (var i = 0; i < state.village.n; i++) {
      if (state.shown && !state.shown[i]) continue;
      n += 1;
      body.appendChild(kg.tableRow(state, columns, state.village.record(i), sums));
    }
    var total = el("tr", "", "", columns.map(function (column, at) {
      if (!at) return el("th", "", state.say("print.sum", { n: n }));
      return sums[column[0]] === undefined ? el("td") : el("td", "kg-figure", state.number(sums[column[0]], column[2]));
    }));
    var head = el("tr", "", "", columns.map(function (column) { return el("th", "", state.say("print.column_" + column[0])); }));
    return el("table", "", "", [el("thead", "", "", [head]), body, el("tbody", "kg-sum", "", [total])]);
  };

  kg.tableRow = function (state, columns, record, sums) {
    return el("tr", "", "", columns.map(function (column, at) {
      var value = column[1](record);
      if (sums[column[0]] !== undefined && kg.known(value)) sums[column[0]] += value;
      var shown = typeof value === "number" ? state.number(value, column[2]) : kg.known(value) ? value : "–";
      return el(at ? "td" : "th", column[2] === undefined ? "" : "kg-figure", shown);
    }));
  };
})();
