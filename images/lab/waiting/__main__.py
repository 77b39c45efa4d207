"""Import, wait, become somebody's single-user server."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from pathlib import Path

from labs.session import lay_out_compiled, prepare
from waiting.absent import absent
from waiting.door import DOOR, await_claim
from waiting.kernels import KernelNursery

# What a single-user server and its kernels import. Not `jupyterlab.labhubapp` nor `jupyterhub.singleuser.app`: those
# patch handlers when they are imported, before they know for whom.
AHEAD = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "faulthandler",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "ipykernel.kernelspec",
    "jupyter_server.kernelspecs.handlers",
    "jupyter_server.nbconvert.handlers",
    "jupyter_server.serverapp",
    "jupyter_server.services.api.handlers",
    "jupyter_server.services.config.handlers",
    "jupyter_server.services.contents.handlers",
    "jupyter_server.services.contents.largefilemanager",
    "jupyter_server.services.events.handlers",
    "jupyter_server.services.kernels.handlers",
    "jupyter_server.services.kernelspecs.handlers",
    "jupyter_server.services.nbconvert.handlers",
    "jupyter_server.services.security.handlers",
    "jupyter_server.services.sessions.handlers",
    "jupyter_server.services.shutdown",
    "jupyter_server.view.handlers",
    "jupyter_server_terminals",
    "jupyterlab.labapp",
    "jupyterlab_server.handlers",
    "jupyterhub.services.auth",
    "jupyterhub.singleuser.extension",
    "jupyterhub.singleuser.mixins",
    "notebook_shim.nbserver",
    "notices",
    "psutil",
    "tornado.platform.asyncio",
)


def main() -> None:
    """Be the container's program."""
    sys.path[:] = [each for each in sys.path if each not in ("", "/")]
    with absent():
        for module in AHEAD:
            importlib.import_module(module)
    gc.collect()
    # What is here now stays shared with the processes forked from this one.
    gc.freeze()
    KernelNursery.start().serve()
    lay_out_compiled()
    environment, arguments = await_claim(DOOR)
    os.environ.update(environment)
    os.chdir(prepare())
    sys.argv = [str(Path(sys.executable).with_name("jupyterhub-singleuser")), *arguments]
    from jupyterhub.singleuser import main as become_server

    become_server()


if __name__ == "__main__":
    main()
