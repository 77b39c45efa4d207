"""A page of a twin outside of notebooks: a replay of a run, or a plant that is running."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager, suppress
from string import Template
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from simulators import Text
from twins.about import About
from twins.canvas import MODULE
from twins.parcel import pack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import redis.asyncio
    from starlette.requests import Request

    from twins.moments import Moments
    from twins.scene import Scene

__all__ = ["live_page", "scene_page"]

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
        What is told besides.
    kind
        Of the scenario, for the title.
    """
    parcel = pack(scene, about).to_bytes()

    async def send(_: Request) -> Response:
        return Response(parcel, media_type="application/octet-stream", headers=HEADERS)

    return Starlette(routes=[*_routes(kind), Route("/scene", send)], middleware=[_SMALLER])


def live_page(plant: Moments, client: redis.asyncio.Redis) -> Starlette:
    """Return a page on which a running plant is seen.

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

    async def send(_: Request) -> Response:
        scene = plant.scene()
        parcel = pack(scene, About(diary=plant.diary(scene)), live=True)
        return Response(parcel.to_bytes(), media_type="application/octet-stream", headers=HEADERS)

    async def live(_: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            async for moment in plant:
                yield b"event: moment\ndata: " + base64.b64encode(moment) + b"\n\n"

        headers = {**HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(events(), media_type="text/event-stream", headers=headers)

    routes = [*_routes(plant.kind), Route("/scene", send), Route("/live", live)]
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


def _language(request: Request) -> str:
    """Return what the address asks for, else what the browser prefers; Chinese unless it prefers English."""
    asked = request.query_params.get("lang") or request.headers.get("accept-language", "")
    return "en" if asked.lower().startswith("en") else "zh"
