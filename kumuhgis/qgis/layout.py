"""A sheet to print from QGIS: A3, the map at a round scale, and beside it title, legend, scale, north and sources."""

from uuid import NAMESPACE_URL, uuid5

from kumuhgis.captions import caption, input_lines
from kumuhgis.qgis.plan import UNITS, extent_of
from kumuhgis.qgis.symbols import element, letters, plain
from kumuhgis.qgis.tree import tree_layer
from kumuhgis.text import text

PAGE = (420.0, 297.0)
MAP = (10.0, 10.0, 310.0, 277.0)
"""Left, top, width and height of the map on the page, in mm."""
SIDE = (325.0, 85.0)
"""Left and width of the column beside it, in mm."""
SCALES = (250, 500, 1_000, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000, 7_500, 10_000, 15_000, 20_000, 25_000, 50_000,
          100_000, 250_000, 500_000, 1_000_000)  # fmt: skip
_TYPES = {"page": 65638, "map": 65639, "picture": 65640, "label": 65641, "legend": 65642, "scale": 65646}
_ARROW = ":/images/north_arrows/layout_default_north_arrow.svg"


def round_scale(box):
    """Give the largest round scale at which a box fits on the sheet.

    Parameters
    ----------
    box : tuple of float
        West, south, east and north in metres.

    Returns
    -------
    int
        The number behind "1 :".

    Examples
    --------
    >>> round_scale((0, 0, 1400, 900))
    5000
    """
    west, south, east, north = box
    needed = max((east - west) * 1000 / MAP[2], (north - south) * 1000 / MAP[3])
    return next((scale for scale in SCALES if scale >= needed), SCALES[-1])


def add_layout(root, assessment, layers, lang="id"):
    """Add the sheet to a project; none where nothing is drawn.

    Parameters
    ----------
    root : xml.etree.ElementTree.Element
        The project.
    assessment : Assessment
        The result.
    layers : list of plan.Layer
        Its layers.
    lang : {"id", "en"}
        Language.
    """
    box = extent_of(layers)
    if box is None:
        return
    scale = round_scale(box)
    name = text("qgis.sheet", lang)
    layout = element(element(root, "Layouts"), "Layout", name=name, units="mm", printResolution=300)
    pages = element(layout, "PageCollection")
    _item(pages, "page", "page", (0, 0, *PAGE), background="true")
    _map(layout, box, scale)
    top = _titles(layout, assessment, layers, lang)
    _north_and_scale(layout, scale, top, lang)
    _legend(layout, layers, top + 34)
    _sources(layout, assessment, lang)


def _item(parent, kind, key, box, **attributes):
    """Add an item; the box is left, top, width and height in mm."""
    uuid, (left, top, width, height) = _uuid(key), box
    how = {"visibility": 1, "frame": "false", "background": "false", "zValue": 1, "referencePoint": 0, "opacity": 1}
    place, size = f"{left:g},{top:g},mm", f"{width:g},{height:g},mm"
    item = element(
        parent, "LayoutItem", type=_TYPES[kind], uuid=uuid, templateUuid=uuid, id=key, position=place,
        positionOnPage=place, size=size, outlineWidthM="0.3,mm", **{**how, **attributes},
    )  # fmt: skip
    element(item, "FrameColor", red=28, green=23, blue=16, alpha=255)
    element(item, "BackgroundColor", red=255, green=255, blue=255, alpha=255)
    return item


def _map(layout, box, scale):
    west, south, east, north = box
    width, height = MAP[2] * scale / 1000, MAP[3] * scale / 1000
    x, y = (west + east - width) / 2, (south + north - height) / 2
    item = _item(
        layout, "map", "peta", MAP, frame="true", background="true", keepLayerSet="false", followPreset="false"
    )
    element(item, "Extent", xmin=x, ymin=y, xmax=x + width, ymax=y + height)
    _grid(item, scale)


def _grid(item, scale):
    """Lay crosses of the metre grid over the map, with their coordinates inside the frame."""
    step = _round_below(60 * scale / 1000)
    sides = {f"{side}AnnotationPosition": 0 for side in ("left", "right", "top", "bottom")}
    grid = element(
        item, "ComposerMapGrid", uuid=_uuid("grid"), name="UTM", show=1, gridStyle=1, crossLength=2.5, unit=0,
        intervalX=step, intervalY=step, offsetX=0, offsetY=0, position=3, showAnnotation=1, annotationFormat=0,
        annotationPrecision=0, frameAnnotationDistance=1, gridFrameStyle=0, blendMode=0, leftAnnotationDirection=1,
        rightAnnotationDirection=1, **sides,
    )  # fmt: skip
    letters(grid, 6.5)


def _uuid(key):
    return "{" + str(uuid5(NAMESPACE_URL, f"kumuhgis/layout/{key}")) + "}"


def _label(layout, key, words, top, height, size, *, bold=False, colour=(28, 23, 16), fill=None):
    item = _item(
        layout, "label", key, (SIDE[0], top, SIDE[1], height), labelText="\n".join(map(plain, words)), htmlState=0,
        halign=1, valign=32, marginX=1 if fill else 0, marginY=1 if fill else 0, background="true" if fill else "false",
    )  # fmt: skip
    if fill:
        item.find("BackgroundColor").attrib |= dict(zip(("red", "green", "blue"), map(str, fill), strict=True))
    weight = 75 if bold else 50
    element(item, "LabelFont", description=f"Noto Sans,{size},-1,5,{weight},0,0,0,0,0", style="")
    element(item, "FontColor", red=colour[0], green=colour[1], blue=colour[2], alpha=255)
    letters(item, size, bold=bold).find("text-buffer").set("bufferDraw", "0")


def _titles(layout, assessment, layers, lang):
    """Write the mark of invented data, the title, what is coloured, the place, the date and the rule."""
    said, top = caption(assessment, lang), MAP[1]
    if said["sample"]:
        words = [text("maps.sample", lang)]
        _label(layout, "contoh", words, top, 8, 10, bold=True, colour=(255, 255, 255), fill=(125, 21, 39))
        top += 11
    theme = next(layer for layer in layers if layer.table == UNITS).styles[0].name
    title = said["title"]
    lines = 1 + len(title) // 27
    _label(layout, "judul", [title], top, 7.5 * lines, 15, bold=True)
    top += 7.5 * lines + 1.5
    words = [
        theme,
        *filter(None, (said["place"], said["project"], said["when"], text("maps.rule", lang, rule=said["rule"]))),
    ]
    height = 4.6 * sum(1 + len(word) // 50 for word in words) + 1
    _label(layout, "keterangan", words, top, height, 9)
    return top + height


def _north_and_scale(layout, scale, top, lang):
    _item(layout, "picture", "utara", (SIDE[0], top + 4, 18, 22), file=_ARROW, mode=2, resizeMode=0, anchorPoint=4)
    step = _step(scale)
    item = _item(
        layout, "scale", "skala", (SIDE[0] + 22, top + 14, 60, 12), mapUuid=_uuid("peta"), style="Single Box",
        numSegments=2, numSegmentsLeft=0, numUnitsPerSegment=step, segmentMillimeters=step * 1000 / scale,
        segmentSizeMode=0, numMapUnitsPerScaleBarUnit=1, unitType="meters", unitLabel="m", height=2.5,
        outlineWidth=0.3, boxContentSpace=1, labelBarSpace=2, alignment=0, minBarWidth=40, maxBarWidth=60,
    )  # fmt: skip
    letters(item, 8).find("text-buffer").set("bufferDraw", "0")
    number = f"{scale:,}".replace(",", "." if lang == "id" else ",")
    label = _item(
        layout, "label", "angka skala", (SIDE[0] + 22, top + 6, 60, 7), labelText=f"1 : {number}", htmlState=0,
        halign=1, valign=32,
    )  # fmt: skip
    element(label, "LabelFont", description="Noto Sans,12,-1,5,75,0,0,0,0,0", style="")
    letters(label, 12, bold=True).find("text-buffer").set("bufferDraw", "0")


def _step(scale):
    """Give metres of a part of the scale bar: a round number, 10 to 26 mm long."""
    return _round_below(26 * scale / 1000)


def _round_below(longest):
    return max((n * 10**k for k in range(6) for n in (1, 2, 5) if n * 10**k <= longest), default=1)


def _legend(layout, layers, top):
    item = _item(
        layout, "legend", "legenda", (SIDE[0], top, SIDE[1], 100), title="", columnCount=1, resizeToContents=1,
        symbolWidth=7, symbolHeight=4, boxSpace=0, lineSpacing=1, wrapChar="", map_uuid=_uuid("peta"), splitLayer=0,
        legendFilterByAtlas=0, fontColor="#1c1710", symbolAlignment=1, titleAlignment=1, equalColumnWidth=0,
    )  # fmt: skip
    styles = element(item, "styles")
    sizes = {
        "title": (12, 0),
        "group": (9.5, 2),
        "subgroup": (9.5, 2.4),
        "symbol": (8.5, 1.0),
        "symbolLabel": (8.5, 1.2),
    }
    for name, (size, space) in sizes.items():
        bold = name in ("group", "subgroup")
        one = element(styles, "style", name=name, alignment=1, marginTop=space, indent=0)
        if name == "symbolLabel":
            one.set("marginLeft", "2")
        element(one, "styleFont", description=f"Noto Sans,{size},-1,5,{75 if bold else 50},0,0,0,0,0", style="")
        letters(one, size, bold=bold).find("text-buffer").set("bufferDraw", "0")
    _legend_tree(item, layers)


def _legend_tree(item, layers):
    """Name the layers of the legend: those that are drawn, the units first."""
    tree = element(item, "layer-tree-group")
    shown = [layer for layer in layers if layer.shown]
    for layer in sorted(shown, key=lambda layer: layer.table != UNITS):
        tree_layer(tree, layer, "")


def _sources(layout, assessment, lang):
    crs = assessment.units.crs
    names = list(dict.fromkeys(name for _, name, _ in input_lines(assessment)))
    words = [text("qgis.projection", lang, crs=f"{crs.name} ({assessment.provenance.get('crs', '')})")]
    words.append(text("qgis.sources", lang, names=", ".join(names)))
    words.append(text("workbook.made_by", lang))
    height = 3.8 * sum(1 + len(word) // 58 for word in words) + 1
    _label(layout, "sumber", words, MAP[1] + MAP[3] - height, height, 7.5)
