"""The command of the pool service: it listens at once, and loads the service then.

A starting hub asks whether the service answers. One that is refused asks again later and later; one that is heard waits
for the answer.
"""

import socket
import sys

__all__ = ["main"]


def main(port: int) -> None:
    """Serve at a port of 127.0.0.1 until the hub ends this process, or is no more."""
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    listener.setblocking(False)
    from hub_config.pool_service import serve

    serve(listener)


if __name__ == "__main__":
    main(int(sys.argv[1]))
