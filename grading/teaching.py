"""The API of instructors: rules of their classes, regrades with a preview."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from grading.access import MANAGE
from grading.errors import RegradeError
from grading.problems import ProblemError, documented
from grading.regrades import Regrade
from grading.rules import Rule
from grading.service import Service
from grading.similarity import Pair, pairs
from grading.teaching_models import PairOut, RegradeIn, RegradeOut, RuleIn, RuleOut, SimilarityOut
from grading.tokens import ManagerHere, ReaderHere, ServiceHere, forbidden
from grading.transcripts import Filter
from labs import Lab, UnknownLabError

__all__ = ["alike", "managed_regrade", "router", "start_regrade"]

router = APIRouter(prefix="/api/v1", tags=["teaching"])

_MOST_COMPARED = 500

ClassName = Annotated[str, Path(min_length=1, max_length=255, description="Name of the class.")]


def _lab(service: Service, slug: str) -> Lab:
    try:
        return service.shelf.lab(slug)
    except UnknownLabError as error:
        known = ", ".join(service.shelf.labs)
        detail = "There is no lab %(slug)s; the catalogue holds: %(known)s."
        raise ProblemError(404, "unknown-lab", detail, {"slug": repr(slug), "known": known}) from error


@router.get("/classes/{class_name}/rules/{lab}", responses=documented(401, 403, 404, 422, 429, 503))
def rule(class_name: ClassName, lab: str, reader: ReaderHere, service: ServiceHere) -> RuleOut:
    """Return the rule that holds for a class in a lab."""
    if class_name not in reader.classes() and class_name not in reader.classes_of(reader.identity.name):
        raise ProblemError(404, "unknown-class", "There is no class %(name)s that you may read.", {"name": class_name})
    return RuleOut.model_validate(service.rules.of_class(class_name, _lab(service, lab)))


@router.put("/classes/{class_name}/rules/{lab}", responses=documented(401, 403, 404, 413, 422, 429, 503))
def set_rule(class_name: ClassName, lab: str, body: RuleIn, manager: ManagerHere, service: ServiceHere) -> RuleOut:
    """Set the rule of a class in a lab; it holds for what is submitted from now on."""
    if not manager.may_manage(class_name):
        raise forbidden(MANAGE, class_name)
    found = _lab(service, lab)
    service.rules.put(class_name, found.slug, Rule(**body.model_dump()), manager.identity.name)
    service.audit.note(manager.identity.name, "rule.set", f"{class_name}/{lab}", body.model_dump(mode="json"))
    return RuleOut.model_validate(service.rules.of_class(class_name, found))


@router.delete("/classes/{class_name}/rules/{lab}", status_code=204, responses=documented(401, 403, 404, 422, 429, 503))
def remove_rule(class_name: ClassName, lab: str, manager: ManagerHere, service: ServiceHere) -> Response:
    """Let the lab's own rule hold again."""
    if not manager.may_manage(class_name):
        raise forbidden(MANAGE, class_name)
    service.rules.remove(class_name, _lab(service, lab).slug)
    service.audit.note(manager.identity.name, "rule.remove", f"{class_name}/{lab}")
    return Response(status_code=204)


@router.get("/classes/{class_name}/similarity/{lab}", responses=documented(401, 403, 404, 422, 429, 503))
def similarity(
    class_name: ClassName,
    lab: str,
    manager: ManagerHere,
    service: ServiceHere,
    least: Annotated[float, Query(ge=0, le=1, description="Share from which policies are told.")] = 0.6,
) -> SimilarityOut:
    """Tell whose policies and decisions in a lab are alike; being alike proves nothing."""
    if not manager.may_manage(class_name):
        raise forbidden(MANAGE, class_name)
    found = alike(service, manager, class_name, _lab(service, lab), least)
    return SimilarityOut(items=[PairOut.model_validate(pair) for pair in found])


def alike(service: Service, manager: ManagerHere, class_name: str, lab: Lab, least: float = 0.6) -> list[Pair]:
    """Return whose work in a lab is alike, in a class that may be managed; the look is noted."""
    work: dict[str, list[dict[str, Any]]] = {}
    for outcome in service.transcripts.page(Filter(manager.members(class_name), lab.slug), _MOST_COMPARED):
        work.setdefault(outcome.learner, []).append(dict(outcome.decision))
    service.audit.note(manager.identity.name, "similarity.look", f"{class_name}/{lab.slug}")
    given = [code for slot in lab.policies if slot.starter for code in (slot.starter.zh, slot.starter.en)]
    return pairs(work, least, given)


def start_regrade(service: Service, manager: ManagerHere, body: RegradeIn) -> Regrade:
    """Begin the preview of a regrade, of what the manager may manage."""
    learners = None
    if body.outcome_id is not None:
        outcome = service.outcomes.get(body.outcome_id)
        classes = manager.classes_of(outcome.learner) if outcome else ()
        if outcome is None or not (manager.manages_all or any(map(manager.may_manage, classes))):
            raise ProblemError(
                404, "unknown-outcome", "There is no outcome %(id)s that you may read.", {"id": body.outcome_id}
            )
    if body.class_name is not None:
        if not manager.may_manage(body.class_name):
            raise forbidden(MANAGE, body.class_name)
        learners = manager.members(body.class_name)
    elif body.outcome_id is None and not manager.manages_all:
        raise forbidden(MANAGE)
    try:
        made = service.regrades.add(
            requested_by=manager.identity.name,
            lab=body.lab,
            reason=body.reason,
            never_lower=body.never_lower,
            learners=learners,
            class_name=body.class_name,
            outcome_id=body.outcome_id,
        )
    except RegradeError as error:
        raise ProblemError(409, "regrade-refused", "%(why)s.", {"why": error}) from error
    service.audit.note(manager.identity.name, "regrade.preview", str(made.id), body.model_dump(mode="json"))
    service.bell.ring()
    return made


def managed_regrade(service: Service, manager: ManagerHere, regrade_id: UUID) -> Regrade:
    """Return a regrade that the manager may see: her class's, or her own."""
    found = service.regrades.get(regrade_id)
    own = found is not None and found.requested_by == manager.identity.name
    theirs = found is not None and found.class_name is not None and manager.may_manage(found.class_name)
    if found is None or not (own or theirs or manager.manages_all):
        raise ProblemError(404, "unknown-regrade", "There is no regrade %(id)s that you may see.", {"id": regrade_id})
    return found


@router.post("/regrades", status_code=202, responses=documented(401, 403, 404, 409, 413, 422, 429, 503))
def regrade(body: RegradeIn, manager: ManagerHere, service: ServiceHere) -> RegradeOut:
    """Begin to preview a regrade: a lab's outcomes, a class's or a single one, under today's rubric."""
    return RegradeOut.model_validate(start_regrade(service, manager, body))


@router.get("/regrades/{regrade_id}", responses=documented(401, 403, 404, 422, 429, 503))
def preview(regrade_id: UUID, manager: ManagerHere, service: ServiceHere) -> RegradeOut:
    """Return a regrade with every change that it makes."""
    return RegradeOut.model_validate(managed_regrade(service, manager, regrade_id))


@router.post("/regrades/{regrade_id}/apply", responses=documented(401, 403, 404, 409, 422, 429, 503))
def apply(regrade_id: UUID, manager: ManagerHere, service: ServiceHere) -> RegradeOut:
    """Append an outcome for every change of a finished preview."""
    found = managed_regrade(service, manager, regrade_id)
    try:
        count = service.regrades.apply(found.id, manager.identity.name)
    except RegradeError as error:
        raise ProblemError(409, "regrade-refused", "%(why)s.", {"why": error}) from error
    service.audit.note(manager.identity.name, "regrade.apply", str(found.id), {"outcomes": count})
    return RegradeOut.model_validate(managed_regrade(service, manager, regrade_id))


@router.post("/regrades/{regrade_id}/drop", responses=documented(401, 403, 404, 422, 429, 503))
def drop(regrade_id: UUID, manager: ManagerHere, service: ServiceHere) -> RegradeOut:
    """Give a preview up."""
    service.regrades.drop(managed_regrade(service, manager, regrade_id).id)
    service.audit.note(manager.identity.name, "regrade.drop", str(regrade_id))
    return RegradeOut.model_validate(managed_regrade(service, manager, regrade_id))
