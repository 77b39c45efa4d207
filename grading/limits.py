"""What every request passes: a size limit, a request id and its log line, the headers of every answer."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["MAXIMUM_BODY_BYTES", "Answers", "BodyLimit"]

MAXIMUM_BODY_BYTES = 64 * 1024

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_log = logging.getLogger("grading.requests")


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
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > MAXIMUM_BODY_BYTES:
            await self._refuse(scope, receive, send)
            return
        size = 0
        messages: list[Message] = []
        # The body is small or refused, so it is read before anything acts on a part of it.
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > MAXIMUM_BODY_BYTES:
                await self._refuse(scope, receive, send)
                return
            if not message.get("more_body", False):
                break

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replay, send)


class Answers:
    """Adds the security headers and a request id to every answer and writes one log line a request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and dress its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wish = Headers(scope=scope).get("x-request-id", "")
        request_id = wish if _REQUEST_ID.fullmatch(wish) else uuid4().hex
        began = time.perf_counter()

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["X-Request-ID"] = request_id
                _log.info(
                    "%s %s -> %d in %.0f ms, request %s",
                    scope["method"],
                    scope["path"],
                    message["status"],
                    (time.perf_counter() - began) * 1000,
                    request_id,
                )
            await send(message)

        await self._app(scope, receive, dressed)
