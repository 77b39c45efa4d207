"""A plant followed in time: moved on, commanded, wound back, forked, and found again where it was left."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import ValidationError

from simulators import CommandError, Run, Text
from simulators.command import command_of
from simulators.registry import KINDS, simulator_of
from simulators.version import code_version
from twins.errors import OtherPlantError, ReplayError, TimeError
from twins.history import CommandLog, Given, Mark, Origin, Story, read_story, scenario_digest
from twins.progress import progress_in
from twins.reliving import Act, Remembered, relive
from twins.rows import cut
from twins.source import SimulatedPlant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from simulators import Command, Journal, Kpi, Scenario
    from twins.progress import Progress
    from twins.source import Source

__all__ = ["Twin"]

LONGEST_NAME = 200
SLICES = 100
"""A long way is gone in so many steps, after each of which it is told how far one has come."""

ADVANCING = Text(zh="推进", en="moving on")
RELIVING = Text(zh="重演过去", en="living through the past once more")


def _now() -> datetime:
    return datetime.now(UTC)


class Twin:
    """A plant at one moment of its time.

    Everything before ``time_s`` has happened. What is to happen at ``time_s`` itself comes when the twin moves on,
    after the commands that are given at that moment.

    Parameters
    ----------
    scenario
        Of any kind.
    seed, replication
        Which random numbers it meets; without commands its journal is that of `simulators.simulate` with these.
    log
        A file that keeps what is done to the twin. Where it tells of this plant, the twin goes on where it was left.
    source
        Makes the plant; the one that is simulated by default.
    who
        Who gives its commands, unless they say otherwise.
    clock
        Tells the time on the wall, for the log.
    progress
        Shows how far something has come that lasts; a bar, in a notebook or a terminal, by default.

    Raises
    ------
    LogError
        The log is damaged, cannot be written, is in use, or is of another plant.
    ReplayError
        The simulators no longer give what the log says has happened.

    Examples
    --------
    >>> from simulators.production_line import example
    >>> twin = Twin(example(), seed=1)
    >>> bool(twin.advance(600).time_s[-1] < twin.time_s)
    True
    >>> station = twin.snapshot()["stations"][0]["name"]
    >>> twin.apply({"command": "fail_machine", "station": station}, who="teacher").time_s
    600.0
    >>> twin.fork().digest == twin.digest
    True
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        *,
        replication: int = 0,
        log: Path | None = None,
        source: Callable[[Scenario, int, int], Source] = SimulatedPlant,
        who: str = "",
        clock: Callable[[], datetime] = _now,
        progress: Progress | None = None,
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.replication = replication
        self.who = who
        self._clock = clock
        self._progress = progress_in() if progress is None else progress
        self._commands = simulator_of(scenario).commands
        self._given: list[Given] = []
        self._make = source
        self._source: Source | Remembered = source(scenario, seed, replication)
        self._log = None if log is None else CommandLog(log)
        if self._log is not None:
            try:
                self._take_up(self._log)
            except BaseException:
                self._log.close()
                raise

    @classmethod
    def resume(cls, log: Path, *, who: str = "") -> Self:
        """Return the twin that a log tells of, where it was left; it goes on with that log.

        Raises
        ------
        LogError, ReplayError
            As for a new one; or there is no such log.
        """
        origin = read_story(log).origin
        scenario = KINDS[origin.scenario["kind"]].scenario.model_validate(origin.scenario)
        return cls(scenario, origin.seed, replication=origin.replication, log=log, who=who)

    @classmethod
    def replay(cls, log: Path) -> Self:
        """Return a twin without a log that has lived through what a log tells; whoever writes the log is not disturbed.

        Raises
        ------
        LogError
            There is no such log, or it is damaged.
        ReplayError
            The simulators no longer give what the log says has happened.
        """
        story = read_story(log)
        origin = story.origin
        scenario = KINDS[origin.scenario["kind"]].scenario.model_validate(origin.scenario)
        twin = cls(scenario, origin.seed, replication=origin.replication)
        twin._come_to(story)
        twin._given = list(story.given)
        return twin

    # ---- looking

    @property
    def time_s(self) -> float:
        """The moment; everything before it has happened."""
        return self._source.time_s

    @property
    def horizon_s(self) -> float:
        """When it ends."""
        return self.scenario.horizon_s

    @property
    def rows(self) -> int:
        """How many events there have been."""
        return self._source.rows

    @property
    def digest(self) -> str:
        """SHA-256 of all events so far, in hexadecimal."""
        return self._source.digest

    @property
    def given(self) -> Sequence[Given]:
        """The commands that have been carried out, by number."""
        return tuple(self._given)

    @property
    def log(self) -> Path | None:
        """The file that keeps what is done to it; None: nothing does, or no more."""
        return None if self._log is None else self._log.path

    @property
    def ready(self) -> bool:
        """Whether the plant stands there; else its past is known, which it lives through again when it is needed."""
        return not isinstance(self._source, Remembered)

    def journal(self, first: int = 0) -> Journal:
        """Return the events from row ``first`` on."""
        return self._source.journal(first)

    def snapshot(self) -> dict[str, Any]:
        """Return the state of everything, as data that JSON can hold; ``docs/twins.md`` tells its fields."""
        head = {"kind": self.scenario.kind, "time_s": self.time_s, "rows": self.rows}
        return {**head, **self._plant().snapshot()}

    def kpis(self) -> dict[str, Kpi]:
        """Return the figures of what has happened so far, as if the run ended now; none before the warm-up is over."""
        if self.time_s <= self.scenario.warm_up_s:
            return {}
        until_now = self.scenario.model_copy(update={"horizon_s": self.time_s})
        return self._metered(until_now)

    def run(self) -> Run:
        """Return what has happened so far as a run that ends now, to be shown and charted.

        Before the warm-up is over, its figures count from the beginning.
        """
        warm_up_s = self.scenario.warm_up_s if self.scenario.warm_up_s < self.time_s else 0.0
        until_now = self.scenario.model_copy(update={"horizon_s": self.time_s, "warm_up_s": warm_up_s})
        kpis = self._metered(until_now) if self.time_s > 0 else {}
        return Run(until_now, self.seed, self.replication, kpis, self.journal())

    def _metered(self, scenario: Scenario) -> dict[str, Kpi]:
        meter = simulator_of(scenario).meter(scenario)
        meter.add(self.journal())
        return meter.kpis()

    # ---- going on

    def advance(self, to_s: float, *, mark: bool = True) -> Journal:
        """Let everything before ``to_s`` happen.

        Parameters
        ----------
        to_s
            From now to the horizon. In how many steps one goes makes no difference.
        mark
            Whether the log notes how far the plant has come, and people see it where that lasts; whoever goes in many
            small steps need not do so in each.

        Returns
        -------
        What has happened.

        Raises
        ------
        TimeError
            The moment lies behind us, or beyond the horizon.
        simulators.DeadlockError
            Nothing in the plant can move any more; the twin stays where it was.
        """
        if not self.time_s <= to_s <= self.horizon_s:
            raise TimeError(to_s, self.time_s, self.horizon_s, "to go back use rewind(); horizon_s is the end")
        first, before_s = self.rows, self.time_s
        if to_s > before_s:
            plant = self._plant()
            stops_s = _stops(before_s, float(to_s)) if mark else np.array([float(to_s)])
            try:
                self._show(ADVANCING, relive(plant, (), stops_s))
            except BaseException:  # Ctrl-C, too: what was begun is undone
                self._source = self._remembered(first, before_s, self._given)
                raise
        if mark:
            self.mark()
        return self.journal(first)

    def apply(self, command: Command | Mapping[str, Any], *, who: str | None = None) -> Given:
        """Carry out a command now.

        Parameters
        ----------
        command
            One of the kind's commands, or the same as data: its name under ``command``, and its fields.
        who
            Who gives it, 1 to 200 characters; None: whose twin it is.

        Returns
        -------
        The command with its number, which the journal's COMMAND event names.

        Raises
        ------
        simulators.CommandError
            It names what is not there, is out of bounds, or cannot be carried out now; nothing has changed.
        simulators.DeadlockError
            After it nothing could move any more; nothing has changed.
        LogError
            It cannot be written down; nothing has changed.
        """
        who = self.who if who is None else who
        if not 0 < len(who) <= LONGEST_NAME:
            raise CommandError(field="who", value=who, message=f"must have 1 to {LONGEST_NAME} characters")
        wanted = command_of(self._commands, command)
        at = self._clock().isoformat(timespec="milliseconds")
        given = Given(len(self._given), self.time_s, wanted.model_dump(mode="json"), who, at)
        plant, first = self._plant(), self.rows
        try:
            plant.apply(wanted, given.number)
            if self._log is not None:
                self._log.command(given)
        except CommandError:
            raise
        except BaseException:
            self._source = self._remembered(first, self.time_s, self._given)
            raise
        self._given.append(given)
        return given

    def rewind(self, to_s: float, *, who: str | None = None) -> None:
        """Go back to an earlier moment; commands given at it or later are as if never given.

        The journal up to there is known, so that takes no time; the plant lives through it again when it is to go on,
        to be commanded or to tell its state.

        Parameters
        ----------
        to_s
            From 0 to now. Now itself takes back the commands given at this moment.
        who
            Who does it, for the log; None: whose twin it is.

        Raises
        ------
        TimeError
            The moment does not lie behind us.
        """
        if not 0 <= to_s <= self.time_s:
            raise TimeError(to_s, 0.0, self.time_s, "to go on use advance()")
        kept = [given for given in self._given if given.time_s < to_s]
        if to_s > 0:
            rows = int(np.searchsorted(self.journal().time_s, to_s))
            self._source = self._remembered(rows, float(to_s), kept)
        else:  # some things happen by the plant's being there
            self._source = self._make(self.scenario, self.seed, self.replication)
        self._given = kept
        if self._log is not None:
            self._log.rewound(to_s, self.who if who is None else who, self._clock().isoformat(timespec="milliseconds"))
            self.mark()

    def fork(self) -> Self:
        """Return another twin that stands where this one does; it has no log.

        As after :meth:`rewind`, its plant lives through the past when it is needed; this one's stays as it is.
        """
        twin = copy(self)
        twin._log = None
        twin._given = list(self._given)
        twin._source = self._remembered(self.rows, self.time_s, self._given)
        return twin

    def relive(self) -> Iterator[float]:
        """Have the plant live through its past once more, where it has yet to, in steps of some 40 ms.

        Who does nothing of the kind is served as well: whatever needs the plant waits for that. Who has others to serve
        meanwhile goes from step to step.

        Yields
        ------
        The share that is behind.
        """
        remembered = self._source
        if isinstance(remembered, Remembered):
            plant = yield from remembered.relived()
            if self._source is remembered:
                self._source = plant

    def mark(self) -> None:
        """Have the log, if there is one, note how far the plant has come."""
        if self._log is not None:
            self._log.mark(Mark(self.time_s, self.rows, self.digest, code_version()))

    def close(self) -> None:
        """Note how far the plant has come, and let others use the log."""
        if self._log is not None:
            self.mark()
            self._log.close()
            self._log = None

    def __repr__(self) -> str:
        """Return which plant it is and where it stands."""
        where = f"time_s={self.time_s:g}, rows={self.rows}, commands={len(self._given)}"
        return f"<Twin of a {self.scenario.kind}, seed {self.seed}: {where}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- living through the same once more

    def _plant(self) -> Source:
        """Return the plant, once it has lived through its past."""
        while isinstance(self._source, Remembered):
            self._show(RELIVING, self.relive())
        return self._source

    def _remembered(self, rows: int, time_s: float, given: Sequence[Given]) -> Remembered:
        """Return this plant at a moment of its past, by when there had been so many events."""
        scenario, seed, replication, make = self.scenario, self.seed, self.replication, self._make
        past = cut(self.journal(), 0, rows)
        return Remembered(lambda: make(scenario, seed, replication), past, time_s, self._acts(given))

    def _acts(self, given: Sequence[Given]) -> list[Act]:
        return [Act(one.time_s, command_of(self._commands, one.command), one.number) for one in given]

    def _show(self, doing: Text, shares: Iterator[float]) -> None:
        """Do something to its end, and show how far it has come."""
        with self._progress(doing) as tell:
            for share in shares:
                tell(share)

    def _take_up(self, log: CommandLog) -> None:
        """Come to where the log says the plant stood, or begin the log."""
        digest = scenario_digest(self.scenario)
        story = log.story()
        if story is None:
            content = self.scenario.model_dump(mode="json")
            log.begin(Origin(content, digest, self.seed, self.replication, code_version()))
            return
        origin = story.origin
        luck = (origin.seed, origin.replication) == (self.seed, self.replication)
        if not (luck and (origin.digest == digest or self._is_ours(origin.scenario))):
            raise OtherPlantError(log.path, origin.digest, origin.seed, origin.replication)
        self._come_to(story)
        self._given = list(story.given)

    def _is_ours(self, content: Mapping[str, Any]) -> bool:
        """Return whether an older release's scenario is this twin's: fields that came since have their defaults."""
        try:
            return type(self.scenario).model_validate(content) == self.scenario
        except ValidationError:
            return False

    def _come_to(self, story: Story) -> None:
        mark, before = story.mark, story.before_mark
        written_by = story.origin.version if mark is None else mark.version
        plant = self._plant()

        def go(given: Sequence[Given], to_s: float) -> None:
            self._show(RELIVING, relive(plant, self._acts(given), _stops(plant.time_s, to_s)))

        try:
            if mark is not None:
                go(story.given[:before], mark.time_s)
                if (self.rows, self.digest) != (mark.rows, mark.digest):
                    found = f"{self.rows} events instead of {mark.rows}, or other ones"
                    raise ReplayError(mark.time_s, written_by, code_version(), found)
            if story.given[before:]:
                go(story.given[before:], story.given[-1].time_s)
        except CommandError as error:
            raise ReplayError(self.time_s, written_by, code_version(), f"a command is refused: {error}") from error


def _stops(from_s: float, to_s: float) -> NDArray[np.float64]:
    """Return the moments at which one stops on a way, the last being its end."""
    return np.linspace(from_s, to_s, SLICES + 1)[1:]
