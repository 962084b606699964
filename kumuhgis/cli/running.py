"""What the commands share: kinds of arguments, the run, and how its results and problems are printed."""

from pathlib import Path

import click

from kumuhgis.text import text

SHOWN = 30
"""Problems that are printed; of more it is said how many they are."""
FOLDER = click.Path(file_okay=True, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


def print_problems(problems, lang, shown=SHOWN):
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


def print_headline(assessment, lang):
    """Print the few lines that say what came out."""
    from kumuhgis.assessment import headline

    for label, value in headline(assessment, lang):
        click.echo(f"{label:<14} {value}")


def run(project, lang, **how):
    """Assess a project."""
    from kumuhgis.assessment import assess

    return assess(project, lang=lang, **how)


def read_answers(project, given, result, lang):
    """Read what residents answered, from where the words say or the project does; tell what was wrong with it."""
    from kumuhgis.errors import problems_frame
    from kumuhgis.participate import find_contributions, read_contributions

    source, root = (given, None) if given else find_contributions(project)
    if source is None:
        return None
    answers, problems = read_contributions(source, assessment=result, root=root, lang=lang)
    print_problems(problems_frame(problems, lang), lang)
    return answers
