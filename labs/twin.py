"""A lab's digital twin, kept in the student's own volume so that it outlives her session."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from labs.phrases import say
from twins.errors import OtherPlantError, ReplayError
from twins.progress import progress_in
from twins.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labs.lab import Lab

__all__ = ["twin_of"]

_running: WeakValueDictionary[Path, Twin] = WeakValueDictionary()
"""The twins of this notebook: a cell that is run once more gets the twin that it has, whose log one alone can write."""


def twin_of(
    lab: Lab, decision: Mapping[str, int], seed: int, *, fresh: bool, language: str, folder: Path | None = None
) -> Twin:
    """Return the twin of a lab's plant, as a decision changes it, where it was left.

    Parameters
    ----------
    lab, decision, seed
        Which plant; each has a twin of its own.
    fresh
        Begin anew; the old twin's log is kept beside, under a name with the time.
    language
        Of what is said where it cannot be found again.
    folder
        Where the logs are; in the student's home by default.

    Raises
    ------
    twins.errors.ReplayError, twins.errors.OtherPlantError
        The rules of the simulation, or the lab, have changed since.
    twins.errors.LogError
        The log is damaged, or another notebook has this twin.
    """
    scenario = lab.scenario_for(decision)
    root = folder or Path.home() / ".shixun" / "twins"
    chosen = json.dumps(dict(lab.check(decision)), sort_keys=True)
    log = root / f"{lab.slug}-{hashlib.sha256(chosen.encode()).hexdigest()[:12]}-{seed}.jsonl"
    known = _running.get(log)
    if known is not None and known.log is not None:
        if not fresh:
            return known
        known.close()
    if fresh and log.exists():
        log.rename(log.with_suffix(f".{datetime.now(UTC):%Y%m%dT%H%M%S%f}.jsonl"))
    try:
        who = os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
        twin = Twin(scenario, seed, log=log, who=who, progress=progress_in(language))
    except (ReplayError, OtherPlantError) as error:
        error.add_note(say("twin_changed", language))
        raise
    _running[log] = twin
    return twin
