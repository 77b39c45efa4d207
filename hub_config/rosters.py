"""The schools' rosters: who is a student, an instructor or an administrator, in which class.

A table a school, ``rosters/SCHOOL.csv`` in the data folder, as a spreadsheet saves it (UTF-8 or GB 18030). The table
``platform.csv`` names the platform's administrators.
"""

import csv
import io
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from hub_config.errors import AccountsError
from hub_config.person import LABELS, AccountRole, Person

__all__ = ["PLATFORM", "parse_roster", "read_rosters", "roster_file", "roster_files", "write_roster"]

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
        The table: heads 学号, 姓名, 班级, 身份 and 用户名 (or ``number``, ``full_name``, ``class``, ``role``,
        ``username``). Without a 用户名 it is ``SCHOOL-NUMBER``; without a 身份 she is a student; several classes are
        parted by ``;``.
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
    AccountsError
        Naming every row that is wrong.

    Examples
    --------
    >>> parse_roster("学号,姓名,班级\n2026001,李明,class-1\n".encode(), "north")[0].groups
    ('class-1', 'north')
    """
    source = source or f"{school}.csv"
    if not _GROUP.fullmatch(school):
        msg = f"{source}: school {school!r}: use lower-case letters, digits and hyphens, at most 63"
        raise AccountsError(msg)
    table = csv.reader(io.StringIO(_text(content, source)))
    columns = _columns(next(table, []), source)
    people: dict[str, Person] = {}
    faults: list[str] = []
    for number, cells in enumerate(table, start=2):
        if number > _MOST_ROWS + 1:
            faults.append(f"row {number}: a roster has at most {_MOST_ROWS} rows; split it")
            break
        row = {head: cells[at].strip() if at < len(cells) else "" for head, at in columns.items()}
        if not any(row.values()):
            continue
        wrong = list(_faults(row, school))
        name = _name(row, school)
        if name in people:
            wrong.append(f"username {name!r} stands twice; an account's name must be unique")
        faults += [f"row {number}: {fault}" for fault in wrong]
        if not wrong:
            people[name] = Person(
                name=name,
                role=_ROLES[row.get("role", "").lower()],
                full_name=row.get("full_name", ""),
                school="" if school == PLATFORM else school,
                classes=_classes(row),
            )
    if faults:
        msg = f"{source}: {'; '.join(faults[:20])}; correct it"
        raise AccountsError(msg)
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


def write_roster(data_dir: Path, school: str, content: bytes) -> list[Person]:
    """Put a roster in force in place of the school's earlier one, having checked it beside the others.

    Parameters
    ----------
    data_dir
        The data folder.
    school
        The school's name.
    content
        As of `parse_roster`.

    Returns
    -------
    list[Person]
        Who stands in it.

    Raises
    ------
    AccountsError
        When it is malformed or names somebody of another roster; then the earlier one stays.
    """
    people = parse_roster(content, school)
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
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)
    return people


def _text(content: bytes, source: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    msg = f"{source}: neither UTF-8 nor GB 18030; save it as CSV (UTF-8)"
    raise AccountsError(msg)


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


def _name(row: dict[str, str], school: str) -> str:
    return (row.get("name") or f"{school}-{row.get('number', '')}").lower()


def _classes(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in _BETWEEN.split(row.get("classes", "")) if each.strip()))


def _faults(row: dict[str, str], school: str) -> Iterator[str]:
    name = _name(row, school)
    if not (row.get("name") or row.get("number")) or not _NAME.fullmatch(name):
        yield f"username {name!r}: use lower-case letters, digits, '.', '_' and hyphens, at most 63"
    role = _ROLES.get(row.get("role", "").lower())
    if role is None:
        yield f"role {row['role']!r}: one of 学生, 教师, 学校管理员, or student, instructor, school-administrator"
    elif (school == PLATFORM) != (role is AccountRole.PLATFORM_ADMINISTRATOR):
        yield f"role {row.get('role', '')!r}: {PLATFORM}.csv names platform administrators, other rosters nobody else"
    for each in _classes(row):
        if not _GROUP.fullmatch(each) or each == school:
            yield f"class {each!r}: use lower-case letters, digits and hyphens, at most 63, and not the school's name"
    if role is AccountRole.STUDENT and not _classes(row):
        yield "class: a student needs one"
