"""The plan of a garden at one moment, as SVG: how full every place is, and where everybody is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, cast

import numpy as np

from simulators import Text
from simulators.heritage_garden import Event, Places, time_series
from simulators.heritage_garden.service_level import D as COMFORTABLE_M2
from twins.clock import clock_text
from twins.errors import MomentError
from twins.garden import paper
from twins.garden.plan import ridge_m, shore
from twins.garden.visitors import crowd
from twins.gltf_motion import positions_m
from twins.picture import drawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    from simulators import Journal, Run
    from simulators.heritage_garden import HeritageGarden
    from simulators.heritage_garden.parts import Path, Wall
    from simulators.heritage_garden.parts import Scene as Place
    from twins.picture import Picture

__all__ = ["CROWDING_COLORS", "crowding"]

WIDTH_PX, HEIGHT_PX, MARGIN_PX, TOP_PX, LEGEND_PX = 940, 760, 16, 56, 34
CROWDING_COLORS = ("#fde7a9", "#fbb94f", "#f0701f", "#b3261e")
"""Of places with visitors: up to a third of what they carry, two thirds, all of it, and more."""

GATE, SHUT, VISITOR = "#1d7a46", "#4b5563", "#123a5a"
VISITOR_PX, NAME_PX, QUEUE_PX = 2.0, 10.5, 34
AROUND_S = 2.0

TITLE = Text(zh="园中人流：{time}", en="The garden at {time}")
TOLD = Text(
    zh="在园 {inside} 人，其中 {waiting} 人在路口、景点前等候；门外排队 {queued} 人",
    en="{inside} visitors inside, {waiting} of them waiting before paths and scenes; {queued} in queues at the gates",
)
RAINING, ALARM = Text(zh="，下雨", en=", raining"), Text(zh="，紧急疏散", en=", alarm: everybody must get out")
PLACE = Text(zh="{name}：{many} 人", en="{name}: {many} visitors")
OF, SHUT_NOW = Text(zh="，可容 {most} 人", en=", carries {most}"), Text(zh=" · 关闭", en=" · closed")
QUEUE = Text(zh="{name} · 排队 {many}", en="{name} · queue {many}")
LEVELS = tuple(
    Text(zh=zh, en=en)
    for zh, en in (
        ("不到承载量的 ⅓", "to ⅓ of what it carries"),
        ("到 ⅔", "to ⅔"),
        ("到满", "to all of it"),
        ("超过", "more"),
    )
)
CLOSED, PERSON = Text(zh="关闭", en="closed"), Text(zh="游人", en="visitor")


def crowding(run: Run, time_s: float, *, language: str = "zh") -> Picture:
    """Draw a garden as it is at a moment, seen from above, north up.

    Parameters
    ----------
    run
        With its journal.
    time_s
        The moment, time of day in seconds; before the end of the run.
    language
        ``zh`` for Chinese, else English.

    Returns
    -------
    A picture that Jupyter displays; places tell how many are there when they are pointed at.

    Raises
    ------
    MomentError
        The moment is not in the run.
    """
    horizon_s = run.scenario.horizon_s
    if not 0 <= time_s < horizon_s:
        raise MomentError(time_s, horizon_s)
    return _Crowding(cast("HeritageGarden", run.scenario), run.journal, time_s, language).picture()


class _Crowding:
    def __init__(self, scenario: HeritageGarden, journal: Journal, time_s: float, language: str) -> None:
        self._scenario, self._garden = scenario, scenario.garden
        self._journal, self._time_s, self._language = journal, time_s, language
        self._places = Places(scenario)
        # One step from midnight to the moment: the count there.
        found = time_series(journal, scenario, step_s=max(time_s, 1.0))
        now = int(time_s >= 1.0)
        self._many: list[int] = found.visitors[now].tolist()
        self._inside = int(found.inside[now])
        self._shut = set(_shut(journal, time_s))
        corners = np.array(self._garden.outline_m)
        self._low_m, high_m = corners.min(axis=0), corners.max(axis=0)
        size_m = high_m - self._low_m
        self._scale = min((WIDTH_PX - 2 * MARGIN_PX) / size_m[0], HEIGHT_PX / size_m[1])
        self._size_px = size_m * self._scale

    def picture(self) -> Picture:
        garden, language = self._garden, self._language
        title = TITLE.in_language(language).format(time=clock_text(self._time_s))
        placed = sum(self._many[self._places.scenes_from :])
        told = TOLD.in_language(language).format(
            inside=self._inside,
            waiting=max(self._inside - placed, 0),
            queued=sum(self._many[: self._places.scenes_from]),
        )
        if self._last(Event.RAIN) > self._last(Event.DRY):
            told += RAINING.in_language(language)
        if self._last(Event.ALARM) >= 0:
            told += ALARM.in_language(language)
        width = 2 * MARGIN_PX + self._size_px[0]
        height = TOP_PX + self._size_px[1] + QUEUE_PX + LEGEND_PX
        heading = f"{garden.title.in_language(language)} · {title}"
        first, paths_from = self._places.scenes_from, self._places.paths_from
        return drawn(
            title,
            f"{told}。" if language == "zh" else f"{told}.",
            (round(max(width, 560.0)), round(height)),
            [
                _HATCH,
                f'<text x="{MARGIN_PX}" y="22" font-size="14" font-weight="600">{escape(heading)}</text>',
                f'<text x="{MARGIN_PX}" y="42">{escape(told)}</text>',
                self._polygon(garden.outline_m, f'fill="{paper.GROUND}" stroke="{paper.WALL}" stroke-width="2.5"'),
                *(
                    self._polygon(shore(pond.polygon_m), f'fill="{paper.WATER}" stroke="{paper.SHORE}"')
                    for pond in garden.ponds
                ),
                *self._trees(),
                *(piece for number, path in enumerate(garden.paths, paths_from) for piece in self._path(number, path)),
                *(piece for number, place in enumerate(garden.scenes, first) for piece in self._scene(number, place)),
                *(piece for wall in garden.walls for piece in self._wall(wall)),
                *self._visitors(),
                *self._names(),
                *self._gates(),
                self._legend(TOP_PX + self._size_px[1] + QUEUE_PX + 8),
            ],
        )

    # ---- what is so at this moment

    def _last(self, event: Event) -> int:
        """Return the row of the last such event up to now, or -1."""
        rows = np.flatnonzero((self._journal.event == event) & (self._journal.time_s <= self._time_s))
        return int(rows[-1]) if len(rows) else -1

    def _told(self, number: int, name: str, most: int | None) -> str:
        told = PLACE.in_language(self._language).format(name=name, many=self._many[number])
        if most is not None:
            told += OF.in_language(self._language).format(most=most)
        return told + (SHUT_NOW.in_language(self._language) if number in self._shut else "")

    def _fill(self, number: int, most: float, usual: str) -> str:
        if self._many[number]:
            level = int(np.ceil(3 * self._many[number] / max(most, 1.0) - 1e-9))
            return CROWDING_COLORS[min(max(level, 1), len(CROWDING_COLORS)) - 1]
        return "url(#{id}-shut)" if number in self._shut else usual

    # ---- drawing

    def _at(self, points: ArrayLike) -> list[tuple[float, float]]:
        offset = (np.asarray(points, float).reshape(-1, 2) - self._low_m) * self._scale
        return [(MARGIN_PX + x, TOP_PX + self._size_px[1] - y) for x, y in offset.tolist()]

    def _points(self, points: ArrayLike) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self._at(points))

    def _polygon(self, points: ArrayLike, look: str, tip: str = "") -> str:
        inside = f"<title>{escape(tip)}</title>" if tip else ""
        return f'<polygon points="{self._points(points)}" {look}>{inside}</polygon>'

    def _line(self, points: ArrayLike, color: str, width_px: float, tip: str = "") -> str:
        inside = f"<title>{escape(tip)}</title>" if tip else ""
        return (
            f'<polyline points="{self._points(points)}" fill="none" stroke="{color}" stroke-width="{width_px:.1f}" '
            f'stroke-linejoin="round">{inside}</polyline>'
        )

    def _trees(self) -> Iterator[str]:
        for tree in self._garden.trees:
            ((x, y),) = self._at(tree.at_m)
            radius = tree.crown_radius_m * self._scale
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{paper.TREE}" fill-opacity=".4"/>'

    def _path(self, number: int, path: Path) -> Iterator[str]:
        wide = max(path.width_m * self._scale, 3.0)
        # A path has no carrying capacity of its own: it counts as full where Fruin's level C ends.
        most = COMFORTABLE_M2 * path.length_m * path.width_m
        yield self._line(path.line_m, paper.INK if "bridge" in path.kind else paper.PAPER, wide + 1.6)
        tip = self._told(number, self._garden.path_label(path, self._language), None)
        yield self._line(path.line_m, self._fill(number, most, paper.WAY), wide, tip)
        if number in self._shut:
            yield self._line(path.line_m, SHUT, 1.6).replace("<polyline", '<polyline stroke-dasharray="2 3"')

    def _scene(self, number: int, place: Place) -> Iterator[str]:
        usual = paper.ROCK if place.kind == "rockery" else paper.ROOF if place.sheltered else paper.COURT
        tip = self._told(number, place.label.in_language(self._language), place.carrying_capacity)
        fill = self._fill(number, place.carrying_capacity, usual)
        yield f'<g data-target="{place.name}">'
        yield self._polygon(place.polygon_m, f'fill="{fill}" stroke="{paper.INK}"', tip)
        if place.sheltered and len(place.polygon_m) == 4:
            for ends in ridge_m(place.polygon_m):
                yield self._line(ends, paper.PAPER, 0.8)
        yield "</g>"

    def _wall(self, wall: Wall) -> Iterator[str]:
        line = np.array(wall.line_m, float)
        yield self._line(line, paper.WALL, 2.0)
        far = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))))
        for opening in wall.openings:
            ends = opening.at_m - opening.width_m / 2, opening.at_m + opening.width_m / 2
            gap = np.stack([np.interp(ends, far, line[:, axis]) for axis in (0, 1)], axis=1)
            window = opening.kind == "window"
            yield self._line(gap, paper.WATER if window else paper.GROUND, 1.2 if window else 2.6)

    def _visitors(self) -> Iterator[str]:
        start_s = max(0.0, self._time_s - AROUND_S)
        since_s = self._time_s - start_s
        found = crowd(self._scenario, self._journal, start_s, self._time_s + AROUND_S)
        dots = []
        for movers in found.movers:
            shown = movers.chosen(np.flatnonzero(movers.shown_at(since_s)))
            at: NDArray[np.float64] = positions_m(shown, since_s)
            dots += self._at(at[:, [0, 2]] * (1, -1)) if len(at) else []
        # Dots are strokes of no length with round ends: there may be thousands.
        way = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in dots)
        if way:
            look = f'fill="none" stroke="{VISITOR}" stroke-width="{2 * VISITOR_PX}" stroke-linecap="round"'
            yield f'<path class="visitors" d="{way}" {look} pointer-events="none"/>'

    def _names(self) -> Iterator[str]:
        """Yield the names of scenes, the fullest first; one that would cover another is left to the pointer."""
        first, taken = self._places.scenes_from, list[tuple[float, float, float]]()
        scenes = sorted(enumerate(self._garden.scenes, first), key=lambda one: -self._many[one[0]])
        for number, place in scenes:
            corners = self._at(place.polygon_m)
            x, y = sum(x for x, _ in corners) / len(corners), max(y for _, y in corners) + 11
            many = f" {self._many[number]}" if self._many[number] else ""
            name = f"{place.label.in_language(self._language)}{many}"
            half = _wide_px(name) / 2
            if any(
                abs(y - other_y) < 12 and abs(x - other_x) < half + other_half for other_x, other_y, other_half in taken
            ):
                continue
            taken.append((x, y, half))
            yield _named(name, x, y, NAME_PX)

    def _gates(self) -> Iterator[str]:
        for number, gate in enumerate(self._garden.gates):
            ((x, y),) = self._at(gate.at_m)
            name = gate.label.in_language(self._language)
            shown = QUEUE.in_language(self._language).format(name=name, many=self._many[number])
            color = SHUT if number in self._shut else GATE
            tip = escape(self._told(number, name, None))
            yield (
                f'<g data-target="{gate.name}"><rect x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12" rx="2" '
                f'fill="{color}" stroke="#fff"><title>{tip}</title></rect></g>'
            )
            wide = _wide_px(shown) / 2 + 8
            centre = min(max(x, MARGIN_PX + wide), MARGIN_PX + self._size_px[0] - wide)
            yield _named(shown, centre, y - 10, 11.5, color)

    def _legend(self, top: float) -> str:
        entries: list[tuple[str, str]] = [
            (
                f'<rect x="{{x}}" y="{top:.1f}" width="20" height="12" fill="{color}"/>',
                level.in_language(self._language),
            )
            for color, level in zip(CROWDING_COLORS, LEVELS, strict=True)
        ]
        entries.append(
            (f'<rect x="{{x}}" y="{top:.1f}" width="20" height="12" fill="url(#{{id}}-shut)"/>',
             CLOSED.in_language(self._language))
        )  # fmt: skip
        entries.append(
            (f'<circle cx="{{x}}" cy="{top + 6:.1f}" r="{VISITOR_PX + 1}" fill="{VISITOR}"/>',
             PERSON.in_language(self._language))
        )  # fmt: skip
        return "".join(_in_a_row(entries, top + 10))


_HATCH = (
    '<defs><pattern id="{id}-shut" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#c6c9c4"/><path d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5" stroke="#7d827c"/>'
    "</pattern></defs>"
)


def _shut(journal: Journal, time_s: float) -> Iterable[int]:
    """Return the places that are closed at a time."""
    turned = np.flatnonzero(np.isin(journal.event, (Event.OPEN, Event.CLOSE)) & (journal.time_s <= time_s))
    last = dict(zip(journal.place[turned].tolist(), journal.event[turned].tolist(), strict=True))
    return (place for place, event in last.items() if event == Event.CLOSE)


def _named(text: str, x: float, y: float, size_px: float, color: str = paper.INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{size_px}" fill="{color}" '
        f'stroke="{paper.PAPER}" stroke-width="3" stroke-opacity=".8" paint-order="stroke">{escape(text)}</text>'
    )


def _in_a_row(entries: Sequence[tuple[str, str]], baseline: float) -> Iterator[str]:
    """Yield marks, each with its word behind it."""
    left = float(MARGIN_PX)
    for mark, word in entries:
        yield mark.replace("{x}", f"{left:.1f}")
        yield f'<text x="{left + 25:.1f}" y="{baseline:.1f}" font-size="11">{escape(word)}</text>'
        left += 44 + _wide_px(word)


def _wide_px(text: str) -> float:
    return sum(11.5 if ord(letter) > 0x2E80 else 6 for letter in text)
