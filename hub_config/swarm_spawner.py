"""A session as a service of a Docker Swarm, on whichever of its machines."""

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import NotFound
from dockerspawner import SwarmSpawner
from tornado.web import HTTPError
from traitlets import Any as Anything
from traitlets import Bool
from traitlets.config import Config

from hub_config.errors import SwarmError
from hub_config.mishaps import start_words
from hub_config.network import LABEL as NETWORK_LABEL
from hub_config.pool_keeper import PoolKeeper
from hub_config.settings import HubSettings
from hub_config.spawner import apply_docker_spawner, container_environment
from hub_config.swarm_homes import NOBODY, NOT_MOVED, HomeLedger, homes_file
from hub_config.swarm_link import close_link, mend_link, open_link
from hub_config.swarm_machines import Machine, machines, roomiest
from hub_config.swarm_relay import BASE, NOTICES_PATH
from hub_config.swarm_service import Task, service_creation
from hub_config.warm_spawner import WarmDockerSpawner

__all__ = ["SwarmSessionSpawner", "SwarmSessions", "apply_swarm_spawner"]

_log = logging.getLogger(__name__)
_FIRST_S, _LONGEST_S = 0.05, 0.5
# Between asking and getting a machine.
_PENDING_S = 10.0
# A session has ten seconds to end; a machine that is away never tells that it has.
_ENDING_S = 20.0
_ENDED = {"complete", "failed", "rejected", "shutdown", "orphaned", "remove"}
_KILLED = 137
_STUDENT = 1000


@dataclass(frozen=True)
class SwarmSessions:
    """What every session of the swarm needs to know.

    Attributes
    ----------
    settings
        The hub's settings.
    host
        Address of the sessions' bridge on the hub's machine.
    homes
        Who has her files on which machine.
    """

    settings: HubSettings
    host: str
    homes: HomeLedger

    def settle(self, volume: str, found: list[Machine], found_on: str, running: Mapping[str, int]) -> str:
        """Decide on which machine a session runs, by its number.

        ``found_on`` is as of `HomeLedger.settle`; ``running`` are the sessions on each machine, which count where every
        machine has her files.
        """
        shared = self.settings.swarm_homes
        if shared is None:
            return self.homes.settle(volume, found, found_on).id
        ready = [machine for machine in found if not machine.away]
        if not ready:
            raise SwarmError(NOBODY)
        folder = shared / volume
        if not folder.exists():
            if found_on or self.homes.knows(volume):
                raise SwarmError(NOT_MOVED)
            folder.mkdir(mode=0o700)
            os.chown(folder, _STUDENT, _STUDENT)
        return roomiest(ready, running).id


class SwarmSessionSpawner(WarmDockerSpawner, SwarmSpawner):  # type: ignore[misc]  # dockerspawner is untyped
    """A `SwarmSpawner` whose every service has a link of its own, and waits in the line as other sessions do."""

    swarm = Anything(help="What every session needs to know, a `SwarmSessions`.").tag(config=True)
    # A plain value in SwarmSpawner, which then warns that it cannot be set.
    remove = Bool(default_value=True, help="Whether a service is removed when it stops; it always is.").tag(config=True)
    # Whether its relay has another address than the proxy knows.
    _moved = False

    async def _start(self) -> tuple[str, int]:
        try:
            return await super()._start()
        except SwarmError as error:
            self.log.error("The session of %s could not be started: %s", self.user.name, error)
            refusal = HTTPError(503, str(error))
            # Whence JupyterHub takes what it shows.
            refusal.jupyterhub_message = str(error)  # type: ignore[attr-defined]
            raise refusal from error

    async def create_object(self) -> dict[str, Any]:
        """Make the link and the service."""
        swarm: SwarmSessions = self.swarm
        (volume,) = self.volume_binds
        found_on = await self._in_thread(self._volume_here, volume)
        running = await self._in_thread(self._running_on)
        machine = swarm.settle(volume, await self._in_thread(machines, self.client), found_on, running)
        image = await self._in_thread(self.client.inspect_image, self.image)
        task = Task(
            name=self.object_name,
            image_id=image["Id"],
            command=await self.get_command(),
            environment=self.get_env(),
            memory_bytes=self.mem_limit,
            cpu_cores=self.cpu_limit,
            volume=volume,
            machine=machine,
        )
        await self._in_thread(open_link, self.client, swarm.settings, swarm.host, self.object_name, self.port)
        creation = service_creation(swarm.settings, task)
        service: dict[str, Any] = await self._in_thread(lambda: self.client.create_service(**creation))
        return service

    async def start_object(self) -> None:
        """Wait until the service runs.

        Raises
        ------
        SwarmError
            When no machine takes it, or one refuses it.
        """
        begin = time.monotonic()
        pause_s = _FIRST_S
        while True:
            task = await self._task()
            status = task["Status"] if task else {"State": "new"}
            state, said = status["State"], status.get("Err", "")
            if state == "running":
                return
            if state in _ENDED:
                raise SwarmError(await self._refused(task or {}, said))
            if state == "pending" and said and time.monotonic() - begin > _PENDING_S:
                self.log.error("No machine takes %s: %s", self.object_name, said)
                raise SwarmError(NOBODY)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.3, _LONGEST_S)

    async def get_ip_and_port(self) -> tuple[str, int]:
        """Return where the relay listens in the session's place."""
        swarm: SwarmSessions = self.swarm
        arguments = (self.client, swarm.settings, swarm.host, self.object_name, self.port)
        return await self._in_thread(mend_link, *arguments), self.port

    async def poll(self) -> str | int | None:
        """Tell whether the session runs; mend its link where it does, take away what is left where it has ended."""
        task = await self._task()
        if task and task["Status"]["State"] not in _ENDED:
            address, _ = await self.get_ip_and_port()
            if self.server and self.server.ip and self.server.ip != address:
                self.server.ip = address
                self.db.commit()
                self._moved = True
            return None
        await self.remove_object()
        if task is None:
            return 0
        status = task["Status"]
        code = (status.get("ContainerStatus") or {}).get("ExitCode", 0)
        if code == _KILLED and self.keeper:
            # Nobody asked for its end, so the system did: for want of memory, as the container's engine would tell.
            for action in ("oom", "die"):
                attributes = {"name": self.object_name, "exitCode": str(code)}
                self.keeper.endings.heard({"Action": action, "Actor": {"Attributes": attributes}})
        return f"{status['State']}: {status.get('Err') or status.get('Message')}"

    async def poll_and_notify(self) -> Any:  # noqa: ANN401 JupyterHub's own signature
        """Look whether the session runs, and tell the proxy where its relay has a new address."""
        status = await super().poll_and_notify()
        if self._moved and status is None:
            await self.user.settings["proxy"].add_user(self.user, self.name)
            self._moved = False
        return status

    async def remove_object(self) -> None:
        """Remove service and link, and wait until the container has ended: her next session finds her files at rest."""
        task = await self._task()
        try:
            await self._in_thread(self.client.remove_service, self.object_name)
        except NotFound:
            self.log.debug("Already removed: %s", self.object_name)
        deadline = time.monotonic() + _ENDING_S
        while task and await self._in_thread(self._exists, task["ID"]):
            if time.monotonic() > deadline:
                self.log.warning("The machine of %s does not tell that it has ended", self.object_name)
                break
            await asyncio.sleep(_LONGEST_S)
        await self._in_thread(close_link, self.client, self.object_name)

    async def _task(self) -> dict[str, Any] | None:
        """Find the one task of the session; None where there is none, or not yet."""

        def find() -> dict[str, Any] | None:
            try:
                service = self.client.inspect_service(self.object_name)
            except NotFound:
                return None
            tasks: list[dict[str, Any]] = self.client.tasks(filters={"service": service["ID"]})
            return max(tasks, key=lambda task: task["CreatedAt"], default=None)

        found: dict[str, Any] | None = await self._in_thread(find)
        return found

    def _volume_here(self, volume: str) -> str:
        """Tell the number of the hub's machine where it holds a volume, else nothing."""
        try:
            self.client.inspect_volume(volume)
        except NotFound:
            return ""
        return str(self.client.info()["Swarm"]["NodeID"])

    def _running_on(self) -> Counter[str]:
        """Count the base's sessions on each machine."""
        ours = {"label": f"{NETWORK_LABEL}={self.swarm.settings.docker_network}", "desired-state": "running"}
        return Counter(task.get("NodeID", "") for task in self.client.tasks(filters=ours))

    def _exists(self, task_id: str) -> bool:
        try:
            self.client.inspect_task(task_id)
        except NotFound:
            return False
        return True

    async def _refused(self, task: dict[str, Any], said: str) -> str:
        """Word why a machine refused a task or a task ended at once."""
        found: list[Machine] = await self._in_thread(machines, self.client)
        name = next((machine.name for machine in found if machine.id == task.get("NodeID")), "?")
        self.log.error("The machine %s refused %s: %s", name, self.object_name, said)
        if "no such image" in said.lower():
            return (
                f"服务器 {name} 上没有这个版本的实训镜像 {self.image}。请联系管理员。 · "
                f"The machine {name} lacks this build of the image {self.image}. Tell your administrator, who loads it "
                "there."
            )
        return start_words(docker.errors.DockerException(said), self.image)


def apply_swarm_spawner(c: Config, settings: HubSettings, host: str, keeper: PoolKeeper | None = None) -> None:
    """Run sessions as confined services of a swarm.

    Parameters
    ----------
    c
        The configuration.
    settings
        The hub's settings.
    host
        Address of the sessions' bridge on the hub's machine, where gate and grading service listen.
    keeper
        Of the line of those who wait; None: no line.
    """
    # What a session reaches is its relay, by name.
    apply_docker_spawner(c, settings, BASE, keeper)
    c.JupyterHub.spawner_class = SwarmSessionSpawner
    c.SwarmSessionSpawner.swarm = SwarmSessions(settings, host, HomeLedger(homes_file(settings.data_dir)))
    # The first session on a machine reads its image from disk.
    c.Spawner.http_timeout = 120
    c.Spawner.environment = container_environment(settings, BASE) | {
        "SHIXUN_NOTICES_URL": f"http://{BASE}:{settings.hub_port}{NOTICES_PATH}"
    }
