"""Invitations: a code, good once and for some days, with which somebody chooses her password.

Nobody ever logs in with a password that somebody else has seen. Of a code only its hash is kept.
"""

import fcntl
import hashlib
import hmac
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from hub_config.codes import draw_code

__all__ = ["Invitations", "invitations_file"]

_DAY_S = 24 * 3600


class _Invitation(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    expires: float


_OPEN = TypeAdapter(dict[str, _Invitation])


def invitations_file(data_dir: Path) -> Path:
    """Name the file of open invitations in a data folder."""
    return data_dir / "invitations.json"


class Invitations:
    """The open invitations, in a file that several processes share.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def issue(self, names: Iterable[str], days: float = 30) -> dict[str, str]:
        """Invite people; an earlier invitation of theirs ends.

        Parameters
        ----------
        names
            Whom.
        days
            How long the codes are good.

        Returns
        -------
        dict[str, str]
            Codes by name, to be handed to each alone.
        """
        codes = {name: draw_code() for name in names}
        with self._changing() as invitations:
            for name, code in codes.items():
                invitations[name] = _Invitation(sha256=_digest(code), expires=time.time() + days * _DAY_S)
        return codes

    def invited(self) -> set[str]:
        """Name those whose invitation is open."""
        now = time.time()
        return {name for name, each in self._read().items() if each.expires > now}

    def redeem(self, name: str, code: str) -> bool:
        """Use an invitation up; tells whether it was good."""
        with self._changing() as invitations:
            invitation = invitations.get(name)
            if invitation is None or invitation.expires <= time.time():
                return False
            if not hmac.compare_digest(invitation.sha256, _digest(code.strip().lower())):
                return False
            del invitations[name]
            return True

    def _read(self) -> dict[str, _Invitation]:
        try:
            return _OPEN.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return {}

    @contextmanager
    def _changing(self) -> Iterator[dict[str, _Invitation]]:
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            invitations = self._read()
            before = dict(invitations)
            yield invitations
            if invitations != before:
                temporary = self._path.with_suffix(".new")
                descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(_OPEN.dump_json(invitations))
                temporary.replace(self._path)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
