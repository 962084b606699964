"""What a form holds: the questions of a rule in their sections, and the RT of a project to choose from."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from kumuhgis import layers
from kumuhgis.project import FILE, Project, load_project
from kumuhgis.questions import asked, sections
from kumuhgis.rules import Rules, list_rules, load_rules
from kumuhgis.text import text


@dataclass(frozen=True)
class FormContents:
    """What a form is made of.

    ``rules``, ``units`` (the RT, or None), ``part`` ("both", "household", "rt"), ``name`` of the place, and whether the
    project is sample data.
    """

    rules: Rules
    units: pd.DataFrame | None
    part: str
    name: str = ""
    sample: bool = False

    @property
    def questions(self):
        """The questions, in the order of the form."""
        return asked(self.rules, self.part)

    @property
    def sections(self):
        """The sections that have a question: list of (section, its questions)."""
        found = {key: [q for q in self.questions if q.section == key] for key in sections()}
        return [(sections()[key], inner) for key, inner in found.items() if inner]

    def title(self, lang="id"):
        """Give the title of the form."""
        parts = [text("headline.sample", lang)] if self.sample else []
        parts += [text(f"survey.title_{self.part}", lang), " ".join(self.name.split())[:80]]
        return " · ".join(filter(None, parts))


def form_contents(source, *, units=None, part="both"):
    """Take what a form is made of from a rule or a project.

    Parameters
    ----------
    source : Rules, Project, FormContents, str or path
        A rule (or its key or file), or a project (or its folder), which names its rule and its RT; or what this
        function gave before, as it is.
    units : geopandas.GeoDataFrame or pandas.DataFrame, optional
        The RT to choose from, indexed by unit; the default is the layer ``rt`` of the project.
    part : {"both", "household", "rt"}
        Which part of the questionnaire.

    Returns
    -------
    FormContents
        Rule, RT, part and name.

    Raises
    ------
    ValueError
        If ``part`` is none of the three.
    RulesError, ProjectError, LayerError
        If the rule, the project or its RT cannot be read.

    Examples
    --------
    >>> form_contents("permen-14-2018", part="rt").title()
    'Pendataan RT'
    """
    if part not in ("both", "household", "rt"):
        raise ValueError(f"part = {part!r}: both | household | rt")
    if isinstance(source, FormContents):
        return source
    if isinstance(source, (str, Path)) and _is_project(source):
        source = load_project(source)
    if not isinstance(source, Project):
        return FormContents(load_rules(source), units, part)
    info = source.contents.project
    return FormContents(source.rules, _rt(source) if units is None else units, part, info.name, info.sample)


def _is_project(source):
    """Tell whether words name a project: what is neither the key of a rule nor a TOML file is the name of a folder."""
    path = Path(source)
    return path.is_dir() or path.name == FILE or (str(source) not in list_rules().index and path.suffix != ".toml")


def _rt(project):
    spec = project.contents.layers["rt"]
    choose = partial(layers.metre_crs, wanted=project.contents.options.crs)
    how = {"layer": spec.layer, "crs": spec.crs, "swap_xy": spec.swap_xy, "columns": spec.columns}
    read = layers.open_layer(project.path(spec.path), "rt", vocabulary=spec.words, to_crs=choose, **how)
    return read.frame
