"""What the browser unpacks is what was packed."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from twins.about import About
from twins.parcel import pack
from twins.showing import about_of, scene_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators import Run

WINDOW_S = (4000.0, 5000.0)


@pytest.fixture(scope="module")
def packed(pcb_run: Run) -> tuple[dict[str, Any], bytes]:
    piece = pack(scene_of(pcb_run, *WINDOW_S), about_of(pcb_run, *WINDOW_S)).to_bytes()
    (length,) = struct.unpack_from("<I", piece)
    assert (4 + length) % 4 == 0  # the browser maps the block without copying it
    return json.loads(piece[4 : 4 + length]), piece[4 + length :]


def column(packed: tuple[dict[str, Any], bytes], place: list[Any]) -> NDArray[np.generic]:
    offset, length, kind, items = place
    assert offset % 4 == 0
    found = np.frombuffer(packed[1], f"<{kind}", length, offset)
    return found.reshape(-1, items) if items > 1 else found


def test_every_part_is_there_once(packed: tuple[dict[str, Any], bytes], pcb_run: Run) -> None:
    parts = [mesh for mesh in packed[0]["meshes"] if mesh["name"].startswith("parts ")]
    appear = np.concatenate([column(packed, mesh["copies"]["appear"]) for mesh in parts])
    expected = next(movers for movers in scene_of(pcb_run, *WINDOW_S).movers if movers.name == "parts")
    np.testing.assert_allclose(np.sort(appear), np.sort(expected.appear_s), rtol=1e-6)


def test_equal_things_are_packed_once(packed: tuple[dict[str, Any], bytes]) -> None:
    head = packed[0]
    assert len(head["programs"]) == len({mesh["program"] for mesh in head["meshes"]})
    programs = [(program["vertex"], program["fragment"]) for program in head["programs"]]
    assert len(set(programs)) == len(programs)


def test_the_head_is_plain_json_in_both_languages(packed: tuple[dict[str, Any], bytes]) -> None:
    head = packed[0]
    assert head["labels"][0]["text"] == {"zh": "锡膏印刷", "en": "Paste printer"}
    assert json.loads(json.dumps(head, allow_nan=False)) == head


def test_the_diary_is_the_journal_of_the_window(packed: tuple[dict[str, Any], bytes], pcb_run: Run) -> None:
    told = packed[0]["diary"]
    journal = pcb_run.journal
    inside = (journal.time_s >= WINDOW_S[0]) & (journal.time_s < WINDOW_S[1]) & (journal.place >= 0)
    assert column(packed, told["event"]).tolist() == journal.event[inside].tolist()
    np.testing.assert_allclose(column(packed, told["time"]), journal.time_s[inside] - WINDOW_S[0], atol=1e-3)
    assert told["places"] == list(journal.places)


def test_a_scene_needs_nothing_told(pcb_run: Run) -> None:
    head = pack(scene_of(pcb_run, *WINDOW_S), About()).head
    assert (head["notes"], head["diary"], head["series"]) == (None, None, [])
