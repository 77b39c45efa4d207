"""A feed on a real Redis server, and a run to be told on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from redis import Redis

from simulators import Journal, simulate
from simulators.production_line import example
from twins.feed import About, Publisher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def journal() -> Journal:
    """Some thousand events of a line."""
    return simulate(example(), seed=1).journal


@pytest.fixture
def client(redis_url: str) -> Iterator[Redis]:
    """A client as readers and publishers need it."""
    with Redis.from_url(redis_url, socket_timeout=10) as client:
        yield client


@pytest.fixture
def name() -> str:
    """A twin's name that no other test has."""
    return uuid4().hex


@pytest.fixture
def publisher_of(client: Redis, name: str, journal: Journal) -> Callable[..., Publisher]:
    """Make a publisher; the state that it tells is how much it has told, ``told``, which the test sets."""

    def make(told: dict[str, Any], redis: Redis = client, **bounds: int) -> Publisher:
        about = About(example().model_dump(mode="json"), 1, 0, journal.places)
        return Publisher(redis, name, about, lambda: dict(told), **bounds)

    return make


def rows(journal: Journal, first: int, end: int) -> Journal:
    """Some rows of a journal."""
    columns = (journal.time_s, journal.event, journal.entity, journal.place)
    return Journal(*(column[first:end].copy() for column in columns), journal.places)  # type: ignore[arg-type]
