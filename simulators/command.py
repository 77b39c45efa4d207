"""What somebody may do to a running plant, and the plant as whoever runs it sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from simulators.errors import CommandError, Fault
from simulators.scenario import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import simpy


__all__ = ["Command", "Plant", "choice", "command_name", "command_of"]

CHOICES_SHOWN = 12


class Command(BaseModel):
    """One thing to be done now; a kind's own models add a ``command`` that names it, and what it is done to.

    Attributes
    ----------
    title
        What people call it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    title: ClassVar[Text]
    command: str

    def refused(self, *, field: str, because: str, fault: Fault = "value") -> CommandError:
        """Return the error that says why a field of this command cannot be followed."""
        return CommandError(field, getattr(self, field), because, fault)


class Plant(Protocol):
    """A plant that is running: SimPy moves it on, commands change it, and anybody may look at it.

    Attributes
    ----------
    env
        SimPy's environment; ``env.now`` is in seconds.
    """

    @property
    def env(self) -> simpy.Environment:
        """SimPy's environment."""

    def apply(self, command: Command, number: int) -> None:
        """Carry a command out at the present moment, and record it under its number.

        Raises
        ------
        CommandError
            It names what is not there, or what cannot be done now; nothing has changed.
        """

    def snapshot(self) -> dict[str, Any]:
        """Return the state of everything, as data that JSON can hold."""


def command_name(command: type[Command]) -> str:
    """Return the name by which a command is given as data."""
    return str(command.model_fields["command"].default)


def command_of(commands: Sequence[type[Command]], data: Mapping[str, Any] | Command) -> Command:
    """Read a command that is given as data.

    Parameters
    ----------
    commands
        Those that the plant's kind knows.
    data
        Its name under ``command``, and its fields.

    Raises
    ------
    CommandError
        There is no such command, or a field is missing, unknown, of another type or out of bounds.
    """
    if isinstance(data, Command):
        if type(data) not in commands:
            raise data.refused(field="command", because=choice(map(command_name, commands)))
        return data
    name = data.get("command")
    for model in commands:
        if command_name(model) == name:
            try:
                return model.model_validate(dict(data))
            except ValidationError as error:
                raise _first(error) from error
    raise CommandError(field="command", value=name, message=choice(map(command_name, commands)))


def choice(names: Iterable[str]) -> str:
    """Say which names there are, not too many of them."""
    known = list(names)
    shown = ", ".join(known[:CHOICES_SHOWN]) + (", …" if len(known) > CHOICES_SHOWN else "")
    return f"is not there; choose one of: {shown}"


def _first(error: ValidationError) -> CommandError:
    detail = error.errors(include_url=False)[0]
    field = ".".join(map(str, detail["loc"]))
    given = None if detail["type"] == "missing" else detail["input"]
    message = detail["msg"].removeprefix("Value error, ")
    fault: Fault = "type" if detail["type"].endswith("_type") else "value"
    return CommandError(field, given, message[0].lower() + message[1:], fault)
