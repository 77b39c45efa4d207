"""What the compiled engine knows of a garden: records in flat arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simulators.heritage_garden.demand import day_of
from simulators.heritage_garden.events import Places
from simulators.heritage_garden.manager import planned_directions
from simulators.heritage_garden.network import Network
from simulators.heritage_garden.ranks import RANK
from simulators.heritage_garden.regimes import Routes, calendar, rain_of
from simulators.heritage_garden.walkers import SPARE, WALKER
from simulators.machine_code import inlined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike, NDArray

    from simulators.heritage_garden.demand import Demand
    from simulators.heritage_garden.regimes import Regime
    from simulators.heritage_garden.scenario import HeritageGarden
    from simulators.streams import Streams

__all__ = ["NOBODY", "Grounds", "at", "grounds_of"]

NOBODY = -1
NO_LIMIT = 1 << 60


def _record(reals: str, wholes: str, truths: str = "", *, small: str = "", tiny: str = "") -> np.dtype[np.void]:
    fields: list[tuple[str, DTypeLike]] = [(name, np.float64) for name in reals.split()]
    fields += [(name, np.int64) for name in wholes.split()]
    fields += [(name, np.int32) for name in small.split()]
    fields += [(name, np.int8) for name in tiny.split()]
    fields += [(name, np.bool_) for name in truths.split()]
    return np.dtype(fields, align=True)


DAY = _record(
    "now_s novelty leaving advice_factor closes_s",
    "inside guides arrived regime meeting_head meeting_tail first_path first_segment cap",
    "alarmed admitting guides_limited",
)
# ``next`` strings queues together: a party stands in one at a time. Small, in one cache line: events meet parties in
# no order, and a garden full of them is larger than the processor's nearest memory.
PARTY = _record(
    "slowness_s_m stay_s entered_s",
    "seen",
    "leaving advised",
    small="leader segment size phase node destination next",
    tiny="wheels",
)
TICKET = _record("arrive_s patience_s", "", "refused", small="gate")  # what of a party only gates ask for
CACHE_LINE = 64
GATE = _record("", "counters busy head tail")
SCENE = _record("", "carrying room odds_from visitors parties")
PATH = _record(
    "forward_m backward_m headway_s pace done_s since_s mouth_free_s arrival_s mouth_opens_s",
    "arrival_number mouth_number",
    small="start end room pace_from walkers_from first last forward backward wait_head wait_tail",
)
SEGMENT = _record("", "", "one_check guided")
CHANGE = _record("time_s", "regime")


class Grounds(NamedTuple):
    """The garden, its state and its parties; ``N`` nodes, ``S`` scenes, ``R`` regimes, ``L`` gates, scenes and paths.

    Parameters
    ----------
    day
        ``(1,)`` what there is only one of.
    party, ticket, gate, scene, path, segment, change
        A record each; parties and their tickets have the same numbers.
    walker
        Those who walk on a path, by when they arrive, each from the path's ``walkers_from`` on.
    guest
        Heaps of those who look at a scene, by when they have seen enough, each from the scene's ``odds_from`` on.
    pace, odds
        Those of :class:`Network`, one path or scene after the other.
    crowding
        ``(S,)`` what the crowd in each scene now makes of its odds.
    upper
        ``(S,)`` odds added up, for a choice.
    tour
        ``(segments, longest + 1)`` scenes, -1 at the end.
    is_exit
        ``(N,)``.
    open, raining, onward, attraction, out
        Those of :class:`Regime`, with the regime as first axis.
    escape
        ``(2, N)``, see :class:`Routes`.
    """

    day: Any
    party: Any
    ticket: Any
    gate: Any
    scene: Any
    path: Any
    segment: Any
    change: Any
    walker: Any
    guest: Any
    pace: NDArray[np.float64]
    odds: NDArray[np.float64]
    crowding: NDArray[np.float64]
    upper: NDArray[np.float64]
    tour: NDArray[np.int64]
    is_exit: NDArray[np.bool_]
    open: NDArray[np.bool_]
    raining: NDArray[np.bool_]
    onward: NDArray[np.int16]
    attraction: NDArray[np.float64]
    out: NDArray[np.int64]
    escape: NDArray[np.int64]


def grounds_of(scenario: HeritageGarden, streams: Streams) -> Grounds:
    """Return the garden at midnight, and the parties of the day."""
    network = Network(scenario)
    routes = Routes(network)
    directions = planned_directions(scenario)
    regimes: list[Regime] = [routes.regime(frozenset(), directions, raining=False)]
    changes = []
    for change in calendar(scenario, rain_of(scenario, streams)):
        regime = routes.regime(change.closed, directions, raining=change.raining)
        if regime not in regimes:
            regimes.append(regime)
        changes.append((change.time_s, regimes.index(regime)))
    demand = day_of(scenario, streams)
    return Grounds(
        day=_day(scenario, network),
        party=_parties(demand),
        ticket=_tickets(demand),
        gate=_filled(GATE, counters=[gate.counters for gate in scenario.garden.gates], head=NOBODY, tail=NOBODY),
        scene=_filled(SCENE, carrying=network.carrying, room=network.scene_room, odds_from=_begins(network.odds)),
        path=_paths(network),
        segment=_filled(
            SEGMENT,
            one_check=[segment.one_check for segment in scenario.visitors],
            guided=[bool(segment.tour) for segment in scenario.visitors],
        ),
        change=np.array(changes, CHANGE),
        walker=np.zeros(sum(len(pace) + SPARE for pace in network.pace), WALKER),
        guest=np.zeros(sum(map(len, network.odds)), RANK),
        pace=np.concatenate(network.pace),
        odds=np.concatenate(network.odds),
        crowding=np.array([odds[0] for odds in network.odds]),
        upper=np.zeros(network.scenes),
        tour=_tours(scenario),
        is_exit=network.is_exit,
        open=np.stack([regime.open for regime in regimes]),
        raining=np.array([regime.raining for regime in regimes]),
        onward=np.stack([regime.onward for regime in regimes]).astype(np.int16),
        attraction=np.ascontiguousarray([regime.attraction for regime in regimes]),
        out=np.stack([regime.out for regime in regimes]),
        escape=routes.escape,
    )


@inlined
def at(row: int) -> Any:  # noqa: ANN401 - a numpy.uint64
    """Return a row's number without a sign: Numba need not look whether it counts from the end."""
    return np.uint64(row)


def _filled(kind: np.dtype[np.void], **columns: Any) -> Any:  # noqa: ANN401 - columns of any type
    """Return records with these columns, the others 0."""
    rows = max(np.size(column) for column in columns.values())
    records = np.zeros(rows, kind)
    for name, column in columns.items():
        records[name] = column
    return records


def _day(scenario: HeritageGarden, network: Network) -> Any:  # noqa: ANN401 - records
    places, controls = Places(scenario), scenario.controls
    return _filled(
        DAY,
        novelty=network.novelty,
        leaving=network.leaving,
        advice_factor=controls.advice.factor if controls.advice else 1.0,
        closes_s=scenario.closes_s,
        guides=controls.guides or 0,
        meeting_head=NOBODY,
        first_path=places.paths_from,
        first_segment=places.segments_from,
        cap=NO_LIMIT if controls.cap is None else controls.cap,
        admitting=True,
        guides_limited=controls.guides is not None,
    )


def _parties(demand: Demand) -> Any:  # noqa: ANN401 - records
    size = len(demand) * PARTY.itemsize
    block = np.zeros(size + CACHE_LINE, np.uint8)
    begin = -block.ctypes.data % CACHE_LINE
    party = block[begin : begin + size].view(PARTY)
    party["slowness_s_m"] = 1 / demand.speed_m_s
    for name in ("stay_s", "segment", "size", "leader", "advised"):
        party[name] = getattr(demand, name)
    party["wheels"] = demand.step_free
    for name in ("node", "destination", "next"):
        party[name] = NOBODY
    return party


def _tickets(demand: Demand) -> Any:  # noqa: ANN401 - records
    names = ("arrive_s", "patience_s", "gate", "refused")
    ticket = np.zeros(len(demand), TICKET)
    for name in names:
        ticket[name] = getattr(demand, name)
    return ticket


def _paths(network: Network) -> Any:  # noqa: ANN401 - records
    return _filled(
        PATH,
        forward_m=network.level_m[:, 0],
        backward_m=network.level_m[:, 1],
        headway_s=network.headway_s,
        start=network.start,
        end=network.end,
        room=network.room,
        pace_from=_begins(network.pace),
        walkers_from=_begins(network.pace) + SPARE * np.arange(network.paths),
        arrival_s=np.inf,
        mouth_opens_s=np.inf,
        wait_head=NOBODY,
        wait_tail=NOBODY,
    )


def _begins(rows: Sequence[NDArray[np.float64]]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum([len(row) for row in rows])))[:-1].astype(np.int64)


def _tours(scenario: HeritageGarden) -> NDArray[np.int64]:
    number = {scene.name: position for position, scene in enumerate(scenario.garden.scenes)}
    tour = np.full((len(scenario.visitors), 1 + max(len(s.tour) for s in scenario.visitors)), NOBODY)
    for row, segment in enumerate(scenario.visitors):
        tour[row, : len(segment.tour)] = [number[name] for name in segment.tour]
    return tour
