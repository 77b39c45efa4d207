"""The API: hand in decisions, read outcomes and labs.

Only an ``Authorization`` header counts here, never the cookie of the pages: a page of somebody else in the same
browser cannot act in the learner's name.
"""

import re
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, BackgroundTasks, Depends, Header, Query, Request, Response

from grading.access import READ, SUBMIT, Reader, may_submit
from grading.chain import canonical
from grading.errors import IdempotencyConflictError
from grading.hub import Identity
from grading.languages import mark
from grading.models import (
    Health,
    LabList,
    LabOut,
    LabSummary,
    OutcomeList,
    OutcomeOut,
    OutcomeSummary,
    SubmissionIn,
    SubmissionOut,
)
from grading.problems import ProblemError, ProblemField, documented, speaking
from grading.service import Service, service_of
from grading.submissions import Submission
from labs import DecisionError, Lab, UnknownLabError

__all__ = ["health", "router"]

router = APIRouter(prefix="/api/v1", tags=["grading"])
health = APIRouter(tags=["health"])

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
    return identity


def reading(
    identity: Annotated[Identity, Depends(identified)], service: Annotated[Service, Depends(service_of)]
) -> Reader:
    """Return what the request may read; refuse one that may read nothing."""
    reader = Reader(identity, service.hub)
    if not reader.anybody:
        raise _forbidden(READ)
    return reader


def submitting(identity: Annotated[Identity, Depends(identified)]) -> Identity:
    """Refuse a token that may not hand in decisions."""
    if not may_submit(identity):
        raise _forbidden(SUBMIT)
    return identity


ServiceHere = Annotated[Service, Depends(service_of)]
ReaderHere = Annotated[Reader, Depends(reading)]
LearnerHere = Annotated[Identity, Depends(submitting)]


def _forbidden(scope: str) -> ProblemError:
    return ProblemError(403, "forbidden", "This token lacks the scope %(scope)s.", {"scope": scope})


@router.post(
    "/submissions",
    status_code=202,
    responses={
        202: {"headers": {"Location": {"description": "Where to ask how far it is.", "schema": {"type": "string"}}}},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
def submit(
    body: SubmissionIn,
    learner: LearnerHere,
    service: ServiceHere,
    request: Request,
    response: Response,
    ring: BackgroundTasks,
    key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            pattern=r"^[!-~]+$",
            description="Any text that names this submission; sent again, it gives the same submission.",
        ),
    ],
) -> SubmissionOut:
    """Hand in a decision. It is on disk before the answer 202."""
    try:
        canonical(body.decision)
    except ValueError as error:
        message = speaking(request).say("NaN and infinity are no values of a lever; give a finite number.")
        raise ProblemError(
            422,
            "request-invalid",
            "The request does not fit; see errors for every field.",
            errors=(
                ProblemField(
                    field="body.decision",
                    value=repr(body.decision)[:200],
                    bound="finite numbers",
                    message=message,
                ),
            ),
        ) from error
    try:
        # A repetition is answered before the lab is looked at: the lab may have changed since.
        submission = service.submissions.repeated(learner.name, key, body.lab, body.decision)
        if submission is None:
            lab = _lab(service, body.lab)
            _check(lab, body, request)
            submission = service.submissions.add(
                learner=learner.name,
                lab=lab.slug,
                lab_version=lab.version,
                lab_digest=lab.digest,
                decision=body.decision,
                key=key,
            )
            ring.add_task(service.bell.ring)
    except IdempotencyConflictError as error:
        raise ProblemError(
            409,
            "idempotency-conflict",
            "Idempotency-Key %(key)s already names submission %(id)s with another lab or decision; "
            "send a new key with a new submission.",
            {"key": key, "id": error.submission_id},
        ) from error
    response.headers["Location"] = f"{service.connection.prefix}/api/v1/submissions/{submission.id}"
    return _submission(service, submission)


def _lab(service: Service, slug: str) -> Lab:
    try:
        return service.shelf.lab(slug)
    except UnknownLabError as error:
        raise ProblemError(
            404,
            "unknown-lab",
            "There is no lab %(slug)s; the catalogue holds: %(known)s.",
            {"slug": repr(slug), "known": ", ".join(service.shelf.labs)},
        ) from error


def _check(lab: Lab, body: SubmissionIn, request: Request) -> None:
    try:
        lab.check(body.decision)
    except DecisionError as error:
        code = speaking(request).code
        raise ProblemError(
            422,
            "decision-refused",
            "The decision does not fit the lab; see errors for every field.",
            errors=tuple(
                ProblemField(field=e.field, value=e.value, bound=e.bound, message=e.message.in_language(code))
                for e in error.errors
            ),
        ) from error


def _submission(service: Service, submission: Submission) -> SubmissionOut:
    outcome = service.outcomes.of_submission(submission.id) if submission.state == "graded" else None
    return SubmissionOut(
        id=submission.id,
        learner=submission.learner,
        lab=submission.lab,
        lab_version=submission.lab_version,
        submitted_at=submission.submitted_at,
        state=submission.state,
        queue_position=service.submissions.position(submission),
        outcome_id=outcome.id if outcome else None,
        failure=submission.failure,
    )


@router.get("/submissions/{submission_id}", responses=documented(401, 403, 404, 422, 503))
def submission(submission_id: UUID, reader: ReaderHere, service: ServiceHere) -> SubmissionOut:
    """Tell how far a submission is. Another learner's is answered like one that does not exist."""
    found = service.submissions.get(submission_id)
    if found is None or not reader.may_read(found.learner):
        raise ProblemError(
            404, "unknown-submission", "There is no submission %(id)s that you may read.", {"id": submission_id}
        )
    return _submission(service, found)


@router.get("/outcomes", responses=documented(401, 403, 422, 503))
def outcomes(
    reader: ReaderHere,
    service: ServiceHere,
    lab: Annotated[str | None, Query(max_length=100, description="Only of this lab.")] = None,
    learner: Annotated[str | None, Query(max_length=255, description="Only of this learner.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000, description="After so many.")] = 0,
) -> OutcomeList:
    """List the outcomes that the token may read, newest first."""
    if learner is None:
        learners = reader.learners()
    elif reader.may_read(learner):
        learners = (learner,)
    else:
        raise ProblemError(403, "forbidden", "This token may not read the account of %(name)s.", {"name": learner})
    page = service.outcomes.page(learners=learners, lab=lab, limit=limit, offset=offset)
    items = [OutcomeSummary.model_validate(outcome) for outcome in page.items]
    return OutcomeList(items=items, total=page.total, limit=limit, offset=offset)


@router.get("/outcomes/{outcome_id}", responses=documented(401, 403, 404, 422, 503))
def outcome(outcome_id: UUID, reader: ReaderHere, service: ServiceHere) -> OutcomeOut:
    """Return an outcome with its feedback. Another learner's is answered like one that does not exist."""
    found = service.outcomes.get(outcome_id)
    if found is None or not reader.may_read(found.learner):
        raise ProblemError(404, "unknown-outcome", "There is no outcome %(id)s that you may read.", {"id": outcome_id})
    return OutcomeOut.model_validate(found)


@router.get("/labs", dependencies=[Depends(identified)], responses=documented(401, 503))
def labs(service: ServiceHere) -> LabList:
    """List the labs of the catalogue."""
    return LabList(items=[LabSummary.model_validate(lab) for lab in service.shelf.labs.values()])


@router.get("/labs/{slug}", dependencies=[Depends(identified)], responses=documented(401, 404, 503))
def lab(slug: str, service: ServiceHere) -> LabOut:
    """Return a lab with what can be decided in it."""
    return LabOut.model_validate(_lab(service, slug))


@health.get("/healthz")
def healthz() -> Health:
    """Tell that the service runs."""
    return Health(status="ok")


@health.get("/readyz", responses={503: {"model": Health, "description": "A part that is needed does not answer"}})
def readyz(service: ServiceHere, response: Response) -> Health:
    """Tell whether the service can take submissions: database and JupyterHub answer."""
    checks = {"hub": "ok" if service.hub.answers() else "does not answer"}
    try:
        with service.database.reading() as connection:
            connection.execute(sa.select(1))
        checks["database"] = "ok"
    except sa.exc.SQLAlchemyError as error:
        checks["database"] = type(error).__name__
    ready = all(found == "ok" for found in checks.values())
    response.status_code = 200 if ready else 503
    return Health(status="ok" if ready else "unavailable", checks=checks)
