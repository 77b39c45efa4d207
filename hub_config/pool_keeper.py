"""Keeps the pools as large as bookings and arrivals ask for, and tells the pool service how things stand."""

import logging
import statistics
import time
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

from hub_config.admission import Verdict, decide, seats_wanted
from hub_config.errors import PlanError
from hub_config.mishaps import Endings
from hub_config.plan import Limits, Plan, plan_file, read_plan
from hub_config.pool_board import PoolBoard, PoolState, PoolStatus, WaitingPerson
from hub_config.settings import HubSettings
from hub_config.waiting_line import WaitingLine
from hub_config.warm_pool import WarmPool

__all__ = ["PoolKeeper"]

_log = logging.getLogger(__name__)
_LOOK_S = 1.0
# A class at ten o'clock finds its sessions waiting, however slowly they were started.
_AHEAD = timedelta(minutes=15)
_RECENT_S = 60.0


class PoolKeeper:
    """Pools, line and plan of a hub, together.

    Parameters
    ----------
    settings
        The hub's settings.
    pools
        By image; the first is that of ordinary sessions.
    board
        Where the pool service reads and asks.
    """

    def __init__(self, settings: HubSettings, pools: Mapping[str, WarmPool], board: PoolBoard) -> None:
        self._settings = settings
        self._board = board
        self._zone = ZoneInfo(settings.plan_timezone)
        self._running: Mapping[str, frozenset[str]] = {}
        self._arrivals: deque[float] = deque(maxlen=1000)
        self._plan = Plan()
        self._plan_written = 0.0
        self._standard = Limits(settings.memory_limit_mib, settings.cpu_limit_cores)
        self._draining = False
        self._thread: Thread | None = None
        self.pools = dict(pools)
        self.endings = Endings(settings.docker_network)
        self.line = WaitingLine(settings.starts_most, self._judge, lambda: sum(each.waiting for each in pools.values()))

    def __deepcopy__(self, memo: object) -> "PoolKeeper":
        """Stay one keeper where traitlets copies a configuration."""
        return self

    def open(self) -> None:
        """Begin to fill the pools and to keep them, in threads of their own."""
        if self._thread is None:
            self._look()
            self.endings.open()
            for pool in self.pools.values():
                pool.open()
            self._thread = Thread(target=self._keep, name="pool-keeper", daemon=True)
            self._thread.start()

    def arrived(self) -> None:
        """Take note that somebody asked for a session."""
        self._arrivals.append(time.monotonic())

    def limits(self, groups: frozenset[str]) -> Limits:
        """Tell what a session of somebody in some groups may use."""
        return self._plan.limits(groups, self._standard)

    def images(self, groups: frozenset[str]) -> dict[str, str]:
        """Tell with which images somebody in some groups may start a session, by the name that people read."""
        known = self._settings.session_images
        allowed = self._plan.images(groups, known.values())
        return {name: image for name, image in known.items() if image in allowed}

    def _judge(self, groups: frozenset[str], running: Mapping[str, frozenset[str]]) -> Verdict:
        self._running = dict(running)
        if self._draining:
            return Verdict.DRAINING
        moment = datetime.now(self._zone)
        return decide(self._plan, moment, groups, running, self._settings.sessions_most, self._standard)

    def _keep(self) -> None:
        while True:
            try:
                self._look()
            except OSError as error:
                _log.warning("The pools could not be looked after: %s", error)
            except Exception:  # whatever it is, the next look may do better than none
                _log.exception("The pools could not be looked after")
            time.sleep(_LOOK_S)

    def _look(self) -> None:
        path = plan_file(self._settings.data_dir)
        written = path.stat().st_mtime if path.exists() else 0.0
        try:
            self._plan, self._plan_written = read_plan(path), written
        except PlanError as error:
            # The last good plan holds until the file is corrected.
            _log.warning("%s", error)
        now = datetime.now(self._zone)
        booked = seats_wanted(self._plan, now, now + _AHEAD, self._running)
        recent = sum(time.monotonic() - each < _RECENT_S for each in list(self._arrivals))
        asked = self._board.asked()
        self._draining = asked.draining
        states = []
        for index, (image, pool) in enumerate(self.pools.items()):
            size = asked.sizes.get(image, self._settings.pool_size if index == 0 else 0)
            wanted = max(size, booked, min(recent, 2 * size)) if index == 0 else size
            wanted = 0 if self._draining else wanted
            if wanted != pool.target:
                pool.resize(wanted)
            states.append(_state(pool, size))
        line = []
        for name in self.line.names:
            if (place := self.line.place(name)) is not None:
                line.append(
                    WaitingPerson(
                        name=name,
                        position=place.position,
                        reason=place.verdict.value,
                        estimate_s=place.estimate_s,
                    )
                )
        self._board.tell(
            PoolStatus(
                written=time.time(),
                pools=tuple(states),
                line=tuple(line),
                starting=self.line.starting,
                draining=self._draining,
                plan_written=self._plan_written,
            )
        )


def _state(pool: WarmPool, size: int) -> PoolState:
    figures = pool.figures
    claims = list(figures.claim_s)
    return PoolState(
        image=pool.image,
        size=size,
        wanted=pool.target,
        waiting=pool.waiting,
        hits=figures.hits,
        misses=figures.misses,
        dead=figures.dead,
        claim_median_s=statistics.median(claims) if claims else None,
    )
