"""What the page of a running plant asks for: its scene, plots, a plan.

Each is made once for all who ask at about the same time, and away from the thread in which the plant runs.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators import Text
from twins.about import About
from twins.diary import diary
from twins.moments import LATEST
from twins.parcel import pack, pack_plots
from twins.plans import PLANS
from twins.plans import plan as plan_of
from twins.showing import SCENES, plots_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from twins.moments import Moments

__all__ = ["Answers"]

SCENE_KEPT_S, PLOTS_KEPT_S, PLAN_KEPT_S = 10.0, 1.0, 1.0
"""How long an answer serves whoever asks. A scene may be older: what moves comes with the next moment."""

FIRST_S = 1.0


@dataclass(frozen=True)
class _Made:
    """An answer, when it was made (monotonic seconds), and how far the plant had come (time in seconds, rows)."""

    content: bytes
    at_s: float
    of: tuple[float, int]


class Answers:
    """Answers about one plant.

    Parameters
    ----------
    plant
        The plant.
    """

    def __init__(self, plant: Moments) -> None:
        self._plant = plant
        self._made: dict[str, _Made] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def has_plan(self) -> bool:
        """Whether there are plans of such plants."""
        return self._plant.kind in PLANS

    async def scene(self) -> bytes:
        """Return the scene of the last moments, packed; moments follow it."""
        plant, run, build = self._plant, self._plant.run(), self._plant.building()

        def make() -> bytes:
            scene = build()
            happened = diary(plant.kind, run.journal, scene.start_s, scene.end_s, latest=LATEST)
            legend = SCENES[plant.kind].legend
            notes = Text(zh=legend(run, "zh"), en=legend(run, "en"))
            return pack(scene, About(notes=notes, diary=happened), live=True, plan=self.has_plan).to_bytes()

        # Who comes after a new kind of movers has come must have its shape.
        return await self._answer(f"scene of {len(plant.known)} kinds", SCENE_KEPT_S, make)

    async def plots(self) -> bytes:
        """Return what is plotted up to now, packed."""
        run, now_s = self._plant.run(), self._now_s()

        def make() -> bytes:
            start_s, series = plots_of(run, now_s)
            return pack_plots(series, start_s, now_s).to_bytes()

        return await self._answer("plots", PLOTS_KEPT_S, make)

    async def plan(self, language: str) -> bytes:
        """Return the plan of the plant as it is now, as SVG."""
        run, now_s = self._plant.run(), self._now_s()
        return await self._answer(
            f"plan {language}", PLAN_KEPT_S, lambda: plan_of(run, now_s, language=language).svg.encode()
        )

    def _now_s(self) -> float:
        """Return the plant's time, but neither its very beginning nor its horizon, of which there is no plan."""
        return float(min(max(self._plant.now_s, FIRST_S), np.nextafter(self._plant.horizon_s, 0)))

    async def _answer(self, name: str, kept_s: float, make: Callable[[], bytes]) -> bytes:
        """Return what has been made already, unless it is too old and the plant has gone on."""
        async with self._locks.setdefault(name, asyncio.Lock()):
            made, of = self._made.get(name), (self._plant.now_s, self._plant.rows)
            if made is None or (made.of != of and time.monotonic() - made.at_s > kept_s):
                made = _Made(await asyncio.to_thread(make), time.monotonic(), of)
                self._made[name] = made
            return made.content
