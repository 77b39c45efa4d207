"""The pool of containers started ahead: filled with care, claimed at once, never used twice."""

import hashlib
import json
import logging
import os
import socket
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CalledProcessError
from threading import Event, Lock, Thread
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound
from requests.exceptions import RequestException

from hub_config.internal_tls import CERTIFICATES
from hub_config.network import LABEL as NETWORK_LABEL
from hub_config.slots import Slot, make_slot, slots_in
from hub_config.tenancy import Tenancy

__all__ = ["POOL_LABEL", "SLOT_LABEL", "PoolFigures", "WaitingContainer", "WarmPool", "machine_has_room"]

POOL_LABEL = "io.shixun.pool"
SLOT_LABEL = "io.shixun.slot"

_MIB = 1024 * 1024
_READY_S = 180.0
_POLL_S, _ALIVE_S = 0.02, 1.0
_REPLY_S = 10.0
_LOOK_S = 5.0
_QUIET_S, _LONGEST_QUIET_S = 2.0, 30.0
_LEAST_MEMORY_KIB = 512 * 1024
# Relative weight of processor time: little while it imports, the usual afterwards.
_LOW_SHARES, _USUAL_SHARES = 256, 1024
_FAULTS = (OSError, DockerException, RequestException, CalledProcessError, ValueError)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WaitingContainer:
    """A container that waits for its user."""

    id: str
    address: str
    slot: Slot


@dataclass
class PoolFigures:
    """What became of those who came, since the hub started."""

    hits: int = 0
    misses: int = 0
    dead: int = 0
    claim_s: deque[float] = field(default_factory=lambda: deque(maxlen=200))


class WarmPool:
    """Containers of one image that wait for users.

    Parameters
    ----------
    client
        A client of the engine, for several threads.
    folder
        Where the slots are.
    network
        The sessions' network; names and labels bear it.
    image
        Name of the image.
    creation
        Arguments of docker-py's ``create_container`` that make a session of it, without name and binds.
    target
        How many should wait.
    pause_s
        Rest between two starts while somebody works, so that filling up does not starve her.
    """

    def __init__(
        self,
        client: docker.APIClient,
        folder: Path,
        network: str,
        image: str,
        creation: Mapping[str, Any],
        target: int,
        pause_s: float = 0.5,
    ) -> None:
        self._client: Any = client  # its annotations are incomplete
        self._folder = folder
        self._network = network
        self._creation = dict(creation)
        self.image = image
        self.target = target
        self.figures = PoolFigures()
        self._pause_s = pause_s
        self._waiting: deque[WaitingContainer] = deque()
        self._lock = Lock()
        self._wanted = Event()
        self._adopted = Event()
        self._filler: Thread | None = None
        # When a container was last asked for.
        self._asked = 0.0

    def __deepcopy__(self, memo: object) -> "WarmPool":
        """Stay one pool where traitlets copies a configuration."""
        return self

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._waiting)

    def resize(self, target: int) -> None:
        """Change how many should wait; takes effect with the next look of the filler."""
        self.target = target
        self._wanted.set()

    def open(self) -> None:
        """Adopt what an earlier hub left waiting, and keep the pool filled from now on, in a thread of its own."""
        if self._filler is None:
            self._filler = Thread(target=self._keep_filled, name="pool-filler", daemon=True)
            self._filler.start()

    def claim(self, tenancy: Tenancy) -> WaitingContainer | None:
        """Make a waiting container somebody's session; may be called from several threads.

        Parameters
        ----------
        tenancy
            Whose it becomes.

        Returns
        -------
        WaitingContainer or None
            None when none waits, or those that do are dead; then start one.
        """
        begin = self._asked = time.monotonic()
        while (container := self._take()) is not None:
            try:
                self._give(container, tenancy)
            except _FAULTS as error:
                # Whatever state it is in, nobody gets it any more.
                self.figures.dead += 1
                _log.warning("Pool container %s could not be claimed: %s", container.id[:12], error)
                self._discard(container.id, container.slot)
                continue
            self.figures.hits += 1
            self.figures.claim_s.append(time.monotonic() - begin)
            return container
        self.figures.misses += 1
        return None

    def start_for(self, tenancy: Tenancy) -> WaitingContainer | None:
        """Start a container for who found none waiting, as those that wait are: sooner ready than an ordinary one.

        Parameters
        ----------
        tenancy
            Whose it becomes.

        Returns
        -------
        WaitingContainer or None
            Hers; None where that fails, or what an earlier hub left waiting is still being looked through.
        """
        if not self._adopted.is_set():
            return None
        try:
            container = self._start(_USUAL_SHARES)
        except _FAULTS as error:
            _log.warning("No container of %s could be started for %s: %s", self.image, tenancy.name, error)
            return None
        try:
            self._give(container, tenancy)
        except _FAULTS as error:
            _log.warning("Container %s could not become %s: %s", container.id[:12], tenancy.name, error)
            self._discard(container.id, container.slot)
            return None
        self._asked = time.monotonic()
        return container

    def _give(self, container: WaitingContainer, tenancy: Tenancy) -> None:
        host = self._creation["host_config"]
        limits = tenancy.limits
        memory, quota = limits.memory_mib * _MIB, int(limits.cpu_cores * host["cpu_period"])
        if (memory, quota) != (host["mem_limit"], host["cpu_quota"]):
            self._client.update_container(container.id, mem_limit=memory, memswap_limit=memory, cpu_quota=quota)
        volume = self._client.create_volume(tenancy.volume, labels={NETWORK_LABEL: self._network})
        container.slot.bring_home(Path(volume["Mountpoint"]))
        self._client.rename(container.id, tenancy.name)
        if tenancy.papers is not None:
            self._client.put_archive(container.id, CERTIFICATES, tenancy.papers(container.address))
        _tell(container.slot.door, {"environment": tenancy.environment, "arguments": tenancy.arguments})

    def _take(self) -> WaitingContainer | None:
        with self._lock:
            container = self._waiting.popleft() if self._waiting else None
        self._wanted.set()
        return container

    def _keep_filled(self) -> None:
        while True:
            try:
                if not self._adopted.is_set():
                    self._adopt()
                    self._adopted.set()
                while self.waiting < self.target and machine_has_room():
                    self._await_quiet()
                    self._fill()
                while self.waiting > self.target:
                    with self._lock:
                        container = self._waiting.pop()
                    self._discard(container.id, container.slot)
                self._sweep()
            except _FAULTS as error:
                _log.warning("The pool of %s cannot be filled now: %s", self.image, error)
                time.sleep(_LOOK_S)
            self._wanted.clear()
            self._wanted.wait(_LOOK_S)

    def _fill(self) -> None:
        """Start the next container, and a rest after it; while nobody works one a processor, and no rest."""
        if self._somebody_works():
            self._add()
            time.sleep(self._pause_s)
            return
        faults: list[Exception] = []

        def add() -> None:
            try:
                self._add()
            except _FAULTS as error:
                faults.append(error)

        number = min(self.target - self.waiting, os.cpu_count() or 1)
        # Daemons: a hub that ends waits for nobody.
        threads = [Thread(target=add, name="pool-filler", daemon=True) for _ in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults:
            raise faults[0]

    def _add(self) -> None:
        started = self._start(_LOW_SHARES)
        with self._lock:
            self._waiting.append(started)

    def _somebody_works(self) -> bool:
        """Tell whether the engine runs anybody's session: a container of ours that does not wait in a pool."""
        running = self._client.containers(filters={"label": f"{NETWORK_LABEL}={self._network}"})
        return any(not self._is_waiting(each) for each in running)

    def _await_quiet(self) -> None:
        """Let those who came a moment ago have the processors: what is started now would come too late for them."""
        deadline = time.monotonic() + _LONGEST_QUIET_S
        while time.monotonic() < min(deadline, self._asked + _QUIET_S):
            time.sleep(_POLL_S)

    def _start(self, shares: int) -> WaitingContainer:
        """Start a container and return it once it waits; `shares` weigh its processor time until then."""
        slot = make_slot(self._folder)
        identity = ""
        try:
            creation = dict(self._creation)
            host = dict(creation.pop("host_config"))
            host["cpu_shares"] = shares
            labels = {**creation.pop("labels"), POOL_LABEL: self._mark(), SLOT_LABEL: slot.name}
            identity = self._client.create_container(
                image=self.image,
                name=f"{self._network}-pool-{slot.name}",
                labels=labels,
                volumes=[bind["bind"] for bind in slot.binds().values()],
                host_config=self._client.create_host_config(binds=slot.binds(), **host),
                **creation,
            )["Id"]
            self._client.start(identity)
            self._await_listening(identity, slot)
            if shares != _USUAL_SHARES:
                self._client.update_container(identity, cpu_shares=_USUAL_SHARES)
            return self._described(identity, slot)
        except BaseException:
            self._discard(identity, slot)
            raise

    def _await_listening(self, identity: str, slot: Slot) -> None:
        begin = looked = time.monotonic()
        while not slot.door.exists():
            moment = time.monotonic()
            # To ask the engine costs much more than to look for the door.
            if moment - looked > _ALIVE_S:
                looked = moment
                if moment - begin > _READY_S or not self._client.inspect_container(identity)["State"]["Running"]:
                    tail = self._client.logs(identity, tail=5).decode(errors="replace").strip()
                    msg = f"a container started ahead does not listen: {tail or 'no output'}"
                    raise ValueError(msg)
            time.sleep(_POLL_S)

    def _described(self, identity: str, slot: Slot) -> WaitingContainer:
        networks = self._client.inspect_container(identity)["NetworkSettings"]["Networks"]
        return WaitingContainer(identity, networks[self._network]["IPAddress"], slot)

    def _adopt(self) -> None:
        """Take over what waits as we would have started it; remove what waits otherwise, and slots of nobody."""
        mark = self._mark()
        for found in self._found():
            labels = found["Labels"]
            slot = Slot(self._folder / labels[SLOT_LABEL])
            if not self._is_waiting(found) or labels[POOL_LABEL].partition("@")[0] != mark.partition("@")[0]:
                continue
            if found["State"] == "running" and slot.door.exists() and labels[POOL_LABEL] == mark:
                container = self._described(found["Id"], slot)
                with self._lock:
                    self._waiting.append(container)
            else:
                self._discard(found["Id"], slot)

    def _sweep(self) -> None:
        """Forget waiting containers that died, and remove the slots of containers that are gone."""
        found = self._found()
        kept = {each["Labels"][SLOT_LABEL] for each in found}
        running = {each["Labels"][SLOT_LABEL] for each in found if each["State"] == "running"}
        with self._lock:
            dead = [each for each in self._waiting if each.slot.name not in running]
            self._waiting = deque(each for each in self._waiting if each.slot.name in running)
        for container in dead:
            self.figures.dead += 1
            self._discard(container.id, container.slot)
        for slot in slots_in(self._folder):
            # One just made has no container yet.
            if slot.name not in kept and slot.age_s > _READY_S:
                slot.remove()

    def _found(self) -> list[dict[str, Any]]:
        labels = [POOL_LABEL, f"{NETWORK_LABEL}={self._network}"]
        found: list[dict[str, Any]] = self._client.containers(all=True, filters={"label": labels})
        return found

    def _is_waiting(self, found: Mapping[str, Any]) -> bool:
        """Tell by its name: at the claim a container is renamed."""
        return any(name.startswith(f"/{self._network}-pool-") for name in found["Names"])

    def _discard(self, identity: str, slot: Slot) -> None:
        if identity:
            try:
                self._client.remove_container(identity, force=True)
            except NotFound:
                pass
            except APIError as error:
                # The engine is removing it already.
                if error.status_code != 409:
                    raise
        slot.remove()

    def _mark(self) -> str:
        """Name image and configuration: what an earlier hub started otherwise is not used."""
        identity = self._client.inspect_image(self.image)["Id"]
        plan = json.dumps([identity, self._creation], sort_keys=True, default=str)
        return f"{self.image.replace('/', '-')}@{hashlib.sha256(plan.encode()).hexdigest()[:12]}"


def _tell(door: Path, claim: Mapping[str, Any]) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_REPLY_S)
        connection.connect(str(door))
        connection.sendall(json.dumps(claim).encode() + b"\n")
        if connection.recv(16) != b"claimed\n":
            msg = "it closed the door unanswered"
            raise ValueError(msg)


def machine_has_room() -> bool:
    """Tell whether this machine has the memory to start one more session ahead."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    available_kib = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
    return available_kib > _LEAST_MEMORY_KIB
