"""Say which pages of a built site would fetch something from the internet, or link to a page that is not there."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What one page fetches and what it links to; a map inside a frame is a page of its own and not looked into."""

    def __init__(self, path):
        super().__init__()
        self.fetched, self.links = [], []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        """Collect addresses."""
        given = dict(attrs)
        if tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon"):
            self.fetched.append(given.get("href"))
        elif tag in FETCHED and given.get(FETCHED[tag]):
            self.fetched.append(given[FETCHED[tag]])
        elif tag == "a" and given.get("href"):
            self.links.append(given["href"])


def faults(folder):
    """List the faults of a site as sentences."""
    found = []
    pages = [path for path in sorted(Path(folder).rglob("*.html")) if "_static" not in path.parts]
    for path in pages:
        page = Page(path)
        found += [f"{path}: fetches {address}" for address in page.fetched if urlsplit(address).netloc]
        inside = [a for a in page.fetched + page.links if not urlsplit(a).scheme and urlsplit(a).path]
        found += [f"{path}: no {a}" for a in inside if not (path.parent / unquote(urlsplit(a).path)).exists()]
    return found


if __name__ == "__main__":
    told = faults(sys.argv[1])
    print("\n".join(told) or "the site stands alone")
    sys.exit(bool(told))
