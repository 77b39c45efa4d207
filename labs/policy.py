"""Policies: a student's own Python functions for the lab's decision points, as part of her decision.

A decision of a lab with policies may hold ``policy``, the source of one module that defines the functions. It is
checked where it is written (notebook) and again before it is queued (service).
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from labs.errors import FieldError
from simulators import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["POLICY", "PolicyLimits", "PolicySlot", "faults", "levers_of"]

POLICY = "policy"


class PolicyLimits(BaseModel):
    """What the policy of a submission may use."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    characters: PositiveInt = Field(default=16_000, le=16_000, description="longest source")
    answer_s: PositiveFloat = Field(default=2.0, le=10.0, description="longest time for one answer, in seconds")
    total_s: PositiveFloat = Field(default=60.0, le=60.0, description="longest time for all answers, in seconds")


class PolicySlot(BaseModel):
    """A decision point of the simulator at which the student's own Python function decides."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    point: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="decision point, and name of the function")
    label: Text
    arguments: tuple[str, ...] = Field(default=(), description="what the function is asked with, in order; for people")
    starter: Text | None = Field(default=None, description="code to begin with, its comments in each language")

    @property
    def signature(self) -> str:
        """How the function begins."""
        return f"def {self.point}({', '.join(self.arguments) or '…'})"

    @model_validator(mode="after")
    def _starter_fits(self) -> Self:
        for code in (self.starter.zh, self.starter.en) if self.starter else ():
            for error in faults(code, [self], PolicyLimits()):
                message = f"starter: {error.message.en}"
                raise ValueError(message)
        return self


def levers_of(decision: Mapping[str, Any]) -> dict[str, Any]:
    """Return a decision without its policy."""
    return {name: value for name, value in decision.items() if name != POLICY}


def faults(source: object, slots: tuple[PolicySlot, ...] | list[PolicySlot], limits: PolicyLimits) -> list[FieldError]:
    """Return what is wrong with the source of a policy, before anybody runs it."""
    wanted = "; ".join(slot.signature for slot in slots)
    if not isinstance(source, str) or not source.strip():
        return [_error(repr(source)[:40], wanted, f"请写出函数：{wanted}。", f"Write the functions: {wanted}.")]
    if len(source) > limits.characters:
        bound = f"≤ {limits.characters}"
        zh, en = f"策略最多 {limits.characters} 个字符。", f"A policy has at most {limits.characters} characters."
        return [_error(str(len(source)), bound, zh, en)]
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 0
        said = getattr(error, "msg", None) or str(error) or type(error).__name__
        return [_error(f"line {line}", "Python", f"第 {line} 行有语法错误：{said}。", f"Line {line}: {said}.")]
    errors = list(_strangers(tree))
    defined = set(_defined(tree))
    missing = "; ".join(slot.signature for slot in slots if slot.point not in defined)
    if missing:
        errors.append(
            _error(", ".join(sorted(defined))[:40], missing, f"缺少函数：{missing}。", f"Missing: {missing}.")
        )
    return errors


def _defined(tree: ast.Module) -> Iterator[str]:
    """Return the names that a module may give to functions."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _strangers(tree: ast.Module) -> Iterator[FieldError]:
    """Return the imports that are not there where policies are graded: it has the standard library only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or "."]
        else:
            continue
        for module in modules:
            if module.partition(".")[0] not in sys.stdlib_module_names:
                yield _error(
                    f"line {node.lineno}: {module}"[:40],
                    "standard library",
                    f"第 {node.lineno} 行：评分时没有模块 {module}，策略只能使用 Python 标准库。",
                    f"Line {node.lineno}: there is no module {module} where policies are graded; "
                    "use Python's standard library only.",
                )


def _error(value: str, bound: str, zh: str, en: str) -> FieldError:
    return FieldError(POLICY, value, bound, Text(zh=zh, en=en))
