"""A plant as OPC UA shows it, described without OPC UA: things with values that can be read, and things to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from simulators import Command, Text

__all__ = ["UNLIMITED", "Action", "Data", "Kind", "Snapshot", "Thing", "Value"]

Snapshot: TypeAlias = Mapping[str, Any]
Data: TypeAlias = dict[str, Any]
Kind = Literal["Boolean", "Int64", "Double", "String"]

UNLIMITED = -1
"""How a number is shown that has no limit: OPC UA's whole numbers have no "none"."""


@dataclass(frozen=True)
class Value:
    """A value of a thing.

    Parameters
    ----------
    name
        Its browse name.
    kind
        Its data type.
    read
        Takes it from the twin's snapshot.
    write
        Makes the command that sets it; None: it can only be read.
    """

    name: str
    kind: Kind
    read: Callable[[Snapshot], Any]
    write: Callable[[Any], Data] | None = None


@dataclass(frozen=True)
class Action:
    """Something to do: a command, some of whose fields are known from where it stands.

    Parameters
    ----------
    name
        Its browse name.
    command
        The command's model; the fields that are not known become arguments.
    known
        The others.
    """

    name: str
    command: type[Command]
    known: Mapping[str, Any]


@dataclass(frozen=True)
class Thing:
    """Something in the plant.

    Parameters
    ----------
    name
        Its browse name.
    type
        What it is: the name of its type.
    title
        What people call it.
    values, actions, parts
        What there is to it.
    place
        Name of its place in the journal, empty where it has none.
    """

    name: str
    type: str
    title: Text | None = None
    values: tuple[Value, ...] = ()
    actions: tuple[Action, ...] = ()
    parts: tuple[Thing, ...] = ()
    place: str = ""
