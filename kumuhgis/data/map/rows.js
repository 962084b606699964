/* The rows of the table without their looks: columns, filter, order, totals and the file for a spreadsheet. */
(function () {
  "use strict";
  var kg = window.kumuhgis;

  kg.collator = new Intl.Collator("id", { numeric: true, sensitivity: "base" });

  /* columns: id, label, values (one per unit, null where unknown), show(i) as text, decimals (of numbers). */
  kg.Rows = function (state, village) {
    this.state = state;
    this.village = village;
    this.theme = null;
    this.columns = columnsOf(state, village);
  };

  function columnsOf(state, village) {
    var make = function (id, values, how) { return kg.tableColumn(state, state.say("table." + id), id, values, how); };
    var from = function (id, name, decimals) { return make(id, village.column(name), { decimals: decimals }); };
    var places = ["desa", "kawasan"].filter(function (name) { return kg.several(village.column(name)); });
    var rest = [
      from("area", "area_used_ha", 2), slumColumn(state, village, make), from("population", "population", 0),
      from("households", "households", 0), from("class", "class"), from("priority", "priority", 0),
      from("rank", "rank", 0), legalColumn(state, village, make),
    ].filter(function (column) { return column.values.some(kg.known) || column.id === "slum"; });
    return [nameColumn(village, make)]
      .concat(places.map(function (name) { return from(name, name); }))
      .concat([levelColumn(village, make), totalColumn(state, village, make)], rest);
  }

  /* how: decimals; show(i); cell(i), the value for a spreadsheet; mark(i), a class of the legend; places in the order. */
  kg.tableColumn = function (state, label, id, values, how) {
    var decimals = how && how.decimals;
    return Object.assign({
      id: id,
      label: label,
      values: values,
      show: function (i) {
        if (!kg.known(values[i])) return "–";
        return decimals === undefined ? String(values[i]) : state.number(values[i], decimals);
      },
      cell: function (i) { return values[i]; },
    }, how);
  };

  /* Names are in order by desa, RW, RT, and those without numbers by their letters. */
  function nameColumn(village, make) {
    var names = [];
    for (var i = 0; i < village.n; i++) names.push(village.title(i));
    var units = kg.finder(village).units;
    var desa = village.column("desa");
    var compare = kg.collator.compare;
    var order = names.map(function (name, i) { return i; }).sort(function (a, b) {
      return compare(desa[a] || "", desa[b] || "") || numbers(units[a].rw, units[b].rw) ||
        numbers(units[a].rt, units[b].rt) || compare(names[a], names[b]) || a - b;
    });
    var places = [];
    order.forEach(function (i, place) { places[i] = place; });
    return make("unit", names, { places: places });
  }

  function numbers(a, b) {
    return (a.length ? a[0] : Infinity) - (b.length ? b[0] : Infinity) || 0;
  }

  /* What cannot be determined stands behind every level. */
  function levelColumn(village, make) {
    var codes = village.column("level");
    var classes = village.data.classes;
    var label = function (i) { return classes[codes[i]].label; };
    var known = codes.map(function (code) { return code < village.data.rule.lower.length ? code : null; });
    return make("level", known, { show: label, cell: label, mark: function (i) { return classes[codes[i]]; } });
  }

  /* An open total is a range; its place in the order is that of its lower end. */
  function totalColumn(state, village, make) {
    var total = village.column("total_score");
    var low = village.column("total_low");
    var high = village.column("total_high");
    var values = total.map(function (value, i) { return kg.known(value) ? value : low[i]; });
    var open = function (i) { return !kg.known(total[i]) && kg.known(low[i]); };
    var range = function (i) { return state.number(low[i]) + "–" + state.number(high[i]); };
    return make("total", values, {
      decimals: 0,
      show: function (i) { return open(i) ? range(i) : state.number(values[i]); },
      cell: function (i) { return open(i) ? range(i) : values[i]; },
    });
  }

  /* Slum hectares lie between none and all of the area while it is open whether the unit is slum. */
  function slumColumn(state, village, make) {
    var slum = village.column("slum_ha");
    var area = village.column("area_used_ha");
    var open = function (i) { return !kg.known(slum[i]) && kg.known(area[i]); };
    var range = function (i) { return "0–" + state.number(area[i], 2); };
    return make("slum", slum, {
      decimals: 2,
      show: function (i) { return open(i) ? range(i) : state.number(slum[i], 2); },
      cell: function (i) { return open(i) ? range(i) : slum[i]; },
    });
  }

  function legalColumn(state, village, make) {
    return make("legal", village.column("legal").map(function (value) {
      return kg.known(value) ? state.say(kg.yes(value) ? "card.is_legal" : "card.not_legal") : null;
    }));
  }

  kg.several = function (values) {
    var first = null;
    return values.some(function (value) {
      if (!kg.known(value)) return false;
      if (first === null) first = value;
      return value !== first;
    });
  };

  /* A theme of the map is one more column, unless the table has it: id, name, classes, codes (the class of each unit). */
  kg.Rows.prototype.setTheme = function (theme) {
    var own = theme && (theme.id === "levels" || this.columns.some(function (column) { return column.id === theme.id; }));
    this.theme = theme && !own ? themeColumn(this.state, this.village, theme) : null;
  };

  function themeColumn(state, village, theme) {
    var parts = theme.id.split(":");
    var mark = function (i) { return theme.classes[theme.codes[i]]; };
    var how = { mark: mark, title: theme.name };
    if (parts.length === 2) {
      how.decimals = parts[0] === "score" ? 0 : 2;
      var label = state.say("table." + parts[0], { n: parts[1] });
      return kg.tableColumn(state, label, theme.id, village.column(theme.id), how);
    }
    how.show = how.cell = function (i) { return mark(i).label; };
    var last = theme.classes.length - 1;
    var codes = Array.from(theme.codes, function (code) { return code < last ? code : null; });
    return kg.tableColumn(state, theme.name, theme.id, codes, how);
  }

  kg.Rows.prototype.all = function () {
    return this.theme ? this.columns.concat([this.theme]) : this.columns;
  };

  /* Which units are shown; filter: text, and by column the wanted value (as text, "?" for unknown, "" for all). */
  kg.Rows.prototype.filtered = function (filter) {
    var village = this.village;
    var tests = Object.keys(filter).filter(function (name) { return name !== "text" && filter[name]; })
      .map(function (name) {
        var values = village.column(name);
        return function (i) { return (kg.known(values[i]) ? String(values[i]) : "?") === filter[name]; };
      });
    if (filter.text && filter.text.trim()) tests.push(kg.finder(village).test(filter.text));
    var shown = [];
    for (var i = 0; i < village.n; i++) shown.push(tests.every(function (test) { return test(i); }));
    return shown;
  };

  /* The choices of a filter with their counts, in order; "?" is what is not known. */
  kg.Rows.prototype.choices = function (name) {
    var counts = {};
    this.village.column(name).forEach(function (value) {
      var key = kg.known(value) ? String(value) : "?";
      counts[key] = (counts[key] || 0) + 1;
    });
    return Object.keys(counts)
      .sort(function (a, b) { return (a === "?") - (b === "?") || kg.collator.compare(a, b); })
      .map(function (key) { return { key: key, count: counts[key] }; });
  };

  /* Numbers of the shown units in the order of a column; what is empty comes last either way. */
  kg.Rows.prototype.sorted = function (shown, id, down) {
    var column = this.all().filter(function (one) { return one.id === id; })[0];
    var order = [];
    shown.forEach(function (yes, i) { if (yes) order.push(i); });
    if (!column) return order;
    var values = column.places || column.values;
    return order.sort(function (a, b) {
      var x = values[a];
      var y = values[b];
      if (!kg.known(x) || !kg.known(y)) return kg.known(y) - kg.known(x) || a - b;
      var by = typeof x === "number" && typeof y === "number" ? x - y : kg.collator.compare(x, y);
      return (down ? -by : by) || a - b;
    });
  };

  /* Sums over the shown units: {n, area, slum, population, households}, each {low, high, missing}. */
  kg.Rows.prototype.totals = function (shown) {
    var village = this.village;
    var sum = function (low, high) {
      var out = { low: 0, high: 0, missing: 0 };
      shown.forEach(function (yes, i) {
        if (!yes) return;
        if (kg.known(high[i])) {
          out.low += low[i];
          out.high += high[i];
        } else out.missing += 1;
      });
      return out;
    };
    var of = function (name) { return sum(village.column(name), village.column(name)); };
    var slum = village.column("slum_ha");
    var area = village.column("area_used_ha");
    var open = function (other) {
      return slum.map(function (value, i) { return kg.known(value) || !kg.known(area[i]) ? value : other(i); });
    };
    return {
      n: shown.filter(Boolean).length,
      area: of("area_used_ha"),
      slum: sum(open(function () { return 0; }), open(function (i) { return area[i]; })),
      population: of("population"),
      households: of("households"),
    };
  };

  /* A file that the spreadsheets of the page's language open by a double click; every text stays text. */
  kg.Rows.prototype.csv = function (order) {
    var state = this.state;
    var point = state.say("decimal");
    var separator = point === "," ? ";" : ",";
    var village = this.village;
    var columns = [kg.tableColumn(state, state.say("table.code"), "code", village.column("unit"))]
      .concat(this.all());
    var cell = function (column, i) {
      var value = column.cell(i);
      if (!kg.known(value)) return "";
      return typeof value === "number" ? String(value).replace(".", point) : kg.cellText(value);
    };
    var quote = function (text) {
      return /[";,\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
    };
    var lines = [columns.map(function (column) { return quote(kg.cellText(column.label)); })];
    order.forEach(function (i) {
      lines.push(columns.map(function (column) { return quote(cell(column, i)); }));
    });
    return "\ufeff" + lines.map(function (line) { return line.join(separator) + "\r\n"; }).join("");
  };

  /* What a spreadsheet would take for a formula, a date or a shortened number gets an apostrophe, as in our tables;
     "003/002" is written out as RT and RW. */
  kg.cellText = function (text) {
    var label = /^(\d{1,3})\/(\d{1,3})$/.exec(text);
    if (label) return "RT " + label[1] + "/RW " + label[2];
    if (/^\d+[\/.\-]\d+([\/.\-]\d+)?$|^0\d+$|^\d{16,}$/.test(text)) return "'" + text;
    return String(text).replace(/\r\n?/g, "\n").replace(/(^|[;\t\n|])(\s*[=+\-@\t])/g, "$1'$2");
  };
})();
