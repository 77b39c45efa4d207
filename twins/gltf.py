"""Writes a scene as a film in binary glTF 2.0, which web pages and modelling programs can play.

What stands still is one mesh. Movers are nodes with keyframes; one second of the film is ``speed`` simulated seconds.
Labels and what can be pointed at are nodes without a mesh, whose ``extras`` hold their names in both languages. The
``extras`` of the scene tell the window of simulated time.

Colours of a scene are as screens show them, colours in glTF are linear in the light. What shines by itself is
``KHR_materials_unlit``, the sun is a light of ``KHR_lights_punctual``; who knows neither still reads the file.
Normals take a byte a component (``KHR_mesh_quantization``, which every common reader knows).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from twins.gltf_document import CORNERS, INDICES, Document
from twins.gltf_motion import tracks
from twins.ponds import cut_polygon
from twins.renderer import framing
from twins.shapes import rgb, triangles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from twins.scene import Camera, Light, Movers, Scene, Vector, Water
    from twins.shapes import Triangles

__all__ = ["glb_bytes", "write_glb"]

SPEED = 10.0
ASPECT = 16 / 9
GLOWING = 0.5
"""What shines by itself more than this is drawn unlit."""

SUNLIGHT_LUX = 2.0
WHITE = 0xFFFFFF
CALM, MATT = 0.06, 0.8
"""Roughness of water and of everything else."""


def write_glb(scene: Scene, file: Path | str | BinaryIO, *, language: str = "zh", speed: float = SPEED) -> None:
    """Write a scene to a ``.glb`` file.

    Parameters
    ----------
    scene
        What to write.
    file
        Its path, or a binary file that is open for writing.
    language
        Of the names that programs show, ``zh`` or ``en``; the file tells both.
    speed
        Simulated seconds in one second of the film, above 0.

    Raises
    ------
    ValueError
        The speed is not above 0.
    OSError
        The file cannot be written.
    """
    data = glb_bytes(scene, language=language, speed=speed)
    if isinstance(file, str | Path):
        Path(file).write_bytes(data)
    else:
        file.write(data)


def glb_bytes(scene: Scene, *, language: str = "zh", speed: float = SPEED) -> bytes:
    """Return a scene as the content of a ``.glb`` file; see :func:`write_glb`."""
    if not speed > 0:
        message = f"speed = {speed!r} must be > 0 simulated seconds a second"
        raise ValueError(message)
    return _Writer(scene, language, speed).document.glb()


class _Writer:
    """One file."""

    def __init__(self, scene: Scene, language: str, speed: float) -> None:
        self.document = Document()
        self._language = language
        self._speed = speed
        self._materials: dict[tuple[object, ...], int] = {}
        self._film: dict[str, list[dict[str, Any]]] = {"samplers": [], "channels": []}
        document = self.document
        document.scene = {"start_s": scene.start_s, "end_s": scene.end_s, "speed": speed}
        if scene.solids:
            document.root({"name": "still", "mesh": self._mesh("still", self._primitives(triangles(scene.solids)))})
        for number, water in enumerate(scene.waters):
            document.root({"name": f"water {number}", "mesh": self._water(f"water {number}", water)})
        for movers in scene.movers:
            self._movers(movers, scene.end_s - scene.start_s)
        if self._film["channels"]:
            document.add("animations", {"name": "replay", **self._film})
        self._names(scene)
        self._viewer(scene.camera or framing(scene.bounds_m, ASPECT))
        self._sun(scene.light)

    def _mesh(self, name: str, primitives: list[dict[str, Any]]) -> int:
        return self.document.add("meshes", {"name": name, "primitives": primitives})

    def _material(self, *, color: int = WHITE, unlit: bool = False, roughness: float = MATT) -> int:
        key = (color, unlit, roughness)
        if key not in self._materials:
            red, green, blue = _linear(np.array(rgb(f"#{color:06x}"))).tolist()
            entry: dict[str, Any] = {
                "pbrMetallicRoughness": {
                    "baseColorFactor": [red, green, blue, 1.0],
                    "metallicFactor": 0.0,
                    "roughnessFactor": roughness,
                }
            }
            if unlit:
                self.document.extension("KHR_materials_unlit")
                entry["extensions"] = {"KHR_materials_unlit": {}}
            self._materials[key] = self.document.add("materials", entry)
        return self._materials[key]

    def _primitives(self, heap: Triangles, roughness: float = MATT) -> list[dict[str, Any]]:
        """Write triangles once; those that shine by themselves are a primitive of their own."""
        glows = heap.paint[::3, 3] > GLOWING
        primitives = []
        for unlit in (False, True):
            chosen = np.repeat(glows == unlit, 3)
            if not chosen.any():
                continue
            corners, index = _welded(heap, chosen)
            self.document.extension("KHR_mesh_quantization", required=True)
            attributes = {
                name: self.document.accessor(column, bounds=name == "POSITION", target=CORNERS)
                for name, column in corners.items()
            }
            indices = self.document.accessor(index, target=INDICES)
            material = self._material(unlit=unlit, roughness=roughness)
            primitives.append({"attributes": attributes, "indices": indices, "material": material})
        return primitives

    def _water(self, name: str, water: Water) -> int:
        outline = np.array(water.outline_m)
        flat = outline[cut_polygon(water.outline_m)].reshape(-1, 2)
        corners = np.stack([flat[:, 0], np.full(len(flat), water.level_m), flat[:, 1]], axis=1).astype(np.float32)
        normal = np.tile(np.array([0.0, 1.0, 0.0], np.float32), (len(corners), 1))
        attributes = {
            "POSITION": self.document.accessor(corners, bounds=True, target=CORNERS),
            "NORMAL": self.document.accessor(normal, target=CORNERS),
        }
        between = (np.array(rgb(water.color)) + rgb(water.deep_color)) / 2
        color = int("".join(f"{round(share * 255):02x}" for share in between), 16)
        material = self._material(color=color, roughness=CALM)
        return self._mesh(name, [{"attributes": attributes, "material": material}])

    def _movers(self, movers: Movers, span_s: float) -> None:
        found = list(tracks(movers, span_s, self._speed))
        if not found:
            return
        shape = self._primitives(triangles(movers.shape))
        meshes: dict[int, int] = {}
        times = _Packed(self.document, [column for track in found for column in (track.place_s, track.shown_s)])
        places = _Packed(self.document, [track.place_m for track in found])
        scales = _Packed(self.document, [_scale(track.shown) for track in found])
        for number, track in enumerate(found):
            if track.color not in meshes:
                meshes[track.color] = self._mesh(f"{movers.name} #{track.color:06x}", self._painted(shape, track.color))
            node: dict[str, Any] = {"name": f"{movers.name} {number + 1}", "mesh": meshes[track.color]}
            node["translation"] = track.place_m[0].tolist()
            if not track.shown[0]:
                node["scale"] = [0.0, 0.0, 0.0]
            if len(track.turn):
                node["rotation"] = track.turn[0].tolist()
            at = self.document.root(node)
            if len(track.place_s) > 1:
                time = times.accessor(2 * number, bounds=True)
                self._channel(at, "translation", time, places.accessor(number), "LINEAR")
            if len(track.turn_s) > 1:
                turn_time = self.document.accessor(track.turn_s, bounds=True)
                self._channel(at, "rotation", turn_time, self.document.accessor(track.turn), "STEP")
            if len(track.shown_s) > 1:
                time = times.accessor(2 * number + 1, bounds=True)
                self._channel(at, "scale", time, scales.accessor(number), "STEP")

    def _painted(self, shape: Iterable[dict[str, Any]], color: int) -> list[dict[str, Any]]:
        unlit = self._material(unlit=True)
        return [
            {**primitive, "material": self._material(color=color, unlit=primitive["material"] == unlit)}
            for primitive in shape
        ]

    def _channel(self, node: int, path: str, time: int, values: int, interpolation: str) -> None:
        self._film["channels"].append({"sampler": len(self._film["samplers"]), "target": {"node": node, "path": path}})
        self._film["samplers"].append({"input": time, "output": values, "interpolation": interpolation})

    def _names(self, scene: Scene) -> None:
        for label in scene.labels:
            text = {"zh": label.text.zh, "en": label.text.en}
            extras = {"kind": "label", **text, "height_m": label.height_m, "color": label.color}
            name = label.text.in_language(self._language)
            self.document.root({"name": name, "translation": list(label.at_m), "extras": extras})
        for target in scene.targets:
            low, high = np.array(target.low_m), np.array(target.high_m)
            extras = {
                "kind": "target",
                "name": target.name,
                "zh": target.text.zh,
                "en": target.text.en,
                "size_m": (high - low).tolist(),
            }
            name = target.text.in_language(self._language)
            self.document.root({"name": name, "translation": ((low + high) / 2).tolist(), "extras": extras})

    def _viewer(self, camera: Camera) -> None:
        away_m = float(np.linalg.norm(np.subtract(camera.eye_m, camera.target_m)))
        perspective = {
            "yfov": float(np.radians(camera.view_angle_deg)),
            "aspectRatio": ASPECT,
            "znear": 0.1,
            "zfar": 20.0 * away_m + 100.0,
        }
        number = self.document.add("cameras", {"type": "perspective", "perspective": perspective})
        back = np.subtract(camera.eye_m, camera.target_m)
        self.document.root({"name": "camera", "camera": number, "matrix": _standing(camera.eye_m, back)})

    def _sun(self, light: Light) -> None:
        sunlight = {"type": "directional", "name": "sun", "intensity": SUNLIGHT_LUX}
        self.document.extension("KHR_lights_punctual", {"lights": [sunlight]})
        self.document.root(
            {
                "name": "sun",
                "matrix": _standing(light.sun, np.array(light.sun)),
                "extensions": {"KHR_lights_punctual": {"light": 0}},
            }
        )


class _Packed:
    """Arrays of one kind behind one another in the buffer."""

    def __init__(self, document: Document, arrays: list[NDArray[np.float32]]) -> None:
        self._document = document
        self._arrays = arrays
        self._offset = np.cumsum([0, *(array.nbytes for array in arrays)]).tolist()
        self._view: int | None = None

    def accessor(self, number: int, *, bounds: bool = False) -> int:
        if self._view is None:
            self._view = self._document.buffer_view(b"".join(array.tobytes() for array in self._arrays))
        return self._document.accessor(
            self._arrays[number], view=self._view, offset=self._offset[number], bounds=bounds
        )


def _scale(shown: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.repeat(shown[:, None], 3, axis=1).astype(np.float32)


def _linear(screen: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how much light is in colours as screens have them (IEC 61966-2-1), 0 to 1."""
    values = np.asarray(screen, np.float64)
    light: NDArray[np.float64] = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return light


def _welded(heap: Triangles, chosen: NDArray[np.bool_]) -> tuple[dict[str, NDArray[Any]], NDArray[Any]]:
    """Return each corner once, and which of them make the triangles."""
    color = np.full((int(chosen.sum()), 4), 255, np.uint8)
    color[:, :3] = np.rint(_linear(heap.paint[chosen, :3]).clip(0.0, 1.0) * 255)
    position = np.ascontiguousarray(heap.position_m[chosen]) + np.float32(0)
    length = np.linalg.norm(heap.normal[chosen], axis=1, keepdims=True)
    normal = np.rint(heap.normal[chosen] / length * 127).astype(np.int8)
    whole = np.concatenate([position.view(np.uint8), normal.view(np.uint8), color], axis=1)
    _, first, index = np.unique(
        whole.view(np.dtype((np.void, whole.shape[1]))).ravel(), return_index=True, return_inverse=True
    )
    corners = {"POSITION": position[first], "NORMAL": normal[first], "COLOR_0": color[first]}
    small = np.uint16 if len(first) < 65535 else np.uint32
    return corners, index.ravel().astype(small)


def _standing(at_m: Vector, back: NDArray[np.floating]) -> list[float]:
    """Return the matrix, column by column, of who stands somewhere with ``back`` behind and y up."""
    z = back / np.linalg.norm(back)
    side = np.cross((0.0, 1.0, 0.0), z)
    if not side.any():  # looking straight up or down
        side = np.array([1.0, 0.0, 0.0])
    x = side / np.linalg.norm(side)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([x, np.cross(z, x), z], axis=1)
    matrix[:3, 3] = at_m
    columns: list[float] = matrix.T.ravel().tolist()
    return columns
