"""The session gate: of the hub's interface, sessions reach what a single-user server needs and nothing else.

The hub itself listens on 127.0.0.1. On the sessions' bridge listens this gate, which passes on four requests and
refuses the rest, so that from inside a session nobody can try passwords at the log-in page, or look for what the
session's own token might be allowed to ask.
"""

import asyncio
import contextlib
import os
import re
import ssl
import sys
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.web import Application, HTTPError, RequestHandler

from hub_config.internal_tls import hub_context

__all__ = ["PASSED", "gate_application", "main", "passes"]

# Asking the version, whose a token is, telling activity, and the second half of OAuth.
PASSED = (
    ("GET", re.compile(r"/hub/api/?")),
    ("GET", re.compile(r"/hub/api/user")),
    ("POST", re.compile(r"/hub/api/users/[^/]+/(servers/[^/]*/)?activity")),
    ("POST", re.compile(r"/hub/api/oauth2/token")),
)
_REQUEST_HEADERS = ("Accept", "Authorization", "Content-Type")
_LONGEST_BODY = 64 * 1024
_LOOK_S = 0.5
_ATTEMPTS = 20


def passes(method: str, path: str) -> bool:
    """Tell whether a request is one that a single-user server needs.

    Parameters
    ----------
    method, path
        Of the request, without its query.

    Returns
    -------
    bool
        Whether it is.

    Examples
    --------
    >>> passes("GET", "/hub/api/user"), passes("GET", "/hub/api/users"), passes("POST", "/hub/login")
    (True, False, False)
    """
    return any(method == each and pattern.fullmatch(path) for each, pattern in PASSED)


class _Gate(RequestHandler):
    def initialize(self, hub_url: str) -> None:
        self.hub_url = hub_url

    async def get(self) -> None:
        await self._pass()

    async def post(self) -> None:
        await self._pass()

    def check_xsrf_cookie(self) -> None:
        """Leave that to the hub: what passes is asked with tokens, never with cookies."""

    async def _pass(self) -> None:
        request = self.request
        if not passes(request.method or "", request.path):
            raise HTTPError(403, reason="not for sessions")
        headers = {name: request.headers[name] for name in _REQUEST_HEADERS if name in request.headers}
        query = f"?{request.query}" if request.query else ""
        try:
            answer = await AsyncHTTPClient().fetch(
                f"{self.hub_url}{request.path}{query}",
                method=request.method or "GET",
                headers=headers,
                body=request.body if request.method == "POST" else None,
                follow_redirects=False,
                raise_error=False,
            )
        except (OSError, HTTPClientError) as error:
            raise HTTPError(503, reason="the hub does not answer") from error
        self.set_status(answer.code, answer.reason)
        for name in ("Content-Type", "X-JupyterHub-Version"):
            if name in answer.headers:
                self.set_header(name, answer.headers[name])
        self.finish(answer.body)

    def write_error(self, status_code: int, **_: Any) -> None:  # noqa: ANN401 tornado's own signature
        self.finish({"status": status_code, "message": self._reason})


def gate_application(hub_url: str) -> Application:
    """Build the gate.

    Parameters
    ----------
    hub_url
        Address of the hub, without a path.

    Returns
    -------
    Application
        To listen on the sessions' bridge.
    """
    return Application([(r".*", _Gate, {"hub_url": hub_url})])


async def main(address: str, port: int, hub_url: str, tls: Path | None = None) -> None:
    """Serve the gate until the process is ended, or the hub that started it is no more.

    Parameters
    ----------
    address, port
        Where to listen.
    hub_url
        As of `gate_application`.
    tls
        Folder of the hub's certificates, by which both sides of the gate are known; None: no TLS.
    """
    hub = os.getppid()
    asking = {"ssl_options": hub_context(tls, ssl.Purpose.SERVER_AUTH)} if tls else {}
    AsyncHTTPClient.configure(None, max_clients=200, defaults=asking)
    answering: dict[str, Any] = {"ssl_options": hub_context(tls, ssl.Purpose.CLIENT_AUTH)} if tls else {}
    gate = gate_application(hub_url)
    for attempt in range(_ATTEMPTS):
        try:
            gate.listen(port, address, max_body_size=_LONGEST_BODY, **answering)
            break
        except OSError:
            # The gate of a hub that was killed a moment ago has not noticed yet.
            if attempt == _ATTEMPTS - 1:
                raise
            await asyncio.sleep(_LOOK_S)
    while os.getppid() == hub:
        await asyncio.sleep(_LOOK_S)


if __name__ == "__main__":
    # The hub ends its services with Ctrl-C's signal.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], *map(Path, sys.argv[4:])))
