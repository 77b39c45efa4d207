"""Read a YAML file as a pydantic model, and say file, line, field, value and bound where it does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from simulators.errors import DocumentError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["problems_of", "read", "read_mapping"]

T = TypeVar("T")
LONGEST_VALUE = 80
OWN_WORDS = {
    "extra_forbidden": "is not a field here; check its spelling or remove it",
    "missing": "is missing; write it",
}


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
    for detail in error.errors(include_url=False):
        field, line = _locate(detail["loc"], node)
        message = OWN_WORDS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
        value = "" if detail["type"] == "missing" else _shown(detail["input"])
        yield Problem(file, line, field, value, message)


def _shown(value: object) -> str:
    if isinstance(value, dict | list | tuple | BaseModel):
        return ""
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _locate(loc: Sequence[int | str], node: yaml.Node | None) -> tuple[str, int]:
    """Walk ``loc`` down the nodes; parts that are only tags of a union are not in the file and are left out."""
    if node is None:
        return ".".join(map(str, loc)), 0
    line = node.start_mark.line + 1
    names: list[str] = []
    for position, part in enumerate(loc):
        child = _child(node, part)
        if child is None:
            if position == len(loc) - 1:  # a missing or unknown field: keep its name
                names.append(str(part))
            continue
        node, line = child
        names.append(str(part))
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
