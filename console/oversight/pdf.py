"""The oversight report as a PDF in the language of whoever asks: real text, and an outline for who reads by ear.

fpdf2 writes no tagged tables; the CSV files hold the same for a screen reader (docs/kept.md).
"""

import unicodedata
from datetime import date

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from console import language
from console.language import _, marked
from console.oversight import wording
from console.tables import Table
from escalation.oversight import HIDDEN, Report

FONT = "Helvetica"
# What the fonts that every reader has can write.
ENCODING = "cp1252"
WIDEST = 2.6  # how much wider the first column is than another

WHAT = marked(
    "This report counts what happened on the Listener line in three months, so that people outside the prison can see "
    "that it does what was promised. It names nobody. Nothing that was said on the line is kept, so nothing of it "
    "can be in here."
)
HOW_HIDDEN = marked(
    "%(hidden)s stands for a number that is hidden to protect people: every count from 1 to 4, and other numbers from "
    "which one of those could be worked out by adding and subtracting. 0 is shown. A time is shown only over at least "
    "five cases and next to a count that is shown. Reports are made of whole quarters alone, and never twice in "
    "different ways: two reports cannot be subtracted from each other."
)
WHO_TO_ASK = marked(
    "Ask the coordinator of the Listener scheme, or the Samaritans branch that supports it. Whether the audit behind "
    "these numbers is whole can be checked: wingline audit verify. Anybody can ask what is kept about them by dialling "
    "102 on any phone of the line."
)


class _Pages(FPDF):
    def footer(self) -> None:
        self.set_y(-15)
        self.set_font(FONT, size=9)
        # The library puts the number of all in when it knows it.
        self.cell(0, 8, _("Page %(number)s of %(all)s", number=self.page_no(), all="{nb}"), align="R")


def as_pdf(report: Report, made_on: date) -> bytes:
    title = wording.title(report)
    pages = _Pages()
    pages.set_title(_writable(title))
    pages.set_lang(f"{language.spoken()}-GB")
    pages.set_creator("Wingline")
    pages.set_margin(18)
    pages.add_page()
    _heading(pages, title, level=0)
    _paragraph(pages, _("Made on %(day)s. Times are local times.", day=language.day_of_year(made_on)))
    if language.not_checked():
        _paragraph(pages, language.not_checked())
    _section(pages, _("What this is"), _(WHAT))
    for table in report.tables:
        _table(pages, wording.in_words(table))
    _section(pages, _("How small numbers are hidden"), _(HOW_HIDDEN, hidden=HIDDEN))
    _section(pages, _("Who to ask"), _(WHO_TO_ASK))
    return bytes(pages.output())


def _heading(pages: FPDF, heading: str, *, level: int) -> None:
    text = _writable(heading)
    pages.start_section(text, level=level, strict=False)
    pages.set_font(FONT, style="B", size=12 if level else 16)
    pages.multi_cell(0, 7, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


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
        _paragraph(pages, _("None in this quarter."))
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
