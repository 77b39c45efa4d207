"""What browsers are told about the hub's pages."""

from traitlets.config import Config

from hub_config.headers import apply_headers
from hub_config.settings import HubSettings


def _headers(**settings: str) -> dict[str, str]:
    c = Config()
    apply_headers(c, HubSettings(**settings))
    headers: dict[str, str] = c.JupyterHub.tornado_settings["headers"]
    return headers


def test_pages_cannot_be_framed_and_load_from_the_hub_alone() -> None:
    policy = _headers()["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_with_subdomains_requests_reach_the_users_own() -> None:
    policy = _headers(subdomain_host="https://hub.example.org:8443")["Content-Security-Policy"]
    assert "connect-src 'self' https://*.hub.example.org:8443" in policy


def test_cookies_are_kept_for_a_day_and_from_other_sites() -> None:
    c = Config()
    apply_headers(c, HubSettings(subdomain_host="https://hub.example.org"))
    assert c.JupyterHub.tornado_settings["cookie_options"] == {"samesite": "Lax", "httponly": True}
    assert c.JupyterHub.cookie_max_age_days == 1
    assert c.JupyterHub.subdomain_host == "https://hub.example.org"
