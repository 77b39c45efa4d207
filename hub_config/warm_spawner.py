"""A spawner of containers that takes one from the pool where one waits."""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dockerspawner import DockerSpawner
from jupyterhub import orm
from tornado.web import HTTPError
from traitlets import Any as Anything
from traitlets import Unicode

from hub_config.errors import ClosedError
from hub_config.readiness import await_answer
from hub_config.slots import Slot
from hub_config.waiting_line import waiting_words

if TYPE_CHECKING:
    from hub_config.pool_keeper import PoolKeeper
    from hub_config.warm_pool import WarmPool

__all__ = ["WarmDockerSpawner"]


class WarmDockerSpawner(DockerSpawner):  # type: ignore[misc]  # dockerspawner is untyped
    """A `DockerSpawner` whose `start` claims a waiting container of the same image, if there is one.

    A claimed container bears the name that DockerSpawner would have given it: polling, stopping and finding it again
    after a restart of the hub are DockerSpawner's own. An empty pool, or a dead container in it, means a cold start.
    """

    keeper = Anything(help="Pools and waiting line, a `PoolKeeper`; None: neither.").tag(config=True)
    slots_dir = Unicode(help="Folder of the slots of containers started ahead.").tag(config=True)
    slot = Unicode(help="Slot of the claimed container; empty after a cold start.")

    # For claims alone: DockerSpawner's own executor has one thread.
    _claims = ThreadPoolExecutor(8, thread_name_prefix="claim")

    async def start(self) -> tuple[str, int]:
        """Wait for one's turn, claim a container or start one, and return its address once it answers."""
        keeper: PoolKeeper | None = self.keeper
        if keeper is None:
            return await self._start()
        keeper.arrived()
        name = self.user.name
        try:
            await keeper.line.enter(name, frozenset(group.name for group in self.user.groups), self._running)
        except ClosedError as error:
            refusal: Any = HTTPError(403, str(error))
            refusal.jupyterhub_message = str(error)
            raise refusal from error
        begin, took_s = time.monotonic(), None
        try:
            address = await self._start()
            took_s = time.monotonic() - begin
        finally:
            keeper.line.leave(name, took_s)
        return address

    async def _start(self) -> tuple[str, int]:
        address: tuple[str, int] = await self._claim() or await super().start()
        await await_answer(*address, self.server.base_url)
        return address

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
        yield {"progress": 60, "message": "正在启动会话 · Starting your session"}

    async def _claim(self) -> tuple[str, int] | None:
        image = await self._image()
        pool: WarmPool | None = self.keeper.pools.get(image) if self.keeper else None
        if pool is None or not pool.waiting:
            if pool is not None:
                pool.figures.misses += 1
            return None
        if await self.get_object():
            self.log.warning("Removing %s, left over from an earlier session", self.object_name)
            await self.remove_object()
        (volume,) = self.volume_binds
        claim = {"environment": self.get_env(), "arguments": self.get_args()}
        container = await self._in_thread(pool.claim, claim, volume, self.object_name)
        if container is None:
            self.log.info("The pool of %s has no container that can be claimed: a cold start", image)
            return None
        self.image, self.object_id, self.slot = image, container.id, container.slot.name
        self.log.info("Claimed %s (id: %s) from the pool of %s", self.object_name, container.id[:7], image)
        return container.address, self.port

    async def _image(self) -> str:
        option = self.user_options.get("image")
        return str(await self.check_allowed(option) if option else self.image)

    async def stop(self, now: bool = False) -> None:
        """Stop and remove the container, and take its slot away."""
        slot = self.slot
        await super().stop(now)
        if slot:
            await self._in_thread(Slot(Path(self.slots_dir) / slot).remove)

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
