"""The face of the twins, without a browser."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pytest

import twins
from hub_config.settings import HubSettings
from simulators import KINDS, Run, Scenario
from twins import NoSceneError, RendererError, TwinError, WindowError, show
from twins.canvas import Canvas
from twins.clock import SPEEDS, clock_text
from twins.player import Player, tick_length_s
from twins.renderer import VIEW_ANGLE_DEG, framing
from twins.showing import RENDERERS, SCENES, USUAL_RENDERER
from twins.twin import Twin

if TYPE_CHECKING:
    from simulators import Journal


def test_the_face_is_sorted() -> None:
    assert twins.__all__ == sorted(twins.__all__)


@pytest.fixture(params=sorted(RENDERERS))
def renderer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_window_is_the_hour_after_the_warm_up(pcb_run: Run, renderer: str) -> None:
    view = show(pcb_run, renderer=renderer)
    assert (view.start_s, view.end_s) == (3600, 7200)


def test_the_window_is_what_is_asked_for(pcb_run: Run, renderer: str) -> None:
    view = show(pcb_run, start_s=10000, end_s=10800, renderer=renderer)
    assert (view.start_s, view.end_s) == (10000, 10800)


def test_the_default_window_ends_with_the_run(pcb_run: Run, renderer: str) -> None:
    assert show(pcb_run, start_s=9000, renderer=renderer).end_s == 10800


def test_a_view_starts_at_rest_at_the_window_s_begin_and_can_be_moved(pcb_run: Run, renderer: str) -> None:
    view = show(pcb_run, renderer=renderer)
    assert (view.time_s, view.playing, view.speed, view.chosen) == (3600, False, 10, "")
    view.time_s, view.speed, view.playing = 5000, 20, True
    assert (view.time_s, view.playing, view.speed) == (5000, True, 20)


@pytest.mark.parametrize(("asked_s", "shown_s"), [(0, 3600), (99999, 7200)])
def test_a_view_stays_within_its_window(pcb_run: Run, renderer: str, asked_s: float, shown_s: float) -> None:
    view = show(pcb_run, renderer=renderer)
    view.time_s = asked_s
    assert view.time_s == shown_s


def test_a_view_shows_all_that_is_told_in_its_language(pcb_run: Run, renderer: str) -> None:
    words = {"zh": ("故障", "回流焊"), "en": ("down", "Reflow oven")}
    share = f"{pcb_run.kpis['station.reflow.working_ratio'].value:.1%}"
    for language, expected in words.items():
        notes = notes_of(show(pcb_run, language=language, renderer=renderer), language)
        assert all(word in notes for word in (*expected, share))


def notes_of(view: object, language: str) -> str:
    if isinstance(view, Canvas):
        head = unpacked(view.parcel)[0]
        return str(head["notes"][language])
    assert isinstance(view, Player)
    return str(view.children[-1].value)


def unpacked(piece: bytes) -> tuple[dict[str, Any], bytes]:
    """Read a parcel as the browser does."""
    (length,) = struct.unpack_from("<I", piece)
    return json.loads(piece[4 : 4 + length]), piece[4 + length :]


def test_the_setting_chooses_the_renderer(pcb_run: Run, renderer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIXUN_RENDERER", renderer)
    kinds = {"anywidget": Canvas, "pythreejs": Player}
    assert isinstance(show(pcb_run), kinds[renderer])


def test_sessions_are_told_what_is_usual_anyway() -> None:
    field = HubSettings.model_fields["renderer"]
    assert field.default == USUAL_RENDERER
    assert set(get_args(field.annotation)) == set(RENDERERS)


def test_an_unknown_renderer_is_refused(pcb_run: Run) -> None:
    with pytest.raises(RendererError, match=r"'crayon'.*anywidget, pythreejs"):
        show(pcb_run, renderer="crayon")


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


def test_a_workshop_names_its_states(workshop_run: Run, pcb_run: Run) -> None:
    notes = notes_of(show(workshop_run, language="en"), "en")
    for word in ("set-up", "waiting for an operator", "maintenance", "off shift"):
        assert word in notes
    ratio = workshop_run.kpis["station.turn.maintenance_ratio"].value
    assert f"{ratio:.1%}" in notes
    assert "maintenance" not in notes_of(show(pcb_run, language="en"), "en")


def test_labels_are_escaped(pcb_run: Run, renderer: str) -> None:
    data = pcb_run.scenario.model_dump()
    data["stations"][0]["label"]["en"] = "<img src=x onerror=alert(1)>"
    scenario = type(pcb_run.scenario).model_validate(data)
    run = Run(scenario, 0, 0, pcb_run.kpis, pcb_run.journal)
    assert "<img" not in notes_of(show(run, language="en", renderer=renderer), "en")


def player_of(run: Run) -> Player:
    player = show(run, language="en", renderer="pythreejs")
    assert isinstance(player, Player)
    return player


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_drawings_clock_keeps_the_speed(pcb_run: Run, speed: int) -> None:
    player = player_of(pcb_run)
    player.speed = speed
    action: Any = player.ticker.action
    assert action.timeScale * tick_length_s(3600) == pytest.approx(speed)


def test_the_kernel_is_told_of_ticks_only_while_something_is_inspected(pcb_run: Run) -> None:
    player = player_of(pcb_run)
    assert not player.ticker.attentive
    player.chosen = player.inspector.chooser.options[1][1]
    assert player.ticker.attentive
    before = player.inspector.told.value
    player.ticker.tick = player.ticker.ticks
    assert player.inspector.told.value != before
    player.chosen = ""
    assert not player.ticker.attentive


def test_the_button_says_what_it_would_do(pcb_run: Run) -> None:
    player = player_of(pcb_run)
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


@pytest.mark.parametrize("kind", sorted(SCENES))
def test_a_twin_is_shown_up_to_its_present(kind: str, renderer: str) -> None:
    scenario = KINDS[kind].example()
    twin = Twin(scenario, 1)
    with pytest.raises(WindowError):
        show(twin, renderer=renderer)
    for share in (0.3, 0.9):  # before the warm-up is over, and after it
        twin.advance(share * scenario.horizon_s)
        view = show(twin, renderer=renderer)
        assert view.end_s == twin.time_s
        assert view.start_s == max(0.0, twin.time_s - SCENES[kind].span_s)
        assert twin.run().journal == twin.journal()
    assert show(twin, start_s=twin.time_s / 2, renderer=renderer).start_s == twin.time_s / 2
