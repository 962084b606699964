"""KML and GPX as text: the whole features of a file that is cut, and the attributes that hide in descriptions."""

import html
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from kumuhgis.geotext import decode

ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""
_BLOCKS = {"kml": "Placemark", "gpx": "wpt|rte|trk"}
_ENDS = {"kml": "</Document></kml>", "gpx": "</gpx>"}
_STARTS = {"kml": '<kml xmlns="http://www.opengis.net/kml/2.2">', "gpx": '<gpx version="1.1">'}
_BLANKS = {"Placemark": "<Placemark></Placemark>", "wpt": '<wpt lat="" lon=""/>', "rte": "<rte/>", "trk": "<trk/>"}
_LINE = re.compile(r"^\s*([^:=<>]{1,40}?)\s*[:=]\s*(\S.*?)\s*$")
_MOST = 200
_LONGEST = 100_000


def whole_features(raw, kind):
    """Rebuild a KML or GPX from its whole features.

    Parameters
    ----------
    raw : bytes
        A file that is cut or otherwise not well-formed.
    kind : {"kml", "gpx"}
        Which it is.

    Returns
    -------
    text : str
        A file of the same kind, well-formed as far as its features are; empty if not one feature is whole.
    lost : int
        How many characters behind the last whole feature could not be read.
    broken : list of int
        Numbers of the features that have an end but are no XML; they are kept without content.

    Examples
    --------
    >>> whole_features(b"<kml><Placemark><name>A</name></Placemark><Placemark><na", "kml")[1:]
    (14, [])
    """
    text = decode(raw)[0]
    text = re.sub(r"&(?!(?:[A-Za-z]{2,8}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)", "&amp;", text).replace("\x00", "")
    text = re.sub(r"(<description>)(?!\s*<!\[CDATA\[)([^\0]*?)(</description>)", _escaped, text)
    root = re.search(rf"<{kind}\b[^<>]{{0,2000}}>", text)
    start = (root[0] if root else _STARTS[kind]) + ("<Document>" if kind == "kml" else "")
    blocks, broken, end, numbers = [], [], 0, {}
    for block, stop in _blocks(text, kind):
        name, end = re.match(r"<(\w+)", block)[1], stop
        number = numbers[name] = numbers.get(name, -1) + 1
        if not _is_xml(f"{start}{block}{_ENDS[kind]}"):
            block = _BLANKS[name]
            broken.append(number)
        blocks.append(block)
    if len(broken) == len(blocks):
        return "", len(text), []
    closed = text.rstrip().endswith(f"</{kind}>")
    return f"{start}{''.join(blocks)}{_ENDS[kind]}", 0 if closed else len(text) - end, broken


def _blocks(text, kind):
    """Give the text of every feature that has an end, and where that is."""
    end = 0
    for name in re.finditer(rf"<({_BLOCKS[kind]})\b", text):
        if name.start() < end:
            continue
        short = re.match(r"<wpt\b[^<>]*/>", text[name.start() : name.start() + 2000])
        stop = name.start() + short.end() if short else text.find(f"</{name[1]}>", name.end())
        if stop < 0:
            return
        end = stop if short else stop + len(f"</{name[1]}>")
        yield text[name.start() : end], end


def _is_xml(text):
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return False
    try:
        ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, RecursionError):
        return False
    return True


def _escaped(found):
    """Escape HTML that stands in a description without being marked as such."""
    inner = found[2] if "&lt;" in found[2] or "<" not in found[2] else html.escape(html.unescape(found[2]), quote=False)
    return f"{found[1]}{inner}{found[3]}"


class _Rows(HTMLParser):
    """The rows of the innermost tables of a description; end tags may be missing."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.rows, self.row, self.cell = [], [], None

    def handle_starttag(self, tag, attrs):
        if tag in ("tr", "table"):
            self._end_row()
        elif tag in ("td", "th"):
            self._end_cell()
            self.cell = ""
        elif tag == "br" and self.cell is not None:
            self.cell += " "

    def handle_endtag(self, tag):
        if tag in ("tr", "table"):
            self._end_row()
        elif tag in ("td", "th"):
            self._end_cell()

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data

    def _end_cell(self):
        if self.cell is not None:
            self.row.append(" ".join(self.cell.split()))
        self.cell = None

    def _end_row(self):
        self._end_cell()
        if self.row:
            self.rows.append(self.row)
        self.row = []


def described(text):
    """Read the attributes in a description.

    Parameters
    ----------
    text : object
        HTML with a table of two columns, or lines ``name: value``.

    Returns
    -------
    dict of str to str
        Empty if the description is only prose.

    Examples
    --------
    >>> described("<table><tr><td>KODE</td><td>001</td></tr><tr><th>KK<td>45</table>")
    {'KODE': '001', 'KK': '45'}
    >>> described("KODE: 001<br>KK = 45"), described("Batas RT, lihat: peta")
    ({'KODE': '001', 'KK': '45'}, {})
    """
    if not isinstance(text, str) or not text or len(text) > _LONGEST:
        return {}
    if "<td" in text.lower():
        parser = _Rows()
        parser.feed(text)
        parser.close()
        parser.handle_endtag("table")
        pairs = [row for row in parser.rows if len(row) == 2 and row[0] and len(row[0]) <= 60]
    else:
        lines = re.split(r"<br\s*/?>|</p>|</li>|</div>|\n", text, flags=re.IGNORECASE)
        lines = [html.unescape(re.sub(r"<[^<>]*>", "", line)) for line in lines]
        found = [m.groups() for m in map(_LINE.match, lines) if m]
        pairs = found if len(found) >= 2 else []
    return {name.rstrip(" :"): value for name, value in pairs[:_MOST]}
