"""Transcripts as files: CSV and XLSX for tables, PDF for paper. JSON is what the API gives."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from grading.errors import GradingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fpdf import FPDF

    from grading.figures import Figures
    from grading.transcripts import Transcript
    from labs import Lab

__all__ = ["FontError", "Sheet", "as_csv", "as_pdf", "as_xlsx", "sheet"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class FontError(GradingError):
    """The font of PDF files is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"SHIXUN_PDF_FONT = {path} cannot be read; install the fonts (Debian: fonts-noto-cjk) or name another "
            "TrueType or OpenType file with Chinese characters"
        )


class Sheet:
    """A transcript as a table, in one language.

    Parameters
    ----------
    heads
        Names of the columns.
    rows
        Text and numbers.
    """

    def __init__(self, heads: Sequence[str], rows: Sequence[Sequence[str | float | int]]) -> None:
        self.heads = heads
        self.rows = rows


def sheet(found: Sequence[Transcript], labs: dict[str, Lab], write: Figures) -> Sheet:
    """Return every standing outcome of some transcripts as a table."""
    say = write.language.say
    heads = [
        say("Account"),
        say("Name"),
        say("Lab"),
        say("Lab version"),
        say("Points"),
        say("Maximum"),
        say("Recorded") + f" ({write.timezone})",
        say("Number in the account"),
        say("Outcome"),
        say("Hash"),
    ]
    rows: list[list[str | float | int]] = [
        [
            one.learner,
            one.full_name,
            _title(labs, outcome.lab, write),
            outcome.lab_version,
            outcome.points,
            outcome.maximum,
            write.cell(outcome.recorded_at),
            outcome.seq,
            str(outcome.id),
            outcome.hash,
        ]
        for one in found
        for outcome in one.outcomes
    ]
    return Sheet(heads, rows)


def _title(labs: dict[str, Lab], slug: str, write: Figures) -> str:
    return labs[slug].title.in_language(write.language.code) if slug in labs else slug


def _harmless(cell: str | float) -> str | float:
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV Injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_csv(table: Sheet) -> bytes:
    """Return a table as CSV (RFC 4180) in UTF-8, with the mark by which Excel knows it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.heads)
    writer.writerows([_harmless(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(table: Sheet, title: str) -> bytes:
    """Return a table as an Excel workbook."""
    from openpyxl import Workbook  # late: only exports and rosters need it
    from openpyxl.styles import Font

    book = Workbook()
    page = book.active
    assert page is not None  # noqa: S101 - a new workbook has a page
    page.title = title[:31]
    page.append(list(table.heads))
    for row in table.rows:
        page.append([_harmless(cell) for cell in row])
    for cell in page[1]:
        cell.font = Font(bold=True)
    page.freeze_panes = "A2"
    for column, width in zip("ABCDEFGHIJ", (16, 16, 30, 12, 10, 10, 24, 10, 38, 66), strict=False):
        page.column_dimensions[column].width = width
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_pdf(found: Transcript, labs: dict[str, Lab], write: Figures, font: Path) -> bytes:
    """Return a transcript for paper, its characters embedded.

    Raises
    ------
    FontError
        Where the font cannot be read.
    """
    from fpdf import FPDF  # late: only this export needs it

    say = write.language.say
    pdf = FPDF()
    pdf.set_title(say("Transcript"))
    pdf.set_author(say("shixun"))
    if found.outcomes:
        pdf.set_creation_date(found.outcomes[0].recorded_at)
    try:
        # Of a collection such as NotoSansCJK the third font is the one of simplified Chinese.
        number = 2 if font.suffix.lower() in {".ttc", ".otc"} else 0
        pdf.add_font("text", "", font, collection_font_number=number)
    except (OSError, ValueError, IndexError) as error:
        raise FontError(font) from error
    pdf.set_margins(18, 18)
    pdf.set_auto_page_break(auto=True, margin=18)
    pdf.add_page()
    pdf.set_text_color(22, 37, 46)
    pdf.set_font("text", size=20)
    pdf.cell(0, 12, say("Transcript"), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("text", size=11)
    who = f"{found.full_name} ({found.learner})" if found.full_name else found.learner
    if found.school.title:
        who += f" · {found.school.title}"
    pdf.multi_cell(0, 7, who, new_x="LMARGIN", new_y="NEXT")
    total = say(
        "%(hours)s class hours · %(credits)s credits",
        hours=write.number(found.hours_h),
        credits=write.number(found.credits),
    )
    pdf.cell(0, 7, total, new_x="LMARGIN", new_y="NEXT")
    _table(
        pdf,
        say("Labs"),
        [say("Lab"), say("Attempts"), say("Points"), say("Hours"), say("Recorded")],
        (64, 20, 28, 18, 44),
        [
            [
                _title(labs, line.lab, write),
                str(line.attempts),
                f"{write.number(line.points)} / {write.number(line.maximum)}",
                write.number(line.hours_h),
                write.moment(line.outcome.recorded_at),
            ]
            for line in found.lines
        ],
    )
    _table(
        pdf,
        say("Competencies"),
        [say("Code"), say("Competency"), say("State")],
        (34, 106, 34),
        [
            [
                each.competency.code,
                each.competency.title.in_language(write.language.code),
                say("attained") if each.attained else f"{write.number(100 * each.share, 0)} %",
            ]
            for each in found.attainments
        ],
    )
    pdf.set_font("text", size=8)
    pdf.set_text_color(95, 113, 124)
    last = f" {found.outcomes[0].hash}" if found.outcomes else ""
    pdf.ln(4)
    pdf.multi_cell(0, 5, say("Hash of the newest outcome:") + last, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def _table(pdf: FPDF, title: str, heads: Sequence[str], widths: tuple[int, ...], rows: Sequence[Sequence[str]]) -> None:
    from fpdf import FontFace  # late, as above

    pdf.ln(5)
    pdf.set_font("text", size=13)
    pdf.cell(0, 9, title, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("text", size=10)
    # The font has no bold face: heads are told apart by their colour.
    plain = FontFace(emphasis="", color=(75, 93, 104))
    with pdf.table(
        rows=[heads, *rows],
        col_widths=widths,
        width=sum(widths),
        align="L",
        text_align="LEFT",
        line_height=7,
        borders_layout="HORIZONTAL_LINES",
        headings_style=plain,
    ):
        pass
