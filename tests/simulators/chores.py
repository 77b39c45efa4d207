"""Work for workers to do, or to die of."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

from simulators import UnknownKpiError

if TYPE_CHECKING:
    from pathlib import Path


def square(number: int) -> int:
    return number * number


def process(_: int) -> int:
    return os.getpid()


def die_the_first_time(task: tuple[int, Path]) -> int:
    number, mark = task
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def leave(number: int) -> int:
    os._exit(number)


def fail(number: int) -> int:
    raise UnknownKpiError("happiness " + str(number), ["throughput"])


class HomeboundError(Exception):
    def __reduce__(self) -> Any:
        raise TypeError


def fail_unspeakably(number: int) -> int:
    raise HomeboundError("number " + str(number))
