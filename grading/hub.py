"""JupyterHub as this service sees it: whose token is this, who is in that class."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from grading.errors import HubUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from grading.settings import HubConnection

__all__ = ["Hub", "Identity"]

_CACHE_S = 30.0
_CACHE_ENTRIES = 10_000
_TIMEOUT_S = 5.0
_TOKEN = re.compile(r"[!-~]{1,512}")


@dataclass(frozen=True)
class Identity:
    """Who a token belongs to, and what it may do.

    Parameters
    ----------
    name
        JupyterHub name of the user or service.
    is_user
        False for a service.
    groups
        The user's JupyterHub groups, where the token may tell.
    scopes
        Expanded scopes of the token, such as ``custom:grading:read!user=li``.
    """

    name: str
    is_user: bool
    groups: frozenset[str]
    scopes: frozenset[str]


class _Memory:
    """Answers of the hub, kept for a short while so that a page full of requests asks once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[float, Any]] = {}

    def get(self, key: str) -> Any | None:  # noqa: ANN401 - holds answers of several types
        with self._lock:
            kept_until, answer = self._answers.get(key, (0.0, None))
        return answer if self._clock() < kept_until else None

    def put(self, key: str, answer: object) -> None:
        with self._lock:
            now = self._clock()
            if len(self._answers) >= _CACHE_ENTRIES:
                self._answers = {k: (until, a) for k, (until, a) in self._answers.items() if now < until}
            if len(self._answers) >= _CACHE_ENTRIES:
                self._answers.clear()
            self._answers[key] = (now + _CACHE_S, answer)


class Hub:
    """Client of JupyterHub's API.

    jupyterhub's own ``HubOAuth`` is made of Tornado handlers and answers with Tornado's errors; this service needs
    four requests of the API only.

    Parameters
    ----------
    connection
        What JupyterHub tells this service.
    clock
        Monotonic clock in seconds, by which answers are forgotten after 30 s.
    """

    def __init__(self, connection: HubConnection, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._client = httpx.Client(base_url=connection.api_url, timeout=_TIMEOUT_S, verify=connection.tls)
        self._memory = _Memory(clock)

    def identity(self, token: str, session_id: str = "") -> Identity | None:
        """Return who a token belongs to; None where JupyterHub does not know it.

        Parameters
        ----------
        token
            The token.
        session_id
            The browser's JupyterHub session: it changes at logout, and the kept answer is then asked for anew.

        Raises
        ------
        HubUnavailableError
            Where JupyterHub does not answer.
        """
        if not _TOKEN.fullmatch(token):
            return None
        key = f"token:{hashlib.sha256(token.encode()).hexdigest()}:{session_id}"
        known = self._memory.get(key)
        if known is None:
            answer = self._ask("GET", "/user", token)
            if answer.status_code in {401, 403, 404}:
                return None
            model = self._json(answer)
            known = Identity(
                name=str(model["name"]),
                is_user=model.get("kind", "user") == "user",
                groups=frozenset(model.get("groups") or ()),
                scopes=frozenset(model.get("scopes") or ()),
            )
            # A refusal is not kept: a token may become valid at any moment.
            self._memory.put(key, known)
        return known

    def members(self, group: str) -> tuple[str, ...]:
        """Return the names of a class's members, sorted; none where JupyterHub has no such group.

        Raises
        ------
        HubUnavailableError
            Where JupyterHub does not answer, or refuses this service the list.
        """
        known = self._memory.get(f"group:{group}")
        if known is None:
            answer = self._ask("GET", f"/groups/{quote(group, safe='')}", self._connection.api_token)
            known = () if answer.status_code == 404 else tuple(sorted(self._json(answer)["users"]))
            self._memory.put(f"group:{group}", known)
        return known

    def groups_of(self, name: str) -> tuple[str, ...]:
        """Return the groups of a user; none where JupyterHub has no such user.

        Raises
        ------
        HubUnavailableError
            Where JupyterHub does not answer, or refuses this service the answer.
        """
        known = self._memory.get(f"user:{name}")
        if known is None:
            answer = self._ask("GET", f"/users/{quote(name, safe='')}", self._connection.api_token)
            known = () if answer.status_code == 404 else tuple(sorted(self._json(answer).get("groups") or ()))
            self._memory.put(f"user:{name}", known)
        return known

    def groups(self) -> tuple[str, ...]:
        """Return the names of all classes, sorted.

        Raises
        ------
        HubUnavailableError
            Where JupyterHub does not answer, or refuses this service the list.
        """
        known = self._memory.get("groups")
        if known is None:
            answer = self._ask("GET", "/groups", self._connection.api_token)
            known = tuple(sorted(group["name"] for group in self._json(answer)))
            self._memory.put("groups", known)
        return known

    def exchange(self, code: str, verifier: str) -> str | None:
        """Return the token for an OAuth code; None where JupyterHub refuses the code.

        Raises
        ------
        HubUnavailableError
            Where JupyterHub does not answer.
        """
        try:
            answer = self._client.post(
                "/oauth2/token",
                data={
                    "client_id": self._connection.client_id,
                    "client_secret": self._connection.api_token,
                    "grant_type": "authorization_code",
                    "code": code,
                    "redirect_uri": self._connection.callback,
                    "code_verifier": verifier,
                },
            )
        except httpx.HTTPError as error:
            raise self._unavailable(str(error)) from error
        if 400 <= answer.status_code < 500:
            return None
        return str(self._json(answer)["access_token"])

    def answers(self) -> bool:
        """Tell whether JupyterHub answers."""
        try:
            return self._client.get("/").is_success
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, method: str, path: str, token: str) -> httpx.Response:
        try:
            return self._client.request(method, path, headers={"Authorization": f"token {token}"})
        except httpx.HTTPError as error:
            raise self._unavailable(str(error) or type(error).__name__) from error

    def _json(self, answer: httpx.Response) -> Any:  # noqa: ANN401 - JSON
        if not answer.is_success:
            reason = f"{answer.request.url.path} answered {answer.status_code}"
            raise self._unavailable(reason)
        return answer.json()

    def _unavailable(self, reason: str) -> HubUnavailableError:
        return HubUnavailableError(self._connection.api_url, reason)
