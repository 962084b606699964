"""Hypothesis without deadlines (tests are never about speed), and a browser without network."""

import os
import shutil
from pathlib import Path

import pytest
from browsing import SIZES
from hypothesis import settings

collect_ignore = ["qgis_session.py"]  # runs inside QGIS, in a process of its own


settings.register_profile("kumuhgis", deadline=None)
settings.load_profile("kumuhgis")


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium; without it these tests are skipped, but never in CI."""
    where = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    if not where or not sync_playwright:
        reason = "map tests need Chromium and playwright (apt install chromium; pip install playwright)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=where, args=arguments)
        yield made
        made.close()


@pytest.fixture
def shots(tmp_path):
    folder = Path(os.environ.get("KUMUHGIS_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def show(browser, tmp_path):
    """Open a map with the network off; say at the end if it asked for anything or complained."""
    contexts, requests, complaints = [], [], []

    def opened(m, size="desktop"):
        path = tmp_path / "peta.html"
        path.write_text(m, "utf-8") if isinstance(m, str) else m.save(path)
        phone = size == "phone"
        context = browser.new_context(
            viewport=dict(zip(("width", "height"), SIZES[size], strict=True)),
            offline=True, has_touch=phone, is_mobile=phone,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        inside = ("data:", "blob:", path.as_uri())
        page.on("request", lambda r: requests.append(r.url) if not r.url.startswith(inside) else None)
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert requests == []
    assert complaints == []
