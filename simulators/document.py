"""Read a YAML file as a pydantic model, and say file, line, field, value and bound where it does not fit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from simulators.errors import DocumentError, Problem
from simulators.faults import UNSOUND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["problems_of", "read", "read_mapping"]

T = TypeVar("T")
LONGEST_VALUE = 80
OWN_WORDS = {
    "extra_forbidden": "is not a field here; check its spelling or remove it",
    "missing": "is missing; write it",
}
FIELD = re.compile(r"[a-z]\w*(?:\.\w+)*(?= = |: )")  # what a message on a whole model begins with


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"key {key.value!r} stands here a second time", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_mapping(path: Path | str) -> tuple[dict[str, Any], yaml.Node]:
    """Read a YAML file whose top is a mapping.

    Parameters
    ----------
    path
        The file, UTF-8.

    Returns
    -------
    The data, and the YAML nodes that know their lines.

    Raises
    ------
    DocumentError
        The file cannot be read, is not YAML, repeats a key, or its top is not a mapping.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            data = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except OSError as error:
        raise DocumentError([Problem(str(path), 0, "", "", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise DocumentError([Problem(str(path), 0, "", "", f"is not UTF-8: {error.reason}")]) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        what = getattr(error, "problem", None) or str(error)
        raise DocumentError([Problem(str(path), line, "", "", f"is not valid YAML: {what}")]) from error
    if node is None or not isinstance(data, dict):
        message = "must hold a mapping of fields (name: value) at its top"
        raise DocumentError([Problem(str(path), 1, "", "", message)])
    return data, node


def read(path: Path | str, model: type[T]) -> T:
    """Read a YAML file as ``model``.

    Parameters
    ----------
    path
        The file.
    model
        A pydantic model, or any type that pydantic can validate.

    Returns
    -------
    The validated, usually frozen, model.

    Raises
    ------
    DocumentError
        With one problem for every field that does not fit.
    """
    data, node = read_mapping(path)
    try:
        return TypeAdapter(model).validate_python(data)
    except ValidationError as error:
        raise DocumentError(problems_of(error, str(path), node)) from error


def problems_of(error: ValidationError, file: str, node: yaml.Node | None = None) -> Iterator[Problem]:
    """Turn pydantic's errors into ours.

    Parameters
    ----------
    error
        What pydantic found.
    file
        The name to show.
    node
        The document's YAML nodes, for the lines; without them lines are 0.
    """
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "too_short" and any(_lies_in(other["loc"], detail["loc"]) for other in details):
            continue  # pydantic has not counted the items that are wrong themselves
        kind, given = detail["type"], detail["input"]
        message = OWN_WORDS.get(kind) or detail["msg"].removeprefix("Value error, ")
        field, line = _locate(detail["loc"], node, kind, message)
        value = "" if kind == "missing" or (kind == UNSOUND and given is None) else _shown(given)
        yield Problem(file, line, field, value, message)


def _lies_in(inner: tuple[int | str, ...], outer: tuple[int | str, ...]) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _shown(value: object) -> str:
    if isinstance(value, dict | list | tuple | BaseModel):
        return ""
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _locate(loc: Sequence[int | str], node: yaml.Node | None, kind: str, message: str) -> tuple[str, int]:
    """Walk ``loc`` down the nodes; parts that are only tags of a union are not in the file and are left out.

    The line is that of the field with which the message begins, where it is about a whole model.
    """
    if node is None:
        return ".".join(map(str, loc)), 0
    line = node.start_mark.line + 1
    names: list[str] = []
    for position, part in enumerate(loc):
        child = _child(node, part)
        if child is not None:
            node, line = child
        # What is missing, or has its default value, is not in the file either, but has a name.
        if child is not None or kind == UNSOUND or (kind == "missing" and position == len(loc) - 1):
            names.append(str(part))
    if isinstance(node, yaml.MappingNode) and (begins := FIELD.match(message)):
        for name in begins[0].split("."):
            child = _child(node, int(name) if name.isdigit() else name)
            if child is None:
                break
            node, line = child
    return ".".join(names), line


def _child(node: yaml.Node, part: int | str) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        value = node.value[part]
        return value, value.start_mark.line + 1
    return None
