"""Draws a scene with pythreejs in a notebook.

pythreejs carries three.js r97: its instanced attributes hold one number a copy, so each component has an attribute of
its own; WebGL promises 16 attributes and this uses 15, so swinging and blinking share one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import pythreejs as p3

from twins.meshes import meshes
from twins.plates import name_plates
from twins.renderer import framing

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import Widget

    from twins.meshes import Mesh
    from twins.scene import Scene, Target

__all__ = ["ThreejsRenderer"]

BATCH = 128
MARK = "#e8590c"
FITTED = "shixun-fitted"
FITTING = f"<style>.{FITTED} canvas {{ max-width: 100%; height: auto !important }}</style>"
"""pythreejs gives its canvas a size of its own, which is too wide for a phone."""

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
        width, height = size_px
        view = scene.camera or framing(scene.bounds_m, width / height)
        # pythreejs' controls look at the origin whatever their target, so everything is drawn around the target.
        origin = np.array(view.target_m)
        drawn = {f"mesh{number}": mesh for number, mesh in enumerate(meshes(scene, view.target_m, BATCH))}
        clock = p3.Object3D()
        parts = _Parts()
        clock.add([parts.mesh(name, mesh) for name, mesh in drawn.items()])
        camera = p3.PerspectiveCamera(
            fov=view.view_angle_deg,
            aspect=width / height,
            near=0.5,
            far=4000.0,
            position=list(np.array(view.eye_m) - origin),
        )
        camera.lookAt([0.0, 0.0, 0.0])
        labels = name_plates(scene.labels, language, origin)
        self._targets = {target.name: target for target in scene.targets}
        self._origin = origin
        self._mark = p3.LineSegments(
            p3.EdgesGeometry(p3.BoxBufferGeometry(1, 1, 1)), p3.LineBasicMaterial(color=MARK), visible=False
        )
        proxies = p3.Group()
        proxies.add([self._proxy(target) for target in scene.targets])
        self._picker = p3.Picker(controlling=proxies, event="click")
        stage = p3.Scene(children=[clock, camera, self._mark, proxies, *labels], background=scene.background)
        orbit = p3.OrbitControls(controlling=camera, maxPolarAngle=1.52)
        ticks = (scene.end_s - scene.start_s) / tick_s
        tracks = [_visible(name, mesh.shown_s, tick_s) for name, mesh in drawn.items() if mesh.shown_s]
        time = p3.NumberKeyframeTrack(
            name=".position[y]",
            times=np.array([0.0, ticks * LONGER], np.float32),
            values=np.array([0.0, ticks * LONGER * tick_s], np.float32),
        )
        self._hand = clock
        self._mixer = p3.AnimationMixer(clock, timeScale=0.0)
        self._action = p3.AnimationAction(self._mixer, p3.AnimationClip(tracks=[time, *tracks]), clock)
        picture = p3.Renderer(
            scene=stage,
            camera=camera,
            controls=[orbit, self._picker],
            antialias=True,
            width=width,
            height=height,
            background=scene.background,
        )
        picture.add_class(FITTED)
        self.widget: Widget = widgets.VBox([picture, widgets.HTML(FITTING, layout=widgets.Layout(display="none"))])

    @property
    def clock(self) -> tuple[Widget, Widget]:
        """The animation, whose time is in ticks, and the mixer whose time scale is 1 while it runs, else 0."""
        return self._action, self._mixer

    def set_speed(self, ratio: float) -> None:
        """Let the clock run ``ratio`` simulated seconds a second."""
        self._action.timeScale = ratio / self._tick_s
        self._hand.scale = (1.0, 1.0, ratio)

    def start(self) -> None:
        """Begin to draw frame after frame; begun again, it lets go of the first beginning."""
        self._action.pause()
        self._action.play()

    def on_choice(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with the name of a target whenever it is clicked on."""

        def tell(change: dict[str, Any]) -> None:
            if change["new"] is not None:
                listener(change["new"].name)

        self._picker.observe(tell, "object")

    def mark(self, name: str) -> None:
        """Frame the target of this name; none where it is empty."""
        self._mark.visible = bool(name)
        if name:
            self._mark.position, self._mark.scale = self._place(self._targets[name])

    def _place(self, target: Target) -> tuple[tuple[float, ...], tuple[float, ...]]:
        low, high = np.array(target.low_m), np.array(target.high_m)
        return tuple(((low + high) / 2 - self._origin).tolist()), tuple(np.maximum(high - low, 1e-3).tolist())

    def _proxy(self, target: Target) -> p3.Mesh:
        """Make what is clicked on in place of a target: the graphics processor moves things, and rays miss them."""
        place, size = self._place(target)
        box, unseen = p3.BoxBufferGeometry(*size), p3.MeshBasicMaterial(visible=False)
        return p3.Mesh(box, unseen, position=place, name=target.name)


def _visible(name: str, shown_s: tuple[float, float], tick_s: float) -> p3.BooleanKeyframeTrack:
    """Show a mesh only while some of its copies may be seen."""
    ticks = np.array(shown_s) / tick_s
    times, values = np.array([0.0, *ticks], np.float32), np.array([0.0, 1.0, 0.0], np.float32)
    if ticks[0] <= 0:
        times, values = np.array([0.0, ticks[1]], np.float32), np.array([1.0, 0.0], np.float32)
    return p3.BooleanKeyframeTrack(name=f"{name}.visible", times=times, values=values)


class _Parts:
    """Makes pythreejs' objects, and only one where several meshes have the same shape or the same programs."""

    def __init__(self) -> None:
        self._corners: dict[int, dict[str, p3.BufferAttribute]] = {}
        self._indices: dict[int, p3.BufferAttribute] = {}
        self._materials: dict[tuple[str, str], p3.ShaderMaterial] = {}

    def mesh(self, name: str, mesh: Mesh) -> p3.Mesh:
        if id(mesh.corners) not in self._corners:
            self._corners[id(mesh.corners)] = {
                key: p3.BufferAttribute(values, normalized=values.dtype != np.float32)
                for key, values in mesh.corners.items()
            }
        if id(mesh.index) not in self._indices:
            self._indices[id(mesh.index)] = p3.BufferAttribute(mesh.index, normalized=False)
        corners, index = self._corners[id(mesh.corners)], self._indices[id(mesh.index)]
        if mesh.copies:
            copies = {key: p3.InstancedBufferAttribute(values) for key, values in mesh.copies.items()}
            count = len(next(iter(mesh.copies.values())))
            geometry = p3.InstancedBufferGeometry(
                attributes={**corners, **copies}, index=index, maxInstancedCount=count
            )
        else:
            geometry = p3.BufferGeometry(attributes=corners, index=index)
        programs = mesh.vertex, mesh.fragment
        if programs not in self._materials:
            self._materials[programs] = p3.ShaderMaterial(
                vertexShader=mesh.vertex,
                fragmentShader=mesh.fragment,
                side="BackSide" if mesh.inside_out else "FrontSide",
                transparent=mesh.see_through,
            )
        # The shader decides where things are, so three.js' own idea of what is in view is wrong.
        return p3.Mesh(geometry=geometry, material=self._materials[programs], frustumCulled=False, name=name)
