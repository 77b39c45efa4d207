"""The API of school offices: schools and their rules, rosters, the audit log."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from grading.access import MANAGE
from grading.languages import Language, mark
from grading.people import School
from grading.problems import ProblemError, ProblemField, documented, speaking
from grading.record_models import AuditIn, AuditList, AuditOut, EnrolmentOut, RosterOut, SchoolIn, SchoolList, SchoolOut
from grading.roster import RosterError, read
from grading.service import Service
from grading.tokens import ManagerHere, ReaderHere, ServiceHere, forbidden

__all__ = ["SchoolName", "import_roster", "put_school", "router"]

router = APIRouter(prefix="/api/v1", tags=["schools"])

SchoolName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="Name of the school's group.")]


@router.get("/schools", responses=documented(401, 403, 429, 503))
def schools(reader: ReaderHere, service: ServiceHere) -> SchoolList:
    """List the schools that may be managed or read."""
    groups = {scope.rpartition("=")[2] for scope in reader.identity.scopes if "!group=" in scope}
    found = [school for school in service.people.schools() if reader.everybody or school.name in groups]
    return SchoolList(items=[SchoolOut.model_validate(school) for school in found])


@router.put("/schools/{school}", responses=documented(401, 403, 413, 422, 429, 503))
def put_school(school: SchoolName, body: SchoolIn, manager: ManagerHere, service: ServiceHere) -> SchoolOut:
    """Add a school, or change how it counts hours; adding one is for the platform's administrators."""
    known = service.people.school(school)
    if not manager.manages_all and (known is None or not manager.may_manage(school)):
        raise forbidden(MANAGE)
    service.people.put_school(School(school, **body.model_dump()))
    service.audit.note(manager.identity.name, "school.put", school, body.model_dump(mode="json"))
    return SchoolOut.model_validate(service.people.school(school))


def managed_school(service: Service, manager: ManagerHere, school: str) -> School:
    """Return a school that may be managed; any other is answered like one that does not exist."""
    found = service.people.school(school)
    if found is None or not manager.may_manage(school):
        raise ProblemError(404, "unknown-school", "There is no school %(name)s that you may manage.", {"name": school})
    return found


def import_roster(service: Service, manager: ManagerHere, school: str, content: bytes, spoken: Language) -> RosterOut:
    """Enrol whom a roster names, all or nobody."""
    managed_school(service, manager, school)
    say = spoken.say
    try:
        roster = read(content, school)
    except RosterError as error:
        fields = tuple(
            ProblemField(
                field=f"row {e.row}: {e.column}", value=e.value, message=say(e.message, value=e.value or say("(empty)"))
            )
            for e in error.errors[:500]
        )
        detail = mark("The roster was refused and nothing was changed; every row that is wrong is named.")
        raise ProblemError(422, "roster-refused", detail, errors=fields) from error
    foreign = service.people.foreign(school, {row.learner for row in roster}, service.hub.members(school))
    if foreign:
        rule = mark("%(value)s is no account of this school: it must begin with the school's name and a hyphen.")
        fields = tuple(
            ProblemField(field="learner", value=learner, message=say(rule, value=learner)) for learner in foreign[:500]
        )
        detail = mark("The roster was refused and nothing was changed; every row that is wrong is named.")
        raise ProblemError(422, "roster-refused", detail, errors=fields)
    try:
        service.people.enrol(school, roster)
    except ValueError as error:
        raise ProblemError(409, "class-of-another-school", "%(why)s.", {"why": error}) from error
    names = sorted({row.class_name for row in roster})
    service.audit.note(manager.identity.name, "roster.import", school, {"classes": names, "learners": len(roster)})
    return RosterOut(school=school, classes=names, items=[EnrolmentOut.model_validate(row) for row in roster])


@router.put(
    "/schools/{school}/roster",
    responses=documented(401, 403, 404, 409, 413, 422, 429, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "CSV (UTF-8 or GB 18030) or XLSX with the heads 学号, 姓名, 班级 and optionally 用户名.",
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            },
        }
    },
)
async def put_roster(school: SchoolName, request: Request, manager: ManagerHere, service: ServiceHere) -> RosterOut:
    """Make the classes that a roster names hold exactly whom it names."""
    from starlette.concurrency import run_in_threadpool

    content = await request.body()
    return await run_in_threadpool(import_roster, service, manager, school, content, speaking(request))


@router.get("/schools/{school}/roster", responses=documented(401, 403, 404, 422, 429, 503))
def roster(school: SchoolName, manager: ManagerHere, service: ServiceHere) -> RosterOut:
    """Return who is enrolled in a school."""
    managed_school(service, manager, school)
    names = service.people.classes_of_schools([school])
    rows = service.people.members(names)
    return RosterOut(school=school, classes=names, items=[EnrolmentOut.model_validate(row) for row in rows])


@router.post("/audit", status_code=201, responses=documented(401, 403, 413, 422, 429, 503))
def note(body: AuditIn, manager: ManagerHere, service: ServiceHere) -> None:
    """Note what has been done at the hub for a school that may be managed, in the name of who did it."""
    if not manager.may_manage(body.target):
        raise forbidden(MANAGE)
    service.audit.note(manager.identity.name, body.act, body.target, body.details)


@router.get("/audit", responses=documented(401, 403, 422, 429, 503))
def audit(
    manager: ManagerHere,
    service: ServiceHere,
    limit: Annotated[int, Query(ge=1, le=500, description="At most so many.")] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000, description="After so many.")] = 0,
) -> AuditList:
    """List privileged acts, newest first: everybody's for the platform's administrators, else one's own."""
    who = None if manager.manages_all else manager.identity.name
    items = [AuditOut.model_validate(entry) for entry in service.audit.page(who, limit, offset)]
    return AuditList(items=items, limit=limit, offset=offset)
