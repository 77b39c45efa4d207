"""Commands that change this machine's network and so need root."""

import os
import shutil
import subprocess
from collections.abc import Sequence

import docker
from docker.errors import ContainerError

_SYSTEM_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"


def run_on_host(client: docker.DockerClient, image: str, command: Sequence[str]) -> str:
    """Run a command of this machine as root in its own network.

    Root runs it at once. Whoever may talk to the Docker engine without being root has the engine run it: a container
    in the machine's network, allowed to administer that and nothing else, whose root is the machine's file system.
    It ends with the command.

    Parameters
    ----------
    client
        A client of the engine.
    image
        An image with ``chroot``, used where this process is not root.
    command
        Program and arguments; the program is the machine's, not the image's.

    Returns
    -------
    str
        What the command printed.

    Raises
    ------
    subprocess.CalledProcessError
        When it fails.
    DockerException
        When the engine cannot run the helper.
    """
    environment = {"PATH": f"{_SYSTEM_PATH}:{os.environ.get('PATH', '')}"}
    if may_run_on_host():
        program = shutil.which(command[0], path=environment["PATH"]) or command[0]
        done = subprocess.run(  # noqa: S603 our own commands
            [program, *command[1:]], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout
    entered = ["/usr/sbin/chroot", "/machine", "/usr/bin/env", f"PATH={_SYSTEM_PATH}", *command]
    try:
        output = client.containers.run(
            image,
            entered,
            remove=True,
            user="0:0",
            network_mode="host",
            cap_drop=["ALL"],
            cap_add=["DAC_OVERRIDE", "NET_ADMIN", "NET_RAW", "SYS_CHROOT"],
            volumes={"/": {"bind": "/machine", "mode": "rw"}},
        )
    except ContainerError as error:
        raise subprocess.CalledProcessError(
            error.exit_status, list(command), stderr=_text(error.stderr or b"")
        ) from error
    return _text(output)


def may_run_on_host() -> bool:
    """Tell whether this process is root."""
    return os.geteuid() == 0


def _text(output: str | bytes) -> str:
    return output if isinstance(output, str) else output.decode(errors="replace")
