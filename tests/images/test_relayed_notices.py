"""What the hub has to say to a session on another machine."""

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from hub_config.swarm_relay import notices

LAB = Path(__file__).parents[2] / "images/lab"


@pytest.fixture
def relayed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The session's side."""
    monkeypatch.syspath_prepend(LAB)
    yield import_module("notices.relayed").relayed
    for name in [name for name in sys.modules if name.split(".")[0] == "notices"]:
        del sys.modules[name]


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[str]:
    """Address of a server that answers as a relay does."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(notices(tmp_path))

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/notices"
        server.shutdown()
        thread.join()


def test_the_relays_notices_are_the_sessions(relayed: Any, relay: str, tmp_path: Path) -> None:
    assert asyncio.run(relayed(relay)) == []
    (tmp_path / "closing.json").write_text(json.dumps({"zh": "再见", "en": "Good-bye"}), encoding="utf-8")
    (notice,) = asyncio.run(relayed(relay))
    assert (notice.zh, notice.en) == ("再见", "Good-bye")


def test_a_relay_that_is_away_is_no_fault(relayed: Any, caplog: pytest.LogCaptureFixture) -> None:
    nobody = "http://127.0.0.1:9/notices"
    assert asyncio.run(relayed(nobody)) == []
    assert "cannot be fetched now" in caplog.text
