/* Names of the units: as long as there is room for, none over another, the large units first. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var MOST = 1000;
  var LINE = 15; // pixels

  kg.Labels = L.Layer.extend({
    initialize: function (village) {
      this._village = village;
      this._forms = [];
      this._brush = kg.el("canvas").getContext("2d");
      var boxes = village.shapes.boxes();
      var size = function (i) { return (boxes[4 * i + 2] - boxes[4 * i]) * (boxes[4 * i + 3] - boxes[4 * i + 1]); };
      this._order = [];
      for (var i = 0; i < village.n; i++) if (village.drawn(i)) this._order.push(i);
      this._order.sort(function (a, b) { return size(b) - size(a); });
    },

    onAdd: function (map) {
      this._box = kg.el("div", "kg-label leaflet-zoom-hide");
      this._box.setAttribute("aria-hidden", "true");
      map.getPane(kg.labelPane(map)).appendChild(this._box);
      this._brush.font = "700 12.5px " + getComputedStyle(map.getContainer()).fontFamily;
      this._place();
    },

    onRemove: function () {
      this._box.remove();
    },

    getEvents: function () {
      return { moveend: this._place, viewreset: this._place, resize: this._place, "kg:filter": this._place };
    },

    _place: function () {
      var map = this._map;
      var scale = map.options.crs.scale(map.getZoom()) / 360e6; // pixels of a millionth of a degree
      var boxes = this._village.shapes.boxes();
      var bounds = map.getBounds().pad(0.1);
      var shown = map.kumuhgis && map.kumuhgis.shown;
      var taken = [];
      var larger = parseFloat(getComputedStyle(map.getContainer()).getPropertyValue("--kg-text")) || 1;
      if (larger !== this._larger) this._forms = [];
      this._larger = larger;
      this._line = LINE * larger;
      this._box.textContent = "";
      for (var j = 0; j < this._order.length && taken.length < MOST; j++) {
        var i = this._order[j];
        var wide = 0.8 * scale * (boxes[4 * i + 2] - boxes[4 * i]);
        var high = 0.9 * scale * (boxes[4 * i + 3] - boxes[4 * i + 1]);
        if (wide < 10 || high < this._line || (shown && !shown[i])) continue;
        var centre = this._village.centre(i);
        var form = bounds.contains(centre) && this._form(i, wide, high);
        if (form) this._set(map.latLngToLayerPoint(centre), form, taken);
      }
    },

    /* Show a name, unless it would lie on another. */
    _set: function (at, form, taken) {
      var box = [at.x - form.wide / 2, at.y - form.high / 2, at.x + form.wide / 2, at.y + form.high / 2];
      var over = taken.some(function (other) {
        return box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1];
      });
      if (over) return;
      taken.push(box);
      var name = form.lines ? kg.name(form.text) : kg.el("span", "", form.text);
      name.style.left = Math.round(at.x) + "px";
      name.style.top = Math.round(at.y) + "px";
      if (form.width) name.style.width = form.width + "px";
      if (form.lines) name.className = "kg-narrow";
      this._box.appendChild(name);
    },

    /* The longest form that has room: text, wide, high, lines, width; a name without a shorter form is cut. */
    _form: function (i, wide, high) {
      var forms = this._forms[i] || (this._forms[i] = this._make(this._village.title(i)));
      for (var k = 0; k < forms.length; k++) {
        var form = forms[k];
        if (form.wide <= wide && form.high <= high) return form;
      }
      if (forms.short || wide < 50 * this._larger) return null;
      return { text: forms[0].text, wide: 0.9 * wide, high: this._line, width: Math.round(0.9 * wide) };
    },

    _make: function (title) {
      var brush = this._brush;
      var larger = this._larger;
      var line = this._line;
      var width = function (text) { return larger * brush.measureText(text).width + 4; };
      var forms = [{ text: title, wide: width(title), high: line }];
      var broken = /^(.*\d\/|.*\d(?=\s+RW))(.*\d)\s*$/i.exec(title);
      if (broken) {
        var narrow = Math.max(width(broken[1]), width(broken[2].trim()));
        forms.push({ text: title, wide: narrow, high: 2 * line, lines: 2, width: Math.ceil(narrow) });
      }
      kg.shorter(title).forEach(function (text) {
        forms.push({ text: text, wide: width(text), high: line });
        forms.short = true;
      });
      return forms;
    },
  });

  /* Shorter ways to write the name of a unit: "RT 003/RW 004" is 003/004 and 003; of a code the last number stays. */
  kg.shorter = function (title) {
    var numbers = title.match(/\d+/g) || [];
    if (/^\s*RT\W*\d+\W*RW\W*\d+\s*$/i.test(title)) return [numbers.join("/"), numbers[0]];
    if (/^\s*(RT|RW)\W*\d+\s*$/i.test(title)) return [numbers[0]];
    if (/^[\d.\-\/ ]+$/.test(title)) return [title.slice(-3).replace(/^\D+/, "")];
    return [];
  };

  /* "RT 03/RW 02" may break after its stroke. */
  kg.name = function (title) {
    var name = kg.el("span");
    title.match(/[^/]*\/|[^/]+/g).forEach(function (part, n) {
      if (n) name.appendChild(kg.el("wbr"));
      name.appendChild(document.createTextNode(part));
    });
    return name;
  };

  kg.labelPane = function (map) {
    if (!map.getPane("kg-labels")) {
      map.createPane("kg-labels").style.zIndex = 440;
      map.getPane("kg-labels").style.pointerEvents = "none";
    }
    return "kg-labels";
  };
})();
