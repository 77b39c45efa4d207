"""Talks to the grading service for one student."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from labs.errors import SessionError, SubmissionError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

__all__ = ["Away", "Event", "GradingClient"]

TIMEOUT_S = 15.0
AWAY_STATUSES = {401, 403, 408, 425, 429}  # a new token or a little patience mends these


class Away(Exception):  # noqa: N818 - a condition to wait out, not an error of the student's
    """The service cannot be reached, or cannot answer now; the same request may succeed later.

    Parameters
    ----------
    why
        Kind of transport error, or HTTP status.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why if not why.isdigit() else f"HTTP {why}")


@dataclass(frozen=True)
class Event:
    """Something that the service tells live.

    Parameters
    ----------
    kind
        ``state``, ``progress``, or nothing where the service only shows that it is still there.
    data
        What it tells.
    """

    kind: str
    data: dict[str, Any]


@dataclass(frozen=True)
class GradingClient:
    """The grading service, seen from a session.

    Parameters
    ----------
    url
        Base address of the service.
    token
        The session's own JupyterHub token.
    language
        In which the service should give its reasons, ``zh`` or ``en``.
    """

    url: str
    token: str
    language: str = "zh"

    @classmethod
    def from_environment(cls, language: str = "zh") -> GradingClient:
        """Return the client of this session.

        Raises
        ------
        SessionError
            ``SHIXUN_GRADING_URL`` or ``JUPYTERHUB_API_TOKEN`` is not set.
        """
        url, token = os.environ.get("SHIXUN_GRADING_URL"), os.environ.get("JUPYTERHUB_API_TOKEN")
        if not url or not token:
            message = (
                "这里不是实训会话，无法提交：请从实训基地打开实验。"
                "This is not a session of the training base, so nothing can be submitted: open the lab from there."
            )
            raise SessionError(message)
        return cls(url, token, language)

    def submit(self, lab: str, decision: dict[str, Any], key: str) -> dict[str, Any]:
        """Hand in a decision; the same ``key`` always leads to the same submission.

        Raises
        ------
        SubmissionError
            Refused for good, with the service's reasons.
        Away
            Try again later with the same key.
        """
        body = {"lab": lab, "decision": decision}
        return self._ask("POST", "/api/v1/submissions", json=body, headers={"Idempotency-Key": key})

    def submission(self, number: str) -> dict[str, Any]:
        """Return the state of a submission; raises like :meth:`submit`."""
        return self._ask("GET", f"/api/v1/submissions/{number}")

    def follow(self, number: str) -> Generator[Event, None, None]:
        """Tell live how far a submission is, until it is settled or the line ends; raises like :meth:`submit`."""
        with self._opened("GET", f"/api/v1/submissions/{number}/events") as answer:
            yield from _events(answer.iter_lines())

    def outcomes(self, lab: str) -> list[dict[str, Any]]:
        """Return a line for each outcome in a lab that the token may read, newest first; raises like :meth:`submit`."""
        found: list[dict[str, Any]] = self._ask("GET", "/api/v1/outcomes", params={"lab": lab})["items"]
        return found

    def outcome(self, number: str) -> dict[str, Any]:
        """Return an outcome with its criteria and feedback; raises like :meth:`submit`."""
        return self._ask("GET", f"/api/v1/outcomes/{number}")

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own
        with self._opened(method, path, **request) as answer:
            answer.read()
            found: dict[str, Any] = answer.json()
            return found

    @contextmanager
    def _opened(self, method: str, path: str, **request: Any) -> Iterator[httpx.Response]:  # noqa: ANN401 - httpx's own
        """Give the answer to a request, its body not read yet."""
        own = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        headers = own | request.pop("headers", {})
        try:
            # trust_env: an HTTP proxy of the environment must not see the token
            with (
                httpx.Client(base_url=self.url, timeout=TIMEOUT_S, trust_env=False) as http,
                http.stream(method, path, headers=headers, **request) as answer,
            ):
                if answer.status_code in AWAY_STATUSES or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                    raise Away(str(answer.status_code))
                if answer.is_error:
                    answer.read()
                    raise SubmissionError(_reasons(answer))
                yield answer
        except httpx.TransportError as error:
            raise Away(type(error).__name__) from error


def _events(lines: Iterable[str]) -> Iterator[Event]:
    """Return server-sent events (WHATWG HTML, 9.2), as far as our service uses them: one line of data, comments."""
    kind = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            kind = value
        elif field == "data":
            yield Event(kind, json.loads(value))
        elif line.startswith(":"):
            yield Event("", {})


def _reasons(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        lines = [problem.get("detail") or problem.get("title") or ""]
        lines += [f"{e['field']} = {e['value']}: {e['message']}" for e in problem.get("errors", [])]
    except (ValueError, KeyError, AttributeError, TypeError):
        return f"HTTP {answer.status_code}"
    return "\n".join(line for line in lines if line)
