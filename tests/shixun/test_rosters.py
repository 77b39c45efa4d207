"""Rosters at the command line: a spreadsheet's own files do as well as CSV."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from hub_config.people import Directory
from shixun.cli import app

ROWS = [
    ["学号", "姓名", "班级", "身份"],
    [2026001, "李明", "class-1", None],
    [None, None, None, None],
    ["t01", "张老师", "class-1;class-2", "教师"],
]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHIXUN_DATA_DIR", str(tmp_path / "var"))
    return tmp_path / "var"


def _write(path: Path, rows: list[list[object]]) -> str:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return str(path)


def test_a_spreadsheet_is_put_in_force_and_who_is_new_is_invited(data_dir: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["roster", "import", _write(tmp_path / "north.xlsx", ROWS), "--school", "north"])
    assert done.exit_code == 0, done.output
    assert "2 people in the roster of north: 2 new, 0 gone." in done.output
    people = Directory(data_dir, "roster").people()
    # Excel holds a student number as a number; it is the same name as from CSV.
    assert people.keys() == {"north-2026001", "north-t01"}
    assert people["north-t01"].classes == ("class-1", "class-2")


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_is_wrong_is_named_with_its_row_and_nothing_is_in_force(data_dir: Path, tmp_path: Path, kind: str) -> None:
    rows = [*ROWS, ["2026002", "王芳", "电子 1 班", ""]]
    path = tmp_path / f"north.{kind}"
    if kind == "xlsx":
        _write(path, rows)
    else:
        path.write_text("\n".join(",".join(str(cell or "") for cell in row) for row in rows), encoding="utf-8")
    done = CliRunner().invoke(app, ["roster", "import", str(path), "--school", "north"])
    assert done.exit_code == 1
    assert "row 5: class '电子 1 班'" in done.output
    assert not (data_dir / "rosters/north.csv").exists()


def test_a_file_that_only_looks_like_a_spreadsheet_is_refused(data_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing more")
    done = CliRunner().invoke(app, ["roster", "import", str(path), "--school", "north"])
    assert done.exit_code == 1
    assert "not XLSX" in done.output
    assert not (data_dir / "rosters").exists()
