"""The API of learners: hand in decisions, read outcomes and labs."""

from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, BackgroundTasks, Depends, Header, Query, Request, Response
from starlette.responses import PlainTextResponse

from grading.access import READ
from grading.assessment import study_key
from grading.chain import canonical
from grading.errors import IdempotencyConflictError, NotAdmittedError, TooManyWaitingError
from grading.figures import Figures
from grading.languages import Language, mark
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
from grading.outcomes import Outcome
from grading.problems import ProblemError, ProblemField, documented, speaking
from grading.reasons import retold
from grading.service import Service
from grading.streams import stream
from grading.submissions import Submission
from grading.tokens import LearnerHere, ReaderHere, ServiceHere, forbidden, identified
from labs import DecisionError, Lab, UnknownLabError
from labs.policy import POLICY

__all__ = ["health", "outcome_out", "router", "submission_out"]

Shown = TypeVar("Shown", bound=LabSummary)

router = APIRouter(prefix="/api/v1", tags=["grading"])
health = APIRouter(tags=["health"])


@router.post(
    "/submissions",
    status_code=202,
    responses={
        202: {"headers": {"Location": {"description": "Where to ask how far it is.", "schema": {"type": "string"}}}},
        **documented(401, 403, 404, 409, 413, 422, 429, 503),
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
            if POLICY in body.decision and not service.policies:
                detail = mark("This lab asks for a policy, and policies cannot run here; tell your administrator.")
                raise ProblemError(503, "no-sandbox", detail)
            submission = service.submissions.add(
                learner=learner.name,
                lab=lab.slug,
                lab_version=lab.version,
                lab_digest=lab.digest,
                decision=body.decision,
                key=key,
                rule=service.rules.of_learner(service.reader(learner).classes_of(learner.name), lab),
                waiting_limit=service.settings.grading_waiting_limit,
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
    except NotAdmittedError as error:
        raise _not_admitted(error, service, request) from error
    except TooManyWaitingError as error:
        raise ProblemError(
            429,
            "too-many-waiting",
            "%(limit)d of your submissions wait already; hand in the next one when some are graded.",
            {"limit": error.limit},
            headers={"Retry-After": "10"},
        ) from error
    response.headers["Location"] = f"{service.connection.prefix}/api/v1/submissions/{submission.id}"
    return submission_out(service, submission, speaking(request))


_NOT_ADMITTED = {
    "not-open": mark("The lab opens on %(bound)s; hand in your decision then."),
    "closed": mark("The lab closed on %(bound)s; ask your instructor whether it can be opened again."),
    "attempts-used": mark("All %(bound)s attempts are used; ask your instructor for another one."),
}


def _not_admitted(error: NotAdmittedError, service: Service, request: Request) -> ProblemError:
    bound: object = error.bound
    if isinstance(bound, datetime):
        bound = Figures(speaking(request), service.settings.timezone).moment(bound)
    # 409, not 403: a notebook takes 403 for a token that a little patience mends.
    return ProblemError(409, error.kind, _NOT_ADMITTED[error.kind], {"bound": bound})


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
        lab.complete(body.decision)
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


def submission_out(service: Service, submission: Submission, spoken: Language) -> SubmissionOut:
    """Return how far a submission is, as the API says it, in the reader's language."""
    outcome = service.outcomes.of_submission(submission.id) if submission.state == "graded" else None
    position = service.submissions.position(submission)
    return SubmissionOut(
        id=submission.id,
        learner=submission.learner,
        lab=submission.lab,
        lab_version=submission.lab_version,
        submitted_at=submission.submitted_at,
        state=submission.state,
        queue_position=position,
        expected_wait_s=service.pace.wait_s(position),
        late_factor=submission.late_factor,
        outcome_id=outcome.id if outcome else None,
        failure=retold(submission.failure, spoken) if submission.failure else None,
    )


@router.get("/submissions/{submission_id}", responses=documented(401, 403, 404, 422, 429, 503))
def submission(submission_id: UUID, reader: ReaderHere, service: ServiceHere, request: Request) -> SubmissionOut:
    """Tell how far a submission is. Another learner's is answered like one that does not exist."""
    found = service.submissions.get(submission_id)
    if found is None or not reader.may_read(found.learner):
        raise ProblemError(
            404, "unknown-submission", "There is no submission %(id)s that you may read.", {"id": submission_id}
        )
    return submission_out(service, found, speaking(request))


@router.get(
    "/submissions/{submission_id}/events",
    response_class=Response,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **documented(401, 403, 404, 422, 429, 503),
    },
)
def submission_events(submission_id: UUID, reader: ReaderHere, service: ServiceHere, request: Request) -> Response:
    """Tell live how far a submission is, as server-sent events, until it is graded or has failed.

    ``state`` holds a submission, whenever it has changed. ``progress`` comes while it is simulated: ``replications`` so
    far, ``planned`` in this stage, ``most`` at all, half the 95 % interval of the points so far (``half_width_95``) and
    the one that is wanted (``tolerance_points``). Without Redis there is no ``progress``.
    """
    submission(submission_id, reader, service, request)
    spoken = speaking(request)

    def look() -> tuple[str, bool]:
        found = service.submissions.get(submission_id)
        if found is None:
            return "{}", True
        return submission_out(service, found, spoken).model_dump_json(), found.state in {"graded", "failed"}

    return stream(service.settings.redis_url, look, lambda told: told.get("submission") == str(submission_id))


@router.get("/outcomes", responses=documented(401, 403, 422, 429, 503))
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


@router.get("/outcomes/{outcome_id}", responses=documented(401, 403, 404, 422, 429, 503))
def outcome(outcome_id: UUID, reader: ReaderHere, service: ServiceHere) -> OutcomeOut:
    """Return an outcome with its feedback. Another learner's is answered like one that does not exist."""
    found = service.outcomes.get(outcome_id)
    if found is None or not reader.may_read(found.learner):
        raise ProblemError(404, "unknown-outcome", "There is no outcome %(id)s that you may read.", {"id": outcome_id})
    return outcome_out(service, found)


def outcome_out(service: Service, found: Outcome) -> OutcomeOut:
    """Return an outcome with what is known beside it: its hint, and what supersedes it."""
    later = service.outcomes.successor(found.id)
    key = study_key(found.lab_digest, found.engine_version, found.seed_commitment, found.decision)
    hint = service.hints.get(key)
    return OutcomeOut.model_validate(
        {**vars(found), "superseded_by": later.id if later else None, "hint": hint},
    )


@router.get("/labs", dependencies=[Depends(identified)], responses=documented(401, 429, 503))
def labs(service: ServiceHere) -> LabList:
    """List the labs of the catalogue."""
    items = [LabSummary.model_validate(lab) for lab in service.shelf.labs.values()]
    return LabList(items=[_committed(service, item) for item in items])


@router.get("/labs/{slug}", dependencies=[Depends(identified)], responses=documented(401, 404, 429, 503))
def lab(slug: str, service: ServiceHere) -> LabOut:
    """Return a lab with what can be decided in it."""
    return _committed(service, LabOut.model_validate(_lab(service, slug)))


def _committed(service: Service, shown: Shown) -> Shown:
    return shown.model_copy(update={"seed_commitment": service.seeds.commitment(shown.digest)})


@health.get("/healthz")
def healthz() -> Health:
    """Tell that the service runs."""
    return Health(status="ok")


@health.get("/metrics", response_class=PlainTextResponse, responses=documented(401, 403, 429, 503))
def metrics(reader: ReaderHere, service: ServiceHere) -> Response:
    """Return figures for Prometheus, to a token that may read every account."""
    if not reader.everybody:
        raise forbidden(READ)
    return PlainTextResponse(service.metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


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
