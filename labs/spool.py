"""Submissions on their way: on disk before they are sent, gone only when the service has answered for good.

A student's submission is first a file in her own volume. It is removed when the service has accepted it, and moved to
``refused/`` when the service has refused it for good. While the service is away it stays, and whoever opens a lab next,
or the thread started here, sends it; the idempotency key in its name makes sending twice harmless.

Run as ``python -m labs.spool`` it sends what waits until nothing does, as long as its parent lives.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labs.errors import SubmissionError

if TYPE_CHECKING:
    from collections.abc import Callable

    # Where something is sent, its client is at hand; who only looks whether anything waits does without HTTP.
    from labs.client import GradingClient

__all__ = ["Spool", "Waiting"]

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True)
class Waiting:
    """A submission in the spool."""

    key: str
    lab: str
    decision: dict[str, Any]


class Spool:
    """The spool of one student.

    Parameters
    ----------
    folder
        Where the files are; in the student's home by default.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path.home() / ".shixun" / "spool"
        self._sending = threading.Lock()

    def add(self, lab: str, decision: dict[str, Any]) -> Waiting:
        """Put a submission on disk, durably, and return it with its idempotency key."""
        waiting = Waiting(str(uuid.uuid4()), lab, decision)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(waiting.key)
        temporary = path.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump({"lab": lab, "decision": decision}, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        _sync_folder(self.folder)
        return waiting

    def waiting(self) -> list[Waiting]:
        """Return what waits, oldest first; a file that is not ours to read is set aside as ``.broken``."""
        found = []
        for path in sorted(self.folder.glob("*.json"), key=lambda p: p.stat().st_mtime):
            try:
                content = json.loads(path.read_text(encoding="utf-8"))
                found.append(Waiting(path.stem, str(content["lab"]), dict(content["decision"])))
            except (ValueError, KeyError, TypeError):
                path.rename(path.with_suffix(".broken"))
        return found

    def send(self, waiting: Waiting, client: GradingClient) -> dict[str, Any]:
        """Send one submission and take it out of the spool.

        Raises
        ------
        labs.client.Away
            It stays in the spool.
        SubmissionError
            Refused for good; it moves to ``refused/`` with the reason.
        """
        try:
            receipt = client.submit(waiting.lab, waiting.decision, waiting.key)
        except SubmissionError as error:
            refused = self.folder / "refused"
            refused.mkdir(exist_ok=True)
            (refused / f"{waiting.key}.txt").write_text(str(error), encoding="utf-8")
            with contextlib.suppress(FileNotFoundError):  # another sender was first
                self._path(waiting.key).replace(refused / f"{waiting.key}.json")
            raise
        self._path(waiting.key).unlink(missing_ok=True)
        return receipt

    def drain(self, client: GradingClient) -> int:
        """Send everything that waits; return how many were accepted.

        Raises
        ------
        labs.client.Away
            The service cannot take them now; what is left stays in the spool.
        """
        accepted = 0
        with self._sending:
            for waiting in self.waiting():
                try:
                    self.send(waiting, client)
                    accepted += 1
                except SubmissionError:
                    continue  # kept in refused/ with the reason
        return accepted

    def drain_later(self, client: GradingClient) -> threading.Thread:
        """Start a thread that drains the spool, patiently, until nothing waits."""
        thread = threading.Thread(target=self.drain_patiently, args=(client,), daemon=True, name="spool")
        thread.start()
        return thread

    def drain_patiently(self, client: GradingClient, alive: Callable[[], bool] = lambda: True) -> None:
        """Drain, waiting longer after each vain try, until nothing waits or ``alive()`` is false."""
        from labs.client import Away

        pause_s = FIRST_PAUSE_S
        while alive():
            try:
                self.drain(client)
            except Away:
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                return

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    from labs.client import GradingClient

    parent = os.getppid()
    Spool().drain_patiently(GradingClient.from_environment(), alive=lambda: os.getppid() == parent)
