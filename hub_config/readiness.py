"""Noticing at once that a session's server answers, or never will."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable

__all__ = ["await_answer"]

_SHORTEST_S, _LONGEST_S = 0.01, 0.25
_ALIVE_S = 2.0


async def await_answer(
    address: str,
    port: int,
    base_url: str,
    alive: Callable[[], Awaitable[bool]],
    tls: ssl.SSLContext | None = None,
    timeout_s: float = 60.0,
) -> bool:
    """Wait until a single-user server answers HTTP, has ended, or the time is up.

    JupyterHub looks itself afterwards, but in intervals that grow to seconds, and without noticing an end. This looks
    often at first, so that a session claimed from the pool is not kept waiting; and as long as a session is being
    started, so that no more are started at the same time than may be.

    Parameters
    ----------
    address, port
        Where the server will listen.
    base_url
        Path of the server, ending with a slash.
    alive
        Tells whether the session still runs; asked every two seconds.
    tls
        With which the server is asked; None: without TLS.
    timeout_s
        Longest wait, in seconds.

    Returns
    -------
    bool
        Whether it answers.
    """
    begin = looked = time.monotonic()
    while not await _answers(address, port, base_url, tls):
        moment = time.monotonic()
        if moment - begin > timeout_s:
            return False
        if moment - looked > _ALIVE_S:
            if not await alive():
                return False
            looked = time.monotonic()
        # A share of the time that has gone by: so little is waited in vain, however long it takes.
        await asyncio.sleep(min(max(_SHORTEST_S, (moment - begin) / 5), _LONGEST_S))
    return True


async def _answers(address: str, port: int, base_url: str, tls: ssl.SSLContext | None) -> bool:
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(address, port, ssl=tls), 1)
    except (OSError, TimeoutError):
        return False
    try:
        writer.write(f"GET {base_url}api HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
        line = await asyncio.wait_for(reader.readline(), 5)
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
    return line.startswith(b"HTTP/1.")
