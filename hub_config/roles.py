"""Who may do what: JupyterHub roles and the custom scopes that the grading service asks for.

A session is entered by its student alone, not by her instructor nor by the school. She may invite her instructor
into a running one (`hub_config.help`); the hub's log names who invited whom, and the invitation ends with the session.
Only the platform administrator, who administers the hub itself, could enter uninvited.

A person's scopes follow from the account's role; a session's token carries the few that its notebook needs:
what leaks from a container can submit and read for its own student and do nothing else.
"""

from traitlets.config import Config

from hub_config.accounts import CLASS_GROUP, SCHOOL_GROUP, Account, AccountRole

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


def apply_roles(c: Config, accounts: tuple[Account, ...]) -> None:
    """Set the custom scopes, the roles of people and services, and the scopes of a session's token."""

    def names(role: AccountRole) -> list[str]:
        return [account.name for account in accounts if account.role is role]

    c.JupyterHub.custom_scopes = CUSTOM_SCOPES
    c.JupyterHub.extra_user_scopes = set(USER_SCOPES)
    c.Spawner.server_token_scopes = list(SESSION_SCOPES)
    c.JupyterHub.load_roles = [
        {
            "name": AccountRole.INSTRUCTOR.value,
            "description": "教师 · Instructor of the demo class",
            "scopes": group_scopes(CLASS_GROUP),
            "users": names(AccountRole.INSTRUCTOR),
        },
        {
            "name": AccountRole.SCHOOL_ADMINISTRATOR.value,
            "description": "学校管理员 · Administrator of the demo school",
            "scopes": group_scopes(SCHOOL_GROUP),
            "users": names(AccountRole.SCHOOL_ADMINISTRATOR),
        },
        {
            "name": AccountRole.PLATFORM_ADMINISTRATOR.value,
            "description": "平台管理员 · Platform administrator",
            "scopes": [READ_SCOPE, MANAGE_SCOPE],
            "users": names(AccountRole.PLATFORM_ADMINISTRATOR),
        },
        {
            "name": f"help-{CLASS_GROUP}",
            "description": "请老师帮忙 · May invite the instructors of the demo class",
            "scopes": [f"read:users:name!user={name}" for name in names(AccountRole.INSTRUCTOR)],
            "groups": [CLASS_GROUP],
        },
        {
            "name": "grading-service",
            "description": "评分服务 · The grading service",
            "scopes": list(GRADING_SERVICE_SCOPES),
            "services": ["grading"],
        },
    ]
