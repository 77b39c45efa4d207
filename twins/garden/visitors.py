"""Visitors of a window of a day, walking and standing, from the journal.

Each has one row for every straight piece of a path and one for every stay. A row begins where the one before it ended,
so that nobody jumps.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np

from simulators import Journal, Streams
from simulators.heritage_garden import Event, Places
from twins.garden.figures import CLOTHES, GUIDE_COLOR, guide, visitor
from twins.garden.footways import footways
from twins.garden.foundations import BASE_M
from twins.garden.plan import closed, distance_m, frame_of, inside
from twins.garden.terrain import Terrain
from twins.scene import Movers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.heritage_garden import Garden, HeritageGarden
    from simulators.heritage_garden.parts import Scene as Place
    from twins.garden.footways import Footways
    from twins.garden.mesh import Numbers

__all__ = ["MOST_ROWS", "Crowd", "crowd"]

MOST_ROWS = 12_000
"""Rows that a page takes; of a larger crowd some parties are left out."""
STROLL_M_S = 0.9
BRIEF_S = 8.0
LAG_S, MOST_LAG_S = 0.7, 8.0
"""How much later each pair of a party comes than the one before it, and the last at most."""
SPOTS = 64
"""Places to stand in each scene."""
WALKS = (Event.WALK, Event.WALK_BACK)
STANDS = (Event.QUEUE, Event.ENTER, Event.MEET, Event.WAIT, Event.FULL, Event.VISIT)
LEAVES = (Event.EXIT, Event.GIVE_UP)
QUEUE_M = 16.0


@dataclass(frozen=True, eq=False)
class Crowd:
    """Who is seen.

    Parameters
    ----------
    movers
        Visitors, and guides where there are any.
    share
        Of the parties of the window that are shown, 0 to 1.
    """

    movers: tuple[Movers, ...]
    share: float


@dataclass(frozen=True, eq=False)
class _Steps:
    """What parties did, ``N`` rows ordered by party and time."""

    party: NDArray[np.int64]
    event: NDArray[np.int64]
    place: NDArray[np.int64]
    start_s: Numbers
    end_s: Numbers
    size: NDArray[np.int64]
    guided: NDArray[np.bool_]

    def chosen(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> _Steps:
        return replace(self, **{column.name: getattr(self, column.name)[rows] for column in fields(self)})


def crowd(scenario: HeritageGarden, journal: Journal, start_s: float, end_s: float) -> Crowd:
    """Return the visitors of a window.

    Parameters
    ----------
    scenario
        The garden and its visitors.
    journal
        Of the day.
    start_s, end_s
        The window, times of day in seconds.
    """
    steps = _steps(scenario, _since(journal, start_s - MOST_LAG_S))
    near = (steps.end_s > start_s - MOST_LAG_S) & (steps.start_s < end_s)
    pieces = np.where(np.isin(steps.event, WALKS), 2.5, 2.0) * (steps.size + steps.guided)
    wanted = float(pieces[near].sum())
    share = min(1.0, MOST_ROWS / max(wanted, 1.0))
    if share < 1.0:
        luck = Streams(0).stream(f"garden.{scenario.garden.name}.seen").uniform(0, 1, int(journal.entity.max()) + 1)
        steps = steps.chosen(luck[steps.party] < share)
        near = (steps.end_s > start_s - MOST_LAG_S) & (steps.start_s < end_s)
    rows = _rows(scenario, steps, np.flatnonzero(near))
    movers = [_movers("visitors", visitor(), rows, start_s, end_s, guides=False)]
    if rows.leads.any():
        movers.append(_movers("guides", guide(), rows, start_s, end_s, guides=True))
    return Crowd(tuple(found for found in movers if len(found)), share)


def _since(journal: Journal, start_s: float) -> Journal:
    """Return the journal of those who had not left before a time."""
    leaving = np.isin(journal.event, LEAVES) & (journal.time_s < start_s)
    if not leaving.any():
        return journal
    gone = np.zeros(int(journal.entity.max()) + 1, np.bool_)
    gone[journal.entity[leaving]] = True
    arrivals = journal.event == Event.ARRIVE
    # Companions are named only where they join their party, right after its arrival.
    party = np.cumsum(arrivals) - 1
    leader = np.where(journal.event == Event.JOIN, journal.entity[arrivals][party], journal.entity)
    kept = ~gone[leader]
    return Journal(journal.time_s[kept], journal.event[kept], journal.entity[kept], journal.place[kept], journal.places)


def _steps(scenario: HeritageGarden, journal: Journal) -> _Steps:
    """Return what every party did from its queue to its leaving."""
    kinds = [*WALKS, *STANDS, *LEAVES]
    moves = np.flatnonzero(np.isin(journal.event, kinds))
    moves = moves[np.argsort(journal.entity[moves], kind="stable")]
    party, time_s = journal.entity[moves], journal.time_s[moves]
    # Who waits a moment only is seen to walk on; what takes no time is not seen.
    brief = np.isin(journal.event[moves], (Event.WAIT, Event.FULL)) & (
        _until(party, time_s, scenario.horizon_s) - time_s < BRIEF_S
    )
    moves = moves[~brief]
    party, event = journal.entity[moves], journal.event[moves].astype(np.int64)
    time_s, place = journal.time_s[moves], journal.place[moves].astype(np.int64)
    until_s = _until(party, time_s, scenario.horizon_s)
    arrivals = journal.event == Event.ARRIVE
    leaders = journal.entity[arrivals]
    belongs = np.searchsorted(leaders, party)
    member = np.cumsum(arrivals) - 1
    size = np.bincount(member[arrivals | (journal.event == Event.JOIN)], minlength=len(leaders))
    toured = np.array([bool(segment.tour) for segment in scenario.visitors])
    segment = journal.place[arrivals] - Places(scenario).segments_from
    guided = toured[segment] if scenario.controls.guides else np.zeros(len(leaders), np.bool_)
    return _Steps(party, event, place, time_s, until_s, size[belongs], guided[belongs]).chosen(
        ~np.isin(event, LEAVES) & (until_s > time_s)
    )


def _until(party: NDArray[np.int64], time_s: Numbers, horizon_s: float) -> Numbers:
    """Return when each step's party takes its next."""
    last = np.append(party[1:] != party[:-1], True)[: len(party)]
    return np.where(last, horizon_s, np.append(time_s[1:], horizon_s)[: len(time_s)])


@dataclass(frozen=True, eq=False)
class _Rows:
    """One straight piece of a way, or one stay, of one visitor each."""

    from_m: Numbers
    to_m: Numbers
    start_s: Numbers
    arrive_s: Numbers
    end_s: Numbers
    who: NDArray[np.int64]
    leads: NDArray[np.bool_]


def _rows(scenario: HeritageGarden, steps: _Steps, near: NDArray[np.int64]) -> _Rows:
    """Return the rows of everybody in the steps ``near``."""
    places = Places(scenario)
    ways, spots = _ground(scenario.garden)
    heads = steps.size[near] + steps.guided[near]
    step = np.repeat(near, heads)
    number = np.arange(len(step)) - np.repeat(np.cumsum(heads) - heads, heads)
    leads = steps.guided[step] & (number == 0)
    member = number - steps.guided[step]  # -1 is the guide
    who = steps.party[step] * 7919 + member + 1
    lag_s = np.clip(np.maximum(member, 0) // 2 * LAG_S, 0.0, MOST_LAG_S) + np.where(
        steps.guided[step] & ~leads, 1.2, 0.0
    )
    side = ((who * 40503 % 1000) / 500.0 - 1.0) * np.where(leads, 0.0, 1.0)

    def rests(at: NDArray[np.int64]) -> Numbers:
        """Return where one stands at the end of steps."""
        place, walk = steps.place[at], np.isin(steps.event[at], WALKS)
        way = _way(steps, at, places)
        final = ways.first[way] + ways.count[way] - 1
        aside = ways.left[final] * (side * ways.half_m[way])[:, None]
        walked = ways.point_m[final] + np.concatenate((aside, np.zeros((len(aside), 1))), axis=1)
        spot = spots[np.where(walk, 0, np.minimum(place, len(spots) - 1)), (who * 31 + place * 17) % SPOTS]
        return np.asarray(np.where(walk[:, None], walked, spot))

    def mouths(at: NDArray[np.int64]) -> Numbers:
        """Return where the ways of steps begin."""
        way = _way(steps, at, places)
        first = ways.first[way]
        aside = ways.left[first] * (side * ways.half_m[way])[:, None]
        return np.asarray(ways.point_m[first] + np.concatenate((aside, np.zeros((len(aside), 1))), axis=1))

    anchor = _anchor(steps, places)
    walks = np.isin(steps.event, WALKS)
    before, after = np.maximum(step - 1, 0), np.minimum(step + 1, len(steps.party) - 1)
    came = (step > 0) & (steps.party[before] == steps.party[step])
    goes_on = (after > step) & (steps.party[after] == steps.party[step]) & walks[after]
    rest = rests(anchor[step])
    start = np.where(came[:, None], rests(anchor[before]), rest)
    start = np.where((walks[step] & ~walks[before])[:, None], mouths(step), start)  # the stay before led to the mouth
    stay = _stays(steps, step, (start, rest, np.where(goes_on[:, None], mouths(after), rest)), lag_s, ~walks[step])
    gone = _walks(steps, step, start, lag_s, side, places, ways, walks[step], scenario.horizon_s)
    columns = [np.concatenate(pair) for pair in zip(stay, gone, strict=True)]
    from_m, to_m, start_s, arrive_s, end_s, row = columns
    return _Rows(from_m, to_m, start_s, arrive_s, end_s, who[row.astype(int)], leads[row.astype(int)])


def _way(steps: _Steps, at: NDArray[np.int64], places: Places) -> NDArray[np.int64]:
    """Return the ways of steps, the first of all for those that are no walks."""
    walk = np.isin(steps.event[at], WALKS)
    return np.where(walk, 2 * (steps.place[at] - places.paths_from) + (steps.event[at] == Event.WALK_BACK), 0)


def _anchor(steps: _Steps, places: Places) -> NDArray[np.int64]:
    """Return for every step the one, at it or before it, that tells where the party stands: who waits stays there."""
    placed = np.isin(steps.event, (*WALKS, Event.VISIT, Event.QUEUE, Event.ENTER, Event.MEET))
    first = np.append(True, steps.party[1:] != steps.party[:-1])[: len(steps.party)]
    number = np.arange(len(steps.party))
    return np.maximum.accumulate(np.where(placed | first, number, 0))


def _stays(
    steps: _Steps, step: NDArray[np.int64], points: tuple[Numbers, Numbers, Numbers], lag_s: Numbers,
    which: NDArray[np.bool_],
) -> tuple[Numbers, ...]:  # fmt: skip
    """Return stays: strolling to where one stands, and in time from there to the mouth of the next way."""
    row = np.flatnonzero(which)
    start, rest, mouth = (point[row] for point in points)
    begin, until = steps.start_s[step[row]] + lag_s[row], steps.end_s[step[row]] + lag_s[row]
    way_in, way_out = (np.linalg.norm(b - a, axis=1) / STROLL_M_S for a, b in ((start, rest), (rest, mouth)))
    hurry = np.minimum(1.0, (until - begin) / np.maximum(way_in + way_out, 1e-6))
    arrive, leave = begin + way_in * hurry, until - way_out * hurry
    out = np.flatnonzero(way_out > 0)
    return (
        np.concatenate((start, rest[out])),
        np.concatenate((rest, mouth[out])),
        np.concatenate((begin, leave[out])),
        np.concatenate((arrive, until[out])),
        np.concatenate((leave, until[out])),
        np.concatenate((row, row[out])).astype(float),
    )


def _walks(
    steps: _Steps, step: NDArray[np.int64], starts: Numbers, lag_s: Numbers, side: Numbers, places: Places,
    ways: Footways, which: NDArray[np.bool_], horizon_s: float,
) -> tuple[Numbers, ...]:  # fmt: skip
    """Return the pieces of walks: first from where one stood to the way's mouth, then along it.

    Of a plant that is running nobody knows when a walk ends that has only begun: it is taken for a stroll, at whose end
    one stands until more is known.
    """
    walker = np.flatnonzero(which)
    at = step[walker]
    way = _way(steps, at, places)
    count = ways.count[way]
    row = np.repeat(walker, count)
    piece = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    point = np.repeat(ways.first[way], count) + piece
    out = np.repeat(side[walker] * ways.half_m[way], count)
    to_m = ways.point_m[point] + np.concatenate((ways.left[point] * out[:, None], np.zeros((len(row), 1))), axis=1)
    from_m = np.concatenate((to_m[:1], to_m[:-1])) if len(to_m) else to_m
    head = piece == 0
    from_m[head] = starts[row[head]]
    approach = np.linalg.norm(to_m[head][:, :2] - from_m[head][:, :2], axis=1)
    long = ways.reached_m[ways.first[way] + count - 1] + approach
    reach = np.where(head, 0.0, ways.reached_m[point]) + np.repeat(approach, count)
    came = np.where(head, 0.0, np.concatenate(([0.0], reach[:-1]))[: len(reach)])
    begin, until = steps.start_s[step[row]] + lag_s[row], steps.end_s[step[row]] + lag_s[row]
    pace = (until - begin) / np.maximum(np.repeat(long, count), 1e-6)
    ends_unknown = steps.end_s[step[row]] >= horizon_s
    pace = np.where(ends_unknown, np.minimum(pace, 1 / STROLL_M_S), pace)
    start_s, end_s = begin + came * pace, begin + reach * pace
    leave_s = np.where(ends_unknown & (piece == np.repeat(count, count) - 1), np.maximum(until, end_s), end_s)
    moved = end_s > start_s + 1e-3
    columns = from_m, to_m, start_s, end_s, leave_s, row.astype(float)
    return tuple(column[moved] for column in columns)


@lru_cache(maxsize=4)
def _ground(garden: Garden) -> tuple[Footways, Numbers]:
    """Return where one walks and where one stands; a garden that is followed live asks again and again."""
    terrain = Terrain.of(garden)
    return footways(garden, terrain), _spots(garden, terrain)


def _spots(garden: Garden, terrain: Terrain) -> Numbers:
    """Return ``(G + S, SPOTS, 3)`` places to stand: in the queue before each gate, then in each scene."""
    noise = Streams(0).stream(f"garden.{garden.name}.spots")
    middle = np.array(garden.outline_m).mean(axis=0)
    found = []
    for gate in garden.gates:
        out = np.array(gate.at_m) - middle
        out = np.where(abs(out) == abs(out).max(), np.sign(out), 0.0)
        away, aside = noise.uniform(1.2, QUEUE_M, SPOTS), noise.uniform(-2.2, 2.2, SPOTS)
        plan = np.array(gate.at_m) + away[:, None] * out + aside[:, None] * np.array((-out[1], out[0]))
        found.append(np.concatenate((plan, np.full((SPOTS, 1), -0.25)), axis=1))
    for place in garden.scenes:
        plan = _within(place, noise)
        base = terrain.height_m(np.array(place.polygon_m).mean(axis=0)[None])[0]
        raised = BASE_M if place.kind not in ("courtyard", "rockery") else 0.06
        height = np.full(SPOTS, base + raised) if place.kind != "rockery" else terrain.height_m(plan)
        found.append(np.concatenate((plan, height[:, None]), axis=1))
    return np.array(found)


def _within(place: Place, noise: np.random.Generator) -> Numbers:
    """Return places in a scene: clear of its columns, and of the peaks in the middle of a rockery."""
    frame = frame_of(place.polygon_m)
    edge = 1.3 if place.sheltered else 0.8
    plan = frame.outwards(noise.uniform(-1, 1, (40 * SPOTS, 2)) * frame.half_m)
    room = inside(plan, place.polygon_m) & (distance_m(plan, closed(place.polygon_m)) > edge)
    if place.kind == "rockery":
        away = np.linalg.norm(frame.inwards(plan) / np.array(frame.half_m), axis=1)
        room = inside(plan, place.polygon_m) & (away > 0.72)
    if place.kind == "pavilion":
        room &= np.linalg.norm(plan - frame.middle, axis=1) < 0.72 * frame.half_m[1]
    chosen = plan[room][:SPOTS]
    if not len(chosen):
        chosen = frame.middle[None]
    return np.asarray(chosen[np.arange(SPOTS) % len(chosen)])


def _movers(name: str, shape: object, rows: _Rows, start_s: float, end_s: float, *, guides: bool) -> Movers:
    seen = np.flatnonzero((rows.leads == guides) & (rows.end_s > start_s) & (rows.start_s < end_s))
    count = len(seen)
    who = rows.who[seen]
    colors = np.full(count, GUIDE_COLOR) if guides else np.array(CLOTHES)[who * 2654435761 % 4294967296 % len(CLOTHES)]

    def upright(point: Numbers) -> Numbers:
        return np.stack((point[:, 0], point[:, 2], -point[:, 1]), axis=1)

    return Movers(
        name=name,
        shape=cast("tuple", shape),  # type: ignore[type-arg]
        from_m=upright(rows.from_m[seen]),
        to_m=upright(rows.to_m[seen]),
        cross_m=np.zeros(count),
        appear_s=rows.start_s[seen] - start_s,
        arrive_s=rows.arrive_s[seen] - start_s,
        vanish_s=rows.end_s[seen] - start_s,
        color=colors.astype(np.int64),
        swing_m=np.zeros(count),
        blink=np.zeros(count, np.bool_),
        path="straight",
    )
