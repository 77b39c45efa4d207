"""The pages of instructors and school offices: a class, its rules, regrades with a preview, rosters."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from grading.access import Reader
from grading.account import class_rows
from grading.errors import RegradeError
from grading.hub import Identity
from grading.offices import SchoolName, import_roster, put_school
from grading.pages import IdentityHere, ServiceHere, page, spoken_language
from grading.problems import ProblemError
from grading.reasons import retold
from grading.record_models import SchoolIn
from grading.records import build, exported
from grading.regrades import Regrade
from grading.rules import Rule
from grading.service import Service
from grading.teaching import alike, managed_regrade, start_regrade
from grading.teaching_models import RegradeIn, RuleIn
from grading.transcripts import Filter

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


def same_site(request: Request) -> None:
    """Refuse a form that another site has sent: the cookie would come with it in older browsers."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in {None, "same-origin"} or (origin and urlsplit(origin).netloc != request.headers.get("host")):
        raise HTTPException(403)


async def form_fields(request: Request) -> dict[str, str]:
    """Return the fields of a form, each once."""
    body = (await request.body()).decode("utf-8", "replace")
    return {name: values[-1] for name, values in parse_qs(body, keep_blank_values=True).items()}


def uploaded(kind: str, body: bytes) -> bytes:
    """Return the file in the body of a form (RFC 7578); nothing where the form holds none.

    Parameters
    ----------
    kind
        Content type of the request.
    body
        Its body.
    """
    boundary = re.fullmatch(r'multipart/form-data;\s*boundary="?([^";]{1,70})"?', kind.strip())
    if boundary is None:
        return b""
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        if b"filename=" in head:
            return content
    return b""


FormHere = Annotated[dict[str, str], Depends(form_fields)]


def _manager(identity: Identity, service: Service, group: str) -> Reader:
    reader = service.reader(identity)
    if not reader.may_manage(group):
        raise HTTPException(403)
    return reader


@router.get("/class")
def classes(
    request: Request,
    identity: IdentityHere,
    service: ServiceHere,
    name: Annotated[str | None, Query(max_length=255)] = None,
) -> Response:
    """Show how the members of a class stand in each lab."""
    reader = service.reader(identity)
    if not reader.teaches:
        raise HTTPException(403)
    names = reader.classes()
    shown = name if name is not None else next(iter(names), None)
    if name is not None and name not in names:
        raise HTTPException(404)
    members = reader.members(shown) if shown is not None else ()
    labs = tuple(service.shelf.labs.values())
    rows = class_rows(members, labs, service.outcomes.of_learners(members), service.submissions.unfinished(members))
    pending = sum(standing.state == "waiting" for row in rows for standing in row.standings)
    manages = shown is not None and reader.may_manage(shown)
    return page(
        request,
        "class.html",
        identity,
        names=names,
        shown=shown,
        labs=labs,
        rows=rows,
        full_names=service.people.names(members),
        rules=[(lab, service.rules.of_class(shown, lab)) for lab in labs] if manages and shown else [],
        regrades=service.regrades.of_class([shown], limit=5) if manages and shown else [],
        manages=manages,
        zone=ZoneInfo(service.settings.timezone),
        pending=pending,
    )


@router.get("/class/file")
def class_file(
    request: Request,
    identity: IdentityHere,
    service: ServiceHere,
    name: Annotated[str, Query(max_length=255)],
    form: Annotated[str, Query(alias="format", pattern="^(csv|xlsx)$")],
) -> Response:
    """Give the outcomes of a class as a file."""
    reader = service.reader(identity)
    if name not in reader.classes():
        raise HTTPException(404)
    found = [build(service, reader, learner, Filter([learner])) for learner in reader.members(name)]
    return exported(service, found, "csv" if form == "csv" else "xlsx", spoken_language(request), name)


@router.get("/class/similarity")
def similarity(
    request: Request,
    identity: IdentityHere,
    service: ServiceHere,
    name: Annotated[str, Query(max_length=255)],
    lab: Annotated[str, Query(max_length=100)],
) -> Response:
    """Show whose policies and decisions in a lab are alike."""
    manager = _manager(identity, service, name)
    if lab not in service.shelf.labs:
        raise HTTPException(404)
    found = alike(service, manager, name, service.shelf.labs[lab])
    names = service.people.names({learner for pair in found for learner in (pair.first, pair.second)})
    return page(
        request,
        "similarity.html",
        identity,
        class_name=name,
        lab=service.shelf.labs[lab],
        found=found,
        full_names=names,
        pending=0,
    )


@router.post("/class/rule", dependencies=[Depends(same_site)])
def set_rule(request: Request, identity: IdentityHere, service: ServiceHere, form: FormHere) -> Response:
    """Set the rule of a class in a lab."""
    name, lab = form.get("class_name", ""), form.get("lab", "")
    _manager(identity, service, name)
    if lab not in service.shelf.labs:
        raise HTTPException(404)
    zone = ZoneInfo(service.settings.timezone)
    try:
        moments = {
            field: datetime.fromisoformat(form[field]).replace(tzinfo=zone)
            for field in ("opens_at", "due_at", "closes_at")
            if form.get(field)
        }
        rule = RuleIn(
            attempts=int(form["attempts"]) if form.get("attempts") else None,
            counts=form.get("counts", "best"),
            deduction_per_day=float(form.get("deduction_percent") or 0) / 100,
            **moments,
        )
    except (ValueError, ValidationError) as error:
        return _refused(request, identity, error)
    service.rules.put(name, lab, Rule(**rule.model_dump()), identity.name)
    service.audit.note(identity.name, "rule.set", f"{name}/{lab}", rule.model_dump(mode="json"))
    return _back(service, f"class?name={quote(name)}")


@router.post("/regrades", dependencies=[Depends(same_site)])
def begin_regrade(request: Request, identity: IdentityHere, service: ServiceHere, form: FormHere) -> Response:
    """Begin the preview of a regrade."""
    reader = service.reader(identity)
    try:
        body = RegradeIn(
            lab=form.get("lab", ""),
            class_name=form.get("class_name") or None,
            outcome_id=UUID(form["outcome_id"]) if form.get("outcome_id") else None,
            reason=form.get("reason", ""),
            never_lower="never_lower" in form,
        )
        made = start_regrade(service, reader, body)
    except (ValueError, ValidationError) as error:
        return _refused(request, identity, error)
    except ProblemError as error:
        return _refused(request, identity, error, error.status)
    return _back(service, f"regrades/{made.id}")


@router.get("/regrades/{regrade_id}")
def regrade(request: Request, regrade_id: UUID, identity: IdentityHere, service: ServiceHere) -> Response:
    """Show every change that a regrade makes."""
    found = _found(service, identity, regrade_id)
    names = service.people.names({change.learner for change in found.changes})
    waits = found.pending if found.state == "preview" else 0
    return page(
        request,
        "regrade.html",
        identity,
        found=found,
        lab=service.shelf.labs.get(found.lab),
        full_names=names,
        pending=waits,
    )


def _found(service: Service, identity: Identity, regrade_id: UUID) -> Regrade:
    reader = service.reader(identity)
    if not reader.manages:
        raise HTTPException(403)
    try:
        return managed_regrade(service, reader, regrade_id)
    except ProblemError as error:
        raise HTTPException(error.status) from error


@router.post("/regrades/{regrade_id}/{act}", dependencies=[Depends(same_site)])
def settle_regrade(
    request: Request, regrade_id: UUID, act: str, identity: IdentityHere, service: ServiceHere
) -> Response:
    """Apply a regrade, or give it up."""
    found = _found(service, identity, regrade_id)
    if act == "drop":
        service.regrades.drop(found.id)
        service.audit.note(identity.name, "regrade.drop", str(found.id))
    elif act == "apply":
        try:
            count = service.regrades.apply(found.id, identity.name)
        except RegradeError as error:
            return _refused(request, identity, error, 409)
        service.audit.note(identity.name, "regrade.apply", str(found.id), {"outcomes": count})
    else:
        raise HTTPException(404)
    return _back(service, f"regrades/{found.id}")


@router.get("/school")
def school_page(request: Request, identity: IdentityHere, service: ServiceHere) -> Response:
    """Show the schools that may be managed, their classes and how to import a roster."""
    return school(request, identity, service)


def school(
    request: Request,
    identity: Identity,
    service: Service,
    said: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    """Return the page of the schools that may be managed, with what is to be said about each of them."""
    reader = service.reader(identity)
    managed = [one for one in service.people.schools() if reader.may_manage(one.name)]
    if not managed and not reader.manages_all:
        raise HTTPException(404 if reader.manages else 403)
    rows = [(one, service.people.members(service.people.classes_of_schools([one.name]))) for one in managed]
    known = {one.name for one in managed} | set(service.people.classes_of_schools(None))
    groups = sorted(set(service.hub.groups()) - known) if reader.manages_all else []
    return page(
        request,
        "school.html",
        identity,
        status,
        rows=rows,
        said=said or {},
        pending=0,
        adds=reader.manages_all,
        groups=groups,
    )


@router.post("/school", dependencies=[Depends(same_site)])
def keep_school(request: Request, identity: IdentityHere, service: ServiceHere, form: FormHere) -> Response:
    """Add a school, or change how it counts hours."""
    try:
        body = SchoolIn(
            title=form.get("title", ""),
            hours_per_credit=float(form.get("hours_per_credit") or 0),
            pass_share=float(form.get("pass_percent") or 0) / 100,
        )
        name = TypeAdapter(SchoolName).validate_python(form.get("name", ""))
        put_school(name, body, service.reader(identity), service)
    except (ValueError, ValidationError) as error:
        return _refused(request, identity, error)
    except ProblemError as error:
        raise HTTPException(error.status) from error
    return _back(service, "school")


@router.post("/school/{name}/roster", dependencies=[Depends(same_site)])
async def roster(request: Request, name: str, identity: IdentityHere, service: ServiceHere) -> Response:
    """Take a roster from the page of a school; what is wrong with it is shown on the page, row by row."""
    content = uploaded(request.headers.get("content-type", ""), await request.body())
    manager, spoken = service.reader(identity), spoken_language(request)

    def take() -> Response:
        try:
            made = import_roster(service, manager, name, content, spoken)
        except ProblemError as error:
            if error.status in {403, 404}:
                raise HTTPException(error.status) from error
            lines = [error.told(spoken), *(f"{retold(each.field, spoken)}: {each.message}" for each in error.errors)]
            return school(request, identity, service, {name: lines}, error.status)
        told = spoken.say("The roster is imported: %(number)d learners.", number=len(made.items))
        return school(request, identity, service, {name: [told]})

    return await run_in_threadpool(take)


def _back(service: Service, path: str) -> Response:
    return RedirectResponse(f"{service.connection.service_prefix}{path}", 303)


def _refused(request: Request, identity: Identity, error: Exception, status: int = 422) -> Response:
    spoken = spoken_language(request)
    say = spoken.say
    if isinstance(error, ValidationError):
        text = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    elif isinstance(error, ProblemError):
        text = error.told(spoken)
    else:
        text = retold(str(error), spoken)
    return page(request, "message.html", identity, status, title=say("Not taken over"), text=text, pending=0)
