"""Noticing at once that a session's server answers."""

import asyncio
import ssl
import time

__all__ = ["await_answer"]

_FIRST_S, _LONGEST_S = 0.01, 0.25


async def await_answer(
    address: str, port: int, base_url: str, tls: ssl.SSLContext | None = None, timeout_s: float = 15.0
) -> None:
    """Wait until a single-user server answers HTTP, or the time is up.

    JupyterHub looks itself afterwards, and reports a server that never comes. It looks in intervals that grow to
    seconds; this looks often at first, so that a session claimed from the pool is not kept waiting.

    Parameters
    ----------
    address, port
        Where the server will listen.
    base_url
        Path of the server, ending with a slash.
    tls
        With which the server is asked; None: without TLS.
    timeout_s
        Longest wait, in seconds.
    """
    deadline = time.monotonic() + timeout_s
    pause_s = _FIRST_S
    while time.monotonic() < deadline and not await _answers(address, port, base_url, tls):
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 1.2, _LONGEST_S)


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
