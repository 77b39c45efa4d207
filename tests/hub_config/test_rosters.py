"""The schools' rosters."""

from pathlib import Path

import pytest

from hub_config.errors import AccountsError
from hub_config.people import Directory
from hub_config.person import AccountRole
from hub_config.rosters import parse_roster, read_rosters, roster_file, write_roster

NORTH = """学号,姓名,班级,身份
001,李明,class-1,
002,王芳,class-1;class-2,学生
t01,张老师,class-1;class-2,教师
o1,办公室,,学校管理员
"""


def test_names_roles_and_groups_follow_from_the_table() -> None:
    ming, fang, teacher, office = parse_roster(NORTH.encode(), "north")
    assert (ming.name, ming.role, ming.groups) == ("north-001", AccountRole.STUDENT, ("class-1", "north"))
    assert fang.groups == ("class-1", "class-2", "north")
    assert (teacher.role, teacher.classes, teacher.groups) == (
        AccountRole.INSTRUCTOR,
        ("class-1", "class-2"),
        ("north",),
    )
    assert (office.role, office.groups) == (AccountRole.SCHOOL_ADMINISTRATOR, ("north",))


def test_what_a_spreadsheet_saves_in_china_is_read() -> None:
    assert parse_roster(NORTH.encode("gb18030"), "north") == parse_roster(NORTH.encode("utf-8-sig"), "north")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("姓名,班级\n李明,class-1\n", "用户名"),
        ("学号,班级\n001,电子 1 班\n", r"row 2: class '电子 1 班'"),
        ("学号,班级\n001,\n", "row 2: class: a student needs one"),
        ("学号,班级\n001,north\n", "not the school's name"),
        ("学号,班级\n001,class-1\n001,class-1\n", r"row 3: username 'north-001' stands twice"),
        ("学号,班级,身份\n001,class-1,校长\n", "row 2: role '校长'"),
        ("学号,班级,身份\n001,,平台管理员\n", "row 2: role '平台管理员'"),
        ("用户名,班级\n../etc,class-1\n", r"row 2: username '\.\./etc'"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(text: str, words: str) -> None:
    with pytest.raises(AccountsError, match=words):
        parse_roster(text.encode(), "north")


def test_a_school_cannot_name_administrators_of_all() -> None:
    (boss,) = parse_roster("用户名,身份\nboss,平台管理员\n".encode(), "platform")
    assert (boss.role, boss.groups) == (AccountRole.PLATFORM_ADMINISTRATOR, ())


def test_a_roster_is_put_in_force_whole_or_not_at_all(tmp_path: Path) -> None:
    write_roster(tmp_path, "north", NORTH.encode())
    directory = Directory(tmp_path, "roster")
    assert directory.instructors("class-1") == ("north-t01",)
    with pytest.raises(AccountsError):
        write_roster(tmp_path, "north", "学号,班级\n001,\n".encode())
    with pytest.raises(AccountsError, match=r"stands in north\.csv"):
        write_roster(tmp_path, "south", "用户名,班级\nnorth-001,class-9\n".encode())
    assert len(directory.people()) == 4
    # She has moved: the directory knows without being told.
    write_roster(tmp_path, "north", "学号,班级\n001,class-2\n".encode())
    person = directory.person("north-001")
    assert person is not None
    assert person.groups == ("class-2", "north")
    assert directory.person("north-002") is None


def test_a_roster_that_others_may_write_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AccountsError, match="shixun roster import"):
        read_rosters(tmp_path)
    write_roster(tmp_path, "north", NORTH.encode())
    roster_file(tmp_path, "north").chmod(0o666)
    with pytest.raises(AccountsError, match="0666"):
        read_rosters(tmp_path)
