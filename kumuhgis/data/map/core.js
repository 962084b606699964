/* kumuhgis on a page: texts, numbers and elements. Every text reaches the page as text, never as HTML. */
(function () {
  "use strict";
  var kg = (window.kumuhgis = window.kumuhgis || {});

  kg.read = function (id) {
    return JSON.parse(document.getElementById(id).textContent);
  };

  /* The maps of the page, in the order in which they were made. */
  kg.maps = [];

  /* What belongs to one map: its language, its layers and its corners. Made once, shared by all layers. */
  kg.on = function (map, lang) {
    if (!map.kumuhgis) {
      var texts = kg.read("kumuhgis-" + lang);
      map.kumuhgis = {
        layers: [],
        say: function (key, values) {
          var said = texts[key] === undefined ? key : texts[key];
          return said.replace(/\{(\w+)\}/g, function (whole, name) {
            return values && values[name] !== undefined ? values[name] : whole;
          });
        },
        has: function (key) {
          return texts[key] !== undefined;
        },
        number: function (value, decimals) {
          return kg.number(value, decimals, texts["decimal"], texts["thousands"]);
        },
      };
      kg.corners(map);
      kg.maps.push(map);
    }
    return map.kumuhgis;
  };

  kg.known = function (value) {
    return value !== undefined && value !== null && value !== "";
  };

  kg.number = function (value, decimals, point, thousands) {
    if (!kg.known(value)) return "–";
    var parts = Math.abs(value).toFixed(decimals || 0).split(".");
    var whole = parts[0].replace(/\B(?=(\d{3})+$)/g, thousands);
    var sign = value < 0 && Number(parts.join(".")) !== 0 ? "−" : "";
    return sign + whole + (parts[1] ? point + parts[1] : "");
  };

  /* As many decimals as a figure has, but not more than asked for. */
  kg.short = function (state, value, most) {
    if (!kg.known(value)) return "–";
    var decimals = 0;
    value = Number(value.toFixed(most));
    while (decimals < most && Math.abs(value - Number(value.toFixed(decimals))) > 1e-9) decimals += 1;
    return state.number(value, decimals);
  };

  /* An element with a class, a text and children: kg.el("p", "note", "text", [child, ...]). */
  kg.el = function (tag, name, text, children) {
    var made = document.createElement(tag);
    if (name) made.className = name;
    if (kg.known(text)) made.textContent = text;
    (children || []).forEach(function (child) {
      if (child) made.appendChild(child);
    });
    return made;
  };

  kg.svg = function (tag, attributes, children) {
    var made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.keys(attributes || {}).forEach(function (name) {
      made.setAttribute(name, attributes[name]);
    });
    (children || []).forEach(function (child) {
      made.appendChild(child);
    });
    return made;
  };

  kg.button = function (name, text, label, act) {
    var made = kg.el("button", name, text);
    made.type = "button";
    if (label) made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  };

  /* The corners of the map, which hold title and card (left) and legend (right); small on a phone. */
  kg.corners = function (map) {
    var state = map.kumuhgis;
    var container = map.getContainer();
    container.classList.add("kg-map");
    state.left = kg.el("div", "kg-side kg-left");
    state.right = kg.el("div", "kg-side kg-right");
    container.insertBefore(state.right, container.firstChild);
    container.insertBefore(state.left, state.right);
    var fit = function () {
      var size = map.getSize();
      container.classList.toggle("kg-small", size.x < 760);
      container.classList.toggle("kg-wide", kg.wide(size));
      container.style.setProperty("--kg-height", map.getSize().y + "px");
    };
    map.on("resize", fit);
    fit();
  };

  /* A phone on its side: title and card stand beside the map, not over it. */
  kg.wide = function (size) {
    return size.x >= 640 && size.x < 760 && size.x > 1.4 * size.y;
  };

  /* A box on a side that can be touched without moving the map. */
  kg.box = function (side, box) {
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    side.appendChild(box);
    return box;
  };
})();
