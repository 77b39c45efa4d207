"""Sessions on the two machines of a real swarm, of a real hub: confined, apart, and found again.

Two engines in one network namespace take away each other's bridge and firewall. So this file runs itself once more in a
namespace of its own, where hub, manager and test are; the second machine is a namespace behind a cable.
"""

import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.spawning import ready_s, stop
from benchmarks.spawning_hub import MeasuredHub, measured_hub, user
from hub_config.base_image import choose_base
from hub_config.engine import choose_session, connect_engine, engine_answers
from hub_config.errors import EngineError
from hub_config.notices import put_notice
from hub_config.settings import HubSettings
from hub_config.swarm_encryption import encryption_fault
from hub_config.swarm_examination import examine_swarm
from hub_config.swarm_homes import homes_file
from hub_config.swarm_machines import SET_ASIDE
from shixun.doctor import examine
from tests.conftest import engine_may_be_missing
from tests.hub_config.test_faults import _FILL_MEMORY as FILL_MEMORY
from tests.hub_config.test_faults import _SERVER_FIRST as SERVER_FIRST

_MARK = "SHIXUN_TEST_NAMESPACE"
_INSIDE = _MARK in os.environ
_PROGRAMS = ("dockerd", "docker", "ip", "nsenter", "unshare", "setpriv")
_NET, _MANAGER, _WORKER = "10.99.0.0/24", "10.99.0.1", "10.99.0.2"
_LONG_S = 180
ANNE, BERT, CARL, DORA = user(0), user(1), user(2), user(3)


def _missing() -> str:
    """Tell what a swarm of the test's own needs and this machine has not."""
    if os.geteuid() != 0:
        return "starting engines needs root"
    if absent := [name for name in _PROGRAMS if not shutil.which(name)]:
        return f"not installed: {', '.join(absent)}"
    tried = subprocess.run(
        ["unshare", "--net", "ip", "link", "add", "shixun-x", "type", "vxlan", "id", "42", "dstport", "4789"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"the kernel makes no VXLAN, which networks across machines are made of: {tried.stderr.strip()}" * bool(
        tried.returncode
    )


pytestmark = [
    pytest.mark.docker,
    pytest.mark.long,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(bool(_missing()), reason=_missing() or "nothing is missing"),
]
inside = pytest.mark.skipif(not _INSIDE, reason="run in a namespace of its own by the first test")


@pytest.mark.skipif(_INSIDE, reason="this is the run in the namespace")
@pytest.mark.timeout(3600)  # all the others are in it
def test_a_swarm_of_two_machines_in_namespaces_of_their_own(lab_image: str) -> None:
    script = 'hostname manager && ip link set lo up && exec "$@"'
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", __file__]
    done = subprocess.run(
        ["unshare", "--net", "--uts", "sh", "-c", script, "sh", *command],
        env=os.environ | {_MARK: "1"},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stdout[-8000:]


# ---------------------------------------------------------------- two machines


class _Machine:
    """An engine with folders and a socket of its own; ``enter`` leads into its namespace."""

    def __init__(self, folder: Path, enter: tuple[str, ...] = ()) -> None:
        self.folder, self.enter = folder, enter
        self.address = f"unix://{folder}/docker.sock"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(mode=0o700)

    def start(self) -> None:
        # However this process ends, its engines end with it.
        command = ["setpriv", "--pdeathsig", "TERM", *self.enter, "dockerd", "--data-root", f"{self.folder}/data"]
        command += ["--exec-root", f"{self.folder}/exec", "--host", self.address, "--pidfile", f"{self.folder}/pid"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + _LONG_S
        with pytest.MonkeyPatch.context() as patch, engine_may_be_missing():
            patch.setenv("DOCKER_HOST", self.address)
            while not engine_answers():
                assert self._process.poll() is None, (self.folder / "log").read_text()[-2000:]
                assert time.monotonic() < deadline
                time.sleep(0.2)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(120)

    def docker(self, *arguments: str) -> str:
        done = subprocess.run(
            ["docker", "--host", self.address, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def containers(self, name: str) -> list[str]:
        """Containers of a session on this machine; none while it is away."""
        if self._process is None or self._process.poll() is not None:
            return []
        return self.docker("ps", "--quiet", "--filter", f"name={name}.1.").split()

    def run(self, container: str, *command: str) -> str:
        return self.docker("exec", container, *command)


class _Swarm:
    def __init__(self, folder: Path, cable: subprocess.Popen[bytes]) -> None:
        self.manager = _Machine(folder / "manager")
        self.worker = _Machine(folder / "worker", ("nsenter", "--net", "--uts", "--target", str(cable.pid)))

    @property
    def machines(self) -> tuple[_Machine, _Machine]:
        return self.manager, self.worker


def _ip(*arguments: str, enter: tuple[str, ...] = ()) -> None:
    subprocess.run([*enter, "ip", *arguments], check=True)


@pytest.fixture(scope="module")
def swarm(docker_client: Any, lab_image: str) -> Iterator[_Swarm]:
    # With its base: a whole training base looks whether it is to be built anew.
    images = [lab_image, "shixun-lab:latest", choose_base(docker_client, "", print)]
    folder = Path("/var/tmp") / f"shixun-swarm-{secrets.token_hex(4)}"  # noqa: S108 not in memory
    folder.mkdir(mode=0o700)
    held = ["unshare", "--net", "--uts", "sh", "-c", "hostname worker; echo; exec sleep infinity"]
    cable = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *held], stdout=subprocess.PIPE)
    swarm = _Swarm(folder, cable)
    try:
        assert cable.stdout is not None
        cable.stdout.readline()
        _ip("link", "add", "cable", "type", "veth", "peer", "name", "cable0")
        _ip("link", "set", "cable0", "netns", str(cable.pid))
        for name, address, enter in (("cable", _MANAGER, ()), ("cable0", _WORKER, swarm.worker.enter)):
            _ip("link", "set", "lo", "up", enter=enter)
            _ip("address", "add", f"{address}/24", "dev", name, enter=enter)
            _ip("link", "set", name, "up", enter=enter)
        for machine in swarm.machines:
            machine.start()
            with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as saving:
                load = ["docker", "--host", machine.address, "load", "--quiet"]
                subprocess.run(load, stdin=saving.stdout, check=True, capture_output=True)
        swarm.manager.docker("swarm", "init", "--advertise-addr", _MANAGER)
        token = swarm.manager.docker("swarm", "join-token", "--quiet", "worker")
        swarm.worker.docker("swarm", "join", "--token", token, "--advertise-addr", _WORKER, f"{_MANAGER}:2377")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DOCKER_HOST", swarm.manager.address)
            yield swarm
    finally:
        for machine in reversed(swarm.machines):
            machine.stop()
        cable.kill()
        cable.wait()
        if cable.stdout:
            cable.stdout.close()
        # What the engines mounted goes with them, but for what they leave in haste.
        for line in reversed(Path("/proc/mounts").read_text().splitlines()):
            if (place := line.split()[1]).startswith(f"{folder}/"):
                subprocess.run(["umount", "--lazy", place], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def hub(swarm: _Swarm, lab_image: str) -> Iterator[MeasuredHub]:
    with measured_hub(
        plain=False, pool_size=0, users=4, session="swarm", lab_image=lab_image, firewall="required", pids_limit="200"
    ) as hub:
        hub.start()
        yield hub


@pytest.fixture(scope="module")
def sessions(hub: MeasuredHub, swarm: _Swarm) -> dict[str, tuple[_Machine, str]]:
    """Machine and container of Anne and Bert, each of whom has a session in which a kernel has run a cell."""
    for name in (ANNE, BERT):
        assert asyncio.run(ready_s(hub, name)) is not None, hub.log.read_text()[-6000:]
    return {name: _where(hub, swarm, name) for name in (ANNE, BERT)}


def _where(hub: MeasuredHub, swarm: _Swarm, name: str) -> tuple[_Machine, str]:
    ((machine, container),) = [
        (machine, container)
        for machine in swarm.machines
        for container in machine.containers(f"{hub.settings.docker_network}-{name}")
    ]
    return machine, container


def _files(hub: MeasuredHub, swarm: _Swarm, name: str, command: str) -> str:
    machine, container = _where(hub, swarm, name)
    return machine.run(container, "bash", "-c", command)


def _eventually(hub: MeasuredHub, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LONG_S
    while not holds():
        assert time.monotonic() < deadline, hub.log.read_text()[-6000:]
        time.sleep(0.5)


def _forgotten(swarm: _Swarm, session: str) -> bool:
    """Tell whether the manager knows nothing of a session; its engine forgets a network only after the swarm has."""
    kinds = ("service", "network", "container")
    return all(session not in swarm.manager.docker(what, "ls", "--format", "{{json .}}") for what in kinds)


@pytest.fixture(scope="module")
def web(hub: MeasuredHub) -> Iterator[httpx.Client]:
    """A client that may do everything."""
    headers = {"Authorization": f"token {hub.token}"}
    with httpx.Client(base_url=hub.url, headers=headers, trust_env=False, timeout=120) as client:
        yield client


@pytest.fixture(scope="module")
def bridge(hub: MeasuredHub, swarm: _Swarm) -> str:
    """Address of the relays' bridge on the manager."""
    network = json.loads(swarm.manager.docker("network", "inspect", hub.settings.docker_network))[0]
    return str(network["IPAM"]["Config"][0]["Gateway"])


@contextmanager
def _listening(address: str, port: int = 0) -> Iterator[int]:
    """Answer "here" at an address of the manager's."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"here")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer((address, port), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


_CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3).close()
    print("reached")
except OSError as error:
    print("not reached")
"""

_LISTENERS = """
import socket
from pathlib import Path
for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
    words = line.split()
    if words[3] == "0A":
        address, port = words[1].split(":")
        print(socket.inet_ntoa(bytes.fromhex(address)[::-1]), int(port, 16))
"""

_STATUS = """
import os, sys, httpx
token = {"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]}
print(httpx.request(sys.argv[1], os.environ["JUPYTERHUB_API_URL"] + sys.argv[2], headers=token).status_code)
"""

_PRIVILEGES = """
from pathlib import Path
for path in Path("/proc").glob("[0-9]*"):
    words = dict(line.split(":", 1) for line in (path / "status").read_text().splitlines())
    if words["PPid"].strip() == "1":
        print(words["NoNewPrivs"].strip(), {int(words[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")})
"""


def _reach(machine: _Machine, container: str, address: str, port: int) -> str:
    return machine.run(container, "python", "-c", _CONNECT, address, str(port))


@inside
def test_each_of_two_students_has_her_session_on_a_machine_of_her_own(
    swarm: _Swarm, sessions: dict[str, tuple[_Machine, str]]
) -> None:
    assert {machine.address for machine, _ in sessions.values()} == {each.address for each in swarm.machines}


@inside
@pytest.mark.parametrize("name", [ANNE, BERT])
def test_sessions_are_confined_as_on_one_host(sessions: dict[str, tuple[_Machine, str]], name: str) -> None:
    machine, container = sessions[name]

    def run(command: str) -> str:
        return machine.run(container, "bash", "-c", command)

    assert run("id -u; id -g; pwd").split() == ["1000", "1000", "/home/student"]
    # What she starts descends from the server, which can no longer gain privileges.
    assert machine.run(container, "python", "-c", _PRIVILEGES).splitlines()[0] == "1 {0}"
    for folder in ("/", "/etc", "/opt/shixun"):
        assert "refused" in run(f"touch {folder}/mark 2>/dev/null || echo refused")
    assert run("cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max") == "200"
    memory = run("cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max")
    assert memory == str(1024**3)
    assert (
        run("cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max").split()[0] == "100000"
    )
    described = json.loads(machine.docker("inspect", container))[0]
    assert {(each["Type"], each["Destination"]) for each in described["Mounts"]} == {
        ("volume", "/home/student"),
        ("tmpfs", "/tmp"),  # noqa: S108 the container's own
    }
    assert described["HostConfig"]["Dns"] == ["192.0.2.1"]
    assert "docker" not in run("find / -xdev -type s 2>/dev/null; true")


@inside
@pytest.mark.parametrize("name", [ANNE, BERT])
def test_of_the_base_a_session_reaches_the_gate_and_the_grading_service(
    hub: MeasuredHub, swarm: _Swarm, sessions: dict[str, tuple[_Machine, str]], bridge: str, name: str
) -> None:
    machine, container = sessions[name]
    settings = hub.settings
    relay = f"{settings.docker_network}-{name}"
    networks = json.loads(swarm.manager.docker("inspect", relay))[0]["NetworkSettings"]["Networks"]
    inner, outer = networks[relay]["IPAddress"], networks[settings.docker_network]["IPAddress"]
    listeners = [line.split() for line in swarm.manager.run(relay, "python", "-c", _LISTENERS).splitlines()]
    # Docker's resolver listens on loopback.
    assert {(address, int(port)) for address, port in listeners if not address.startswith("127.")} == {
        (inner, settings.hub_port),
        (inner, settings.grading_port),
        (outer, 8888),
    }
    for port, word in (
        (settings.hub_port, ""),
        (settings.grading_port, ""),
        (8888, "not "),
        (22, "not "),
        (80, "not "),
    ):
        assert _reach(machine, container, "base", port) == f"{word}reached"

    def status(method: str, path: str) -> str:
        return machine.run(container, "python", "-c", _STATUS, method, path)

    assert status("GET", "/user") == "200"
    for method, path in (("GET", "/users"), ("GET", "/groups"), ("POST", "/../login"), ("DELETE", "/user")):
        assert status(method, path) in {"403", "405"}
    with _listening(bridge, settings.grading_port):
        program = "import os, httpx; print(httpx.get(os.environ['SHIXUN_GRADING_URL']).text)"
        assert machine.run(container, "python", "-c", program) == "here"


@inside
@pytest.mark.parametrize(("name", "other"), [(ANNE, BERT), (BERT, ANNE)])
def test_sessions_reach_neither_each_other_nor_any_machine(
    hub: MeasuredHub, swarm: _Swarm, sessions: dict[str, tuple[_Machine, str]], bridge: str, name: str, other: str
) -> None:
    machine, container = sessions[name]

    def address(machine: _Machine, container: str) -> str:
        return machine.run(
            container, "python", "-c", "import socket; print(socket.gethostbyname(socket.gethostname()))"
        )

    hers, others = address(machine, container), address(*sessions[other])
    assert _reach(machine, container, hers, 8888) == "reached"
    assert _reach(machine, container, others, 8888) == "not reached"
    with _listening("0.0.0.0") as port:  # noqa: S104
        gateway = ".".join([*hers.split(".")[:3], "1"])
        for somewhere in (_MANAGER, bridge, gateway, "172.17.0.1"):
            assert _reach(machine, container, somewhere, port) == "not reached"
    relay = json.loads(swarm.manager.docker("inspect", f"{hub.settings.docker_network}-{other}"))[0]
    relay_address = relay["NetworkSettings"]["Networks"][hub.settings.docker_network]["IPAddress"]
    assert _reach(machine, container, relay_address, 8888) == "not reached"
    for somewhere in (_MANAGER, _WORKER):
        for port in (2377, 7946):
            assert _reach(machine, container, somewhere, port) == "not reached"
    for enter in ((), swarm.worker.enter):
        _ip("address", "add", "169.254.169.254/32", "dev", "lo", enter=enter)
    try:
        with _listening("169.254.169.254") as port:
            assert _reach(machine, container, "169.254.169.254", port) == "not reached"
    finally:
        for enter in ((), swarm.worker.enter):
            _ip("address", "delete", "169.254.169.254/32", "dev", "lo", enter=enter)


@inside
def test_a_relay_reaches_its_session_the_gate_and_the_grading_service(
    hub: MeasuredHub, swarm: _Swarm, sessions: dict[str, tuple[_Machine, str]], bridge: str
) -> None:
    anne, bert = (f"{hub.settings.docker_network}-{name}" for name in (ANNE, BERT))

    def reach(address: str, port: int) -> str:
        return _reach(swarm.manager, anne, address, port)

    assert reach("session", 8888) == "reached"
    assert reach(bridge, hub.settings.hub_port) == "reached"
    with _listening("0.0.0.0") as port:  # noqa: S104
        for address in (bridge, _MANAGER):
            assert reach(address, port) == "not reached"
    described = json.loads(swarm.manager.docker("inspect", bert))[0]
    other = described["NetworkSettings"]["Networks"]
    assert reach(other[hub.settings.docker_network]["IPAddress"], 8888) == "not reached"
    assert reach(other[bert]["IPAddress"], hub.settings.hub_port) == "not reached"
    assert described["HostConfig"]["ReadonlyRootfs"] is True
    assert described["Config"]["User"] == "1000:1000"


@inside
@pytest.mark.parametrize("name", [ANNE, BERT])
def test_a_notice_of_the_hub_arrives_on_whichever_machine(
    hub: MeasuredHub, web: httpx.Client, sessions: dict[str, tuple[_Machine, str]], name: str
) -> None:
    assert put_notice(f"{hub.settings.docker_network}-{name}", "closing", ("再见", "Good-bye"))

    def told() -> list[tuple[str, str]]:
        notices = web.get(f"/user/{name}/shixun/notices").raise_for_status().json()
        return [(each["zh"], each["en"]) for each in notices if each["name"].startswith("closing-")]

    _eventually(hub, lambda: told() == [("再见", "Good-bye")])


@inside
def test_a_hub_that_was_killed_finds_its_sessions_and_mends_a_relay_that_is_gone(
    hub: MeasuredHub, swarm: _Swarm, web: httpx.Client, sessions: dict[str, tuple[_Machine, str]]
) -> None:
    hub.end(signal.SIGKILL)
    hub.start()
    for name in (ANNE, BERT):
        _eventually(hub, lambda name=name: web.get(f"/user/{name}/api/status").status_code == 200)
        assert _where(hub, swarm, name) == sessions[name]
    network = hub.settings.docker_network
    relay = f"{network}-{BERT}"
    gone = json.loads(swarm.manager.docker("inspect", relay))[0]["Id"]
    swarm.manager.docker("rm", "--force", relay)
    # Somebody else has its address by now, so the proxy is to be told of another.
    taken = ["--network", network, "--rm", "--init", hub.settings.lab_image, "sleep", "600"]
    swarm.manager.docker("run", "--detach", "--name", "taken", *taken)
    _eventually(hub, lambda: web.get(f"/user/{BERT}/api/status").status_code == 200)
    assert json.loads(swarm.manager.docker("inspect", relay))[0]["Id"] != gone
    swarm.manager.docker("rm", "--force", "taken")
    assert _where(hub, swarm, BERT) == sessions[BERT]


@inside
@pytest.mark.parametrize("name", [ANNE, BERT])
def test_a_session_that_is_stopped_leaves_her_files_where_the_next_one_finds_them(
    hub: MeasuredHub, swarm: _Swarm, web: httpx.Client, sessions: dict[str, tuple[_Machine, str]], name: str
) -> None:
    machine, container = sessions[name]
    _files(hub, swarm, name, "echo 十二 > ~/work.txt")
    asyncio.run(stop(hub, name))
    _eventually(hub, lambda: not web.get(f"/hub/api/users/{name}").json()["servers"])
    session = f"{hub.settings.docker_network}-{name}"
    assert machine.containers(session) == []
    _eventually(hub, lambda: _forgotten(swarm, session))
    assert asyncio.run(ready_s(hub, name)) is not None, hub.log.read_text()[-6000:]
    again, new = _where(hub, swarm, name)
    assert (again, new == container) == (machine, False)
    assert _files(hub, swarm, name, "cat ~/work.txt") == "十二"


@inside
def test_a_session_that_dies_for_want_of_memory_is_explained_and_leaves_files_only(
    hub: MeasuredHub, swarm: _Swarm, web: httpx.Client, sessions: dict[str, tuple[_Machine, str]]
) -> None:
    name = next(name for name, (machine, _) in sessions.items() if machine is swarm.worker)
    _, container = _where(hub, swarm, name)
    for command in (SERVER_FIRST, FILL_MEMORY):
        ask = ["docker", "--host", swarm.worker.address, "exec", container, "bash", "-c", command]
        subprocess.run(ask, check=False, capture_output=True)
    session = f"{hub.settings.docker_network}-{name}"
    _eventually(hub, lambda: swarm.worker.containers(session) == [])
    _eventually(hub, lambda: not web.get(f"/hub/api/users/{name}").json()["servers"])
    _eventually(hub, lambda: _forgotten(swarm, session))
    with httpx.Client(base_url=hub.url, follow_redirects=True, trust_env=False, timeout=60) as browser:
        browser.get("/hub/login")
        fields = {"username": name, "password": hub.password(name), "_xsrf": browser.cookies.get("_xsrf", path="/hub/")}
        browser.post("/hub/login", data=fields)
        page = browser.get("/hub/home").text
    assert "您的会话用完了内存" in page
    assert "ran out of memory" in page
    assert asyncio.run(ready_s(hub, name)) is not None, hub.log.read_text()[-6000:]
    assert _files(hub, swarm, name, "cat ~/work.txt") == "十二"


@inside
def test_when_the_hubs_engine_is_started_anew_sessions_on_other_machines_have_gone_on(
    hub: MeasuredHub, swarm: _Swarm, web: httpx.Client, sessions: dict[str, tuple[_Machine, str]]
) -> None:
    name = next(name for name, (machine, _) in sessions.items() if machine is swarm.worker)
    before = _where(hub, swarm, name)
    swarm.manager.stop()
    assert swarm.worker.run(before[1], "echo", "here") == "here"
    swarm.manager.start()
    _eventually(hub, lambda: web.get(f"/user/{name}/api/status").status_code == 200)
    assert _where(hub, swarm, name) == before


@inside
def test_shared_files_are_found_on_whichever_machine(swarm: _Swarm, lab_image: str) -> None:
    homes = swarm.manager.folder / "homes"  # both machines see this file system, as they would an NFS share
    homes.mkdir()
    with measured_hub(
        plain=False, pool_size=0, users=1, session="swarm", lab_image=lab_image, swarm_homes=str(homes)
    ) as hub:
        hub.start()
        assert asyncio.run(ready_s(hub, ANNE)) is not None, hub.log.read_text()[-6000:]
        first, _ = _where(hub, swarm, ANNE)
        _files(hub, swarm, ANNE, "echo 十二 > ~/work.txt")
        asyncio.run(stop(hub, ANNE))
        name = "manager" if first is swarm.manager else "worker"
        swarm.manager.docker("node", "update", "--label-add", SET_ASIDE, name)
        try:
            assert asyncio.run(ready_s(hub, ANNE)) is not None, hub.log.read_text()[-6000:]
            second, _ = _where(hub, swarm, ANNE)
            assert second is not first
            assert _files(hub, swarm, ANNE, "cat ~/work.txt; stat -c %a,%u ~").split() == ["十二", "700,1000"]
        finally:
            swarm.manager.docker("node", "update", "--label-rm", SET_ASIDE.partition("=")[0], name)


@inside
def test_whose_machine_is_away_is_told_so_and_finds_her_files_when_it_is_back(
    hub: MeasuredHub, swarm: _Swarm, web: httpx.Client, sessions: dict[str, tuple[_Machine, str]]
) -> None:
    name = next(name for name, (machine, _) in sessions.items() if machine is swarm.worker)
    _files(hub, swarm, name, "echo 十三 > ~/kept.txt")
    asyncio.run(stop(hub, name))
    _eventually(hub, lambda: not web.get(f"/hub/api/users/{name}").json()["servers"])
    swarm.worker.stop()

    def state(wanted: str) -> bool:
        return swarm.manager.docker("node", "inspect", "--format", "{{.Status.State}}", "worker") == wanted

    _eventually(hub, lambda: state("down"))
    answer = web.post(f"/hub/api/users/{name}/server")
    assert answer.status_code == 503
    assert "您的文件在服务器 worker 上，它现在不可用" in answer.json()["message"]
    assert "Your files are on the machine worker" in answer.json()["message"]
    with closing(connect_engine()) as client:
        assert {each.subject: each.verdict for each in examine_swarm(client, hub.settings)}["machine worker"] == "care"
    # Who is new is given a machine that is there.
    assert asyncio.run(ready_s(hub, CARL)) is not None, hub.log.read_text()[-6000:]
    assert _where(hub, swarm, CARL)[0] is swarm.manager
    asyncio.run(stop(hub, CARL))
    swarm.worker.start()
    _eventually(hub, lambda: state("ready"))
    assert asyncio.run(ready_s(hub, name)) is not None, hub.log.read_text()[-6000:]
    assert _where(hub, swarm, name)[0] is swarm.worker
    assert _files(hub, swarm, name, "cat ~/kept.txt") == "十三"


@inside
def test_files_of_the_time_before_the_swarm_are_found_on_the_hubs_machine(hub: MeasuredHub, swarm: _Swarm) -> None:
    volume = f"{hub.settings.docker_network}-home-{DORA}:/home/student"
    write = ["--volume", volume, hub.settings.lab_image, "bash", "-c", "echo 十一 > ~/old.txt"]
    swarm.manager.docker("run", "--rm", "--env", "HOME=/home/student", *write)
    # As somebody new she would be given the worker, which holds fewer students' files.
    assert asyncio.run(ready_s(hub, DORA)) is not None, hub.log.read_text()[-6000:]
    assert _where(hub, swarm, DORA)[0] is swarm.manager
    assert _files(hub, swarm, DORA, "cat ~/old.txt") == "十一"
    asyncio.run(stop(hub, DORA))


@inside
def test_encryption_is_promised_only_where_the_kernel_can(swarm: _Swarm, hub: MeasuredHub) -> None:
    settings = hub.settings.model_copy(update={"swarm_encrypted": True})
    with closing(connect_engine()) as client:
        fault = encryption_fault(client, settings.lab_image)
        verdict = {each.subject: each.verdict for each in examine_swarm(client, settings)}["traffic between machines"]
    assert verdict == ("bad" if fault else "good")
    if fault:
        with pytest.raises(EngineError, match="SHIXUN_SWARM_ENCRYPTED"):
            choose_session(settings)
    else:
        assert choose_session(settings) == "swarm"


@inside
def test_the_whole_base_starts_in_a_swarm_and_leaves_files_only(swarm: _Swarm, training_base: Any) -> None:
    base = training_base("swarm", firewall="required")
    names = [base.account(role).name for role in ("student", "instructor")]
    for role in ("student", "instructor"):
        base.start_session(role)
    (container,) = (each for name in names for each in swarm.worker.containers(f"{base.network}-{name}"))
    program = "import os, httpx; print(httpx.get(os.environ['SHIXUN_GRADING_URL'] + '/healthz').status_code)"
    assert swarm.worker.run(container, "python", "-c", program) == "200"
    settings = HubSettings(session="swarm", data_dir=base.data_dir, docker_network=base.network)
    found = {each.subject: each.verdict for each in examine(settings)}
    assert (found["swarm"], found["lab image on worker"]) == ("good", "good")
    assert base.stop() == 0
    for what in ("service", "container"):
        assert base.network not in swarm.manager.docker(what, "ls", "--format", "{{json .}}")
    assert swarm.manager.docker("network", "ls", "--quiet", "--filter", f"name={base.network}-") == ""


@inside
def test_a_machine_without_the_image_is_named(
    hub: MeasuredHub, swarm: _Swarm, web: httpx.Client, sessions: dict[str, tuple[_Machine, str]]
) -> None:
    name = next(name for name, (machine, _) in sessions.items() if machine is swarm.worker)

    def found() -> dict[str, str]:
        with closing(connect_engine()) as client:
            return {each.subject: each.verdict for each in examine_swarm(client, hub.settings)}

    assert found() == {
        "swarm": "good",
        "lab image on manager": "good",
        "lab image on worker": "good",
        "traffic between machines": "care",
        "students' files": "care",
    }
    asyncio.run(stop(hub, name))
    _eventually(hub, lambda: not web.get(f"/hub/api/users/{name}").json()["servers"])
    swarm.worker.docker("image", "rm", "--force", *swarm.worker.docker("image", "ls", "--quiet").split())
    web.post(f"/hub/api/users/{name}/server")
    _eventually(hub, lambda: "The machine worker lacks this build of the image" in hub.log.read_text())
    _eventually(hub, lambda: not web.get(f"/hub/api/users/{name}").json()["servers"])
    assert f"{hub.settings.docker_network}-{name}" not in swarm.manager.docker("service", "ls")
    assert found()["lab image on worker"] == "bad"
    assert swarm.manager.docker("service", "ls", "--quiet", "--filter", "name=doctor") == ""


@inside
def test_a_hub_that_ends_leaves_files_and_nothing_else(hub: MeasuredHub, swarm: _Swarm) -> None:
    hub.end()
    network = hub.settings.docker_network
    for what in ("service", "container"):
        assert network not in swarm.manager.docker(what, "ls", "--format", "{{json .}}")
    assert swarm.manager.docker("network", "ls", "--quiet", "--filter", f"name={network}-") == ""
    assert f"{network}-home-{ANNE}" in "".join(each.docker("volume", "ls") for each in swarm.machines)
    assert set(json.loads(homes_file(hub.settings.data_dir).read_text())) == {
        f"{network}-home-{name}" for name in (ANNE, BERT, CARL, DORA)
    }
