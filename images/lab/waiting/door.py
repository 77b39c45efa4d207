"""The door at which the hub says whose session this becomes."""

from __future__ import annotations

import json
import socket
from pathlib import Path

__all__ = ["DOOR", "await_claim"]

DOOR = Path("/run/shixun/door.sock")

_LONGEST_CLAIM = 256 * 1024


def await_claim(door: Path) -> tuple[dict[str, str], list[str]]:
    """Wait until the hub says whose session this becomes.

    Parameters
    ----------
    door
        Where to listen; gone again when the claim is heard, so that there is no second one.

    Returns
    -------
    tuple
        What the session's environment gains, and the arguments of the single-user server.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        # The door is seen only when it can be knocked at.
        hidden = door.with_suffix(".new")
        listener.bind(str(hidden))
        listener.listen(1)
        hidden.rename(door)
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as heard:
                line = heard.readline(_LONGEST_CLAIM)
                if not line.endswith(b"\n"):
                    continue  # somebody only looked whether we listen
                claim = json.loads(line)
                door.unlink()
                connection.sendall(b"claimed\n")
                return dict(claim["environment"]), list(claim["arguments"])
