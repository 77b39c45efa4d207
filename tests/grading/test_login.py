from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import PREFIX, SERVICE_TOKEN

if TYPE_CHECKING:
    import httpx

    from grading.service import Service

    from .conftest import HubPeer, Tokens


def begin(http: httpx.Client, path: str = "/account") -> tuple[httpx.Response, dict[str, str]]:
    """Visit a page without a session; gives the answer and the query that goes to the hub."""
    answer = http.get(path)
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return answer, {name: values[0] for name, values in query.items()}


def come_back(http: httpx.Client, **query: str) -> httpx.Response:
    return http.get("/oauth_callback", params=query)


def test_a_stranger_is_sent_to_the_hub(http: httpx.Client) -> None:
    answer, query = begin(http)
    assert urlsplit(answer.headers["location"]).path == "/hub/api/oauth2/authorize"
    assert query["client_id"] == "service-grading"
    assert query["redirect_uri"] == f"{PREFIX}/oauth_callback"
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    cookie = answer.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=lax", f"Path={PREFIX}/", "Max-Age=600"):
        assert part in cookie


def test_a_login_leads_back_to_the_page_and_the_session_is_kept(
    http: httpx.Client, hub: HubPeer, tokens: Tokens
) -> None:
    _, query = begin(http, "/account?page=1")
    hub.codes["code"] = (tokens.li, SERVICE_TOKEN)
    answer = come_back(http, code="code", state=query["state"])
    assert (answer.status_code, answer.headers["location"]) == (302, f"{PREFIX}/account?page=1")
    session = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("shixun-grading="))
    for part in ("HttpOnly", "SameSite=lax", f"Path={PREFIX}/"):
        assert part in session
    assert "Max-Age" not in session
    (exchanged,) = hub.exchanged
    challenge = base64.urlsafe_b64encode(hashlib.sha256(exchanged["code_verifier"].encode()).digest()).rstrip(b"=")
    assert challenge.decode() == query["code_challenge"]
    assert exchanged["redirect_uri"] == f"{PREFIX}/oauth_callback"
    assert http.get("/account").status_code == 200


def test_a_state_counts_once(http: httpx.Client, hub: HubPeer, tokens: Tokens) -> None:
    _, query = begin(http)
    hub.codes["code"] = (tokens.li, SERVICE_TOKEN)
    assert come_back(http, code="code", state=query["state"]).status_code == 302
    assert come_back(http, code="code", state=query["state"]).status_code == 400


@pytest.mark.parametrize("state", ["", "x", "A" * 43, "A" * 600])
def test_a_login_that_was_not_begun_here_is_refused(
    http: httpx.Client, hub: HubPeer, tokens: Tokens, state: str
) -> None:
    begin(http)
    hub.codes["code"] = (tokens.li, SERVICE_TOKEN)
    answer = come_back(http, code="code", state=state)
    assert answer.status_code in {400, 404}
    assert hub.exchanged == []
    assert "shixun-grading" not in {cookie.name for cookie in http.cookies.jar}


def test_a_code_that_the_hub_refuses_is_no_login(http: httpx.Client) -> None:
    _, query = begin(http)
    answer = come_back(http, code="invented", state=query["state"])
    assert answer.status_code == 400
    assert come_back(http, error="access_denied", state=query["state"]).status_code == 400
    assert http.get("/account").status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/hub/logout", f"{PREFIX}/\\evil", f"{PREFIX}/\nx", "%ff"]
)
def test_a_login_leads_nowhere_else(http: httpx.Client, hub: HubPeer, tokens: Tokens, target: str) -> None:
    """Somebody who can plant a cookie still cannot send the browser away."""
    _, query = begin(http)
    planted = base64.urlsafe_b64encode(target.encode()).decode()
    http.cookies.clear()
    hub.codes["code"] = (tokens.li, SERVICE_TOKEN)
    cookie = {"Cookie": f"shixun-grading-login-{query['state']}=verifier.{planted}"}
    answer = http.get("/oauth_callback", params={"code": "code", "state": query["state"]}, headers=cookie)
    assert (answer.status_code, answer.headers["location"]) == (302, f"{PREFIX}/")


@pytest.mark.parametrize("planted", ["", "verifier", "verifier.!!!", "verifier./w=="])
def test_a_spoilt_state_cookie_is_no_login(http: httpx.Client, hub: HubPeer, tokens: Tokens, planted: str) -> None:
    state = "A" * 43
    hub.codes["code"] = (tokens.li, SERVICE_TOKEN)
    cookie = {"Cookie": f"shixun-grading-login-{state}={planted}"}
    answer = http.get("/oauth_callback", params={"code": "code", "state": state}, headers=cookie)
    assert answer.status_code in {302, 400}
    if answer.status_code == 302:
        assert answer.headers["location"] == f"{PREFIX}/"


def test_an_expired_session_logs_in_again(http: httpx.Client, service: Service) -> None:
    http.cookies.set("shixun-grading", "expired", path=f"{PREFIX}/")
    answer = http.get("/account")
    assert answer.status_code == 302
    assert any(
        cookie.startswith('shixun-grading=""') and "Max-Age=0" in cookie
        for cookie in answer.headers.get_list("set-cookie")
    )


def test_behind_https_cookies_are_secure(http: httpx.Client) -> None:
    answer = http.get("/account", headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in answer.headers["set-cookie"]
    assert "Secure" not in http.get("/account").headers["set-cookie"]


def test_the_hub_away_is_a_page_that_says_so(http: httpx.Client, hub: HubPeer, tokens: Tokens) -> None:
    hub.down = True
    http.cookies.set("shixun-grading", tokens.li, path=f"{PREFIX}/")
    answer = http.get("/account")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert "retry-after" in answer.headers
