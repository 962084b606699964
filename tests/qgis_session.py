"""Run inside the Python of QGIS: open a file as a person would, say as JSON what is there, and draw it.

/usr/bin/python3 tests/qgis_session.py FILE.gpkg|FILE.qgz OUT.json [PICTURE.png]
"""

import json
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    QgsApplication,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsLayoutExporter,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor


def layers_of(path):
    """Every layer of a GeoPackage as QGIS lists it when the file is dropped on its window."""
    whole = QgsVectorLayer(path, "all", "ogr")
    listed = whole.dataProvider().subLayers()
    out = []
    for line in listed:
        name = line.split("!!::!!")[1]
        if name != "layer_styles":
            out.append(QgsVectorLayer(f"{path}|layername={name}", name, "ogr"))
    return out


def classes_of(layer):
    """Every class of a layer, how many features fall into it, and how many into none."""
    renderer = layer.renderer()
    if renderer.type() != "categorizedSymbol":
        return [{"value": "", "label": "", "symbol": renderer.symbol().symbolLayerCount()}], {}
    classes = [
        {"value": str(c.value()), "label": c.label(), "layers": [s.layerType() for s in c.symbol().symbolLayers()],
         "colour": c.symbol().color().name()}
        for c in renderer.categories()
    ]  # fmt: skip
    context = QgsRenderContext()
    scopes = QgsExpressionContextUtils.globalProjectLayerScopes(layer)
    context.setExpressionContext(QgsExpressionContext(scopes))
    renderer.startRender(context, layer.fields())
    found = {}
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        keys = renderer.legendKeysForFeature(feature, context)
        label = renderer.categories()[int(next(iter(keys)))].label() if keys else None
        key = feature["unit"] if "unit" in layer.fields().names() else str(feature.id())
        found[str(key)] = label
    renderer.stopRender(context)
    return classes, found


def told_of(layer, every_style):
    spatial = layer.isSpatial()
    out = {
        "name": layer.name(),
        "valid": layer.isValid(),
        "crs": layer.crs().authid() if spatial else "",
        "features": layer.featureCount(),
        "aliases": {f.name(): layer.attributeAlias(layer.fields().indexOf(f.name())) for f in layer.fields()},
        "comments": {f.name(): f.comment() for f in layer.fields() if f.comment()},
        "title": layer.metadata().title(),
        "abstract": layer.metadata().abstract(),
        "extent": [layer.extent().xMinimum(), layer.extent().yMinimum(), layer.extent().xMaximum(),
                   layer.extent().yMaximum()],
        "geometry": layer.geometryType() if spatial else None,
        "widgets": {f.name(): layer.editorWidgetSetup(n).type() for n, f in enumerate(layer.fields())},
    }  # fmt: skip
    if spatial:
        out["classes"], out["found"] = classes_of(layer)
        labels = layer.labeling().settings().fieldName if layer.labelsEnabled() and layer.labeling() else ""
        out["label"] = labels
        out["scale"] = layer.minimumScale() if layer.hasScaleBasedVisibility() else None
    if every_style:
        out["styles"] = {}
        number, ids, names, _, _ = layer.listStylesInDatabase()
        for key, name in list(zip(ids, names, strict=False))[:number]:
            document, _ = layer.getStyleFromDatabase(key)
            out["styles"][name] = styled(layer, document)
    return out


def styled(layer, document):
    from qgis.PyQt.QtXml import QDomDocument

    doc = QDomDocument()
    doc.setContent(document)
    fine, said = layer.importNamedStyle(doc)
    classes, found = classes_of(layer)
    return {"fine": fine, "said": said, "classes": classes, "found": found}


def draw(layers, crs, extent, path, size=(1400, 1000)):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(crs)
    settings.setBackgroundColor(QColor("#fffdf8"))
    settings.setOutputSize(QSize(*size))
    settings.setOutputDpi(120)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(path)
    return [error.message for error in job.errors()]


def main(path, out, picture=None):
    app = QgsApplication([], False)
    app.initQgis()
    complaints = []
    app.messageLog().messageReceived.connect(
        lambda text, tag, level: complaints.append(f"{tag}: {text}") if int(level) in (1, 2) else None
    )
    told = {"file": path}
    project = QgsProject.instance()
    if path.endswith(".qgz"):
        told["read"] = project.read(path)
        layers = list(project.mapLayers().values())
        root = project.layerTreeRoot()
        told |= {
            "title": project.title(),
            "crs": project.crs().authid(),
            "tree": tree(root),
            "order": [layer.name() for layer in root.layerOrder()],
            "relations": {r.name(): r.isValid() for r in project.relationManager().relations().values()},
            "layouts": [layout.name() for layout in project.layoutManager().printLayouts()],
            "sources": [layer.source() for layer in layers],
            "style_names": {layer.name(): layer.styleManager().styles() for layer in layers},
            "view": [project.viewSettings().defaultViewExtent().xMinimum()],
            "history": project.metadata().history(),
        }
        drawn = [n.layer() for n in root.findLayers() if n.isVisible() and n.layer().isSpatial()]
        drawn = [layer for layer in root.layerOrder() if layer in drawn]
    else:
        layers = layers_of(path)
        project.addMapLayers(layers)
        drawn = [layer for layer in layers if layer.isSpatial()]
    units = next(layer for layer in layers if layer.source().endswith("layername=rt"))
    told["layers"] = {layer.source().split("layername=")[1]: told_of(layer, False) for layer in layers}
    if picture:
        told["errors"] = draw(drawn, units.crs(), units.extent().buffered(60), picture)
        for layout in project.layoutManager().printLayouts():
            settings = QgsLayoutExporter.ImageExportSettings()
            settings.dpi = 110
            QgsLayoutExporter(layout).exportToImage(picture.replace(".png", "-layout.png"), settings)
    if not path.endswith(".qgz"):
        told["layers"]["rt"] = told_of(units, True)
    told["complaints"] = complaints
    with open(out, "w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, indent=1, default=str)
    QgsProject.instance().clear()


def tree(group):
    return {
        child.name(): tree(child)
        if hasattr(child, "findGroup") and not hasattr(child, "layerId")
        else child.isVisible()
        for child in group.children()
    }


main(*sys.argv[1:])
