"""What a session tells its student in plain words: that it ends soon, that memory or disk ran out.

A server extension answers ``GET shixun/notices``; the JupyterLab extension in ``../labextension`` asks and shows.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.web import authenticated

from notices.relayed import relayed
from notices.watch import Watch

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["NoticesHandler"]


class NoticesHandler(APIHandler):
    """Answers what there is to tell."""

    def initialize(self, watch: Watch, relay: str) -> None:
        """Take over the watch, and where the hub's notices are found in a session on another machine."""
        self.watch = watch
        self.relay = relay

    @authenticated
    async def get(self) -> None:
        """Answer the notices, oldest first."""
        found = self.watch.notices() + (await relayed(self.relay) if self.relay else [])
        self.finish(json.dumps([notice._asdict() for notice in found]))


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "notices"}]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    web: Any = app.web_app
    path = url_path_join(web.settings["base_url"], "shixun/notices")
    web.add_handlers(
        ".*$",
        [(path, NoticesHandler, {"watch": Watch(Path.home()), "relay": os.environ.get("SHIXUN_NOTICES_URL", "")})],
    )
