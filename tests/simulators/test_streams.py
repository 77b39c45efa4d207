from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators import Streams
from simulators.distributions import UNIT, Exponential
from simulators.streams import _inverted


@settings(deadline=None)
@given(st.integers(0, 2**130), st.integers(0, 2**40), st.text(max_size=40))
def test_a_stream_depends_on_seed_replication_and_name_alone(seed: int, replication: int, name: str) -> None:
    first = Streams(seed, replication).stream(name).random(4).tolist()
    streams = Streams(seed, replication)
    streams.stream("somebody else").random(100)
    assert streams.stream(name).random(4).tolist() == first


def test_streams_differ_by_seed_replication_and_name() -> None:
    drawn = {
        Streams(seed, replication).stream(name).random()
        for seed in range(3)
        for replication in range(3)
        for name in ("a", "b", "a.b")
    }
    assert len(drawn) == 27


def test_numbers_stay_the_same_for_ever() -> None:
    """Recorded outcomes are recomputed from seeds, so these numbers must never change."""
    assert Streams(7, 2).stream("station.reflow.service").integers(0, 10**6, 3).tolist() == [378879, 604321, 388710]


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True])
def test_what_is_not_a_natural_number_is_refused(seed: object) -> None:
    with pytest.raises(ValueError, match=r"seed = .* must be an integer ≥ 0"):
        Streams(seed)  # type: ignore[arg-type]


def test_antithetic_replications_are_pairs_of_opposite_luck() -> None:
    even, odd, next_even = (
        Streams(7, replication, antithetic=True).draws("a", UNIT)(1000) for replication in (4, 5, 6)
    )
    assert (even + odd == 1).all()  # to the last bit
    assert (even > 0).all()
    assert (odd > 0).all()
    assert not (even == next_even).any()


def test_the_ends_of_the_unit_interval_are_never_drawn() -> None:
    """A generator that gives nothing but its smallest and its largest number: quantiles there may be infinite."""

    class Extremes:
        def random(self, count: int) -> np.ndarray:
            return np.resize([0.0, 1 - 2**-53], count)

    for opposite in (False, True):
        values = _inverted(Extremes(), Exponential(kind="exponential", mean_s=1), opposite, 2)  # type: ignore[arg-type]
        assert np.isfinite(values).all()
        assert (values > 0).all()
