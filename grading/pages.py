"""The pages: my labs, a learning account, an outcome, a class."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from grading.access import Reader
from grading.account import class_rows, lab_cards, share
from grading.errors import HubUnavailableError
from grading.figures import Figures
from grading.hub import Identity
from grading.languages import LANGUAGES, Language, chosen, language, mark, negotiated
from grading.login import LoginFailedError, LoginNeededError, recognised, redirect_to_login
from grading.problems import RETRY_AFTER_S
from grading.service import Service, service_of

__all__ = ["STATIC", "failed", "router"]

router = APIRouter(include_in_schema=False)

STATIC = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parent / "templates"
_PAGE_LENGTH = 50
_LANGUAGE_COOKIE = "shixun-language"
_LANGUAGE_SECONDS = 365 * 24 * 3600


@cache
def _environment(code: str, timezone: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    spoken = language(code)
    environment.install_gettext_translations(spoken.messages, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(write=Figures(spoken, timezone), share=share, languages=LANGUAGES, language=spoken)
    return environment


@cache
def _static_version() -> str:
    """Return a name that changes with the static files, so that browsers may keep them."""
    sha = hashlib.sha256()
    for file in sorted(STATIC.iterdir()):
        sha.update(file.read_bytes())
    return sha.hexdigest()[:12]


def _language(request: Request) -> Language:
    code = chosen(request.query_params.get("lang")) or chosen(request.cookies.get(_LANGUAGE_COOKIE))
    return language(code or negotiated(request.headers.get("accept-language")))


def _page(
    request: Request, template: str, identity: Identity | None = None, status: int = 200, **context: object
) -> Response:
    service = service_of(request)
    spoken = _language(request)
    text = (
        _environment(spoken.code, service.settings.timezone)
        .get_template(template)
        .render(
            home=service.connection.service_prefix,
            hub=f"{service.connection.base_url}hub/",
            static=f"{service.connection.prefix}/static",
            version=_static_version(),
            identity=identity,
            teaches=identity is not None and Reader(identity, service.hub).teaches,
            not_isolated=service.settings.session == "process",
            here={
                code: str(request.url.include_query_params(lang=code).replace(scheme="", netloc=""))
                for code in LANGUAGES
            },
            **context,
        )
    )
    response = HTMLResponse(text, status, {"Cache-Control": "no-store", "Content-Language": spoken.tag})
    if wish := chosen(request.query_params.get("lang")):
        response.set_cookie(
            _LANGUAGE_COOKIE,
            wish,
            max_age=_LANGUAGE_SECONDS,
            path=service.connection.service_prefix,
            httponly=True,
            samesite="lax",
        )
    return response


IdentityHere = Annotated[Identity, Depends(recognised)]
ServiceHere = Annotated[Service, Depends(service_of)]


def _readable(identity: Identity, service: Service, learner: str) -> None:
    """Refuse a learner's account that may not be read."""
    if not Reader(identity, service.hub).may_read(learner):
        raise HTTPException(403)


@router.get("/")
def my_labs(request: Request, identity: IdentityHere, service: ServiceHere) -> Response:
    """Show the labs and how the learner stands in them."""
    own = [identity.name] if Reader(identity, service.hub).may_read(identity.name) else []
    cards = lab_cards(
        service.shelf.labs.values(), service.outcomes.of_learners(own), service.submissions.unfinished(own)
    )
    pending = sum(card.standing.state == "waiting" for card in cards)
    return _page(request, "labs.html", identity, cards=cards, pending=pending)


@router.get("/account")
def account(
    request: Request,
    identity: IdentityHere,
    service: ServiceHere,
    learner: Annotated[str | None, Query(max_length=255)] = None,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """Show a learning account: one's own, or one that may be read."""
    name = learner if learner is not None else identity.name
    _readable(identity, service, name)
    found = service.outcomes.page(learners=[name], limit=_PAGE_LENGTH, offset=(page - 1) * _PAGE_LENGTH)
    waiting = [(s, service.submissions.position(s)) for s in service.submissions.unfinished([name])]
    return _page(
        request,
        "account.html",
        identity,
        learner=name,
        found=found,
        waiting=waiting,
        pending=sum(submission.state in {"queued", "grading"} for submission, _ in waiting),
        labs=service.shelf.labs,
        page=page,
        pages=max(1, -(-found.total // _PAGE_LENGTH)),
    )


@router.get("/outcomes/{outcome_id}")
def outcome(request: Request, outcome_id: UUID, identity: IdentityHere, service: ServiceHere) -> Response:
    """Show an outcome with its feedback."""
    found = service.outcomes.get(outcome_id)
    if found is None or not Reader(identity, service.hub).may_read(found.learner):
        raise HTTPException(404)
    return _page(request, "outcome.html", identity, outcome=found, lab=service.shelf.labs.get(found.lab))


@router.get("/class")
def classes(
    request: Request,
    identity: IdentityHere,
    service: ServiceHere,
    name: Annotated[str | None, Query(max_length=255)] = None,
) -> Response:
    """Show how the members of a class stand in each lab."""
    reader = Reader(identity, service.hub)
    if not reader.teaches:
        raise HTTPException(403)
    names = reader.classes()
    shown = name if name is not None else next(iter(names), None)
    if name is not None and name not in names:
        raise HTTPException(404)
    members = service.hub.members(shown) if shown is not None else ()
    labs = tuple(service.shelf.labs.values())
    rows = class_rows(members, labs, service.outcomes.of_learners(members), service.submissions.unfinished(members))
    pending = sum(standing.state == "waiting" for row in rows for standing in row.standings)
    return _page(request, "class.html", identity, names=names, shown=shown, labs=labs, rows=rows, pending=pending)


_MESSAGES: Mapping[int, tuple[str, str]] = {
    400: (
        mark("Login did not work"),
        mark("This login was not begun here or took longer than ten minutes. Please log in again."),
    ),
    403: (mark("Not allowed"), mark("Your account may not read this. Ask your instructor if you think it should.")),
    404: (mark("Not found"), mark("There is nothing here that you may read.")),
    500: (mark("Something failed"), mark("The service failed; its log says why. Please try again later.")),
    503: (mark("One moment"), mark("JupyterHub does not answer just now. Please try again in a few seconds.")),
}


def failed(request: Request, error: Exception) -> Response:
    """Return the page of an error, or the way to the login."""
    if isinstance(error, LoginNeededError):
        return redirect_to_login(request)
    status = 500
    if isinstance(error, LoginFailedError):
        status = 400
    elif isinstance(error, HubUnavailableError):
        status = 503
    elif isinstance(error, HTTPException):
        status = error.status_code
    title, text = _MESSAGES.get(status, _MESSAGES[404])
    response = _page(request, "message.html", status=status, title=title, text=text, pending=0)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
