"""Ports chosen for servers that listen a little later."""

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from hub_config.errors import PortError
from hub_config.ports import PORTS, find_free_ports


def test_free_ports_are_different_and_can_be_listened_on() -> None:
    ports = find_free_ports(20)
    assert len(set(ports)) == 20
    with ExitStack() as stack:
        for port in ports:
            server = stack.enter_context(socket.socket())
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
            server.bind(("127.0.0.1", port))


def test_a_taken_port_is_not_chosen() -> None:
    with socket.socket() as taken:
        port, free = sorted(find_free_ports(2))
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(PortError, match=f"1 free ports on 127.0.0.1 were asked for, 0 found among {port}-{port}"):
            find_free_ports(1, range(port, port + 1))
        assert find_free_ports(1, range(port, free + 1, free - port)) == [free]


def test_no_system_gives_them_to_a_connection() -> None:
    lowest, _ = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    assert int(lowest) >= PORTS.stop
