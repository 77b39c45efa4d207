"""The border: data and settings are checked here, and trusted inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.statistics.errors import SampleError, SettingError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["answer", "finite", "observations", "require", "require_confidence"]


def require(name: str, value: object, holds: bool, bound: str) -> None:
    """Refuse a setting that does not keep its bound.

    Raises
    ------
    SettingError
        ``holds`` is false.
    """
    if not holds:
        raise SettingError(name, value, bound)


def require_confidence(confidence: float) -> None:
    """Refuse a confidence that is no probability strictly between 0 and 1.

    Raises
    ------
    SettingError
        It is not.
    """
    require("confidence", confidence, 0 < confidence < 1, "between 0 and 1, such as 0.95")


def observations(
    name: str, values: ArrayLike, *, dimensions: int = 1, least: int = 1, missing: bool = False
) -> NDArray[np.float64]:
    """Return data as float64, once they are known to be usable.

    Parameters
    ----------
    name
        What the data are called in a message.
    values
        Observations along the first axis.
    dimensions
        How many axes there must be.
    least
        How many observations there must be at least.
    missing
        Whether NaN may stand for a figure that a run does not give.

    Raises
    ------
    SampleError
        The shape is wrong, there are too few observations, or one is not finite.
    """
    array = np.asarray(values, np.float64)
    if array.ndim != dimensions:
        message = f"{name} has shape {array.shape}; it must have {dimensions} axis(es)"
        raise SampleError(message)
    if len(array) < least:
        message = f"{name} holds {len(array)} observation(s); at least {least} are needed"
        raise SampleError(message)
    return finite(name, array, missing=missing)


def finite(name: str, array: NDArray[np.float64], *, first: int = 0, missing: bool = False) -> NDArray[np.float64]:
    """Return data as they are, once they are known to be finite.

    Parameters
    ----------
    name
        What the data are called in a message.
    array
        Observations along the first axis.
    first
        Number of the first observation, for the message.
    missing
        Whether NaN may stand for a figure that a run does not give.

    Raises
    ------
    SampleError
        One is not finite.
    """
    bad = np.isinf(array) if missing else ~np.isfinite(array)
    if bad.any():
        place = tuple(int(index) for index in np.argwhere(bad)[0])
        told = ", ".join(map(str, (first + place[0], *place[1:])))
        message = (
            f"{name}[{told}] = {array[place]} must be a finite number; "
            "lengthen the runs so that each gives one, or leave that measure out"
        )
        raise SampleError(message)
    return array


def answer(call: str, values: ArrayLike, shape: tuple[int | str, ...]) -> NDArray[np.float64]:
    """Return what a sampling callable gave as float64, once its shape is known to be right.

    Whether the values are finite is left to where they are used: a replication beyond need must do no harm.

    Parameters
    ----------
    call
        The call as it was made, for the message.
    values
        What it returned.
    shape
        What it should have; a letter stands for any size from 1.

    Raises
    ------
    SampleError
        The shape is another.
    """
    array = np.asarray(values, np.float64)
    fits = array.ndim == len(shape) and all(
        size > 0 if isinstance(wanted, str) else size == wanted for size, wanted in zip(array.shape, shape, strict=True)
    )
    if not fits:
        wanted = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        message = f"{call} has shape {array.shape}; it must be ({wanted})"
        raise SampleError(message)
    return array
