"""Schools, their classes and who is enrolled: the tenants of the service.

JupyterHub says who somebody is and, by scopes on groups, what she may do; a school and a class bear the names of their
groups. Members of a class are those of its group and those enrolled here by a roster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grading import reasons
from grading.tables import classes, enrolments, schools

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from grading.database import Database

__all__ = ["Enrolment", "People", "School"]


@dataclass(frozen=True)
class School:
    """A school and how it counts hours.

    Parameters
    ----------
    name
        Name of its JupyterHub group.
    title
        What people call it.
    hours_per_credit
        Class hours that make one credit.
    pass_share
        Share of a lab's points, from 0 to 1, from which its hours count.
    """

    name: str
    title: str
    hours_per_credit: float = 16.0
    pass_share: float = 0.6


@dataclass(frozen=True)
class Enrolment:
    """A learner in a class.

    Parameters
    ----------
    class_name
        Name of the class.
    learner
        JupyterHub name.
    student_number
        Number that the school gave (学号).
    full_name
        Name that people call her.
    """

    class_name: str
    learner: str
    student_number: str
    full_name: str


class People:
    """The store of schools, classes and enrolments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def schools(self) -> list[School]:
        """Return every school, by name."""
        with self._database.reading() as connection:
            return [School(**row._mapping) for row in connection.execute(sa.select(schools).order_by(schools.c.name))]

    def school(self, name: str) -> School | None:
        """Return one school."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(schools).where(schools.c.name == name)).one_or_none()
        return School(**row._mapping) if row else None

    def put_school(self, school: School) -> None:
        """Add a school, or change what it is called and how it counts."""
        row = vars(school)
        insert = sqlite.insert if self._database.sqlite else postgresql.insert
        with self._database.writing() as connection:
            connection.execute(insert(schools).values(row).on_conflict_do_update(index_elements=["name"], set_=row))

    def classes_of_schools(self, names: Collection[str] | None) -> list[str]:
        """Return the classes of some schools; of every school for None."""
        wanted = sa.select(classes.c.name).order_by(classes.c.name)
        if names is not None:
            wanted = wanted.where(classes.c.school.in_(sorted(names)))
        with self._database.reading() as connection:
            return list(connection.execute(wanted).scalars())

    def school_of_class(self, class_name: str) -> str | None:
        """Return the school of a class; None where no roster has named it."""
        with self._database.reading() as connection:
            return connection.execute(
                sa.select(classes.c.school).where(classes.c.name == class_name)
            ).scalar_one_or_none()

    def school_of_learner(self, learner: str) -> School | None:
        """Return the school in which a learner is enrolled; of several the first by name."""
        wanted = (
            sa.select(schools)
            .join(classes, classes.c.school == schools.c.name)
            .join(enrolments, enrolments.c.class_name == classes.c.name)
            .where(enrolments.c.learner == learner)
            .order_by(schools.c.name)
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return School(**row._mapping) if row else None

    def classes_of_learner(self, learner: str) -> list[str]:
        """Return the classes in which a learner is enrolled."""
        with self._database.reading() as connection:
            return list(
                connection.execute(
                    sa.select(enrolments.c.class_name)
                    .where(enrolments.c.learner == learner)
                    .order_by(enrolments.c.class_name)
                ).scalars()
            )

    def members(self, class_names: Collection[str]) -> list[Enrolment]:
        """Return who is enrolled in some classes, by class and student number."""
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(enrolments)
                .where(enrolments.c.class_name.in_(sorted(class_names)))
                .order_by(enrolments.c.class_name, enrolments.c.student_number)
            ).all()
        return [_enrolment(row) for row in rows]

    def names(self, learners: Collection[str]) -> dict[str, str]:
        """Return the full names of learners, where a roster has given them."""
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(enrolments.c.learner, enrolments.c.full_name).where(
                    enrolments.c.learner.in_(sorted(learners))
                )
            ).all()
        return {row.learner: row.full_name for row in rows}

    def foreign(self, school: str, learners: Collection[str], group_members: Collection[str]) -> list[str]:
        """Return those whom a school may not enrol, because they are not, or not only, its own.

        A school's own are accounts that begin with its name and a hyphen, the members of its JupyterHub group, and
        those whom it has enrolled before: a roster must never open the account of another school's learner.
        """
        others = [other.name for other in self.schools() if other.name != school]
        wanted = sa.select(enrolments.c.learner, classes.c.school).join(
            classes, classes.c.name == enrolments.c.class_name
        )
        with self._database.reading() as connection:
            rows = connection.execute(wanted.where(enrolments.c.learner.in_(sorted(learners)))).all()
        enrolled = {row.learner for row in rows if row.school == school}
        elsewhere = {row.learner for row in rows if row.school != school}

        def own(learner: str) -> bool:
            if learner in elsewhere:
                return False
            if learner in enrolled or learner in group_members:
                return True
            longer = [other for other in others if len(other) > len(school) and learner.startswith(f"{other}-")]
            return learner.startswith(f"{school}-") and not longer

        return sorted(learner for learner in set(learners) if not own(learner))

    def enrol(self, school: str, roster: Sequence[Enrolment]) -> None:
        """Make the classes of a roster hold exactly who stands in it, all or nothing.

        Parameters
        ----------
        school
            Name of the school, which must exist; new classes become its own.
        roster
            Checked by `grading.roster.read`; classes that it does not name stay as they are.

        Raises
        ------
        ValueError
            Where a class of the roster belongs to another school.
        """
        names = sorted({row.class_name for row in roster})
        insert = sqlite.insert if self._database.sqlite else postgresql.insert
        with self._database.writing() as connection:
            for name in names:
                row = {"name": name, "school": school, "title": name}
                connection.execute(insert(classes).values(row).on_conflict_do_nothing())
            foreign = connection.execute(
                sa.select(classes.c.name).where(classes.c.name.in_(names), classes.c.school != school)
            ).scalars()
            if others := list(foreign):
                raise ValueError(reasons.CLASS_TAKEN % {"names": ", ".join(others)})
            connection.execute(sa.delete(enrolments).where(enrolments.c.class_name.in_(names)))
            if roster:
                connection.execute(sa.insert(enrolments), [vars(row) for row in roster])


def _enrolment(row: sa.Row[Any]) -> Enrolment:
    return Enrolment(**row._mapping)
