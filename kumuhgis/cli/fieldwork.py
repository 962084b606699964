"""``kumuhgis form``, ``progress``, ``publish``: what the field work needs, and what is published of it."""

from dataclasses import replace
from pathlib import Path

import click

from kumuhgis.cli.running import FOLDER, SHOWN, print_headline, print_problems, rule_names, run
from kumuhgis.text import text

FORMS = {"xlsform": "write_form", "paper": "write_paper_form", "entry": "write_entry_workbook"}
"""Kind of form to the function that writes it."""
ALL = "all"


def add_fieldwork(group, say, lang):
    """Add the commands of the field work."""
    _add_form(group, say, lang)
    _add_progress(group, say, lang)
    _add_publish(group, say, lang)


# ---------------------------------------------------------------- forms


def _add_form(group, say, lang):
    @group.command("form", help=text("fieldwork.form", lang))
    @click.argument("project", type=FOLDER, default=Path("."))
    @click.option("--out", type=FOLDER, help=text("fieldwork.out_form", lang))
    @click.option("--kind", type=click.Choice([*FORMS, ALL]), help=text("fieldwork.kind", lang))
    @click.option("--part", type=click.Choice(["both", "household", "rt"]), default="both", show_default=True,
                  help=text("fieldwork.part", lang))  # fmt: skip
    @click.option("--rules", help=say("rules_option"), shell_complete=rule_names)
    @click.option("--force", is_flag=True, help=say("force"))
    def form(project, out, kind, part, rules, force):
        from kumuhgis import forms

        contents = _contents(project, part, rules, lang)
        kind = kind or _kind_of(out, lang)
        home = project if project.is_dir() else project.parent
        names = {k: text(f"fieldwork.file_{k}", lang) for k in FORMS}
        paths = {k: (out or home) / names[k] for k in FORMS} if kind == ALL else {kind: out or home / names[kind]}
        _check_suffixes(paths, names, lang)
        for each, path in paths.items():
            click.echo(f"  {getattr(forms, FORMS[each])(contents, path, force=force, lang=lang)}")


def _kind_of(out, lang):
    """Tell the kind of form by the name of its file: Word is paper, the word for typing is the workbook for it."""
    if out is None:
        return "xlsform"
    if out.is_dir() or not out.suffix:
        return ALL
    typed = any(word in out.stem.lower() for word in text("fieldwork.entry_words", lang).split())
    return "paper" if out.suffix.lower() == ".docx" else "entry" if typed else "xlsform"


def _check_suffixes(paths, names, lang):
    from kumuhgis.errors import OutputError, Problem

    known = {kind: Path(names[kind]).suffix for kind in paths}
    wrong = [(kind, path) for kind, path in paths.items() if path.suffix.lower() != known[kind]]
    if wrong:
        params = [(path, {"suffix": path.suffix, "known": known[kind]}) for kind, path in wrong]
        raise OutputError([Problem("output_format", path.name, params=told) for path, told in params], lang)


def _contents(project, part, rules, lang):
    """Take rule and RT of a project; RT that cannot be read are said and then typed, a rule alone needs no project."""
    from kumuhgis.errors import LayerError, ProjectError, in_language
    from kumuhgis.forms import FormContents, form_contents
    from kumuhgis.project import load_project
    from kumuhgis.rules import load_rules

    with in_language(lang):
        chosen = load_rules(rules) if rules else None
        try:
            loaded = load_project(project)
        except ProjectError as error:
            if chosen is None:
                raise
            _say(error, lang)
            return FormContents(chosen, None, part)
        try:
            contents = form_contents(loaded, part=part)
        except LayerError as error:
            _say(error, lang)
            info = loaded.contents.project
            contents = FormContents(loaded.rules, None, part, info.name, info.sample)
    return replace(contents, rules=chosen) if chosen else contents


def _say(error, lang):
    for problem in error.problems:
        click.echo(f"! {problem.line(lang)}", err=True)
    click.echo(text("fieldwork.typed", lang), err=True)


# ---------------------------------------------------------------- progress


def _add_progress(group, say, lang):
    @group.command("progress", help=text("fieldwork.progress", lang))
    @click.argument("project", type=FOLDER)
    @click.argument("sources", nargs=-1, type=FOLDER)
    @click.option("--out", type=FOLDER, help=text("fieldwork.out_progress", lang))
    @click.option("--margin", type=click.FloatRange(0, 1, min_open=True, max_open=True),
                  help=text("fieldwork.margin", lang))  # fmt: skip
    @click.option("--force", is_flag=True, help=say("force"))
    @click.pass_context
    def progress(ctx, project, sources, out, margin, force):
        from kumuhgis.errors import problems_frame
        from kumuhgis.progress import field_progress, progress_lines, write_progress

        found = field_progress(project, list(sources) or None, margin=margin, lang=lang)
        for line in progress_lines(found, lang):
            click.echo(line)
        for sentence in found.findings["sentence"].head(SHOWN):
            click.echo(f"? {sentence}")
        for path in write_progress(found, out, force=force, lang=lang) if out else ():
            click.echo(f"  {path}")
        ctx.exit(print_problems(problems_frame(found.problems, lang), lang))


# ---------------------------------------------------------------- what is published


def _add_publish(group, say, lang):
    @group.command("publish", help=text("fieldwork.publish", lang))
    @click.argument("project", type=FOLDER)
    @click.option("--out", type=FOLDER, required=True, help=text("fieldwork.out_publish", lang))
    @click.option("--licence", help=text("fieldwork.licence", lang))
    @click.option("--rules", help=say("rules_option"), shell_complete=rule_names)
    @click.option("--force", is_flag=True, help=say("force"))
    @click.pass_context
    def publish(ctx, project, out, licence, rules, force):
        from kumuhgis.publishing import publish as write

        result = run(project, lang, rules=rules)
        print_headline(result, lang)
        for path in write(result, out, licence=licence, force=force, lang=lang):
            click.echo(f"  {path}")
        ctx.exit(print_problems(result.problems, lang, shown=0))
