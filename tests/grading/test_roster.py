from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.people import Enrolment, People, School
from grading.roster import RosterError, read

from .conftest import bearing

if TYPE_CHECKING:
    import httpx

    from grading.database import Database
    from grading.service import Service

    from .conftest import HubPeer, Tokens

HEADS = "学号,姓名,班级\n"
LI = Enrolment("电子 1 班", "north-2026001", "2026001", "李明")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_in_the_encodings_that_schools_have(encoding: str) -> None:
    assert read(f"{HEADS}2026001,李明,电子 1 班\n".encode(encoding), "north") == [LI]


def test_an_excel_file_with_numbers_for_student_numbers() -> None:
    from openpyxl import Workbook

    book, content = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["班级", "姓名", "学号", "备注"])
    book.active.append(["电子 1 班", "李明", 2026001, None])
    book.active.append([None, None, None, None])
    book.save(content)
    assert read(content.getvalue(), "north") == [LI]


def test_every_wrong_row_is_named() -> None:
    rows = "2026001,李明,电子 1 班\n,王芳,电子 1 班\n2026001,李明,电子 1 班\n2026003,,=1+1\n"
    with pytest.raises(RosterError) as caught:
        read(f"{HEADS}{rows}".encode(), "north")
    assert [(e.row, e.column) for e in caught.value.errors] == [
        (3, "student_number"),
        (4, "student_number"),
        (5, "class_name"),
        (5, "full_name"),
    ]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", HEADS.encode(), b"PK\x03\x04 no zip", b"\xff\xfe\xff"])
def test_what_is_no_roster_is_refused(content: bytes) -> None:
    with pytest.raises(RosterError):
        read(content, "north")


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: (HEADS + text).encode("utf-8", "replace")))
def test_anything_is_read_or_refused(content: bytes) -> None:
    try:
        found = read(content, "north")
    except RosterError as error:
        found = list(error.errors)
    assert found


def test_a_class_holds_exactly_its_roster_and_other_classes_stay(database: Database) -> None:
    people = People(database)
    people.put_school(School("north", "北方"))
    other = Enrolment("电子 2 班", "north-3", "3", "赵云")
    people.enrol("north", [LI, other])
    people.enrol("north", [Enrolment("电子 1 班", "north-2", "2", "王芳")])
    assert [row.learner for row in people.members(["电子 1 班", "电子 2 班"])] == ["north-2", "north-3"]
    people.put_school(School("south", "南方"))
    with pytest.raises(ValueError, match="another school"):
        people.enrol("south", [Enrolment("电子 2 班", "south-1", "1", "李明")])
    assert [row.learner for row in people.members(["电子 2 班"])] == ["north-3"]


def test_a_roster_never_opens_another_schools_account(database: Database) -> None:
    people = People(database)
    for name in ("north", "north-east"):
        people.put_school(School(name, name))
    people.enrol("north-east", [Enrolment("x", "elsewhere", "1", "李")])
    asked = {"north-1", "north-east-1", "elsewhere", "li", "in-group"}
    assert people.foreign("north", asked, ["in-group"]) == ["elsewhere", "li", "north-east-1"]


def test_importing_is_all_or_nothing_and_for_who_manages_the_school(
    http: httpx.Client, hub: HubPeer, tokens: Tokens, service: Service
) -> None:
    office = hub.token("office", "custom:grading:read!group=north", "custom:grading:manage!group=north")
    path = "/api/v1/schools/north/roster"
    assert http.put(path, content=b"", headers=bearing(office)).status_code == 404
    school = {"title": "北方职业学校"}
    assert http.put("/api/v1/schools/north", json=school, headers=bearing(office)).status_code == 403
    assert http.put("/api/v1/schools/north", json=school, headers=bearing(tokens.administrator)).status_code == 200
    bad = f"{HEADS}2026001,李明,电子 1 班\n!,王芳,电子 1 班\n".encode()
    refused = http.put(path, content=bad, headers=bearing(office, **{"Accept-Language": "en"}))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "row 3: student_number"
    assert service.people.members(["电子 1 班"]) == []
    good = f"{HEADS}2026001,李明,电子 1 班\n".encode()
    assert http.put(path, content=good, headers=bearing(office)).json()["items"][0]["learner"] == "north-2026001"
    stolen = "学号,姓名,班级,用户名\n1,李,电子 3 班,li\n".encode()
    assert http.put(path, content=stolen, headers=bearing(office)).json()["errors"][0]["value"] == "li"
    # Now the school's office reads the account of whom it enrolled, and of nobody else.
    assert http.get("/api/v1/transcripts/north-2026001", headers=bearing(office)).status_code == 200
    assert http.get("/api/v1/transcripts/li", headers=bearing(office)).status_code == 404
