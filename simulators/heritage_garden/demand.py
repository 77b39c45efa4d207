"""The parties of a day: who wants to come, when, and with which ticket; decided before the gates open."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators.distributions import UNIT, Exponential, TruncatedNormal
from simulators.heritage_garden.views import Request, SlotView

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence as Seq

    from numpy.typing import NDArray

    from simulators.heritage_garden.scenario import HeritageGarden
    from simulators.heritage_garden.visitors import Segment
    from simulators.policy import Policy
    from simulators.streams import Streams

__all__ = ["Demand", "day_of"]

SLOWEST_M_S, FASTEST_M_S = 0.4, 2.5
UNIT_EXPONENTIAL = Exponential(kind="exponential", mean_s=1.0)


@dataclass(frozen=True)
class Demand:
    """``N`` parties in order of arrival.

    Parameters
    ----------
    arrive_s
        ``(N,)`` time of day at which each stands before its gate.
    segment
        ``(N,)`` its kind, an index into the scenario's visitors.
    size
        ``(N,)`` visitors in it.
    leader
        ``(N,)`` number of its first visitor.
    gate
        ``(N,)`` where it queues.
    speed_m_s
        ``(N,)`` free walking speed of its slowest.
    step_free
        ``(N,)`` 1 where it cannot take stairs.
    stay_s
        ``(N,)`` how long it wants to stay.
    patience_s
        ``(N,)`` longest wait at the gate, infinite where it waits without end.
    advised
        ``(N,)`` whether it follows live advice.
    refused
        ``(N,)`` whether it found no ticket.
    """

    arrive_s: NDArray[np.float64]
    segment: NDArray[np.int64]
    size: NDArray[np.int64]
    leader: NDArray[np.int64]
    gate: NDArray[np.int64]
    speed_m_s: NDArray[np.float64]
    step_free: NDArray[np.int64]
    stay_s: NDArray[np.float64]
    patience_s: NDArray[np.float64]
    advised: NDArray[np.bool_]
    refused: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of parties."""
        return len(self.arrive_s)


def day_of(scenario: HeritageGarden, streams: Streams, book: Policy | None = None) -> Demand:
    """Draw the parties of a day, and let them book where there are timed tickets.

    Parties book in random order. Each takes the slot that holds its preferred time, else the nearest one with tickets
    for all of it that is not farther off than its flexibility, the earlier of two equally near; it then comes at a
    random time of that slot. A party that finds none stays away.

    Parameters
    ----------
    scenario
        The garden.
    streams
        Where random numbers come from.
    book
        A policy that chooses the slot instead.
    """
    columns = [_segment(number, scenario, streams) for number in range(len(scenario.visitors))]
    joined = {name: np.concatenate([column[name] for column in columns]) for name in columns[0]}
    joined["refused"] = np.zeros(len(joined["arrive_s"]), np.bool_)
    if scenario.controls.slots:
        _book(scenario, joined, book)
    del joined["book_order"], joined["within"]
    order = np.argsort(joined["arrive_s"], kind="stable")
    joined = {name: column[order] for name, column in joined.items()}
    leader = np.concatenate(([0], np.cumsum(joined["size"])[:-1])).astype(np.int64)[: len(order)]
    return Demand(leader=leader, **joined)


def _segment(number: int, scenario: HeritageGarden, streams: Streams) -> dict[str, NDArray[np.generic]]:
    segment = scenario.visitors[number]
    name = f"visitors.{segment.name}"

    def unit(what: str) -> NDArray[np.float64]:
        return streams.draws(f"{name}.{what}", UNIT)(count)

    factor = getattr(scenario.seasons, scenario.season) / segment.mean_party
    arrive_s = _arrivals(segment, factor, streams.draws(f"{name}.arrival", UNIT_EXPONENTIAL))
    count = len(arrive_s)
    size = segment.smallest_party + _chosen(segment.party_sizes, unit("size"))
    entrances = [index for index, gate in enumerate(scenario.garden.gates) if gate.entrance]
    weights = [segment.gates.get(scenario.garden.gates[index].name, 0.0) for index in entrances]
    gate = np.array(entrances)[_chosen(weights if segment.gates else [1.0] * len(entrances), unit("gate"))]
    patience = segment.patience
    advice = scenario.controls.advice
    return {
        "arrive_s": arrive_s,
        "segment": np.full(count, number),
        "size": size,
        "gate": gate,
        "speed_m_s": _speeds(segment, size, streams, f"{name}.speed"),
        "step_free": (unit("step_free") < segment.step_free_share).astype(np.int64),
        "stay_s": streams.draws(f"{name}.stay", segment.stay)(count),
        "patience_s": np.full(count, np.inf)
        if patience is None
        else streams.draws(f"{name}.patience", patience)(count),
        "advised": unit("advised") < (advice.share if advice else 0.0),
        "book_order": unit("book_order"),
        "within": unit("within"),
    }


def _arrivals(segment: Segment, factor: float, draws: Callable[[int], NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return arrival times: a Poisson process of piecewise constant rate, or the same rate at even distances.

    The integral of the rate is inverted, so that every arrival takes one number (E. Çinlar, 1975).
    """
    begins = np.array([part.from_s for part in segment.arrivals])
    lengths = np.array([part.to_s for part in segment.arrivals]) - begins
    parties = np.array([part.visitors for part in segment.arrivals]) * factor
    before = np.concatenate(([0.0], np.cumsum(parties)))
    total = float(before[-1])
    if segment.pattern == "regular":
        levels = np.arange(math.floor(total)) + 0.5
    else:
        gaps = draws(math.ceil(total + 4 * math.sqrt(total) + 16))
        while gaps.sum() < total:
            gaps = np.concatenate((gaps, draws(len(gaps))))
        levels = np.cumsum(gaps)
        levels = levels[levels < total]
    part = np.searchsorted(before, levels, side="right") - 1
    with_some = np.where(parties > 0, parties, 1.0)
    found: NDArray[np.float64] = begins[part] + (levels - before[part]) / with_some[part] * lengths[part]
    return found


def _chosen(weights: Seq[float], unit: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return which of the weights each number in [0, 1) falls on."""
    upper = np.cumsum(weights) / sum(weights)
    last = int(np.flatnonzero(np.asarray(weights) > 0)[-1])
    chosen: NDArray[np.int64] = np.minimum(np.searchsorted(upper, unit, side="right"), last)
    return chosen


def _speeds(segment: Segment, size: NDArray[np.int64], streams: Streams, name: str) -> NDArray[np.float64]:
    """Return the free speed of the slowest of each party, normal about the segment's mean."""
    if not len(size):
        return np.empty(0)
    mean, spread = segment.free_speed_m_s, segment.free_speed_sd_m_s
    if spread == 0:
        return np.full(len(size), mean)
    # Its numbers are metres a second here.
    law = TruncatedNormal(kind="truncated_normal", parent_mean_s=mean, parent_sd_s=spread)
    speeds = streams.draws(name, law)(int(size.sum()))
    first = np.concatenate(([0], np.cumsum(size)[:-1]))
    return np.clip(np.minimum.reduceat(speeds, first), SLOWEST_M_S, FASTEST_M_S)


def _book(scenario: HeritageGarden, columns: dict[str, NDArray[np.generic]], book: Policy | None) -> None:
    slots = scenario.controls.slots
    left = [slot.visitors for slot in slots]
    wanted_s = columns["arrive_s"].tolist()
    flexibility = [segment.flexibility_s for segment in scenario.visitors]
    for party in np.argsort(columns["book_order"], kind="stable").tolist():
        time_s, size = wanted_s[party], int(columns["size"][party])
        segment = int(columns["segment"][party])
        if book is None:
            chosen = _nearest(scenario, left, time_s, size, flexibility[segment])
        else:
            views = tuple(
                SlotView(slot.name, slot.from_s, slot.to_s, free) for slot, free in zip(slots, left, strict=True)
            )
            request = Request(scenario.visitors[segment].name, time_s, size, flexibility[segment])
            chosen = book.optional_index(len(slots), request, views)
            if chosen is not None and left[chosen] < size:
                book.refuse(chosen, f"None or a slot with {size} tickets left", request, views)
        if chosen is None:
            columns["refused"][party] = True
            continue
        left[chosen] -= size
        slot = slots[chosen]
        if not slot.from_s <= time_s < slot.to_s:
            columns["arrive_s"][party] = slot.from_s + float(columns["within"][party]) * (slot.to_s - slot.from_s)


def _nearest(scenario: HeritageGarden, left: list[int], time_s: float, size: int, flexibility_s: float) -> int | None:
    best, best_s = None, math.inf
    for number, slot in enumerate(scenario.controls.slots):
        away_s = max(slot.from_s - time_s, time_s - slot.to_s, 0.0)
        if left[number] >= size and away_s < best_s and away_s <= flexibility_s:
            best, best_s = number, away_s
    return best
