"""The line of those who wait for a seat, or for their turn to be started."""

import asyncio
import contextlib
import math
import statistics
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hub_config.admission import Verdict
from hub_config.errors import ClosedError

__all__ = ["Place", "WaitingLine", "waiting_words"]

# Until sessions have been started: from the pool, and cold.
_FIRST_GUESS_S = {False: 1.0, True: 10.0}
_LOOK_S = 0.25
_REFUSALS = {
    Verdict.CLOSED: "现在不在您班级的开放时间内。 · Your class's opening hours are over or have not begun.",
    Verdict.DRAINING: (
        "实训基地即将维护，暂不启动新会话，您的文件都在，请稍后再来。 · "
        "The training base is about to be maintained and starts no new sessions; your files are safe, come back later."
    ),
}


@dataclass(frozen=True)
class Place:
    """Somebody's place in the line.

    Attributes
    ----------
    position
        1 for who comes next.
    verdict
        Why she waits; ``ADMITTED`` where only others' starts are before hers.
    estimate_s
        Seconds until her session is ready, judged by recent starts; None where that depends on others ending theirs.
    """

    position: int
    verdict: Verdict
    estimate_s: float | None


@dataclass
class _Waiting:
    name: str
    groups: frozenset[str]
    verdict: Verdict = Verdict.ADMITTED
    called: bool = False
    # Set when it is her turn, or when something has changed and she is the first.
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def call(self) -> None:
        self.called = True
        self.wake.set()


class WaitingLine:
    """First come, first served, but that who is held up by her own quota does not hold up others.

    Parameters
    ----------
    starts_most
        Sessions being started at the same time.
    judge
        Decides about groups, given everybody who has a session: `hub_config.admission.decide` with plan and moment.
    ahead
        Tells how many sessions wait ready in the pool; who comes after them is started cold.
    """

    def __init__(
        self,
        starts_most: int,
        judge: Callable[[frozenset[str], Mapping[str, frozenset[str]]], Verdict],
        ahead: Callable[[], int] = lambda: 0,
    ) -> None:
        self._starts_most = starts_most
        self._judge = judge
        self._ahead = ahead
        self._waiting: list[_Waiting] = []
        self._starting: dict[str, frozenset[str]] = {}
        # By whether they were started cold; few, because starts grow slower as a room fills.
        self._durations_s: dict[bool, deque[float]] = {cold: deque(maxlen=starts_most) for cold in (False, True)}

    def __deepcopy__(self, memo: object) -> "WaitingLine":
        """Stay one line where traitlets copies a configuration."""
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Who waits, in order."""
        return tuple(each.name for each in self._waiting)

    @property
    def starting(self) -> int:
        """How many are being started."""
        return len(self._starting)

    def place(self, name: str) -> Place | None:
        """Tell somebody's place; None where she does not wait."""
        for position, each in enumerate(self._waiting, start=1):
            if each.name == name:
                return Place(position, each.verdict, self._estimate_s(position, each.verdict))
        return None

    async def enter(
        self, name: str, groups: frozenset[str], running: Callable[[], Mapping[str, frozenset[str]]]
    ) -> None:
        """Wait in the line until it is somebody's turn; `leave` must follow when her start has ended.

        Parameters
        ----------
        name
            Who.
        groups
            Her classes and schools.
        running
            Tells the groups of everybody who has a session or is being started, by name.

        Raises
        ------
        ClosedError
            Outside the opening hours of one of her groups, or while no new sessions are started.
        """
        ticket = _Waiting(name, groups)
        self._waiting.append(ticket)
        try:
            self._call(running())
            while not ticket.called:
                # Seats also become free, and bookings begin, without anybody telling.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ticket.wake.wait(), _LOOK_S)
                ticket.wake.clear()
                # Who is first looks for all.
                if self._waiting and self._waiting[0] is ticket:
                    self._call(running())
            if ticket.verdict in _REFUSALS:
                raise ClosedError(_REFUSALS[ticket.verdict])
        except BaseException:
            self._starting.pop(name, None)
            raise
        finally:
            if ticket in self._waiting:
                self._waiting.remove(ticket)

    def leave(self, name: str, took_s: float | None, *, cold: bool = True) -> None:
        """Make room for the next, having been started or not.

        Parameters
        ----------
        name
            Who.
        took_s
            Seconds that her start took; None where it failed.
        cold
            Whether her session was not taken from the pool.
        """
        self._starting.pop(name, None)
        if took_s is not None:
            self._durations_s[cold].append(took_s)
        if self._waiting:
            self._waiting[0].wake.set()

    def _call(self, running: Mapping[str, frozenset[str]]) -> None:
        """Give everybody her turn whose turn it is."""
        waiting = {each.name for each in self._waiting}
        taken = {name: groups for name, groups in running.items() if name not in waiting} | self._starting
        for each in list(self._waiting):
            each.verdict = self._judge(each.groups, taken)
            if each.verdict in _REFUSALS:
                self._waiting.remove(each)
                each.call()
            if each.verdict is Verdict.ADMITTED and len(self._starting) < self._starts_most:
                self._starting[each.name] = taken[each.name] = each.groups
                self._waiting.remove(each)
                each.call()

    def _estimate_s(self, position: int, verdict: Verdict) -> float | None:
        if verdict is not Verdict.ADMITTED:
            return None
        # The starts before hers come in rounds, those from the pool first; her own follows, and one is under way.
        from_pool = min(position, self._ahead())
        rounds = math.ceil(from_pool / self._starts_most), math.ceil((position - from_pool) / self._starts_most)
        hers = self._one_s(cold=position > from_pool)
        return rounds[0] * self._one_s(cold=False) + rounds[1] * self._one_s(cold=True) + hers

    def _one_s(self, *, cold: bool) -> float:
        known = self._durations_s[cold]
        return statistics.fmean(known) if known else _FIRST_GUESS_S[cold]


def waiting_words(place: Place) -> str:
    """Word somebody's place in the line, Chinese first.

    Parameters
    ----------
    place
        Her place.

    Returns
    -------
    str
        Both languages.

    Examples
    --------
    >>> waiting_words(Place(3, Verdict.ADMITTED, 11.2))
    '您排在第 3 位，约 12 秒后就绪 · Number 3 in line, ready in about 12 s'
    """
    position = place.position
    match place.verdict:
        case Verdict.FULL:
            return (
                f"座位已满，您排在第 {position} 位，有人结束会话后轮到您 · "
                f"All seats are taken or booked; you are number {position} and come in when sessions end"
            )
        case Verdict.QUOTA:
            return (
                f"您班级的会话数已到上限，您排在第 {position} 位 · "
                f"Your class has as many sessions as it may; you are number {position}"
            )
        case _:
            seconds = math.ceil(place.estimate_s or 0)
            return (
                f"您排在第 {position} 位，约 {seconds} 秒后就绪 · Number {position} in line, ready in about {seconds} s"
            )
