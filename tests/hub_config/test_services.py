"""The grading service and its worker, as the hub is told to run them."""

import sys

from traitlets.config import Config

from hub_config.services import apply_services
from hub_config.settings import HubSettings


def _services(environ: dict[str, str]) -> dict[str, dict[str, object]]:
    c = Config()
    apply_services(c, HubSettings(data_dir="/srv/base", grading_port=9100), "docker", "172.18.0.1", environ)
    assert c.JupyterHub.default_url == "/services/grading/"
    return {service["name"]: service for service in c.JupyterHub.services}


def test_the_page_and_the_worker_are_two_services_of_one_package() -> None:
    services = _services({})
    assert services["grading"]["command"] == [sys.executable, "-m", "grading"]
    assert services["grading"]["url"] == "http://172.18.0.1:9100"
    assert services["grading-worker"]["command"] == [sys.executable, "-m", "grading.worker"]
    assert "url" not in services["grading-worker"]
    assert services["grading"]["environment"] == services["grading-worker"]["environment"]


def test_the_gate_listens_on_the_bridge_and_asks_the_hub_here() -> None:
    assert _services({})["session-gate"]["command"] == [
        sys.executable,
        "-m",
        "hub_config.gate",
        "172.18.0.1",
        "8081",
        "http://127.0.0.1:8081",
    ]


def test_services_are_told_their_own_settings_and_not_the_hubs_secrets() -> None:
    environ = {
        "SHIXUN_DATABASE_URL": "postgresql+psycopg://db/shixun",
        "SHIXUN_REDIS_URL": "unix:///run/redis.sock",
        "SHIXUN_PORT": "9000",
        "CONFIGPROXY_AUTH_TOKEN": "secret",
    }
    assert _services(environ)["grading"]["environment"] == {
        "SHIXUN_DATABASE_URL": "postgresql+psycopg://db/shixun",
        "SHIXUN_REDIS_URL": "unix:///run/redis.sock",
        "SHIXUN_DATA_DIR": "/srv/base",
        "SHIXUN_SESSION": "docker",
        "SHIXUN_GRADING_SECRET_FILE": "/srv/base/grading.secret",
    }
