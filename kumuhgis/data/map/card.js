/* The card of a unit: what was measured, what it scores, and what follows from it. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;

  kg.open = function (map, i) {
    kg.close(map);
    var state = map.kumuhgis;
    var village = state.village;
    var card = kg.box(state.left, kg.card(state, village.data, village.record(i), function () { kg.close(map); }));
    card.addEventListener("keydown", function (event) {
      if (event.key === "Escape") kg.close(map);
    });
    state.card = card;
    state.chosen = i;
    state.mark = L.geoJSON(village.geometry(i), {
      pane: kg.labelPane(map),
      interactive: false,
      style: { className: "kg-chosen", color: "#111111", weight: 4, fill: false },
    }).addTo(map);
    map.getContainer().classList.add("kg-open");
    kg.reveal(map, village.bounds(i));
    card.focus({ preventScroll: true });
    map.fire("kg:open", { unit: i });
  };

  kg.close = function (map) {
    var state = map.kumuhgis;
    if (!state.card) return;
    var inside = state.card.contains(document.activeElement);
    state.card.remove();
    state.mark.remove();
    state.card = state.mark = null;
    map.getContainer().classList.remove("kg-open");
    map.fire("kg:close", { unit: state.chosen, focus: inside });
  };

  /* What title, card and legend leave of the map: paddings for fitBounds and panInside. */
  kg.room = function (map) {
    var small = map.getContainer().classList.contains("kg-small");
    var size = map.getSize();
    return small
      ? { paddingTopLeft: [20, 110], paddingBottomRight: [20, Math.round(size.y * 0.6) + 10] }
      : { paddingTopLeft: [380, 60], paddingBottomRight: [size.x > 900 ? 290 : 20, 40 + kg.drawer(map)] };
  };

  /* Move the map so that a box is seen beside (or, on a phone, above) the card. */
  kg.reveal = function (map, box) {
    var small = map.getContainer().classList.contains("kg-small");
    var room = kg.room(map);
    if (!small) map.panInside(box.getNorthEast(), Object.assign({ animate: false }, room));
    map.panInside(small ? box.getCenter() : box.getSouthWest(), room);
  };

  kg.card = function (state, data, record, close) {
    var title = el("h2", "", kg.title(record));
    var level = data.classes[record.level];
    var head = el("header", "kg-card-head", "", [
      el("div", "", "", [title, el("p", "", kg.whereabouts(state, record))]),
      kg.button("kg-close", "×", state.say("card.close"), close),
    ]);
    var body = el("div", "kg-card-body", "", [
      kg.badge(state, data, record, level),
    ].concat((state.cardParts || []).map(function (part) { return part(record); }), [
      kg.figures(state, record),
      kg.gaps(state, data, record),
      record.fragile ? el("p", "kg-note", state.say("card.fragile", { sentence: record.fragile })) : null,
      kg.decree(state, record),
      el("h3", "", state.say("card.criteria", { n: data.rule.criteria.length })),
    ]));
    data.rule.aspects.forEach(function (aspect, n) {
      body.appendChild(kg.aspect(state, data, record, aspect, record.means[n]));
    });
    body.appendChild(kg.consequences(state, record));
    var card = el("article", "kg-card", "", [head, body]);
    card.setAttribute("tabindex", "-1");
    card.setAttribute("aria-label", kg.title(record));
    return card;
  };

  kg.whereabouts = function (state, record) {
    var parts = [state.say("card.code", { code: record.unit })];
    ["kawasan", "desa", "kecamatan"].forEach(function (name) {
      if (kg.known(record.units[name])) parts.push(record.units[name]);
    });
    return parts.join(" · ");
  };

  /* Level, total, and where it lies on the scale of the rule. */
  kg.badge = function (state, data, record, level) {
    var name = el("strong", "kg-level", level.label);
    var box = el("section", "kg-badge", "", [
      el("div", "", "", [kg.swatch(level), name, el("span", "kg-total", kg.total(state, data, record))]),
      kg.scale(state, data, record),
    ]);
    var possible = record.summary.levels_possible;
    if (record.level === data.rule.lower.length && kg.known(possible)) {
      box.appendChild(el("p", "kg-note", state.say("card.possible", { levels: kg.levelNames(data, possible) })));
    }
    return box;
  };

  kg.levelNames = function (data, possible) {
    return possible.split(" | ").map(function (key) {
      var found = data.classes.filter(function (level) { return level.key === key; })[0];
      return found ? found.label : key;
    }).join(" – ");
  };

  kg.scale = function (state, data, record) {
    var max = data.rule.max_total;
    var lower = data.rule.lower;
    var scale = el("div", "kg-scale");
    lower.forEach(function (from, n) {
      var to = n + 1 < lower.length ? lower[n + 1] : max;
      var part = el("span", "kg-part");
      part.style.width = (100 * (to - from)) / max + "%";
      part.style.background = data.classes[n].fill;
      part.appendChild(el("small", "", from));
      scale.appendChild(part);
    });
    var found = record.summary;
    var exact = kg.known(found.total_score);
    var low = exact ? found.total_score : found.total_low;
    var high = exact ? found.total_score : found.total_high;
    if (kg.known(low) && kg.known(high)) {
      var mark = el("i", exact ? "kg-mark" : "kg-mark kg-range");
      mark.style.left = (100 * low) / max + "%";
      mark.style.width = (100 * (high - low)) / max + "%";
      scale.appendChild(mark);
    }
    return scale;
  };

  kg.figures = function (state, record) {
    var list = el("dl", "kg-figures");
    var units = record.units;
    var add = function (key, value, decimals) {
      if (!kg.known(value)) return;
      list.appendChild(el("div", "", "", [
        el("dt", "", state.say("card." + key)),
        el("dd", "", state.say("card." + key + "_value", { n: state.number(value, decimals) })),
      ]));
    };
    add("verified", units.verified_ha, 2);
    add("measured", units.area_ha, 2);
    add("decreed", units.sk_ha, 2);
    add("population", units.population, 0);
    add("households", units.households, 0);
    add("buildings", units.buildings, 0);
    return list;
  };

  kg.gaps = function (state, data, record) {
    var percent = data.rule.columns.indexOf("percent");
    var missing = data.rule.criteria.filter(function (criterion, n) {
      return !kg.known(record.measures[n][percent]);
    });
    if (!missing.length) return null;
    var codes = missing.map(function (criterion) { return criterion.code; }).join(", ");
    var box = el("div", "kg-note", "", [el("p", "", state.say("card.missing", { codes: codes }))]);
    var deciding = record.summary.deciding;
    if (kg.known(deciding) && deciding !== codes && record.level === data.rule.lower.length) {
      box.appendChild(el("p", "", state.say("card.deciding", { codes: deciding })));
    }
    return box;
  };

  kg.decree = function (state, record) {
    var found = record.summary;
    if (kg.known(found.sk_finding)) return el("p", "kg-note kg-warn", state.say("sk_finding." + found.sk_finding));
    return null;
  };

  kg.aspect = function (state, data, record, aspect, mean) {
    var shown = kg.known(mean) ? state.number(mean, 2) + "\u00a0%" : "–";
    var box = el("section", "kg-aspect", "", [
      el("h4", "", "", [el("span", "", aspect.number + ". " + aspect.name), el("span", "", shown)]),
    ]);
    data.rule.criteria.forEach(function (criterion, n) {
      if (criterion.aspect === aspect.number) box.appendChild(kg.criterion(state, data, record.measures[n], criterion));
    });
    return box;
  };

  kg.criterion = function (state, data, cells, criterion) {
    var found = {};
    data.rule.columns.forEach(function (column, n) { found[column] = cells[n]; });
    var known = kg.known(found.percent);
    var row = el("div", known ? "kg-criterion" : "kg-criterion kg-missing");
    row.setAttribute("data-criterion", criterion.code);
    var score = known
      ? state.number(found.score)
      : state.number(found.score_low) + "–" + state.number(found.score_high);
    var chip = el("span", "kg-score", score);
    chip.title = state.say("card.score");
    if (known) chip.setAttribute("data-score", found.score);
    row.appendChild(el("div", "kg-name", "", [
      el("b", "", criterion.code),
      el("span", "", criterion.name),
      chip,
    ]));
    row.appendChild(kg.bar(found, known));
    row.appendChild(el("p", "", kg.figure(state, found, criterion, known)));
    return row;
  };

  kg.bar = function (found, known) {
    var bar = el("div", "kg-bar");
    if (known) {
      var part = el("i", found.percent > 100 ? "kg-over" : "");
      part.style.width = Math.max(0, Math.min(100, found.percent)) + "%";
      part.setAttribute("data-score", found.score);
      bar.appendChild(part);
    }
    return bar;
  };

  /* "26,67 % · 12 dari 45 unit (tabel)"; both sources side by side where both are there. */
  kg.figure = function (state, found, criterion, known) {
    var decimals = criterion.unit === "ha" ? 4 : 1;
    var pair = function (affected, total, source) {
      if (!kg.known(affected)) return "";
      var words = {
        affected: kg.short(state, affected, decimals),
        total: kg.short(state, total, decimals),
        unit: criterion.unit,
        source: state.has("source." + source) ? state.say("source." + source) : source,
      };
      return state.say(kg.known(source) ? "card.volume" : "card.volume_plain", words);
    };
    var table = pair(found.table_affected, found.table_total, "table");
    var geometry = pair(found.geometry_affected, found.geometry_total, "geometry");
    var figures = table && geometry ? [table, geometry] : [pair(found.affected, found.total, found.source)];
    var percent = known ? state.number(found.percent, 2) + "\u00a0%" : state.say("card.no_data");
    return [percent].concat(figures.filter(Boolean)).join(" · ");
  };

  kg.consequences = function (state, record) {
    var found = record.summary;
    var list = el("dl", "kg-facts");
    var add = function (key, value) {
      if (!kg.known(value)) return;
      list.appendChild(el("dt", "", state.say("card." + key)));
      list.appendChild(el("dd", "", typeof value === "number" ? state.number(value) : value));
    };
    add("tenure", kg.sign(state, found.tenure_sign, found.tenure_clear_share));
    add("plan", kg.sign(state, found.plan_sign, found.plan_conforming_share));
    if (kg.known(found.setback_ha) && found.setback_ha > 0) {
      add("setback", state.say("card.ha", { n: state.number(found.setback_ha, 2) }));
    }
    add("legal", kg.known(found.legal) ? state.say(kg.yes(found.legal) ? "card.is_legal" : "card.not_legal") : "–");
    add("consideration", kg.known(found.consideration)
      ? found.consideration + (kg.known(found.consideration_score) ? " (" + found.consideration_score + ")" : "")
      : null);
    add("class", found["class"]);
    add("priority", found.priority);
    add("rank", found.rank);
    add("handling", found.handling);
    add("authority", found.authority);
    add("typology", found.typology);
    if (kg.known(found.sk_status)) {
      var key = "sk_status." + found.sk_status;
      add("sk", state.has(key) ? state.say(key, { share: kg.share(state, found.sk_share) }) : found.sk_status);
    }
    return el("section", "", "", [el("h3", "", state.say("card.consequences")), list]);
  };

  kg.yes = function (value) {
    return value === true || value === 1 || value === "True" || value === "legal";
  };

  kg.share = function (state, share) {
    return kg.known(share) ? kg.short(state, 100 * share, 1) + "\u00a0%" : "–";
  };

  kg.sign = function (state, sign, share) {
    var shown = sign === "+" ? "(+)" : sign === "-" ? "(−)" : "(?)";
    if (!kg.known(sign) && !kg.known(share)) return state.say("card.unknown_sign");
    return kg.known(share) ? shown + " " + state.say("card.share", { share: kg.share(state, share) }) : shown;
  };
})();
