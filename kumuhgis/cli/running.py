"""What the commands share: kinds of arguments, the run, and how its results and problems are printed."""

from pathlib import Path

import click

from kumuhgis.text import text

SHOWN = 30
"""Problems that are printed; of more it is said how many they are."""
FOLDER = click.Path(file_okay=True, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


def rule_names(_ctx, _param, begun):
    """Give the keys of the rules that come with us, for shells that complete."""
    home = Path(__file__).parents[1] / "data" / "rules"
    return [path.stem for path in sorted(home.glob("*.toml")) if path.stem.startswith(begun)]


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


def map_name(lang):
    """Give the usual name of the map."""
    return text("cli.file_map", lang)


def write_all(result, folder, lang, *, force, project, contributions=None):
    """Write the map and the tables of one result, and say what each file is."""
    from kumuhgis.delivery import write_tables

    for path in write_tables(result, folder, contributions=contributions, force=force, lang=lang):
        click.echo(f"  {path}")
    path = folder / map_name(lang)
    click.echo(f"  {save_project_map(result, project, path, lang, force=force, contributions=contributions)}")


def save_project_map(result, project, path, lang, **how):
    """Write the map over the basemap of the project; one that cannot be used is said and left out."""
    from kumuhgis.delivery import save_map
    from kumuhgis.errors import LayerError
    from kumuhgis.maps import project_basemap

    try:
        return save_map(result, path, lang=lang, basemap=project_basemap(project), **how)
    except LayerError as error:
        for problem in error.problems:
            click.echo(f"! {problem.line(lang)}", err=True)
    return save_map(result, path, lang=lang, **how)
