"""The charts of a run, read back from their SVG."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import twins
from simulators import Run, Scenario, simulate
from simulators.production_line import ProductionLine, State, bottlenecks, gantt
from twins import NoChartError, TwinError, WindowError
from twins.fills import fill_of
from twins.tables import STATE_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from twins import Picture

SVG = "{http://www.w3.org/2000/svg}"
CHARTS = pytest.mark.parametrize("draw", [twins.gantt, twins.bottlenecks])
TIP = re.compile(r"(?P<who>.+?) · (?P<state>.+?) · (?:# (?P<part>.+?) · )?(?P<span>\S+) \((?P<long>\d+) s\)")


def parsed(picture: Picture) -> ET.Element:
    return ET.fromstring(picture.svg)  # noqa: S314 - our own


def tips(picture: Picture) -> list[re.Match[str]]:
    titles = (rect.find(f"{SVG}title") for rect in parsed(picture).iter(f"{SVG}rect"))
    return [match for title in titles if title is not None and (match := TIP.fullmatch(title.text or ""))]


def test_every_bar_of_the_window_is_drawn_and_tells_what_it_is(workshop_run: Run) -> None:
    bars = gantt(workshop_run.scenario, workshop_run.journal).within(4000, 5200)
    told = tips(twins.gantt(workshop_run, start_s=4000, end_s=5200, language="en"))
    assert len(told) == len(bars) > 100
    assert [tip["state"] for tip in told] == [STATE_WORDS[State(code)].en for code in bars.state]
    assert [int(tip["long"]) for tip in told] == [round(long) for long in bars.end_s - bars.start_s]
    parts = zip(bars.part_type.tolist(), bars.part.tolist(), strict=True)
    named = [f"{workshop_run.scenario.types[kind].name} {part}" for kind, part in parts if part >= 0]
    assert [tip["part"] for tip in told if tip["part"]] == named
    assert {tip["who"] for tip in told} >= {"Mill 1", "Mill 2", "Saw"}


def test_bars_lie_where_their_times_are(pcb_run: Run) -> None:
    picture = twins.gantt(pcb_run, start_s=4000, end_s=4600)
    bars = gantt(pcb_run.scenario, pcb_run.journal).within(4000, 4600)
    drawn = [rect for rect in parsed(picture).iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None]
    left = np.array([float(rect.attrib["x"]) for rect in drawn])
    wide = np.array([float(rect.attrib["width"]) for rect in drawn])
    scale, offset = np.polyfit(bars.start_s, left, 1)
    np.testing.assert_allclose(left, scale * bars.start_s + offset, atol=0.11)
    np.testing.assert_allclose(wide, scale * (bars.end_s - bars.start_s), atol=0.11)
    rows = {float(rect.attrib["y"]) + float(rect.attrib["height"]) / 2 for rect in drawn}
    assert len({round(row) for row in rows}) == 9  # machines


def test_states_are_told_by_more_than_colour() -> None:
    fills = {state: fill_of(state) for state in State}
    patterns = [fill for fill in fills.values() if fill.startswith("url")]
    assert len(set(patterns)) == len(patterns) == len(State) - 2  # working is plain, starved a thin line


@CHARTS
def test_charts_have_a_title_and_a_description_for_screen_readers(
    draw: Callable[..., Picture], workshop_run: Run
) -> None:
    picture = draw(workshop_run, language="en")
    root = parsed(picture)
    assert root.attrib["role"] == "img"
    title, description = root.attrib["aria-labelledby"].split()
    by_id = {element.attrib["id"]: element for element in root.iter() if "id" in element.attrib}
    assert by_id[title].text == picture.title
    told = by_id[description].text or ""
    assert all(station.label.en in told for station in workshop_run.scenario.stations)
    html = picture._repr_html_()
    assert 'tabindex="0"' in html
    assert picture.svg in html
    used = set(re.findall(r"url\(#([^)]+)\)", picture.svg))
    assert used <= set(by_id)
    assert used


@CHARTS
def test_two_charts_on_a_page_share_no_id(draw: Callable[..., Picture], workshop_run: Run, pcb_run: Run) -> None:
    ids = [set(re.findall(r'id="([^"]+)"', draw(run).svg)) for run in (workshop_run, pcb_run)]
    assert ids[0].isdisjoint(ids[1])


@CHARTS
@pytest.mark.parametrize(("language", "word"), [("zh", "车削"), ("en", "Turning")])
def test_both_languages(draw: Callable[..., Picture], workshop_run: Run, language: str, word: str) -> None:
    picture = draw(workshop_run, language=language)
    assert word in picture.svg
    chinese = re.search("[\u4e00-\u9fff]", picture.svg.replace("Noto Sans CJK SC", ""))
    assert bool(chinese) == (language == "zh")


@CHARTS
def test_labels_are_escaped(draw: Callable[..., Picture], pcb_run: Run) -> None:
    data = pcb_run.scenario.model_dump()
    data["stations"][0]["label"]["en"] = '<img src=x> & "{id}"'
    run = Run(type(pcb_run.scenario).model_validate(data), 0, 0, pcb_run.kpis, pcb_run.journal)
    assert "<img" not in draw(run, language="en").svg
    parsed(draw(run, language="en"))


@CHARTS
@pytest.mark.parametrize(("start_s", "end_s"), [(-1, 100), (100, 100), (0, 10801), (float("nan"), 5)])
def test_a_window_outside_of_the_run_is_refused(
    draw: Callable[..., Picture], pcb_run: Run, start_s: float, end_s: float
) -> None:
    with pytest.raises(WindowError, match=r"start_s = .* end_s <= 10800"):
        draw(pcb_run, start_s=start_s, end_s=end_s)


@CHARTS
def test_another_kind_has_no_such_chart(draw: Callable[..., Picture], pcb_run: Run) -> None:
    run = Run(Scenario(kind="aquarium", horizon_s=10), 0, 0, {}, pcb_run.journal)
    with pytest.raises(NoChartError, match=r"'aquarium'.*production_line") as caught:
        draw(run)
    assert isinstance(caught.value, TwinError)


def test_a_long_window_shows_what_took_most_of_each_step(pcb_run: Run) -> None:
    whole = twins.gantt(pcb_run, start_s=0, end_s=10800, language="en")
    assert "took most of its time" in whole.svg
    assert len(whole.svg) < 500_000
    placement = gantt(pcb_run.scenario, pcb_run.journal)
    mine = placement.machine == placement.places.index("placement.1")
    longest = np.argmax(np.where(placement.state[mine] == State.DOWN, (placement.end_s - placement.start_s)[mine], 0))
    middle_s = (placement.start_s[mine][longest] + placement.end_s[mine][longest]) / 2
    at = 150 + 800 * middle_s / 10800
    red = [rect for rect in parsed(whole).iter(f"{SVG}rect") if "DOWN" in rect.attrib.get("fill", "")]
    assert any(float(rect.attrib["x"]) <= at <= float(rect.attrib["x"]) + float(rect.attrib["width"]) for rect in red)


def test_forty_machines_have_a_row_each_that_does_not_overlap(pcb_run: Run) -> None:
    station = pcb_run.scenario.stations[0]
    line = pcb_run.scenario.model_copy(
        update={"stations": tuple(station.model_copy(update={"name": f"s{n}", "label": None}) for n in range(40))}
    )
    line = ProductionLine.model_validate(line.model_dump())
    root = parsed(twins.gantt(simulate(line, seed=1)))
    names = [text for text in root.iter(f"{SVG}text") if re.fullmatch(r"s\d+", text.text or "")]
    assert len(names) == 40
    gaps = np.diff([float(text.attrib["y"]) for text in names])
    assert (gaps >= float(names[0].attrib["font-size"]) * 1.2).all()


def test_the_bottleneck_chart_tells_the_shares(workshop_run: Run) -> None:
    shares = bottlenecks(workshop_run.scenario, workshop_run.journal).stations
    picture = twins.bottlenecks(workshop_run, language="en")
    told = parsed(picture).find(f"{SVG}desc").text.split("; ")
    for row, station in enumerate(workshop_run.scenario.stations):
        assert told[row] == (
            f"{station.label.en}: sole {shares.sole_ratio[row]:.0%}, shifting {shares.shifting_ratio[row]:.0%}, "
            f"bottleneck at the moment {shares.momentary_ratio[row]:.0%}"
        )
    strong = [text.text for text in parsed(picture).iter(f"{SVG}text") if text.attrib.get("font-weight") == "700"]
    assert workshop_run.scenario.stations[shares.names.index(shares.primary)].label.en in strong


def test_machines_can_be_judged_one_by_one(workshop_run: Run) -> None:
    assert "Mill 2: sole" in twins.bottlenecks(workshop_run, machines=True, language="en").svg
    assert "Mill 2: sole" not in twins.bottlenecks(workshop_run, language="en").svg
