"""Modules that a single-user server imports and never uses: the hub's database and keys, and a client of web lists.

``jupyterhub.services.auth`` imports the hub's scopes, and those the object-relational mapper: thirty megabytes in every
session; and what encrypts the hub's records of log-ins. ``jupyterlab_server`` imports ``requests`` for lists of allowed
extensions, which no session has: four more. While they are imported, stand-ins take their place; afterwards whoever
imports the modules gets the real ones.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["absent"]

_NAMES = (
    "alembic",
    "cryptography",
    "cryptography.fernet",
    "jupyterhub.orm",
    "requests",
    "sqlalchemy",
    "sqlalchemy.exc",
    "sqlalchemy.orm",
)


class _StandIn(ModuleType):
    """A module with any class one asks for, each of nothing."""

    __path__: list[str] = []  # noqa: RUF012 a module's own

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


@contextmanager
def absent() -> Iterator[None]:
    """Let stand-ins take the place of modules that are never used, where none of them is loaded yet."""
    names = [name for name in _NAMES if name not in sys.modules]
    for name in names:
        sys.modules[name] = _StandIn(name)
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
