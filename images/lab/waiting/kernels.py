"""Kernels forked from a process that has imported them already.

A Jupyter kernel imports for most of a second before it runs its first cell. A session started ahead keeps a small
process, the nursery, with those imports done; a new kernel is a fork of it. Only the start differs: the kernel has its
own process group and connection file, and interrupt, restart and kill work as ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

if TYPE_CHECKING:
    from jupyter_client.connect import KernelConnectionInfo

__all__ = ["ForkedProvisioner", "KernelNursery"]

_NAME = "shixun-forked"
_LONGEST_REQUEST = 512 * 1024
_LAUNCHER = ["-m", "ipykernel_launcher"]
_LISTENING_S = 10.0


class _ForkedKernel:
    """A kernel that the nursery forked, with what a provisioner asks of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        # Tells the end of just this process, even when its number is given to another.
        self._handle = os.pidfd_open(pid)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return None while it runs; how it ended only its parent, the nursery, could tell."""
        if self.returncode is None and select.select([self._handle], [], [], 0)[0]:
            self.returncode = 0
            os.close(self._handle)
        return self.returncode

    def wait(self) -> int:
        """Wait until it has ended."""
        if self.returncode is None:
            select.select([self._handle], [], [])
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


@dataclass(frozen=True)
class KernelNursery:
    """The process of which kernels are forks.

    Attributes
    ----------
    door
        Our end of the pair of sockets by which it is asked.
    pid
        Its number.
    """

    door: socket.socket
    pid: int

    @classmethod
    def start(cls) -> KernelNursery:
        """Fork the nursery; to be called before this process has threads."""
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            ours.close()
            _serve(its)
        its.close()
        return cls(ours, pid)

    def serve(self) -> None:
        """Let the servers of this process take their kernels from here."""
        # jupyter_client knows provisioners by entry points.
        ForkedProvisioner.nursery = self
        factory = KernelProvisionerFactory.instance()
        factory.provisioners[_NAME] = EntryPoint(
            _NAME, "waiting.kernels:ForkedProvisioner", KernelProvisionerFactory.GROUP_NAME
        )
        factory.default_provisioner_name = _NAME

    def fork(self, arguments: list[str], environment: dict[str, str], folder: str | None) -> _ForkedKernel:
        """Ask for a kernel.

        Parameters
        ----------
        arguments
            Of the kernel's launcher.
        environment
            The kernel's whole environment.
        folder
            Its working folder.

        Returns
        -------
        _ForkedKernel
            The running kernel.

        Raises
        ------
        OSError
            When the nursery is no more.
        """
        request = {
            "arguments": arguments,
            "environment": environment | {"JPY_PARENT_PID": str(self.pid)},
            "folder": folder,
        }
        self.door.sendall(json.dumps(request).encode())
        answer = self.door.recv(64)
        if not answer:
            msg = "the kernel nursery has ended"
            raise ConnectionError(msg)
        return _ForkedKernel(int(answer))


class ForkedProvisioner(LocalProvisioner):
    """Take kernels from the nursery; what is not an IPython kernel, or comes when it is no more, starts as ever."""

    nursery: KernelNursery | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ANN401 jupyter_client's own
        """Start the kernel."""
        if self.nursery is not None and cmd[1:3] == _LAUNCHER:
            kernel = None
            with contextlib.suppress(OSError):
                kernel = self.nursery.fork(cmd[3:], dict(kwargs.get("env") or os.environ), kwargs.get("cwd"))
            if kernel is not None:
                self.process = kernel  # type: ignore[assignment]  # it has what is asked of a Popen
                self.pid = self.pgid = kernel.pid
                await _await_listening(kernel, str(self.connection_info["ip"]), self.connection_info["iopub_port"])
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)


async def _await_listening(kernel: _ForkedKernel, address: str, port: int) -> None:
    """Wait until a kernel has opened what it publishes on, or has ended.

    A server that connects before misses what the kernel says first, and asks again half a second later only.
    """
    deadline = time.monotonic() + _LISTENING_S
    while kernel.poll() is None and time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_connection(address, port)
        except OSError:
            await asyncio.sleep(0.005)
        else:
            writer.close()
            return


def _serve(door: socket.socket) -> NoReturn:
    """Fork a kernel for every request, until the server is gone."""
    # Its children's ends are nobody's business here.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while request := door.recv(_LONGEST_REQUEST):
        pid = os.fork()
        if pid == 0:
            door.close()
            _become_kernel(json.loads(request))
        door.send(str(pid).encode())
    os._exit(0)


def _become_kernel(request: dict[str, Any]) -> NoReturn:
    os.setsid()
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(request["environment"])
    if request["folder"]:
        os.chdir(request["folder"])
    sys.argv = ["ipykernel_launcher.py", *request["arguments"]]
    code = 1
    try:
        from ipykernel.kernelapp import IPKernelApp

        class Kernel(IPKernelApp):
            """A kernel that does without a parser of all options where it is told its connection file only."""

            def parse_command_line(self, argv: list[str] | None = None) -> None:
                match sys.argv[1:]:
                    case ["-f", connection_file]:
                        self.connection_file = connection_file
                    case _:
                        super().parse_command_line(argv)

        Kernel.launch_instance()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
