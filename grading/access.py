"""Who may do what: the one reading of JupyterHub's scopes in this service.

===============================  ===================================================================
``custom:grading:submit``        hand in decisions, in one's own name
``custom:grading:read``          read the accounts of ``!user=<name>``, of the members of
                                 ``!group=<class or school>``, or, without a filter, of everybody
``custom:grading:manage``        set rules, import rosters, regrade, for ``!group=<class or school>``,
                                 or, without a filter, for everybody
===============================  ===================================================================

A filter on a school's group holds for every class of that school. Nobody reads or manages across schools without a
scope for each of them, or one without a filter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grading.hub import Hub, Identity
    from grading.people import People

__all__ = ["MANAGE", "READ", "SUBMIT", "Reader", "may_submit"]

SUBMIT = "custom:grading:submit"
READ = "custom:grading:read"
MANAGE = "custom:grading:manage"


def may_submit(identity: Identity) -> bool:
    """Tell whether this identity may hand in decisions in her own name."""
    return identity.is_user and not identity.scopes.isdisjoint({SUBMIT, f"{SUBMIT}!user={identity.name}"})


@dataclass(frozen=True)
class Reader:
    """What an identity may read and manage.

    Parameters
    ----------
    identity
        Whose token it is.
    hub
        Where the members of a group are looked up, only when they are needed.
    people
        Which classes a school has, and who is enrolled in them.
    """

    identity: Identity
    hub: Hub
    people: People

    def _filters(self, kind: str, scope: str = READ) -> tuple[str, ...]:
        prefix = f"{scope}!{kind}="
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
        if self.everybody:
            return tuple(sorted({*self.hub.groups(), *self.people.classes_of_schools(None)}))
        groups = self._filters("group")
        return tuple(sorted({*groups, *self.people.classes_of_schools(groups)}))

    def members(self, class_name: str) -> tuple[str, ...]:
        """Return who is in a class, by its group and by its roster."""
        enrolled = (row.learner for row in self.people.members([class_name]))
        return tuple(sorted({*self.hub.members(class_name), *enrolled}))

    def may_read(self, learner: str) -> bool:
        """Tell whether this learner's account may be read."""
        if self.everybody or learner in self._filters("user"):
            return True
        groups = self._filters("group")
        if not groups:
            return False
        if any(learner in self.hub.members(group) for group in groups):
            return True
        return not set(self.people.classes_of_learner(learner)).isdisjoint(self.classes())

    def learners(self) -> tuple[str, ...] | None:
        """Return whose accounts may be read; None for everybody's."""
        if self.everybody:
            return None
        names = set(self._filters("user"))
        if groups := self._filters("group"):
            for group in groups:
                names.update(self.hub.members(group))
            names.update(row.learner for row in self.people.members(self.classes()))
        return tuple(sorted(names))

    @property
    def manages_all(self) -> bool:
        """Whether every school may be managed."""
        return MANAGE in self.identity.scopes

    @property
    def manages(self) -> bool:
        """Whether any class or school may be managed."""
        return self.manages_all or bool(self._filters("group", MANAGE))

    def may_manage(self, group: str) -> bool:
        """Tell whether a class or a school may be managed."""
        groups = self._filters("group", MANAGE)
        return self.manages_all or group in groups or self.people.school_of_class(group) in groups

    def managed_classes(self) -> tuple[str, ...]:
        """Return the names of the classes that may be managed."""
        if self.manages_all:
            return tuple(sorted({*self.hub.groups(), *self.people.classes_of_schools(None)}))
        groups = self._filters("group", MANAGE)
        return tuple(sorted({*groups, *self.people.classes_of_schools(groups)}))

    def classes_of(self, learner: str) -> tuple[str, ...]:
        """Return the classes that a learner is in, whether or not they may be read."""
        return tuple(sorted({*self.hub.groups_of(learner), *self.people.classes_of_learner(learner)}))
