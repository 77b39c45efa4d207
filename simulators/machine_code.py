"""How Python functions become machine code: by Numba, kept on disk under a digest of what they are made of.

Numba itself looks only whether a function's own file has changed. What is inlined comes from other files; a change
there would go unnoticed, and an engine would go on running old rules. The digest covers the function's own folder, the
``events.py`` above it, and the kernel's modules of machine code: compiled code takes functions and constants from
nowhere else.
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = TypeVar("Function", bound=Callable[..., Any])

__all__ = ["KERNEL", "compiled", "inlined", "remove_stale"]

_config: Any = numba.config  # whose settings a type checker does not see
_njit: Any = numba.njit  # nor all its options
_ROOT = Path(__file__).parent
_KEPT = _ROOT / "__pycache__" / "machine_code"

KERNEL = ("borrowing", "draw_blocks", "event_heap", "machine_code", "row_buffer", "winner_tree")
"""Modules of this room's top whose functions any compiled code may use."""


def compiled(function: Function) -> Function:
    """Make machine code of a function that Python calls, or that machine code calls now and then."""
    return _made(function)


def inlined(function: Function) -> Function:
    """Make a function part of whatever machine code calls it; Python cannot call it, which halves the compiling."""
    return _made(function, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def remove_stale() -> None:
    """Remove the machine code of other versions than those that this process has loaded."""
    current = {_folder(path) for path in _folders_seen()}
    for kept in _KEPT.glob("*"):
        if kept not in current:
            for path in sorted(kept.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            kept.rmdir()


def _made(function: Function, **options: bool) -> Function:
    chosen = _config.CACHE_DIR
    if not chosen:  # no NUMBA_CACHE_DIR: read by Numba when a function is decorated, so set for that moment
        _config.CACHE_DIR = str(_folder(Path(function.__code__.co_filename).parent))
    try:
        return cast("Function", _njit(cache=True, **options)(function))
    finally:
        _config.CACHE_DIR = chosen


def _folders_seen() -> set[Path]:
    files = (
        getattr(module, "__file__", None) for name, module in sys.modules.items() if name.startswith("simulators.")
    )
    return {Path(file).parent for file in files if file}


@cache
def _folder(source: Path) -> Path:
    sha = hashlib.sha256(numba.__version__.encode())
    sources = {*source.glob("*.py"), *(_ROOT / f"{name}.py" for name in KERNEL)}
    if source != _ROOT and (source.parent / "events.py").exists():
        sources.add(source.parent / "events.py")
    if source == _ROOT:
        sources = {_ROOT / f"{name}.py" for name in KERNEL}
    for path in sorted(sources):
        sha.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return _KEPT / sha.hexdigest()[:16]
