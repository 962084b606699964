/* The card of a unit on one page: where it lies, and all that the card says. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var FRAME = [9, 37, 84, 68];

  kg.sheets.card = function (map, job) {
    var state = map.kumuhgis;
    var village = state.village;
    var data = village.data;
    var record = village.record(job.unit);
    var title = el("div", "kg-paper-unit", "", [
      el("h2", "", village.title(job.unit)),
      el("p", "", kg.whereabouts(state, record)),
    ]);
    var beside = el("div", "kg-paper-beside", "", [kg.badge(state, data, record), kg.figures(state, data, record)]);
    var under = el("div", "kg-paper-foot", "", [kg.northArrow(state), el("div", "kg-paper-scale")]);
    kg.place(title, [9, 25, 192, 11]);
    kg.place(beside, [FRAME[0] + FRAME[2] + 5, FRAME[1], 192 - FRAME[2] - 5, FRAME[3] + 13]);
    kg.place(under, [FRAME[0], FRAME[1] + FRAME[3] + 1.5, FRAME[2], 12]);
    var body = el("div", "kg-paper-body", "", [kg.notes(state, data, record)].concat(
      kg.cardParts.map(function (part) { return part(map, job.unit); }),
      [kg.consequences(state, record), kg.criteria(state, data, record)]
    ));
    var room = el("div", "", "", [body]);
    kg.place(room, [9, FRAME[1] + FRAME[3] + 15, 192, 297 - FRAME[1] - FRAME[3] - 15 - 17]);
    var sheet = kg.sheet(state, "kg-cardsheet", [210, 297], [title, beside, under, room]);
    return {
      sheet: sheet, frame: FRAME, bounds: village.bounds(job.unit).pad(0.45),
      page: { size: "A4 portrait", margin: 0 }, finish: function () { kg.shrink(body, 0); },
    };
  };
})();
