"""The page of the audit log: who did what with more than a learner's rights, and when."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator
from starlette.exceptions import HTTPException

from grading.languages import mark
from grading.pages import IdentityHere, ServiceHere, page

__all__ = ["ACTS", "router"]

router = APIRouter(include_in_schema=False)

_PAGE_LENGTH = 50

ACTS: Mapping[str, str] = {
    "accounts.import": mark("Roster of accounts put in force"),
    "accounts.invite": mark("Somebody invited anew"),
    "data.erase": mark("A learner's name erased"),
    "data.export": mark("A learner's data given out"),
    "regrade.apply": mark("Regrade applied"),
    "regrade.drop": mark("Regrade given up"),
    "regrade.preview": mark("Regrade begun"),
    "roster.import": mark("Roster of a class imported"),
    "rule.remove": mark("Rule removed"),
    "rule.set": mark("Rule set"),
    "school.put": mark("School added or changed"),
    "seed.reveal": mark("Seed of an outcome looked at"),
    "similarity.look": mark("Similar submissions looked at"),
}

_Day = Annotated[date | None, BeforeValidator(lambda value: value or None)]


@router.get("/audit")
def audit(
    request: Request,
    identity: IdentityHere,
    service: ServiceHere,
    who: Annotated[str, Query(max_length=255)] = "",
    act: Annotated[str, Query(max_length=40)] = "",
    since: _Day = None,
    until: _Day = None,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """Show privileged acts: everybody's to the platform's administrators, to others their own."""
    reader = service.reader(identity)
    if not reader.manages:
        raise HTTPException(403)
    zone = ZoneInfo(service.settings.timezone)
    entries = service.audit.page(
        (who.strip() or None) if reader.manages_all else identity.name,
        _PAGE_LENGTH + 1,
        (number - 1) * _PAGE_LENGTH,
        act=act or None,
        since=datetime.combine(since, time(), zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
    )
    chosen = {"who": who, "act": act, "since": since or "", "until": until or ""}
    return page(
        request,
        "audit.html",
        identity,
        entries=entries[:_PAGE_LENGTH],
        more=len(entries) > _PAGE_LENGTH,
        acts=ACTS,
        chosen=chosen,
        query=urlencode(chosen),
        number=number,
        everybody=reader.manages_all,
        pending=0,
    )
