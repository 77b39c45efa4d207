"""Everybody who belongs to the training base, as the files say now: demo accounts, or the schools' rosters."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from hub_config.accounts import accounts_file, read_accounts
from hub_config.person import AccountRole, Person
from hub_config.rosters import read_rosters, roster_files

__all__ = ["Directory", "Identity"]

Identity = Literal["demo", "roster", "oidc"]


@dataclass(frozen=True)
class Directory:
    """Looks people up in files, which are read again when they change.

    Attributes
    ----------
    data_dir
        The data folder.
    identity
        Where people come from: ``demo``, the accounts file; else the rosters.
    """

    data_dir: Path
    identity: Identity

    def people(self) -> Mapping[str, Person]:
        """Return everybody, by name.

        Raises
        ------
        AccountsError
            When a file is missing, malformed or open to others.
        """
        return self._now().by_name

    def person(self, name: str) -> Person | None:
        """Return one person; None for who does not belong here."""
        return self._now().by_name.get(name)

    def instructors(self, class_name: str) -> tuple[str, ...]:
        """List who teaches a class, and so may be invited by its members."""
        return self._now().instructors.get(class_name, ())

    def _now(self) -> "_People":
        files = [accounts_file(self.data_dir)] if self.identity == "demo" else roster_files(self.data_dir)
        return _read(self.data_dir, self.identity, tuple(_state(path) for path in files))


@dataclass(frozen=True)
class _People:
    by_name: Mapping[str, Person]
    instructors: Mapping[str, tuple[str, ...]]


def _state(path: Path) -> tuple[str, int, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return path.name, 0, 0
    # The time of the inode too: whoever opens the file to others must be noticed.
    return path.name, status.st_mtime_ns, status.st_ctime_ns


@lru_cache(maxsize=4)
def _read(data_dir: Path, identity: Identity, files: tuple[tuple[str, int, int], ...]) -> _People:
    if identity == "demo":
        people = [account.person for account in read_accounts(accounts_file(data_dir))]
    else:
        people = read_rosters(data_dir)
    instructors: dict[str, tuple[str, ...]] = {}
    for person in people:
        if person.role is AccountRole.INSTRUCTOR:
            for each in person.classes:
                instructors[each] = (*instructors.get(each, ()), person.name)
    return _People({person.name: person for person in people}, instructors)
