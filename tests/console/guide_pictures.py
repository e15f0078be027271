"""Pictures of the console for docs/guide: 1000 px wide, and cut to the parts that a guide speaks of."""

import os
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

from wingline.setup.paths import SOURCE

WIDTH = 1000
FOLDER = SOURCE / ".wingline" / "screenshots" / "guide"
IN_THE_GUIDE = SOURCE / "docs" / "guide" / "pictures"
# So many colours are enough for pages that are mostly black on white.
COLOURS = 200
MARGIN = 16


@dataclass(frozen=True)
class Pictures:
    """``make guide`` takes them, makes them small and puts them into docs/guide; a test only finds their parts."""

    page: Page

    def __call__(self, name: str, *parts: Locator, at_most: int = 900) -> None:
        """From the top of the first part to the end of the last, or of the whole page; ``at_most`` px high."""
        boxes = [box for part in parts if (box := part.bounding_box())]
        scrolled = self.page.evaluate("window.scrollY")
        top = max(0.0, min(box["y"] for box in boxes) + scrolled - MARGIN) if boxes else 0.0
        end = max(box["y"] + box["height"] for box in boxes) + scrolled + MARGIN if boxes else float(at_most)
        if not os.environ.get("WINGLINE_GUIDE"):
            return
        FOLDER.mkdir(parents=True, exist_ok=True)
        file = FOLDER / f"{name}.png"
        self.page.screenshot(
            path=file,
            clip={"x": 0, "y": top, "width": WIDTH, "height": min(end - top, at_most)},
            full_page=True,
            animations="disabled",
        )
        _made_small(file, IN_THE_GUIDE / file.name)


def _made_small(file: Path, there: Path) -> None:
    # Only who makes the guide needs it; it comes with fpdf2.
    from PIL import Image  # noqa: PLC0415

    there.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(there, optimize=True)
