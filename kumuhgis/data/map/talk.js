/* The panel in which residents answer: choose a shape, draw, say what it is; list, download, open again. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var ICONS = { point: "M12 21s-7-6.5-7-12a7 7 0 0 1 14 0c0 5.5-7 12-7 12ZM12 11.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
    line: "M4 19 10 8l5 7 5-11", area: "M5 6 16 4l4 9-8 7-8-5Z" };

  kg.answering = function (map, id, lang) {
    var state = kg.on(map, lang);
    var data = kg.read(id);
    var talk = new kg.Talk(map, data);
    state.talk = talk;
    talk.tool = kg.tool(map, { id: "answers", icon: "M4 5h16v11H11l-5 4v-4H4ZM8 9h8M8 12h5", act: function () { talk.toggle(); } });
    var home = talk.tool.parentNode.querySelector("[data-tool=home]");
    if (home) home.after(talk.tool);
    talk.badge = talk.tool.appendChild(el("span", "kg-badge-count"));
    talk.answers.on(function (id) {
      if (id && talk.view === "form") talk._drawOne(talk.answers.get(id));
      else talk.show();
    });
    kg.whenVillage(map, function () { talk.show(); });
    map.on("kg:open", function () { if (talk.open) talk.close(); });
    window.addEventListener("beforeunload", function (event) {
      if (!talk.answers.unsaved()) return;
      event.preventDefault();
      event.returnValue = "";
    });
    map.getContainer().addEventListener("keydown", function (event) {
      var inside = talk.panel && (talk.panel.contains(event.target) || talk.drawing || talk.reshaped);
      if (event.key !== "Escape" || !inside) return;
      event.stopPropagation();
      if (talk.view === "list") talk.close();
      else talk._back();
    });
    kg.droppable(map, talk);
    talk.show();
    return talk;
  };

  kg.Talk = function (map, data) {
    this.map = map;
    this.data = data;
    this.state = map.kumuhgis;
    this.answers = new kg.Answers(data);
    this.drawn = L.layerGroup().addTo(map);
    this.view = "list";
  };

  kg.Talk.prototype = {
    say: function (key, values) {
      return this.state.say("answers." + key, values);
    },

    toggle: function () {
      if (this.open) this.close();
      else this.show("list", true);
    },

    close: function () {
      this._stop();
      this.open = false;
      this.view = "list";
      this.editing = null;
      if (this.panel) this.panel.remove();
      this.panel = null;
      this.map.getContainer().classList.remove("kg-talking");
      kg.press(this.tool, false);
      this._draw();
    },

    /* Show a view in the panel, and all answers on the map. */
    show: function (view, open) {
      if (open) {
        this.open = true;
        kg.close(this.map);
      }
      if (view) this.view = view;
      this._count();
      this._draw();
      if (!this.open || (!view && this.view !== "list")) return;
      if (!this.panel) this._panel();
      this.map.getContainer().classList.add("kg-talking");
      kg.press(this.tool, true);
      var body = this.body;
      var focused = this.panel.contains(document.activeElement);
      body.textContent = "";
      this.panel.setAttribute("data-view", this.view);
      this["_" + this.view]().forEach(function (part) { if (part) body.appendChild(part); });
      body.scrollTop = 0;
      if (focused) this.panel.focus({ preventScroll: true });
    },

    _panel: function () {
      var self = this;
      this.body = el("div", "kg-talk-body");
      this.panel = kg.box(this.state.left, el("section", "kg-talk", "", [
        el("header", "kg-talk-head", "", [el("h2", "", this.state.say("tool.answers")),
          kg.button("kg-step kg-close", "×", this.state.say("card.close"), function () { self.close(); })]),
        this.body,
      ]));
      this.panel.setAttribute("aria-label", this.state.say("tool.answers"));
      this.panel.addEventListener("click", function (event) { event.stopPropagation(); });
      this.panel.tabIndex = -1;
    },

    _count: function () {
      var n = this.answers.all().length;
      this.badge.textContent = n || "";
      this.badge.hidden = !n;
      this.tool.setAttribute("aria-label", this.state.say("tool.answers") + (n ? " (" + n + ")" : ""));
    },

    _kind: function (feature) {
      return this.data.kinds.filter(function (kind) { return kind.key === feature.properties.kind; })[0];
    },

    _place: function (feature) {
      var village = this.state.village;
      var i = village ? village.column("unit").indexOf(feature.properties.unit) : -1;
      return i >= 0 ? village.title(i) : "";
    },

    /* Every answer on the map but the one whose shape is being changed. */
    _draw: function () {
      this.drawn.clearLayers();
      this.shapes = {};
      this.answers.all().forEach(this._drawOne, this);
    },

    _drawOne: function (feature) {
      var self = this;
      var id = feature.id;
      if (this.shapes[id]) this.drawn.removeLayer(this.shapes[id]);
      if (id === this.reshaping) return;
      var kind = this._kind(feature);
      var label = kind.label + ": " + (feature.properties.text || "–");
      var how = Object.assign({ label: label, data: { answer: id } }, kg.answerPane(this.map));
      var shape = (this.shapes[id] = kg.answerShape(this.map, kind, feature.geometry, how));
      shape.kgMark.on("click", function () { if (!self.state.busy) self._edit(id, true); });
      shape.addTo(this.drawn);
    },

    /* The list: what can be drawn, what was answered, the file. */
    _list: function () {
      var self = this;
      var shapes = el("div", "kg-shapes", "", ["point", "line", "area"].map(function (kind) {
        var icon = kg.svg("svg", { viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" }, [kg.svg("path", { d: ICONS[kind],
          fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linejoin": "round", "stroke-linecap": "round" })]);
        var button = kg.button("kg-shape", "", "", function () { self._begin(kind); });
        button.appendChild(icon);
        button.appendChild(el("span", "", self.say("shape." + kind)));
        button.setAttribute("data-shape", kind);
        return button;
      }));
      var all = this.answers.all();
      return [
        el("p", "", this.say("begin")), shapes, this._told(),
        this.answers.lasting ? null : el("p", "kg-note kg-warn", this.say("not_lasting")),
        all.length ? el("h3", "", this.say("list", { n: all.length })) : null,
        all.length ? el("ul", "kg-answers", "", all.map(function (feature) { return self._item(feature); })) : null,
        this._files(),
      ];
    },

    /* What happened last: a file that was read, an answer that was deleted and can be had back. */
    _told: function () {
      var self = this;
      if (!this.said) return null;
      var told = el("p", this.said.bad ? "kg-note kg-warn" : "kg-note", this.said.text);
      told.setAttribute("role", "status");
      if (this.said.undo) told.appendChild(kg.button("kg-second", this.say("undo"), "", function () {
        var back = self.said.undo;
        self.said = null;
        self.answers.put(back);
      }));
      return told;
    },

    _item: function (feature) {
      var self = this;
      var own = feature.properties;
      var kind = this._kind(feature);
      var place = this._place(feature) || (this.state.village && this.say("nowhere"));
      var facts = [place, own.criterion, own.group].filter(Boolean).join(" · ");
      var go = kg.button("kg-answer-go", "", "", function () { self._zoom(feature); });
      go.appendChild(kg.mark(kind, 20));
      go.appendChild(el("span", "", "", [el("strong", "", own.text || kind.label), el("small", "", facts)]));
      go.setAttribute("aria-label", this.say("zoom", { text: own.text || kind.label }));
      var item = el("li", "", "", [go,
        kg.button("kg-second", this.say("edit"), "", function () { self._edit(feature.id); }),
        kg.button("kg-second", "×", this.say("remove"), function () { self._remove(feature.id); })]);
      item.setAttribute("data-answer", feature.id);
      return item;
    },

    _zoom: function (feature) {
      var box = L.geoJSON(feature.geometry).getBounds();
      this.map.fitBounds(box, Object.assign({ maxZoom: 19, animate: false }, kg.room(this.map)));
    },

    _files: function () {
      var self = this;
      var input = el("input");
      input.type = "file";
      input.multiple = true;
      input.accept = ".geojson,.json";
      input.hidden = true;
      input.addEventListener("change", function () { kg.openFiles(self, input.files); });
      var unsaved = this.answers.unsaved();
      var all = this.answers.all().length;
      var download = kg.button("kg-main", this.say("download"), "", function () { self._download(); });
      download.disabled = !all;
      var state = !all ? "nothing" : unsaved ? "unsaved" : "all_saved";
      return el("div", "kg-files", "", [
        el("p", "kg-where", this.say(state, { n: unsaved })),
        el("div", "kg-acts", "", [download, kg.button("kg-second", this.say("open"), "", function () { input.click(); }), input]),
      ]);
    },

    _download: function () {
      var link = el("a");
      link.href = URL.createObjectURL(new Blob([this.answers.file()], { type: "application/geo+json" }));
      link.download = kg.fileName(this.data.desa, this.answers.device);
      this.map.getContainer().appendChild(link);
      link.click();
      link.remove();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
      this.said = null;
      this.answers.saved();
    },

    _begin: function (kind) {
      var self = this;
      this.said = null;
      this.shape = kind;
      this.drawing = kg.draw(this.map, kind, {
        changed: function (corners, least) {
          if (self.finish) self.finish.disabled = corners < least;
          if (self.undo) self.undo.disabled = !corners;
        },
        done: function (geometry) { self._drawn(geometry); },
      });
      kg.take(this.map, "answers", function () { self._back(); });
      this.show("drawing");
    },

    /* While drawing: what to do, and buttons that a finger finds. */
    _drawing: function () {
      var self = this;
      var cancel = kg.button("kg-second", this.say("cancel"), "", function () { self._back(); });
      if (this.shape === "point") return [el("p", "", this.say("hint.point")), el("div", "kg-acts", "", [cancel])];
      this.finish = kg.button("kg-main", this.say("finish"), "", function () { self.drawing.finish(); });
      this.undo = kg.button("kg-second", this.say("last_corner"), "", function () { self.drawing.back(); });
      this.finish.disabled = this.undo.disabled = true;
      return [el("p", "", this.say("hint." + this.shape)), el("div", "kg-acts", "", [this.finish, this.undo, cancel])];
    },

    _drawn: function (geometry) {
      this._stop();
      var village = this.state.village;
      var i = village ? kg.unitOf(village, geometry) : -1;
      var feature = this.answers.make(geometry, i >= 0 ? village.record(i).unit : "");
      feature.properties.group = this.group || "";
      this.answers.put(feature);
      this._edit(feature.id, false, true);
    },

    /* Open the form of an answer; `fresh` if it was drawn just now, so that cancelling takes it away. */
    _edit: function (id, open, fresh) {
      this.said = null;
      this.editing = { id: id, fresh: fresh, before: JSON.stringify(this.answers.get(id)) };
      this.show("form", open);
      this.map.panInside(kg.middle(this.answers.get(id).geometry), kg.room(this.map));
      if (fresh && !L.Browser.mobile) this.body.querySelector("textarea").focus({ preventScroll: true });
    },

    _form: function () {
      var self = this;
      var feature = this.answers.get(this.editing.id);
      if (!feature) return this._list();
      return [kg.answerForm(this.state, {
        feature: feature, data: this.data, groups: this.answers.groups(), unit: this._place(feature),
        put: function (changed) { self.answers.put(changed); },
        save: function () { self._back(); },
        cancel: function () { self._takeBack(); },
        reshape: function () { self._reshape(feature); },
        remove: function () { self._remove(feature.id); },
      })];
    },

    _takeBack: function () {
      var was = this.editing;
      if (was.fresh) this.answers.remove(was.id);
      else this.answers.put(JSON.parse(was.before));
      this._back();
    },

    _reshape: function (feature) {
      var self = this;
      this.reshaping = feature.id;
      var stop = kg.reshape(this.map, feature.geometry, this._kind(feature));
      this.reshaped = function (keep) {
        var geometry = stop();
        self.reshaping = self.reshaped = null;
        if (!keep) return;
        var i = self.state.village ? kg.unitOf(self.state.village, geometry) : -1;
        feature.geometry = geometry;
        feature.properties.unit = i >= 0 ? self.state.village.record(i).unit : "";
        self.answers.put(feature);
      };
      kg.take(this.map, "answers", function () { self._back(); });
      this.show("moving");
    },

    _moving: function () {
      var self = this;
      var end = function (keep) {
        return function () {
          self.reshaped(keep);
          self._stop();
          self.show("form");
        };
      };
      return [el("p", "", this.say("hint.moving")), el("div", "kg-acts", "", [
        kg.button("kg-main", this.say("finish"), "", end(true)), kg.button("kg-second", this.say("cancel"), "", end(false))])];
    },

    _remove: function (id) {
      this.said = { text: this.say("removed"), undo: this.answers.get(id) };
      this.editing = null;
      this.view = "list";
      this.answers.remove(id);
    },

    /* Back to the list; what was typed stays. */
    _back: function () {
      var feature = this.editing && this.answers.get(this.editing.id);
      if (feature) this.group = feature.properties.group;
      this._stop();
      this.editing = null;
      if (this.open) this.show("list");
    },

    _stop: function () {
      if (this.drawing) this.drawing.stop();
      if (this.reshaped) this.reshaped(false);
      this.drawing = this.finish = this.undo = null;
      kg.release(this.map, "answers");
    },
  };

  /* "tanggapan-jaten-2026-11-22-3f2a.geojson": the end tells laptops apart, so that files do not overwrite each other. */
  kg.fileName = function (desa, device) {
    var plain = desa.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "-");
    plain = plain.replace(/^-+|-+$/g, "").slice(0, 40) || "desa";
    return ["tanggapan", plain, kg.now().slice(0, 10), device.replace(/[^a-z0-9]/gi, "").slice(0, 4)].join("-") + ".geojson";
  };

  /* Read files one after the other and say what came of them. */
  kg.openFiles = function (talk, files) {
    var lines = [];
    var bad = false;
    Array.prototype.reduce.call(files, function (before, file) {
      return before.then(function () {
        if (file.size > 20e6) throw { key: "large" };
        return file.text();
      }).then(function (content) {
        var count = talk.answers.take(content);
        lines.push(talk.say("taken", Object.assign({ file: file.name }, count)) + (count.skipped ? " " + talk.say("skipped", { n: count.skipped }) : ""));
      }).catch(function (error) {
        if (!error.key) throw error;
        bad = true;
        lines.push(talk.say("refused." + error.key, { file: file.name }));
      });
    }, Promise.resolve()).then(function () {
      talk._stop();
      talk.said = { text: lines.join(" "), bad: bad };
      talk.show("list", true);
    });
  };

  kg.droppable = function (map, talk) {
    var container = map.getContainer();
    var files = function (event) { return event.dataTransfer && Array.prototype.indexOf.call(event.dataTransfer.types, "Files") >= 0; };
    container.addEventListener("dragover", function (event) { if (files(event)) event.preventDefault(); });
    container.addEventListener("drop", function (event) {
      if (!files(event)) return;
      event.preventDefault();
      kg.openFiles(talk, event.dataTransfer.files);
    });
  };
})();
