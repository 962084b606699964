/* The row of tools: one button each, added by the script that does the work. */
(function () {
  "use strict";
  var kg = window.kumuhgis;

  /* tool: id, icon (a path on 24 × 24), act, key (a letter that does the same). Its label is the text "tool.<id>". */
  kg.tool = function (map, tool) {
    var state = map.kumuhgis;
    if (!state.tools) {
      state.tools = kg.box(map.getContainer(), kg.toolbar(state));
      map.getContainer().insertBefore(state.tools, state.right);
    }
    var label = state.say("tool." + tool.id);
    var button = kg.button("kg-tool", "", label, function () { tool.act(button); });
    button.title = tool.key ? label + " (" + tool.key + ")" : label;
    button.setAttribute("data-tool", tool.id);
    if (tool.key) {
      button.setAttribute("aria-keyshortcuts", tool.key);
      kg.onKey(map, tool.key, function () { tool.act(button); });
    }
    button.appendChild(kg.icon(tool.icon));
    state.tools.appendChild(button);
    return button;
  };

  /* A letter typed anywhere on the page but into a field; of several maps the first answers, or the one in use. */
  kg.onKey = function (map, key, act) {
    document.addEventListener("keydown", function (event) {
      if (event.key !== key || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
      var at = event.target;
      if (/^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName) || at.isContentEditable) return;
      var other = at.closest(".kg-map");
      if (other && other !== map.getContainer()) return;
      event.preventDefault();
      act();
    });
  };

  /* A tool takes the clicks on the map: no card opens, no name follows the pointer. The tool before it stops. */
  kg.take = function (map, id, stop) {
    var state = map.kumuhgis;
    if (state.busy && state.busy.id !== id) state.busy.stop();
    state.busy = { id: id, stop: stop };
    map.getContainer().classList.add("kg-busy");
    map.doubleClickZoom.disable();
  };

  kg.release = function (map, id) {
    var state = map.kumuhgis;
    if (!state.busy || state.busy.id !== id) return;
    state.busy = null;
    map.getContainer().classList.remove("kg-busy");
    map.doubleClickZoom.enable();
  };

  /* Where the column of title and card ends; what stands beside it begins there. */
  kg.beside = function (map) {
    var container = map.getContainer();
    var measure = function () {
      var right = map.kumuhgis.left.getBoundingClientRect().right - container.getBoundingClientRect().left;
      container.style.setProperty("--kg-aside", Math.round(right + 10) + "px");
    };
    map.on("resize", measure);
    measure();
  };

  /* Whether the pointer is on the map itself, not on a box that lies over it. */
  kg.overMap = function (map, event) {
    var at = event.originalEvent.target;
    return at === map.getContainer() || Boolean(at.closest(".leaflet-map-pane"));
  };

  /* Where small boxes stand at the lower edge of the map: what a tool says while it is in use. */
  kg.footOf = function (map) {
    var state = map.kumuhgis;
    if (!state.foot) state.foot = map.getContainer().appendChild(kg.el("div", "kg-foot"));
    return state.foot;
  };

  /* A drawing of lines on 24 × 24. */
  kg.icon = function (path) {
    return kg.svg("svg", { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" }, [
      kg.svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round",
        "stroke-linejoin": "round" }),
    ]);
  };

  kg.toolbar = function (state) {
    var bar = kg.el("div", "kg-tools");
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", state.say("tools"));
    return bar;
  };

  /* Say whether a tool is on. */
  kg.press = function (button, on) {
    button.setAttribute("aria-pressed", String(on));
  };

  kg.standardTools = function (map, bounds) {
    map.kumuhgis.home = bounds;
    kg.beside(map);
    kg.ratio(map);
    kg.tool(map, {
      id: "home", icon: "M3 11 12 4l9 7M6 9v10h12V9",
      act: function () { if (bounds) kg.fit(map, bounds); },
    });
    kg.fullscreenTool(map);
    kg.measureTool(map);
    kg.coordinateTool(map);
    kg.tableTool(map);
    kg.searchTool(map);
  };

  kg.fullscreenTool = function (map) {
    var container = map.getContainer();
    if (!document.fullscreenEnabled) return;
    var button = kg.tool(map, {
      id: "fullscreen", icon: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
      act: function () {
        if (document.fullscreenElement) document.exitFullscreen();
        else container.requestFullscreen();
      },
    });
    document.addEventListener("fullscreenchange", function () { kg.press(button, Boolean(document.fullscreenElement)); });
  };
})();
