"""The first things one runs, and what makes the computer ready: ``demo``, ``doctor``, ``completion``."""

from pathlib import Path

import click

from kumuhgis.cli.running import FOLDER, map_name, print_headline, run, write_all
from kumuhgis.text import text

SHELLS = ("bash", "zsh", "fish")
"""Shells that can complete our words."""


def add_start(group, say, lang):
    """Add the commands of the first contact."""
    _add_demo(group, say, lang)
    _add_doctor(group, say, lang)
    _add_completion(group, say, lang)


def _add_demo(group, say, lang):
    @group.command("demo", help=say("demo"))
    @click.argument("folder", type=FOLDER, default=Path("kumuhgis-demo"))
    def demo(folder):
        from kumuhgis.sample import SAMPLES, load_sample

        for name in SAMPLES:
            source = load_sample(name)
            result = run(source, lang)
            click.echo("")
            print_headline(result, lang)
            write_all(result, folder / name, lang, force=True, project=source)
        first = folder / SAMPLES[0]
        names = {kind: text(f"cli.file_{kind}", lang) for kind in ("results", "problems", "matches", "kawasan")}
        gpkg = str(Path(names["results"]).with_suffix(".gpkg"))
        click.echo("\n" + say("demo_made", folder=folder, count=len(SAMPLES)))
        for key, name in (("map", map_name(lang)), *names.items(), ("gpkg", gpkg)):
            click.echo(f"  {name:<18} {say(f'demo_{key}')}")
        click.echo("\n" + say("demo_done", path=(first / map_name(lang)).resolve()))
        for line in say("demo_next").splitlines():
            click.echo(f"  {line}")


def _add_doctor(group, say, lang):
    @group.command("doctor", help=say("doctor"))
    @click.pass_context
    def doctor(ctx):
        from kumuhgis.health import examine

        findings = examine(lang)
        for finding in findings:
            click.echo(f"{'✓' if finding.fine else '✗'} {finding.what:<12} {finding.says}")
        ctx.exit(0 if all(f.fine for f in findings) else 1)


def _add_completion(group, say, lang):
    @group.command("completion", help=say("completion"))
    @click.argument("shell", type=click.Choice(SHELLS))
    def completion(shell):
        from click.shell_completion import get_completion_class

        click.echo(get_completion_class(shell)(group, {}, "kumuhgis", "_KUMUHGIS_COMPLETE").source())
