"""Waiting for a session's server, with servers of our own in its place."""

import asyncio
from collections.abc import Awaitable, Callable

from hub_config.ports import find_free_ports
from hub_config.readiness import await_answer


async def _alive() -> bool:
    return True


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    writer.close()


async def _hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _wait(port: int, alive: Callable[[], Awaitable[bool]] = _alive) -> bool:
    return await await_answer("127.0.0.1", port, "/user/anne/", alive)


def test_a_server_that_begins_to_answer_is_noticed() -> None:
    async def check() -> bool:
        (port,) = find_free_ports(1)
        waiting = asyncio.create_task(_wait(port))
        # It listens before it answers, as a server does that is still loading.
        async with await asyncio.start_server(_hang_up, "127.0.0.1", port):
            await asyncio.sleep(0)
        async with await asyncio.start_server(_answer, "127.0.0.1", port):
            return await waiting

    assert asyncio.run(check())


def test_a_session_that_has_ended_is_not_waited_for() -> None:
    looks = 0

    async def alive() -> bool:
        nonlocal looks
        looks += 1
        return looks < 2

    (port,) = find_free_ports(1)
    assert not asyncio.run(_wait(port, alive))
    assert looks == 2


def test_the_longest_wait_ends() -> None:
    (port,) = find_free_ports(1)
    assert not asyncio.run(await_answer("127.0.0.1", port, "/", _alive, timeout_s=0.05))
