from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from grading.competencies import Framework, attainments
from grading.exports import FontError, as_csv, as_pdf
from grading.figures import Figures
from grading.languages import language
from grading.people import Enrolment, School
from grading.rules import Rule
from grading.transcripts import Filter, Transcripts, counted, transcript

from .conftest import bearing, graded

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from grading.database import Database
    from grading.service import Service

    from .conftest import Tokens

FRAMEWORK = Framework.model_validate(
    {
        "name": "small",
        "title": {"zh": "小", "en": "Small"},
        "competencies": [
            {
                "code": "S-1",
                "title": {"zh": "提高产量", "en": "Raise output"},
                "description": {"zh": "提高产量", "en": "Raise output"},
                "evidence": [{"lab": "small-line", "criterion": "throughput", "share": 0.5}],
            },
            {
                "code": "S-2",
                "title": {"zh": "两个", "en": "Both"},
                "description": {"zh": "两个", "en": "Both"},
                "evidence": [{"lab": "small-line", "share": 0.9}, {"lab": "endless-line", "share": 0.1}],
            },
        ],
    }
)


def test_which_attempt_counts_follows_the_rule(database: Database) -> None:
    for points in (40.0, 90.0, 50.0):
        graded(database, points=points)
    attempts = Transcripts(database).page(Filter(["li"]), 10)
    assert [counted(Rule(counts=how), attempts)[0] for how in ("best", "last", "mean")] == [
        90.0,
        50.0,
        pytest.approx(60),
    ]


def test_hours_and_credits_follow_the_schools_rules(service: Service) -> None:
    graded(service.database, points=70.0)
    graded(service.database, points=10.0, lab="endless-line")
    found = Transcripts(service.database).page(Filter(["li"]), 10)
    school = School("north", "北方学校", hours_per_credit=4, pass_share=0.7)
    made = transcript("li", "李明", school, found, service.shelf.labs, lambda lab: Rule(), (FRAMEWORK,))
    assert [(line.lab, line.hours_h) for line in made.lines] == [("endless-line", 0.0), ("small-line", 1.0)]
    assert (made.hours_h, made.credits) == (1.0, 0.2)
    strict = School("south", "", hours_per_credit=4, pass_share=0.71)
    assert transcript("li", "", strict, found, service.shelf.labs, lambda lab: Rule(), ()).hours_h == 0


def test_competencies_need_all_their_evidence(database: Database) -> None:
    outcome = graded(database, points=80.0)
    first, second = attainments((FRAMEWORK,), {"small-line": outcome})
    assert first.attained
    assert first.outcomes == (outcome,)
    assert not second.attained
    assert second.share == 0.0
    other = graded(database, points=50.0, lab="endless-line")
    assert attainments((FRAMEWORK,), {"small-line": outcome, "endless-line": other})[1].share == pytest.approx(
        0.8 / 0.9
    )


def test_filters_narrow_by_lab_and_time(database: Database) -> None:
    first = graded(database)
    graded(database, "wang")
    last = graded(database, lab="other-line")
    store = Transcripts(database)
    assert [o.id for o in store.page(Filter(["li"]), 10)] == [last.id, first.id]
    assert [o.id for o in store.page(Filter(["li"], lab="small-line"), 10)] == [first.id]
    assert [o.id for o in store.page(Filter(["li"], since=last.recorded_at), 10)] == [last.id]
    assert [o.id for o in store.page(Filter(["li"], until=last.recorded_at), 10)] == [first.id]
    assert (store.count(Filter(None), 2), store.count(Filter(None), 99)) == (2, 3)


def test_a_transcript_in_every_format(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    import openpyxl
    from pypdf import PdfReader

    service.people.put_school(School("north", "北方职业学校"))
    service.people.enrol("north", [Enrolment("电子 1 班", "li", "2026001", "李明")])
    outcome = graded(service.database, points=72.5)
    mine = bearing(tokens.li, **{"Accept-Language": "zh"})

    def get(form: str) -> httpx.Response:
        answer = http.get("/api/v1/transcripts/li", params={"format": form}, headers=mine)
        assert answer.status_code == 200
        return answer

    data = get("json").json()
    assert (data["full_name"], data["school"]["title"], data["labs"][0]["points"]) == ("李明", "北方职业学校", 72.5)
    assert data["outcomes"][0]["hash"] == outcome.hash
    rows = list(csv.reader(io.StringIO(get("csv").content.decode("utf-8-sig"))))
    assert rows[0][:2] == ["账号", "姓名"]
    assert rows[1][:5] == ["li", "李明", "<b>小</b>产线", "1.0.0", "72.5"]
    page = openpyxl.load_workbook(io.BytesIO(get("xlsx").content)).active
    assert page is not None
    assert [cell.value for cell in page[2]][:2] == ["li", "李明"]
    paper = get("pdf")
    assert paper.headers["content-type"] == "application/pdf"
    text = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text().replace("\0", "")
    assert "北方职业学校" in text
    assert "李明" in text
    assert outcome.hash in text.replace("\n", "")
    assert Figures(language("zh"), service.settings.timezone).moment(outcome.recorded_at) in text


def test_a_class_in_one_table_and_nobody_elses(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    graded(service.database, "li")
    graded(service.database, "zhou")
    answer = http.get("/api/v1/classes/demo-class/transcripts?format=csv", headers=bearing(tokens.instructor))
    assert [row[0] for row in csv.reader(io.StringIO(answer.text))][1:] == ["li"]
    for path in ("classes/other-class/transcripts", "transcripts/zhou"):
        assert http.get(f"/api/v1/{path}", headers=bearing(tokens.instructor)).status_code == 404


def test_no_cell_is_taken_for_a_formula(service: Service) -> None:
    from grading.exports import Sheet

    assert b"'=cmd" in as_csv(Sheet(["=head"], [["=cmd|' /C calc'!A0"]]))


def test_a_font_that_is_missing_is_named(service: Service, tmp_path: Path) -> None:
    made = transcript("li", "", None, [], {}, lambda lab: Rule(), ())
    with pytest.raises(FontError, match="SHIXUN_PDF_FONT"):
        as_pdf(made, {}, Figures(language("zh"), "Asia/Shanghai"), tmp_path / "none.ttf")


def test_the_seed_is_shown_to_the_instructor_after_the_lab_has_closed(
    http: httpx.Client, tokens: Tokens, service: Service
) -> None:
    import hashlib

    from grading.outcomes import Outcomes
    from grading.submissions import Submissions

    from .conftest import judged, stored

    lab = service.shelf.labs["small-line"]
    published = http.get("/api/v1/labs/small-line", headers=bearing(tokens.li)).json()["seed_commitment"]
    stored(service.database)
    claim = service.leases.claim("worker", 60)
    assert claim is not None
    from dataclasses import replace

    made = Outcomes(service.database).record(claim, replace(judged(), lab_digest=lab.digest, seed_commitment=published))
    path = f"/api/v1/outcomes/{made.id}/trace"
    assert http.get(path, headers=bearing(tokens.li)).status_code == 403
    assert http.get(path, headers=bearing(tokens.zhou)).status_code == 404
    open_ = http.get(path, headers=bearing(tokens.instructor))
    assert open_.json()["type"] == "urn:shixun:problem:not-closed"
    service.rules.put("demo-class", lab.slug, Rule(closes_at=datetime.now(UTC) - timedelta(seconds=1)), "chen")
    shown = http.get(path, headers=bearing(tokens.instructor)).json()
    assert hashlib.sha256(bytes.fromhex(shown["seed"])).hexdigest() == published == shown["seed_commitment"]
    assert Submissions(service.database).get(made.submission_id) is not None
    assert service.audit.page()[0].act == "seed.reveal"


def test_the_frameworks_name_labs_and_criteria_that_exist_and_every_lab_shows_something() -> None:
    from grading.competencies import read_frameworks
    from labs import Catalog

    catalog = Catalog()
    shown = set()
    for framework in read_frameworks():
        for competency in framework.competencies:
            for evidence in competency.evidence:
                names = {criterion.name for criterion in catalog.rubric(evidence.lab).criteria}
                assert evidence.criterion is None or evidence.criterion in names, competency.code
                shown.add(evidence.lab)
    assert shown == set(catalog)
