/* What lies below the village: paper, a photo or tiles out of the page, or OpenStreetMap. One at a time. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var VEIL = 0.7;

  /* data: kind (image, tiles, online), name, note, attribution, show, and what the kind needs. */
  kg.basemap = function (map, id, lang) {
    var state = kg.on(map, lang);
    var data = kg.read(id);
    var base = { id: id, data: data };
    base.drawn = KINDS[data.kind](data, {
      pane: kg.pane(map, { id: "base", z: 210 }),
      attribution: kg.el("span", "", data.attribution).innerHTML,
    });
    if (data.kind === "online") kg.watchTiles(map, base);
    state.bases = (state.bases || []).concat([base]);
    if (data.show) kg.lay(map, base);
    kg.panel(map);
    return base.drawn;
  };

  var KINDS = {
    image: function (data, how) {
      return L.imageOverlay(data.src, data.bounds, how);
    },
    tiles: function (data, how) {
      var zooms = { minNativeZoom: data.zooms[0], maxNativeZoom: data.zooms[data.zooms.length - 1], maxZoom: 24 };
      return new Tiles(Object.assign({ kgData: data, bounds: data.bounds }, zooms, how));
    },
    online: function (data, how) {
      return L.tileLayer(data.url, Object.assign({ maxNativeZoom: 19, maxZoom: 24 }, how));
    },
  };

  /* Tiles out of the page; where a fine one is missing, the part of a coarser one. */
  var Tiles = L.GridLayer.extend({
    createTile: function (at) {
      var data = this.options.kgData;
      var holder = el("div", "kg-tile");
      for (var up = 0; at.z - up >= data.zooms[0]; up++) {
        var found = data.tiles[[at.z - up, at.x >> up, at.y >> up].join("/")];
        if (found === undefined) continue;
        var picture = el("img");
        var wide = Math.pow(2, up);
        picture.alt = "";
        picture.style.width = picture.style.height = 100 * wide + "%";
        picture.style.left = -100 * (at.x % wide) + "%";
        picture.style.top = -100 * (at.y % wide) + "%";
        picture.src = data.pictures[found];
        holder.appendChild(picture);
        break;
      }
      return holder;
    },
  });

  /* Show one base, or paper (null). */
  kg.lay = function (map, base) {
    var state = map.kumuhgis;
    if (state.base) map.removeLayer(state.base.drawn);
    state.base = base;
    if (base) base.drawn.addTo(map);
    kg.veil(map);
    map.fire("kg:base");
  };

  /* Tiles that do not come leave paper, and the legend says why. */
  kg.watchTiles = function (map, base) {
    var failed = function (yes) {
      if (Boolean(base.failed) === yes) return;
      base.failed = yes;
      kg.veil(map);
      kg.showBases(map);
      map.fire("kg:base");
    };
    base.drawn.on("tileerror", function () { if (!base.loaded) failed(true); });
    base.drawn.on("tileload", function () { base.loaded = true; failed(false); });
  };

  /* Whether anything but paper lies below: a base of ours, or tiles that somebody else put on the map. */
  kg.onPicture = function (map) {
    var base = map.kumuhgis.base;
    var found = Boolean(base) && !base.failed;
    map.eachLayer(function (layer) {
      found = found || (layer instanceof L.GridLayer && !(base && layer === base.drawn));
    });
    return found;
  };

  /* Full colour on paper, as in the legend; lighter where a picture lies below, as much as the reader likes. */
  kg.veil = function (map) {
    var state = map.kumuhgis;
    var veil = state.veil === undefined ? VEIL : state.veil;
    var picture = kg.onPicture(map);
    var opacity = picture ? veil : 1;
    map.getContainer().classList.toggle("kg-on-picture", picture);
    state.layers.forEach(function (entry) {
      var pane = map.getPane("kg-" + entry.data.id);
      if (entry.data.exclusive && pane) pane.style.opacity = opacity;
    });
  };

  /* The part of the legend that chooses the base, at the end of the list. */
  kg.bases = function (map, state, list) {
    if (!state.veiled) {
      state.veiled = true;
      map.on("layeradd layerremove", function (event) {
        if (!(event.layer instanceof L.GridLayer)) return;
        kg.veil(map);
        kg.showBases(map);
      });
    }
    kg.veil(map);
    state.baseBox = el("div");
    list.appendChild(state.baseBox);
    kg.showBases(map);
  };

  kg.showBases = function (map) {
    var state = map.kumuhgis;
    var bases = state.bases || [];
    if (!state.baseBox) return;
    state.baseBox.textContent = "";
    if (!bases.length && !kg.onPicture(map)) return;
    var box = el("fieldset", "kg-group", "", [el("legend", "", state.say("group.base"))]);
    if (bases.length) bases.slice().reverse().concat([null]).forEach(function (base) {
      box.appendChild(kg.baseRow(map, state, base));
    });
    if (kg.onPicture(map)) box.appendChild(kg.veilSlider(map, state));
    state.baseBox.appendChild(box);
  };

  kg.baseRow = function (map, state, base) {
    var input = el("input");
    input.type = "radio";
    input.name = "kg-base-" + map._leaflet_id;
    input.checked = (state.base || null) === base;
    input.setAttribute("data-base", base ? base.data.kind : "paper");
    input.addEventListener("change", function () {
      kg.lay(map, base);
      kg.showBases(map);
      state.baseBox.querySelector("input:checked").focus();
    });
    var said = [];
    if (base && base.failed) said.push(state.say("base.failed"));
    if (base && kg.known(base.data.note)) said.push(base.data.note);
    return el("div", "kg-layer", "", [
      el("label", "", "", [input, el("span", "", base ? base.data.name : state.say("base.paper"))]),
      input.checked && said.length ? el("p", "kg-base-note", said.join(" ")) : null,
    ]);
  };

  kg.veilSlider = function (map, state) {
    var input = el("input");
    input.type = "range";
    input.min = 20;
    input.max = 100;
    input.step = 5;
    input.value = 100 * (state.veil === undefined ? VEIL : state.veil);
    input.addEventListener("input", function () {
      state.veil = input.value / 100;
      kg.veil(map);
    });
    return el("label", "kg-veil", "", [el("span", "", state.say("base.veil")), input]);
  };
})();
