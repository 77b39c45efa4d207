"""What every request passes: a size limit, a request id and its log line, the headers of every answer."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders

from grading.logs import REQUEST_ID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from grading.metrics import Metrics

__all__ = ["MAXIMUM_BODY_BYTES", "MAXIMUM_ROSTER_BYTES", "Answers", "BodyLimit", "maximum_bytes"]

MAXIMUM_BODY_BYTES = 64 * 1024
MAXIMUM_ROSTER_BYTES = 4 * 1024 * 1024

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_log = logging.getLogger("grading.requests")


def maximum_bytes(path: str) -> int:
    """Return how long the body of a request to this path may be."""
    return MAXIMUM_ROSTER_BYTES if path.endswith("/roster") else MAXIMUM_BODY_BYTES


class BodyLimit:
    """Refuses bodies above a size, announced or not.

    Parameters
    ----------
    app
        The application behind.
    refuse
        Answers a request that is too large.
    """

    def __init__(self, app: ASGIApp, refuse: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on while it is small enough."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bound = maximum_bytes(scope["path"])
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > bound:
            await self._refuse(scope, receive, send)
            return
        size = 0
        messages: list[Message] = []
        # The body is small or refused, so it is read before anything acts on a part of it.
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > bound:
                await self._refuse(scope, receive, send)
                return
            if not message.get("more_body", False):
                break

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replay, send)


class Answers:
    """Adds the security headers and a request id to every answer, counts it, and writes one log line a request.

    Parameters
    ----------
    app
        The application behind.
    metrics
        Counts answers.
    prefix
        Path of the service, left out where routes are counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, prefix: str) -> None:
        self._app = app
        self._metrics = metrics
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and dress its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wish = Headers(scope=scope).get("x-request-id", "")
        request_id = wish if _REQUEST_ID.fullmatch(wish) else uuid4().hex
        began = time.perf_counter()
        token = REQUEST_ID.set(request_id)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["X-Request-ID"] = request_id
                taken_s = time.perf_counter() - began
                self._metrics.answered(scope, self._prefix, message["status"], taken_s)
                _log.info(
                    "%s %s -> %d in %.0f ms, request %s",
                    scope["method"],
                    scope["path"],
                    message["status"],
                    taken_s * 1000,
                    request_id,
                )
            await send(message)

        try:
            await self._app(scope, receive, dressed)
        finally:
            REQUEST_ID.reset(token)
