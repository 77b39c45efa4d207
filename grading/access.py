"""Who may do what: the one reading of JupyterHub's scopes in this service.

===============================  ===================================================================
``custom:grading:submit``        hand in decisions, in one's own name
``custom:grading:read``          read the accounts of ``!user=<name>``, of the members of
                                 ``!group=<class>``, or, without a filter, of everybody
===============================  ===================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grading.hub import Hub, Identity

__all__ = ["READ", "SUBMIT", "Reader", "may_submit"]

SUBMIT = "custom:grading:submit"
READ = "custom:grading:read"


def may_submit(identity: Identity) -> bool:
    """Tell whether this identity may hand in decisions in her own name."""
    return identity.is_user and not identity.scopes.isdisjoint({SUBMIT, f"{SUBMIT}!user={identity.name}"})


@dataclass(frozen=True)
class Reader:
    """What an identity may read.

    Parameters
    ----------
    identity
        Whose token it is.
    hub
        Where the members of a class are looked up, only when they are needed.
    """

    identity: Identity
    hub: Hub

    def _filters(self, kind: str) -> tuple[str, ...]:
        prefix = f"{READ}!{kind}="
        return tuple(sorted(s.removeprefix(prefix) for s in self.identity.scopes if s.startswith(prefix)))

    @property
    def everybody(self) -> bool:
        """Whether every account may be read."""
        return READ in self.identity.scopes

    @property
    def anybody(self) -> bool:
        """Whether any account may be read at all."""
        return self.everybody or bool(self._filters("user") or self._filters("group"))

    @property
    def teaches(self) -> bool:
        """Whether whole classes may be read."""
        return self.everybody or bool(self._filters("group"))

    def classes(self) -> tuple[str, ...]:
        """Return the names of the classes that may be read."""
        return self.hub.groups() if self.everybody else self._filters("group")

    def may_read(self, learner: str) -> bool:
        """Tell whether this learner's account may be read."""
        if self.everybody or learner in self._filters("user"):
            return True
        return any(learner in self.hub.members(group) for group in self._filters("group"))

    def learners(self) -> tuple[str, ...] | None:
        """Return whose accounts may be read; None for everybody's."""
        if self.everybody:
            return None
        names = set(self._filters("user"))
        for group in self._filters("group"):
            names.update(self.hub.members(group))
        return tuple(sorted(names))
