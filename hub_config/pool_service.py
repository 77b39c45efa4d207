"""The pool service: a page, an API and metrics for administrators, at ``/services/pool/``.

It runs beside the hub and knows what the hub tells it (`hub_config.pool_board`). JupyterHub decides who gets in: who
holds ``access:services!service=pool``, that is the platform administrator, or a token made for it.
"""

import asyncio
import contextlib
import json
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from jupyterhub.utils import make_ssl_context
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler, authenticated

from hub_config.pool_board import MOST_AHEAD, PoolBoard, PoolStatus
from hub_config.routing import hub_dir
from hub_config.session_watch import SessionWatch
from hub_config.settings import HubSettings

__all__ = ["POOL_PATH", "pool_application", "pool_metrics", "serve"]

POOL_PATH = "/services/pool/"

_TEMPLATES = Path(__file__).parent / "templates"
# A hub tells every second; one that has not told for so long is away.
_FRESH_S = 10.0


class _Handler(HubOAuthenticated, RequestHandler):  # type: ignore[misc]  # jupyterhub is untyped
    def initialize(self, board: PoolBoard, language: str, sessions: Callable[[], int]) -> None:
        self.board = board
        self.language = language
        self.sessions = sessions

    def check_xsrf_cookie(self) -> None:
        """Ask a browser for its second cookie; a program that sends a token has none, and no page can send tokens."""
        if not self.request.headers.get("Authorization"):
            super().check_xsrf_cookie()

    def status(self) -> PoolStatus:
        status = self.board.status()
        if status is None or time.time() - status.written > _FRESH_S:
            raise HTTPError(503, reason="the hub has not told how its pools stand")
        return status.model_copy(update={"sessions": self.sessions()})


class _Page(_Handler):
    @authenticated
    def get(self) -> None:
        templates = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
        page = templates.get_template("pool.html")
        self.set_header("Content-Security-Policy", "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'")
        self.finish(
            page.render(
                language=self.language, xsrf=self.xsrf_token.decode(), most=MOST_AHEAD, status=self.board.status()
            )
        )


class _Status(_Handler):
    @authenticated
    def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(self.status().model_dump_json())


class _Size(_Handler):
    @authenticated
    def patch(self) -> None:
        try:
            asked = json.loads(self.request.body)
            image, size = asked["image"], asked["size"]
        except (ValueError, KeyError, TypeError):
            raise HTTPError(400, reason='send {"image": NAME, "size": NUMBER}') from None
        known = [pool.image for pool in self.status().pools]
        if image not in known:
            raise HTTPError(404, reason=f"image: no pool of that name, known are {', '.join(known) or 'none'}")
        if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= MOST_AHEAD:
            raise HTTPError(400, reason=f"size: a whole number from 0 to {MOST_AHEAD}")
        self.board.resize(image, size)
        self.set_status(204)

    def write_error(self, status_code: int, **_: Any) -> None:  # noqa: ANN401 tornado's own signature
        self.finish({"status": status_code, "message": self._reason})


class _Drain(_Handler):
    @authenticated
    def patch(self) -> None:
        try:
            draining = json.loads(self.request.body)["draining"]
        except (ValueError, KeyError, TypeError):
            draining = None
        if not isinstance(draining, bool):
            raise HTTPError(400, reason='send {"draining": true} or {"draining": false}')
        self.board.drain(draining)
        self.set_status(204)

    def write_error(self, status_code: int, **_: Any) -> None:  # noqa: ANN401 tornado's own signature
        self.finish({"status": status_code, "message": self._reason})


class _Metrics(_Handler):
    @authenticated
    def get(self) -> None:
        self.set_header("Content-Type", "text/plain; version=0.0.4")
        self.finish(pool_metrics(self.status()))


class _Collector:
    def __init__(self, status: PoolStatus) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        gauges = {
            "waiting": "Containers that wait for their user.",
            "wanted": "Containers that should wait now.",
        }
        for field, text in gauges.items():
            gauge = GaugeMetricFamily(f"shixun_pool_{field}", text, labels=["image"])
            for pool in self._status.pools:
                gauge.add_metric([pool.image], getattr(pool, field))
            yield gauge
        claims = CounterMetricFamily(
            "shixun_pool_claims", "Sessions asked for, by outcome.", labels=["image", "outcome"]
        )
        for pool in self._status.pools:
            for outcome, number in (("hit", pool.hits), ("miss", pool.misses), ("dead", pool.dead)):
                claims.add_metric([pool.image, outcome], number)
        yield claims
        yield GaugeMetricFamily("shixun_line_length", "People who wait in the line.", value=len(self._status.line))
        yield GaugeMetricFamily("shixun_sessions", "Sessions that run.", value=self._status.sessions)
        yield GaugeMetricFamily("shixun_draining", "1: no new sessions.", value=float(self._status.draining))
        yield GaugeMetricFamily("shixun_starting", "Sessions being started.", value=self._status.starting)


def pool_metrics(status: PoolStatus) -> bytes:
    """Write how the pools stand in Prometheus's text format.

    Parameters
    ----------
    status
        What the hub has told.

    Returns
    -------
    bytes
        The text.
    """
    registry = CollectorRegistry()
    registry.register(_Collector(status))
    return generate_latest(registry)


def pool_application(board: PoolBoard, language: str, cookie_secret: bytes, sessions: Callable[[], int]) -> Application:
    """Build the service.

    Parameters
    ----------
    board
        Where the hub tells.
    language
        Language that the page puts first.
    cookie_secret
        With which its cookies are signed.
    sessions
        Tells how many sessions run.

    Returns
    -------
    Application
        To listen where the hub expects it.
    """
    shared = {"board": board, "language": language, "sessions": sessions}
    return Application(
        [
            (POOL_PATH, _Page, shared),
            (POOL_PATH + "api/status", _Status, shared),
            (POOL_PATH + "api/size", _Size, shared),
            (POOL_PATH + "api/drain", _Drain, shared),
            (POOL_PATH + "metrics", _Metrics, shared),
            (POOL_PATH + "oauth_callback", HubOAuthCallbackHandler),
        ],
        cookie_secret=cookie_secret,
        xsrf_cookies=True,
        xsrf_cookie_kwargs={"path": POOL_PATH, "samesite": "Lax"},
    )


def serve(listener: socket.socket) -> None:
    """Serve until the hub ends this process, or is no more.

    Parameters
    ----------
    listener
        Where, listening already.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # The hub ends its services with Ctrl-C's signal.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(listener, HubSettings()))


async def _serve(listener: socket.socket, settings: HubSettings) -> None:
    """Serve, and watch over the sessions' hours meanwhile."""
    hub = os.getppid()
    board = PoolBoard(hub_dir(settings.data_dir))
    if settings.internal_tls:
        # JupyterHub names the certificates of a service in its environment.
        own = (os.environ[f"JUPYTERHUB_SSL_{each}"] for each in ("KEYFILE", "CERTFILE", "CLIENT_CA"))
        AsyncHTTPClient.configure(None, defaults={"ssl_options": make_ssl_context(*own)})
    watch = SessionWatch(settings, os.environ["JUPYTERHUB_API_URL"], os.environ["JUPYTERHUB_API_TOKEN"])
    application = pool_application(board, settings.language, os.urandom(32), lambda: watch.sessions)
    HTTPServer(application).add_socket(listener)
    watching = asyncio.create_task(watch.watch())
    while os.getppid() == hub and not watching.done():
        await asyncio.sleep(1)
    watching.cancel()
