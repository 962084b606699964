/* For everyone: what is said aloud, less movement, larger letters, and the arrows between the units. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var SIZES = [1, 1.2, 1.4];

  /* Whether the reader asked for less movement. */
  kg.calm = function () {
    return Boolean(window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches);
  };

  /* Say a text to those who listen to the page. */
  kg.announce = function (map, text) {
    map.kumuhgis.live.textContent = text;
  };

  kg.accessible = function (map, title) {
    var state = map.kumuhgis;
    var container = map.getContainer();
    state.live = kg.el("div", "kg-unseen");
    state.live.setAttribute("aria-live", "polite");
    container.appendChild(state.live);
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", title);
    container.addEventListener("keydown", kg.arrows);
    if (kg.calm()) {
      map._zoomAnimated = false;
      map.options.inertia = map.options.fadeAnimation = false;
    }
  };

  /* Units are one stop of the Tab key; the arrows go from unit to unit. */
  kg.arrows = function (event) {
    var by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    var path = event.target;
    if (!by || !path.matches("path[data-unit]")) return;
    var all = Array.prototype.slice.call(path.parentNode.querySelectorAll("path[data-unit]"));
    var next = all[(all.indexOf(path) + by + all.length) % all.length];
    kg.focusUnit(next);
    event.preventDefault();
    event.stopPropagation();
  };

  /* Letters in three sizes; panels grow with them. */
  kg.textSize = function (map) {
    if (!(window.CSS && CSS.supports("zoom", "1.2"))) return;
    var at = 0;
    var container = map.getContainer();
    var button = kg.tool(map, {
      id: "textsize", icon: "M2 18 7 6l5 12M4 14h6M15 18l3.5-8 3.5 8M16.500 15.500h4",
      act: function () {
        at = (at + 1) % SIZES.length;
        container.style.setProperty("--kg-text", SIZES[at]);
        container.classList.toggle("kg-large", at > 0);
        kg.press(button, at > 0);
        map.fire("resize", { oldSize: map.getSize(), newSize: map.getSize() });
        if (map.getSize().x < 760 && map.kumuhgis.home) kg.fit(map, map.kumuhgis.home);
        kg.announce(map, map.kumuhgis.say("text_size", { percent: Math.round(100 * SIZES[at]) }));
      },
    });
  };
})();
