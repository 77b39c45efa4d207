"""A simulator for tests: one server, one queue, two decisions. Worker processes that import it know its kind, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import simpy

from simulators import KINDS, Kpi, Scenario
from simulators.distributions import Distribution  # noqa: TC001 - pydantic needs it
from simulators.registry import Simulator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators import Journal, Streams
    from simulators.policy import Policy
    from simulators.recorder import Recorder

ARRIVE, START, LEAVE = 0, 1, 2


class Queue(Scenario):
    """M/M/1 and the like."""

    kind: Literal["queue"]
    interval: Distribution
    service: Distribution


def run(scenario: Queue, streams: Streams, recorder: Recorder, policies: Mapping[str, Policy]) -> None:
    env, record = simpy.Environment(), recorder.record
    interval, service = streams.sampler("interval", scenario.interval), streams.sampler("service", scenario.service)
    waiting: list[int] = []
    busy = False

    def after(delay_s: float, happening: Any) -> None:
        env.timeout(delay_s).callbacks.append(happening)

    def arrivals() -> Any:
        customer = 0
        while True:
            yield env.timeout(interval())
            if "admit" not in policies or policies["admit"].yes(env.now, len(waiting)):
                record((env.now, ARRIVE, customer, 0))
                waiting.append(customer)
                serve()
            customer += 1

    def serve() -> None:
        nonlocal busy
        if busy or not waiting:
            return
        busy = True
        chosen = policies["pick"].index(len(waiting), tuple(waiting)) if "pick" in policies else 0
        customer = waiting.pop(chosen)
        record((env.now, START, customer, 0))

        def leave(_: simpy.Event) -> None:
            nonlocal busy
            busy = False
            record((env.now, LEAVE, customer, 0))
            serve()

        after(service(), leave)

    env.process(arrivals())
    recorder.run(env, scenario.horizon_s)


class QueueMeter:
    """Waits of the customers that start after the warm-up."""

    def __init__(self, scenario: Queue) -> None:
        self._scenario = scenario
        self._arrived_s: dict[int, float] = {}
        self._waits = self._wait_s = self._services = self._service_s = 0.0
        self._start_s: float | None = None

    def add(self, piece: Journal) -> None:
        warm_up_s = self._scenario.warm_up_s
        rows = zip(piece.time_s.tolist(), piece.event.tolist(), piece.entity.tolist(), strict=True)
        for time_s, event, customer in rows:
            if event == ARRIVE:
                self._arrived_s[customer] = time_s
            elif event == START:
                arrived_s = self._arrived_s.pop(customer)
                self._start_s = time_s
                if time_s >= warm_up_s:
                    self._waits += 1
                    self._wait_s += time_s - arrived_s
            elif time_s >= warm_up_s and self._start_s is not None:
                self._services += 1
                self._service_s += time_s - self._start_s

    def kpis(self) -> dict[str, Kpi]:
        return {
            "wait_mean_s": Kpi(self._wait_s / self._waits if self._waits else float("nan"), "s"),
            "service_mean_s": Kpi(self._service_s / self._services if self._services else float("nan"), "s"),
            "served": Kpi(self._services, "customers"),
        }


def queue(interval_s: float = 2.0, service_s: float = 1.0, horizon_s: float = 200.0, warm_up_s: float = 0.0) -> Queue:
    """M/M/1."""
    return Queue.model_validate(
        {
            "kind": "queue",
            "horizon_s": horizon_s,
            "warm_up_s": warm_up_s,
            "interval": {"kind": "exponential", "mean_s": interval_s},
            "service": {"kind": "exponential", "mean_s": service_s},
        }
    )


SIMULATOR = Simulator(Queue, {"simpy": run}, lambda _: ("server",), QueueMeter, queue, ("pick", "admit"))
if __name__ == "queue_kind":  # in conftest and in worker processes, not where pytest looks for doctests
    KINDS["queue"] = SIMULATOR
