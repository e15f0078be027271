"""The oversight report as a PDF: plain words, real text, a title, a language and an outline for who reads by ear.

fpdf2 writes no tagged tables; the CSV files hold the same for a screen reader (docs/kept.md).
"""

import unicodedata
from datetime import date

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from escalation.oversight import HIDDEN, Report, Table

FONT = "Helvetica"
# What the fonts that every reader has can write.
ENCODING = "cp1252"
WIDEST = 2.6  # how much wider the first column is than another

WHAT = (
    "This report counts what happened on the Listener line in three months, so that people outside the prison can see "
    "that it does what was promised. It names nobody. Nothing that was said on the line is kept, so nothing of it "
    "can be in here."
)
HOW_HIDDEN = (
    f"{HIDDEN} stands for a number that is hidden to protect people: every count from 1 to 4, and other numbers from "
    "which one of those could be worked out by adding and subtracting. 0 is shown. A time is shown only over at least "
    "five cases and next to a count that is shown. Reports are made of whole quarters alone, and never twice in "
    "different ways: two reports cannot be subtracted from each other."
)
WHO_TO_ASK = (
    "Ask the coordinator of the Listener scheme, or the Samaritans branch that supports it. Whether the audit behind "
    "these numbers is whole can be checked: wingline audit verify. Anybody can ask what is kept about them by dialling "
    "102 on any phone of the line."
)


class _Pages(FPDF):
    def footer(self) -> None:
        self.set_y(-15)
        self.set_font(FONT, size=9)
        self.cell(0, 8, f"Page {self.page_no()} of {{nb}}", align="R")


def as_pdf(report: Report, made_on: date) -> bytes:
    title = _writable(f"Listener line at {report.site}: oversight report {report.quarter}")
    pages = _Pages()
    pages.set_title(title)
    pages.set_lang("en-GB")
    pages.set_creator("Wingline")
    pages.set_margin(18)
    pages.add_page()
    _heading(pages, title, level=0)
    _paragraph(pages, f"Made on {made_on:%d %B %Y}. Times are local times.")
    _section(pages, "What this is", WHAT)
    for table in report.tables:
        _table(pages, table)
    _section(pages, "How small numbers are hidden", HOW_HIDDEN)
    _section(pages, "Who to ask", WHO_TO_ASK)
    return bytes(pages.output())


def _heading(pages: FPDF, text: str, *, level: int) -> None:
    pages.start_section(text, level=level, strict=False)
    pages.set_font(FONT, style="B", size=12 if level else 16)
    pages.multi_cell(0, 7, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _paragraph(pages: FPDF, text: str) -> None:
    pages.set_font(FONT, size=10)
    pages.multi_cell(0, 5, _writable(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pages.ln(2)


def _section(pages: FPDF, title: str, text: str) -> None:
    _heading(pages, title, level=1)
    _paragraph(pages, text)


def _table(pages: FPDF, table: Table) -> None:
    _section(pages, table.title, table.says)
    if not table.rows:
        _paragraph(pages, "None in this quarter.")
        return
    others = len(table.headings) - 1
    with pages.table(
        col_widths=(WIDEST, *(1 for _ in range(others))),
        text_align=("LEFT", *("RIGHT" for _ in range(others))),
        headings_style=FontFace(emphasis="BOLD", fill_color=(230, 230, 230)),
        line_height=5,
        padding=1,
        repeat_headings=1,
    ) as drawn:
        for row in (table.headings, *table.rows):
            drawn.row([_writable(cell) for cell in row])
    pages.ln(4)


def _writable(text: str) -> str:
    """A letter that the font lacks is written without its accent: Tŷ as Ty."""
    return "".join(
        letter if _has(letter) else unicodedata.normalize("NFKD", letter).encode(ENCODING, "ignore").decode(ENCODING)
        for letter in text
    )


def _has(letter: str) -> bool:
    return bool(letter.encode(ENCODING, "ignore"))
