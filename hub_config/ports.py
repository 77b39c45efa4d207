"""Ports for servers that listen a while after their port was chosen."""

import random
import socket

from hub_config.errors import PortError

__all__ = ["PORTS", "find_free_ports"]

# Below the range from which systems give out ports by themselves (Linux from 32768, others from 49152): what is free
# there does not become the near end of somebody's connection before its server has started.
PORTS = range(20_000, 32_768)

_TRIES = 1000


def find_free_ports(number: int, among: range = PORTS, host: str = "127.0.0.1") -> list[int]:
    """Find ports on which nobody listens and which no system gives out by itself.

    Parameters
    ----------
    number
        How many.
    among
        Where to look.
    host
        The address on which they are to be free.

    Returns
    -------
    list of int
        Different ports, in random order.

    Raises
    ------
    PortError
        When there are not so many.
    """
    found: list[int] = []
    for port in random.SystemRandom().sample(among, min(_TRIES, len(among))):
        if len(found) == number:
            break
        with socket.socket() as probe:
            # As servers do: the quiet time of a connection just closed does not count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
        found.append(port)
    if len(found) < number:
        msg = (
            f"{number} free ports on {host} were asked for, {len(found)} found among {among.start}-{among.stop - 1}: "
            "stop programs that listen there."
        )
        raise PortError(msg)
    return found
