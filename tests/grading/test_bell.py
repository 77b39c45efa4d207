from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import pytest

from grading.bell import Bell

if TYPE_CHECKING:
    from pathlib import Path


def test_a_ring_wakes_one_waiting_worker(redis_url: str) -> None:
    slept: list[float] = []
    bell, service = Bell(redis_url, slept.append), Bell(redis_url)
    woken = threading.Event()

    def wait() -> None:
        bell.wait(60)
        woken.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    service.ring()
    assert woken.wait(30)
    assert slept == []
    thread.join()
    bell.close()
    service.close()


def test_without_redis_the_worker_waits_the_time() -> None:
    slept: list[float] = []
    bell = Bell(None, slept.append)
    bell.ring()
    bell.wait(1)
    assert slept == [1]


@pytest.mark.fault
def test_a_lost_redis_is_said_once_and_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    slept: list[float] = []
    bell = Bell(f"unix://{tmp_path}/nobody.sock", slept.append)
    with caplog.at_level(logging.INFO, logger="grading.bell"):
        for _ in range(3):
            bell.ring()
            bell.wait(1)
    assert slept == [1, 1, 1]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "every second" in caplog.text
    bell.close()
