"""Policies on their way to the replications of a study.

Every replication gets copies of its own, wherever it runs: what a policy remembers never passes from one replication
to the next, so a study is the same whoever runs it. Functions of a notebook travel whole, with the globals that they
use; functions of a module are imported again at the other end.
"""

from __future__ import annotations

import io
import marshal
from types import CodeType
from typing import TYPE_CHECKING, Any

import cloudpickle

from simulators.errors import PolicyError
from simulators.policy import Policy, definition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["packed", "unpacked"]


def packed(policies: Mapping[str, Callable[..., object]]) -> tuple[tuple[str, bytes], ...]:
    """Return policies by decision point as bytes.

    Raises
    ------
    PolicyError
        One is no function, or holds what cannot be copied.
    """
    parcels = []
    for point, function in policies.items():
        Policy(point, function)
        parcel = io.BytesIO()
        try:
            _Pickler(parcel).dump(function)
        except Exception as error:
            message = (
                f"cannot be copied for every replication ({type(error).__name__}: {error}); "
                "keep open files, locks, generators and running simulations out of it"
            )
            raise PolicyError(point, *definition(function), message) from error
        parcels.append((point, parcel.getvalue()))
    return tuple(parcels)


def unpacked(parcels: tuple[tuple[str, bytes], ...]) -> dict[str, Callable[..., object]]:
    """Return fresh copies of the policies.

    Raises
    ------
    PolicyError
        One comes from a module that cannot be imported here.
    """
    policies = {}
    for point, parcel in parcels:
        try:
            policies[point] = cloudpickle.loads(parcel)
        except Exception as error:
            message = (
                f"cannot be made again in the worker ({type(error).__name__}: {error}); "
                "define it in the notebook or script itself, or install its module where the workers run"
            )
            raise PolicyError(point, "", 0, message) from error
    return policies


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc] # it has no types
    """Leaves code the name of its file, by which errors tell the student's own line; cloudpickle drops it."""

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401 - see pickle
        if isinstance(value, CodeType):
            return marshal.loads, (marshal.dumps(value),)
        return super().reducer_override(value)
