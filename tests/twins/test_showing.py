"""The face of the twins, without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import twins
from simulators import Run, Scenario
from twins import NoSceneError, TwinError, WindowError, show
from twins.player import SPEEDS, clock_text, tick_length_s
from twins.renderer import VIEW_ANGLE_DEG, framing

if TYPE_CHECKING:
    from simulators import Journal


def test_the_face_is_sorted() -> None:
    assert twins.__all__ == sorted(twins.__all__)


def test_the_window_is_the_hour_after_the_warm_up(pcb_run: Run) -> None:
    player = show(pcb_run)
    assert player.slider.options[0] == "1:00:00"
    assert player.slider.options[-1] == "2:00:00"
    assert player.play.max == len(player.slider.options) - 1


def test_the_window_is_what_is_asked_for(pcb_run: Run) -> None:
    player = show(pcb_run, start_s=10000, end_s=10800)
    assert player.slider.options[0] == "2:46:40"
    assert player.slider.options[-1] == "3:00:00"


def test_the_default_window_ends_with_the_run(pcb_run: Run) -> None:
    assert show(pcb_run, start_s=9000).slider.options[-1] == "3:00:00"


@pytest.mark.parametrize(
    ("start_s", "end_s"), [(-1, 100), (100, 100), (200, 100), (0, 10801), (10800, None), (float("nan"), 5)]
)
def test_a_window_outside_of_the_run_is_refused(pcb_run: Run, start_s: float, end_s: float | None) -> None:
    with pytest.raises(WindowError, match=r"start_s = .* end_s <= 10800") as caught:
        show(pcb_run, start_s=start_s, end_s=end_s)
    assert isinstance(caught.value, TwinError)
    assert isinstance(caught.value, ValueError)


def test_a_kind_without_scene_names_those_that_have_one(pcb_run: Run) -> None:
    journal: Journal = pcb_run.journal
    run = Run(Scenario(kind="aquarium", horizon_s=10), 0, 0, {}, journal)
    with pytest.raises(NoSceneError, match=r"'aquarium'.*production_line"):
        show(run)


@pytest.mark.parametrize(
    ("language", "play", "station", "down"), [("zh", "播放", "回流焊", "故障"), ("en", "Play", "Reflow oven", "down")]
)
def test_both_languages(pcb_run: Run, language: str, play: str, station: str, down: str) -> None:
    player = show(pcb_run, language=language)
    legend, table = (child.value for child in player.children[2:])
    assert player.toggle.description == play
    assert down in legend
    assert station in table
    assert f"{pcb_run.kpis['station.reflow.working_ratio'].value:.1%}" in table


def test_a_workshop_names_its_states(workshop_run: Run, pcb_run: Run) -> None:
    legend, table = (child.value for child in show(workshop_run, language="en").children[2:])
    for word in ("set-up", "waiting for an operator", "maintenance", "off shift"):
        assert word in legend
    ratio = workshop_run.kpis["station.turn.maintenance_ratio"].value
    assert f"{ratio:.1%}" in table
    assert "maintenance" not in show(pcb_run, language="en").children[2].value


def test_labels_are_escaped(pcb_run: Run) -> None:
    data = pcb_run.scenario.model_dump()
    data["stations"][0]["label"]["en"] = "<img src=x onerror=alert(1)>"
    scenario = type(pcb_run.scenario).model_validate(data)
    run = Run(scenario, 0, 0, pcb_run.kpis, pcb_run.journal)
    assert "<img" not in show(run, language="en").children[3].value


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_ticking_keeps_the_speed(pcb_run: Run, speed: int) -> None:
    player = show(pcb_run)
    player.speed.value = speed
    tick_s = tick_length_s(3600)
    assert player.play.step * tick_s / (player.play.interval / 1000) == pytest.approx(speed, rel=1e-2)


def test_the_button_says_what_it_would_do(pcb_run: Run) -> None:
    player = show(pcb_run, language="en")
    player.toggle.value = True
    assert player.toggle.description == "Pause"
    player.toggle.value = False
    assert player.toggle.description == "Play"


@pytest.mark.parametrize(("span_s", "tick_s"), [(10, 1), (7200, 1), (7201, 2), (86400, 12)])
def test_a_long_window_has_a_coarser_slider(span_s: float, tick_s: float) -> None:
    assert tick_length_s(span_s) == tick_s


def test_clock() -> None:
    assert [clock_text(time_s) for time_s in (0, 59.9, 3600, 36000)] == ["0:00:00", "0:00:59", "1:00:00", "10:00:00"]


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.3, 5.0])
def test_the_camera_frames_the_whole_scene_closely(aspect: float) -> None:
    bounds = ((-3.0, 0.0, -1.0), (17.0, 3.0, 2.0))
    camera = framing(bounds, aspect)
    low, high = np.array(bounds)
    corners = np.array([[(low, high)[bit >> axis & 1][axis] for axis in range(3)] for bit in range(8)])
    forward = np.subtract(camera.target_m, camera.eye_m)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 1, 0))
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    seen = corners - camera.eye_m
    depth = seen @ forward
    tall = np.tan(np.radians(VIEW_ANGLE_DEG / 2))
    reach = np.maximum(abs(seen @ right / depth) / (tall * aspect), abs(seen @ up / depth) / tall)
    assert (depth > 0).all()
    assert reach.max() == pytest.approx(1)
