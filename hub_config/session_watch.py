"""Ends sessions when the hours of their class or school are over, having told their owners before.

It runs in the pool service, asks the hub what runs, and has the hub stop what is to end: files stay.
"""

import asyncio
import json
import logging
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from hub_config.errors import HubConfigError, PlanError
from hub_config.hours import RunningSession, closing_words, judge_sessions
from hub_config.notices import container_name, put_notice
from hub_config.plan import Plan, plan_file, read_plan
from hub_config.settings import HubSettings

__all__ = ["SessionWatch"]

_log = logging.getLogger(__name__)
_LOOK_S = 10.0
_PAGE = 200


class SessionWatch:
    """Looks after running sessions; ``sessions`` is how many there are.

    Parameters
    ----------
    settings
        The hub's settings.
    hub_api_url, token
        Where the hub is asked, with a token that may list and stop sessions.
    """

    def __init__(self, settings: HubSettings, hub_api_url: str, token: str) -> None:
        self._settings = settings
        self._url = hub_api_url.rstrip("/")
        self._token = token
        self._zone = ZoneInfo(settings.plan_timezone)
        self._plan = Plan()
        # Whom it has told of which end.
        self._told: dict[str, datetime] = {}
        self.sessions = 0

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except (OSError, HTTPClientError, HubConfigError) as error:
                _log.warning("The sessions' hours could not be looked after: %s", error)
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Warn whom it is time to warn, and stop what is to end."""
        try:
            self._plan = read_plan(plan_file(self._settings.data_dir))
        except PlanError as error:
            # The last good plan holds until the file is corrected.
            _log.warning("%s", error)
        running = await self._running()
        self.sessions = len(running)
        moment = datetime.now(self._zone)
        longest_s = self._settings.session_longest_s
        sentences = judge_sessions(
            self._plan,
            moment,
            running,
            timedelta(seconds=self._settings.closing_warning_s),
            timedelta(seconds=longest_s) if longest_s else None,
        )
        for each in sentences:
            user = each.session.user
            if each.due(moment):
                _log.info("Stopping the session of %s: its time is over", user)
                await self._ask("DELETE", f"/users/{quote(user, safe='')}/server")
            elif self._told.get(user) != each.ends and await asyncio.to_thread(self._tell, user, each.ends):
                self._told[user] = each.ends
        ending = {each.session.user for each in sentences}
        self._told = {user: ends for user, ends in self._told.items() if user in ending}

    def _tell(self, user: str, ends: datetime) -> bool:
        return put_notice(container_name(self._settings.docker_network, user), "closing", closing_words(ends))

    async def _running(self) -> list[RunningSession]:
        running: list[RunningSession] = []
        offset = 0
        while True:
            page = json.loads(await self._ask("GET", f"/users?state=ready&limit={_PAGE}&offset={offset}"))
            for user in page:
                server = user["servers"].get("") or {}
                if server.get("ready"):
                    started = datetime.fromisoformat(server["started"])
                    running.append(RunningSession(user["name"], frozenset(user["groups"]), started))
            if len(page) < _PAGE:
                return running
            offset += _PAGE

    async def _ask(self, method: str, path: str) -> bytes:
        answer = await AsyncHTTPClient().fetch(
            self._url + path, method=method, headers={"Authorization": f"token {self._token}"}
        )
        return bytes(answer.body)
