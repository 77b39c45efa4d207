"""How far a submission is, shown in the notebook until it is graded or has failed."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tqdm.auto import tqdm

from labs.client import Away, Event
from labs.phrases import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from labs.client import GradingClient

__all__ = ["settled"]

POLL_S = 0.5
SETTLED = {"graded", "failed"}


def settled(client: GradingClient, number: str, wait_s: float) -> dict[str, Any] | None:
    """Wait for a submission, and show meanwhile how far it is.

    Parameters
    ----------
    client
        The service, in the student's language.
    number
        Of the submission.
    wait_s
        How long to wait.

    Returns
    -------
    The submission's last state; None where it takes longer.

    Raises
    ------
    labs.SubmissionError
        The service knows no such submission.
    """
    accepted = say("accepted", client.language, id=number[:8])
    with tqdm(desc=accepted, bar_format="{desc} {elapsed}", leave=False) as bar:
        for event in _heard(client, number, time.monotonic() + wait_s):
            if event.kind == "state":
                if event.data["state"] in SETTLED:
                    return event.data
                bar.set_description_str(f"{accepted} {_place(event.data, client.language)}")
            elif event.kind == "progress":
                bar.set_description_str(f"{accepted} {_replications(event.data, client.language)}")
            bar.update()
    return None


def _heard(client: GradingClient, number: str, deadline_s: float) -> Iterator[Event]:
    """Give what the service tells live; where that line cannot be had, or ends, ask how far it is again and again."""
    if time.monotonic() >= deadline_s:
        return
    try:
        with closing(client.follow(number)) as events:
            for event in events:
                yield event
                if time.monotonic() >= deadline_s:
                    return
    except Away:
        yield Event("", {})
    while time.monotonic() < deadline_s:
        try:
            yield Event("state", client.submission(number))
        except Away:
            yield Event("", {})
        time.sleep(POLL_S)


def _place(state: Mapping[str, Any], language: str) -> str:
    """Return where a submission stands in the queue."""
    position, wait_s = state.get("queue_position"), state.get("expected_wait_s")
    if position is None:
        return say("grading", language) if state["state"] == "grading" else ""
    if wait_s is None:
        return say("queued", language, position=position)
    return say("queued_wait", language, position=position, wait=round(wait_s))


def _replications(progress: Mapping[str, Any], language: str) -> str:
    """Return how often a submission has been simulated, and how sure its points are by now."""
    told = say("simulated", language, done=progress["replications"], most=progress["most"])
    if progress["half_width_95"] is None or progress["tolerance_points"] is None:
        return told
    sure = say("sure", language, half=f"{progress['half_width_95']:.1f}", tolerance=f"{progress['tolerance_points']:g}")
    return f"{told} · {sure}"
