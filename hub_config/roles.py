"""Who may do what: JupyterHub roles and the custom scopes that the grading service asks for.

A session is entered by its student alone, not by her instructor nor by the school. She may invite her instructor
into a running one (`hub_config.help`); the hub's log names who invited whom, and the invitation ends with the session.
Only the platform administrator, who administers the hub itself, could enter uninvited.

A person's scopes follow from her role, class and school; a session's token carries the few that its notebook needs:
what leaks from a container can submit and read for its own student and do nothing else.
"""

from collections.abc import Iterator
from typing import Any

from traitlets.config import Config

from hub_config.people import Directory
from hub_config.person import AccountRole, Person

SUBMIT_SCOPE = "custom:grading:submit"
READ_SCOPE = "custom:grading:read"
MANAGE_SCOPE = "custom:grading:manage"

CUSTOM_SCOPES = {
    SUBMIT_SCOPE: {"description": "提交实训方案 · Submit decisions to be graded"},
    READ_SCOPE: {"description": "查看成绩 · Read outcomes and learning accounts"},
    MANAGE_SCOPE: {"description": "管理班级与成绩 · Set rules, import rosters, regrade"},
}

USER_SCOPES = frozenset({"access:services!service=grading", "shares!user", SUBMIT_SCOPE, f"{READ_SCOPE}!user"})

SESSION_SCOPES = (
    "users:activity!user",
    "access:servers!server",
    "access:services!service=grading",
    f"{SUBMIT_SCOPE}!user",
    f"{READ_SCOPE}!user",
)

# What the grading service may do on behalf of who is logged in: of these, what the person may do.
BROWSER_SCOPES = (READ_SCOPE, MANAGE_SCOPE, "read:users:groups!user")

# The pool service looks after the hours of running sessions, the idle culler after those that nobody uses.
SESSION_WATCH_SCOPES = ("list:users", "read:users:name", "read:users:groups", "read:servers", "delete:servers")
IDLE_CULLER_SCOPES = ("list:users", "read:users:activity", "read:servers", "delete:servers")

# What the grading service itself may ask the hub: who exists, and who belongs to which group.
GRADING_SERVICE_SCOPES = ("list:users", "read:users:name", "read:users:groups", "list:groups", "read:groups")


def group_scopes(group: str) -> list[str]:
    """List what somebody who teaches or administers a group may do with it.

    Parameters
    ----------
    group
        Name of a JupyterHub group.

    Returns
    -------
    list[str]
        Scopes, all of them bound to the group.
    """
    bound = f"!group={group}"
    return [
        READ_SCOPE + bound,
        MANAGE_SCOPE + bound,
        "list:users" + bound,
        "read:users" + bound,
        "read:servers" + bound,
        "read:groups" + bound,
    ]


def staff_roles(directory: Directory) -> list[dict[str, Any]]:
    """Build the roles of everybody but students, with who holds them, and of whom a class may ask for help.

    Parameters
    ----------
    directory
        Who belongs to the training base.

    Returns
    -------
    list[dict]
        As JupyterHub loads roles.
    """
    roles: dict[str, dict[str, Any]] = {}
    for person in directory.people().values():
        for role in _own_roles(person, directory):
            found = roles.setdefault(role["name"], role)
            if person.role is not AccountRole.STUDENT:
                found.setdefault("users", []).append(person.name)
    return list(roles.values())


def person_roles(person: Person, directory: Directory) -> list[dict[str, Any]]:
    """Build the roles of one person, the ones that JupyterHub gives everybody included.

    Parameters
    ----------
    person
        Who.
    directory
        Who belongs to the training base.

    Returns
    -------
    list[dict]
        As JupyterHub's authenticators return them: whatever is not among them is taken from her.
    """
    own: list[dict[str, Any]] = [{"name": "user", "scopes": ["self", *sorted(USER_SCOPES)]}]
    if person.role is AccountRole.PLATFORM_ADMINISTRATOR:
        own.append({"name": "admin"})
    return [*own, *_own_roles(person, directory)]


def _own_roles(person: Person, directory: Directory) -> Iterator[dict[str, Any]]:
    match person.role:
        case AccountRole.STUDENT:
            for each in person.classes:
                if instructors := directory.instructors(each):
                    yield {
                        "name": f"help-{each}",
                        "description": f"请老师帮忙 · May invite the instructors of {each}",
                        "scopes": [f"read:users:name!user={name}" for name in instructors],
                    }
        case AccountRole.INSTRUCTOR:
            for each in person.classes:
                yield {
                    "name": f"instructor-{each}",
                    "description": f"教师 · Instructor of {each}",
                    "scopes": group_scopes(each),
                }
        case AccountRole.SCHOOL_ADMINISTRATOR:
            yield {
                "name": f"administrator-{person.school}",
                "description": f"学校管理员 · Administrator of {person.school}",
                "scopes": group_scopes(person.school),
            }
        case AccountRole.PLATFORM_ADMINISTRATOR:
            yield {
                "name": AccountRole.PLATFORM_ADMINISTRATOR.value,
                "description": "平台管理员 · Platform administrator",
                "scopes": [READ_SCOPE, MANAGE_SCOPE],
            }


def apply_roles(c: Config) -> None:
    """Set the custom scopes, what services may, and the scopes of a session's token; people's roles come with them."""
    c.JupyterHub.custom_scopes = CUSTOM_SCOPES
    c.JupyterHub.extra_user_scopes = set(USER_SCOPES)
    c.Spawner.server_token_scopes = list(SESSION_SCOPES)
    services = {each["name"] for each in c.JupyterHub.services}
    c.JupyterHub.load_roles = [
        {"name": f"{name}-service", "description": description, "scopes": list(scopes), "services": [name]}
        for name, description, scopes in (
            ("grading", "评分服务 · The grading service", GRADING_SERVICE_SCOPES),
            ("pool", "会话池 · The pool service, which ends sessions after hours", SESSION_WATCH_SCOPES),
            ("idle-culler", "闲置清理 · Stops sessions that nobody uses", IDLE_CULLER_SCOPES),
        )
        if name in services
    ]
