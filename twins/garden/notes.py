"""What is told below a garden's scene, and of its places when one points at them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, cast

import numpy as np

from simulators import Text
from simulators.heritage_garden import Places
from simulators.heritage_garden.series import stays
from twins.garden.visitors import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators import Run
    from simulators.heritage_garden import HeritageGarden

__all__ = ["garden_facts", "garden_notes"]

KINDS = {
    "hall": Text(zh="厅堂", en="hall"),
    "pavilion": Text(zh="亭", en="pavilion"),
    "courtyard": Text(zh="庭院", en="courtyard"),
    "rockery": Text(zh="假山", en="rockery"),
    "waterside": Text(zh="水榭", en="by the water"),
    "viewpoint": Text(zh="高处观景", en="viewpoint"),
}
LEGEND = Text(
    zh="{title}：屋面、院墙、水池与花木按园图生成，人物按日志行走；举小旗的是讲解员。人多时只画一部分"
    "（一屏最多约 {most} 段行程）。",
    en="{title}: roofs, walls, ponds and plants follow the garden's plan, figures walk as the journal says; guides "
    "hold a flag. Of a large crowd a part is shown (some {most} pieces of ways in a scene).",
)
CHOICE = Text(
    zh="季节与时刻可选：show(run, season='autumn', hour=17.5)。",
    en="Season and hour can be chosen: show(run, season='autumn', hour=17.5).",
)
KIND, CAPACITY = Text(zh="类型", en="kind"), Text(zh="瞬时承载量", en="carrying capacity")
MEAN_STAY, VISITS, PEAK = (
    Text(zh="平均停留", en="mean stay"),
    Text(zh="到访", en="visits"),
    Text(zh="最多同时", en="most at once"),
)
PEOPLE, MINUTES = Text(zh="{0:.0f} 人", en="{0:.0f}"), Text(zh="{0:.1f} 分钟", en="{0:.1f} min")
CHECKS = Text(zh="检票口", en="ticket checks")
SECONDS_PER_MINUTE = 60.0


def garden_notes(run: Run, language: str) -> tuple[str, ...]:
    """Return as HTML the legend, and what can be chosen."""
    scenario = cast("HeritageGarden", run.scenario)
    text = LEGEND.in_language(language).format(title=scenario.garden.title.in_language(language), most=MOST_ROWS)
    paragraphs = (text, CHOICE.in_language(language))
    return tuple(f'<p style="margin:6px 0;font-size:13px">{escape(one)}</p>' for one in paragraphs)


def garden_facts(run: Run) -> Mapping[str, tuple[tuple[Text, Text], ...]]:
    """Return what is known of scenes and gates, by name."""
    scenario = cast("HeritageGarden", run.scenario)
    garden, first = scenario.garden, Places(scenario).scenes_from
    found = stays(run.journal, scenario)
    facts: dict[str, tuple[tuple[Text, Text], ...]] = {}
    for gate in garden.gates:
        facts[gate.name] = ((CHECKS, Text(zh=str(gate.counters), en=str(gate.counters))),)
    for number, scene in enumerate(garden.scenes, first):
        rows = found.place == number
        visitors = found.visitors[rows]
        lasted_s = found.end_s[rows] - found.begin_s[rows]
        mean_s = float((lasted_s * visitors).sum() / visitors.sum()) if visitors.sum() else 0.0
        facts[scene.name] = (
            (KIND, KINDS[scene.kind]),
            (CAPACITY, _filled(PEOPLE, scene.carrying_capacity)),
            (VISITS, _filled(PEOPLE, float(visitors.sum()))),
            (PEAK, _filled(PEOPLE, _most(found.begin_s[rows], found.end_s[rows], visitors))),
            (MEAN_STAY, _filled(MINUTES, mean_s / SECONDS_PER_MINUTE)),
        )
    return facts


def _filled(text: Text, number: float) -> Text:
    return Text(zh=text.zh.format(number), en=text.en.format(number))


def _most(begin_s: np.ndarray[tuple[int], np.dtype[np.float64]], end_s: np.ndarray[tuple[int], np.dtype[np.float64]],
          visitors: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:  # fmt: skip
    """Return the largest number of visitors at once."""
    if not len(begin_s):
        return 0.0
    order = np.argsort(np.concatenate((end_s, begin_s)), kind="stable")  # who leaves does so before who comes
    return float(np.cumsum(np.concatenate((-visitors, visitors))[order]).max())
