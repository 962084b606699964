"""The tree of layers of a project and of a legend, and what ties the tables to the units."""

import re

from kumuhgis.qgis.plan import UNITS
from kumuhgis.qgis.symbols import element, plain
from kumuhgis.text import text

GROUPS = ("people", "data", "border", "infrastructure", "condition", "land", "units", "tables")
"""Groups of the tree from the top to the bottom; what lies above hides what lies below."""
_RELATIONS = {"scores": ("table_scores", "unit"), "measures": ("table_measures", "unit"),
              "problems": ("table_problems", "feature")}  # fmt: skip


def layer_id(layer):
    """Give the identifier of a layer in a project: plain letters, longer than ten as QGIS asks for."""
    return re.sub(r"[^A-Za-z0-9_]", "_", f"kumuhgis_layer_{layer.table}")


def tree_layer(parent, layer, package):
    """Add a layer to a tree: of the project, or of a legend."""
    return element(
        parent, "layer-tree-layer", id=layer_id(layer), name=plain(layer.title), providerKey="ogr",
        source=f"./{package}|layername={layer.table}", expanded=int(layer.shown),
        checked="Qt::Checked" if layer.shown or layer.dimension is None else "Qt::Unchecked",
    )  # fmt: skip


def add_tree(root, layers, package, lang="id"):
    """Add the tree of layers to a project."""
    tree = element(root, "layer-tree-group")
    for key in GROUPS:
        name = text(f"qgis.group.{key}", lang)
        own = [layer for layer in layers if layer.group == name]
        if own:
            open_ = int(any(layer.shown for layer in own))
            group = element(tree, "layer-tree-group", name=name, checked="Qt::Checked", expanded=open_)
            for layer in own:
                tree_layer(group, layer, package)


def add_relations(root, layers, lang="id"):
    """Tie the tables to the units, so that the form of an RT lists what belongs to it."""
    there = {layer.table: layer for layer in layers}
    relations = element(root, "relations")
    for key, (table, column) in _RELATIONS.items():
        if table in there:
            made = element(
                relations, "relation", id=f"kumuhgis_relation_{key}", name=text(f"qgis.relation.{key}", lang),
                referencedLayer=layer_id(there[UNITS]), referencingLayer=layer_id(there[table]), strength="Association",
            )  # fmt: skip
            element(made, "fieldRef", referencedField="unit", referencingField=column)
