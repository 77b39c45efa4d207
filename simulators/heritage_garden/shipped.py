"""The gardens that are shipped, and gardens in files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from simulators.document import read
from simulators.heritage_garden.garden import Garden

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["GARDENS", "load_garden"]

FOLDER = Path(__file__).parent / "gardens"

GARDENS: Sequence[str] = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
"""Names of the gardens that are shipped."""


def load_garden(name: Path | str) -> Garden:
    """Return a garden.

    Parameters
    ----------
    name
        Name of a garden that is shipped, or a YAML file.

    Raises
    ------
    ValueError
        No garden of that name is shipped.
    simulators.DocumentError
        The file does not hold a garden; names file, line and scene.

    Examples
    --------
    >>> load_garden("master_of_the_nets").title.en
    'Master-of-the-Nets Garden'
    """
    if isinstance(name, Path):
        return read(name, Garden)
    if name not in GARDENS:
        message = f"garden = {name!r} is not shipped; choose from: {', '.join(GARDENS)}, or write the garden here"
        raise ValueError(message)
    return _load(name)


@cache
def _load(name: str) -> Garden:
    return read(FOLDER / f"{name}.yaml", Garden)
