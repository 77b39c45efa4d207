"""The labs that are offered, read once when the service starts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labs import Catalog, UnknownLabError
from simulators import SimulatorError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from labs import Lab

__all__ = ["Shelf"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shelf:
    """Labs by their names.

    Parameters
    ----------
    labs
        What is offered.
    broken
        Names of the labs that are not offered because their files are malformed.
    """

    labs: Mapping[str, Lab]
    broken: tuple[str, ...] = ()

    @classmethod
    def read(cls, root: Path) -> Shelf:
        """Read every lab of a catalogue; one that is malformed, or has no rubric, is left out and logged."""
        catalog = Catalog(root)
        found, broken = {}, []
        for slug in catalog:
            try:
                lab = catalog.lab(slug)
                catalog.rubric(slug)
            except (SimulatorError, OSError) as error:
                _log.error("lab %s is not offered, mend its files and restart the service: %s", slug, error)
                broken.append(slug)
            else:
                found[slug] = lab
        return cls(found, tuple(broken))

    def lab(self, slug: str) -> Lab:
        """Return a lab.

        Raises
        ------
        UnknownLabError
            Where it is not offered.
        """
        if slug not in self.labs:
            raise UnknownLabError(slug, self.labs)
        return self.labs[slug]
