"""The spool against a real HTTP server that can be away, refuse, or lose its answers."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from labs import SubmissionError
from labs.client import Away, GradingClient
from labs.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Service(ThreadingHTTPServer):
    """Accepts each key once, like the grading service; ``answers`` are statuses to give before that."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.accepted: dict[str, dict[str, Any]] = {}
        self.answers: list[int] = []
        self.lose_answers = 0

    @property
    def client(self) -> GradingClient:
        return GradingClient(f"http://127.0.0.1:{self.server_address[1]}/services/grading", "a-token")


class Handler(BaseHTTPRequestHandler):
    server: Service

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/services/grading/api/v1/submissions"
        assert self.headers["Authorization"] == "Bearer a-token"
        status = self.server.answers.pop(0) if self.server.answers else 202
        if status == 202:
            self.server.accepted.setdefault(self.headers["Idempotency-Key"], body)
            if self.server.lose_answers:
                self.server.lose_answers -= 1
                self.connection.close()
                return
        problem = {"title": "Unprocessable", "detail": "too dear", "errors": []}
        content = json.dumps({"id": "1"} if status == 202 else problem).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def test_an_accepted_submission_leaves_the_spool(service: Service, spool: Spool) -> None:
    waiting = spool.add("a-lab", {"x": 1})
    assert spool.send(waiting, service.client) == {"id": "1"}
    assert spool.waiting() == []
    assert service.accepted == {waiting.key: {"lab": "a-lab", "decision": {"x": 1}}}


def test_a_submission_waits_while_nobody_listens(spool: Spool) -> None:
    waiting = spool.add("a-lab", {"x": 1})
    with pytest.raises(Away):
        spool.send(waiting, GradingClient("http://127.0.0.1:9", "a-token"))
    assert Spool(spool.folder).waiting() == [waiting]


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 502, 503])
def test_a_submission_waits_while_the_service_is_not_well(service: Service, spool: Spool, status: int) -> None:
    service.answers = [status]
    waiting = spool.add("a-lab", {"x": 1})
    with pytest.raises(Away):
        spool.send(waiting, service.client)
    assert spool.waiting() == [waiting]
    assert spool.drain(service.client) == 1
    assert list(service.accepted) == [waiting.key]


def test_a_lost_answer_is_not_counted_twice(service: Service, spool: Spool) -> None:
    service.lose_answers = 1
    waiting = spool.add("a-lab", {"x": 1})
    with pytest.raises(Away):
        spool.send(waiting, service.client)
    assert spool.drain(service.client) == 1
    assert list(service.accepted) == [waiting.key]


def test_a_refused_submission_is_set_aside_with_the_reason(service: Service, spool: Spool) -> None:
    service.answers = [422]
    waiting = spool.add("a-lab", {"x": 1})
    with pytest.raises(SubmissionError, match="too dear"):
        spool.send(waiting, service.client)
    assert spool.waiting() == []
    assert "too dear" in (spool.folder / "refused" / f"{waiting.key}.txt").read_text()


def test_one_refused_submission_does_not_hold_up_the_others(service: Service, spool: Spool) -> None:
    keys = [spool.add("a-lab", {"x": n}).key for n in range(3)]
    service.answers = [422]
    assert spool.drain(service.client) == 2
    assert len(set(service.accepted) & set(keys)) == 2


def test_it_is_sent_by_itself_when_the_service_is_back(service: Service, spool: Spool) -> None:
    service.answers = [503]
    spool.add("a-lab", {"x": 1})
    spool.drain_later(service.client).join(timeout=30)
    assert spool.waiting() == []
    assert len(service.accepted) == 1


def test_a_spoilt_file_is_set_aside(spool: Spool, service: Service) -> None:
    spool.add("a-lab", {"x": 1})
    (spool.folder / "spoilt.json").write_text("{")
    assert spool.drain(service.client) == 1
    assert (spool.folder / "spoilt.broken").exists()
