"""The pages of learners: my labs, a learning account, an outcome, a transcript."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BeforeValidator
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from grading.account import lab_cards, share
from grading.assessment import study_key
from grading.chain import canonical
from grading.errors import HubUnavailableError
from grading.figures import Figures
from grading.hub import Identity
from grading.languages import LANGUAGES, Language, chosen, language, mark, negotiated
from grading.login import LoginFailedError, LoginNeededError, recognised, redirect_to_login
from grading.problems import RETRY_AFTER_S
from grading.reasons import retold
from grading.records import build, exported
from grading.service import Service, service_of
from grading.streams import stream
from grading.transcripts import Filter, plain

__all__ = ["STATIC", "IdentityHere", "ServiceHere", "failed", "page", "router", "spoken_language"]

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
    environment.filters["retold"] = partial(retold, language=spoken)
    return environment


@cache
def _static_version() -> str:
    """Return a name that changes with the static files, so that browsers may keep them."""
    sha = hashlib.sha256()
    for file in sorted(STATIC.iterdir()):
        sha.update(file.read_bytes())
    return sha.hexdigest()[:12]


def spoken_language(request: Request) -> Language:
    """Return the language of a page: the one chosen, or the browser's."""
    code = chosen(request.query_params.get("lang")) or chosen(request.cookies.get(_LANGUAGE_COOKIE))
    return language(code or negotiated(request.headers.get("accept-language")))


def page(
    request: Request, template: str, identity: Identity | None = None, status: int = 200, **context: object
) -> Response:
    """Return a page in the reader's language."""
    service = service_of(request)
    spoken = spoken_language(request)
    text = (
        _environment(spoken.code, service.settings.timezone)
        .get_template(template)
        .render(
            home=service.connection.service_prefix,
            hub=f"{service.connection.base_url}hub/",
            static=f"{service.connection.prefix}/static",
            version=_static_version(),
            identity=identity,
            teaches=identity is not None and service.reader(identity).teaches,
            school=identity is not None and _manages_school(service, identity),
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


def _manages_school(service: Service, identity: Identity) -> bool:
    reader = service.reader(identity)
    return reader.manages_all or any(reader.may_manage(school.name) for school in service.people.schools())


IdentityHere = Annotated[Identity, Depends(recognised)]
ServiceHere = Annotated[Service, Depends(service_of)]


def _date(value: object) -> object:
    """Let an empty field of a form stand for no bound."""
    return value or None


def _readable(identity: Identity, service: Service, learner: str) -> None:
    """Refuse a learner's account that may not be read."""
    if not service.reader(identity).may_read(learner):
        raise HTTPException(403)


@router.get("/")
def my_labs(request: Request, identity: IdentityHere, service: ServiceHere) -> Response:
    """Show the labs and how the learner stands in them."""
    own = [identity.name] if service.reader(identity).may_read(identity.name) else []
    cards = lab_cards(
        service.shelf.labs.values(), service.outcomes.of_learners(own), service.submissions.unfinished(own)
    )
    pending = sum(card.standing.state == "waiting" for card in cards)
    return page(request, "labs.html", identity, cards=cards, pending=pending)


@router.get("/events")
def events(identity: IdentityHere, service: ServiceHere) -> Response:
    """Tell the open pages of a learner when one of her submissions has moved."""

    def look() -> tuple[str, bool]:
        waiting = service.submissions.unfinished([identity.name])
        moving = [one for one in waiting if one.state in {"queued", "grading"}]
        state = [(str(one.id), one.state, service.submissions.position(one)) for one in moving]
        return json.dumps(state), not moving

    return stream(service.settings.redis_url, look, lambda told: told.get("learner") == identity.name)


@router.get("/account")
def account(
    request: Request,
    identity: IdentityHere,
    service: ServiceHere,
    learner: Annotated[str | None, Query(max_length=255)] = None,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """Show a learning account: one's own, or one that may be read."""
    name = learner if learner is not None else identity.name
    _readable(identity, service, name)
    found = service.outcomes.page(learners=[name], limit=_PAGE_LENGTH, offset=(number - 1) * _PAGE_LENGTH)
    waiting = []
    for submission in service.submissions.unfinished([name]):
        position = service.submissions.position(submission)
        waiting.append((submission, position, service.pace.wait_s(position)))
    return page(
        request,
        "account.html",
        identity,
        learner=name,
        found=found,
        waiting=waiting,
        pending=sum(submission.state in {"queued", "grading"} for submission, *_ in waiting),
        labs=service.shelf.labs,
        page=number,
        pages=max(1, -(-found.total // _PAGE_LENGTH)),
    )


@router.get("/outcomes/{outcome_id}")
def outcome(request: Request, outcome_id: UUID, identity: IdentityHere, service: ServiceHere) -> Response:
    """Show an outcome with its feedback."""
    found = service.outcomes.get(outcome_id)
    if found is None or not service.reader(identity).may_read(found.learner):
        raise HTTPException(404)
    reader = service.reader(identity)
    key = study_key(found.lab_digest, found.engine_version, found.seed_commitment, found.decision)
    return page(
        request,
        "outcome.html",
        identity,
        outcome=found,
        lab=service.shelf.labs.get(found.lab),
        later=service.outcomes.successor(found.id),
        hint=service.hints.get(key),
        regradable=reader.manages and any(map(reader.may_manage, reader.classes_of(found.learner))),
    )


@router.get("/transcript")
def transcript(
    request: Request,
    identity: IdentityHere,
    service: ServiceHere,
    learner: Annotated[str | None, Query(max_length=255)] = None,
    lab: Annotated[str, Query(max_length=100)] = "",
    since: Annotated[date | None, BeforeValidator(_date)] = None,
    until: Annotated[date | None, BeforeValidator(_date)] = None,
    form: Annotated[Literal["", "json", "csv", "xlsx", "pdf"], Query(alias="format")] = "",
) -> Response:
    """Show a transcript, or give it as a file."""
    name = learner if learner is not None else identity.name
    _readable(identity, service, name)
    zone = ZoneInfo(service.settings.timezone)
    wanted = Filter(
        [name],
        lab or None,
        datetime.combine(since, time(), zone) if since else None,
        datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
    )
    found = build(service, service.reader(identity), name, wanted)
    spoken = spoken_language(request)
    if form == "json":
        headers = {"Content-Disposition": 'attachment; filename="transcript.json"', "Cache-Control": "no-store"}
        return Response(canonical(plain(found)), media_type="application/json", headers=headers)
    if form:
        return exported(service, [found], form, spoken, name)
    chosen_filter = {"learner": name, "lab": lab, "since": since or "", "until": until or ""}
    return page(
        request,
        "transcript.html",
        identity,
        found=found,
        labs=service.shelf.labs,
        chosen=chosen_filter,
        query=urlencode(chosen_filter),
        pending=0,
    )


_MESSAGES: Mapping[int, tuple[str, str]] = {
    400: (
        mark("Login did not work"),
        mark("This login was not begun here or took longer than ten minutes. Please log in again."),
    ),
    403: (mark("Not allowed"), mark("Your account may not read this. Ask your instructor if you think it should.")),
    404: (mark("Not found"), mark("There is nothing here that you may read.")),
    429: (mark("Too many requests"), mark("You have asked very often within a minute. Please go on in a moment.")),
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
    say = spoken_language(request).say
    title, text = _MESSAGES.get(status, _MESSAGES[404])
    response = page(request, "message.html", status=status, title=say(title), text=say(text), pending=0)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
