/* The card of a unit: its frame, its level and what to know of it. The criteria are in criteria.js. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;

  /* More parts of the card, added by other scripts: functions of (map, i) that give an element or nothing. */
  kg.cardParts = [];

  /* focus: which element of the new card gets it, as a selector; the card itself when there is none. */
  kg.open = function (map, i, focus) {
    kg.close(map);
    var state = map.kumuhgis;
    var village = state.village;
    var card = kg.box(state.left, kg.card(map, i));
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
    ((focus && card.querySelector(focus)) || card).focus({ preventScroll: true });
    kg.announce(map, kg.inShort(state, village, i));
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

  kg.inShort = function (state, village, i) {
    var record = village.record(i);
    return village.title(i) + ": " + village.data.classes[record.level].label + ", " + kg.total(state, village.data, record);
  };

  /* What title, card and legend leave of the map: paddings for fitBounds and panInside. */
  kg.room = function (map) {
    var state = map.kumuhgis;
    var small = map.getContainer().classList.contains("kg-small");
    var size = map.getSize();
    if (kg.wide(size)) return kg.clear(map, size);
    return small
      ? { paddingTopLeft: [20, 110], paddingBottomRight: [20, Math.round(size.y * 0.6) + 10] }
      : { paddingTopLeft: [state.left.getBoundingClientRect().width + 30, 60],
        paddingBottomRight: [size.x > 900 ? state.right.getBoundingClientRect().width + 26 : 20, 40 + kg.drawer(map)] };
  };

  /* Move the map so that a box is seen beside (or, on a phone, above) the card. */
  kg.reveal = function (map, box) {
    var small = map.getContainer().classList.contains("kg-small");
    var room = kg.room(map);
    if (!small) map.panInside(box.getNorthEast(), Object.assign({ animate: false }, room));
    map.panInside(small ? box.getCenter() : box.getSouthWest(), Object.assign({ animate: !kg.calm() }, room));
  };

  kg.card = function (map, i) {
    var state = map.kumuhgis;
    var data = state.village.data;
    var record = state.village.record(i);
    var body = el("div", "kg-card-body", "", [
      kg.badge(state, data, record),
      kg.figures(state, data, record),
      kg.notes(state, data, record),
    ].concat(kg.cardParts.map(function (part) { return part(map, i); })));
    body.appendChild(kg.criteria(state, data, record));
    body.appendChild(kg.consequences(state, record));
    body.setAttribute("tabindex", "0");
    var card = el("article", "kg-card", "", [kg.cardHead(map, i), body]);
    card.setAttribute("tabindex", "-1");
    card.setAttribute("aria-label", state.village.title(i));
    return card;
  };

  kg.cardHead = function (map, i) {
    var state = map.kumuhgis;
    var step = function (name, sign, by) {
      return kg.button("kg-step " + name, sign, state.say("card." + name.slice(3)), function () {
        kg.open(map, kg.neighbour(map, i, by), "." + name);
      });
    };
    var print = kg.button("kg-step kg-print", "", state.say("card.print"), function () { kg.printCard(map, i); });
    print.appendChild(kg.icon(kg.PRINTER));
    var close = kg.button("kg-step kg-close", "×", state.say("card.close"), function () { kg.close(map); });
    var buttons = [step("kg-previous", "‹", -1), step("kg-next", "›", 1), print, close];
    buttons.forEach(function (button) { button.title = button.getAttribute("aria-label"); });
    return el("header", "kg-card-head", "", [
      el("h2", "", state.village.title(i)),
      el("div", "kg-steps", "", buttons),
      el("p", "", kg.whereabouts(state, state.village.record(i))),
    ]);
  };

  /* The unit before or after: by rank, then in the order of the data; only those that the filter shows. */
  kg.neighbour = function (map, i, by) {
    var state = map.kumuhgis;
    var ranks = state.village.column("rank");
    var order = [];
    for (var n = 0; n < state.village.n; n++) {
      if (n === i || !state.shown || state.shown[n]) order.push(n);
    }
    order.sort(function (a, b) {
      return (ranks[a] === null ? 1e9 : ranks[a]) - (ranks[b] === null ? 1e9 : ranks[b]) || a - b;
    });
    return order[(order.indexOf(i) + by + order.length) % order.length];
  };

  kg.whereabouts = function (state, record) {
    var parts = [state.say("card.code", { code: record.unit })];
    ["kawasan", "desa", "kecamatan"].forEach(function (name) {
      if (kg.known(record.units[name])) parts.push(record.units[name]);
    });
    return parts.join(" · ");
  };

  /* Level, total, where it lies on the scale of the rule, and how far the limits are. */
  kg.badge = function (state, data, record) {
    var level = data.classes[record.level];
    return el("section", "kg-badge", "", [
      el("div", "", "", [kg.swatch(level), el("strong", "kg-level", level.label),
        el("span", "kg-total", kg.total(state, data, record))]),
      kg.scale(data, record),
      el("p", "kg-distance", kg.toLimits(state, data, record)),
      kg.known(record.summary.priority) && el("p", "", kg.standing(state, record.summary)),
    ]);
  };

  kg.standing = function (state, found) {
    return ["class", "priority", "rank"].filter(function (name) { return kg.known(found[name]); }).map(function (name) {
      return state.say("card." + name) + " " + found[name];
    }).join(" · ");
  };

  kg.levelNames = function (data, possible) {
    return possible.split(" | ").map(function (key) {
      var found = data.classes.filter(function (level) { return level.key === key; })[0];
      return found ? found.label : key;
    }).join(" – ");
  };

  /* The lowest and the highest total that are possible. */
  kg.span = function (record) {
    var found = record.summary;
    var exact = kg.known(found.total_score);
    return exact ? [found.total_score, found.total_score] : [found.total_low, found.total_high];
  };

  kg.scale = function (data, record) {
    var max = data.rule.max_total;
    var lower = data.rule.lower;
    var scale = el("div", "kg-scale");
    scale.setAttribute("aria-hidden", "true");
    lower.forEach(function (from, n) {
      var to = n + 1 < lower.length ? lower[n + 1] : max;
      var part = el("span", "kg-part");
      part.style.width = (100 * (to - from)) / max + "%";
      part.style.background = data.classes[n].fill;
      scale.appendChild(part);
    });
    lower.concat(max).forEach(function (limit) {
      scale.appendChild(el("small", "", limit)).style.left = (100 * limit) / max + "%";
    });
    var span = kg.span(record);
    if (kg.known(span[0]) && kg.known(span[1])) {
      var mark = el("i", span[0] === span[1] ? "kg-mark" : "kg-mark kg-range");
      mark.style.left = (100 * span[0]) / max + "%";
      mark.style.width = (100 * (span[1] - span[0])) / max + "%";
      scale.appendChild(mark);
    }
    return scale;
  };

  /* "3 angka lagi menjadi kumuh sedang (38); 6 angka di atas batas kumuh ringan (16)." */
  kg.toLimits = function (state, data, record) {
    var lower = data.rule.lower;
    var span = kg.span(record);
    var n = record.level;
    if (!kg.known(span[0])) return "";
    var words = { low: span[0], high: span[1] };
    var open = span[0] === span[1] ? "" : state.say("card.interval", words) + " ";
    if (n === lower.length) {
      return open + state.say("card.possible", { levels: kg.levelNames(data, record.summary.levels_possible || "") });
    }
    var limit = function (key, points, level) {
      return state.say("card." + key, { n: points, level: data.classes[level].label, limit: lower[level] });
    };
    var parts = [];
    if (n + 1 < lower.length) parts.push(limit("to_next", lower[n + 1] - span[1], n + 1));
    else parts.push(state.say("card.highest"));
    if (n > 0) parts.push(limit(span[0] === lower[n] ? "at_limit" : "above_limit", span[0] - lower[n], n));
    return (open && open + state.say("card.still") + " ") + parts.join("; ") + ".";
  };

  kg.figures = function (state, data, record) {
    var list = el("dl", "kg-figures");
    var units = record.units;
    var add = function (key, value, decimals, mark) {
      if (!kg.known(value)) return;
      list.appendChild(el("div", "", "", [
        el("dt", "", state.say("card." + key)),
        el("dd", "", state.say("card." + key + "_value", { n: state.number(value, decimals) })),
        mark ? el("dd", "kg-counts", state.say("card.counts")) : null,
      ]));
    };
    var used = kg.areaUsed(data, units);
    add("verified", units.verified_ha, 2, used === "verified_ha");
    add("measured", units.area_ha, 2, used === "area_ha");
    add("decreed", units.sk_ha, 2, used === "sk_ha");
    add("slum", record.summary.slum_ha, 2);
    add("population", units.population, 0);
    add("households", units.households, 0);
    add("buildings", units.buildings, 0);
    return list;
  };

  /* Which hectares count: as the project chose; where none were verified, those of the map. */
  kg.areaUsed = function (data, units) {
    var column = { measured: "area_ha", sk: "sk_ha" }[data.area] || "verified_ha";
    return column === "verified_ha" && !kg.known(units.verified_ha) ? "area_ha" : column;
  };

  /* What to know before one quotes the level: what is near, what is missing, what disagrees. */
  kg.notes = function (state, data, record) {
    var found = record.summary;
    var decided = record.level < data.rule.lower.length;
    var step = record.fragile
      ? el("p", "kg-note kg-warn", state.say("card.fragile", { sentence: record.fragile }))
      : decided && !record.certainty && el("p", "kg-note", state.say("card.firm"));
    return el("div", "kg-notes", "", [
      record.certainty && el("p", "kg-note kg-warn kg-certainty", record.certainty),
      step,
      kg.gaps(state, data, record),
      kg.known(found.sk_finding) && el("p", "kg-note kg-warn", state.say("sk_finding." + found.sk_finding)),
      kg.yes(found.authority_near_limit) && el("p", "kg-note kg-warn", state.say("card.near_authority")),
      kg.unitProblems(state, (data.problems || {})[record.unit]),
    ]);
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
    if (kg.known(deciding) && record.level === data.rule.lower.length) {
      var all = deciding === codes;
      box.appendChild(el("p", "", state.say(all ? "card.deciding_all" : "card.deciding", { codes: deciding })));
    }
    return box;
  };

  kg.unitProblems = function (state, found) {
    if (!found) return null;
    var list = el("ul", "", "", found.told.map(function (message) { return el("li", "", message); }));
    var left = found.n - found.told.length;
    if (left > 0) list.appendChild(el("li", "", state.say("more_problems", { n: left })));
    return el("div", "kg-note", "", [el("p", "", state.say("card.problems", { n: found.n })), list]);
  };
})();
