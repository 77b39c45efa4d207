"""What a notebook hears of a submission: live from the service, or, where that line is cut, by asking."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from grading.assessment import Assessor
from grading.bell import Bell
from grading.sandbox import Sandbox
from grading.worker import Worker
from labs.client import Away, Event, GradingClient
from labs.progress import settled

from .conftest import submit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from grading.service import Service
    from grading.settings import GradingSettings

    from .conftest import Tokens


@pytest.fixture
def settings(settings: GradingSettings, redis_url: str) -> GradingSettings:
    return settings.model_copy(update={"redis_url": redis_url})


@pytest.fixture
def worker(service: Service, catalog: Path, redis_url: str) -> Iterator[threading.Thread]:
    """A worker, to be started when it is wanted."""
    sandbox = Sandbox(catalog, service.seeds)
    made = Worker(
        service.database, sandbox, Assessor(catalog, service.seeds), Bell(redis_url), lease_s=60, timeout_s=120
    )
    thread = threading.Thread(target=made.run)
    yield thread
    made.stop()
    thread.join()


@pytest.fixture
def client(address: str, tokens: Tokens) -> GradingClient:
    return GradingClient(address, tokens.li, "zh")


@pytest.fixture
def number(http: httpx.Client, tokens: Tokens) -> str:
    return str(submit(http, tokens.li).json()["id"])


def test_it_hears_the_queue_the_replications_and_the_end(
    client: GradingClient, number: str, worker: threading.Thread
) -> None:
    heard: list[Event] = []
    for event in client.follow(number):
        heard.append(event)
        if len(heard) == 1:
            worker.start()
    states = [event.data["state"] for event in heard if event.kind == "state"]
    assert states[0] == "queued"
    assert states[-1] == "graded"
    (first, *_) = [event.data for event in heard if event.kind == "progress"]
    assert (first["planned"], first["most"], first["tolerance_points"]) == (4, 40, None)


def test_the_notebook_waits_for_the_end(client: GradingClient, number: str, worker: threading.Thread) -> None:
    worker.start()
    state = settled(client, number, wait_s=60)
    assert state is not None
    assert state["state"] == "graded"
    assert client.outcome(state["outcome_id"])["maximum"] == 100


def test_where_the_line_is_cut_it_asks(
    client: GradingClient, number: str, worker: threading.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "ReadError"

    def cut(*_: Any) -> Iterator[Event]:
        yield Event("state", {"state": "queued", "queue_position": 1, "expected_wait_s": None})
        worker.start()
        raise Away(reason)

    monkeypatch.setattr(GradingClient, "follow", cut)
    state = settled(client, number, wait_s=60)
    assert state is not None
    assert state["state"] == "graded"


def test_it_does_not_wait_longer_than_asked(client: GradingClient, number: str) -> None:
    assert settled(client, number, wait_s=0) is None
