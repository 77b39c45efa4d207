"""A spawner of containers that takes one from the pool where one waits."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException
from dockerspawner import DockerSpawner
from jupyterhub import orm
from requests.exceptions import RequestException
from tornado.web import HTTPError
from traitlets import Any as Anything
from traitlets import Bool, Unicode

from hub_config.errors import ClosedError
from hub_config.internal_tls import CERTIFICATES, SESSION_PATHS, hub_context, session_papers
from hub_config.mishaps import start_words
from hub_config.plan import Limits
from hub_config.readiness import await_answer
from hub_config.slots import Slot
from hub_config.tenancy import Tenancy
from hub_config.waiting_line import waiting_words

if TYPE_CHECKING:
    from hub_config.pool_keeper import PoolKeeper
    from hub_config.warm_pool import WarmPool

__all__ = ["STARTING", "WarmDockerSpawner", "choose_image", "image_form", "images_for"]

STARTING = "正在启动会话 · Starting your session"
"""What is told while a session starts."""

_MIB = 1024 * 1024
_REMOVED_S = 30.0


class WarmDockerSpawner(DockerSpawner):  # type: ignore[misc]  # dockerspawner is untyped
    """A `DockerSpawner` whose `start` claims a waiting container of the same image, if there is one.

    A claimed container bears the name that DockerSpawner would have given it: polling, stopping and finding it again
    after a restart of the hub are DockerSpawner's own. An empty pool, or a dead container in it, means a cold start.
    """

    keeper = Anything(help="Pools and waiting line, a `PoolKeeper`; None: neither.").tag(config=True)
    slots_dir = Unicode(help="Folder of the slots of containers started ahead.").tag(config=True)
    extra_host_config: Any
    chosen = Unicode(help="Image that its owner has chosen, by the name that people read; empty: the first.")
    slot = Unicode(help="Slot of the claimed container; empty after a cold start.")
    waited = Bool(help="Whether her container waited for her, when she came.")

    # DockerSpawner's own has one thread for all users: when a class ends, they would be stopped one after another.
    _executor = ThreadPoolExecutor(8, thread_name_prefix="engine")
    # Of their own, so that who finds a container waiting does not wait behind those for whom one is started.
    _claims = ThreadPoolExecutor(8, thread_name_prefix="claim")
    _starts = ThreadPoolExecutor(8, thread_name_prefix="start")

    async def start(self) -> tuple[str, int]:
        """Wait for one's turn, claim a container or start one, and return its address once it answers."""
        keeper: PoolKeeper | None = self.keeper
        if keeper is None:
            return await self._start()
        keeper.arrived()
        keeper.endings.forget(self.object_name)
        name, groups = self.user.name, self.groups
        try:
            await keeper.line.enter(name, groups, self._running)
        except ClosedError as error:
            raise _refusal(403, str(error)) from error
        begin, took_s = time.monotonic(), None
        try:
            self._confine(keeper.limits(groups))
            address = await self._start()
            took_s = time.monotonic() - begin
        finally:
            keeper.line.leave(name, took_s, cold=not self.waited)
        return address

    @property
    def groups(self) -> frozenset[str]:
        """Names of the groups of whose session it is."""
        return frozenset(group.name for group in self.user.groups)

    @property
    def ending(self) -> str:
        """How the last session died, in words; empty where it was stopped as usual."""
        keeper: PoolKeeper | None = self.keeper
        return keeper.endings.words(self.object_name) if keeper else ""

    def _confine(self, limits: Limits) -> None:
        """Set what this session may use."""
        memory = limits.memory_mib * _MIB
        self.mem_limit, self.cpu_limit = memory, limits.cpu_cores
        # The same figure: no swap.
        self.extra_host_config = {**self.extra_host_config, "memswap_limit": memory}

    async def _start(self) -> tuple[str, int]:
        self.image, self.waited = self._image(), False
        try:
            address: tuple[str, int] = await self._claim() or await super().start()
            if self.internal_ssl and not self.slot:
                papers = await self._in_thread(self._papers, address[0])
                await self.docker("put_archive", self.container_id, CERTIFICATES, papers)
        except (DockerException, RequestException) as error:
            self.log.error("The session of %s could not be started: %s", self.user.name, error)
            raise _refusal(503, start_words(error, self.image)) from error
        tls = hub_context(Path(self.internal_certs_location), ssl.Purpose.SERVER_AUTH) if self.internal_ssl else None
        if not await await_answer(*address, self.server.base_url, self._alive, tls, self.http_timeout):
            if not await self._alive():
                raise _refusal(503, start_words(RuntimeError("the session has ended"), self.image))
            self.log.warning("%s does not answer after %d s", self.object_name, self.http_timeout)
        return address

    async def _alive(self) -> bool:
        return await self.poll() is None

    async def create_certs(self) -> dict[str, str]:
        """Tell where the certificates will be: they name an address that the container does not have yet."""
        return dict(SESSION_PATHS)

    async def move_certs(self, paths: dict[str, str]) -> dict[str, str]:
        """Leave the paths as they are: they are the container's own."""
        return paths

    def _papers(self, address: str) -> bytes:
        trusted = Path(self.internal_trust_bundles["notebooks-ca"])
        return session_papers(Path(self.internal_certs_location), trusted, self.user.name, address)

    @property
    def volume_binds(self) -> dict[str, dict[str, str]]:
        """Her files; not the volume of certificates that DockerSpawner fills before the container is there."""
        binds: dict[str, dict[str, str]] = self._volumes_to_binds(self.volumes, {})
        return binds

    def _running(self) -> dict[str, frozenset[str]]:
        """Tell the groups of everybody who has a session or has asked for one."""
        sessions = self.db.query(orm.Spawner).filter(orm.Spawner.server_id.isnot(None))
        return {each.user.name: frozenset(group.name for group in each.user.groups) for each in sessions}

    async def progress(self) -> AsyncIterator[dict[str, int | str]]:
        """Tell who waits her place in the line, then that her session starts."""
        keeper: PoolKeeper | None = self.keeper
        last = None
        while keeper is not None and (place := keeper.line.place(self.user.name)) is not None:
            if (message := waiting_words(place)) != last:
                yield {"progress": 10, "message": message}
                last = message
            await asyncio.sleep(1)
        yield {"progress": 60, "message": STARTING}

    async def _claim(self) -> tuple[str, int] | None:
        image = self.image
        pool: WarmPool | None = self.keeper.pools.get(image) if self.keeper else None
        if pool is None:
            return None
        if await self.get_object():
            self.log.warning("Removing %s, left over from an earlier session", self.object_name)
            await self.remove_object()
        (volume,) = self.volume_binds
        tenancy = Tenancy(
            name=self.object_name,
            environment=self.get_env(),
            arguments=self.get_args(),
            volume=volume,
            limits=Limits(self.mem_limit // _MIB, self.cpu_limit),
            papers=self._papers if self.internal_ssl else None,
        )
        container = await self._in_thread(pool.claim, tenancy)
        self.waited = container is not None
        if container is None:
            self.log.info("The pool of %s has no container for %s: starting one", image, self.object_name)
            container = await asyncio.get_running_loop().run_in_executor(self._starts, pool.start_for, tenancy)
        if container is None:
            return None
        self.object_id, self.slot = container.id, container.slot.name
        self.log.info("Claimed %s (id: %s) from the pool of %s", self.object_name, container.id[:7], image)
        return container.address, self.port

    def _image(self) -> str:
        images = images_for(self)
        # What she chose last time is remembered, and may have gone from the list meanwhile.
        chosen = self.chosen or next(iter(images), "")
        if chosen not in images:
            words = (
                f"您不能使用实训环境 {chosen}，请重新选择或告诉老师。 · "
                f"You may not use the environment {chosen!r}; choose another, or tell your instructor."
            )
            raise _refusal(403, words)
        return images[chosen]

    async def stop(self, now: bool = False) -> None:
        """Stop and remove the container, and take its slot away."""
        slot = self.slot
        await super().stop(now)
        if slot:
            await self._in_thread(Slot(Path(self.slots_dir) / slot).remove)

    async def remove_object(self) -> None:
        """Remove the container and wait until it is gone, and its name free: the engine may be removing it already."""
        await super().remove_object()
        deadline = time.monotonic() + _REMOVED_S
        while await self.get_object():
            if time.monotonic() > deadline:
                self.log.warning("%s is not gone after %g s", self.object_name, _REMOVED_S)
                return
            await asyncio.sleep(0.05)

    def get_state(self) -> dict[str, Any]:
        """Remember the slot over a restart of the hub."""
        state: dict[str, Any] = super().get_state()
        return state | ({"slot": self.slot} if self.slot else {})

    def load_state(self, state: dict[str, Any]) -> None:
        """Know the slot again."""
        super().load_state(state)
        self.slot = state.get("slot", "")

    def clear_state(self) -> None:
        """Forget the slot."""
        super().clear_state()
        self.slot = ""

    async def _in_thread(self, work: Any, *arguments: Any) -> Any:  # noqa: ANN401 whatever the work returns
        return await asyncio.get_running_loop().run_in_executor(self._claims, work, *arguments)


def images_for(spawner: WarmDockerSpawner) -> dict[str, str]:
    """Tell with which images the owner of a session may start it, by the name that people read."""
    keeper: PoolKeeper | None = spawner.keeper
    return keeper.images(spawner.groups) if keeper else {spawner.image: spawner.image}


def choose_image(spawner: WarmDockerSpawner, options: dict[str, Any]) -> None:
    """Take over what the owner of a session has chosen, now or last time."""
    spawner.chosen = str(options.get("image") or "")


def image_form(spawner: WarmDockerSpawner) -> str:
    """Build the form in which somebody chooses an image; empty, and so not shown, where there is no choice."""
    images = images_for(spawner)
    if len(images) <= 1:
        return ""
    options = "".join(f'<option value="{escape(name)}">{escape(name)}</option>' for name in images)
    label = '<label for="image">实训环境 <span class="second">Environment</span></label>'
    return f'{label}<select id="image" class="form-select" name="image" required autofocus>{options}</select>'


def _refusal(status: int, words: str) -> HTTPError:
    refusal = HTTPError(status, words)
    # Whence JupyterHub takes what it shows.
    refusal.jupyterhub_message = words  # type: ignore[attr-defined]
    return refusal
