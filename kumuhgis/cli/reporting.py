"""``kumuhgis report``: the documents of a project, one by one or all of them."""

from pathlib import Path

import click

from kumuhgis.catalog import document_kinds
from kumuhgis.cli.helping import Kind
from kumuhgis.cli.running import FILE, FOLDER, print_headline, print_problems, read_answers, rule_names, run
from kumuhgis.text import text

ALL = "all"
"""The word for every document there is, in a folder."""
_OPTIONS = {
    "by": {},
    "theme": {},
    "paper": {"type": click.Choice(["A4", "A3", "A2", "A1"], case_sensitive=False)},
    "scale": {"type": click.IntRange(min=1)},
    "orthophoto": {"type": FILE},
    "template": {"type": FILE},
    "maker": {},
    "logo": {"type": FILE},
    "edition": {},
    "unit": {"multiple": True},
    "photos": {"type": click.Path(exists=True, file_okay=False, path_type=Path)},
    "previous": {"type": FOLDER},
    "schema": {"type": FILE},
    "layer": {},
    "style": {},
}
"""Options of documents: the keyword of the function that writes it (``unit``: ``units``) to how it is read."""


def add_report(group, say, lang):
    """Add the command ``report``."""
    kinds = Kind([*document_kinds(), ALL])

    @group.command("report", help=say("report"))
    @click.argument("project", type=FOLDER, default=Path("."))
    @click.option("--kind", type=kinds, default="workbook", show_default=True, help=say("kind"))
    @click.option("--out", type=FOLDER, help=say("out_report"))
    @click.option("--rules", help=say("rules_option"), shell_complete=rule_names)
    @click.option("--force", is_flag=True, help=say("force"))
    @click.pass_context
    def report(ctx, project, kind, out, rules, force, **given):
        from kumuhgis.export import takes

        options = {name: value for name, value in given.items() if value not in (None, ())}
        if "unit" in options:
            options["units"] = options.pop("unit")
        home = project if project.is_dir() else project.parent
        how = {"force": force, "lang": lang}
        if kind == ALL:
            folder = out or home / say("documents_folder")
            _check_folder(folder, lang)
            _check_some_free([folder / _name(each, lang) for each in document_kinds()], force, lang)
            result = _assessed(project, lang, rules)
            how["contributions"] = read_answers(project, None, result, lang)
            whole = _write_each(result, folder, _with_inputs(options, result, lang), how)
        else:
            path = _path(out or home, kind, lang)
            _check(kind, path, options, lang, force=force)
            result = _assessed(project, lang, rules)
            if "contributions" in takes(kind, path):
                how["contributions"] = read_answers(project, None, result, lang)
            _write(result, path, kind, _with_inputs(options, result, lang), how)
            whole = True
        ctx.exit(print_problems(result.problems, lang, shown=0) or int(not whole))

    for name, how in _OPTIONS.items():
        report.params.append(click.Option([f"--{name}"], help=say(f"report_{name}"), **how))


def _name(kind, lang):
    return text(f"documents.{kind}.file", lang) + next(iter(document_kinds()[kind]["write"]))


def _path(out, kind, lang):
    """Give the file of one document; in a folder (one that is there, or a name without an ending) the usual one."""
    return out / _name(kind, lang) if out.is_dir() or not out.suffix else out


def _assessed(project, lang, rules):
    result = run(project, lang, rules=rules)
    print_headline(result, lang)
    return result


def _check_folder(folder, lang):
    """Refuse, before any work, a folder that is a file."""
    from kumuhgis.errors import OutputError, Problem

    if folder.is_file():
        raise OutputError([Problem("output_exists", folder.name, params={"path": str(folder)})], lang)


def _with_inputs(options, result, lang):
    """Read what options name: the project of the decree in force, and photos by the RT that their names begin with."""
    from kumuhgis.errors import some

    options = dict(options)
    if "previous" in options:
        options["previous"] = run(options["previous"], lang)
    if "photos" in options:
        units = sorted(map(str, result.summary.index), key=len)  # the longest code that begins the name goes last
        files = sorted(path for path in options["photos"].iterdir() if path.is_file())
        owners = {file: [unit for unit in units if _names(file, unit)] for file in files}
        options["photos"] = {}
        for file, found in owners.items():
            if found:
                options["photos"].setdefault(found[-1], []).append(file)
        strange = [file.name for file, found in owners.items() if not found]
        if strange:
            click.echo(text("cli.photos_of_nobody", lang, count=len(strange), names=some(strange)), err=True)
    return options


def _names(file, unit):
    """Tell whether a file is named by a unit: its code alone, or before - _ or a space."""
    return file.stem == unit or file.stem.startswith(tuple(unit + mark for mark in "-_ "))


def _check(kind, path, options, lang, *, force=True):
    """Refuse, before any work, a document that cannot be written, or whose files are there."""
    from kumuhgis.export import check_document
    from kumuhgis.saving import check_free

    _, beside = check_document(kind, path, lang, options)
    check_free([path, *map(path.with_suffix, beside)], force=force, lang=lang)


def _check_some_free(paths, force, lang):
    """Refuse, before any work, if every document is there; those that are not can still be written."""
    from kumuhgis.saving import check_free

    if all(path.exists() for path in paths):
        check_free(paths, force=force, lang=lang)


def _write(result, path, kind, options, how):
    """Write one document."""
    from kumuhgis.export import write

    write(result, path, kind=kind, **options, **how)
    click.echo(f"  {path}")


def _write_each(result, folder, options, how):
    """Write every document with the options that it knows; say which could not be written, go on, tell if all were."""
    from kumuhgis.errors import KumuhgisError
    from kumuhgis.export import takes

    lang, whole = how["lang"], True
    for kind in document_kinds():
        path = folder / _name(kind, lang)
        try:
            _check(kind, path, (), lang)
            known = takes(kind, path)
            _write(result, path, kind, {n: v for n, v in options.items() if n in known}, how)
        except KumuhgisError as error:
            whole = False
            for problem in error.problems:
                click.echo(f"! {problem.line(lang)}", err=True)
    return whole
