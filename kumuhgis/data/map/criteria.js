/* The lower part of the card: the criteria with their bars, and what follows from the level. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;

  kg.criteria = function (state, data, record) {
    var box = el("section", "kg-criteria", "", [
      el("h3", "", state.say("card.criteria", { n: data.rule.criteria.length })),
      el("p", "kg-hint", kg.bandWords(state, data.rule.bands)),
    ]);
    data.rule.aspects.forEach(function (aspect, n) {
      box.appendChild(kg.aspect(state, data, record, aspect, record.means[n]));
    });
    return box;
  };

  /* "Garis pada batang: nilai 1 mulai 25 %, nilai 3 mulai 51 %, …" */
  kg.bandWords = function (state, bands) {
    return state.say("card.bands", {
      bands: bands.lower.map(function (limit, n) {
        return state.say("card.band", { score: bands.score[n + 1], limit: kg.short(state, limit, 2) });
      }).join(", "),
    });
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
    row.appendChild(el("div", "kg-name", "", [
      el("b", "", criterion.code),
      el("span", "", criterion.name),
      kg.scoreChip(state, found, known),
    ]));
    row.appendChild(kg.bar(found, known, data.rule.bands.lower));
    kg.figureLines(state, found, criterion, known).forEach(function (line) { row.appendChild(el("p", "", line)); });
    return row;
  };

  kg.scoreChip = function (state, found, known) {
    var score = known
      ? state.number(found.score)
      : state.number(found.score_low) + "–" + state.number(found.score_high);
    var chip = el("span", "kg-score", score);
    chip.title = state.say("card.score");
    chip.setAttribute("aria-label", state.say("card.score") + " " + score);
    chip.setAttribute("role", "img");
    if (known) chip.setAttribute("data-score", found.score);
    return chip;
  };

  /* A bar from 0 to 100 %, with a tick where the score rises. */
  kg.bar = function (found, known, limits) {
    var bar = el("div", "kg-bar");
    bar.setAttribute("aria-hidden", "true");
    if (known) {
      var part = el("i", found.percent > 100 ? "kg-over" : "");
      part.style.width = Math.max(0, Math.min(100, found.percent)) + "%";
      part.setAttribute("data-score", found.score);
      bar.appendChild(part);
    }
    limits.forEach(function (limit) {
      bar.appendChild(el("s")).style.left = limit + "%";
    });
    return bar;
  };

  /* "26,67 % · 12 dari 45 unit (tabel)"; a second line where the other source says something else. */
  kg.figureLines = function (state, found, criterion, known) {
    var percent = known ? state.number(found.percent, 2) + "\u00a0%" : state.say("card.no_data");
    var used = kg.volume(state, criterion, found.affected, found.total, found.source);
    var lines = [[percent, used].filter(Boolean).join(" · ")];
    ["table", "geometry"].forEach(function (source) {
      if (source === found.source) return;
      var affected = found[source + "_affected"];
      var total = found[source + "_total"];
      var other = kg.volume(state, criterion, affected, total, source);
      if (!other || !kg.known(total)) return;
      if (affected === found.affected && total === found.total) {
        lines[0] += " " + state.say("card.same_source", { source: state.say("source." + source) });
        return;
      }
      var share = total ? state.number((100 * affected) / total, 2) : "–";
      lines.push(state.say("card.other_source", { volume: other, percent: share }));
    });
    return lines;
  };

  kg.volume = function (state, criterion, affected, total, source) {
    if (!kg.known(affected)) return "";
    var decimals = criterion.unit === "ha" ? 4 : 1;
    return state.say(kg.known(source) ? "card.volume" : "card.volume_plain", {
      affected: kg.short(state, affected, decimals),
      total: kg.short(state, total, decimals),
      unit: criterion.unit,
      source: state.has("source." + source) ? state.say("source." + source) : source,
    });
  };

  kg.consequences = function (state, record) {
    var found = record.summary;
    var list = el("dl", "kg-facts");
    var add = function (key, value) {
      if (!kg.known(value)) return;
      list.appendChild(el("dt", "", state.say("card." + key)));
      list.appendChild(el("dd", "", typeof value === "number" ? state.number(value) : value));
    };
    add("class", found["class"]);
    add("priority", found.priority);
    add("rank", found.rank);
    add("handling", found.handling);
    add("consideration", kg.known(found.consideration)
      ? found.consideration + (kg.known(found.consideration_score) ? " (" + found.consideration_score + ")" : "")
      : null);
    kg.legalityFacts(state, found, add);
    add("authority", found.authority);
    add("typology", found.typology);
    if (kg.known(found.sk_status)) {
      var key = "sk_status." + found.sk_status;
      add("sk", state.has(key) ? state.say(key, { share: kg.share(state, found.sk_share) }) : found.sk_status);
    }
    var why = record.why ? el("p", "kg-why", record.why) : null;
    return el("section", "kg-consequences", "", [el("h3", "", state.say("card.consequences")), why, list]);
  };

  kg.legalityFacts = function (state, found, add) {
    add("legal", kg.known(found.legal) ? state.say(kg.yes(found.legal) ? "card.is_legal" : "card.not_legal") : "–");
    add("tenure", kg.sign(state, "tenure", found.tenure_sign, found.tenure_clear_share));
    add("plan", kg.sign(state, "plan", found.plan_sign, found.plan_conforming_share));
    if (kg.known(found.setback_ha)) {
      add("setback", found.setback_ha > 0
        ? state.say("card.ha", { n: state.number(found.setback_ha, 2) })
        : state.say("no"));
    }
  };

  kg.yes = function (value) {
    return value === true || value === 1 || value === "True" || value === "legal";
  };

  kg.share = function (state, share) {
    return kg.known(share) ? kg.short(state, 100 * share, 1) + "\u00a0%" : "–";
  };

  kg.sign = function (state, kind, sign, share) {
    var shown = sign === "+" ? "(+)" : sign === "-" ? "(−)" : "(?)";
    if (!kg.known(sign) && !kg.known(share)) return state.say("card.unknown_sign");
    if (!kg.known(share)) return shown;
    return shown + " " + state.say("card." + kind + "_share", { share: kg.share(state, share) });
  };
})();
