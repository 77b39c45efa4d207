"""One person of the training base, and the groups that follow from who she is."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

__all__ = ["LABELS", "AccountRole", "Person"]


class AccountRole(StrEnum):
    """What an account may do, see `hub_config.roles`."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"
    SCHOOL_ADMINISTRATOR = "school-administrator"
    PLATFORM_ADMINISTRATOR = "platform-administrator"


LABELS = {
    AccountRole.STUDENT: ("学生", "Student"),
    AccountRole.INSTRUCTOR: ("教师", "Instructor"),
    AccountRole.SCHOOL_ADMINISTRATOR: ("学校管理员", "School administrator"),
    AccountRole.PLATFORM_ADMINISTRATOR: ("平台管理员", "Platform administrator"),
}


class Person(BaseModel):
    """One person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    role: AccountRole
    full_name: str = ""
    school: str = ""
    classes: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The JupyterHub groups she belongs to: her school, and a student's classes.

        An instructor teaches classes without being a member: what is asked about a class is asked about its students.
        """
        member_of = self.classes if self.role is AccountRole.STUDENT else ()
        return (*member_of, self.school) if self.school else ()
