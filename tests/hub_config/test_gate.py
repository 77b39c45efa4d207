"""The session gate, before a server that answers like a hub."""

import json
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import AsyncHTTPTestCase, bind_unused_port
from tornado.web import Application, RequestHandler

from hub_config.gate import gate_application, passes


class _Hub(RequestHandler):
    def check_xsrf_cookie(self) -> None: ...

    def get(self) -> None:
        self.set_header("X-JupyterHub-Version", "6.1.1")
        self.finish({"asked": self.request.uri, "token": self.request.headers.get("Authorization", "")})

    def post(self) -> None:
        self.set_status(201)
        self.finish({"body": self.request.body.decode(), "cookie": self.request.headers.get("Cookie", "")})


class TestGate(AsyncHTTPTestCase):
    def get_app(self) -> Application:
        listener, port = bind_unused_port()
        self.hub = HTTPServer(Application([(r".*", _Hub)]))
        self.hub.add_socket(listener)
        return gate_application(f"http://127.0.0.1:{port}")

    def tearDown(self) -> None:
        # Within the loop's life: stopping twice, or after it, is refused.
        self.hub.stop()
        super().tearDown()

    def test_what_passes_keeps_its_query_token_body_and_status(self) -> None:
        answer = self.fetch("/hub/api/user?x=1", headers={"Authorization": "token t"})
        assert json.loads(answer.body) == {"asked": "/hub/api/user?x=1", "token": "token t"}
        assert answer.headers["X-JupyterHub-Version"] == "6.1.1"
        answer = self.fetch("/hub/api/oauth2/token", method="POST", body="code=1", headers={"Cookie": "a=b"})
        assert answer.code == 201
        assert json.loads(answer.body) == {"body": "code=1", "cookie": ""}

    def test_the_rest_is_refused_and_the_hub_not_asked(self) -> None:
        for path in ("/hub/login", "/hub/api/users", "/hub/api/user/../users", "/"):
            answer = self.fetch(path)
            assert answer.code == 403
            assert json.loads(answer.body)["message"] == "not for sessions"

    def test_a_hub_that_is_away_is_told(self) -> None:
        self.hub.stop()
        answer = self.fetch("/hub/api/user")
        assert answer.code == 503
        assert "does not answer" in json.loads(answer.body)["message"]


@pytest.mark.parametrize(
    ("method", "path", "passed"),
    [
        ("GET", "/hub/api", True),
        ("GET", "/hub/api/", True),
        ("GET", "/hub/api/user", True),
        ("POST", "/hub/api/users/student/activity", True),
        ("POST", "/hub/api/oauth2/token", True),
        ("GET", "/hub/api/oauth2/authorize", False),
        ("POST", "/hub/api/users/student/server", False),
        ("POST", "/hub/api/users/student/tokens", False),
        ("DELETE", "/hub/api/user", False),
        ("GET", "/hub/api/userx", False),
    ],
)
def test_what_passes(method: str, path: str, passed: Any) -> None:
    assert passes(method, path) is passed
