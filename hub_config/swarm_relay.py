"""What stands between this machine and one session on another: a program of its own, in a container of its own.

The container is attached to the sessions' bridge on the hub's machine and to the network of one session, which has no
other member. Connections from the bridge go on to the session; connections from the session go on to the session gate
or to the grading service, and nowhere else. ``GET /notices`` is answered by the relay itself, from the folder in which
the hub puts what it has to say.

It is given to a plain Python as its text, so it imports nothing beyond the standard library.
"""

import asyncio
import contextlib
import json
import socket
import sys
from pathlib import Path

__all__ = ["BASE", "NOTICES_PATH", "SESSION", "main", "notices"]

# Names of relay and session on the network that they share.
BASE, SESSION = "base", "session"
NOTICES_PATH = "/notices"

_FOLDER = Path("/tmp/notices")  # noqa: S108 the container's own
_CHUNK = 64 * 1024
_PAUSE_S = 0.1

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def notices(folder: Path) -> bytes:
    """Build the answer to ``GET /notices``.

    Parameters
    ----------
    folder
        Where `hub_config.notices.put_notice` writes.

    Returns
    -------
    bytes
        A whole HTTP answer: a JSON list of ``{"name": …, "zh": …, "en": …}``.
    """
    found = []
    for path in sorted(folder.glob("*.json")) if folder.exists() else []:
        words = json.loads(path.read_text(encoding="utf-8"))
        found.append({"name": f"{path.stem}-{path.stat().st_mtime_ns}", "zh": words["zh"], "en": words["en"]})
    body = json.dumps(found).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    return head.encode() + b"\r\n" + body


async def main(host: str, session_port: int, ports: list[int], folder: Path = _FOLDER) -> None:
    """Serve until the container is stopped.

    Parameters
    ----------
    host
        Address of the sessions' bridge on the hub's machine.
    session_port
        Port of the session, here and there.
    ports
        Ports of the bridge that the session may reach: session gate and grading service.
    folder
        Of the notices.
    """

    async def inwards(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _join((reader, writer), SESSION, session_port, b"")

    async def outwards(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(_CHUNK)
        if first.startswith(f"GET {NOTICES_PATH} ".encode()):
            writer.write(await asyncio.to_thread(notices, folder))
            await _close(writer)
        else:
            await _join((reader, writer), host, writer.get_extra_info("sockname")[1], first)

    # Each side where the other side does not come.
    inner = await _address_of(BASE)
    await asyncio.start_server(inwards, _address_towards(host), session_port)
    for port in ports:
        await asyncio.start_server(outwards, inner, port)
    await asyncio.Event().wait()


async def _join(caller: Streams, host: str, port: int, first: bytes) -> None:
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        await _close(caller[1])
        return
    writer.write(first)
    await asyncio.gather(_pass(caller[0], writer), _pass(reader, caller[1]))
    await asyncio.gather(_close(caller[1]), _close(writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    # The other way may still have something to say.
    with contextlib.suppress(OSError):
        writer.write_eof()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _address_of(name: str) -> str:
    while True:
        try:
            return await asyncio.to_thread(socket.gethostbyname, name)
        except OSError:
            await asyncio.sleep(_PAUSE_S)


def _address_towards(host: str) -> str:
    # Nothing is sent: the system only decides by which way it would be.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 9))
        address: str = probe.getsockname()[0]
    return address


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), [int(port) for port in sys.argv[3:]]))
