"""Methods' arguments, and what is answered to those that do not fit."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from asyncua import ua

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators import Command, CommandError

__all__ = ["Argument", "answer_to", "arguments_of", "code_of", "misfits"]

OWN_TYPES: dict[type, ua.VariantType] = {
    bool: ua.VariantType.Boolean,
    int: ua.VariantType.Int64,
    float: ua.VariantType.Double,
    str: ua.VariantType.String,
}

CODES = {
    "type": ua.StatusCodes.BadTypeMismatch,
    "value": ua.StatusCodes.BadOutOfRange,
    "state": ua.StatusCodes.BadInvalidState,
}


@dataclass(frozen=True)
class Argument:
    """An argument of a method: a field of its command.

    Parameters
    ----------
    field
        Its name.
    type
        Its data type.
    optional
        Whether it may be empty: a variant without a value.
    description
        What it is.
    """

    field: str
    type: ua.VariantType
    optional: bool
    description: str

    def as_ua(self) -> ua.Argument:
        """Return it as the server describes it to clients."""
        found = ua.Argument()
        found.Name = self.field
        found.DataType = ua.NodeId(ua.Int32(self.type.value))
        found.ValueRank = ua.Int32(-1)
        found.Description = ua.LocalizedText(self.description)
        return found


def arguments_of(command: type[Command], known: Sequence[str]) -> list[Argument]:
    """Return the arguments of a command, some of whose fields are known."""
    return [
        Argument(name, *_type_of(field.annotation), field.description or "")
        for name, field in command.model_fields.items()
        if name != "command" and name not in known
    ]


def _type_of(annotation: Any) -> tuple[ua.VariantType, bool]:  # noqa: ANN401 - any annotation
    if get_origin(annotation) in (Union, types.UnionType):
        (one,) = [arm for arm in get_args(annotation) if arm is not type(None)]
        return _type_of(one)[0], True
    if get_origin(annotation) is Annotated:
        return _type_of(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return ua.VariantType.String, False
    return OWN_TYPES[annotation], False


def misfits(arguments: Sequence[Argument], given: Sequence[ua.Variant]) -> list[int]:
    """Return a status code for each argument: good, or that its type is another."""
    return [
        ua.StatusCodes.Good
        if value.VariantType == argument.type or (argument.optional and value.Value is None)
        else ua.StatusCodes.BadTypeMismatch
        for argument, value in zip(arguments, given, strict=True)
    ]


def code_of(error: CommandError) -> int:
    """Return the status code for a command that is refused."""
    return CODES[error.fault]


def answer_to(error: CommandError, arguments: Sequence[Argument]) -> ua.CallMethodResult:
    """Return what a method answers whose command is refused: which argument is wrong, and how (OPC UA Part 4, 5.11)."""
    code = code_of(error)
    fields = [argument.field for argument in arguments]
    result = ua.CallMethodResult()
    if error.fault == "state" or error.field not in fields:
        result.StatusCode = ua.StatusCode(ua.UInt32(code))
        return result
    result.StatusCode = ua.StatusCode(ua.UInt32(ua.StatusCodes.BadInvalidArgument))
    result.InputArgumentResults = [
        ua.StatusCode(ua.UInt32(code if name == error.field else ua.StatusCodes.Good)) for name in fields
    ]
    return result
