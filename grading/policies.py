"""Decisions with a policy: levers, and a student's own Python functions for the lab's decision points."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs import DecisionError
from labs.errors import FieldError
from simulators import Text

if TYPE_CHECKING:
    from labs import Lab

__all__ = ["POLICY", "complete", "levers_of"]

POLICY = "policy"
_MOST_CHARACTERS = 16_000


def levers_of(decision: Mapping[str, Any]) -> dict[str, Any]:
    """Return a decision without its policy."""
    return {name: value for name, value in decision.items() if name != POLICY}


def complete(lab: Lab, decision: object) -> dict[str, Any]:
    """Return a decision with every lever named, and with its policy where the lab asks for one.

    Raises
    ------
    labs.DecisionError
        Naming every field that does not fit.
    """
    if not lab.policies or not isinstance(decision, Mapping):
        return dict(lab.check(decision))
    errors: list[FieldError] = []
    levers: dict[str, Any] = {}
    try:
        levers = dict(lab.check(levers_of(decision)))
    except DecisionError as error:
        errors += error.errors
    source = decision.get(POLICY)
    errors += _wrong(source, [slot.point for slot in lab.policies])
    if errors:
        raise DecisionError(errors)
    return {**levers, POLICY: source}


def _wrong(source: object, points: list[str]) -> list[FieldError]:
    wanted = ", ".join(f"def {point}(…)" for point in points)
    if not isinstance(source, str) or not source.strip():
        return [_error(repr(source)[:40], wanted, f"请写出函数：{wanted}。", f"Write the functions: {wanted}.")]
    if len(source) > _MOST_CHARACTERS:
        bound = f"≤ {_MOST_CHARACTERS}"
        zh, en = f"策略最多 {_MOST_CHARACTERS} 个字符。", f"A policy has at most {_MOST_CHARACTERS} characters."
        return [_error(str(len(source)), bound, zh, en)]
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 0
        said = getattr(error, "msg", None) or str(error) or type(error).__name__
        return [_error(f"line {line}", "Python", f"第 {line} 行有语法错误：{said}。", f"Line {line}: {said}.")]
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    missing = [point for point in points if point not in names]
    if missing:
        bound = ", ".join(f"def {point}(…)" for point in missing)
        return [_error(", ".join(sorted(names))[:40], bound, f"缺少函数：{bound}。", f"Missing: {bound}.")]
    return []


def _error(value: str, bound: str, zh: str, en: str) -> FieldError:
    return FieldError(POLICY, value, bound, Text(zh=zh, en=en))
