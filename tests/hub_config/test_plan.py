"""The file of quotas and bookings."""

from pathlib import Path

import pytest

from hub_config.errors import PlanError
from hub_config.plan import Plan, read_plan


def test_no_file_is_a_plan_without_limits(tmp_path: Path) -> None:
    assert read_plan(tmp_path / "plan.yaml") == Plan()


def test_a_plan_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(
        "quotas:\n  class-1: {sessions_most: 40, opens: '08:00', closes: '21:30'}\n"
        "bookings:\n  - {group: class-1, seats: 40, begins: 2026-03-02T10:00+08:00, ends: 2026-03-02T11:40+08:00}\n",
        encoding="utf-8",
    )
    plan = read_plan(path)
    assert plan.quotas["class-1"].sessions_most == 40
    assert plan.bookings[0].seats == 40


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("quotas: {c: {sessions_most: 0}}", r"quotas\.c\.sessions_most"),
        ("quotas: {c: {session_most: 1}}", r"quotas\.c\.session_most"),
        ("quotas: {c: {opens: '08:00'}}", "go together"),
        ("quotas: {c: {opens: '20:00', closes: '08:00'}}", "earlier"),
        (
            "bookings: [{group: c, seats: 1, begins: 2026-03-02T10:00+08:00, ends: 2026-03-02T09:00+08:00}]",
            "earlier",
        ),
        ("bookings: [{group: c, seats: 1, begins: 2026-03-02T10:00, ends: 2026-03-02T11:00}]", "timezone"),
        ("quotas: [", "not YAML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=words):
        read_plan(path)


def test_the_plan_in_the_guide_is_one(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs/administrators.md").read_text(encoding="utf-8")
    path = tmp_path / "plan.yaml"
    path.write_text(guide.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    plan = read_plan(path)
    assert plan.quotas["class-2026-1"].sessions_most == 45
    assert plan.bookings[0].seats == 42
