"""The API of records: transcripts in four formats, and what an outcome can be traced to."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime

from grading.access import MANAGE, Reader
from grading.chain import canonical
from grading.exports import FontError, as_csv, as_pdf, as_xlsx, sheet
from grading.figures import Figures
from grading.languages import Language, mark
from grading.privacy import ErasureError, erase, personal_data
from grading.problems import ProblemError, documented, speaking
from grading.record_models import ClassTranscriptsOut, ErasureOut, TraceOut, TranscriptOut
from grading.service import Service
from grading.tokens import ManagerHere, ReaderHere, ServiceHere, forbidden
from grading.transcripts import Filter, Transcript, plain, transcript

__all__ = ["Format", "build", "exported", "router"]

router = APIRouter(prefix="/api/v1", tags=["records"])

Format = Literal["json", "csv", "xlsx", "pdf"]
_MOST_OUTCOMES = 20_000
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media.partition(";")[0]: {"schema": {"type": "string"}} for media in _MEDIA.values()}}
}

LabQuery = Annotated[str | None, Query(max_length=100, description="Only of this lab.")]
SinceQuery = Annotated[AwareDatetime | None, Query(description="Recorded at or after this moment.")]
UntilQuery = Annotated[AwareDatetime | None, Query(description="Recorded before this moment.")]
LearnerPath = Annotated[str, Path(min_length=1, max_length=255, description="JupyterHub name of the learner.")]
ClassPath = Annotated[str, Path(min_length=1, max_length=255, description="Name of the class.")]


def build(service: Service, reader: Reader, learner: str, wanted: Filter) -> Transcript:
    """Return the transcript of a learner who may be read."""
    classes = reader.classes_of(learner)
    return transcript(
        learner,
        service.people.names([learner]).get(learner, ""),
        service.people.school_of_learner(learner),
        service.transcripts.page(wanted, _MOST_OUTCOMES),
        service.shelf.labs,
        lambda lab: service.rules.of_learner(classes, lab),
        service.frameworks,
    )


def exported(service: Service, found: list[Transcript], form: Format, spoken: Language, name: str) -> Response:
    """Return transcripts as a file.

    Raises
    ------
    ProblemError
        Where the font of PDF files is not there.
    """
    write = Figures(spoken, service.settings.timezone)
    labs = dict(service.shelf.labs)
    if form == "pdf":
        try:
            content = as_pdf(found[0], labs, write, service.settings.pdf_font)
        except FontError as error:
            raise ProblemError(503, "no-font", "PDF files cannot be made here: %(why)s.", {"why": error}) from error
    else:
        table = sheet(found, labs, write)
        content = as_csv(table) if form == "csv" else as_xlsx(table, spoken.say("Transcript"))
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'transcript-{name}.{form}')}",
        "Cache-Control": "no-store",
        "Content-Language": spoken.tag,
    }
    return Response(content, media_type=_MEDIA[form], headers=headers)


@router.get(
    "/transcripts/{learner}",
    response_model=TranscriptOut,
    responses={**_FILES, **documented(401, 403, 404, 422, 429, 503)},
)
def of_learner(
    learner: LearnerPath,
    reader: ReaderHere,
    service: ServiceHere,
    request: Request,
    lab: LabQuery = None,
    since: SinceQuery = None,
    until: UntilQuery = None,
    form: Annotated[Format, Query(alias="format", description="Of the answer.")] = "json",
) -> Any:  # noqa: ANN401 - a model or a file
    """Return what a learning account says: labs, hours, credits, competencies, outcomes."""
    if not reader.may_read(learner):
        raise ProblemError(404, "unknown-learner", "There is no account %(name)s that you may read.", {"name": learner})
    found = build(service, reader, learner, Filter([learner], lab, since, until))
    return plain(found) if form == "json" else exported(service, [found], form, speaking(request), learner)


@router.get(
    "/classes/{class_name}/transcripts",
    response_model=ClassTranscriptsOut,
    responses={**_FILES, **documented(401, 403, 404, 422, 429, 503)},
)
def of_class(
    class_name: ClassPath,
    reader: ReaderHere,
    service: ServiceHere,
    request: Request,
    lab: LabQuery = None,
    since: SinceQuery = None,
    until: UntilQuery = None,
    form: Annotated[Literal["json", "csv", "xlsx"], Query(alias="format", description="Of the answer.")] = "json",
) -> Any:  # noqa: ANN401 - a model or a file
    """Return the transcripts of a class's members."""
    if class_name not in reader.classes():
        raise ProblemError(404, "unknown-class", "There is no class %(name)s that you may read.", {"name": class_name})
    members = reader.members(class_name)
    found = [build(service, reader, name, Filter([name], lab, since, until)) for name in members]
    if form == "json":
        return {"class_name": class_name, "items": [plain(one) for one in found]}
    return exported(service, found, form, speaking(request), class_name)


@router.get("/learners/{learner}/data", responses=documented(401, 403, 422, 429, 503))
def data(learner: LearnerPath, reader: ReaderHere, service: ServiceHere) -> Response:
    """Return everything that is stored under a learner's name: to herself, or to the platform's administrators."""
    if learner != reader.identity.name and not reader.manages_all:
        raise forbidden(MANAGE)
    if learner != reader.identity.name:
        service.audit.note(reader.identity.name, "data.export", learner)
    return Response(canonical(personal_data(service.database, learner)), media_type="application/json")


@router.delete("/learners/{learner}/data", responses=documented(401, 403, 409, 422, 429, 503))
def erase_data(learner: LearnerPath, manager: ManagerHere, service: ServiceHere) -> ErasureOut:
    """Erase a learner's name from everything; her outcomes stay under a random account."""
    if not manager.manages_all:
        raise forbidden(MANAGE)
    try:
        accounts = erase(service.database, learner)
    except ErasureError as error:
        raise ProblemError(409, "erasure-refused", "%(why)s.", {"why": error}) from error
    # Whom it was about is just what must not stand here.
    service.audit.note(manager.identity.name, "data.erase", ", ".join(accounts))
    return ErasureOut(accounts=accounts)


@router.get("/outcomes/{outcome_id}/trace", responses=documented(401, 403, 404, 422, 429, 503))
def trace(outcome_id: UUID, reader: ReaderHere, service: ServiceHere) -> TraceOut:
    """Return everything that an outcome rests on, the held-out seed included, once the lab is closed.

    The seed is shown to who manages a class of the learner, after the class's rule has closed the lab: shown earlier,
    it would tell the luck with which decisions are still being judged. Each look is noted in the audit log.
    """
    found = service.outcomes.get(outcome_id)
    if found is None or not reader.may_read(found.learner):
        raise ProblemError(404, "unknown-outcome", "There is no outcome %(id)s that you may read.", {"id": outcome_id})
    managed = [name for name in reader.classes_of(found.learner) if reader.may_manage(name)]
    if not managed and not reader.manages_all:
        raise forbidden(MANAGE)
    lab = service.shelf.labs.get(found.lab)
    now = datetime.now(UTC)
    if lab is not None and lab.digest == found.lab_digest and not reader.manages_all:
        closings = [service.rules.of_class(name, lab).closes_at for name in managed]
        if not any(moment is not None and moment < now for moment in closings):
            detail = mark("The lab is still open; the seed is shown once its closing time has passed.")
            raise ProblemError(403, "not-closed", detail)
    service.audit.note(reader.identity.name, "seed.reveal", str(found.id), {"lab_digest": found.lab_digest})
    submission = service.submissions.get(found.submission_id)
    assert submission is not None  # noqa: S101 - the database's own foreign key
    return TraceOut.model_validate(
        {
            **vars(found),
            "outcome_id": found.id,
            "submitted_at": submission.submitted_at,
            "decision_submitted": submission.decision,
            "seed": f"{service.seeds.seed(found.lab_digest):064x}",
        }
    )
