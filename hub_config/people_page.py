"""The page on which a school's office puts a roster in force: who may log in, as what, in which class.

A table is checked first, and what it would change is shown; nothing is in force before that is confirmed. A school's
administrator does so for her school, the platform's for every one.
"""

import asyncio
import base64
import binascii
import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyterhub.handlers import BaseHandler
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.web import HTTPError, authenticated

from hub_config.errors import AccountsError, RosterError, RowFault
from hub_config.invitations import Invitations, invitations_file
from hub_config.people import Directory
from hub_config.person import LABELS, AccountRole, Person
from hub_config.rosters import PLATFORM, RosterChange, check_roster, roster_file, roster_files, write_roster

__all__ = ["PeopleHandler", "managed_schools", "may_manage", "stays_administrator"]

_MOST_BYTES = 8 * 1024 * 1024
_MOST_NAMED = 200
_NOTE_S = 5.0
_ADMINISTRATORS = (AccountRole.SCHOOL_ADMINISTRATOR, AccountRole.PLATFORM_ADMINISTRATOR)


@dataclass(frozen=True)
class _School:
    """A school as the page shows it."""

    name: str
    people: tuple[tuple[tuple[str, str], int], ...]
    classes: tuple[str, ...]
    written: datetime


@dataclass(frozen=True)
class _Outcome:
    """What became of a table, or of an invitation."""

    school: str = ""
    faults: tuple[RowFault, ...] = ()
    change: RosterChange | None = None
    content: str = ""
    in_force: bool = False
    codes: Mapping[str, str] | None = None

    @property
    def codes_file(self) -> str:
        """The codes as a table for a spreadsheet, in base 64."""
        text = io.StringIO()
        csv.writer(text).writerows([("用户名 username", "邀请码 code"), *(self.codes or {}).items()])
        return base64.b64encode(text.getvalue().encode("utf-8-sig")).decode()


def managed_schools(person: Person | None, data_dir: Path) -> tuple[str, ...]:
    """List the schools whose rosters somebody may change.

    Parameters
    ----------
    person
        Who; None for who stands in no roster.
    data_dir
        The data folder.

    Returns
    -------
    tuple[str, ...]
        Their names; for a platform administrator every school that has a roster, and ``platform``.
    """
    match person.role if person else None:
        case AccountRole.PLATFORM_ADMINISTRATOR:
            return tuple(sorted({PLATFORM, *(path.stem for path in roster_files(data_dir))}))
        case AccountRole.SCHOOL_ADMINISTRATOR if person:
            return (person.school,)
        case _:
            return ()


def may_manage(person: Person | None, school: str) -> bool:
    """Tell whether somebody may put a roster of a school in force, one that has none yet included."""
    if person is None:
        return False
    if person.role is AccountRole.SCHOOL_ADMINISTRATOR:
        return school == person.school
    return person.role is AccountRole.PLATFORM_ADMINISTRATOR


def stays_administrator(person: Person, school: str, change: RosterChange) -> bool:
    """Tell whether who puts a roster in force is still an administrator afterwards."""
    if school != (person.school or PLATFORM):
        return True
    return any(each.name == person.name and each.role is person.role for each in change.people)


class PeopleHandler(BaseHandler):  # type: ignore[misc]  # jupyterhub is untyped
    """Show the rosters, check a table, put it in force, invite anew."""

    @authenticated
    async def get(self) -> None:
        """Show the page."""
        await self._show(self._person())

    @authenticated
    async def post(self) -> None:
        """Check a table, put one in force that was checked, or invite somebody anew."""
        person = self._person()
        school = self._typed("school")
        if not may_manage(person, school):
            raise HTTPError(403)
        try:
            if self._typed("act") == "invite":
                outcome = await self._invite(school, self._typed("username"))
            else:
                outcome = await self._take(person, school)
        except RosterError as error:
            outcome = _Outcome(school, faults=error.faults)
        except AccountsError as error:
            outcome = _Outcome(school, faults=(RowFault(0, str(error), str(error)),))
        await self._show(person, outcome)

    async def _take(self, person: Person, school: str) -> _Outcome:
        content, confirmed = self._table()
        data_dir = self._directory.data_dir
        change = await asyncio.to_thread(check_roster, data_dir, school, content)
        if not stays_administrator(person, school, change):
            zh = f"名单里没有您自己（{person.name}，{LABELS[person.role][0]}），生效后您将无法再管理；请加上这一行"
            role = LABELS[person.role][1]
            en = f"you yourself ({person.name}, {role}) are not in it and would be locked out; add that row"
            return _Outcome(school, faults=(RowFault(0, zh, en),))
        if not confirmed:
            return _Outcome(school, change=change, content=base64.b64encode(content).decode())
        change = await asyncio.to_thread(write_roster, data_dir, school, content)
        codes = self._invitations().issue(change.new) if self._directory.identity == "roster" and change.new else None
        figures = {"people": len(change.people), "new": len(change.new), "gone": len(change.gone)}
        await self._note("accounts.import", school, figures | {"changed": len(change.changed)})
        return _Outcome(school, change=change, in_force=True, codes=codes)

    async def _invite(self, school: str, name: str) -> _Outcome:
        found = self._directory.person(name.lower())
        if self._directory.identity != "roster" or found is None or (found.school or PLATFORM) != school:
            zh, en = f"{name!r}：{school} 的名单里没有这个用户名", f"{name!r}: no such name in the roster of {school}"
            return _Outcome(school, faults=(RowFault(0, zh, en),))
        codes = self._invitations().issue([found.name])
        await self._note("accounts.invite", school, {"people": 1})
        return _Outcome(school, codes=codes)

    def _table(self) -> tuple[bytes, bool]:
        """Return the table that came, and whether it has been checked before and is now confirmed."""
        if checked := self._typed("content"):
            try:
                return base64.b64decode(checked, validate=True), True
            except binascii.Error:
                raise HTTPError(400) from None
        files = self.request.files.get("roster")
        content = files[0]["body"] if files else b""
        if len(content) > _MOST_BYTES:
            fault = RowFault(0, "文件超过 8 MiB，请拆分", "the file is larger than 8 MiB; split it")
            raise RosterError(files[0]["filename"], [fault])
        return content, False

    def _person(self) -> Person:
        person = self._directory.person(self.current_user.name)
        if person is None or person.role not in _ADMINISTRATORS:
            raise HTTPError(403)
        return person

    def _typed(self, field: str) -> str:
        text: str = self.get_body_argument(field, "")
        return text

    @property
    def _directory(self) -> Directory:
        directory: Directory = self.authenticator.directory
        return directory

    def _invitations(self) -> Invitations:
        return Invitations(invitations_file(self._directory.data_dir))

    async def _show(self, person: Person, outcome: _Outcome | None = None) -> None:
        if outcome and outcome.faults:
            self.set_status(422)
        data_dir = self._directory.data_dir
        everybody = self._directory.people().values()
        managed = managed_schools(person, data_dir)
        page = self.render_template(
            "people.html",
            schools=[_school(name, data_dir, everybody) for name in managed if roster_file(data_dir, name).exists()],
            managed=managed,
            everywhere=person.role is AccountRole.PLATFORM_ADMINISTRATOR,
            outcome=outcome,
            most=_MOST_NAMED,
            invites=self._directory.identity == "roster",
        )
        self.finish(await page)

    async def _note(self, act: str, school: str, figures: Mapping[str, int]) -> None:
        """Write down who did what: in the hub's log, and in the audit log that the grading service keeps."""
        name = self.current_user.name
        told = ", ".join(f"{number} {what}" for what, number in figures.items())
        self.log.info("Audit: %s: %s %s (%s)", name, act, school, told)
        scope = "custom:grading:manage" + ("" if self.current_user.admin else f"!group={school}")
        token = self.current_user.new_api_token(
            note="audit entry", expires_in=60, scopes=["access:services!service=grading", scope]
        )
        request = HTTPRequest(
            f"{self.authenticator.grading_url}/api/v1/audit",
            method="POST",
            headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
            body=json.dumps({"act": act, "target": school, "details": figures}),
            request_timeout=_NOTE_S,
        )
        try:
            await AsyncHTTPClient().fetch(request)
        except (OSError, HTTPClientError) as error:
            # The hub's log has it; a roster is not held up by a grading service that is away.
            self.log.warning("The audit log did not take that in: %s", error)


def _school(name: str, data_dir: Path, everybody: Any) -> _School:  # noqa: ANN401 a view of a mapping
    people = [each for each in everybody if (each.school or PLATFORM) == name]
    number = {role: sum(each.role is role for each in people) for role in AccountRole}
    return _School(
        name,
        tuple((LABELS[role], number[role]) for role in AccountRole if number[role]),
        tuple(sorted({each for person in people for each in person.classes})),
        datetime.fromtimestamp(roster_file(data_dir, name).stat().st_mtime).astimezone(),
    )
