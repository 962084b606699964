"""Make the pictures of docs/galeri.md from the sample desa; needs the extras test and Chromium."""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

import kumuhgis as kg

WIDTH = 1000


def keep(picture, path, width=WIDTH):
    """Write a picture small: no wider than the page, in 128 colours."""
    image = Image.open(picture).convert("RGB")
    if image.width > width:
        image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
    image.quantize(128).save(path, optimize=True)


def main(folder="docs/gambar"):
    """Write all pictures."""
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    result = kg.assess(kg.load_sample("jaten"))
    with tempfile.TemporaryDirectory() as work:
        for kind in ("sheet", "worksheet"):
            kg.write(result, Path(work, f"{kind}.png"), kind=kind)
            keep(Path(work, f"{kind}.png"), folder / f"{kind}.png")
        page = Path(work, "peta.html")
        kg.village_map(result).save(page)
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=shutil.which("chromium"))
            for name, size in (("peta", (1280, 800)), ("ponsel", (390, 800))):
                view = browser.new_page(viewport={"width": size[0], "height": size[1]})
                view.goto(page.as_uri())
                view.wait_for_timeout(1500)
                keep(io.BytesIO(view.screenshot()), folder / f"{name}.png")
            browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
