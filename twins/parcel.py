"""A scene packed for the browser: a head that becomes JSON, and one block of bytes to which it points.

The module in ``twins/web`` unpacks it, in a notebook and on a page of its own.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from twins.clock import first_speed
from twins.meshes import meshes, mover_copies, mover_shape
from twins.renderer import framing
from twins.timing import BEYOND_S

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

    from simulators import Text
    from twins.about import About, Plotted
    from twins.diary import Diary
    from twins.meshes import Mesh
    from twins.scene import Scene

__all__ = ["BATCH", "Parcel", "pack", "pack_beside", "pack_moment", "pack_plots"]

BATCH = 64
"""Copies in one mesh: few, because those out of their time cost almost as much as those that are seen."""

ASPECT = 2.3
"""Width over height of the picture that the camera is placed for; the browser widens its view where less is given."""

ORIGIN = (0.0, 0.0, 0.0)
_ALIGNED = 4


@dataclass(frozen=True)
class Parcel:
    """A scene for the browser.

    Parameters
    ----------
    head
        What becomes JSON; arrays in it are ``[offset, length, type, items of a row]`` in ``block``.
    block
        Little-endian numbers.
    """

    head: dict[str, Any]
    block: bytes

    def to_bytes(self) -> bytes:
        """Return all in one piece: the length of the JSON in four bytes, the JSON, and from a multiple of 4 the block.

        Examples
        --------
        >>> Parcel({"background": "#ffffff"}, b"").to_bytes()[4:]
        b'{"background": "#ffffff"}   '
        """
        head = json.dumps(self.head, ensure_ascii=False).encode()
        head += b" " * (-len(head) % _ALIGNED)
        return struct.pack("<I", len(head)) + head + self.block


class _Block:
    """Bytes to which arrays are added, each once."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0
        self._known: dict[int, list[Any]] = {}
        self._kept: list[NDArray[np.generic]] = []

    def add(self, values: NDArray[np.generic]) -> list[Any]:
        """Return where the array lies."""
        if id(values) not in self._known:
            data = np.ascontiguousarray(values).tobytes()
            data += b"\0" * (-len(data) % _ALIGNED)
            items = values.shape[1] if values.ndim > 1 else 1
            self._known[id(values)] = [self._length, values.size, values.dtype.str[1:], items]
            self._kept.append(values)  # so that no other array gets its id
            self._pieces.append(data)
            self._length += len(data)
        return self._known[id(values)]

    def bytes(self) -> bytes:
        return b"".join(self._pieces)


def pack(scene: Scene, about: About, *, live: bool = False, plan: bool = False) -> Parcel:
    """Pack a scene.

    Parameters
    ----------
    scene
        What is to be drawn.
    about
        What is told besides.
    live
        Whether moments will follow (:func:`pack_moment`), and the browser is to ask for them.
    plan
        Whether the browser can ask for plans although nothing in ``about`` draws them.

    Returns
    -------
    The scene for the browser, in both languages.
    """
    camera = scene.camera or framing(scene.bounds_m, ASPECT)
    block = _Block()
    head = {
        "start_s": scene.start_s,
        "end_s": scene.end_s,
        "speed": first_speed(scene.end_s - scene.start_s),
        "background": scene.background,
        "aspect": ASPECT,
        "camera": {"eye": camera.eye_m, "target": camera.target_m, "angle": camera.view_angle_deg},
        "labels": [{**asdict(label), "text": _both(label.text)} for label in scene.labels],
        "targets": [
            {"name": target.name, "text": _both(target.text), "low": target.low_m, "high": target.high_m}
            for target in scene.targets
        ],
        "notes": about.notes and _both(about.notes),
        "facts": {
            target: [[_both(name), _both(figure)] for name, figure in facts] for target, facts in about.facts.items()
        },
        "series": _series(about.series, block),
        "diary": about.diary and _diary(about.diary, block),
        "live": live,
        "plan": plan or about.plan is not None,
        "shapes": _shapes(scene, block) if live else {},
        **_meshes(meshes(scene, ORIGIN, BATCH), block),
    }
    return Parcel(head, block.bytes())


def pack_moment(
    scene: Scene, diary: Diary | None, *, now_s: float, rows: int, known: Collection[str], relived: float = 1.0
) -> Parcel:
    """Pack what moves in a scene, for a browser that has the rest of it already.

    Parameters
    ----------
    scene
        Of the last moments.
    diary
        What happened in them.
    now_s
        The plant's time.
    rows
        How many events its journal has.
    known
        Names of the movers whose shapes the browser has.
    relived
        Of a plant that has been wound back, how much of its past it has lived through again; 1 where it goes on.
    """
    block = _Block()
    new = replace(scene, movers=tuple(movers for movers in scene.movers if movers.name not in known))
    head = {
        "start_s": scene.start_s,
        "shown_until_s": scene.end_s + BEYOND_S - 1.0,  # then, what is known to be there is cut off
        "now_s": now_s,
        "rows": rows,
        "relived": relived,
        "shapes": _shapes(new, block),
        "movers": {
            movers.name: {key: block.add(values) for key, values in mover_copies(movers, np.zeros(3)).items()}
            for movers in scene.movers
        },
        "diary": diary and _diary(diary, block),
    }
    return Parcel(head, block.bytes())


def pack_plots(series: Iterable[Plotted], start_s: float, end_s: float) -> Parcel:
    """Pack what is plotted over a window, for a browser that has the scene already."""
    block = _Block()
    return Parcel({"start_s": start_s, "end_s": end_s, "series": _series(series, block)}, block.bytes())


def pack_beside(scene: Scene, about: About, *, tick_s: float) -> Parcel:
    """Pack what stands beside a scene that somebody else draws: what is plotted, and what the plan may point at.

    Parameters
    ----------
    scene, about
        As for :func:`pack`.
    tick_s
        Length of a tick of the clock that is followed, simulated seconds.
    """
    block = _Block()
    head = {
        "start_s": scene.start_s,
        "end_s": scene.end_s,
        "tick_s": tick_s,
        "targets": [{"name": target.name} for target in scene.targets],
        "series": _series(about.series, block),
        "plan": about.plan is not None,
    }
    return Parcel(head, block.bytes())


def _series(plotted: Iterable[Plotted], block: _Block) -> list[dict[str, Any]]:
    return [
        {
            "name": _both(series.name),
            "unit": series.unit,
            "time": block.add(series.time_s.astype(np.float32)),
            "value": block.add(series.value.astype(np.float32)),
        }
        for series in plotted
    ]


def _shapes(scene: Scene, block: _Block) -> dict[str, Any]:
    """Pack what each kind of movers looks like, none of them being there."""
    drawn = [mover_shape(movers, scene.light) for movers in scene.movers]
    return {
        mesh.name: {
            "vertex": mesh.vertex,
            "fragment": mesh.fragment,
            "corners": {name: block.add(values) for name, values in mesh.corners.items()},
            "index": block.add(mesh.index),
        }
        for mesh in drawn
    }


def _meshes(drawn: Iterable[Mesh], block: _Block) -> dict[str, Any]:
    """Pack meshes; equal programs and arrays go in once."""
    programs: dict[tuple[str, str], int] = {}
    packed = [
        {
            "name": mesh.name,
            "program": programs.setdefault((mesh.vertex, mesh.fragment), len(programs)),
            "corners": {name: block.add(values) for name, values in mesh.corners.items()},
            "index": block.add(mesh.index),
            "copies": {name: block.add(values) for name, values in mesh.copies.items()},
            "shown": mesh.shown_s,
            "inside_out": mesh.inside_out,
            "see_through": mesh.see_through,
        }
        for mesh in drawn
    ]
    return {"meshes": packed, "programs": [{"vertex": vertex, "fragment": fragment} for vertex, fragment in programs]}


def _diary(diary: Diary, block: _Block) -> dict[str, Any]:
    return {
        "time": block.add(diary.time_s.astype(np.float32)),
        "place": block.add(diary.place.astype(np.int32)),
        "event": block.add(diary.event.astype(np.int16)),
        "entity": block.add(diary.entity.astype(np.int32)),
        "places": diary.places,
        "words": [_both(word) for word in diary.words],
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
