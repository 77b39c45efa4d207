"""The source of a function that a student has written in a notebook, with whatever it needs, as one module.

A policy is graded where her notebook is not: the module holds the function, the other functions of hers that it calls,
the plain values it reads and the modules it has imported, and nothing else.
"""

from __future__ import annotations

import ast
import dis
import hashlib
import inspect
import linecache
import textwrap
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from labs.errors import DecisionError, FieldError
from labs.policy import POLICY, faults
from simulators import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from labs.lab import Lab

__all__ = ["functions_of", "source_of"]

_FILE = "<policy {number}>"


def source_of(policy: object, lab: Lab) -> str:
    """Return a policy as the source of a module.

    Parameters
    ----------
    policy
        The source itself; or a function, for a lab with one decision point; or functions by decision point.
    lab
        The lab that it is for.

    Raises
    ------
    labs.DecisionError
        It is none of these, or leans on something that cannot travel with it.
    """
    if isinstance(policy, str):
        return policy
    points = [slot.point for slot in lab.policies]
    if callable(policy) and len(points) == 1:
        policy = {points[0]: policy}
    if not isinstance(policy, dict) or not policy:
        wanted = ", ".join(slot.signature for slot in lab.policies)
        raise _refused(repr(policy), wanted, f"请给出函数：{wanted}。", f"Give the functions: {wanted}.")
    module = _Module()
    for function in policy.values():
        module.add(function)
    named = [f"{point} = {function.__name__}\n" for point, function in policy.items() if function.__name__ != point]
    return "\n".join([*module.parts(), *named])


def functions_of(source: str, lab: Lab) -> dict[str, Callable[..., object]]:
    """Return the functions that a source defines, as they will be graded; errors in them tell its lines.

    Raises
    ------
    labs.DecisionError
        The source does not define what the lab asks for.
    """
    errors = faults(source, lab.policies, lab.file.policy_limits)
    if errors:
        raise DecisionError(errors)
    file = _FILE.format(number=hashlib.sha256(source.encode()).hexdigest()[:8])
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"__name__": POLICY}
    exec(compile(source, file, "exec"), namespace)  # noqa: S102 - her own code, in her own session
    return {slot.point: namespace[slot.point] for slot in lab.policies}


class _Module:
    """A module that grows by functions and by what they need."""

    def __init__(self) -> None:
        self._heads: dict[str, str] = {}
        self._bodies: dict[str, str] = {}

    def parts(self) -> Iterator[str]:
        """Return imports and values, then the functions in the order in which they were added."""
        if self._heads:
            yield "\n".join(self._heads.values()) + "\n"
        yield from self._bodies.values()

    def add(self, function: object) -> None:
        """Add a function, and what it needs."""
        if not isinstance(function, FunctionType) or function.__name__ == "<lambda>":
            raise _refused(repr(function), "def", "请用 def 写一个函数。", "Write a function with def.")
        name = function.__name__
        if name in self._bodies:
            return
        if function.__closure__:
            raise _refused(
                name,
                "def",
                f"{name} 写在另一个函数里面；请写在单元格的最外层。",
                f"{name} stands inside another function; write it at the top of a cell.",
            )
        try:
            text = textwrap.dedent(inspect.getsource(function))
        except (OSError, TypeError) as error:
            raise _refused(
                name,
                "def",
                f"找不到 {name} 的代码；请重新运行定义它的单元格。",
                f"The code of {name} is not to be found; run the cell that defines it again.",
            ) from error
        self._bodies[name] = text
        for needed in dict.fromkeys((*_read_by(function.__code__), *_read_by_head(text))):
            if needed in function.__globals__ and needed != name:
                self._need(needed, function.__globals__, function.__name__)

    def _need(self, name: str, known: Mapping[str, Any], asker: str) -> None:
        value = known[name]
        if isinstance(value, ModuleType):
            self._heads[name] = f"import {value.__name__}" + ("" if value.__name__ == name else f" as {name}")
        elif isinstance(value, FunctionType) and value.__globals__ is known:
            self.add(value)
        elif (module := getattr(value, "__module__", None)) and getattr(value, "__qualname__", "").isidentifier():
            if module == known.get("__name__"):
                raise _cannot_travel(asker, name)
            own = value.__qualname__
            self._heads[name] = f"from {module} import {own}" + ("" if own == name else f" as {name}")
        elif _is_plain(value):
            self._heads[name] = f"{name} = {value!r}"
        else:
            raise _cannot_travel(asker, name)


def _read_by(code: CodeType) -> Iterator[str]:
    """Return the global names that code reads, in the functions within it as well."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _read_by(constant)


def _read_by_head(text: str) -> Iterator[str]:
    """Return the names in a function's defaults, annotations and decorators, which are read where it is defined."""
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)  # noqa: S101 - it was one
    arguments = function.args
    parts = [
        *function.decorator_list,
        *arguments.defaults,
        *(default for default in arguments.kw_defaults if default),
        *(each.annotation for each in (*arguments.args, *arguments.kwonlyargs) if each.annotation),
        *([function.returns] if function.returns else []),
    ]
    for part in parts:
        yield from (node.id for node in ast.walk(part) if isinstance(node, ast.Name))


def _is_plain(value: object) -> bool:
    """Tell whether a value's own text makes it again."""
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False


def _cannot_travel(asker: str, name: str) -> DecisionError:
    return _refused(
        name,
        "numbers, texts, lists, functions",
        f"{asker} 用到了笔记本里的 {name}，它不能随策略提交；请把它写进函数里。",
        f"{asker} uses {name} of the notebook, which cannot be handed in with it; put it into the function.",
    )


def _refused(value: str, bound: str, zh: str, en: str) -> DecisionError:
    return DecisionError([FieldError(POLICY, value[:40], bound, Text(zh=zh, en=en))])
