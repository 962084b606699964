/* What the units are coloured by: the level, an aspect, a criterion, a decision. One choice for all, one legend. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var GROUPS = ["result", "aspect", "criterion"];

  /* All themes, the level first: id, group, name, classes, codes (the class of every unit). */
  kg.themes = function (state, data) {
    var levels = {
      id: "levels", group: "result", name: state.say("theme.levels"), classes: data.classes, codes: data.level,
    };
    return [levels].concat(data.themes);
  };

  /* Colour the units by another theme. */
  kg.theme = function (map, id) {
    var state = map.kumuhgis;
    var found = kg.themes(state, state.village.data).filter(function (theme) { return theme.id === id; })[0];
    if (!found) return;
    state.theme = found;
    map.fire("kg:theme", { theme: found });
  };

  /* Put the units into the legend, with the choice of the theme; counts and hectares follow theme and filter. */
  kg.themed = function (map, village, drawn) {
    var state = map.kumuhgis;
    var data = village.data;
    var legend = {
      id: data.id, group: data.group, show: data.show, exclusive: data.exclusive, z: data.z,
      name: state.theme.name, title: state.say("theme.label"), note: state.say("theme.hectares_" + data.area),
    };
    var select = kg.choice(state, data, function (id) {
      kg.theme(map, id);
      var entry = state.layers.filter(function (one) { return one.data === legend; })[0];
      if (!kg.shown(map, entry)) kg.choose(map, state, data.id);
    });
    select.value = state.theme.id;
    legend.chooser = select;
    var count = function () {
      legend.name = state.theme.name;
      legend.classes = kg.counted(village, state.theme, state.shown);
      select.value = state.theme.id;
      kg.recount(map, legend);
    };
    legend.classes = kg.counted(village, state.theme, null);
    map.on("kg:theme kg:filter", count);
    kg.register(map, legend, drawn);
  };

  /* The classes of a theme with number and hectares of the units that are shown; without those that no unit has. */
  kg.counted = function (village, theme, shown) {
    var rows = theme.classes.map(function (style) { return Object.assign({}, style, { all: 0, count: 0, hectares: 0 }); });
    for (var i = 0; i < village.n; i++) {
      var row = rows[theme.codes[i]];
      row.all += 1;
      if (shown && !shown[i]) continue;
      row.count += 1;
      row.hectares += village.hectares(i);
    }
    return rows.filter(function (row, n) {
      var scale = theme.group !== "result" && n < rows.length - 1;
      return row.all || scale || theme.id === "levels";
    });
  };

  /* The list to choose from, in groups; act(id) does it. */
  kg.choice = function (state, data, act) {
    var select = kg.el("select", "kg-theme");
    select.setAttribute("aria-label", state.say("theme.label"));
    var themes = kg.themes(state, data);
    GROUPS.forEach(function (group) {
      var box = kg.el("optgroup");
      box.label = state.say("theme.group." + group);
      themes.forEach(function (theme) {
        if (theme.group !== group) return;
        var option = kg.el("option", "", theme.name);
        option.value = theme.id;
        box.appendChild(option);
      });
      if (box.children.length) select.appendChild(box);
    });
    select.addEventListener("change", function () { act(select.value); });
    return select;
  };
})();
