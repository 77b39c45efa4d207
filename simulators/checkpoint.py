"""The finished replications of a study that is under way, in a file, so that an interrupted study can go on.

The file is text, one JSON object a line, only ever appended to. The first line says which study it is; of the others
each holds some replications: the bits of the figures in hexadecimal, and a checksum. A last line that a crash has cut
short is dropped.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import zlib
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from simulators.errors import CheckpointError
from simulators.study import Rows
from simulators.version import code_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import BufferedRandom
    from pathlib import Path

    from simulators.scenario import Scenario

__all__ = ["Checkpoint"]

FORMAT = 1


class Checkpoint:
    """A study's file of finished replications, held for this process while it is open.

    Parameters
    ----------
    path
        The file; it is made where there is none, in a folder that exists.
    scenarios
        What is simulated, by name.
    engines
        The engine of each.
    seed
        The seed they share.
    antithetic
        Whether the replications are antithetic pairs.

    Raises
    ------
    CheckpointError
        The file is another study's (the message names what differs), damaged, in use, or cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        scenarios: Mapping[str, Scenario],
        engines: Mapping[str, str],
        seed: int,
        *,
        antithetic: bool = False,
    ) -> None:
        self._path = path
        self._kpis: dict[str, tuple[tuple[str, str], ...]] = {}
        self._identity: dict[str, Any] = {
            "format": FORMAT,
            "seed": seed,
            "antithetic": antithetic,
            "engines": dict(engines),
            "code": code_version(),
            "scenarios": {name: _digest(scenario) for name, scenario in scenarios.items()},
        }
        try:
            path.touch()
            self._file: BufferedRandom = path.open("r+b")
        except OSError as error:
            message = f"checkpoint = {str(path)!r} cannot be opened: {error.strerror}; name a file in a folder of yours"
            raise CheckpointError(message) from error
        try:
            self._lock()
            self.finished: list[tuple[str, int, Rows]] = list(self._read())
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        """Keep the file open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the file."""
        self._file.close()

    def append(self, name: str, first: int, rows: Rows) -> None:
        """Keep the replications of scenario ``name`` from number ``first`` on."""
        record: dict[str, Any] = {"scenario": name, "first": first, "values": rows.values.astype("<f8").tobytes().hex()}
        if self._kpis.get(name) != rows.kpis:
            record["kpis"] = self._kpis[name] = rows.kpis
        self._file.write(_line(record))
        self._file.flush()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"checkpoint = {str(self._path)!r} is in use by another run; wait for it, or name another file"
            raise CheckpointError(message) from None

    def _read(self) -> Iterator[tuple[str, int, Rows]]:
        lines = self._file.readlines()
        head = _line(self._identity)
        if not lines or (len(lines) == 1 and lines[0] != head and head.startswith(lines[0])):
            self._file.seek(0)
            self._file.write(head)
            self._file.flush()
            return
        self._compare(self._record(lines[0], 1))
        if len(lines) > 1 and _parsed(lines[-1]) is None:
            self._file.seek(-len(lines.pop()), os.SEEK_END)
            self._file.truncate()
        for number, line in enumerate(lines[1:], 2):
            record = self._record(line, number)
            name = record["scenario"]
            if "kpis" in record:
                self._kpis[name] = tuple((kpi, unit) for kpi, unit in record["kpis"])
            values = np.frombuffer(bytes.fromhex(record["values"]), "<f8").astype(np.float64)
            yield name, record["first"], Rows(self._kpis[name], values.reshape(-1, len(self._kpis[name])))

    def _record(self, line: bytes, number: int) -> dict[str, Any]:
        record = _parsed(line)
        if record is None:
            message = f"{self._path}:{number}: is not a line of a checkpoint; name another file, or delete this one"
            raise CheckpointError(message)
        return record

    def _compare(self, found: dict[str, Any]) -> None:
        differences = [
            f"{field} = {found.get(field)!r} there, {ours!r} here"
            for field, ours in self._identity.items()
            if field != "scenarios" and found.get(field) != ours
        ]
        theirs, ours = found.get("scenarios", {}), self._identity["scenarios"]
        if theirs != ours:
            names = [name for name in {**theirs, **ours} if theirs.get(name) != ours.get(name)]
            differences.append(f"the content of scenario {', '.join(map(repr, names))}")
        if differences:
            message = (
                f"checkpoint = {str(self._path)!r} belongs to another study; what differs: {'; '.join(differences)}. "
                "Name another file, or delete this one."
            )
            raise CheckpointError(message)


def _line(record: dict[str, Any]) -> bytes:
    text = json.dumps(record, ensure_ascii=False)
    return f"[{zlib.crc32(text.encode())}, {text}]\n".encode()


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return a line's record, or None where it is not whole or not one of ours."""
    try:
        record = json.loads(line)[1]
    except (ValueError, TypeError, LookupError):
        return None
    return record if isinstance(record, dict) and _line(record) == line else None


def _digest(scenario: Scenario) -> str:
    return hashlib.sha256(scenario.model_dump_json().encode()).hexdigest()[:16]
