/* The row of tools: one button each, added by the script that does the work. */
(function () {
  "use strict";
  var kg = window.kumuhgis;

  /* tool: id, icon (a path on 24 × 24), act. Its label is the text "tool.<id>". */
  kg.tool = function (map, tool) {
    var state = map.kumuhgis;
    if (!state.tools) state.tools = kg.box(map.getContainer(), kg.toolbar(state));
    var label = state.say("tool." + tool.id);
    var button = kg.button("kg-tool", "", label, function () { tool.act(button); });
    button.title = label;
    button.setAttribute("data-tool", tool.id);
    button.appendChild(kg.svg("svg", { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" }, [
      kg.svg("path", { d: tool.icon, fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round",
        "stroke-linejoin": "round" }),
    ]));
    state.tools.appendChild(button);
    return button;
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
    kg.tool(map, {
      id: "home", icon: "M3 11 12 4l9 7M6 9v10h12V9",
      act: function () { if (bounds) kg.fit(map, bounds); },
    });
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
