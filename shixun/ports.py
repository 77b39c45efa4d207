"""Whether the ports that the training base needs are free."""

import socket

from shixun.errors import StartError


def require_free(host: str, port: int, setting: str) -> None:
    """Check that nobody listens where the training base is about to.

    Parameters
    ----------
    host, port
        The address.
    setting
        The environment variable that chooses the port.

    Raises
    ------
    StartError
        When the port is taken or the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the servers do: the quiet time of a connection just closed does not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = (
                f"port {port} on {host or 'all addresses'} cannot be used ({error.strerror}): "
                f"stop the program that listens there, or set {setting} to a free port."
            )
            raise StartError(msg) from error
