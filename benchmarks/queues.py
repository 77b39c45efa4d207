"""M/M/1, the same number of customers in other simulation packages."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from simulators import simulate
from simulators.production_line import ProductionLine

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PEERS", "ours"]

ARRIVAL_S, SERVICE_S = 1.25, 1.0


def ours(engine: str, customers: int) -> None:
    """Run about so many customers through our M/M/1."""
    scenario = ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": customers * ARRIVAL_S,
            "release": {"kind": "interval", "interval": {"kind": "exponential", "mean_s": ARRIVAL_S}},
            "stations": [
                {"name": "desk", "buffer_places": None, "service": {"kind": "exponential", "mean_s": SERVICE_S}}
            ],
        }
    )
    simulate(scenario, seed=1, engine=engine)


def _ciw(customers: int) -> None:
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=1 / ARRIVAL_S)],
        service_distributions=[ciw.dists.Exponential(rate=1 / SERVICE_S)],
        number_of_servers=[1],
    )
    ciw.seed(1)
    ciw.Simulation(network).simulate_until_max_time(customers * ARRIVAL_S)


def _salabim(customers: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import salabim

        salabim.yieldless(False)
    arrival, service = salabim.Exponential, salabim.Exponential
    env = salabim.Environment(trace=False, random_seed=1)
    desk = salabim.Resource("desk", env=env)

    class Customer(salabim.Component):  # type: ignore[misc]
        def process(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            yield self.request(desk)
            yield self.hold(service(SERVICE_S, env=env))
            self.release()

    class Source(salabim.Component):  # type: ignore[misc]
        def process(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            while True:
                Customer(env=env)
                yield self.hold(arrival(ARRIVAL_S, env=env))

    Source(env=env)
    env.run(till=customers * ARRIVAL_S)


PEERS: dict[str, tuple[Callable[[int], None], int]] = {"ciw": (_ciw, 20_000), "salabim": (_salabim, 2_000)}
"""Other packages: how to run M/M/1 in them, and how many customers are enough to time them."""
