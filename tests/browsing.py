"""What a reader does on a map in a browser."""

SIZES = {"desktop": (1440, 900), "projector": (1024, 768), "phone": (360, 740)}


def unit_path(page, unit):
    return page.locator(f'path[data-unit="{unit}"]')


def click_unit(page, unit):
    """Click beside the middle, where the invented village has no house and no label."""
    page.wait_for_timeout(300)
    frame = unit_path(page, unit).bounding_box()
    page.mouse.click(frame["x"] + frame["width"] * 0.5, frame["y"] + frame["height"] * 0.5)
    page.wait_for_selector(".kg-card")


def open_unit(page, unit):
    """Open a card with the keyboard, wherever the unit has gone to."""
    unit_path(page, unit).focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
