"""A page of a twin outside of notebooks: a replay of a run, or a plant that is running."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from contextlib import asynccontextmanager, suppress
from string import Template
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from simulators import Text
from twins.answers import Answers
from twins.canvas import MODULE
from twins.parcel import pack
from twins.showing import about_of, scene_of, window_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import redis.asyncio
    from starlette.requests import Request

    from simulators import Run
    from twins.about import About
    from twins.moments import Moments
    from twins.scene import Scene

__all__ = ["live_page", "run_page", "scene_page"]

TITLES = {
    "production_line": Text(zh="产线孪生", en="Twin of a production line"),
    "compute_cluster": Text(zh="计算集群孪生", en="Twin of a compute cluster"),
    "heritage_garden": Text(zh="园林孪生", en="Twin of a garden"),
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def scene_page(scene: Scene, about: About, kind: str) -> Starlette:
    """Return a page that replays a scene.

    Parameters
    ----------
    scene
        What is drawn; see :func:`twins.showing.scene_of`.
    about
        What is told besides, and what draws plans.
    kind
        Of the scenario, for the title.
    """
    parcel = pack(scene, about).to_bytes()
    plan = about.plan

    async def send(_: Request) -> Response:
        return Response(parcel, media_type="application/octet-stream", headers=HEADERS)

    def draw(request: Request) -> Response:
        try:
            time_s = float(request.query_params.get("time_s", "nan"))
        except ValueError:
            time_s = float("nan")
        if plan is None or not scene.start_s <= time_s <= scene.end_s:
            wanted = f"time_s = {time_s:g} is not in the window; choose {scene.start_s:g} to {scene.end_s:g}"
            return Response(wanted, status_code=404, media_type="text/plain", headers=HEADERS)
        return Response(plan(time_s, _language(request)), media_type="image/svg+xml", headers=HEADERS)

    routes = [*_routes(kind), Route("/scene", send), Route("/plan", draw)]
    return Starlette(routes=routes, middleware=[_SMALLER])


def run_page(run: Run, start_s: float | None = None, end_s: float | None = None) -> Starlette:
    """Return a page that replays a run, with its plan where there are plans of its kind.

    Parameters
    ----------
    run
        From :func:`simulators.simulate`, with its journal.
    start_s, end_s
        The window, as for :func:`twins.show`.

    Raises
    ------
    NoSceneError, WindowError
        As :func:`twins.show`.
    """
    window = window_of(run, start_s, end_s)
    return scene_page(scene_of(run, *window), about_of(run, *window), run.scenario.kind)


def live_page(plant: Moments, client: redis.asyncio.Redis) -> Starlette:
    """Return a page on which a running plant is seen, with its plots and its plan.

    Parameters
    ----------
    plant
        What is to be seen.
    client
        Of Redis, for the plant's feed; it does not decode answers.
    """

    @asynccontextmanager
    async def follow(_: Starlette) -> AsyncIterator[None]:
        following = asyncio.create_task(plant.follow(client))
        try:
            yield
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            await client.aclose()

    answers = Answers(plant)

    async def scene(_: Request) -> Response:
        return Response(await answers.scene(), media_type="application/octet-stream", headers=HEADERS)

    async def plots(request: Request) -> Response:
        return _unless_known(request, await answers.plots(), "application/octet-stream")

    async def plan(request: Request) -> Response:
        if not answers.has_plan:
            return Response(
                f"there are no plans of a {plant.kind}", status_code=404, media_type="text/plain", headers=HEADERS
            )
        return _unless_known(request, await answers.plan(_language(request)), "image/svg+xml")

    async def live(_: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            async for moment in plant:
                yield b"event: moment\ndata: " + base64.b64encode(moment) + b"\n\n"

        headers = {**HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(events(), media_type="text/event-stream", headers=headers)

    beside = [Route("/plots", plots), Route("/plan", plan)]
    routes = [*_routes(plant.kind), Route("/scene", scene), Route("/live", live), *beside]
    return Starlette(routes=routes, middleware=[_SMALLER], lifespan=follow)


# Events are not touched: Starlette leaves text/event-stream alone.
_SMALLER = Middleware(GZipMiddleware, minimum_size=4096, compresslevel=6)


def _routes(kind: str) -> list[Route]:
    async def page(request: Request) -> Response:
        language = _language(request)
        title = TITLES[kind]
        html = Template((MODULE.parent / "page.html").read_text(encoding="utf-8")).substitute(
            lang="zh-CN" if language == "zh" else "en",
            language=language,
            title=title.in_language(language),
            other=title.in_language("en" if language == "zh" else "zh"),
        )
        return HTMLResponse(html, headers=HEADERS)

    def file(name: str) -> Route:
        async def send(_: Request) -> Response:
            return FileResponse(MODULE.parent / name, media_type="text/javascript", headers=HEADERS)

        return Route(f"/{name}", send)

    return [Route("/", page), file("start.js"), file(MODULE.name)]


def _unless_known(request: Request, content: bytes, media_type: str) -> Response:
    """Return something that is asked for again and again, or only that it has not changed."""
    tag = f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    headers = {**HEADERS, "Cache-Control": "no-cache", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _language(request: Request) -> str:
    """Return what the address asks for, else what the browser prefers; Chinese unless it prefers English."""
    asked = request.query_params.get("lang") or request.headers.get("accept-language", "")
    return "en" if asked.lower().startswith("en") else "zh"
