"""The command line: it parses words, calls the library and prints.

Exit codes: 0 fine; 1 finished, with problems of severity error; 2 could not run.
"""

import os
import sys
from functools import cache
from pathlib import Path

import click

from kumuhgis.text import LANGUAGES, text, texts

_SHOWN = 30
_REPORTS = {"workbook": ".xlsx"}
_FOLDER = click.Path(file_okay=True, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


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
    lang, argv = _lang(argv)
    if lang not in LANGUAGES:
        click.echo(f"--lang {lang!r}: id | en", err=True)
        sys.exit(2)
    try:
        sys.exit(command(lang).main(args=argv, prog_name="kumuhgis", standalone_mode=False))
    except click.ClickException as error:
        click.echo(f"✗ {_translated(error.format_message(), lang)}", err=True)
        if getattr(error, "ctx", None) is not None:
            click.echo(_translated(error.ctx.get_usage(), lang), err=True)
        sys.exit(2)
    except click.Abort:
        sys.exit(2)


def _translated(words, lang):
    """Put click's own words into our language, longest first."""
    english, ours = texts("en"), texts(lang)
    keys = sorted((k for k in english if k.startswith("click.")), key=lambda k: -len(english[k]))
    for key in keys:
        words = words.replace(english[key], ours[key])
    return words


class _Command(click.Command):
    def get_help(self, ctx):
        return _translated(super().get_help(ctx), ctx.obj)


class _Group(click.Group):
    command_class = _Command

    def get_help(self, ctx):
        return _translated(super().get_help(ctx), ctx.obj)

    def list_commands(self, ctx):
        return list(self.commands)

    def invoke(self, ctx):
        """Turn our errors into one clear message and exit code 2."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            problems = getattr(error, "problems", None)
            if problems is None:
                raise
            for problem in problems:
                click.echo(f"✗ {problem.line(ctx.obj)}", err=True)
            ctx.exit(2)


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

    group = _Group("kumuhgis", help=say("head"), context_settings={"obj": lang, "help_option_names": ["-h", "--help"]})
    group.params.append(
        click.Option(["--lang"], type=click.Choice(LANGUAGES), default=lang, expose_value=False, help=say("lang"))
    )
    group.params.append(
        click.Option(
            ["--version"], is_flag=True, expose_value=False, is_eager=True, callback=_version, help=say("version")
        )
    )
    for build in (_demo, _init, _check, _assess, _map, _report, _explain, _score, _rules, _doctor):
        build(group, say, lang)
    return group


def _version(ctx, _param, value):
    if value:
        from kumuhgis import __version__

        click.echo(f"kumuhgis {__version__}")
        ctx.exit()


def _print_problems(problems, lang, shown=_SHOWN):
    """Print problems, worst first, and return the exit code they ask for."""
    from kumuhgis.errors import count_severities, where_of

    marks = {"error": "✗", "warning": "!", "info": "·"}
    for row in problems.head(shown).to_dict("records"):
        where = where_of(*(row[c] for c in ("layer", "row", "feature", "column")), lang)
        click.echo(f"{marks[row['severity']]} {where}: {row['message']} {row['fix']}", err=True)
    if len(problems) > shown:
        click.echo(text("cli.more", lang, count=len(problems) - shown), err=True)
    counts = count_severities(problems)
    click.echo(text("headline.counts", lang, **counts), err=True)
    return 1 if counts["error"] else 0


def _print_headline(assessment, lang):
    from kumuhgis.assessment import headline

    for label, value in headline(assessment, lang):
        click.echo(f"{label:<14} {value}")


def _print_matches(matches, lang):
    from kumuhgis.joining import count_matches

    if len(matches):
        click.echo(count_matches(matches, lang))


def _progress(say):
    """Tell a person who waits how far the parts are; a file or a program that reads us is told nothing."""
    if not sys.stderr.isatty():
        return None
    return lambda done, of, key: click.echo(say("part_done", done=done, of=of, part=key), err=True)


def _run(project, lang, **how):
    from kumuhgis.assessment import assess

    return assess(project, lang=lang, **how)


# ---------------------------------------------------------------- commands


def _demo(group, say, lang):
    @group.command("demo", help=say("demo"))
    @click.argument("folder", type=_FOLDER, default=Path("kumuhgis-demo"))
    def demo(folder):
        from kumuhgis.sample import SAMPLES, load_sample

        for name in SAMPLES:
            result = _run(load_sample(name), lang)
            click.echo("")
            _print_headline(result, lang)
            _write_all(result, folder / name, lang, force=True)
        click.echo("")
        click.echo(say("demo_done", path=folder / SAMPLES[0] / _map_name(lang)))


def _map_name(lang):
    return "peta_desa.html" if lang == "id" else "village_map.html"


def _write_all(result, folder, lang, *, force):
    """Write the map and the tables of one result, and say what each file is."""
    from kumuhgis.export import in_words, with_provenance, write, write_table
    from kumuhgis.groups import summarise_groups
    from kumuhgis.spots import listed

    indonesian = ("hasil", "masalah_data", "kawasan", "pencocokan")
    names = indonesian if lang == "id" else ("results", "problems", "kawasan", "matches")
    for suffix in (".csv", ".gpkg", ".json"):
        click.echo(f"  {write(result, folder / (names[0] + suffix), force=force, lang=lang)}")
    click.echo(f"  {write_table(listed(result.problems), folder / f'{names[1]}.csv', force=force, lang=lang)}")
    if len(result.matches):
        click.echo(f"  {write_table(result.matches, folder / f'{names[3]}.csv', force=force, lang=lang)}")
    if "kawasan" in result.units and result.units["kawasan"].notna().any():
        groups = with_provenance(in_words(summarise_groups(result), lang), result, lang)
        click.echo(f"  {write_table(groups, folder / f'{names[2]}.csv', force=force, lang=lang)}")
    click.echo(f"  {_save_map(result, folder / _map_name(lang), lang, force=force)}")


def _save_map(result, path, lang, *, force):
    from kumuhgis.export import replacing
    from kumuhgis.maps import village_map

    with replacing(path, force=force, lang=lang) as draft:
        village_map(result, lang=lang).save(draft)
    return path


def _init(group, say, lang):
    @group.command("init", help=say("init"))
    @click.argument("folder", type=_FOLDER, default=Path("."))
    @click.option("--force", is_flag=True, help=say("force"))
    def init(folder, force):
        from kumuhgis import starter

        path, found = starter.init(folder, force=force, lang=lang)
        for item in found:
            name = f"{item.path}:{item.layer}" if item.layer else item.path
            click.echo(f"  {name:<40} {item.role or say('unused')}")
        click.echo(say("init_done", path=path))


def _check(group, say, lang):
    @group.command("check", help=say("check"))
    @click.argument("project", type=_FOLDER, default=Path("."))
    @click.option("--out", type=_FOLDER, help=say("out_check"))
    @click.option("--fix", type=_FOLDER, help=say("fix"))
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
        code = _print_problems(found.problems, lang, shown=100)
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
    @click.argument("project", type=_FOLDER, default=Path("."))
    @click.option("--out", type=_FOLDER, help=say("out_folder"))
    @click.option("--rules", help=say("rules_option"))
    @click.option("--force", is_flag=True, help=say("force"))
    @click.option("--workers", type=click.IntRange(min=1), default=1, help=say("workers"))
    @click.option("--cluster", metavar="tcp://…", help=say("cluster"))
    @click.option("--run-folder", type=_FOLDER, help=say("run_folder"))
    @click.pass_context
    def assess(ctx, project, out, rules, force, workers, cluster, run_folder):
        how = {"workers": workers, "cluster": cluster, "run_folder": run_folder, "progress": _progress(say)}
        result = _run(project, lang, rules=rules, **how)
        _print_headline(result, lang)
        _print_matches(result.matches, lang)
        home = project if project.is_dir() else project.parent
        _write_all(result, out or home / ("hasil" if lang == "id" else "results"), lang, force=force)
        ctx.exit(_print_problems(result.problems, lang))


def _map(group, say, lang):
    @group.command("map", help=say("map"))
    @click.argument("project", type=_FOLDER, default=Path("."))
    @click.option("--out", type=_FILE, help=say("out_map"))
    @click.option("--rules", help=say("rules_option"))
    @click.option("--force", is_flag=True, help=say("force"))
    @click.pass_context
    def map_(ctx, project, out, rules, force):
        result = _run(project, lang, rules=rules)
        home = project if project.is_dir() else project.parent
        click.echo(_save_map(result, out or home / _map_name(lang), lang, force=force))
        ctx.exit(_print_problems(result.problems, lang, shown=0))


def _report(group, say, lang):
    @group.command("report", help=say("report"))
    @click.argument("project", type=_FOLDER, default=Path("."))
    @click.option("--kind", type=click.Choice(list(_REPORTS)), default="workbook", show_default=True, help=say("kind"))
    @click.option("--out", type=_FILE, help=say("out_report"))
    @click.option("--rules", help=say("rules_option"))
    @click.option("--force", is_flag=True, help=say("force"))
    @click.pass_context
    def report(ctx, project, kind, out, rules, force):
        from kumuhgis.export import write

        home = project if project.is_dir() else project.parent
        path = out or home / say(f"file_{kind}")
        _check_suffix(path, _REPORTS[kind], lang)
        result = _run(project, lang, rules=rules)
        _print_headline(result, lang)
        click.echo(write(result, path, force=force, lang=lang))
        ctx.exit(_print_problems(result.problems, lang, shown=0))


def _check_suffix(path, suffix, lang):
    """Refuse, before any work, a file whose name says another format."""
    from kumuhgis.errors import OutputError, Problem

    if path.suffix.lower() != suffix:
        params = {"suffix": path.suffix, "known": suffix}
        raise OutputError([Problem("output_format", path.name, params=params)], lang)


def _explain(group, say, lang):
    @group.command("explain", help=say("explain"))
    @click.argument("project", type=_FOLDER)
    @click.argument("unit")
    @click.option("--above", help=say("above"))
    def explain(project, unit, above):
        from kumuhgis.errors import Problem, ScoringError
        from kumuhgis.priority import why_above
        from kumuhgis.trace import explain as trace

        result = _run(project, lang)
        missing = [u for u in (unit, above) if u is not None and u not in result.summary.index]
        if missing:
            raise ScoringError([Problem("unit_not_found", "", u) for u in missing], lang)
        table = trace(result.scores, unit, result.rules, lang=lang)
        for line in _trace_lines(table, lang):
            click.echo(line)
        for line in _unit_lines(result, unit, lang):
            click.echo(line)
        if above:
            click.echo(why_above(result.summary, unit, above, lang))


def _trace_lines(table, lang):
    from kumuhgis.text import number

    for code, row in table.iterrows():
        score = "–" if row["score"] is None or row["score"] != row["score"] else row["score"]
        decimals = {"ha": 4, "m": 1}.get(row["unit"], 0)
        parts = f"{number(row['affected'], decimals, lang)} / {number(row['total'], decimals, lang)} {row['unit']}"
        percent = number(row["percent"], 2, lang)
        yield f"{code}  {row['name'][:52]:<52} {parts:>26} {percent:>9} %  {row['band']:<14} {score}  {row['source']}"


def _unit_lines(result, unit, lang):
    from kumuhgis.priority import why
    from kumuhgis.text import number
    from kumuhgis.trace import fragile_sentence

    row = result.summary.loc[unit]
    means = [f"{a.number}: {number(row[f'aspect_{a.number}_mean'], 2, lang)}" for a in result.rules.aspects]
    yield text("cli.means", lang, means="  ".join(means), sektoral=number(row["sektoral"], 2, lang))
    level = text("levels.undetermined", lang) if row["level"] != row["level"] else row["level"]
    total = (
        f"{row['total_low']}" if row["total_low"] == row["total_high"] else f"{row['total_low']}–{row['total_high']}"
    )
    yield text("cli.total", lang, total=total, max=result.rules.max_total, level=level)
    if row["deciding"]:
        yield text("cli.deciding", lang, codes=row["deciding"], levels=row["levels_possible"])
    if row["sensitive_to"]:
        yield text("cli.sensitive", lang, options=row["sensitive_to"])
    for sentence in (fragile_sentence(row, result.rules, lang), why(row, result.rules, lang)):
        if sentence:
            yield sentence


def _score(group, say, lang):
    @group.command("score", help=say("score"))
    @click.argument("table", type=_FILE)
    @click.option("--rules", default="permen-14-2018", show_default=True, help=say("rules_option"))
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
    @click.option("--columns", type=_FILE, help=say("columns"))
    @click.option("--sheet", help=say("sheet"))
    @click.option("--out", type=_FILE, help=say("out_csv"))
    @click.pass_context
    def score(ctx, table, out, **how):
        from kumuhgis.errors import problems_frame
        from kumuhgis.export import in_words, write_table
        from kumuhgis.scoring import score_baseline

        results, problems = score_baseline(table, **how)
        shown = in_words(results, lang)
        if out:
            write_table(shown, out, force=True, for_excel=False, lang=lang)
            click.echo(say("scored", count=len(results), path=out))
        else:
            click.echo(shown[["total_low", "total_high", "level", "area_ha", "slum_ha"]].to_string())
        click.echo(say("scored_with", **{k: how[k] for k in ("rules", "means", "length_total", "density")}))
        ctx.exit(_print_problems(problems_frame(problems, lang), lang))


def _rules(group, say, lang):
    @group.command("rules", help=say("rules"))
    @click.argument("rule", required=False)
    @click.option("--against", help=say("against"))
    def rules(rule, against):
        from kumuhgis import rules as book

        if rule is None and against is None:
            click.echo(book.list_rules()[["short", "criteria", "max_total"]].to_string())
        elif against:
            click.echo(book.compare_rules(rule or book.DEFAULT_RULES, against).to_string(index=False))
        else:
            table = book.criteria_table(book.load_rules(rule), lang)
            click.echo(table[["name", "unit", "total", "measure", "confidence"]].to_string())


def _doctor(group, say, lang):
    @group.command("doctor", help=say("doctor"))
    @click.pass_context
    def doctor(ctx):
        from kumuhgis.health import examine

        findings = examine(lang)
        for finding in findings:
            click.echo(f"{'✓' if finding.fine else '✗'} {finding.what:<12} {finding.says}")
        ctx.exit(0 if all(f.fine for f in findings) else 1)


if __name__ == "__main__":
    main()
