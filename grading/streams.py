"""Live progress as server-sent events (WHATWG HTML, 9.2): the database is looked at, Redis only says when."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import redis.asyncio
from redis import RedisError
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from grading.bell import CHANNEL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

__all__ = ["stream"]

_LOOK_S = 2.0
_LONGEST_S = 600.0


def stream(
    url: str | None, look: Callable[[], tuple[str, bool]], concerns: Callable[[dict[str, Any]], bool]
) -> StreamingResponse:
    """Return an answer that tells what changes, until it is over.

    Parameters
    ----------
    url
        Redis; None where there is none, and the database is looked at every two seconds.
    look
        Gives the state as JSON, and whether it is the last one. Event ``state``.
    concerns
        Whether news from a worker are about what is watched. Event ``progress``.
    """
    return StreamingResponse(
        _events(url, look, concerns),
        media_type="text/event-stream",
        # Proxies must hand every event on at once.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(
    url: str | None, look: Callable[[], tuple[str, bool]], concerns: Callable[[dict[str, Any]], bool]
) -> AsyncIterator[str]:
    shown = None
    began = time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        news = await _listening(stack, url)
        while time.monotonic() - began < _LONGEST_S:
            state, last = await run_in_threadpool(look)
            if state != shown:
                yield f"event: state\ndata: {state}\n\n"
                shown = state
            if last:
                return
            else:
                yield ": still here\n\n"  # whoever reads learns that the line holds, and can show that time passes
            async for told in _heard(news, concerns):
                if "replications" in told:
                    yield f"event: progress\ndata: {json.dumps(told)}\n\n"


async def _listening(stack: contextlib.AsyncExitStack, url: str | None) -> Any:  # noqa: ANN401 - redis has no types here
    if url is None:
        return None
    try:
        client = await stack.enter_async_context(redis.asyncio.Redis.from_url(url))
        news = await stack.enter_async_context(client.pubsub())
        await news.subscribe(CHANNEL)
    except RedisError:
        return None
    return news


async def _heard(news: Any, concerns: Callable[[dict[str, Any]], bool]) -> AsyncIterator[dict[str, Any]]:  # noqa: ANN401
    """Give what a worker says about what is watched; end with the first such news, or after a while."""
    until = time.monotonic() + _LOOK_S
    while (left := until - time.monotonic()) > 0:
        if news is None:
            await asyncio.sleep(left)
            return
        try:
            message = await news.get_message(ignore_subscribe_messages=True, timeout=left)
        except (RedisError, OSError):
            await asyncio.sleep(max(0.0, until - time.monotonic()))
            return
        if message is None:
            continue
        told = json.loads(message["data"])
        if concerns(told):
            yield told
            return
