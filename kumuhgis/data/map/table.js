/* The table of all units beside the map: a drawer below it, on a phone a sheet over it. Only the rows in sight are made. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var FILTERS = ["level", "priority", "desa", "kawasan"];
  var SPARE = 6;

  kg.tableTool = function (map) {
    kg.whenVillage(map, function (village) {
      var table = (map.kumuhgis.table = new kg.Table(map, village));
      table.button = kg.tool(map, {
        id: "table", key: "t", icon: "M3 5h18v14H3zM3 10h18M3 14.5h18M9 5v14",
        act: function () { table.toggle(); },
      });
      kg.press(table.button, false);
    });
  };

  /* Pixels that the drawer takes from the bottom of the map. */
  kg.drawer = function (map) {
    var table = map.kumuhgis.table;
    return table && table.open && !table.small() ? table.box.offsetHeight : 0;
  };

  kg.Table = function (map, village) {
    this.map = map;
    this.village = village;
    this.state = map.kumuhgis;
    this.filter = { text: "" };
    this.by = { id: "unit", down: false };
    this.open = false;
    this.active = 0;
    this.order = [];
    map.on("kg:open", function (event) { this.mark(event.unit); }, this);
    map.on("kg:close", this.unmark, this);
    map.on("kg:theme", function (event) { this.setTheme(event.theme); }, this);
    map.on("resize", function () { if (this.open) this.fit(); }, this);
  };

  kg.Table.prototype.small = function () {
    return this.map.getContainer().classList.contains("kg-small");
  };

  kg.Table.prototype.toggle = function () {
    if (this.open) this.hide(true);
    else this.show();
  };

  kg.Table.prototype.show = function () {
    if (!this.box) this.build();
    this.turn(true);
    this.reveal(this.order.indexOf(this.state.card ? this.state.chosen : -1));
    this.grid.focus({ preventScroll: true });
  };

  kg.Table.prototype.hide = function (back) {
    this.turn(false);
    if (back) this.button.focus();
  };

  /* A village that is in sight as a whole stays so. */
  kg.Table.prototype.turn = function (open) {
    var home = this.state.home;
    var whole = home && !this.state.card && this.map.getBounds().contains(home);
    this.open = open;
    this.box.hidden = !open;
    this.map.getContainer().classList.toggle("kg-tabled", open);
    kg.press(this.button, open);
    this.drawChip();
    if (open) this.fit();
    if (whole) kg.fit(this.map, home, { animate: false });
  };

  /* Rows are higher where fingers choose them. */
  kg.Table.prototype.fit = function () {
    var container = this.map.getContainer();
    var height = this.map.getSize().y;
    var letters = Number(getComputedStyle(container).getPropertyValue("--kg-text")) || 1;
    var other = letters !== this.letters;
    this.letters = letters;
    this.row = Math.round((this.small() ? 40 : 29) * this.letters);
    var wanted = Math.round(Math.max(170, Math.min(this.wanted || height * 0.38, height * 0.75)));
    container.style.setProperty("--kg-drawer", (this.small() ? 0 : wanted) + "px");
    container.style.setProperty("--kg-row", this.row + "px");
    if (other) this.drawHead();
    this.draw();
  };

  kg.Table.prototype.build = function () {
    var say = this.state.say;
    var self = this;
    this.rows = new kg.Rows(this.state, this.village);
    this.shown = this.rows.filtered(this.filter);
    this.rows.setTheme(this.state.theme);
    this.count = el("span", "kg-table-count");
    this.count.setAttribute("role", "status");
    this.fields = this.makeFilters();
    this.clear = kg.button("kg-plain", say("table.clear"), "", function () {
      self.reset();
      self.fields.firstChild.focus();
    });
    this.head = el("thead");
    this.body = el("tbody");
    this.foot = el("tfoot");
    this.widths = el("colgroup");
    this.grid = el("table", "", "", [this.widths, this.head, this.body, this.foot]);
    this.scroll = el("div", "kg-table-scroll", "", [this.grid]);
    this.box = kg.box(this.map.getContainer(), el("section", "kg-table", "", [
      this.makeHandle(),
      el("header", "", "", [
        el("h2", "", say("tool.table")), this.count, this.fields, this.clear,
        kg.button("kg-plain", "CSV", say("table.csv"), function () { self.download(); }),
        kg.button("kg-close", "×", say("table.close"), function () { self.hide(true); }),
      ]),
      this.scroll,
    ]));
    this.box.setAttribute("aria-label", say("tool.table"));
    this.listen();
    this.refresh(false);
  };

  kg.Table.prototype.listen = function () {
    var self = this;
    var waiting = false;
    this.grid.setAttribute("role", "grid");
    this.grid.setAttribute("aria-label", this.state.say("table.label"));
    this.grid.tabIndex = 0;
    this.grid.addEventListener("keydown", function (event) { self.key(event); });
    this.box.addEventListener("keydown", function (event) {
      var field = event.target.tagName === "SELECT" || (event.target.tagName === "INPUT" && event.target.value);
      if (event.key === "Escape" && !field) self.hide(true);
    });
    this.scroll.addEventListener("scroll", function () {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(function () {
        waiting = false;
        self.draw();
      });
    });
    this.body.addEventListener("click", function (event) {
      var row = event.target.closest("tr[data-row]");
      if (row) self.choose(Number(row.getAttribute("data-row")));
    });
  };

  /* The upper edge can be drawn up and down, also by the arrow keys. */
  kg.Table.prototype.makeHandle = function () {
    var self = this;
    var handle = el("div", "kg-handle");
    var set = function (height) {
      self.wanted = height;
      self.fit();
    };
    handle.setAttribute("role", "separator");
    handle.setAttribute("aria-orientation", "horizontal");
    handle.setAttribute("aria-label", this.state.say("table.height"));
    handle.tabIndex = 0;
    handle.addEventListener("pointerdown", function (event) { handle.setPointerCapture(event.pointerId); });
    handle.addEventListener("pointermove", function (event) {
      if (handle.hasPointerCapture(event.pointerId)) set(self.map.getContainer().getBoundingClientRect().bottom - event.clientY);
    });
    handle.addEventListener("keydown", function (event) {
      var step = { ArrowUp: 30, ArrowDown: -30 }[event.key];
      if (!step) return;
      event.preventDefault();
      set(self.box.offsetHeight + step);
    });
    return handle;
  };

  kg.Table.prototype.makeFilters = function () {
    var self = this;
    var village = this.village;
    var say = this.state.say;
    var later = null;
    var text = el("input");
    text.type = "search";
    text.placeholder = say("table.text");
    text.setAttribute("aria-label", say("table.text"));
    text.addEventListener("input", function () {
      clearTimeout(later);
      later = setTimeout(function () { self.set("text", text.value); }, 120);
    });
    var fields = FILTERS.filter(function (name) { return kg.several(village.column(name)) || name === "level"; })
      .map(function (name) { return self.makeSelect(name); });
    return el("div", "kg-table-filters", "", [text].concat(fields));
  };

  kg.Table.prototype.makeSelect = function (name) {
    var self = this;
    var state = this.state;
    var classes = this.village.data.classes;
    var select = el("select");
    select.setAttribute("data-filter", name);
    select.setAttribute("aria-label", state.say("table." + name));
    var add = function (value, label) {
      var option = el("option", "", label);
      option.value = value;
      select.appendChild(option);
    };
    add("", state.say("table.all_" + name));
    this.rows.choices(name).forEach(function (choice) {
      var label = name === "level" ? classes[choice.key].label : choice.key;
      if (name === "priority" && choice.key !== "?") label = state.say("table.priority_n", { n: choice.key });
      add(choice.key, (choice.key === "?" ? state.say("table.unknown") : label) + " (" + state.number(choice.count) + ")");
    });
    select.addEventListener("change", function () { self.set(name, select.value); });
    return select;
  };

  kg.Table.prototype.set = function (name, value) {
    this.filter[name] = value;
    this.refresh(true);
  };

  kg.Table.prototype.reset = function () {
    this.filter = { text: "" };
    [].forEach.call(this.fields.children, function (field) { field.value = ""; });
    this.refresh(true);
  };

  kg.Table.prototype.filtering = function () {
    var filter = this.filter;
    return Object.keys(filter).some(function (name) { return filter[name].trim(); });
  };

  /* Choose and order the rows anew; the map follows a change of the filter. */
  kg.Table.prototype.refresh = function (changed) {
    this.shown = this.rows.filtered(this.filter);
    this.order = this.rows.sorted(this.shown, this.by.id, this.by.down);
    this.active = Math.max(0, this.order.indexOf(this.state.card ? this.state.chosen : -1));
    if (changed) {
      kg.filter(this.map, this.filtering() ? this.shown : null);
      this.scroll.scrollTop = 0;
    }
    var n = { n: this.state.number(this.order.length), of: this.state.number(this.village.n) };
    this.count.textContent = this.state.say(this.order.length ? "table.count" : "table.nothing", n);
    this.clear.hidden = !this.filtering();
    this.drawFoot();
    this.body.textContent = "";
    this.draw();
  };

  kg.Table.prototype.setTheme = function (theme) {
    if (!this.rows) return;
    this.rows.setTheme(theme);
    var by = this.by.id;
    if (!this.rows.all().some(function (column) { return column.id === by; })) this.by = { id: "unit", down: false };
    this.drawHead();
    this.refresh(false);
  };

  kg.Table.prototype.drawHead = function () {
    var self = this;
    var row = el("tr");
    row.setAttribute("aria-rowindex", "1");
    this.widths.textContent = "";
    this.head.textContent = "";
    var totals = this.rows.totals(this.shown);
    var all = 0;
    this.rows.all().forEach(function (column) {
      var wide = self.width(column, totals[column.id]);
      all += wide;
      var col = el("col");
      col.style.width = wide + "px";
      self.widths.appendChild(col);
      var head = el("th", column.decimals === undefined ? "" : "kg-number", "", [
        kg.button("", column.label, "", function () { self.sort(column.id); }),
      ]);
      if (column.title) head.title = column.title;
      head.setAttribute("scope", "col");
      head.setAttribute("data-column", column.id);
      row.appendChild(head);
    });
    this.grid.style.minWidth = all + "px";
    this.head.appendChild(row);
    this.markSort();
  };

  /* Pixels for the heading, the sum, and the longest text among (at most two thousand) cells. */
  kg.Table.prototype.width = function (column, total) {
    var longest = total ? kg.sum(this.state, total, column) + "*" : "";
    var step = Math.ceil(this.village.n / 2000);
    for (var i = 0; i < this.village.n; i += step) {
      var text = column.show(i);
      if (text.length > longest.length) longest = text;
    }
    var cell = this.ink(longest) + (column.mark ? 33 : 0);
    return Math.ceil(Math.min(190 * this.letters, Math.max(this.ink(column.label) + 16, cell)) + 16);
  };

  /* How wide a text is in bold letters of the table. */
  kg.Table.prototype.ink = function (text) {
    var pen = (this.pen = this.pen || document.createElement("canvas").getContext("2d"));
    pen.font = "700 13px " + getComputedStyle(this.map.getContainer()).fontFamily;
    return pen.measureText(text).width * this.letters;
  };

  kg.Table.prototype.sort = function (id) {
    this.by = { id: id, down: this.by.id === id && !this.by.down };
    this.scroll.scrollTop = 0;
    this.markSort();
    this.refresh(false);
  };

  kg.Table.prototype.markSort = function () {
    var by = this.by;
    [].forEach.call(this.head.querySelectorAll("th"), function (head) {
      var sorted = head.getAttribute("data-column") === by.id;
      head.setAttribute("aria-sort", sorted ? (by.down ? "descending" : "ascending") : "none");
    });
  };

  kg.Table.prototype.drawFoot = function () {
    var state = this.state;
    var totals = this.rows.totals(this.shown);
    var row = el("tr");
    this.rows.all().forEach(function (column, n) {
      var total = totals[column.id];
      var text = { unit: state.say("table.sum"), level: state.say("table.units", { n: state.number(totals.n) }) }[column.id];
      var cell = el(n ? "td" : "th", column.decimals === undefined ? "" : "kg-number", total ? kg.sum(state, total, column) : text);
      cell.setAttribute("data-column", column.id);
      if (total && total.missing) {
        cell.title = state.say("table.missing", { n: state.number(total.missing) });
        cell.appendChild(el("abbr", "", "*")).title = cell.title;
      }
      row.appendChild(cell);
    });
    this.foot.textContent = "";
    this.foot.appendChild(row);
  };

  kg.sum = function (state, total, column) {
    var low = state.number(total.low, column.decimals);
    var high = state.number(total.high, column.decimals);
    return low === high ? low : low + "–" + high;
  };

  /* Make the rows that are in sight, with empty rows for the height of the others; a row that is there stays, so that
     a click that began on it ends on it. */
  kg.Table.prototype.draw = function () {
    if (!this.open) return;
    var from = Math.max(0, Math.floor(this.scroll.scrollTop / this.row) - SPARE);
    var to = Math.min(this.order.length, from + Math.ceil(this.scroll.clientHeight / this.row) + 2 * SPARE);
    var columns = this.rows.all();
    if (!this.body.firstChild) this.body.appendChild(gap()).parentNode.appendChild(gap());
    var above = this.body.firstChild;
    var below = this.body.lastChild;
    [].slice.call(this.body.children, 1, -1).forEach(function (row) {
      var n = Number(row.getAttribute("data-row"));
      if (n < from || n >= to) row.remove();
    });
    for (var n = from, next = above.nextSibling; n < to; n++) {
      if (next === below || Number(next.getAttribute("data-row")) !== n) {
        next = this.body.insertBefore(this.makeRow(n, columns), next);
      }
      this.markRow(next, n);
      next = next.nextSibling;
    }
    this.stretch(above, from);
    this.stretch(below, this.order.length - to);
    this.grid.setAttribute("aria-rowcount", String(this.order.length + 1));
    if (this.order.length) this.grid.setAttribute("aria-activedescendant", this.rowId(this.active));
    else this.grid.removeAttribute("aria-activedescendant");
  };

  function gap() {
    var row = el("tr", "kg-gap");
    row.setAttribute("aria-hidden", "true");
    return row;
  }

  kg.Table.prototype.stretch = function (row, n) {
    row.style.height = n * this.row + "px";
    row.hidden = !n;
  };

  kg.Table.prototype.rowId = function (n) {
    return "kg-row-" + this.map._leaflet_id + "-" + n;
  };

  kg.Table.prototype.makeRow = function (n, columns) {
    var i = this.order[n];
    var row = el("tr");
    row.id = this.rowId(n);
    row.setAttribute("data-row", n);
    row.setAttribute("aria-rowindex", String(n + 2));
    columns.forEach(function (column, at) {
      var text = column.show(i);
      var cell = el(at ? "td" : "th", column.decimals === undefined ? "" : "kg-number", text);
      if (!at) cell.setAttribute("scope", "row");
      if (text.length > 20) cell.title = text;
      if (column.mark) cell.insertBefore(kg.swatch(column.mark(i)), cell.firstChild);
      row.appendChild(cell);
    });
    return row;
  };

  kg.Table.prototype.markRow = function (row, n) {
    var chosen = Boolean(this.state.card) && this.state.chosen === this.order[n];
    row.classList.toggle("kg-active", n === this.active);
    row.classList.toggle("kg-chosen-row", chosen);
    row.setAttribute("aria-selected", String(chosen));
  };

  kg.Table.prototype.key = function (event) {
    if (event.target !== this.grid) return;
    var page = Math.max(1, Math.floor(this.scroll.clientHeight / this.row) - 3);
    var last = this.order.length - 1;
    var to = {
      ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page, PageUp: this.active - page,
      Home: 0, End: last,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.reveal(Math.max(0, Math.min(last, to)));
    } else if (event.key === "Enter" && this.order.length) this.choose(this.active);
  };

  /* Make a row the active one and bring it into sight. */
  kg.Table.prototype.reveal = function (n) {
    if (n < 0) return this.draw();
    this.active = n;
    var top = n * this.row;
    var room = this.scroll.clientHeight - this.head.offsetHeight - this.foot.offsetHeight;
    if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
    else if (top + this.row > this.scroll.scrollTop + room) this.scroll.scrollTop = top + this.row - room;
    this.draw();
  };

  kg.Table.prototype.choose = function (n) {
    this.active = n;
    this.from = this.order[n];
    if (this.small()) this.hide(false);
    kg.goTo(this.map, this.order[n]);
  };

  kg.Table.prototype.mark = function (i) {
    if (this.open) this.reveal(this.order.indexOf(i));
  };

  /* The keyboard comes back to the row from which a card was opened. */
  kg.Table.prototype.unmark = function (event) {
    if (!this.open) return;
    this.draw();
    if (event.unit !== this.from) return;
    this.from = null;
    if (event.focus) this.grid.focus({ preventScroll: true });
  };

  /* While the table is away, a filter stays in sight and can be taken off. */
  kg.Table.prototype.drawChip = function () {
    var self = this;
    var state = this.state;
    if (this.chip) this.chip.remove();
    this.chip = null;
    if (this.open || !this.filtering()) return;
    var say = state.say("table.filtered", { n: state.number(this.order.length), of: state.number(this.village.n) });
    this.chip = kg.box(kg.footOf(this.map), el("div", "kg-chip", "", [
      el("span", "", say),
      kg.button("kg-close", "×", state.say("table.clear"), function () {
        self.reset();
        self.drawChip();
        self.button.focus();
      }),
    ]));
  };

  kg.Table.prototype.download = function () {
    var file = new Blob([this.rows.csv(this.order)], { type: "text/csv;charset=utf-8" });
    var link = el("a");
    link.href = URL.createObjectURL(file);
    link.download = this.state.say("table.file") + ".csv";
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  };
})();
