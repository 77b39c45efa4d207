"""A glTF 2.0 document in the making: its JSON, and the one binary buffer that everything lies in."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Document"]

Json: TypeAlias = dict[str, Any]

BYTE, UNSIGNED_BYTE, FLOAT, UNSIGNED_SHORT, UNSIGNED_INT = 5120, 5121, 5126, 5123, 5125
COMPONENTS: dict[np.dtype[Any], int] = {
    np.dtype(np.int8): BYTE,
    np.dtype(np.uint8): UNSIGNED_BYTE,
    np.dtype(np.float32): FLOAT,
    np.dtype(np.uint16): UNSIGNED_SHORT,
    np.dtype(np.uint32): UNSIGNED_INT,
}
SHAPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}
CORNERS, INDICES = 34962, 34963
"""What a graphics processor uses a part of the buffer for."""


class Document:
    """Collects what a file shall hold; :meth:`glb` writes it.

    Attributes
    ----------
    scene
        The ``extras`` of the one scene.
    """

    def __init__(self) -> None:
        self.scene: Json = {}
        self._lists: dict[str, list[Json]] = {}
        self._roots: list[int] = []
        self._extensions: dict[str, Json] = {}
        self._required: set[str] = set()
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, kind: str, entry: Json) -> int:
        """Append to one of the document's lists (``meshes``, ``materials`` …) and return the entry's number."""
        entries = self._lists.setdefault(kind, [])
        entries.append(entry)
        return len(entries) - 1

    def root(self, node: Json) -> int:
        """Append a node that hangs on nothing."""
        number = self.add("nodes", node)
        self._roots.append(number)
        return number

    def extension(self, name: str, top: Json | None = None, *, required: bool = False) -> None:
        """Declare an extension, with what it wants to say of the whole document; and whether one must know it."""
        self._extensions.setdefault(name, top or {})
        if required:
            self._required.add(name)

    def buffer_view(self, data: bytes, **properties: int) -> int:
        """Append bytes, which begin at a multiple of four."""
        view = self.add("bufferViews", {"buffer": 0, "byteOffset": self._size, "byteLength": len(data), **properties})
        padding = -len(data) % 4
        self._parts.append(data + b"\0" * padding)
        self._size += len(data) + padding
        return view

    def accessor(
        self,
        values: NDArray[Any],
        *,
        view: int | None = None,
        offset: int = 0,
        bounds: bool = False,
        target: int | None = None,
    ) -> int:
        """Append an array.

        Parameters
        ----------
        values
            ``(N,)`` or ``(N, C)``; bytes stand for 0 to 1, or -1 to 1 where signed.
        view, offset
            Where it lies already, in bytes; it is appended unless given.
        bounds
            Whether to tell the least and the greatest of each component, which some uses ask for.
        target
            `CORNERS` or `INDICES`; None for animations.
        """
        columns = values.reshape(len(values), -1)
        if view is None:
            properties = {} if target is None else {"target": target}
            rows = columns
            if target == CORNERS:
                fill = -columns.shape[1] * columns.itemsize % 4 // columns.itemsize  # rows begin at multiples of four
                rows = np.pad(columns, ((0, 0), (0, fill)))
                properties["byteStride"] = rows.shape[1] * rows.itemsize
            view = self.buffer_view(rows.tobytes(), **properties)
        entry: Json = {
            "bufferView": view,
            "componentType": COMPONENTS[columns.dtype],
            "count": len(columns),
            "type": SHAPES[columns.shape[1]],
        }
        if offset:
            entry["byteOffset"] = offset
        if columns.dtype in (np.int8, np.uint8):
            entry["normalized"] = True
        if bounds:
            entry["min"], entry["max"] = columns.min(axis=0).tolist(), columns.max(axis=0).tolist()
        return self.add("accessors", entry)

    def glb(self) -> bytes:
        """Return the document as a binary file."""
        data = b"".join(self._parts)
        lists = {**self._lists, "buffers": [{"byteLength": len(data)}]}
        scene: Json = {"nodes": self._roots}
        if self.scene:
            scene["extras"] = self.scene
        document: Json = {
            "asset": {"version": "2.0", "generator": "shixun"},
            "scene": 0,
            "scenes": [scene],
            **{kind: entries for kind, entries in lists.items() if entries},
        }
        if self._extensions:
            document["extensionsUsed"] = sorted(self._extensions)
            if self._required:
                document["extensionsRequired"] = sorted(self._required)
            told = {name: top for name, top in self._extensions.items() if top}
            if told:
                document["extensions"] = told
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        return b"".join(
            (
                struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + len(data)),
                struct.pack("<I4s", len(text), b"JSON"),
                text,
                struct.pack("<I4s", len(data), b"BIN\0"),
                data,
            )
        )
