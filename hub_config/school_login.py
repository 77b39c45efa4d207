"""Logging in at a school: who stands in the roster chooses her password with an invitation and uses it from then on."""

import asyncio
from pathlib import Path
from typing import Any

import bcrypt
from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.login import LoginHandler
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.orm import UserInfo
from tornado.web import authenticated
from traitlets import Unicode

from hub_config.identity import DirectoryAuthenticator
from hub_config.invitations import Invitations
from hub_config.people_page import PeopleHandler

__all__ = ["SHORTEST_PASSWORD", "SchoolAuthenticator"]

SHORTEST_PASSWORD = 10
# bcrypt reads so many bytes and no more.
_MOST_BYTES = 72
# Of no password; with it, a name that nobody has takes as long to refuse as a wrong password.
_NOBODY = b"$2b$12$C6UzMDM.H6dfI/f/IKcEeO5aTqmGmXQ0Q0oYyJ8uWmYJ7mE0m3p5K"


class SchoolAuthenticator(DirectoryAuthenticator, NativeAuthenticator):  # type: ignore[misc]  # untyped
    """NativeAuthenticator's accounts for the people of the rosters; nobody signs up without an invitation."""

    invitations_file = Unicode(help="The file of open invitations.").tag(config=True)

    @property
    def invitations(self) -> Invitations:
        """The open invitations."""
        return Invitations(Path(self.invitations_file))

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any] | None:  # noqa: ANN401
        """Return who it is, or None where name or password are wrong, or too many wrong ones were tried."""
        name = self.normalize_username(data.get("username", ""))
        if self.is_blocked(name):
            return None
        account = self.get_user(name)
        known = account.password if account else _NOBODY
        # In a thread: it takes a quarter of a second on purpose, and a whole class logs in at the same time.
        if await asyncio.to_thread(_matches, data.get("password", ""), known) and account:
            self.successful_login(name)
            return self.model(name)
        self.add_login_attempt(name)
        return None

    async def set_password(self, name: str, password: str) -> None:
        """Give somebody a password, the first or another."""
        hashed = await asyncio.to_thread(bcrypt.hashpw, password.encode(), bcrypt.gensalt())
        account = self.get_user(name)
        if account is None:
            self.db.add(UserInfo(username=name, password=hashed, is_authorized=True))
        else:
            account.password = hashed
        self.db.commit()

    def fault(self, password: str, repeated: str) -> tuple[str, str] | None:
        """Tell what is wrong with a password that somebody chooses, in Chinese and in English; None: nothing."""
        if password != repeated:
            return "两次输入的密码不一致。", "The two passwords differ."
        if len(password) < SHORTEST_PASSWORD:
            return f"密码至少 {SHORTEST_PASSWORD} 个字符。", f"A password has at least {SHORTEST_PASSWORD} characters."
        if len(password.encode()) > _MOST_BYTES:
            return "密码太长。", f"A password has at most {_MOST_BYTES} bytes."
        if self.is_password_common(password):
            return "这个密码太常见，请换一个。", "This password is one of the most common; choose another."
        return None

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:  # noqa: ANN401
        """List the pages: logging in, choosing the first password, changing it, rosters. There is none to sign up."""
        return [
            ("/login", LoginHandler),
            ("/invitation", InvitationHandler),
            ("/password", PasswordHandler),
            ("/people", PeopleHandler),
        ]


def _matches(password: str, hashed: bytes) -> bool:
    encoded = password.encode()
    return len(encoded) <= _MOST_BYTES and bcrypt.checkpw(encoded, hashed)


class _PasswordPage(BaseHandler):  # type: ignore[misc]  # jupyterhub is untyped
    async def show(self, fault: tuple[str, str] | None = None, *, invited: bool, name: str = "") -> None:
        if fault:
            self.set_status(403)
        page = self.render_template(
            "password.html", fault=fault, invited=invited, username=name, shortest=SHORTEST_PASSWORD
        )
        self.finish(await page)

    def typed(self, field: str) -> str:
        text: str = self.get_body_argument(field, "", strip=False)
        return text


class InvitationHandler(_PasswordPage):
    """Choose one's first password, or another when it is forgotten, with an invitation."""

    async def get(self) -> None:
        """Show the form."""
        await self.show(invited=True, name=self.get_argument("username", ""))

    async def post(self) -> None:
        """Take the code and the password."""
        authenticator: SchoolAuthenticator = self.authenticator
        name = authenticator.normalize_username(self.typed("username").strip())
        password = self.typed("password")
        fault = authenticator.fault(password, self.typed("repeated"))
        if fault is None and (
            authenticator.is_blocked(name)
            or authenticator.directory.person(name) is None
            or not authenticator.invitations.redeem(name, self.typed("code"))
        ):
            authenticator.add_login_attempt(name)
            fault = (
                "用户名或邀请码不正确，或邀请码已用过、已过期。请向学校要一个新的。",
                "Name or code are not right, or the code was used or is too old. Ask your school for a new one.",
            )
        if fault is None:
            await authenticator.set_password(name, password)
            authenticator.successful_login(name)
            self.log.info("%s has chosen a password with an invitation", name)
            self.redirect(self.hub.base_url + "login")
            return
        await self.show(fault, invited=True, name=name)


class PasswordHandler(_PasswordPage):
    """Change one's password."""

    @authenticated
    async def get(self) -> None:
        """Show the form."""
        await self.show(invited=False, name=self.current_user.name)

    @authenticated
    async def post(self) -> None:
        """Take the old and the new password."""
        authenticator: SchoolAuthenticator = self.authenticator
        name, password = self.current_user.name, self.typed("password")
        fault = authenticator.fault(password, self.typed("repeated"))
        if fault is None:
            old = {"username": name, "password": self.typed("old")}
            if await authenticator.authenticate(self, old) is None:
                fault = "原密码不正确。", "The old password is not right."
        if fault is None:
            await authenticator.set_password(name, password)
            self.log.info("%s has changed the password", name)
            self.redirect(self.hub.base_url + "home")
            return
        await self.show(fault, invited=False, name=name)
