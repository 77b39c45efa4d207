"""Laying out the labs in a process of its own: what that imports (Numba among others) the server does not need."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from typing import NoReturn

__all__ = ["Preparation"]

_LONGEST = 256 * 1024


@dataclass(frozen=True)
class Preparation:
    """A process that has imported what laying out needs, and ends when it is done.

    Attributes
    ----------
    door
        Our end of the pair of sockets by which it is told to begin.
    pid
        Its number.
    """

    door: socket.socket
    pid: int

    @classmethod
    def start(cls) -> Preparation:
        """Fork it; to be called before this process has threads."""
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            ours.close()
            _prepare(its)
        its.close()
        # It answers when its imports are done, so that who waits for us has all of us.
        ours.recv(1)
        return cls(ours, pid)

    def run(self, environment: dict[str, str]) -> None:
        """Lay out the labs for the owner of an environment, and end.

        Parameters
        ----------
        environment
            What the session's environment gains.
        """
        with self.door:
            self.door.sendall(json.dumps(environment).encode())
        os.waitpid(self.pid, 0)


def _prepare(door: socket.socket) -> NoReturn:
    code = 1
    try:
        from labs.session import prepare

        door.send(b".")
        if message := door.recv(_LONGEST):
            os.environ.update(json.loads(message))
            prepare()
        code = 0
    finally:
        os._exit(code)
