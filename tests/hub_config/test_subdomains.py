"""A subdomain a user, at a real hub: what one user's page may ask is answered at her own name alone."""

import asyncio
import json
import time

import httpx
import pytest

from benchmarks.spawning import ask, stop
from benchmarks.spawning_hub import measured_hub, user

pytestmark = [pytest.mark.docker, pytest.mark.slow]

ANNE, BERT = user(0), user(1)


def test_a_session_answers_at_the_name_of_its_user_and_at_no_other(lab_image: str) -> None:
    with measured_hub(
        plain=False, pool_size=0, users=2, lab_image=lab_image, subdomain_host="http://hub.example.org"
    ) as hub:
        hub.start()
        asyncio.run(ask(hub, "POST", f"/hub/api/users/{ANNE}/server"))
        deadline = time.monotonic() + 120
        while not json.loads(asyncio.run(ask(hub, "GET", f"/hub/api/users/{ANNE}")))["servers"][""]["ready"]:
            assert time.monotonic() < deadline, hub.log.read_text()[-4000:]
            time.sleep(0.2)

        def get(host: str) -> httpx.Response:
            return httpx.get(f"{hub.url}/user/{ANNE}/api", headers={"Host": host}, trust_env=False, timeout=60)

        own = get(f"{ANNE}.hub.example.org")
        assert own.status_code == 200
        assert set(own.json()) == {"version"}
        # Anywhere else it is the hub that answers, and asks who it is.
        for host in ("hub.example.org", f"{BERT}.hub.example.org"):
            elsewhere = get(host)
            assert elsewhere.status_code == 302
            assert httpx.URL(elsewhere.headers["Location"]).path == f"/hub/user/{ANNE}/api"
        asyncio.run(stop(hub, ANNE))
