"""The OPC UA server of a live twin."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections import deque
from typing import TYPE_CHECKING, Self

from asyncua import Server, ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID

from twins.opcua.accounts import Accounts
from twins.opcua.notices import Notice, notices
from twins.opcua.session import CommandingServer, Rules
from twins.opcua.space import Space

if TYPE_CHECKING:
    from pathlib import Path

    from simulators import Journal
    from twins.live import Live

__all__ = ["Gateway"]

REFRESH_S = 0.2
"""Least time between two looks at the plant: what a subscription tells lags by about so much."""

WOUND_BACK = "回到从前 · wound back"

APPLICATION = "urn:shixun:twin:server"
POLICIES = [
    ua.SecurityPolicyType.NoSecurity,
    ua.SecurityPolicyType.Basic256Sha256_Sign,
    ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
    ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
]


class Gateway:
    """Serves a live twin while its context lasts.

    Parameters
    ----------
    live
        The twin.
    folder
        Where the server's certificate and private key are kept; they are made where there are none.
    host, port
        Where it listens; port 0 takes any that is free.
    accounts
        Who may do what; everybody may watch.

    Attributes
    ----------
    url
        Where clients find it, once it serves.
    """

    def __init__(
        self, live: Live, *, folder: Path, host: str = "127.0.0.1", port: int = 4840, accounts: Accounts | None = None
    ) -> None:
        self._live = live
        self._folder = folder
        self._host = host
        self._port = port
        self._heart = CommandingServer(accounts or Accounts())
        self._server = Server(iserver=self._heart)
        self._space = Space(live, self._server, self._heart)
        self._dirty = asyncio.Event()
        self._notices: deque[Notice] = deque()
        self._refreshing: asyncio.Task[None] | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        logging.getLogger("asyncua").setLevel(logging.ERROR)  # it warns of everything that a client does wrong
        server = self._server
        await server.init()
        server.set_server_name("实训 · shixun twin")
        await server.set_application_uri(APPLICATION)
        server.set_identity_tokens([ua.AnonymousIdentityToken, ua.UserNameIdentityToken])
        server.set_security_policy(POLICIES, permission_ruleset=Rules())
        await self._load_certificate()
        await self._space.build()
        # Just before the server listens, so that nobody takes the port meanwhile.
        with socket.socket() as probe:
            probe.bind((self._host, self._port))
            port = probe.getsockname()[1]
        self.url = f"opc.tcp://{self._host}:{port}/shixun/"
        server.set_endpoint(self.url)
        await server.start()
        self._live.listen(self)
        self._refreshing = asyncio.create_task(self._keep_refreshing())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._live.leave(self)
        if self._refreshing is not None:
            self._refreshing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._refreshing
        await self._server.stop()

    def happened(self, piece: Journal, until_s: float) -> None:
        """Look at the plant anew, soon, and tell what is worth an event."""
        del until_s
        twin = self._live.twin
        self._notices.extend(notices(twin.scenario.kind, piece, twin.given))
        self._dirty.set()

    def reliving(self, share: float) -> None:
        """Show how far the plant is, soon."""
        del share
        self._dirty.set()

    def jumped(self) -> None:
        """Look at the plant anew, soon, and tell that it was wound back."""
        self._notices.append(Notice(self._live.twin.time_s, "", WOUND_BACK, 400))
        self._dirty.set()

    def ended(self) -> None:
        """Clients lose the connection when the server stops."""

    async def _keep_refreshing(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            await self._space.refresh()
            while self._notices:
                await self._space.announce(self._notices.popleft())
            await asyncio.sleep(REFRESH_S)

    async def _load_certificate(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        key, certificate = self._folder / "key.pem", self._folder / "certificate.der"
        before = os.umask(0o077)  # the private key is nobody else's
        try:
            await setup_self_signed_certificate(
                key, certificate, APPLICATION, socket.gethostname(), [ExtendedKeyUsageOID.SERVER_AUTH],
                {"organizationName": "shixun", "commonName": "shixun twin"},
            )  # fmt: skip
        finally:
            os.umask(before)
        await self._server.load_certificate(certificate)
        await self._server.load_private_key(key)
