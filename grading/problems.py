"""Errors of the API as problem JSON.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grading.errors import HubUnavailableError
from grading.languages import Language, language, mark, negotiated
from grading.reasons import retold

__all__ = ["Problem", "ProblemError", "ProblemField", "answer", "documented", "hub_away", "on_http", "speaking"]

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

_log = logging.getLogger(__name__)

_TITLES = {
    "unauthenticated": mark("Not logged in"),
    "forbidden": mark("Not allowed"),
    "not-found": mark("Not found"),
    "unknown-lab": mark("Unknown lab"),
    "unknown-submission": mark("Unknown submission"),
    "unknown-outcome": mark("Unknown outcome"),
    "unknown-class": mark("Unknown class"),
    "erasure-refused": mark("Erasure refused"),
    "unknown-learner": mark("Unknown account"),
    "not-closed": mark("Not closed yet"),
    "no-sandbox": mark("No sandbox"),
    "no-font": mark("No font"),
    "unknown-school": mark("Unknown school"),
    "unknown-regrade": mark("Unknown regrade"),
    "not-open": mark("Not open yet"),
    "closed": mark("Closed"),
    "attempts-used": mark("No attempt left"),
    "too-many-waiting": mark("Too many submissions wait"),
    "too-many-requests": mark("Too many requests"),
    "regrade-refused": mark("Regrade refused"),
    "roster-refused": mark("Roster refused"),
    "class-of-another-school": mark("Class of another school"),
    "method-not-allowed": mark("Method not allowed"),
    "idempotency-conflict": mark("Idempotency key used twice"),
    "too-large": mark("Request too large"),
    "decision-refused": mark("Decision refused"),
    "request-invalid": mark("Request not valid"),
    "internal": mark("Internal error"),
    "database-unavailable": mark("Database does not answer"),
    "hub-unavailable": mark("JupyterHub does not answer"),
}

_BY_STATUS = {
    400: "request-invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
}


class ProblemField(BaseModel):
    """One field that was refused."""

    field: str = Field(description="Dotted path of the field.")
    value: Any = Field(default=None, description="The value that was refused.")
    bound: str = Field(default="", description="The bound it broke.")
    message: str = Field(description="What is wrong and what to do, in the language of the answer.")


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(description="`urn:shixun:problem:<name>`, stable.", examples=["urn:shixun:problem:unknown-lab"])
    title: str = Field(description="Short summary of the type, in the language of the answer.")
    status: int = Field(description="HTTP status.")
    detail: str = Field(description="What happened here and what to do.")
    instance: str = Field(description="Path of the request.")
    errors: list[ProblemField] = Field(default_factory=list, description="Every field that was refused.")


class ProblemError(Exception):
    """A request that ends with a problem.

    Parameters
    ----------
    status
        HTTP status.
    kind
        Last part of the problem's type.
    detail
        English message with ``%(name)s`` for values, translated when it is answered.
    values
        What to fill in.
    errors
        The refused fields.
    headers
        More headers of the answer.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        values: Mapping[str, object] | None = None,
        errors: tuple[ProblemField, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.values = dict(values or {})
        self.errors = errors
        self.headers = dict(headers or {})

    def told(self, spoken: Language) -> str:
        """Return the detail in a language, the reasons in it as well."""
        values = {
            name: retold(str(value), spoken) if isinstance(value, Exception) else value
            for name, value in self.values.items()
        }
        return spoken.say(self.detail, **values)


def speaking(request: Request) -> Language:
    """Return the language in which the API answers this request, by its ``Accept-Language``."""
    return language(negotiated(request.headers.get("accept-language")))


def answer(request: Request, error: ProblemError) -> Response:
    """Return the problem document of an error."""
    spoken = speaking(request)
    problem = Problem(
        type=f"urn:shixun:problem:{error.kind}",
        title=spoken.say(_TITLES[error.kind]),
        status=error.status,
        detail=error.told(spoken),
        instance=request.url.path,
        errors=list(error.errors),
    )
    # A lone surrogate that a client sent comes back as its JSON escape; UTF-8 has no form for it.
    body = json.dumps(problem.model_dump(), ensure_ascii=False).encode("utf-8", "backslashreplace")
    headers = {"Content-Language": spoken.tag, "Cache-Control": "no-store", **error.headers}
    return Response(body, error.status, headers, media_type=MEDIA_TYPE)


def hub_away() -> ProblemError:
    """Return the problem of a request that JupyterHub would have to vouch for."""
    return ProblemError(
        503,
        "hub-unavailable",
        "JupyterHub does not answer, so nobody can be recognised; try again in %(seconds)d seconds.",
        {"seconds": RETRY_AFTER_S},
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


async def on_problem(request: Request, error: Exception) -> Response:
    """Answer a problem that a route raised."""
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for this type only
    return answer(request, error)


async def on_hub_away(request: Request, error: Exception) -> Response:
    """Answer where JupyterHub is away."""
    _log.warning("%s", error)
    return answer(request, hub_away())


async def on_database_away(request: Request, error: Exception) -> Response:
    """Answer where the database is away; whoever asked may ask again, with the same idempotency key."""
    # SQLite calls a missing table by the same name as a file that cannot be opened; only the latter passes.
    if isinstance(error, OperationalError) and "no such" in str(error.orig):
        return await on_crash(request, error)
    _log.warning("the database does not answer: %s", error)
    problem = ProblemError(
        503,
        "database-unavailable",
        "The database does not answer; try again in %(seconds)d seconds.",
        {"seconds": RETRY_AFTER_S},
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )
    return answer(request, problem)


async def on_http(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: unknown paths and methods."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    kind = _BY_STATUS.get(error.status_code, "request-invalid")
    detail = mark(
        "The request was refused (%(status)d) for %(method)s %(path)s; the OpenAPI document says what there is."
    )
    values = {"status": error.status_code, "method": request.method, "path": request.url.path}
    headers = dict(error.headers or {})
    return answer(request, ProblemError(error.status_code, kind, detail, values, headers=headers))


async def on_invalid(request: Request, error: Exception) -> Response:
    """Answer a request whose body, header or query does not fit, with every field that does not."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    fields = tuple(
        ProblemField(
            field=".".join(str(part) for part in item["loc"]),
            value=_shown(item.get("input")),
            bound=", ".join(f"{name}: {value}" for name, value in (item.get("ctx") or {}).items()),
            message=str(item["msg"]),
        )
        for item in error.errors()
    )
    return answer(
        request,
        ProblemError(422, "request-invalid", "The request does not fit; see errors for every field.", errors=fields),
    )


async def on_crash(request: Request, error: Exception) -> Response:
    """Answer an error of our own without showing its inside."""
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(
        request, ProblemError(500, "internal", "The grading service failed; its log says why. Try again later.")
    )


HANDLERS: Mapping[type[Exception], Any] = {
    ProblemError: on_problem,
    HubUnavailableError: on_hub_away,
    OperationalError: on_database_away,
    InterfaceError: on_database_away,
    HTTPException: on_http,
    RequestValidationError: on_invalid,
    Exception: on_crash,
}


def _shown(value: object) -> object:
    """Return a refused value as JSON can show it, shortened."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return repr(value)[:200]
    return value if len(text) <= 200 else f"{text[:200]}…"


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of a route for these problem statuses."""
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    names = {
        401: "No valid JupyterHub token",
        403: "The token lacks the scope",
        404: "Not found, or not yours",
        409: "It contradicts what stands already",
        413: "Request too large",
        422: "Refused; `errors` lists every field",
        429: "Too much at a time; see Retry-After",
        503: "JupyterHub does not answer; see Retry-After",
    }
    # A path that no route can match, such as one with a line break in it, is not found under any route.
    every = sorted({*statuses, 404})
    return {status: {"description": names[status], "content": {MEDIA_TYPE: reference}} for status in every}
