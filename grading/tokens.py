"""Whose token a request of the API carries, and what it may do.

Only an ``Authorization`` header counts here, never the cookie of the pages: a page of somebody else in the same
browser cannot act in the learner's name.
"""

import math
import re
from typing import Annotated

from fastapi import Depends, Request

from grading.access import MANAGE, READ, SUBMIT, Reader, may_submit
from grading.hub import Identity
from grading.languages import mark
from grading.problems import ProblemError
from grading.service import Service, service_of

__all__ = ["LearnerHere", "ManagerHere", "ReaderHere", "ServiceHere", "forbidden", "identified"]

_SCHEME = re.compile(r"(?:token|bearer)\s+(\S+)", re.IGNORECASE)


def identified(request: Request, service: Annotated[Service, Depends(service_of)]) -> Identity:
    """Return whose token the request carries."""
    match = _SCHEME.fullmatch(request.headers.get("authorization", "").strip())
    identity = service.hub.identity(match[1]) if match else None
    if identity is None:
        detail = mark("Send a JupyterHub token in the header Authorization: token <token>.")
        if match:
            detail = mark("This token is unknown to JupyterHub, or has expired; log in again for a new one.")
        raise ProblemError(401, "unauthenticated", detail, headers={"WWW-Authenticate": "token"})
    wait_s = service.limiter.take(identity.name)
    if wait_s > 0:
        raise ProblemError(
            429,
            "too-many-requests",
            "More than %(limit)d requests in a minute; go on in %(seconds)d seconds.",
            {"limit": service.limiter.per_minute, "seconds": math.ceil(wait_s)},
            headers={"Retry-After": str(math.ceil(wait_s))},
        )
    return identity


def reading(
    identity: Annotated[Identity, Depends(identified)], service: Annotated[Service, Depends(service_of)]
) -> Reader:
    """Return what the request may read; refuse one that may read nothing."""
    reader = service.reader(identity)
    if not reader.anybody:
        raise forbidden(READ)
    return reader


def managing(
    identity: Annotated[Identity, Depends(identified)], service: Annotated[Service, Depends(service_of)]
) -> Reader:
    """Return what the request may manage; refuse one that may manage nothing."""
    reader = service.reader(identity)
    if not reader.manages:
        raise forbidden(MANAGE)
    return reader


def submitting(identity: Annotated[Identity, Depends(identified)]) -> Identity:
    """Refuse a token that may not hand in decisions."""
    if not may_submit(identity):
        raise forbidden(SUBMIT)
    return identity


def forbidden(scope: str, group: str | None = None) -> ProblemError:
    """Return the problem of a token that lacks a scope, for a group where one is given."""
    if group is not None:
        scope = f"{scope}!group={group}"
    return ProblemError(403, "forbidden", "This token lacks the scope %(scope)s.", {"scope": scope})


ServiceHere = Annotated[Service, Depends(service_of)]
ReaderHere = Annotated[Reader, Depends(reading)]
ManagerHere = Annotated[Reader, Depends(managing)]
LearnerHere = Annotated[Identity, Depends(submitting)]
