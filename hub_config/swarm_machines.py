"""The machines of a Docker Swarm, as its manager tells them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import docker

from hub_config.errors import EngineError

__all__ = ["SET_ASIDE", "Machine", "machines", "require_manager", "roomiest"]

# A label of machines on which no sessions are to run.
SET_ASIDE = "io.shixun.sessions=no"


@dataclass(frozen=True)
class Machine:
    """One machine of the swarm.

    Attributes
    ----------
    id
        Its number in the swarm, which stays the same when it is started anew.
    name
        Its host name.
    memory_mib
        Its memory, in MiB.
    away
        Why it takes no sessions now, in the engine's words; empty where it takes them.
    """

    id: str
    name: str
    memory_mib: float
    away: str = ""


def require_manager(client: docker.APIClient) -> None:
    """Refuse an engine that does not manage a swarm, or on whose machine nothing new may join a network.

    Parameters
    ----------
    client
        A client of the engine.

    Raises
    ------
    EngineError
        When it is so.
    """
    swarm = client.info().get("Swarm") or {}
    if swarm.get("ControlAvailable") is not True:
        state = swarm.get("LocalNodeState") or "inactive"
        msg = (
            f"session='swarm': the Docker engine here manages no swarm (it is {state!r} in one). Make one here with "
            "`docker swarm init --advertise-addr ADDRESS`, or run the base on a manager of yours."
        )
        raise EngineError(msg)
    for node in client.nodes():
        if node["ID"] == swarm["NodeID"] and (wish := node["Spec"]["Availability"]) != "active":
            name = node["Description"]["Hostname"]
            msg = (
                f"session='swarm': this machine is set to {wish!r}, and then no relay of a session can run on it. Run "
                f"`docker node update --availability active {name}`; to keep sessions off it, add "
                f"`--label-add {SET_ASIDE}`."
            )
            raise EngineError(msg)


def machines(client: docker.APIClient) -> list[Machine]:
    """List the machines of the swarm.

    Parameters
    ----------
    client
        A client of the manager.

    Returns
    -------
    list[Machine]
        By name; those that take no sessions now are among them.
    """
    found = []
    for node in client.nodes():
        state, wish = node["Status"]["State"], node["Spec"]["Availability"]
        described = node["Description"]
        labels = [f"{name}={value}" for name, value in (node["Spec"].get("Labels") or {}).items()]
        memory_mib = described["Resources"]["MemoryBytes"] / 1024**2
        if state != "ready":
            away = state
        elif wish != "active":
            away = wish
        else:
            away = SET_ASIDE if SET_ASIDE in labels else ""
        found.append(Machine(node["ID"], described["Hostname"], memory_mib, away))
    return sorted(found, key=lambda machine: (machine.name, machine.id))


def roomiest(candidates: Iterable[Machine], homes: Mapping[str, int]) -> Machine:
    """Choose the machine on which a new student's files find most memory for her sessions.

    Parameters
    ----------
    candidates
        Machines that take sessions, at least one.
    homes
        How many students' files are on each, by the machine's number.

    Returns
    -------
    Machine
        The one with most memory for each student whose files are there, hers included.

    Examples
    --------
    >>> small, large = Machine("s", "small", 8192), Machine("l", "large", 16384)
    >>> roomiest([small, large], {"l": 1}).name, roomiest([small, large], {"l": 2}).name
    ('small', 'small')
    >>> roomiest([small, large], {"s": 1, "l": 2}).name
    'large'
    """
    return max(candidates, key=lambda machine: machine.memory_mib / (homes.get(machine.id, 0) + 1))
