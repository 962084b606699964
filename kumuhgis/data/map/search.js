/* Finding a unit by what people write: "rt 3 rw 2", "3/2", "RW IV", "bulu", a code. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var MOST = 8;
  var ROMAN = /^(?=[ivx])x{0,3}(ix|iv|v?i{0,3})$/;
  var KINDS = /^(desa|ds|kel|kelurahan|kecamatan|kec|kawasan|kws|dusun|dsn|dukuh|kode|no|nomor)$/;
  var KIND_COLUMNS = { rt: "rt", rw: "rw", dusun: "dusun", dsn: "dusun", dukuh: "dusun", desa: "desa", ds: "desa",
    kelurahan: "desa", kel: "desa", kecamatan: "kecamatan", kec: "kecamatan", kawasan: "kawasan", kws: "kawasan" };
  var MARKS = new RegExp("[\\u0300-\\u036f]", "g");

  /* Words without accents and case, letters apart from digits: "RT03/RW 02" is rt, 03, rw, 02. */
  function words(text) {
    var plain = String(text).normalize("NFD").replace(MARKS, "").toLowerCase();
    return plain.replace(/(\d)(?=[a-z])|([a-z])(?=\d)/g, "$& ").split(/[^a-z0-9\u00c0-\u1fff]+/).filter(Boolean);
  }

  function roman(word) {
    var worth = { i: 1, v: 5, x: 10 };
    return word.split("").reduce(function (sum, letter, n, all) {
      return sum + (worth[all[n + 1]] > worth[letter] ? -1 : 1) * worth[letter];
    }, 0);
  }

  /* What was written: numbers of RT and RW, and the words that are left. */
  kg.readLabel = function (text) {
    var found = { rt: [], rw: [], bare: [], words: [] };
    var key = "bare";
    words(text).forEach(function (word) {
      if (word === "rt" || word === "rw") key = word;
      else if (key === "name") {
        found.words.push(word);
        key = "bare";
      } else if (KINDS.test(word)) key = "name";
      else if (/^\d{1,3}$/.test(word)) found[key].push(Number(word));
      else if (key !== "bare" && ROMAN.test(word)) found[key].push(roman(word));
      else found.words.push(word);
    });
    if (found.rt.length === 2 && !found.rw.length && /\//.test(text)) found.rw = [found.rt.pop()];
    if (found.bare.length && !found.rt.length) found.rt = found.rw.length ? found.bare : found.bare.slice(0, 1);
    if (found.bare.length === 2 && !found.rw.length) found.rw = found.bare.slice(1);
    var range = /(\d+)\s*(?:-|–|s\.?\/?d\.?|sampai)\s*(\d+)/i.exec(text);
    if (range && found.rt.length === 2) for (var n = found.rt[0] + 1; n < found.rt[1]; n++) found.rt.push(n);
    return found;
  };

  /* Everything by which the units of a village are found; made once. */
  kg.finder = function (village) {
    if (!village.finder) village.finder = new kg.Finder(village);
    return village.finder;
  };

  kg.Finder = function (village) {
    this.village = village;
    this.units = [];
    this.names = ["dusun", "desa", "kawasan"].concat(kg.several(village.column("kecamatan")) ? ["kecamatan"] : []);
    this.places = {};
    var codes = village.column("unit");
    for (var i = 0; i < village.n; i++) this.units.push(this.entry(i, codes[i]));
  };

  kg.Finder.prototype.entry = function (i, code) {
    var village = this.village;
    var title = village.title(i);
    var label = title === code ? { rt: [], rw: [], words: [] } : kg.readLabel(title);
    var names = this.names.map(function (name) { return village.column(name)[i]; });
    var kinds = ["dusun", "desa", "kecamatan", "kawasan"].filter(function (name) {
      return kg.known(village.column(name)[i]) && village.column(name)[i] !== "";
    }).concat(["rt", "rw"].filter(function (name) { return label[name].length; }));
    return {
      kinds: kinds, rt: label.rt, rw: label.rw, code: String(code).replace(/\D/g, ""), written: words(title).join(" "),
      words: label.words.concat(this.wordsOf(names.filter(kg.known).join(" ")), /[a-z]/i.test(code) ? words(code) : []),
    };
  };

  /* Many units share their place. */
  kg.Finder.prototype.wordsOf = function (place) {
    if (!this.places[place]) this.places[place] = words(place);
    return this.places[place];
  };

  /* How well a unit fits what was written: 0 is best, -1 not at all. */
  function rank(entry, asked) {
    var best = -1;
    var add = function (value) { if (best < 0 || value < best) best = value; };
    if (asked.code && entry.code.indexOf(asked.code) >= 0) {
      add(entry.code === asked.code ? 0 : entry.code.indexOf(asked.code) ? 5 : 3);
    }
    if (asked.plain && entry.written === asked.plain) add(0);
    if (asked.kind && entry.kinds.indexOf(asked.kind) >= 0) add(3);
    var near = asked.words.map(function (word) { return nearness(entry.words, word); });
    if (near.indexOf(-1) >= 0 || !(asked.rt.length + asked.rw.length + near.length)) return best;
    if (!has(entry.rw, asked.rw)) return best;
    var worst = Math.max.apply(null, near.concat(0));
    if (has(entry.rt, asked.rt)) add(worst);
    else if (asked.alone && has(entry.rw, asked.rt)) add(4);
    return best;
  }

  function has(numbers, wanted) {
    return wanted.every(function (number) { return numbers.indexOf(number) >= 0; });
  }

  function nearness(all, word) {
    if (all.indexOf(word) >= 0) return 0;
    if (all.some(function (one) { return one.indexOf(word) === 0; })) return 1;
    return word.length > 2 && all.some(function (one) { return one.indexOf(word) > 0; }) ? 2 : -1;
  }

  function ask(text) {
    var asked = kg.readLabel(text);
    var trimmed = text.trim();
    asked.code = /^[\d.]{5,}$/.test(trimmed) ? trimmed.replace(/\D/g, "") : "";
    asked.plain = words(trimmed).join(" ");
    asked.kind = KIND_COLUMNS[asked.plain] || "";
    asked.alone = asked.bare.length === 1 && !asked.rw.length;
    return asked;
  }

  /* A test of one unit, as the filter of the table needs it. */
  kg.Finder.prototype.test = function (text) {
    var asked = ask(text);
    var units = this.units;
    return function (i) { return rank(units[i], asked) >= 0; };
  };

  /* Numbers of the units that fit, the best first. */
  kg.Finder.prototype.find = function (text) {
    var asked = ask(text);
    var hits = [];
    this.units.forEach(function (entry, i) {
      var value = rank(entry, asked);
      if (value >= 0) hits.push([value, i]);
    });
    hits.sort(function (a, b) { return a[0] - b[0] || a[1] - b[1]; });
    return hits.map(function (hit) { return hit[1]; });
  };

  /* The box: a field in the row of tools; on a phone it unfolds over the title. */
  kg.searchTool = function (map) {
    kg.whenVillage(map, function (village) { new kg.Search(map, village); });
  };

  kg.Search = function (map, village) {
    var state = map.kumuhgis;
    var self = this;
    this.map = map;
    this.village = village;
    this.hits = [];
    this.active = 0;
    var id = "kg-hits-" + map._leaflet_id;
    this.input = this.field(id);
    this.list = el("ul", "kg-hits");
    this.list.id = id;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", state.say("search.hits"));
    this.status = el("p", "kg-unseen");
    this.status.setAttribute("role", "status");
    this.drop = el("div", "kg-drop", "", [this.list, this.status]);
    var away = kg.button("kg-close", "×", state.say("search.close"), function () { self.fold(true); });
    this.box = kg.box(map.getContainer(), el("div", "kg-search", "", [this.input, away, this.drop]));
    this.box.setAttribute("role", "search");
    this.button = kg.tool(map, {
      id: "search", key: "/", icon: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 21 21",
      act: function () { self.unfold(); },
    });
    map.on("resize", this.place, this);
    this.place();
    this.close();
  };

  kg.Search.prototype.field = function (id) {
    var say = this.map.kumuhgis.say;
    var self = this;
    var input = el("input");
    input.type = "search";
    input.placeholder = say("search.hint");
    input.title = say("search.title");
    var said = {
      role: "combobox", "aria-label": say("search.label"), "aria-controls": id, "aria-autocomplete": "list",
      "aria-expanded": "false", autocomplete: "off", spellcheck: "false", enterkeyhint: "search", maxlength: "80",
    };
    Object.keys(said).forEach(function (name) { input.setAttribute(name, said[name]); });
    input.addEventListener("input", function () { self.look(); });
    input.addEventListener("focus", function () { if (input.value) self.look(); });
    input.addEventListener("blur", function () { self.close(); });
    input.addEventListener("keydown", function (event) { self.key(event); });
    return input;
  };

  /* In the row of tools where there is room, else over the title. */
  kg.Search.prototype.place = function () {
    var container = this.map.getContainer();
    var small = container.classList.contains("kg-small");
    var tools = this.map.kumuhgis.tools;
    var home = small ? container : tools;
    if (this.box.parentNode !== home) home.insertBefore(this.box, small ? null : home.firstChild);
    if (!small) this.button.remove();
    else if (tools.firstChild !== this.button) tools.insertBefore(this.button, tools.firstChild);
    this.box.hidden = small && !this.box.contains(document.activeElement);
  };

  kg.Search.prototype.unfold = function () {
    this.box.hidden = false;
    this.input.focus();
    this.input.select();
  };

  kg.Search.prototype.fold = function (back) {
    this.close();
    if (this.box.parentNode === this.map.kumuhgis.tools) return;
    this.box.hidden = true;
    if (back) this.button.focus();
  };

  kg.Search.prototype.look = function () {
    var text = this.input.value.trim();
    if (!text) return this.close();
    var found = kg.finder(this.village).find(text);
    this.hits = found.slice(0, MOST);
    this.active = 0;
    this.draw();
    var say = this.map.kumuhgis.say;
    this.status.textContent = !found.length
      ? say("search.none")
      : say(found.length > MOST ? "search.more" : "search.found", { n: found.length, shown: this.hits.length });
    this.drop.classList.add("kg-dropped");
    this.status.className = found.length && found.length <= MOST ? "kg-unseen" : "kg-hits-said";
  };

  kg.Search.prototype.draw = function () {
    var self = this;
    this.list.textContent = "";
    this.hits.forEach(function (i, n) {
      var hit = self.hit(i);
      hit.id = self.list.id + "-" + n;
      hit.setAttribute("role", "option");
      hit.addEventListener("pointerdown", function (event) { event.preventDefault(); });
      hit.addEventListener("click", function (event) {
        event.stopPropagation();
        self.choose(i);
      });
      self.list.appendChild(hit);
    });
    this.list.hidden = !this.hits.length;
    this.drop.classList.toggle("kg-dropped", this.hits.length > 0);
    this.input.setAttribute("aria-expanded", String(this.hits.length > 0));
    this.mark();
  };

  /* Colour of the level, name, and the places that tell units of one name apart. */
  kg.Search.prototype.hit = function (i) {
    var village = this.village;
    var code = village.column("unit")[i];
    var places = ["dusun", "desa", "kawasan"].filter(function (name) {
      return kg.known(village.column(name)[i]) && kg.several(village.column(name));
    }).map(function (name) { return village.column(name)[i]; });
    if (!places.length && village.title(i) !== code) places = [code];
    return el("li", "", "", [
      kg.swatch(village.data.classes[village.column("level")[i]]),
      el("span", "", village.title(i)),
      el("small", "", places.join(" · ")),
    ]);
  };

  kg.Search.prototype.mark = function () {
    var active = this.active;
    [].forEach.call(this.list.children, function (hit, n) { hit.setAttribute("aria-selected", String(n === active)); });
    var chosen = this.list.children[active];
    if (!chosen) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  };

  kg.Search.prototype.key = function (event) {
    var n = this.hits.length;
    var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!n) return this.look();
      this.active = (this.active + step + n) % n;
      this.mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!n) this.look();
      if (this.hits.length) this.choose(this.hits[this.active]);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (this.status.textContent) {
        event.preventDefault();
        this.close();
      } else this.fold(true);
    }
  };

  kg.Search.prototype.close = function () {
    this.hits = [];
    this.draw();
    this.status.textContent = "";
    this.status.className = "kg-unseen";
  };

  kg.Search.prototype.choose = function (i) {
    this.input.value = this.village.title(i);
    this.fold(false);
    kg.goTo(this.map, i);
  };
})();
