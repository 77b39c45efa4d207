"""The line."""

import asyncio
from collections.abc import Mapping

import pytest

from hub_config.admission import Verdict
from hub_config.errors import ClosedError
from hub_config.waiting_line import Place, WaitingLine, waiting_words

pytestmark = pytest.mark.anyio

NOBODY: frozenset[str] = frozenset()
CLASS = frozenset({"class-a"})


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _everybody(groups: frozenset[str], running: Mapping[str, frozenset[str]]) -> Verdict:
    return Verdict.ADMITTED


def _line(starts: int = 2) -> WaitingLine:
    return WaitingLine(starts, _everybody)


async def _stand(line: WaitingLine, name: str, groups: frozenset[str] = NOBODY) -> "asyncio.Task[None]":
    task = asyncio.create_task(line.enter(name, groups, dict))
    await asyncio.sleep(0)
    return task


async def test_starts_are_limited_and_come_in_order() -> None:
    line = _line(2)
    tasks = [await _stand(line, name) for name in "abcd"]
    assert [task.done() for task in tasks] == [True, True, False, False]
    assert line.names == ("c", "d")
    line.leave("b", 4.0)
    await tasks[2]
    assert not tasks[3].done()
    line.leave("a", None)
    await tasks[3]
    assert line.names == ()


async def test_a_start_that_ends_calls_the_next_without_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub_config.waiting_line._LOOK_S", 3600.0)
    line = _line(1)
    await _stand(line, "a")
    following = await _stand(line, "b")
    line.leave("a", 1.0)
    await asyncio.wait_for(following, 60)


async def test_an_estimate_follows_from_recent_starts_and_position() -> None:
    line = _line(2)
    for name in ("a", "b"):
        await _stand(line, name)
        line.leave(name, 3.0)
    tasks = [await _stand(line, name) for name in "cdefg"]
    places = [line.place(name) for name in "efg"]
    assert [place.position for place in places if place] == [1, 2, 3]
    assert [place.estimate_s for place in places if place] == [6.0, 6.0, 9.0]
    assert line.place("c") is None
    for task in tasks:
        task.cancel()


async def test_who_comes_after_the_pool_is_told_the_time_of_a_cold_start() -> None:
    line = WaitingLine(2, _everybody, lambda: 2)
    for name, took_s, cold in (("a", 1.0, False), ("b", 8.0, True)):
        await _stand(line, name)
        line.leave(name, took_s, cold=cold)
    tasks = [await _stand(line, name) for name in "cdefgh"]
    places = [line.place(name) for name in "efgh"]
    # Two from the pool; then a round of cold starts.
    assert [place.estimate_s for place in places if place] == [2.0, 2.0, 17.0, 17.0]
    for task in tasks:
        task.cancel()


async def test_who_is_held_up_by_her_quota_does_not_hold_up_others() -> None:
    def judge(groups: frozenset[str], running: Mapping[str, frozenset[str]]) -> Verdict:
        full = groups == CLASS and sum(each == CLASS for each in running.values()) >= 1
        return Verdict.QUOTA if full else Verdict.ADMITTED

    line = WaitingLine(8, judge)
    await (await _stand(line, "a", CLASS))
    held = await _stand(line, "b", CLASS)
    await (await _stand(line, "c"))
    place = line.place("b")
    assert place is not None
    assert place.verdict is Verdict.QUOTA
    assert place.estimate_s is None
    line.leave("a", 1.0)
    await asyncio.wait_for(held, 5)


@pytest.mark.parametrize(("verdict", "words"), [(Verdict.CLOSED, "开放时间"), (Verdict.DRAINING, "即将维护")])
async def test_where_none_is_started_nobody_waits(verdict: Verdict, words: str) -> None:
    line = WaitingLine(8, lambda groups, running: verdict)
    with pytest.raises(ClosedError, match=words):
        await line.enter("a", CLASS, dict)
    assert line.names == ()


async def test_who_gives_up_leaves_the_line() -> None:
    line = _line(1)
    await _stand(line, "a")
    impatient = await _stand(line, "b")
    patient = await _stand(line, "c")
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert line.names == ("c",)
    line.leave("a", 1.0)
    await asyncio.wait_for(patient, 5)
    assert line.starting == 1


async def test_a_rush_of_sixty_four_is_served_with_true_estimates() -> None:
    line, start_s = _line(4), 0.02
    told: dict[str, float] = {}

    async def student(name: str) -> None:
        entering = asyncio.create_task(line.enter(name, NOBODY, dict))
        await asyncio.sleep(0)
        if (place := line.place(name)) is not None and place.estimate_s is not None:
            told[name] = place.estimate_s
        await entering
        await asyncio.sleep(start_s)
        line.leave(name, start_s)

    line.leave("nobody", start_s)  # it has seen a start
    await asyncio.wait_for(asyncio.gather(*(student(f"s{number}") for number in range(64))), 60)
    assert line.names == ()
    # Sixteen rounds of four: who is in the n-th waits for those before, and for her own.
    assert [round(each / start_s) for each in told.values()] == [2 + number // 4 for number in range(60)]


@pytest.mark.parametrize("verdict", [Verdict.FULL, Verdict.QUOTA, Verdict.ADMITTED])
def test_places_are_worded_in_both_languages(verdict: Verdict) -> None:
    words = waiting_words(Place(7, verdict, 12.0 if verdict is Verdict.ADMITTED else None))
    chinese, english = words.split(" · ")
    assert "第 7 位" in chinese
    assert "7" in english
