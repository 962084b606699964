"""``kumuhgis report``: the documents of a project."""

from pathlib import Path

import click

from kumuhgis.catalog import document_kinds
from kumuhgis.cli.running import FILE, FOLDER, print_headline, print_problems, run
from kumuhgis.text import text

_KINDS = click.Choice(list(document_kinds()))


def add_report(group, say, lang):
    """Add the command ``report``."""

    @group.command("report", help=say("report"))
    @click.argument("project", type=FOLDER, default=Path("."))
    @click.option("--kind", type=_KINDS, default="workbook", show_default=True, help=say("kind"))
    @click.option("--out", type=FILE, help=say("out_report"))
    @click.option("--rules", help=say("rules_option"))
    @click.option("--force", is_flag=True, help=say("force"))
    @click.pass_context
    def report(ctx, project, kind, out, rules, force):
        from kumuhgis.export import check_document, write

        home = project if project.is_dir() else project.parent
        suffix = next(iter(document_kinds()[kind]["write"]))
        path = out or home / f"{text(f'documents.{kind}.file', lang)}{suffix}"
        check_document(kind, path, lang)
        result = run(project, lang, rules=rules)
        print_headline(result, lang)
        click.echo(write(result, path, kind=kind, force=force, lang=lang))
        ctx.exit(print_problems(result.problems, lang, shown=0))
