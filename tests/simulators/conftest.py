"""The queue, a simulator for tests, known only while a test asks for it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from simulators import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

# Worker processes must be able to import it, so it lies where they find it under a name of its own.
sys.path.append(str(Path(__file__).parent))
queue_kind = importlib.import_module("queue_kind")
SIMULATOR = KINDS.pop("queue")


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Makes queues; without arguments M/M/1 at load 0.5 with services of 1 s."""
    monkeypatch.setitem(KINDS, "queue", SIMULATOR)
    make: Callable[..., Any] = queue_kind.queue
    return make
