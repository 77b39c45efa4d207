"""The web application: API and pages under the prefix that JupyterHub gives them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from grading import api, audit_pages, class_pages, login, offices, pages, problems, records, teaching
from grading.bell import Bell
from grading.competencies import read_frameworks
from grading.database import Database
from grading.hub import Hub
from grading.leases import Leases
from grading.limiter import Limiter
from grading.limits import Answers, BodyLimit, maximum_bytes
from grading.metrics import Metrics
from grading.pace import Pace
from grading.policy_launchers import choose_launcher
from grading.seeds import HeldOutSeeds
from grading.service import Service, service_of
from grading.shelf import Shelf
from grading.submissions import Submissions

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from grading.settings import GradingSettings, HubConnection

__all__ = ["create_app", "create_service"]

_MACHINES = ("/api/", "/healthz", "/metrics", "/readyz")
_log = logging.getLogger(__name__)


def create_service(settings: GradingSettings, connection: HubConnection) -> Service:
    """Open the database, with its tables brought up to date, and everything else that the routes need."""
    database = Database(settings.database)
    database.upgrade()
    return Service(
        settings=settings,
        connection=connection,
        database=database,
        hub=Hub(connection),
        bell=Bell(settings.redis_url),
        shelf=Shelf.read(settings.catalog),
        seeds=HeldOutSeeds.read(settings.secret_file),
        frameworks=read_frameworks(),
        metrics=Metrics(Submissions(database), Leases(database), settings.grading_lease_s),
        policies=choose_launcher(settings.policy_sandbox, settings.policy_image) is not None,
        pace=Pace(Submissions(database), Leases(database), settings.grading_lease_s),
        limiter=Limiter(settings.grading_requests_per_minute),
    )


def create_app(service: Service) -> ASGIApp:
    """Return the application that serves API and pages.

    Parameters
    ----------
    service
        Its parts, from :func:`create_service`.
    """
    inner = FastAPI(
        title="shixun grading",
        version="1",
        description="Hand in decisions, read outcomes. Tokens are JupyterHub's.",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    inner.state.service = service
    inner.include_router(api.router)
    inner.include_router(teaching.router)
    inner.include_router(offices.router)
    inner.include_router(records.router)
    inner.include_router(api.health)
    inner.include_router(login.router)
    inner.include_router(pages.router)
    inner.include_router(class_pages.router)
    inner.include_router(audit_pages.router)
    inner.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
    for error in (*problems.HANDLERS, login.LoginNeededError, login.LoginFailedError):
        inner.add_exception_handler(error, _on_error)
    inner.openapi = lambda: _openapi(inner)  # type: ignore[method-assign]
    return Starlette(
        routes=[Mount(service.connection.prefix, app=inner)],
        # Paths that the mount does not match, such as those with a line break in them.
        exception_handlers={HTTPException: problems.on_http},
        middleware=[
            Middleware(Answers, metrics=service.metrics, prefix=service.connection.prefix),
            Middleware(BodyLimit, refuse=_refuse_large),
        ],
    )


async def _on_error(request: Request, error: Exception) -> Response:
    """Answer machines with a problem document and people with a page."""
    # Not of request.url: an address is parsed, and what a stranger sent need not survive that.
    path = request.scope["path"].removeprefix(service_of(request).connection.prefix)
    if path.startswith(_MACHINES):
        for kind, handler in problems.HANDLERS.items():
            if isinstance(error, kind):
                return await handler(request, error)  # type: ignore[no-any-return]
    if isinstance(error, RequestValidationError):
        error = HTTPException(404)
    elif not isinstance(error, HTTPException | login.LoginNeededError | login.LoginFailedError):
        _log.warning("%s %s: %s", request.method, request.url.path, error)
    return pages.failed(request, error)


async def _refuse_large(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    problem = problems.ProblemError(
        413,
        "too-large",
        "The request is longer than its bound of %(bound)d bytes; a decision needs far less.",
        {"bound": maximum_bytes(scope["path"])},
        headers={"Connection": "close"},
    )
    await problems.answer(request, problem)(scope, receive, send)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document with the problem document among its schemas."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schema = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        definitions = schema.pop("$defs")
        document["components"]["schemas"].update(definitions, Problem=schema)
        document["components"]["securitySchemes"] = {
            "jupyterhub": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`token <JupyterHub token>` or `Bearer <JupyterHub token>`",
            }
        }
        for path, operations in document["paths"].items():
            if path.startswith("/api/") or path == "/metrics":
                for operation in operations.values():
                    operation["security"] = [{"jupyterhub": []}]
        app.openapi_schema = document
    return app.openapi_schema
