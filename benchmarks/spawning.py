"""How soon a session is ready: claimed from the pool against started by DockerSpawner, in the same run.

Ready means that a kernel has run a cell. Both sides have the same image, limits and network.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import time
import uuid
from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol

import httpx
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from benchmarks.spawning_hub import MeasuredHub, measured_hub, user
from hub_config.engine import connect_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["Door", "ask", "await_pool", "evaluate", "measure", "ready_s", "run_cell", "stop"]

USERS_KNOWN = 500
_TIMEOUT_S = 300.0
_SETTLING_S = 3.0


class Door(Protocol):
    """Where a hub is asked, and with which token."""

    @property
    def url(self) -> str:
        """Public address."""

    @property
    def token(self) -> str:
        """Of somebody who may what is asked."""


def measure(
    say: Callable[[str], None],
    one: int = 10,
    cold_one: int = 5,
    twenty: int = 20,
    crowds: tuple[int, ...] = (5, 10, 40),
    rush: int = 64,
) -> dict[str, Any]:
    """Measure sessions one at a time and many at once, cold and from the pool.

    Parameters
    ----------
    say
        Told what is being measured.
    one, cold_one
        How many sessions are started one after another, from the pool and cold.
    twenty
        How many are asked for at the same moment.
    crowds
        How many are asked for at the same moment, from the pool, to see how the wait grows between one, ``twenty`` and
        beyond.
    rush
        How many students ask within ten seconds, of whom the pool has sessions for ``twenty``.

    Returns
    -------
    ``warm_p95_s`` and ``ratio_one`` for one at a time, ``ratio_twenty`` for many at once, ``failed``; a row a case;
    memory of an idle session; seconds to start a hub that knows `USERS_KNOWN` users; how the wait grows; a class rush,
    with how far the estimates that students were told were from the truth.
    """
    AsyncHTTPClient.configure(None, max_clients=200)
    rows: list[dict[str, Any]] = []
    say("DockerSpawner, one at a time")
    with measured_hub(plain=True, pool_size=0, users=twenty) as hub:
        hub.start()
        cold_alone = _settled(_one_by_one(hub, cold_one))
        rows.append(_row("DockerSpawner, one at a time", cold_alone))
        say(f"DockerSpawner, {twenty} at once")
        cold_rush = _settled(_at_once(hub, twenty))
        rows.append(_row(f"DockerSpawner, {twenty} at once", cold_rush))
    with measured_hub(plain=False, pool_size=twenty, users=USERS_KNOWN, known=True) as hub:
        hub_start_s = hub.start()
        say("filling the pool")
        fill_s = await_pool(hub, twenty)
        say("pool, one at a time")
        warm_alone = _settled(_one_by_one(hub, one))
        rows.append(_row("pool, one at a time", warm_alone))
        say("filling the pool")
        await_pool(hub, twenty)
        say(f"pool, {twenty} at once")
        warm_rush = _settled(_at_once(hub, twenty))
        rows.append(_row(f"pool, {twenty} at once", warm_rush))
        crowded = {1: warm_alone, twenty: warm_rush}
        for crowd in crowds:
            say("filling the pool")
            await_pool(hub, min(crowd, twenty))
            say(f"pool, {crowd} at once")
            crowded[crowd] = _settled(_at_once(hub, crowd))
        say("memory of an idle session")
        await_pool(hub, 1)
        memory_mb = asyncio.run(_idle_memory(hub))
        say("filling the pool")
        await_pool(hub, twenty)
        say(f"a rush of {rush} within ten seconds")
        rushed = asyncio.run(_rush(hub, rush))
    results = [*cold_alone, *cold_rush, *(each for taken in crowded.values() for each in taken)]
    return {
        "spawn": rows,
        "warm_p95_s": _quantile(warm_alone, 0.95),
        "ratio_one": statistics.median(_good(cold_alone)) / statistics.median(_good(warm_alone)),
        "ratio_twenty": max(_good(cold_rush)) / max(_good(warm_rush)),
        "failed": sum(each is None for each in results) + rushed["failed"],
        "idle_session_mb": memory_mb,
        "hub_start_s": hub_start_s,
        "fill_s_a_container": fill_s / twenty,
        "growth": [_row(f"{crowd} at once", crowded[crowd]) for crowd in sorted(crowded)],
        "rush": rushed,
    }


def _settled(measured: Coroutine[Any, Any, list[float | None]]) -> list[float | None]:
    """Run what is measured when what came before, cold or warm, no longer keeps the machine busy."""
    time.sleep(_SETTLING_S)
    return asyncio.run(measured)


async def _rush(hub: MeasuredHub, number: int, within_s: float = 10.0) -> dict[str, Any]:
    """Have students ask within some seconds; tell who was served and how true the estimates were."""

    async def student(index: int) -> tuple[float | None, float | None]:
        await asyncio.sleep(index * within_s / number)
        told: list[tuple[float, float]] = []
        begin = time.perf_counter()
        taken = await ready_s(hub, user(index), lambda words: _note_estimate(words, told))
        if taken is None or not told:
            return taken, None
        # What was promised counts from the moment at which it was told.
        estimate_s, told_at = told[0]
        return taken, (begin + taken - told_at) / estimate_s

    outcomes = await asyncio.gather(*(student(index) for index in range(number)))
    await asyncio.gather(*(stop(hub, user(index)) for index in range(number)))
    errors = [each[1] for each in outcomes if each[1] is not None]
    return {
        **_row(f"{number} within {within_s:.0f} s", [each[0] for each in outcomes]),
        "told_a_time": len(errors),
        "real_wait_to_told_median": statistics.median(errors) if errors else None,
        "real_wait_to_told_least": min(errors, default=None),
        "real_wait_to_told_most": max(errors, default=None),
    }


def _note_estimate(words: str, told: list[tuple[float, float]]) -> None:
    """Take down the seconds that somebody in the line is told, and when."""
    if found := re.search(r"ready in about (\d+) s", words):
        told.append((float(found[1]), time.perf_counter()))


async def _one_by_one(hub: MeasuredHub, number: int) -> list[float | None]:
    """Start one after another; those before stay, idle, so that no stop and no filling of the pool is in the way."""
    names = [user(index) for index in range(number)]
    taken = [await ready_s(hub, name) for name in names]
    await asyncio.gather(*(stop(hub, name) for name in names))
    return taken


async def _at_once(hub: MeasuredHub, number: int) -> list[float | None]:
    names = [user(index) for index in range(number)]
    taken = await asyncio.gather(*(ready_s(hub, name) for name in names))
    await asyncio.gather(*(stop(hub, name) for name in names))
    return list(taken)


async def ready_s(hub: MeasuredHub, name: str, hear: Callable[[str], None] = lambda _: None) -> float | None:
    """Return the seconds until a kernel of a new session has run a cell; None where that failed.

    Parameters
    ----------
    hub
        A running hub.
    name
        Whose session.
    hear
        Told the words that the page shows her meanwhile.
    """
    begin = time.perf_counter()
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            asked = asyncio.create_task(ask(hub, "POST", f"/hub/api/users/{name}/server"))
            # As in her browser: after a second the page of progress, which is told what changes and asks for nothing.
            await asyncio.wait({asked}, timeout=1)
            if not asked.done() or not await _is_ready(hub, name):
                await _follow(hub, name, hear)
            await asked
            kernel = json.loads(await ask(hub, "POST", f"/user/{name}/api/kernels"))["id"]
            await run_cell(hub, f"/user/{name}/api/kernels/{kernel}/channels")
    except (OSError, TimeoutError, ValueError, HTTPClientError):
        return None
    return time.perf_counter() - begin


async def _is_ready(hub: MeasuredHub, name: str) -> bool:
    servers = json.loads(await ask(hub, "GET", f"/hub/api/users/{name}"))["servers"]
    return bool(servers and servers[""]["ready"])


async def _follow(hub: MeasuredHub, name: str, hear: Callable[[str], None]) -> None:
    """Listen to the progress of a start until its session is ready; raises ValueError where it fails."""
    event: dict[str, Any] = {}
    rest = b""

    def heard(part: bytes) -> None:
        nonlocal event, rest
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                event = json.loads(line.removeprefix(b"data:"))
                hear(event["message"])

    path = f"{hub.url}/hub/api/users/{name}/server/progress"
    await AsyncHTTPClient().fetch(
        path, headers=_headers(hub), streaming_callback=heard, request_timeout=_TIMEOUT_S, connect_timeout=_TIMEOUT_S
    )
    if not event.get("ready"):
        msg = f"the session of {name} did not start: {event.get('message', 'nothing was told')}"
        raise ValueError(msg)


async def run_cell(hub: Door, path: str) -> None:
    """Have a kernel multiply, over its WebSocket; raises ValueError where it multiplies wrongly."""
    if (answer := await evaluate(hub, path, "6 * 7")) != "42":
        msg = f"the kernel answered {answer}"
        raise ValueError(msg)


async def evaluate(hub: Door, path: str, code: str) -> str:
    """Have a kernel run a cell, over its WebSocket, and return how it writes the result; raises ValueError."""
    url = hub.url.replace("http://", "ws://") + path
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "session": uuid.uuid4().hex,
        "username": "bench",
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    channel = await websocket_connect(HTTPRequest(url, headers=_headers(hub), request_timeout=_TIMEOUT_S))
    try:
        await channel.write_message(json.dumps(message))
        while (answer := await channel.read_message()) is not None:
            heard = json.loads(answer)
            if heard["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            if heard["msg_type"] == "execute_result":
                return str(heard["content"]["data"]["text/plain"])
            if heard["msg_type"] == "error":
                raise ValueError("\n".join(heard["content"]["traceback"]))
        msg = "the kernel closed its channel"
        raise ConnectionError(msg)
    finally:
        channel.close()
        # Until the other side has closed as well, or the loop ends with an open connection.
        while await channel.read_message() is not None:
            pass


async def stop(hub: MeasuredHub, name: str) -> None:
    """Stop a session and wait until it has ended."""
    await ask(hub, "DELETE", f"/hub/api/users/{name}/server")
    while json.loads(await ask(hub, "GET", f"/hub/api/users/{name}"))["servers"]:
        await asyncio.sleep(0.5)


async def ask(hub: Door, method: str, path: str) -> bytes:
    """Ask hub or session, with a token that may everything here; raises ValueError where it is refused."""
    answer = await AsyncHTTPClient().fetch(
        hub.url + path,
        method=method,
        headers=_headers(hub),
        body=b"{}" if method == "POST" else None,
        request_timeout=_TIMEOUT_S,
        connect_timeout=_TIMEOUT_S,
        raise_error=False,
    )
    if answer.code not in {200, 201, 202, 204}:
        msg = f"{method} {path}: {answer.code} {answer.body[:200]!r}"
        raise ValueError(msg)
    return bytes(answer.body)


def _headers(hub: Door) -> dict[str, str]:
    return {"Authorization": f"token {hub.token}", "Content-Type": "application/json"}


def await_pool(hub: MeasuredHub, number: int) -> float:
    """Wait until so many containers wait for users, as the hub itself says; returns the seconds."""
    begin, asked = time.perf_counter(), time.time()
    with httpx.Client(base_url=hub.url, headers=_headers(hub), trust_env=False, timeout=_TIMEOUT_S) as client:
        while True:
            answer = client.get("/services/pool/api/status")
            status: dict[str, Any] = answer.json() if answer.status_code == httpx.codes.OK else {"written": 0.0}
            # What was written before we asked may be an earlier hub's word.
            if status["written"] > asked and status["pools"][0]["waiting"] >= number:
                return time.perf_counter() - begin
            time.sleep(0.1)


async def _idle_memory(hub: MeasuredHub, settle_s: float = 5.0) -> float:
    """Return the megabytes that an idle session takes, its share of page cache left out."""
    name = user(0)
    await ask(hub, "POST", f"/hub/api/users/{name}/server")
    await asyncio.sleep(settle_s)
    with closing(connect_engine()) as client:
        container = client.containers.get(f"{hub.settings.docker_network}-{name}")
        answer: Any = container.stats(stream=False)
        stats = answer["memory_stats"]
    await stop(hub, name)
    inactive = stats["stats"].get("total_inactive_file", stats["stats"].get("inactive_file", 0))
    return float(stats["usage"] - inactive) / 1e6


def _good(taken: list[float | None]) -> list[float]:
    return [each for each in taken if each is not None]


def _quantile(taken: list[float | None], level: float) -> float:
    ordered = sorted(_good(taken))
    return ordered[min(len(ordered) - 1, int(level * len(ordered)))]


def _row(case: str, taken: list[float | None]) -> dict[str, Any]:
    good = _good(taken)
    if not good:
        msg = f"{case}: none of {len(taken)} sessions became ready"
        raise RuntimeError(msg)
    return {
        "case": case,
        "sessions": len(taken),
        "median_s": statistics.median(good),
        "longest_s": max(good),
        "failed": len(taken) - len(good),
    }
