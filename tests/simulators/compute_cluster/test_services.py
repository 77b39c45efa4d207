from __future__ import annotations

import math
from typing import Any

import pytest
from compute_clusters import cluster, job
from pydantic import ValidationError

from simulators import simulate
from simulators.compute_cluster import service_series
from simulators.compute_cluster.latency import erlang_c, share_within

ENGINES = pytest.mark.parametrize("engine", ["simpy", "compiled"])
CHAT = {"name": "chat", "job_class": "chat", "requests_per_s": 2.4, "service_time_s": 1.0, "within_s": 3.0}


def replicas(submit_s: float, run_s: float, tasks: int, **rest: Any) -> dict[str, Any]:
    return job(submit_s, run_s, tasks, job_class="chat", **rest)


def kpis(
    jobs: list[dict[str, Any]], *, engine: str = "simpy", service: dict[str, Any], **rest: Any
) -> dict[str, float]:
    run = simulate(cluster(jobs, services=[service], **rest), seed=1, engine=engine)
    return {name: kpi.value for name, kpi in run.kpis.items()}


@ENGINES
def test_requests_are_slow_by_erlang_c_while_replicas_run(engine: str) -> None:
    found = kpis([replicas(0, 1000, 3)], engine=engine, service=CHAT)
    # Three servers, load 2.4: P(T > t) of M/M/3, written out.
    late = math.exp(-3) * (1 + 0.64719 * (1 - math.exp(0.4 * 3)) / -0.4)
    assert found["service.chat.requests"] == pytest.approx(2400)
    assert found["service.chat.slow_requests"] == pytest.approx(2400 * late, rel=1e-5)
    assert found["service.chat.within_ratio"] == pytest.approx(1 - late, rel=1e-5)
    assert found["slow_requests"] == found["service.chat.slow_requests"]
    assert found["service.chat.objective_missed_h"] == pytest.approx(1000 / 3600)  # 76 %, and 95 % were promised
    assert found["service.chat.replicas_mean"] == 3


@ENGINES
def test_without_replicas_every_request_is_missed(engine: str) -> None:
    # A gang of batch jobs keeps the replicas waiting for 100 s, then they run for 300 s.
    found = kpis([job(0, 100, 4), replicas(0, 300, 4)], engine=engine, service={**CHAT, "requests_per_s": 0.1})
    assert found["service.chat.requests"] == pytest.approx(40)
    assert found["service.chat.slow_requests"] == pytest.approx(10 + 30 * (1 - share_within(4, 0.1, 1.0, 3.0)))
    assert found["service.chat.objective_missed_h"] == pytest.approx(100 / 3600)
    assert found["service.chat.replicas_mean"] == pytest.approx(3)


@ENGINES
def test_preemption_saves_the_objective(engine: str) -> None:
    jobs = [job(0, 5000, 4), replicas(10, 1000, 4, priority=80)]
    slow = kpis(jobs, engine=engine, service=CHAT, horizon_s=1000)["service.chat.within_ratio"]
    saved = kpis(jobs, engine=engine, service=CHAT, horizon_s=1000, scheduler={"preemption": True})
    assert slow == 0
    assert saved["service.chat.within_ratio"] == pytest.approx(0.99 * share_within(4, 2.4, 1.0, 3.0))


def test_requests_follow_the_hours_of_the_day() -> None:
    day = [0.0] * 23 + [1.0]
    found = kpis([replicas(0, 3 * 86400, 4)], service={**CHAT, "day": day, "within_s": 10})
    assert found["service.chat.requests"] == pytest.approx(3 * 3600 * 2.4)
    assert found["service.chat.objective_missed_h"] == 0


def test_a_replica_may_serve_several_at_a_time() -> None:
    one = kpis([replicas(0, 1000, 1)], service={**CHAT, "at_a_time": 4})
    four = kpis([replicas(0, 1000, 4)], service=CHAT)
    assert one["slow_requests"] == pytest.approx(four["slow_requests"])


def test_the_warm_up_does_not_count() -> None:
    whole = kpis([replicas(0, 1000, 3)], service=CHAT)
    found = kpis([replicas(0, 1000, 3), job(500, 500)], service=CHAT, warm_up_s=400)
    assert found["service.chat.requests"] == pytest.approx(0.6 * whole["service.chat.requests"])


def test_series_tell_when_requests_were_slow() -> None:
    scenario = cluster([job(0, 100, 4), replicas(0, 300, 4)], services=[CHAT])
    found = service_series(scenario, simulate(scenario, seed=1).journal, "chat", 50)
    assert found.replicas.tolist() == [0, 0, 4, 4, 4, 4, 4, 4, 0]
    assert found.within[0] == 0
    assert found.within[2] == pytest.approx(share_within(4, 2.4, 1.0, 3.0))
    assert found.slow_per_s[:2].tolist() == [2.4, 2.4]


def test_series_of_no_service_are_refused() -> None:
    scenario = cluster([replicas(0, 300, 4)], services=[CHAT])
    with pytest.raises(ValueError, match="name = 'mail' is no service; give one of: chat"):
        service_series(scenario, simulate(scenario, seed=1).journal, "mail", 50)


@pytest.mark.parametrize(
    ("services", "words"),
    [
        ([{**CHAT, "job_class": "mail"}], "services.0.job_class = 'mail' is no job class; give one of: chat"),
        ([CHAT, CHAT], "services.1.name = 'chat' stands twice"),
        ([CHAT, {**CHAT, "name": "mail"}], "services.1.job_class = 'chat' serves another service already"),
        ([{**CHAT, "share": 1.0}], "share"),
        ([{**CHAT, "day": [0] * 24}], "day must have an hour > 0"),
    ],
)
def test_what_cannot_be_is_refused(services: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        cluster([replicas(0, 10, 1)], services=services)
    assert words in str(caught.value).replace("\n  ", ": ")


def test_one_server_is_m_m_1() -> None:
    for load in (0.1, 0.5, 0.9):
        assert erlang_c(1, load) == pytest.approx(load)
        assert share_within(1, load, 1.0, 2.0) == pytest.approx(1 - math.exp(-(1 - load) * 2.0))


def test_equal_rates_are_the_limit() -> None:
    # Three servers and a load of 2: the time to wait ends at one server's rate, and the general form is 0/0.
    between = share_within(3, 2.0, 1.0, 1.5)
    assert share_within(3, 2.0 - 1e-7, 1.0, 1.5) > between > share_within(3, 2.0 + 1e-7, 1.0, 1.5)
    assert share_within(3, 2.0 - 1e-7, 1.0, 1.5) == pytest.approx(between, abs=1e-6)
