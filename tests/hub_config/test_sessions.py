"""Sessions in real containers, of a real hub: confined, apart from each other, and what they may do."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import psutil
import pytest

pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.fixture(scope="module")
def base(training_base: Any) -> Any:
    base = training_base("docker", pool_size="0", memory_limit_mib="700", cpu_limit_cores="0.5", pids_limit="200")
    base.start_session("student")
    base.start_session("instructor")
    return base


@pytest.fixture(scope="module")
def run(base: Any, docker_client: Any) -> Any:
    """Run a shell command in a role's session, as the session's user."""

    def run(role: Any, command: Any) -> Any:
        code, output = base.container(docker_client, role).exec_run(["bash", "-c", command])
        return code, output.decode().strip()

    return run


@pytest.fixture(scope="module")
def token(base: Any, docker_client: Any) -> Any:
    variables = base.container(docker_client, "student").attrs["Config"]["Env"]
    return dict(each.split("=", 1) for each in variables)["JUPYTERHUB_API_TOKEN"]


def test_session_runs_as_the_unprivileged_student(run: Any) -> None:
    assert run("student", "id -u; id -g; id -un") == (0, "1000\n1000\nstudent")


def test_session_has_no_capabilities_and_cannot_gain_any(run: Any) -> None:
    status = dict(line.split(":\t") for line in run("student", "cat /proc/1/status")[1].splitlines() if ":\t" in line)
    sets = {name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    assert sets == dict.fromkeys(sets, 0)
    assert status["NoNewPrivs"] == "1"


@pytest.mark.parametrize("folder", ["/", "/etc", "/usr/bin", "/opt/venv", "/opt/shixun", "/usr/lib"])
def test_root_file_system_is_read_only(docker_client: Any, base: Any, folder: Any) -> None:
    container = base.container(docker_client, "student")
    code, output = container.exec_run(["touch", f"{folder}/mark"])
    assert code != 0
    assert b"Read-only file system" in output or b"Permission denied" in output
    assert container.attrs["HostConfig"]["ReadonlyRootfs"] is True


def test_home_and_temporary_folder_can_be_written(run: Any) -> None:
    assert run("student", "touch /home/student/mark /tmp/mark && rm /home/student/mark /tmp/mark")[0] == 0


def test_limits_are_in_force(run: Any, docker_client: Any, base: Any) -> None:
    def limit(old: Any, new: Any) -> Any:
        return run("student", f"cat /sys/fs/cgroup/{old} 2>/dev/null || cat /sys/fs/cgroup/{new}")[1]

    assert limit("memory/memory.limit_in_bytes", "memory.max") == str(700 * 1024 * 1024)
    assert limit("pids/pids.max", "pids.max") == "200"
    quota = limit("cpu/cpu.cfs_quota_us", "cpu.max").split()[0]
    assert int(quota) == 50_000
    host = base.container(docker_client, "student").attrs["HostConfig"]
    assert host["MemorySwap"] == host["Memory"]


_FORK_UNTIL_REFUSED = """
import subprocess
children = []
try:
    while len(children) < 400:
        children.append(subprocess.Popen(["sleep", "60"]))
    print("never refused")
except BlockingIOError:
    print("refused")
for child in children:
    child.kill()
    child.wait()
"""

_CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3).close()
    print("reached")
except OSError as error:
    print("not reached")
"""


def test_process_limit_bites(run: Any) -> None:
    assert run("student", f"python -c '{_FORK_UNTIL_REFUSED}'") == (0, "refused")


@pytest.fixture
def connect(run: Any) -> Any:
    """Try to connect from a role's session to an address."""

    def connect(role: str, host: str, port: int) -> str:
        code, word = run(role, f"python -c '{_CONNECT}' {host} {port}")
        assert code == 0
        return word

    return connect


def test_sessions_cannot_reach_each_other(base: Any, docker_client: Any, connect: Any) -> None:
    networks = base.container(docker_client, "instructor").attrs["NetworkSettings"]["Networks"]
    address = networks[base.network]["IPAddress"]
    assert connect("student", address, 8888) == "not reached"
    # The same way of asking succeeds where it should: at home, and at the hub.
    assert connect("instructor", address, 8888) == "reached"
    hub = httpx.URL(dict(_environment(base, docker_client))["JUPYTERHUB_API_URL"])
    assert connect("student", hub.host, hub.port) == "reached"


def test_sessions_cannot_leave_their_network(base: Any, docker_client: Any, lab_image: str, connect: Any) -> None:
    assert docker_client.networks.get(base.network).attrs["Internal"] is True
    command = ["python", "-m", "http.server", "8000"]
    labels = {"io.shixun.network": base.network}
    outside = docker_client.containers.run(lab_image, command, detach=True, network="bridge", labels=labels)
    try:
        outside.reload()
        address = outside.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
        code, _ = outside.exec_run(
            [
                "bash",
                "-c",
                "until python -c 'import socket; socket.create_connection((\"127.0.0.1\", 8000))'; do sleep 0.1; done",
            ]
        )
        assert code == 0
        assert connect("student", address, 8000) == "not reached"
    finally:
        outside.remove(force=True)


@pytest.fixture
def listening() -> Iterator[Any]:
    """Listen on a port of this machine, at the address that the test names."""
    with ExitStack() as stack:

        def listen(address: str) -> int:
            server = stack.enter_context(socket.create_server((address, 0)))
            port: int = server.getsockname()[1]
            return port

        yield listen


def test_what_listens_on_every_address_of_the_machine_is_closed_to_sessions(
    base: Any, docker_client: Any, connect: Any, listening: Any
) -> None:
    """As SSH does, a database, Redis, or the Docker engine's own TCP port."""
    port = listening("0.0.0.0")  # noqa: S104
    hub = httpx.URL(dict(_environment(base, docker_client))["JUPYTERHUB_API_URL"])
    with socket.create_connection((hub.host, port), timeout=3):
        pass  # it answers there, and from here
    assert connect("student", hub.host, port) == "not reached"
    assert connect("student", hub.host, hub.port) == "reached"


def test_only_gate_and_grading_service_answer_sessions_on_this_machine(
    base: Any, docker_client: Any, connect: Any
) -> None:
    address = httpx.URL(dict(_environment(base, docker_client))["JUPYTERHUB_API_URL"]).host
    listeners = {each.laddr.port for each in psutil.net_connections("tcp") if each.status == psutil.CONN_LISTEN}
    open_ports = {port for port in listeners if connect("student", address, port) == "reached"}
    grading = httpx.URL(dict(_environment(base, docker_client))["SHIXUN_GRADING_URL"]).port
    gate = httpx.URL(dict(_environment(base, docker_client))["JUPYTERHUB_API_URL"]).port
    assert open_ports == {grading, gate}


@pytest.mark.skipif(os.geteuid() != 0, reason="giving this machine another address needs root")
def test_the_metadata_address_is_unreachable_even_where_something_answers(connect: Any, listening: Any) -> None:
    subprocess.run(["ip", "address", "add", "169.254.169.254/32", "dev", "lo"], check=True)
    try:
        port = listening("169.254.169.254")
        with socket.create_connection(("169.254.169.254", port), timeout=3):
            pass
        assert connect("student", "169.254.169.254", port) == "not reached"
    finally:
        subprocess.run(["ip", "address", "delete", "169.254.169.254/32", "dev", "lo"], check=True)


def test_the_engines_socket_and_this_machines_files_are_not_in_a_session(
    base: Any, docker_client: Any, run: Any
) -> None:
    assert run("student", "find / -xdev -type s -name 'docker*' 2>/dev/null; ls /run/docker.sock")[1].count("\n") == 0
    mounts = base.container(docker_client, "student").attrs["Mounts"]
    assert [mount["Destination"] for mount in mounts] == ["/home/student"]


def test_sessions_do_not_resolve_names_outside(base: Any, docker_client: Any, run: Any) -> None:
    code, text = run("student", "python -c 'import socket; socket.gethostbyname(\"example.org\")'")
    assert code == 1
    assert "gaierror" in text
    # Nor would the engine carry the question for them to a resolver on this machine.
    assert base.container(docker_client, "student").attrs["HostConfig"]["Dns"] == ["192.0.2.1"]


def test_the_gate_passes_what_a_server_needs_and_refuses_the_rest(base: Any, docker_client: Any, run: Any) -> None:
    hub = dict(_environment(base, docker_client))["JUPYTERHUB_API_URL"]

    def status(method: str, path: str) -> str:
        program = (
            "import os, httpx; "
            f'print(httpx.request("{method}", "{hub}{path}", '
            'headers={"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]}).status_code)'
        )
        return run("student", f"python -c '{program}'")[1]

    assert status("GET", "/user") == "200"
    assert status("GET", "") == "200"
    for method, path in (("GET", "/users"), ("GET", "/groups"), ("POST", "/../login"), ("DELETE", "/user")):
        assert status(method, path) in {"403", "405"}


def _enter(client: httpx.Client, owner: str) -> int:
    """Open somebody's session as a browser does, agreeing where the hub asks whether to enter another's."""
    answer = client.get(f"/user/{owner}/lab")
    if answer.url.path == "/hub/api/oauth2/authorize" and answer.status_code == 200:
        form = {"_xsrf": client.cookies.get("_xsrf", path="/hub/"), "scopes": f"access:servers!server={owner}/"}
        answer = client.post(answer.url, data=form)
    assert answer.status_code != 200 or answer.url.path == f"/user/{owner}/lab"
    return answer.status_code


def test_an_instructor_enters_a_session_only_by_invitation(base: Any) -> None:
    student, teacher = base.account("student").name, base.account("instructor").name
    with base.browse("instructor") as instructor, base.browse("student") as owner:
        assert _enter(owner, student) == 200
        assert _enter(instructor, student) == 403
        assert f'data-person="{teacher}"' in owner.get("/hub/home").text
        assert owner.post(f"/hub/api/shares/{student}/", json={"user": teacher}).status_code == 200
        assert len(instructor.get(f"/hub/api/users/{teacher}/shared").json()["items"]) == 1
        assert _enter(instructor, student) == 200
        assert owner.patch(f"/hub/api/shares/{student}/", json={"user": teacher}).status_code == 200
    with base.browse("instructor") as instructor:
        assert _enter(instructor, student) == 403
    assert f"Invitation: {student} invites {teacher}" in base.log()
    assert f"Invitation: {student} no longer invites {teacher}" in base.log()


def test_nobody_enters_anothers_session_or_asks_about_it(base: Any) -> None:
    student, teacher = base.account("student").name, base.account("instructor").name
    for role, other in (("instructor", student), ("school-administrator", student), ("student", teacher)):
        with base.browse(role) as client:
            assert _enter(client, other) == 403
            assert client.get(f"/hub/api/users/{other}/tokens").status_code in {403, 404}
            assert client.post(f"/hub/api/users/{other}/tokens").status_code in {403, 404}


def test_cookies_and_headers_of_the_hubs_pages(base: Any) -> None:
    account = base.account("student")
    with httpx.Client(base_url=base.url, timeout=60, trust_env=False) as client:
        page = client.get("/hub/login")
        form = {"username": account.name, "password": account.password, "_xsrf": client.cookies.get("_xsrf")}
        answer = client.post("/hub/login", data=form)
    policy = page.headers["Content-Security-Policy"]
    for rule in ("frame-ancestors 'none'", "object-src 'none'", "form-action 'self'", "default-src 'self'"):
        assert rule in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    cookies = answer.headers.get_list("set-cookie")
    assert any(cookie.startswith("jupyterhub-hub-login=") for cookie in cookies)
    for cookie in cookies:
        assert "samesite=lax" in cookie.lower()
        assert "httponly" in cookie.lower()


def test_an_invitation_ends_with_the_session(base: Any) -> None:
    student, teacher = base.account("student").name, base.account("instructor").name
    with base.browse("student") as owner:
        assert owner.post(f"/hub/api/shares/{student}/", json={"user": teacher}).status_code == 200
        base.stop_session("student")
        base.start_session("student")
        assert owner.get(f"/hub/api/shares/{student}/").json()["items"] == []


def test_session_token_may_submit_and_read_for_its_student_and_nothing_else(base: Any, token: Any) -> None:
    model = httpx.get(f"{base.url}/hub/api/user", headers={"Authorization": f"token {token}"}, timeout=60).json()
    name = base.account("student").name
    assert model["name"] == name
    assert set(model["scopes"]) == {
        f"access:servers!server={name}/",
        "access:services!service=grading",
        f"custom:grading:read!user={name}",
        f"custom:grading:submit!user={name}",
        f"read:users:activity!user={name}",
        # JupyterHub lets every token tell whose it is.
        f"read:users:groups!user={name}",
        f"read:users:name!user={name}",
        f"users:activity!user={name}",
    }


@pytest.mark.parametrize("path", ["/users", "/groups/demo-class", "/users/teacher", "/services", "/proxy"])
def test_session_token_learns_nothing_about_others(base: Any, token: Any, path: Any) -> None:
    answer = httpx.get(f"{base.url}/hub/api{path}", headers={"Authorization": f"token {token}"}, timeout=60)
    assert answer.status_code in {403, 404}


def test_answers_are_nowhere_in_the_session(run: Any) -> None:
    assert run("student", "find / -xdev -name rubric.yaml -o -xdev -name solution.yaml 2>/dev/null")[1] == ""


def test_the_students_work_survives_stop_and_start(base: Any, docker_client: Any, run: Any) -> None:
    assert run("student", "echo 十二 > /home/student/work.txt")[0] == 0
    before = base.container(docker_client, "student").id
    base.stop_session("student")
    assert before not in {each.id for each in docker_client.containers.list(all=True, ignore_removed=True)}
    base.start_session("student")
    assert base.container(docker_client, "student").id != before
    assert run("student", "cat /home/student/work.txt") == (0, "十二")


def test_stopping_leaves_no_container(training_base: Any, docker_client: Any) -> None:
    base = training_base("docker")
    base.start_session("student")
    assert base.container(docker_client, "student").status == "running"
    assert base.stop() == 0
    assert (
        docker_client.containers.list(
            all=True, filters={"label": f"io.shixun.network={base.network}"}, ignore_removed=True
        )
        == []
    )


def _environment(base: Any, client: Any) -> Any:
    return [each.split("=", 1) for each in base.container(client, "student").attrs["Config"]["Env"]]
