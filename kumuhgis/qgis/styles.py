"""How QGIS draws and names a layer: one QML document a style, put together from classes in the words of the map."""

from dataclasses import dataclass, field
from xml.etree import ElementTree

from kumuhgis.qgis.symbols import DRAW, element, letters, plain

VERSION = "3.22.0-kumuhgis"
"""Version of the format that is written: older and newer QGIS read it too."""
GEOMETRIES = {0: "Point", 1: "Line", 2: "Polygon"}


@dataclass(frozen=True)
class Style:
    """One way to draw a layer.

    Attributes
    ----------
    name : str
        As it stands in the menu of styles.
    by : str
        Field or expression whose value chooses the class; empty where all features are alike.
    classes : tuple of (str, dict)
        Value, and the class with its ``label`` and what :mod:`qgis.symbols` draws. The value "" is for all others.
    label : str
        Field that is written on the features; empty for none.
    label_scale : int
        The letters are drawn from this scale (1 : n) on.
    label_size : float
        In points.
    """

    name: str
    by: str = ""
    classes: tuple = ()
    label: str = ""
    label_scale: int = 10_000
    label_size: float = 8


@dataclass(frozen=True)
class Names:
    """What the columns of a layer are called, and how they are filled in.

    Attributes
    ----------
    aliases, comments : dict of str to str
        By column.
    choices : dict of str to dict
        Column to the words that it may hold, each with its label.
    tabs : dict of str to tuple of str
        Title of a page of the form to its columns.
    locked : bool
        Whether the columns are results, which nobody shall type over.
    shown : str
        The column that a feature is called by.
    """

    aliases: dict
    comments: dict = field(default_factory=dict)
    choices: dict = field(default_factory=dict)
    tabs: dict = field(default_factory=dict)
    locked: bool = False
    shown: str = ""


def column_sql(name):
    """Quote the name of a column for an expression of QGIS or SQL.

    Examples
    --------
    >>> print(column_sql('say "A" now'))
    "say ""A"" now"
    """
    return '"' + name.replace('"', '""') + '"'


def value_sql(value):
    """Quote a text for an expression of QGIS.

    Examples
    --------
    >>> value_sql("Jum'at")
    "'Jum''at'"
    """
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def qml(style, dimension, names=None, scale=None):
    """Write a style as QGIS keeps it.

    Parameters
    ----------
    style : Style
        How features are drawn.
    dimension : int or None
        Of their geometry; None for a table.
    names : Names, optional
        Names and forms of the columns; a further style of a layer leaves them as they are.
    scale : int, optional
        The layer is drawn from this scale (1 : n) on; always, if there is none.

    Returns
    -------
    xml.etree.ElementTree.Element
        ``<qgis>``.
    """
    kinds = "AllStyleCategories" if names else "Symbology|Labeling|Rendering"
    root = ElementTree.Element("qgis", {"version": VERSION, "styleCategories": kinds})
    if dimension is not None:
        root.attrib |= {"hasScaleBasedVisibilityFlag": str(int(scale is not None)), "maxScale": "0"}
        root.attrib |= {"minScale": str(scale or 100_000_000), "labelsEnabled": str(int(bool(style.label)))}
        _renderer(root, style, dimension)
        if style.label:
            _labels(root, style, dimension)
        element(root, "blendMode", 0)
        element(root, "layerOpacity", 1)
    if names:
        _fields(root, names)
    if dimension is not None:
        element(root, "layerGeometryType", {0: 0, 1: 1, 2: 2}[dimension])
    return root


def written(root):
    """Write a document as text; control characters and markup in it are harmless."""
    return ElementTree.tostring(root, encoding="unicode")


def _renderer(root, style, dimension):
    many = bool(style.by)
    kind = {"type": "categorizedSymbol", "attr": style.by} if many else {"type": "singleSymbol"}
    casing = any(each.get("casing") for _, each in style.classes)
    renderer = element(root, "renderer-v2", **kind, symbollevels=int(casing), forceraster=0, enableorderby=0)
    if many:
        listed = element(renderer, "categories")
        for number, (value, each) in enumerate(style.classes):
            label = plain(each["label"])
            element(listed, "category", value=value, type="string", symbol=number, label=label, render="true")
    symbols = element(renderer, "symbols")
    for number, (_, each) in enumerate(style.classes):
        DRAW[dimension](symbols, str(number), each)


def _labels(root, style, dimension):
    settings = element(element(root, "labeling", type="simple"), "settings", calloutType="simple")
    letters(settings, style.label_size, bold=dimension == 2, fieldName=style.label, isExpression=0)
    element(settings, "text-format", wrapChar="", multilineAlign=1, autoWrapLength=18 if dimension == 2 else 0)
    placed = {"placement": {0: 6, 1: 3, 2: 4}[dimension], "placementFlags": 10, "priority": 8, "dist": 0.6}
    element(settings, "placement", **placed, distUnits="MM", centroidInside=1, polygonPlacementFlags=2)
    element(
        settings, "rendering", drawLabels=1, scaleVisibility=1, scaleMin=1, scaleMax=style.label_scale, obstacle=1,
        mergeLines=int(dimension == 1), displayAll=0, labelPerPart=0, upsidedownLabels=0,
    )  # fmt: skip


def _fields(root, names):
    """Write names, comments, words to choose from and the pages of the form."""
    configuration = element(root, "fieldConfiguration")
    for name in names.aliases:
        made = element(configuration, "field", name=name, configurationFlags="None")
        _widget(made, names.choices.get(name))
    aliases = element(root, "aliases")
    for number, (name, alias) in enumerate(names.aliases.items(), 1):
        element(aliases, "alias", field=name, index=number, name=plain(alias))
    if names.tabs:
        _form(root, names)
    editable = element(root, "editable")
    for name in names.aliases:
        element(editable, "field", name=name, editable=int(not names.locked))
    if names.shown:
        element(root, "previewExpression", column_sql(names.shown))


def _widget(made, words):
    widget = element(made, "editWidget", type="ValueMap" if words else "")
    config = element(widget, "config")
    if not words:
        element(config, "Option")
        return
    listed = element(element(config, "Option", type="Map"), "Option", type="List", name="map")
    for word, label in words.items():
        element(element(listed, "Option", type="Map"), "Option", type="QString", name=plain(label), value=word)


def _form(root, names):
    element(root, "editorlayout", "tablayout")
    form = element(root, "attributeEditorForm")
    order = {name: number for number, name in enumerate(names.aliases, 1)}
    for title, columns in names.tabs.items():
        page = element(form, "attributeEditorContainer", name=plain(title), columnCount=1, groupBox=0, showLabel=1)
        for name in columns:
            element(page, "attributeEditorField", name=name, index=order[name], showLabel=1)
