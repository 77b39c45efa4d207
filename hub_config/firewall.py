"""What sessions may reach on this machine: the session gate and the grading service, and nothing else.

An internal Docker network leads nowhere, yet its bridge has an address on this machine, and every port that listens on
all addresses answers there: SSH, a database, another program's pages. A chain of our own, reached from ``INPUT`` for
what arrives by the sessions' bridge, lets through the two ports that sessions need and the answers to what this
machine asks of them.
"""

import subprocess
from dataclasses import dataclass

import docker
from docker.errors import DockerException

from hub_config.errors import FirewallError
from hub_config.host_commands import run_on_host

__all__ = ["Guard", "closed", "lower", "raise_guard"]

_REJECT = {"iptables": "icmp-port-unreachable", "ip6tables": "icmp6-port-unreachable"}


@dataclass(frozen=True)
class Guard:
    """The rules for what arrives by one bridge.

    Attributes
    ----------
    bridge
        Name of the bridge's interface on this machine.
    host
        Its address, where gate and grading service listen.
    ports
        The TCP ports that stay open there.

    Examples
    --------
    >>> print(Guard("br-1", "172.18.0.1", (8081,)).rules("iptables"))
    *filter
    :SHIXUN-br-1 - [0:0]
    -A SHIXUN-br-1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    -A SHIXUN-br-1 -d 172.18.0.1/32 -p tcp -m tcp --dport 8081 -j ACCEPT
    -A SHIXUN-br-1 -j REJECT --reject-with icmp-port-unreachable
    COMMIT
    <BLANKLINE>
    """

    bridge: str
    host: str
    ports: tuple[int, ...]

    @property
    def chain(self) -> str:
        """Name of the chain, which holds the rules of this bridge alone."""
        return f"SHIXUN-{self.bridge}"

    def rules(self, program: str) -> str:
        """Write the chain as ``iptables-restore --noflush`` reads it: the whole chain changes at one instant.

        Parameters
        ----------
        program
            ``iptables`` or ``ip6tables``; sessions have no IPv6 addresses, so nothing is open there.

        Returns
        -------
        str
            Lines.
        """
        ports = self.ports if program == "iptables" else ()
        return "\n".join(
            [
                "*filter",
                f":{self.chain} - [0:0]",
                f"-A {self.chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                *(f"-A {self.chain} -d {self.host}/32 -p tcp -m tcp --dport {port} -j ACCEPT" for port in ports),
                f"-A {self.chain} -j REJECT --reject-with {_REJECT[program]}",
                "COMMIT",
                "",
            ]
        )


def raise_guard(client: docker.DockerClient, image: str, guard: Guard) -> None:
    """Put the rules in force, in place of older ones for the same bridge.

    Parameters
    ----------
    client
        A client of the engine.
    image
        An image from which a helper can be run where this process may not set rules itself.
    guard
        The rules.

    Raises
    ------
    FirewallError
        When they cannot be set.
    """
    for program in _REJECT:
        jump = f"INPUT -i {guard.bridge} -j {guard.chain}"
        # First of all rules, lest an earlier one let through what ours refuse.
        script = (
            f"set -e; printf %s '{guard.rules(program)}' | {program}-restore -w --noflush; "
            f"while {program} -w -D {jump} 2>/dev/null; do :; done; {program} -w -I {jump.replace('INPUT', 'INPUT 1')}"
        )
        _run(client, image, script)


def lower(client: docker.DockerClient, image: str, guard: Guard) -> None:
    """Take the rules away; rules that are not there are no fault.

    Parameters
    ----------
    client, image, guard
        As of `raise_guard`.

    Raises
    ------
    FirewallError
        When this process may not change rules.
    """
    for program in _REJECT:
        script = (
            f"{program} -w -S >/dev/null || exit 1; "
            f"while {program} -w -D INPUT -i {guard.bridge} -j {guard.chain} 2>/dev/null; do :; done; "
            f"{program} -w -F {guard.chain} 2>/dev/null; {program} -w -X {guard.chain} 2>/dev/null; true"
        )
        _run(client, image, script)


def closed(client: docker.DockerClient, image: str, guard: Guard) -> bool:
    """Tell whether the rules are in force.

    Parameters
    ----------
    client, image, guard
        As of `raise_guard`.

    Returns
    -------
    bool
        Whether the chain is there as it should be and is the first that arriving traffic meets.
    """
    try:
        chain = _run(client, image, f"iptables -w -S {guard.chain}")
        entries = [line for line in _run(client, image, "iptables -w -S INPUT").splitlines() if line.startswith("-A")]
    except FirewallError:
        return False
    wanted = [line for line in guard.rules("iptables").splitlines() if line.startswith("-A")]
    ours = f"-A INPUT -i {guard.bridge} -j {guard.chain}"
    before = entries[: entries.index(ours)] if ours in entries else None
    # Other bridges' chains of ours may stand before it.
    return (
        [line for line in chain.splitlines() if line.startswith("-A")] == wanted
        and before is not None
        and all("-j SHIXUN-" in line for line in before)
    )


def _run(client: docker.DockerClient, image: str, script: str) -> str:
    try:
        return run_on_host(client, image, ["sh", "-c", script])
    except (subprocess.CalledProcessError, DockerException, OSError) as error:
        detail = getattr(error, "stderr", None) or error
        msg = (
            f"the rules that keep sessions from this machine's other services cannot be set ({str(detail).strip()}). "
            "Install iptables and run as root or as a user who may start privileged containers, or set "
            "SHIXUN_FIREWALL=off where another firewall closes the sessions' bridge."
        )
        raise FirewallError(msg) from error
