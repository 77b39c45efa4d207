"""Gateways to live twins, each served by a thread of its own, and clients as anybody has them."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from asyncua.sync import Client

from simulators import KINDS
from twins.live import Live
from twins.opcua import Account, Accounts, Gateway
from twins.pacing import Pace
from twins.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from asyncua.sync import SyncNode

PASSWORDS = {"teacher": "correct horse", "student": "battery staple"}


@dataclass
class Plant:
    """A live twin that is served; its time stands unless it is moved on."""

    live: Live
    url: str
    loop: asyncio.AbstractEventLoop
    gateway: Gateway

    def on_loop(self, act: Callable[[], Any]) -> Any:
        async def there() -> Any:
            return act()

        return asyncio.run_coroutine_threadsafe(there(), self.loop).result(60)

    def go_to(self, time_s: float) -> None:
        """Move on, and have the server show it."""

        def go() -> None:
            while self.live.twin.time_s < time_s:
                self.live.pace.stand(time_s)
                self.live.step()

        self.on_loop(go)
        asyncio.run_coroutine_threadsafe(self.gateway._space.refresh(), self.loop).result(60)

    def state(self) -> tuple[str, int]:
        """What nobody without permission may change."""
        found: tuple[str, int] = self.on_loop(lambda: (self.live.twin.digest, len(self.live.twin.given)))
        return found

    @contextmanager
    def client(self, user: str | None = "teacher", password: str | None = None) -> Iterator[Client]:
        client = Client(self.url, timeout=60)
        if user:
            client.set_user(user)
            client.set_password(password or PASSWORDS[user])
        try:
            client.connect()
        except BaseException:
            client.tloop.stop()  # it ends by itself only after a connection
            raise
        try:
            yield client
        finally:
            client.disconnect()

    def node(self, client: Client, path: str) -> SyncNode:
        index = client.get_namespace_index("urn:shixun:twin")
        return client.get_node(f"ns={index};s=Twin/{path}")


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Plant]]:
    """Serve the example of a kind, once for all tests that ask for it."""
    folder = tmp_path_factory.mktemp("opcua")
    accounts = Accounts()
    for name, role in (("teacher", "operate"), ("student", "watch")):
        accounts = accounts.plus(name, Account.with_password(role, PASSWORDS[name]))  # type: ignore[arg-type]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    plants: dict[str, Plant] = {}

    async def begin(kind: str) -> Plant:
        live = Live(Twin(KINDS[kind].example(), 1), Pace(0.0, 1000.0))
        live.pace.pause()
        gateway = await Gateway(live, folder=folder, port=0, accounts=accounts).__aenter__()
        return Plant(live, gateway.url, loop, gateway)

    def plant(kind: str) -> Plant:
        if kind not in plants:
            plants[kind] = asyncio.run_coroutine_threadsafe(begin(kind), loop).result(120)
        return plants[kind]

    yield plant
    for one in plants.values():
        asyncio.run_coroutine_threadsafe(one.gateway.__aexit__(None, None, None), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
