"""Draws a scene with pythreejs in a notebook.

pythreejs carries three.js r97: its instanced attributes hold one number a copy, so each component has an attribute of
its own; WebGL promises 16 attributes and this uses 15, so swinging and blinking share one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pythreejs as p3

from twins.plates import name_plates
from twins.renderer import framing
from twins.shaders import FRAGMENT, MOVING_VERTEX, STILL_VERTEX
from twins.shapes import triangles

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import Widget
    from numpy.typing import NDArray

    from twins.scene import Movers, Scene

__all__ = ["ThreejsRenderer"]

BATCH = 128
AROUND_S = 2.0
LONGER = 1000.0
"""How much longer than the window the clock's track is, so that three.js never sees its end and stops it."""


class ThreejsRenderer:
    """A scene drawn by pythreejs; serves :class:`twins.renderer.Renderer`.

    Parameters
    ----------
    scene
        What to draw.
    language
        Of the labels, ``zh`` or ``en``.
    tick_s
        Simulated seconds in one tick of the clock.
    size_px
        Width and height of the picture.
    """

    def __init__(self, scene: Scene, *, language: str, tick_s: float, size_px: tuple[int, int]) -> None:
        self._tick_s = tick_s
        self._ticks_shown: Callable[[float], None] | None = None
        width, height = size_px
        view = framing(scene.bounds_m, width / height)
        # pythreejs' controls look at the origin whatever their target, so everything is drawn around the target.
        origin = np.array(view.target_m)
        fragment = FRAGMENT.replace("FLOOR", f"({-origin[1]:.6f})")
        clock = p3.Object3D()
        clock.add([_still(scene, origin, fragment)])
        batches = [batch for movers in scene.movers for batch in _batches(movers)]
        clock.add([_moving(batch, f"batch{number}", origin, fragment) for number, batch in enumerate(batches)])
        camera = p3.PerspectiveCamera(
            fov=view.view_angle_deg,
            aspect=width / height,
            near=0.5,
            far=4000.0,
            position=list(np.array(view.eye_m) - origin),
        )
        camera.lookAt([0.0, 0.0, 0.0])
        labels = name_plates(scene.labels, language, origin)
        stage = p3.Scene(children=[clock, camera, *labels], background=scene.background)
        orbit = p3.OrbitControls(controlling=camera, maxPolarAngle=1.52)
        ticks = (scene.end_s - scene.start_s) / tick_s
        tracks = [_visible(batch, f"batch{number}", tick_s) for number, batch in enumerate(batches)]
        time = p3.NumberKeyframeTrack(
            name=".position[y]",
            times=np.array([0.0, ticks * LONGER], np.float32),
            values=np.array([0.0, ticks * LONGER * tick_s], np.float32),
        )
        self._clock = clock
        self._mixer = p3.AnimationMixer(clock, timeScale=0.0)
        self._action = p3.AnimationAction(self._mixer, p3.AnimationClip(tracks=[time, *tracks]), clock)
        self.widget: Widget = p3.Renderer(
            scene=stage,
            camera=camera,
            controls=[orbit],
            antialias=True,
            width=width,
            height=height,
            background=scene.background,
        )

    @property
    def tick_link(self) -> tuple[Widget, str]:
        """Where to set the clock, in ticks."""
        return self._action, "time"

    @property
    def running_link(self) -> tuple[Widget, str]:
        """Whether the clock runs: a factor on its pace, and the browser counts true as 1 and false as 0."""
        return self._mixer, "timeScale"

    def set_speed(self, ratio: float) -> None:
        """Let the clock run ``ratio`` simulated seconds a second."""
        self._action.timeScale = ratio / self._tick_s
        self._clock.scale = (1.0, 1.0, ratio)

    def start(self) -> None:
        """Begin to draw frame after frame; begun again, it lets go of the first beginning."""
        self._action.pause()
        self._action.play()

    def ask_tick(self) -> None:
        """Ask the browser what its clock shows: after any call pythreejs sends back all that it knows."""
        self._action.exec_three_obj_method("getEffectiveTimeScale")

    def on_tick(self, listener: Callable[[float], None]) -> None:
        """Call ``listener`` with the clock, in ticks, whenever the browser tells it."""
        self._action.observe(lambda change: listener(change["new"]), "time")


def _attribute(values: NDArray[np.generic]) -> p3.BufferAttribute:
    return p3.BufferAttribute(values.astype(np.float32), normalized=False)


def _still(scene: Scene, origin: NDArray[np.float64], fragment: str) -> p3.Mesh:
    heap = triangles(scene.solids)
    geometry = p3.BufferGeometry(
        attributes={
            "position": _attribute(heap.position_m - origin),
            "normal": _attribute(heap.normal),
            "paint": _attribute(heap.paint),
        }
    )
    return _mesh(geometry, STILL_VERTEX, fragment)


def _batches(movers: Movers) -> list[Movers]:
    """Cut movers by time, so that the graphics processor is only given those of the moment."""
    order = np.argsort(movers.appear_s, kind="stable")
    return [movers.chosen(order[first : first + BATCH]) for first in range(0, len(order), BATCH)]


def _visible(batch: Movers, name: str, tick_s: float) -> p3.BooleanKeyframeTrack:
    """Show a batch from a little before its first copy appears until a little after its last one is gone."""
    ticks = np.array([batch.appear_s.min() - AROUND_S, batch.vanish_s.max() + AROUND_S]) / tick_s
    times, values = np.array([0.0, *ticks], np.float32), np.array([0.0, 1.0, 0.0], np.float32)
    if ticks[0] <= 0:
        times, values = np.array([0.0, ticks[1]], np.float32), np.array([1.0, 0.0], np.float32)
    return p3.BooleanKeyframeTrack(name=f"{name}.visible", times=times, values=values)


def _moving(movers: Movers, name: str, origin: NDArray[np.float64], fragment: str) -> p3.Mesh:
    heap = triangles(movers.shape)
    columns = {
        **{f"from{axis}": movers.from_m[:, number] - origin[number] for number, axis in enumerate("XYZ")},
        **{f"to{axis}": movers.to_m[:, number] - origin[number] for number, axis in enumerate("XYZ")},
        "crossX": movers.cross_m - origin[0],
        "appear": movers.appear_s,
        "arrive": movers.arrive_s,
        "vanish": movers.vanish_s,
        "tint": movers.color,
        "effect": np.where(movers.blink, -1.0, movers.swing_m),
    }
    attributes = {name: p3.InstancedBufferAttribute(values.astype(np.float32)) for name, values in columns.items()}
    geometry = p3.InstancedBufferGeometry(
        attributes={
            "position": _attribute(heap.position_m),
            "normal": _attribute(heap.normal),
            "paint": _attribute(heap.paint),
            **attributes,
        },
        maxInstancedCount=len(movers),
    )
    return _mesh(geometry, MOVING_VERTEX, fragment, name)


def _mesh(geometry: p3.BufferGeometry, vertex: str, fragment: str, name: str = "still") -> p3.Mesh:
    material = p3.ShaderMaterial(vertexShader=vertex, fragmentShader=fragment)
    # The shader decides where things are, so three.js' own idea of what is in view is wrong.
    return p3.Mesh(geometry=geometry, material=material, frustumCulled=False, name=name)
