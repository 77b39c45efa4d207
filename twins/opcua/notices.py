"""What of all that happens in a plant is worth an OPC UA event."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators import compute_cluster, heritage_garden, production_line
from twins.diary import EVENT_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulators import Journal
    from twins.history import Given

__all__ = ["Notice", "notices"]

_LINE, _CLUSTER, _GARDEN = (kind.events.Event for kind in (production_line, compute_cluster, heritage_garden))

SEVERITY: dict[str, dict[int, int]] = {
    "compute_cluster": {_CLUSTER.FAIL: 700, _CLUSTER.REPAIR: 200, _CLUSTER.COMMAND: 300},
    "heritage_garden": {
        _GARDEN.CLOSE: 400,
        _GARDEN.OPEN: 200,
        _GARDEN.RAIN: 300,
        _GARDEN.DRY: 100,
        _GARDEN.ALARM: 1000,
        _GARDEN.COMMAND: 300,
    },
    "production_line": {
        _LINE.FAIL: 700,
        _LINE.REPAIR: 200,
        _LINE.MAINTAIN: 300,
        _LINE.MAINTAINED: 100,
        _LINE.SCRAP: 400,
        _LINE.COMMAND: 300,
    },
}
"""By kind and event of the journal, how urgent it is: 1 to 1000."""

COMMAND = {"compute_cluster": _CLUSTER.COMMAND, "heritage_garden": _GARDEN.COMMAND, "production_line": _LINE.COMMAND}


@dataclass(frozen=True)
class Notice:
    """Something that has happened.

    Parameters
    ----------
    time_s
        When, in the plant's time.
    place
        Name of the place in the journal, empty where there is none.
    words
        What, in Chinese and English.
    severity
        How urgent it is, 1 to 1000.
    who
        Who has done it, empty where nobody has.
    """

    time_s: float
    place: str
    words: str
    severity: int
    who: str = ""


def notices(kind: str, piece: Journal, given: Sequence[Given]) -> Iterator[Notice]:
    """Yield what is worth an event.

    Parameters
    ----------
    kind
        Of the plant.
    piece
        What has happened.
    given
        The commands by number, those of the piece being among them.
    """
    severity = SEVERITY.get(kind, {})
    for row in np.flatnonzero(np.isin(piece.event, list(severity))).tolist():
        event, number = int(piece.event[row]), int(piece.place[row])
        place, who = piece.places[number] if number >= 0 else "", ""
        text = EVENT_WORDS[kind][event]
        words = f"{text.zh} · {text.en}"
        if event == COMMAND[kind]:
            command = given[int(piece.entity[row])]
            who = command.who
            words += f": {json.dumps(command.command, ensure_ascii=False)}"
        yield Notice(float(piece.time_s[row]), place, words, severity[event], who)
