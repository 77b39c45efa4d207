"""The schools' rosters: who is a student, an instructor or an administrator, in which class.

A table a school, ``rosters/SCHOOL.csv`` in the data folder; what is put in force may be XLSX or CSV. The table
``platform.csv`` names the platform's administrators.
"""

import csv
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hub_config.errors import AccountsError, RosterError, RowFault
from hub_config.person import LABELS, AccountRole, Person
from hub_config.spreadsheet import rows

__all__ = [
    "PLATFORM",
    "RosterChange",
    "check_roster",
    "parse_roster",
    "read_rosters",
    "roster_file",
    "roster_files",
    "write_roster",
]

PLATFORM = "platform"

_HEADS = {
    "name": ("用户名", "账号", "username", "account"),
    "number": ("学号", "工号", "student_number", "number"),
    "full_name": ("姓名", "full_name", "name"),
    "classes": ("班级", "class", "classes"),
    "role": ("身份", "role"),
}
_ROLES = {word.lower(): role for role in AccountRole for word in (role.value, *LABELS[role])} | {
    "": AccountRole.STUDENT,
    "老师": AccountRole.INSTRUCTOR,
    "teacher": AccountRole.INSTRUCTOR,
}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
# A group's name stands in scopes, so it is plain.
_GROUP = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_BETWEEN = re.compile(r"[;；、/]")
_MOST_ROWS = 20_000


@dataclass(frozen=True)
class RosterChange:
    """What a roster changes where it takes the place of the school's earlier one.

    Attributes
    ----------
    people
        Everybody who stands in it.
    new, gone, changed
        Names of who was not in the earlier one, of who is not in this one, and of whose class, role or name differs.
    """

    people: tuple[Person, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]


def roster_file(data_dir: Path, school: str) -> Path:
    """Name a school's roster in a data folder."""
    return data_dir / "rosters" / f"{school}.csv"


def roster_files(data_dir: Path) -> list[Path]:
    """List the rosters of a data folder."""
    return sorted(roster_file(data_dir, "x").parent.glob("*.csv"))


def parse_roster(content: bytes, school: str, source: str = "") -> list[Person]:
    r"""Read one roster.

    Parameters
    ----------
    content
        The table, XLSX or CSV: heads 学号, 姓名, 班级, 身份 and 用户名 (or ``number``, ``full_name``, ``class``,
        ``role``, ``username``). Without a 用户名 it is ``SCHOOL-NUMBER``; without a 身份 she is a student; several
        classes are parted by ``;``.
    school
        The school's name; ``platform`` for the administrators of all.
    source
        What messages call the file.

    Returns
    -------
    list[Person]
        In the table's order.

    Raises
    ------
    RosterError
        Naming every row that is wrong.
    AccountsError
        When it is no table.

    Examples
    --------
    >>> parse_roster("学号,姓名,班级\n2026001,李明,class-1\n".encode(), "north")[0].groups
    ('class-1', 'north')
    """
    source = source or f"{school}.csv"
    if not _GROUP.fullmatch(school):
        msg = f"{source}: school {school!r}: use lower-case letters, digits and hyphens, at most 63"
        raise AccountsError(msg)
    table = rows(content, source)
    columns = _columns(next(table, []), source)
    people: dict[str, Person] = {}
    faults: list[RowFault] = []
    for number, cells in enumerate(table, start=2):
        if number > _MOST_ROWS + 1:
            faults.append(
                RowFault(
                    number, f"名单最多 {_MOST_ROWS} 行，请拆分", f"a roster has at most {_MOST_ROWS} rows; split it"
                )
            )
            break
        row = {head: cells[at] if at < len(cells) else "" for head, at in columns.items()}
        if not any(row.values()):
            continue
        wrong = list(_faults(row, school))
        name = _name(row, school)
        if name in people:
            zh = f"用户名 {name!r} 出现两次，账号不能重复"
            wrong.append((zh, f"username {name!r} stands twice; an account's name must be unique"))
        faults += [RowFault(number, zh, en) for zh, en in wrong]
        if not wrong:
            people[name] = Person(
                name=name,
                role=_ROLES[row.get("role", "").lower()],
                full_name=row.get("full_name", ""),
                school="" if school == PLATFORM else school,
                classes=_classes(row),
            )
    if faults:
        raise RosterError(source, faults)
    return list(people.values())


def read_rosters(data_dir: Path) -> list[Person]:
    """Read every roster of a data folder.

    Parameters
    ----------
    data_dir
        The data folder.

    Returns
    -------
    list[Person]
        Everybody.

    Raises
    ------
    AccountsError
        When there is none, one is malformed or can be written by others, or somebody stands in two.
    """
    files = roster_files(data_dir)
    if not files:
        msg = f"{roster_file(data_dir, 'SCHOOL')}: no roster; import one: shixun roster import FILE --school SCHOOL"
        raise AccountsError(msg)
    people: dict[str, Person] = {}
    for path in files:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o022:
            msg = f"{path}: permissions {mode:04o} let others write who may enter; run: chmod go-w {path}"
            raise AccountsError(msg)
        for person in parse_roster(path.read_bytes(), path.stem, str(path)):
            if person.name in people:
                msg = f"{path}: username {person.name!r} stands in another roster as well; rename one of the two"
                raise AccountsError(msg)
            people[person.name] = person
    return list(people.values())


def check_roster(data_dir: Path, school: str, content: bytes, source: str = "") -> RosterChange:
    """Check a roster by itself and beside the others, putting nothing in force.

    Parameters
    ----------
    data_dir
        The data folder.
    school
        The school's name.
    content, source
        As of `parse_roster`.

    Returns
    -------
    RosterChange
        What it would change.

    Raises
    ------
    AccountsError
        When it is malformed or names somebody of another roster.
    """
    people = parse_roster(content, school, source)
    path = roster_file(data_dir, school)
    others = {
        person.name: other.name
        for other in roster_files(data_dir)
        if other != path
        for person in parse_roster(other.read_bytes(), other.stem, str(other))
    }
    for person in people:
        if person.name in others:
            msg = f"{school}: username {person.name!r} stands in {others[person.name]} as well; rename one of the two"
            raise AccountsError(msg)
    before = {each.name: each for each in parse_roster(path.read_bytes(), school)} if path.exists() else {}
    now = {each.name: each for each in people}
    return RosterChange(
        people=tuple(people),
        new=tuple(name for name in now if name not in before),
        gone=tuple(name for name in before if name not in now),
        changed=tuple(name for name, person in now.items() if before.get(name, person) != person),
    )


def write_roster(data_dir: Path, school: str, content: bytes, source: str = "") -> RosterChange:
    """Put a roster in force in place of the school's earlier one, having checked it beside the others.

    Parameters
    ----------
    data_dir, school, content, source
        As of `check_roster`.

    Returns
    -------
    RosterChange
        What it has changed.

    Raises
    ------
    AccountsError
        When it is malformed or names somebody of another roster; then the earlier one stays.
    """
    change = check_roster(data_dir, school, content, source)
    path = roster_file(data_dir, school)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows(content, source or path.name))
    temporary.replace(path)
    return change


def _columns(heads: list[str], source: str) -> dict[str, int]:
    spellings = {word: name for name, words in _HEADS.items() for word in words}
    columns: dict[str, int] = {}
    for at, head in enumerate(heads):
        if (name := spellings.get(head.strip().lower())) is not None:
            columns.setdefault(name, at)
    if not columns.keys() & {"name", "number"}:
        msg = (
            f"{source}: row 1: the heads {', '.join(heads)!r} hold neither 用户名 (username) nor 学号 (number); add one"
        )
        raise AccountsError(msg)
    return columns


def _name(row: Mapping[str, str], school: str) -> str:
    return (row.get("name") or f"{school}-{row.get('number', '')}").lower()


def _classes(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in _BETWEEN.split(row.get("classes", "")) if each.strip()))


def _faults(row: Mapping[str, str], school: str) -> Iterator[tuple[str, str]]:
    """Tell what is wrong with a row, in Chinese and in English."""
    name = _name(row, school)
    if not (row.get("name") or row.get("number")) or not _NAME.fullmatch(name):
        yield (
            f"用户名 {name!r}：只能用小写字母、数字、“.”、“_”和连字符，最多 63 个字符",
            f"username {name!r}: use lower-case letters, digits, '.', '_' and hyphens, at most 63",
        )
    role = _ROLES.get(row.get("role", "").lower())
    if role is None:
        yield (
            f"身份 {row['role']!r}：应为学生、教师或学校管理员",
            f"role {row['role']!r}: one of 学生, 教师, 学校管理员, or student, instructor, school-administrator",
        )
    elif (school == PLATFORM) != (role is AccountRole.PLATFORM_ADMINISTRATOR):
        yield (
            f"身份 {row.get('role', '')!r}：平台管理员只写在 {PLATFORM} 名单里，那里也只写平台管理员",
            f"role {row.get('role', '')!r}: {PLATFORM}.csv names platform administrators, other rosters nobody else",
        )
    for each in _classes(row):
        if not _GROUP.fullmatch(each) or each == school:
            yield (
                f"班级 {each!r}：只能用小写字母、数字和连字符，最多 63 个字符，且不能与学校同名",
                f"class {each!r}: use lower-case letters, digits and hyphens, at most 63, and not the school's name",
            )
    if role is AccountRole.STUDENT and not _classes(row):
        yield "班级：学生必须有班级", "class: a student needs one"
