"""The command line: it parses words, calls the library and prints.

Exit codes: 0 fine; 1 finished, with problems of severity error; 2 could not run.
"""

import os
import signal
import sys
import threading
from functools import cache
from pathlib import Path

import click

from kumuhgis.cli.fieldwork import add_fieldwork
from kumuhgis.cli.helping import Group, translated, usage
from kumuhgis.cli.reporting import add_report
from kumuhgis.cli.running import (
    FILE,
    FOLDER,
    SHOWN,
    map_name,
    print_headline,
    print_problems,
    read_answers,
    rule_names,
    run,
    save_project_map,
    write_all,
)
from kumuhgis.cli.starting import add_start
from kumuhgis.text import LANGUAGES, text


def _lang(argv):
    """Take the language out of the words, wherever it stands: --lang, else KUMUHGIS_LANG, else Indonesian."""
    for i, word in enumerate(argv):
        if word.startswith("--lang="):
            return word.removeprefix("--lang="), argv[:i] + argv[i + 1 :]
        if word == "--lang" and i + 1 < len(argv):
            return argv[i + 1], argv[:i] + argv[i + 2 :]
    return os.environ.get("KUMUHGIS_LANG", "id"), argv


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, optional
        Words; the default is the process's.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that drafts are taken away
    lang, argv = _lang(argv)
    if lang not in LANGUAGES:
        click.echo(f"✗ --lang {lang!r}: {' | '.join(LANGUAGES)}", err=True)
        sys.exit(2)
    try:
        sys.exit(command(lang).main(args=argv, prog_name="kumuhgis", standalone_mode=False))
    except click.ClickException as error:
        click.echo(f"✗ {translated(error.format_message(), lang)}", err=True)
        if getattr(error, "ctx", None) is not None:
            click.echo(usage(error.ctx), err=True)
        sys.exit(2)
    except click.Abort:
        sys.exit(2)


@cache
def command(lang="id"):
    """Build the command line in one language.

    Parameters
    ----------
    lang : {"id", "en"}
        Language of help and output.

    Returns
    -------
    click.Group
        The commands.
    """

    def say(key, **params):
        return text(f"cli.{key}", lang, **params)

    group = Group("kumuhgis", help=say("head"), context_settings={"obj": lang, "help_option_names": ["-h", "--help"]})
    group.params.append(
        click.Option(["--lang"], type=click.Choice(LANGUAGES), default=lang, expose_value=False, help=say("lang"))
    )
    group.params.append(
        click.Option(
            ["--version"], is_flag=True, expose_value=False, is_eager=True, callback=_version, help=say("version")
        )
    )
    for build in (
        add_start, _init, _check, _assess, _map, _explain, _score, _rules, add_fieldwork, _contributions, _compare,
        add_report,
    ):  # fmt: skip
        build(group, say, lang)
    return group


def _version(ctx, _param, value):
    if value:
        from kumuhgis import __version__

        click.echo(f"kumuhgis {__version__}")
        ctx.exit()


def _print_matches(matches, lang):
    from kumuhgis.joining import count_matches

    if len(matches):
        click.echo(count_matches(matches, lang))


# ---------------------------------------------------------------- commands


def _init(group, say, lang):
    @group.command("init", help=say("init"))
    @click.argument("folder", type=FOLDER, default=Path("."))
    @click.option("--force", is_flag=True, help=say("force"))
    def init(folder, force):
        from kumuhgis import starter

        path, found = starter.init(folder, force=force, lang=lang)
        for item in found:
            name = f"{item.path}:{item.layer}" if item.layer else item.path
            click.echo(f"  {name:<40} {item.role or say('unused')}")
        click.echo(say("init_done", path=path, folder=f'"{folder}"' if " " in str(folder) else folder))


def _check(group, say, lang):
    @group.command("check", help=say("check"))
    @click.argument("project", type=FOLDER, default=Path("."))
    @click.option("--out", type=FOLDER, help=say("out_check"))
    @click.option("--fix", type=FOLDER, help=say("fix"))
    @click.option("--force", is_flag=True, help=say("force"))
    @click.pass_context
    def check(ctx, project, out, fix, force):
        from kumuhgis.checkup import checkup, write_html, write_xlsx

        found = checkup(project, lang=lang)
        columns = ("layer", "read", "repaired", "set_aside", "used")
        if len(found.accounts):
            click.echo("  " + "".join(f"{text(f'checkup.{c}', lang):<14}" for c in columns))
        for row in found.accounts[list(columns)].astype(object).where(found.accounts.notna(), "–").to_dict("records"):
            click.echo("  " + "".join(f"{row[c]!s:<14}" for c in columns))
        _print_matches(found.matches, lang)
        code = print_problems(found.problems, lang, shown=100)
        if out:
            name = text("cli.check_file", lang)
            home = project if project.is_dir() else project.parent
            click.echo(f"  {write_html(found, out / f'{name}.html', force=force)}")
            click.echo(f"  {write_xlsx(found, out / f'{name}.xlsx', force=force, folder=home)}")
        if fix and found.runs:
            from kumuhgis.mending import mend

            _, moved = mend(project, fix, lang=lang)
            click.echo(say("fixed", path=fix, count=int((moved["moved_m2"] > 0).sum())))
        ctx.exit(code if found.runs else 2)


def _assess(group, say, lang):
    @group.command("assess", help=say("assess"))
    @click.argument("project", type=FOLDER, default=Path("."))
    @click.option("--out", type=FOLDER, help=say("out_folder"))
    @click.option("--rules", help=say("rules_option"), shell_complete=rule_names)
    @click.option("--force", is_flag=True, help=say("force"))
    @click.option("--workers", type=click.IntRange(min=1), default=1, help=say("workers"))
    @click.option("--survey", type=FOLDER, multiple=True, help=say("survey"))
    @click.option("--cluster", metavar="tcp://…", help=say("cluster"))
    @click.option("--run-folder", type=FOLDER, help=say("run_folder"))
    @click.pass_context
    def assess(ctx, project, out, rules, force, workers, survey, cluster, run_folder):
        how = {
            "survey": list(survey) or None,
            "workers": workers,
            "cluster": cluster,
            "run_folder": run_folder,
        }
        result = run(project, lang, rules=rules, **how)
        print_headline(result, lang)
        _print_matches(result.matches, lang)
        home = project if project.is_dir() else project.parent
        answers = read_answers(project, None, result, lang)
        folder = out or home / ("hasil" if lang == "id" else "results")
        write_all(result, folder, lang, force=force, project=project, contributions=answers)
        ctx.exit(print_problems(result.problems, lang))


def _map(group, say, lang):
    @group.command("map", help=say("map"))
    @click.argument("project", type=FOLDER, default=Path("."))
    @click.option("--out", type=FILE, help=say("out_map"))
    @click.option("--rules", help=say("rules_option"), shell_complete=rule_names)
    @click.option("--basemap", type=FILE, help=say("basemap"))
    @click.option("--contributions", "given", type=FOLDER, help=say("contributions_option"))
    @click.option("--force", is_flag=True, help=say("force"))
    @click.pass_context
    def map_(ctx, project, out, rules, basemap, given, force):
        from kumuhgis.delivery import save_map
        from kumuhgis.errors import OutputError, Problem
        from kumuhgis.saving import check_free

        home = project if project.is_dir() else project.parent
        path = out or home / map_name(lang)
        if path.suffix.lower() not in (".html", ".htm"):
            params = {"suffix": path.suffix, "known": ".html"}
            raise OutputError([Problem("output_format", path.name, params=params)], lang)
        check_free([path], force=force, lang=lang)
        result = run(project, lang, rules=rules)
        how = {"force": force, "contributions": read_answers(project, given, result, lang)}
        if basemap:
            click.echo(save_map(result, path, lang=lang, basemap=basemap, **how))
        else:
            click.echo(save_project_map(result, project, path, lang, **how))
        ctx.exit(print_problems(result.problems, lang, shown=0))


def _compare(group, say, lang):
    @group.command("compare", help=say("compare"))
    @click.argument("before", type=FOLDER)
    @click.argument("after", type=FOLDER)
    @click.option("--out", type=FOLDER, default=Path("."), help=say("out_compare"))
    @click.option("--force", is_flag=True, help=say("force"))
    def compare(before, after, out, force):
        from kumuhgis.maps import compare_map
        from kumuhgis.monitor import compare as changes
        from kumuhgis.saving import check_free, replacing, write_table

        name = say("compare_file")
        check_free([out / f"{name}.csv", out / f"{name}.html"], force=force, lang=lang)
        results = [run(project, lang) for project in (before, after)]
        table = changes(*results, levels_only=results[0].rules != results[1].rules)
        click.echo(f"  {write_table(table, out / f'{name}.csv', force=force, lang=lang)}")
        with replacing(out / f"{name}.html", force=force, lang=lang) as draft:
            compare_map(*results, lang=lang).save(draft)
        click.echo(f"  {out / name}.html")


def _contributions(group, say, lang):
    @group.command("contributions", help=say("contributions"))
    @click.argument("project", type=FOLDER)
    @click.argument("sources", nargs=-1, required=True, type=FOLDER)
    @click.option("--out", type=FILE, help=say("out_contributions"))
    @click.option("--force", is_flag=True, help=say("force"))
    @click.pass_context
    def contributions(ctx, project, sources, out, force):
        from kumuhgis.errors import problems_frame
        from kumuhgis.export import write_answers
        from kumuhgis.participate import contradictions as compare
        from kumuhgis.participate import read_contributions

        result = run(project, lang)
        answers, found = read_contributions(sources, assessment=result, lang=lang)
        against, problems = compare(answers, result, lang=lang), problems_frame(found, lang)
        click.echo(say("contributions_read", count=len(answers), units=answers["unit"].nunique(), against=len(against)))
        for unit, sentence in against.loc[against["said"] != "", ["unit", "sentence"]].head(SHOWN).to_numpy():
            click.echo(f"  {unit}  {sentence}")
        for path in write_answers(answers, against, problems, out, force=force, lang=lang) if out else ():
            click.echo(f"  {path}")
        ctx.exit(print_problems(problems, lang))


def _explain(group, say, lang):
    @group.command("explain", help=say("explain"))
    @click.argument("project", type=FOLDER)
    @click.argument("unit")
    @click.option("--above", help=say("above"))
    def explain(project, unit, above):
        from kumuhgis.errors import Problem, ScoringError
        from kumuhgis.explaining import trace_lines, unit_lines
        from kumuhgis.priority import why_above
        from kumuhgis.trace import explain as trace
        from kumuhgis.unitrows import find_unit

        result = run(project, lang)
        keys = {said: find_unit(result, said) for said in (unit, above) if said is not None}
        missing = [said for said, key in keys.items() if key is None]
        if missing:
            raise ScoringError([Problem("unit_not_found", "", said) for said in missing], lang)
        unit, above = keys[unit], keys.get(above)
        table = trace(result.scores, unit, result.rules, lang=lang)
        for line in trace_lines(table, lang):
            click.echo(line)
        for line in unit_lines(result, unit, lang):
            click.echo(line)
        if above:
            click.echo(why_above(result.summary, unit, above, lang))


def _score(group, say, lang):
    @group.command("score", help=say("score"))
    @click.argument("table", type=FILE)
    @click.option(
        "--rules", default="permen-14-2018", show_default=True, help=say("rules_option"), shell_complete=rule_names
    )
    @click.option("--by", help=say("by"))
    @click.option(
        "--means", type=click.Choice(["plain", "gated"]), default="plain", show_default=True, help=say("means_option")
    )
    @click.option(
        "--length-total",
        type=click.Choice(["ideal", "existing"]),
        default="ideal",
        show_default=True,
        help=say("length_total"),
    )
    @click.option(
        "--density", type=click.Choice(["typed", "derived"]), default="typed", show_default=True, help=say("density")
    )
    @click.option(
        "--city-class", type=click.Choice(["metropolitan", "besar", "sedang", "kecil"]), help=say("city_class")
    )
    @click.option("--unit", help=say("unit"))
    @click.option("--columns", type=FILE, help=say("columns"))
    @click.option("--sheet", help=say("sheet"))
    @click.option("--survey", type=FOLDER, multiple=True, help=say("survey"))
    @click.option("--prefer", type=click.Choice(["table", "survey"]), default="table", show_default=True,
                  help=text("fieldwork.prefer", lang))  # fmt: skip
    @click.option("--out", type=FILE, help=say("out_csv"))
    @click.pass_context
    def score(ctx, table, out, **how):
        from kumuhgis.errors import problems_frame
        from kumuhgis.export import in_words
        from kumuhgis.saving import write_table
        from kumuhgis.scoring import score_baseline

        how["survey"] = list(how["survey"]) or None
        results, problems = score_baseline(table, **how)
        shown = in_words(results, lang)
        if out:
            write_table(shown, out, force=True, for_excel=False, lang=lang)
            click.echo(say("scored", count=len(results), path=out))
        else:
            columns = ["total_low", "total_high", "level", "area_ha", "slum_ha", "p_slum", "level_likely", "p_likely"]
            click.echo(shown[[c for c in columns if c in shown]].to_string())
        click.echo(say("scored_with", **{k: how[k] for k in ("rules", "means", "length_total", "density")}))
        ctx.exit(print_problems(problems_frame(problems, lang), lang))


def _rules(group, say, lang):
    @group.command("rules", help=say("rules"))
    @click.argument("rule", required=False, shell_complete=rule_names)
    @click.option("--against", help=say("against"), shell_complete=rule_names)
    def rules(rule, against):
        from kumuhgis import rules as book

        if rule is None and against is None:
            click.echo(book.list_rules()[["short", "criteria", "max_total"]].to_string())
        elif against:
            found = book.compare_rules(rule or book.DEFAULT_RULES, against)
            click.echo(found.to_string(index=False, max_colwidth=40) if len(found) else say("rules_alike"))
        else:
            table = book.criteria_table(book.load_rules(rule), lang)
            click.echo(table[["name", "unit", "total", "measure", "confidence"]].to_string())
