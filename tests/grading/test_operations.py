"""What who runs the service relies on: figures, logs, limits."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from grading.app import create_service
from grading.limiter import Limiter
from grading.logs import REQUEST_ID, JsonLines

from .conftest import PREFIX, bearing, serving, stored, submit

if TYPE_CHECKING:
    import httpx

    from grading.service import Service
    from grading.settings import GradingSettings, HubConnection

    from .conftest import Tokens


def test_figures_are_for_who_may_read_everybody(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    stored(service.database)
    submit(http, tokens.li, key="another")
    assert http.get("/metrics").status_code == 401
    assert http.get("/metrics", headers=bearing(tokens.instructor)).status_code == 403
    text = http.get("/metrics", headers=bearing(tokens.administrator)).text
    assert "shixun_grading_waiting 2.0" in text
    assert 'shixun_grading_answers_total{method="POST",route="/api/v1/submissions",status="202"} 1.0' in text


def test_a_log_line_is_json_and_names_its_request() -> None:
    token = REQUEST_ID.set("abc")
    try:
        record = logging.LogRecord("grading", logging.INFO, "", 0, "hello %s", ("李",), None)
        line = json.loads(JsonLines().format(record))
    finally:
        REQUEST_ID.reset(token)
    assert (line["message"], line["request_id"], line["level"]) == ("hello 李", "abc", "INFO")


def test_one_persons_flood_is_stopped_and_nobody_elses_request(
    settings: GradingSettings, connection: HubConnection, tokens: Tokens
) -> None:
    import httpx

    service = create_service(settings.model_copy(update={"grading_requests_per_minute": 3}), connection)
    with serving(service) as url, httpx.Client(base_url=url, timeout=60) as http:
        answers = [http.get("/api/v1/labs", headers=bearing(tokens.li)) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 20
        assert http.get("/api/v1/labs", headers=bearing(tokens.wang)).status_code == 200
        http.cookies.set("shixun-grading", tokens.li, path=f"{PREFIX}/")
        assert http.get("/account").status_code == 429
    service.close()


@pytest.mark.parametrize("per_minute", [1, 60, 600])
def test_a_bucket_refills_at_its_rate(per_minute: int) -> None:
    now = [0.0]
    limiter = Limiter(per_minute, clock=lambda: now[0])
    granted = 0
    for _ in range(3 * per_minute):
        granted += limiter.take("li") == 0
    assert granted == per_minute
    now[0] += limiter.take("li")
    assert limiter.take("li") == 0
    assert limiter.take("li") > 0
