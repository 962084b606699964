/* The card of a unit on one page: where it lies, and all that the card says. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var FRAME = [9, 34, 74, 58];

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
    kg.place(beside, [FRAME[0] + FRAME[2] + 5, FRAME[1], 192 - FRAME[2] - 5, FRAME[3] + 43]);
    kg.place(under, [FRAME[0], FRAME[1] + FRAME[3] + 1.5, FRAME[2], 12]);
    var notes = el("div", "", "", [kg.notes(state, data, record)]);
    kg.place(notes, [FRAME[0], FRAME[1] + FRAME[3] + 14.5, FRAME[2], 28]);
    var body = el("div", "kg-paper-body", "", [].concat(
      kg.cardParts.map(function (part) { return part(map, job.unit); }),
      [kg.criteria(state, data, record)]
    ));
    var room = el("div", "", "", [body]);
    kg.place(room, [9, FRAME[1] + FRAME[3] + 45, 192, 297 - FRAME[1] - FRAME[3] - 45 - 17]);
    var sheet = kg.sheet(state, "kg-cardsheet", [210, 297], [title, beside, under, notes, room]);
    return {
      sheet: sheet, frame: FRAME, bounds: village.bounds(job.unit).pad(0.25),
      page: { size: "A4 portrait", margin: 0 },
      finish: function () {
        [facts, notes.firstChild, body].forEach(function (part) { kg.shrink(part, 0); });
      },
    };
  };
})();
