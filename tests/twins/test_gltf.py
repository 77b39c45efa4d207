"""A scene as a glTF file: read back, played, and judged by the Khronos Group's validator."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from simulators import Text, simulate
from simulators.compute_cluster import example as cluster_example
from twins import scene_of
from twins.gltf import glb_bytes, write_glb
from twins.line import line_scene
from twins.scene import Box, Camera, Movers, Scene, Target, Water

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators import Run

VALIDATOR = Path(__file__).parent / "gltf_validator"
JUDGE = """
const fs = require('fs'), validator = require('gltf-validator');
const data = new Uint8Array(fs.readFileSync(process.argv[1]));
validator.validateBytes(data, {maxIssues: 0}).then(report => console.log(JSON.stringify(report.issues)));
"""
NODE = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}") or ""
START_S, END_S, SPEED = 4000.0, 7600.0, 20.0


class Film:
    """A file, played back."""

    def __init__(self, data: bytes) -> None:
        magic, version, length = struct.unpack_from("<4sII", data)
        assert (magic, version, length) == (b"glTF", 2, len(data))
        size, kind = struct.unpack_from("<I4s", data, 12)
        assert kind == b"JSON"
        self.document: dict[str, Any] = json.loads(data[20 : 20 + size])
        self._buffer = data[28 + size :]
        self.nodes = self.document["nodes"]
        self._channels: dict[tuple[int, str], tuple[NDArray[Any], NDArray[Any], str]] = {}
        for animation in self.document.get("animations", []):
            for channel in animation["channels"]:
                sampler = animation["samplers"][channel["sampler"]]
                keys = self.array(sampler["input"]).ravel(), self.array(sampler["output"]), sampler["interpolation"]
                self._channels[channel["target"]["node"], channel["target"]["path"]] = keys

    def array(self, number: int) -> NDArray[Any]:
        accessor = self.document["accessors"][number]
        view = self.document["bufferViews"][accessor["bufferView"]]
        kind = {5120: "<i1", 5126: "<f4", 5125: "<u4", 5123: "<u2", 5121: "u1"}[accessor["componentType"]]
        many = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor["type"]]
        offset = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        return np.frombuffer(self._buffer, kind, accessor["count"] * many, offset).reshape(-1, many)

    def at(self, node: int, path: str, time_s: float, rest: list[float]) -> NDArray[Any]:
        if (node, path) not in self._channels:
            return np.array(self.nodes[node].get(path, rest))
        key_s, values, kind = self._channels[node, path]
        number = int(np.searchsorted(key_s, time_s, side="right")) - 1
        if kind == "STEP" or number < 0 or number == len(key_s) - 1:
            return values[max(number, 0)]
        share = (time_s - key_s[number]) / (key_s[number + 1] - key_s[number])
        return values[number] * (1 - share) + values[number + 1] * share

    def places(self, name: str, time_s: float) -> NDArray[np.float64]:
        """Return where the copies of movers that are shown at a time of the film are."""
        mine = [at for at, node in enumerate(self.nodes) if "mesh" in node and node["name"].rpartition(" ")[0] == name]
        shown = [at for at in mine if self.at(at, "scale", time_s, [1.0, 1.0, 1.0])[0] == 1.0]
        return np.array([self.at(at, "translation", time_s, [0.0, 0.0, 0.0]) for at in shown]).reshape(-1, 3)

    def named(self, name: str) -> dict[str, Any]:
        (found,) = (node for node in self.nodes if node["name"] == name)
        return found


def expected_places(movers: Movers, time_s: float) -> NDArray[np.float64]:
    """Return where a renderer shows the copies at a time of the window."""
    mine = movers.chosen(np.flatnonzero(movers.shown_at(time_s)))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(mine.arrive_s > mine.appear_s, (time_s - mine.appear_s) / (mine.arrive_s - mine.appear_s), 1.0)
    share = share.clip(0, 1)
    if mine.path == "straight":
        return mine.from_m + (mine.to_m - mine.from_m) * share[:, None]
    share = share**2 * (3 - 2 * share)
    places = []
    for begin, end, cross, done in zip(mine.from_m, mine.to_m, mine.cross_m, share, strict=True):
        corners = [begin, np.array([cross, *begin[1:]]), np.array([cross, *end[1:]]), end]
        lengths = [float(np.linalg.norm(b - a)) for a, b in pairwise(corners)]
        way = done * sum(lengths)
        for a, b, length in zip(corners, corners[1:], lengths, strict=False):
            if way <= length or b is corners[-1]:
                places.append(a + (b - a) * (way / length if length else 1.0))
                break
            way -= length
    return np.array(places).reshape(-1, 3)


def farthest_m(here: NDArray[Any], there: NDArray[Any]) -> float:
    """Return how far apart the worst pair is when every copy is paired with the place where it should be."""
    assert len(here) == len(there) > 0
    apart = np.linalg.norm(here[:, None] - there[None], axis=2)
    return float(apart[linear_sum_assignment(apart)].max())


def movers(path: str, **columns: object) -> Movers:
    rows = len(columns["appear_s"])  # type: ignore[arg-type]
    given = {name: np.array(value, np.float64) for name, value in columns.items()}
    shape = (Box((1, 1, 1), (0, 0, 0), "#ff8000"),)
    defaults = {"cross_m": np.zeros(rows), "color": np.full(rows, 0xFFFFFF), "swing_m": np.zeros(rows),
                "blink": np.zeros(rows, np.bool_)}  # fmt: skip
    return Movers("things", shape, **{**defaults, **given}, path=path)  # type: ignore[arg-type]


def scene(*moving: Movers, **more: object) -> Scene:
    floor = (Box((9, 0.1, 9), (0, 0, 0), "#808080"), Box((1, 1, 1), (2, 0, 0), "#ffffff", glow=0.9))
    return Scene(floor, (), moving, ((-5, 0, -5), (5, 3, 5)), "#ffffff", 0.0, 100.0, **more)  # type: ignore[arg-type]


def judged(data: bytes, folder: Path) -> dict[str, Any]:
    file = folder / "scene.glb"
    file.write_bytes(data)
    told = subprocess.run([NODE, "-e", JUDGE, str(file)], cwd=VALIDATOR, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found


needs_validator = pytest.mark.skipif(
    not NODE or not (VALIDATOR / "node_modules").is_dir(),
    reason=f"node, or what npm ci installs in {VALIDATOR}, is missing; make test installs both",
)


@needs_validator
def test_the_validator_finds_nothing_in_a_line(workshop_run: Run, tmp_path: Path) -> None:
    made = line_scene(workshop_run.scenario, workshop_run.journal, START_S, END_S)
    issues = judged(glb_bytes(made), tmp_path)
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


@needs_validator
def test_the_validator_finds_nothing_in_a_cluster(tmp_path: Path) -> None:
    run = simulate(cluster_example(), seed=3)
    issues = judged(glb_bytes(scene_of(run, 2000.0, 9000.0), language="en"), tmp_path)
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


@needs_validator
def test_the_validator_finds_nothing_in_ponds_targets_and_walkers(tmp_path: Path) -> None:
    walkers = movers("straight", from_m=[[0, 0, 0], [4, 0, 0]], to_m=[[4, 0, 0], [4, 0, 4]], appear_s=[0, 4],
                     arrive_s=[4, 8], vanish_s=[4, 9])  # fmt: skip
    issues = judged(
        glb_bytes(
            scene(
                walkers,
                waters=(Water(((0, 0), (4, 0), (4, 4), (2, 1), (0, 4)), 0.2, "#a0c0c8", "#305860"),),
                targets=(Target("hall", Text(zh="厅", en="Hall"), (0, 0, 0), (1, 2, 3)),),
                camera=Camera((0, 10, 0.0), (0, 0, 0), 40),
            )
        ),
        tmp_path,
    )
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


@needs_validator
def test_the_validator_would_find_something(tmp_path: Path) -> None:
    data = bytearray(glb_bytes(scene()))
    at = data.index(b'"componentType":5126')
    data[at + 16 : at + 20] = b"5123"
    assert judged(bytes(data), tmp_path)["numErrors"] > 0


def test_the_film_shows_every_board_where_the_renderers_do(pcb_run: Run) -> None:
    made = line_scene(pcb_run.scenario, pcb_run.journal, START_S, END_S)
    film = Film(glb_bytes(made, speed=SPEED))
    (parts,) = (one for one in made.movers if one.name == "parts")
    for time_s in np.random.default_rng(3).uniform(0, END_S - START_S, 25):
        far_m = farthest_m(film.places("parts", time_s / SPEED), expected_places(parts, time_s))
        assert far_m < 0.15  # between the keys of a gentle start it goes straight


@pytest.mark.parametrize("path", ["straight", "lanes"])
def test_copies_that_follow_one_another_share_a_node(path: str) -> None:
    one = movers(path, from_m=[[0, 0, 0], [4, 0, 0], [9, 0, 0]], to_m=[[4, 0, 0], [4, 0, 4], [9, 0, 1]],
                 cross_m=[2, 4, 9], appear_s=[-2, 4, 20], arrive_s=[4, 8, 30], vanish_s=[4, 9, 500])  # fmt: skip
    film = Film(glb_bytes(scene(one), speed=1.0))
    assert sum("mesh" in node and node["name"].startswith("things") for node in film.nodes) == 1
    for time_s in (0.0, 1.0, 3.0, 4.5, 8.5, 25.0, 99.0):
        far_m = farthest_m(film.places("things", time_s), expected_places(one, time_s))
        assert far_m < 0.15  # between the keys of a gentle start it goes straight


def test_between_two_copies_nothing_is_shown() -> None:
    one = movers("straight", from_m=[[0, 0, 0]] * 2, to_m=[[1, 0, 0]] * 2, appear_s=[5, 30], arrive_s=[6, 31],
                 vanish_s=[10, 40])  # fmt: skip
    film = Film(glb_bytes(scene(one), speed=1.0))
    assert [len(film.places("things", time_s)) for time_s in (0.0, 4.9, 5.1, 9.9, 10.1, 29.0, 30.1, 41.0)] == [
        0, 0, 1, 1, 0, 0, 1, 0]  # fmt: skip


def test_who_jumps_does_not_slide() -> None:
    one = movers("straight", from_m=[[0, 0, 0], [9, 0, 0]], to_m=[[1, 0, 0], [9, 0, 0]], appear_s=[0, 10],
                 arrive_s=[1, 10], vanish_s=[10, 20])  # fmt: skip
    film = Film(glb_bytes(scene(one), speed=1.0))
    np.testing.assert_allclose(film.places("things", 9.9), [[1, 0, 0]])
    np.testing.assert_allclose(film.places("things", 10.1), [[9, 0, 0]])


def test_who_walks_faces_the_way() -> None:
    one = movers("straight", from_m=[[0, 0, 0], [0, 0, 0]], to_m=[[4, 0, 0], [0, 0, -4]], appear_s=[0, 10],
                 arrive_s=[5, 15], vanish_s=[5, 15])  # fmt: skip
    film = Film(glb_bytes(scene(one), speed=1.0))
    at = next(number for number, node in enumerate(film.nodes) if node["name"] == "things 1")
    for time_s, way in ((1.0, (1, 0, 0)), (11.0, (0, 0, -1))):
        x, y, z, w = film.at(at, "rotation", time_s, [0, 0, 0, 1])
        ahead = (1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y))
        np.testing.assert_allclose(ahead, way, atol=1e-6)


def test_what_swings_moves_while_it_does_only() -> None:
    one = movers("lanes", from_m=[[2, 0, 0]] * 2, to_m=[[2, 0, 0]] * 2, cross_m=[2, 2], appear_s=[0, 40],
                 arrive_s=[0, 40], vanish_s=[40, 80], swing_m=[0.5, 0])  # fmt: skip
    film = Film(glb_bytes(scene(one), speed=1.0))
    moving = [film.places("things", time_s)[0][0] for time_s in np.arange(1, 39, 0.25)]
    assert 0.4 < np.ptp(moving) / 2 <= 0.5
    assert np.ptp([film.places("things", time_s)[0][0] for time_s in np.arange(41, 79)]) == 0


def test_colours_are_linear_and_split_nodes() -> None:
    one = movers("lanes", from_m=[[0, 0, 0]] * 2, to_m=[[0, 0, 0]] * 2, appear_s=[0, 10], arrive_s=[0, 10],
                 vanish_s=[10, 20], color=[0xFF0000, 0x0000FF])  # fmt: skip
    one = one.chosen(np.arange(2))
    film = Film(glb_bytes(scene(Movers(**{**vars(one), "color": one.color.astype(np.int64)}))))
    factors = [material["pbrMetallicRoughness"]["baseColorFactor"] for material in film.document["materials"]]
    assert [1, 0, 0, 1] in factors
    assert [0, 0, 1, 1] in factors
    floor = film.document["meshes"][film.named("still")["mesh"]]["primitives"]
    color = film.array(floor[0]["attributes"]["COLOR_0"])[0] / 255
    np.testing.assert_allclose(color, [0.2158605, 0.2158605, 0.2158605, 1], atol=0.5 / 255)  # IEC 61966-2-1 of #808080


def test_what_shines_is_unlit_and_water_is_smooth() -> None:
    made = scene(waters=(Water(((0, 0), (1, 0), (1, 1)), 0.2, "#a0c0c8", "#305860"),))
    film = Film(glb_bytes(made))
    materials = film.document["materials"]
    assert sum("KHR_materials_unlit" in material.get("extensions", {}) for material in materials) == 1
    pond = film.document["meshes"][film.named("water 0")["mesh"]]["primitives"][0]
    assert materials[pond["material"]]["pbrMetallicRoughness"]["roughnessFactor"] < 0.1


@pytest.mark.parametrize(("language", "name"), [("zh", "厅"), ("en", "Hall")])
def test_targets_and_labels_tell_both_languages(language: str, name: str) -> None:
    hall = Target("hall", Text(zh="厅", en="Hall"), (0, 0, 0), (1, 2, 3))
    film = Film(glb_bytes(scene(targets=(hall,)), language=language))
    node = film.named(name)
    assert node["translation"] == [0.5, 1.0, 1.5]
    assert node["extras"] == {"kind": "target", "name": "hall", "zh": "厅", "en": "Hall", "size_m": [1, 2, 3]}


def test_the_window_stands_in_the_file(pcb_run: Run) -> None:
    made = line_scene(pcb_run.scenario, pcb_run.journal, START_S, END_S)
    film = Film(glb_bytes(made, speed=SPEED))
    extras = film.document["scenes"][0]["extras"]
    assert extras == {"start_s": START_S, "end_s": END_S, "speed": SPEED}
    labels = [node["extras"] for node in film.nodes if node.get("extras", {}).get("kind") == "label"]
    assert [label["en"] for label in labels][:2] == ["Paste printer", "Chip placement"]


def test_it_is_written_to_paths_and_open_files(tmp_path: Path) -> None:
    made = scene()
    write_glb(made, tmp_path / "scene.glb")
    kept = BytesIO()
    write_glb(made, kept)
    assert (tmp_path / "scene.glb").read_bytes() == kept.getvalue() == glb_bytes(made)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_film_that_stands_still_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match=r"speed = .* must be > 0"):
        glb_bytes(scene(), speed=speed)
