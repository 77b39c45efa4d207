"""When sessions end, and who is told."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub_config.hours import RunningSession, closing_words, judge_sessions
from hub_config.plan import Limits, Plan

ZONE = ZoneInfo("Asia/Shanghai")
PLAN = Plan.model_validate(
    {"quotas": {"class-a": {"opens": "08:00", "closes": "12:00"}, "school": {"opens": "07:00", "closes": "21:00"}}}
)
WARNING = timedelta(minutes=10)


def _at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=ZONE)


def _session(*groups: str, started: datetime | None = None) -> RunningSession:
    return RunningSession("anne", frozenset(groups), started or _at(8))


def _ends(moment: datetime, session: RunningSession, longest: timedelta | None = None) -> list[datetime]:
    return [each.ends for each in judge_sessions(PLAN, moment, [session], WARNING, longest)]


def test_a_session_is_told_beforehand_and_ends_with_the_narrowest_hours() -> None:
    session = _session("class-a", "school")
    assert _ends(_at(11, 49), session) == []
    assert _ends(_at(11, 50), session) == [_at(12)]
    (sentence,) = judge_sessions(PLAN, _at(11, 59), [session], WARNING, None)
    assert not sentence.due(_at(11, 59))
    (sentence,) = judge_sessions(PLAN, _at(12), [session], WARNING, None)
    assert sentence.due(_at(12))


def test_a_session_that_was_forgotten_overnight_ends_in_the_morning_too() -> None:
    (sentence,) = judge_sessions(PLAN, _at(3), [_session("school", started=_at(3))], WARNING, None)
    assert sentence.due(_at(3))


def test_nobody_else_is_ended() -> None:
    assert _ends(_at(23), _session("class-b")) == []
    assert _ends(_at(12, 30), _session("school")) == []


def test_no_session_is_longer_than_the_longest() -> None:
    session = _session("class-b", started=_at(8))
    assert _ends(_at(9), session, timedelta(hours=2)) == []
    assert _ends(_at(9, 55), session, timedelta(hours=2)) == [_at(10)]
    # The hub tells its times in UTC.
    utc = RunningSession("anne", frozenset(), datetime.fromisoformat("2026-03-02T00:00:00Z"))
    assert _ends(_at(9, 55), utc, timedelta(hours=2)) == [_at(10)]


def test_a_session_has_the_least_that_its_class_and_school_name() -> None:
    plan = Plan.model_validate(
        {
            "quotas": {
                "class-a": {"session_memory_mib": 2048, "images": ["lab:1", "robots:2"]},
                "school": {"session_memory_mib": 4096, "session_cpu_cores": 0.5, "images": ["robots:2"]},
            }
        }
    )
    standard = Limits(1024, 1.0)
    assert plan.limits(frozenset({"class-a", "school"}), standard) == Limits(2048, 0.5)
    assert plan.limits(frozenset({"other"}), standard) == standard
    assert plan.images(frozenset({"class-a", "school"}), ["lab:1", "robots:2"]) == ["robots:2"]
    assert plan.images(frozenset({"class-a"}), ["lab:1", "robots:2", "more:1"]) == ["lab:1", "robots:2"]
    assert plan.images(frozenset({"other"}), ["lab:1"]) == ["lab:1"]


def test_the_warning_is_short_enough_to_be_shown_whole() -> None:
    assert len("".join(closing_words(_at(21, 30)))) < 138  # JupyterLab cuts off more
