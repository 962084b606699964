/* The form of one answer. What is typed is kept at once; "Batal" takes it back. */
(function () {
  "use strict";
  var kg = window.kumuhgis;
  var el = kg.el;
  var NUMBERS = /\d(?:[ .-]?\d){9,}/;
  var PERSON = /(?:^|[^a-z-])(?:(?:pak|bu|bapak|ibu|mas|mbak|mbah|haji|hajah)\s+|(?:bpk|hj?)\.\s*)(?!(?:rt|rw|pkk|kwt|hamil|menyusui|rumah|tani|muda|kader|posyandu|dan|di)\b)[a-z\u00c0-\u024f]{2,}/i;

  /* how: feature, data, groups, unit (name of the place), put(feature), save, cancel, reshape, remove. */
  kg.answerForm = function (state, how) {
    var own = how.feature.properties;
    var keep = function (name) {
      return function (event) {
        own[name] = event.target.value;
        how.put(how.feature);
      };
    };
    var form = el("form", "kg-form", "", [
      kg.kindField(state, how.data, own, function (kind) { own.kind = kind; how.put(how.feature); }),
      kg.textField(state, how.data, own, keep("text")),
      kg.field(state, "criterion", kg.criterionSelect(state, how.data, own, keep("criterion"))),
      kg.groupField(state, how, own, keep("group")),
      el("p", "kg-form-unit", how.unit ? state.say("answers.in", { unit: how.unit }) : state.village ? state.say("answers.nowhere") : ""),
    ]);
    var save = kg.button("kg-main", state.say("answers.save"), "", null);
    save.type = "submit";
    form.appendChild(el("div", "kg-acts", "", [kg.button("kg-second", state.say("answers.reshape"), "", how.reshape),
      kg.button("kg-second", state.say("answers.remove"), "", how.remove)]));
    form.appendChild(el("div", "kg-acts kg-last", "", [save, kg.button("kg-second", state.say("answers.cancel"), "", how.cancel)]));
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      how.save();
    });
    return form;
  };

  kg.field = function (state, name, input, hint) {
    var label = el("label", "kg-field", "", [el("span", "", state.say("answers.field." + name)), input]);
    if (hint) label.appendChild(el("small", "", hint));
    return label;
  };

  kg.kindField = function (state, data, own, choose) {
    var box = el("fieldset", "kg-answer-kinds", "", [el("legend", "", state.say("answers.field.kind"))]);
    data.kinds.forEach(function (kind) {
      var input = el("input");
      input.type = "radio";
      input.name = "kg-kind-" + own.id;
      input.value = kind.key;
      input.checked = kind.key === own.kind;
      input.addEventListener("change", function () { choose(kind.key); });
      box.appendChild(el("label", "", "", [input, kg.mark(kind, 20), el("span", "", kind.label)]));
    });
    return box;
  };

  kg.textField = function (state, data, own, keep) {
    var area = el("textarea");
    var count = el("small", "kg-count");
    var warning = el("p", "kg-note kg-warn", state.say("answers.numbers"));
    area.rows = 3;
    area.maxLength = data.limit;
    area.value = own.text;
    var look = function () {
      count.textContent = state.say("answers.count", { n: area.value.length, limit: data.limit });
      warning.hidden = !NUMBERS.test(area.value);
    };
    area.addEventListener("input", function (event) { keep(event); look(); });
    look();
    var field = kg.field(state, "text", area);
    field.firstChild.appendChild(count);
    return el("div", "", "", [field, warning]);
  };

  kg.criterionSelect = function (state, data, own, keep) {
    var select = el("select");
    var none = el("option", "", state.say("answers.no_criterion"));
    none.value = "";
    select.appendChild(none);
    data.aspects.forEach(function (aspect) {
      var group = el("optgroup");
      group.label = aspect.number + ". " + aspect.name;
      data.criteria.forEach(function (criterion) {
        if (criterion.aspect !== aspect.number) return;
        var option = el("option", "", criterion.code + " " + criterion.name);
        option.value = criterion.code;
        group.appendChild(option);
      });
      select.appendChild(group);
    });
    select.value = own.criterion;
    select.addEventListener("change", keep);
    return select;
  };

  kg.groupField = function (state, how, own, keep) {
    var input = el("input");
    var list = el("datalist");
    list.id = "kg-groups-" + how.feature.id;
    how.groups.forEach(function (name) {
      var option = el("option");
      option.value = name;
      list.appendChild(option);
    });
    input.type = "text";
    input.maxLength = how.data.group_limit;
    input.value = own.group;
    input.autocomplete = "off";
    input.setAttribute("list", list.id);
    input.placeholder = state.say("answers.group_example");
    var numbers = el("p", "kg-note kg-warn", state.say("answers.numbers"));
    var person = el("p", "kg-note kg-warn", state.say("answers.person"));
    var look = function () {
      numbers.hidden = !NUMBERS.test(input.value);
      person.hidden = !PERSON.test(input.value);
    };
    input.addEventListener("input", function (event) { keep(event); look(); });
    look();
    var field = kg.field(state, "group", input, state.say("answers.no_names"));
    field.appendChild(list);
    return el("div", "", "", [field, numbers, person]);
  };
})();
