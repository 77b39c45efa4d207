"""Ports that are taken are named before anything starts."""

import socket

import pytest

from shixun.errors import StartError
from shixun.ports import require_free


def test_a_taken_port_is_refused_and_a_freed_one_is_not() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"port {port} on 127.0.0.1.*SHIXUN_PORT"):
            require_free("127.0.0.1", port, "SHIXUN_PORT")
    require_free("127.0.0.1", port, "SHIXUN_PORT")


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(StartError, match=r"192\.0\.2\.99"):
        require_free("192.0.2.99", 8000, "SHIXUN_PORT")
