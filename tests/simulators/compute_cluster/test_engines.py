from __future__ import annotations

import math
from typing import TYPE_CHECKING

from compute_clusters import clusters
from hypothesis import HealthCheck, given, settings

from simulators import simulate

if TYPE_CHECKING:
    from simulators.compute_cluster import ComputeCluster


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(clusters())
def test_engines_give_the_same_journal(scenario: ComputeCluster) -> None:
    one = simulate(scenario, seed=5, engine="simpy")
    other = simulate(scenario, seed=5, engine="compiled")
    assert one.journal == other.journal
    assert one.kpis.keys() == other.kpis.keys()
    for name, kpi in one.kpis.items():
        assert kpi.value == other.kpis[name].value or math.isnan(kpi.value)
