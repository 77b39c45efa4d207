"""Sessions of the server that know who acts, and values that are not simply written but commanded."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from asyncua import ua
from asyncua.crypto.permission_rules import SimpleRoleRuleset, User, UserRole
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession
from asyncua.server.user_managers import UserManager

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from twins.opcua.accounts import Accounts

__all__ = ["CALLER", "Caller", "CommandingServer", "Rules"]


@dataclass(frozen=True)
class Caller:
    """Who acts in a session.

    Parameters
    ----------
    name
        Of the account, empty for who has none.
    operates
        Whether it may give commands.
    """

    name: str
    operates: bool


@dataclass
class _User(User):
    """What the server keeps of a session's user; its role is the server's own, which lets nobody change nodes."""

    caller: Caller = field(default=Caller("", operates=False))


CALLER: ContextVar[Caller] = ContextVar("CALLER")
"""Who calls the method that is being carried out; set around every call."""


class Rules(SimpleRoleRuleset):
    """Which services whom the server serves at all: who has no account as whoever has one, nobody as administrator."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._permission_dict[UserRole.Anonymous] = self._permission_dict[UserRole.User]


class CommandingServer(InternalServer):
    """The heart of a server.

    Parameters
    ----------
    accounts
        Who may do what.

    Attributes
    ----------
    setters
        By node: what carries out that its value be set, and returns a status code.
    """

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(user_manager=_Manager(accounts))
        self.setters: dict[ua.NodeId, Callable[[ua.Variant, Caller], Awaitable[int]]] = {}

    def create_session(self, name: str, user: User | None = None, external: bool = False) -> InternalSession:
        """Return a session that knows who acts."""
        user = user or _User(role=UserRole.Anonymous)
        return _Session(self, self.aspace, self.subscription_service, name, user=user, external=external)


class _Manager(UserManager):
    """Lets accounts in by password, and everybody to watch."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def get_user(
        self,
        iserver: InternalServer,
        username: str | None = None,
        password: str | None = None,
        certificate: Any = None,  # noqa: ANN401 - the interface is not ours
    ) -> User | None:
        """Return who has that name and password, or None to let nobody in."""
        del iserver, certificate
        if username is None:
            return _User(role=UserRole.Anonymous)
        role = self._accounts.role_of(username, password or "")
        if role is None:
            return None
        return _User(role=UserRole.User, name=username, caller=Caller(username, operates=role == "operate"))


class _Session(InternalSession):
    iserver: CommandingServer

    async def write(self, params: ua.WriteParameters) -> list[ua.StatusCode]:
        """Write values, those that command the plant by way of commands."""
        results = []
        for wanted in params.NodesToWrite:
            setter = self.iserver.setters.get(wanted.NodeId)
            if setter is None or wanted.AttributeId != ua.AttributeIds.Value:
                results += await super().write(ua.WriteParameters(NodesToWrite=[wanted]))
            elif wanted.IndexRange or wanted.Value.Value is None:
                results.append(ua.StatusCode(ua.UInt32(ua.StatusCodes.BadWriteNotSupported)))
            else:
                code = await setter(wanted.Value.Value, self._caller())
                results.append(ua.StatusCode(ua.UInt32(code)))
        return results

    async def call(self, params: list[ua.CallMethodRequest]) -> list[ua.CallMethodResult]:
        """Call methods, which may ask who calls."""
        token = CALLER.set(self._caller())
        try:
            return await super().call(params)
        finally:
            CALLER.reset(token)

    def _caller(self) -> Caller:
        return self.user.caller if isinstance(self.user, _User) else Caller("", operates=False)
