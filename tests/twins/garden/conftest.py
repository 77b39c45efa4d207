"""Gardens to look at, built once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators import simulate
from simulators.heritage_garden import GARDENS, load_garden
from simulators.heritage_garden.example import example
from twins.garden.scene import build_garden

if TYPE_CHECKING:
    from simulators import Run
    from simulators.heritage_garden import Garden
    from twins.garden.scene import Grounds


@pytest.fixture(scope="session", params=GARDENS)
def shipped(request: pytest.FixtureRequest) -> tuple[Garden, Grounds]:
    """Each garden that is shipped, on a summer morning."""
    garden = load_garden(request.param)
    return garden, build_garden(garden, "summer", 10.0)


@pytest.fixture(scope="session")
def nets() -> Garden:
    """The smallest of them."""
    return load_garden("master_of_the_nets")


@pytest.fixture(scope="session")
def day() -> Run:
    """A day in the example garden, with groups and guides."""
    return simulate(example(), seed=5)
