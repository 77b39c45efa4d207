from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from labs import Catalog, DecisionError, SessionError, Workbench, display
from labs.spool import Spool

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    monkeypatch.delenv("SHIXUN_GRADING_URL", raising=False)
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    return Workbench(Catalog().lab("pcb-bottleneck"), "zh", Spool(tmp_path / "spool"))


def test_plans_are_compared_under_the_same_luck(bench: Workbench) -> None:
    shown = bench.compare({"A": {}, "B": {}, "C": {"second_placement": 1}}, replications=2)
    a, b, c = (line.split("  ")[2:] for line in shown.text.splitlines()[1:])
    assert a == b
    assert a != c


def test_stations_are_called_by_their_chinese_names(bench: Workbench) -> None:
    shown = bench.chart(bench.replicate(replications=2))
    assert "高速贴片" in shown.html
    assert shown.text.count("\n") == 5


def test_a_decision_that_does_not_fit_is_refused_before_it_is_spooled(bench: Workbench, tmp_path: Path) -> None:
    with pytest.raises(DecisionError, match="超出预算"):
        bench.submit({"second_placement": 1, "second_ict": 1})
    assert not (tmp_path / "spool").exists()


def test_outside_of_a_session_nothing_is_submitted(bench: Workbench) -> None:
    with pytest.raises(SessionError, match="not a session"):
        bench.submit({"second_ict": 1})
    assert "not a session" in bench.outcomes().text


def test_a_submission_waits_while_the_service_is_away(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIXUN_GRADING_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "a-token")
    monkeypatch.setattr(Spool, "drain_later", lambda *_: None)
    shown = bench.submit({"second_ict": 1})
    (waiting,) = Spool(tmp_path / "spool").waiting()
    assert waiting.key in shown.text
    assert waiting.decision["second_ict"] == 1


SCHEDULE = """def schedule(queue, cluster, now_s):
    if now_s > 20_000:
        return queue[0].size
    return 0 if queue[0].fits else None
"""


@pytest.fixture
def cluster(bench: Workbench, tmp_path: Path) -> Workbench:
    return Workbench(Catalog().lab("batch-scheduling"), "zh", Spool(tmp_path / "spool"))


def fcfs(queue: Any, cluster: Any, now_s: float) -> int | None:
    return 0 if queue[0].fits else None


def test_a_policy_is_compared_with_what_is_built_in(cluster: Workbench) -> None:
    shown = cluster.compare({"built in": {}, "mine": fcfs, "bought": {"nodes": 1}}, replications=2)
    built_in, mine, bought = (line.split("  ")[1:] for line in shown.text.splitlines()[1:])
    assert built_in == mine
    assert mine != bought


def test_a_policy_that_fails_is_told_with_its_line(cluster: Workbench) -> None:
    shown = cluster.try_policy(SCHEDULE, replications=2)
    assert "策略第 3 行出错：AttributeError" in shown.text
    assert "→   3 │         return queue[0].size" in shown.text
    cluster.language = "en"
    assert "failed in line 3: AttributeError" in cluster.try_policy(SCHEDULE, replications=2).text
    assert "no module numpy" in cluster.try_policy("import numpy\n" + SCHEDULE).text


def test_a_policy_waits_while_the_service_is_away(
    cluster: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIXUN_GRADING_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "a-token")
    monkeypatch.setattr(Spool, "drain_later", lambda *_: None)
    shown = cluster.submit_policy(fcfs, {"nodes": 2})
    (waiting,) = Spool(tmp_path / "spool").waiting()
    assert waiting.key in shown.text
    assert waiting.decision["nodes"] == 2
    assert waiting.decision["policy"].endswith("schedule = fcfs\n")
    assert "超出预算" in cluster.submit_policy(fcfs, {"nodes": 4, "estimates": 1}).text


def test_what_students_write_is_escaped(bench: Workbench) -> None:
    shown = bench.compare({"<script>alert(1)</script>": {}}, replications=2)
    assert "<script>" not in shown.html


def test_the_form_counts_the_money_and_stops_at_the_budget(bench: Workbench) -> None:
    form = bench.form()
    sliders = {slider.description: slider for slider in form.children if hasattr(slider, "max")}
    submit = form.children[-2].children[1]
    next(s for name, s in sliders.items() if "第二台高速贴片机" in name).value = 1
    assert not submit.disabled
    next(s for name, s in sliders.items() if "第二台在线测试机" in name).value = 1
    assert "82 / 60 万元 · 超出预算" in form.children[-3].value
    assert submit.disabled


OUTCOME = {"points": 71.5, "maximum": 100.0, "criteria": []}


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        ({"lever": "second_ict", "change": 1, "gain": 12.34}, "多一份「第二台在线测试机」，可以多得 12.3 分"),
        ({"lever": "buffer_ict", "change": -1, "gain": 2.0}, "少一份「在线测试前缓存位」，可以多得 2.0 分"),
        ({"lever": None, "change": 0, "gain": 0.0}, "任何一份的改动都不会得更多分"),
    ],
)
def test_an_outcome_tells_what_would_have_earned_more(bench: Workbench, hint: dict[str, Any], told: str) -> None:
    assert told in display.outcome_table({**OUTCOME, "hint": hint}, bench.lab.levers, "zh").text
    assert "如果" not in display.outcome_table({**OUTCOME, "hint": None}, bench.lab.levers, "zh").text
