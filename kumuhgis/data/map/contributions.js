/* What residents said, from files: marks and words on the map, and where they differ from the numbers. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var MOST = 6;

  /* data: classes, names (of criteria), features [{g, at, c, t, f, d, n, k, u}], against {classes, units {key: {c?, lines, rest?}}}. */
  kg.contributions = function (map, id, lang) {
    var state = kg.on(map, lang);
    var data = kg.read(id);
    var shapes = data.features.map(function (feature) {
      var style = data.classes[feature.c];
      var how = Object.assign({ at: feature.at, label: style.label + ": " + (feature.t || "–") }, kg.answerPane(map));
      var shape = kg.answerShape(map, style, feature.g, how);
      shape.kgMark.bindPopup(kg.saying(state, data, feature), { maxWidth: 300, maxHeight: 260 });
      return shape;
    });
    var drawn = L.layerGroup(shapes);
    kg.register(map, data, drawn);
    kg.whenVillage(map, function (village) {
      kg.against(map, data.against, village);
      kg.fadeAnswers(map, data, shapes, village);
    });
    kg.cardParts.push(function (other, i) {
      return other === map ? kg.heard(state, data, state.village.record(i).unit) : null;
    });
    return drawn;
  };

  /* The words as typed, who said them, when, and about which criterion. */
  kg.saying = function (state, data, feature) {
    var style = data.classes[feature.c];
    var about = [feature.k, data.names[feature.k]].filter(Boolean).join(" ");
    var facts = [feature.u && state.say("answers.in", { unit: feature.u }), feature.f, feature.d && kg.moment(feature.d),
      feature.n > 1 && state.say("answers.times", { n: feature.n })];
    return el("div", "kg-saying", "", [
      el("h2", "", "", [kg.mark(style, 18), el("span", "", style.label)]),
      about ? el("p", "kg-where", about) : null,
      el("p", "kg-words", feature.t || state.say("answers.no_words")),
      el("p", "kg-where", facts.filter(Boolean).join(" · ")),
    ]);
  };

  /* A badge on every unit where words and numbers differ; it opens the card, which says how. */
  kg.against = function (map, against, village) {
    var pane = kg.answerPane(map).pane;
    var badges = [];
    village.column("unit").forEach(function (unit, i) {
      var found = against.units[unit];
      if (!found || found.c === undefined) return;
      var style = against.classes[found.c];
      var label = village.title(i) + ": " + style.label;
      var how = { pane: pane, label: label, anchor: [18, 42], data: { against: unit } };
      var badge = kg.markAt(village.centre(i), style, how);
      badge.on("click", function () { kg.open(map, i); });
      badges.push(badge);
    });
    if (badges.length) kg.register(map, against, L.layerGroup(badges));
  };

  kg.fadeAnswers = function (map, data, shapes, village) {
    var numbers = {};
    village.column("unit").forEach(function (unit, i) { numbers[unit] = i; });
    map.on("kg:filter", function (event) {
      shapes.forEach(function (shape, n) {
        var units = data.features[n].s;
        var seen = !event.shown || !units.length || units.some(function (unit) { return event.shown[numbers[unit]]; });
        shape.eachLayer(function (layer) {
          if (layer.setOpacity) layer.setOpacity(seen ? 1 : 0.25);
          else layer.setStyle({ opacity: seen ? 1 : 0.15, fillOpacity: seen ? 0.55 : 0.1 });
        });
      });
    });
  };

  /* In the card of a unit: what differs first, then what was said. */
  kg.heard = function (state, data, unit) {
    var found = data.against.units[unit];
    var said = data.features.filter(function (feature) { return feature.s.indexOf(unit) >= 0; });
    if (!found && !said.length) return null;
    var list = el("ul", "kg-heard");
    (found ? found.lines : []).forEach(function (line) {
      list.appendChild(el("li", "kg-differs", "", [kg.mark(data.against.classes[line[0]], 18), el("span", "", line[1])]));
    });
    if (found && found.rest) list.appendChild(el("li", "kg-rest", found.rest));
    said.slice(0, MOST).forEach(function (feature) {
      var style = data.classes[feature.c];
      var words = [feature.k, feature.t || style.label].filter(Boolean).join(" · ");
      list.appendChild(el("li", "", "", [kg.mark(style, 18), el("span", "", words)]));
    });
    if (said.length > MOST) list.appendChild(el("li", "", state.say("answers.more", { n: said.length - MOST })));
    return el("section", "kg-heard-of", "", [el("h3", "", state.say("answers.heard", { n: said.length })), list]);
  };
})();
