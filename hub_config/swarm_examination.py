"""What `shixun doctor` looks at where sessions run on several machines."""

import time
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import docker

from hub_config.errors import EngineError
from hub_config.settings import HubSettings
from hub_config.swarm_encryption import require_encryption
from hub_config.swarm_machines import Machine, machines, require_manager

__all__ = ["SwarmFinding", "examine_swarm"]

_LONGEST_S = 30.0
_PAUSE_S = 0.2
_ENDED = {"complete", "failed", "rejected"}


class SwarmFinding(NamedTuple):
    """One thing looked at: what, how it is, and what to do where it is not ``good``."""

    subject: str
    verdict: Literal["good", "care", "bad"]
    text: str


def examine_swarm(client: docker.DockerClient, settings: HubSettings) -> Iterator[SwarmFinding]:
    """Look at the swarm; a program that does nothing runs once on each machine that takes sessions.

    Parameters
    ----------
    client
        A client of the manager.
    settings
        The hub's settings.

    Yields
    ------
    SwarmFinding
        One by one, as they are found.
    """
    try:
        require_manager(client.api)
    except EngineError as error:
        yield SwarmFinding("swarm", "bad", str(error))
        return
    found = machines(client.api)
    ready = [machine for machine in found if not machine.away]
    verdict: Literal["good", "bad"] = "good" if ready else "bad"
    yield SwarmFinding("swarm", verdict, f"{len(ready)} of {len(found)} machines take sessions")
    for machine in found:
        if machine.away:
            text = f"{machine.away}: takes no sessions; whose files are there alone cannot come in (docker node ls)"
            yield SwarmFinding(f"machine {machine.name}", "care", text)
    yield from _images(client, settings, ready)
    yield _wire(client, settings, found)
    yield _files(settings, found)


def _wire(client: docker.DockerClient, settings: HubSettings, found: list[Machine]) -> SwarmFinding:
    subject = "traffic between machines"
    if settings.swarm_encrypted:
        try:
            require_encryption(client, settings)
        except EngineError as error:
            return SwarmFinding(subject, "bad", str(error))
        return SwarmFinding(subject, "good", "encrypted")
    if len(found) == 1:
        return SwarmFinding(subject, "good", "there is one machine")
    return SwarmFinding(
        subject,
        "care",
        "not encrypted: give the machines a network of their own (UDP port 4789), or set SHIXUN_SWARM_ENCRYPTED=true",
    )


def _files(settings: HubSettings, found: list[Machine]) -> SwarmFinding:
    if settings.swarm_homes is None:
        verdict: Literal["good", "care"] = "good" if len(found) == 1 else "care"
        text = "each student's on one machine; while it is away she cannot come in: back up every machine"
        return SwarmFinding("students' files", verdict, text)
    if not settings.swarm_homes.is_dir():
        return SwarmFinding(
            "students' files", "bad", f"{settings.swarm_homes}: no such folder; mount it on each machine"
        )
    return SwarmFinding("students' files", "good", f"in {settings.swarm_homes}, which every machine must mount")


def _images(client: docker.DockerClient, settings: HubSettings, ready: list[Machine]) -> Iterator[SwarmFinding]:
    try:
        image = client.images.get(settings.lab_image)
    except docker.errors.ImageNotFound:
        return  # told already of this machine
    said = _try_everywhere(client, settings, str(image.id), len(ready))
    for machine in ready:
        subject = f"lab image on {machine.name}"
        match said.get(machine.id):
            case None:
                yield SwarmFinding(subject, "bad", f"the machine did not answer within {_LONGEST_S:.0f} s")
            case "":
                yield SwarmFinding(subject, "good", "the same build as here")
            case text:
                load = f"docker save {settings.lab_image} | ssh {machine.name} docker load"
                yield SwarmFinding(subject, "bad", f"{text}; to bring it there: {load}")


def _try_everywhere(client: docker.DockerClient, settings: HubSettings, image_id: str, number: int) -> dict[str, str]:
    """Run a program once on each machine; return what each said, by its number: nothing where it ran."""
    name = f"{settings.docker_network}-doctor-{time.time_ns():x}"
    template: dict[str, Any] = {
        "ContainerSpec": {"Image": image_id, "Args": ["true"], "User": "1000:1000", "CapabilityDrop": ["ALL"]},
        "RestartPolicy": {"Condition": "none"},
    }
    engine: Any = client.api
    engine.create_service(template, name=name, mode={"GlobalJob": {}})
    try:
        deadline = time.monotonic() + _LONGEST_S
        while True:
            ended = {
                task["NodeID"]: task["Status"].get("Err", "")
                for task in engine.tasks(filters={"service": name})
                if task["Status"]["State"] in _ENDED
            }
            if len(ended) >= number or time.monotonic() > deadline:
                return ended
            time.sleep(_PAUSE_S)
    finally:
        engine.remove_service(name)
