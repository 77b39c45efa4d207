"""Students' policies: what they may do, and every attack that must fail with a plain explanation."""

from __future__ import annotations

import shutil
import subprocess
from collections import deque
from typing import TYPE_CHECKING

import pytest
import yaml

from grading.assessment import Assessor
from grading.errors import AssessmentError
from grading.policy_launchers import Bubblewrap, Docker, choose_launcher
from grading.policy_sandbox import PolicyFailedError, PolicyProcess, Warm
from grading.seeds import HeldOutSeeds
from labs import Catalog, DecisionError

from .conftest import LAB, bearing, submit, write_lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from grading.policy_launchers import Launcher
    from grading.service import Service

    from .conftest import Tokens

SEEDS = HeldOutSeeds(bytes(32))
FIRST = "def release(waiting, line, now_s):\n    return 0\n"


def bubblewrap_works() -> bool:
    if not shutil.which("bwrap"):
        return False
    command = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(params=["bubblewrap", pytest.param("docker", marks=pytest.mark.docker)])
def launcher(request: pytest.FixtureRequest) -> Launcher:
    if request.param == "docker":
        return Docker(request.getfixturevalue("lab_image"))
    if not bubblewrap_works():
        pytest.skip("bubblewrap: not installed, or namespaces are not allowed; apt-get install bubblewrap")
    return Bubblewrap()


def ask(launcher: Launcher, source: str, *question: object, seconds: float = 2.0) -> object:
    process = PolicyProcess(launcher)
    try:
        process.load(source, answer_s=seconds)
        return process.ask("decide", 0, question)
    finally:
        process.kill()


def body(*lines: str) -> str:
    return "def decide(*question):\n" + "".join(f"    {line}\n" for line in lines)


def test_a_policy_is_shown_what_the_simulator_asks(launcher: Launcher) -> None:
    from simulators.production_line.decisions import LineState

    source = "def decide(waiting, line):\n    return len(waiting) + line.wip + line.queues['weld']"
    assert ask(launcher, source, (1.0, float("inf"), None), LineState(wip=10, queues={"weld": 100})) == 113
    assert ask(launcher, body("return None")) is None
    assert ask(launcher, body("return True")) is True


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["return 1 / 0"], "line 2: ZeroDivisionError"),
        (["while True: pass"], "line 2: no answer within 1 s"),
        (
            ["while True:", "    try:", "        while True: pass", "    except Exception: pass"],
            "line 4: no answer within",
        ),
        (["import signal", "signal.setitimer(signal.ITIMER_PROF, 0)", "while True: pass"], "did not answer within 5 s"),
        (["import os", "while True: os.fork()"], "line 3"),
        (["import threading", "threading.Thread(target=print).start()"], "line 3"),
        (["x = []", "while True: x.append(bytearray(10**8))"], "memory"),
        (["import os", "[os.write(fd, b'x' * 100_000) for fd in range(3, 10) if os.path.exists('/')]"], ""),
        (["import socket", "socket.create_connection(('127.0.0.1', 80), timeout=1)"], "line 3"),
        (["import os", "os.kill(os.getppid() or 2, 9)"], "line 3"),
        (["open('/tmp/x', 'w').write('x')"], "line 2"),
        (["open('/usr/x', 'w').write('x')"], "line 2"),
        (["question[0].wip = 0"], "cannot be changed"),
        (["import simulators"], "No module named 'simulators'"),
        (["import subprocess", "subprocess.run(['true'])"], "line 3"),
        (["raise SystemExit"], "SystemExit"),
        (["import os", "os._exit(0)"], "ended"),
        (["import ctypes", "ctypes.string_at(0)"], "ended"),
    ],
)
def test_attacks_fail_and_the_student_is_told_why(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch, lines: list[str], told: str
) -> None:
    from simulators.production_line.decisions import LineState

    if "no answer within" in told:  # by processor time, however busy the machine is
        monkeypatch.setattr("grading.policy_sandbox._PATIENCE", 60)

    seconds = 8.0 if told == "memory" else 1.0
    with pytest.raises(PolicyFailedError) as caught:
        ask(launcher, body(*lines), LineState(wip=1, queues={}), seconds=seconds)
    assert told.lower() in str(caught.value).lower()


def test_nothing_of_ours_can_be_read(launcher: Launcher, tmp_path: Path) -> None:
    secret = tmp_path / "grading.secret"
    secret.write_text("5a" * 32)
    sources = {
        f"return len(open({str(secret)!r}).read())": "FileNotFoundError",
        f"return len(open({__file__!r}).read())": "FileNotFoundError",
        "return len(open('/etc/shadow').read())": "Error",
    }
    for source, told in sources.items():
        with pytest.raises(PolicyFailedError, match=told):
            ask(launcher, body(source))
    assert (
        ask(launcher, body("import os", "return sum('SHIXUN' in name or 'JUPYTER' in name for name in os.environ)"))
        == 0
    )


def test_an_answer_is_a_number_or_nothing_whatever_it_pretends_to_be(launcher: Launcher) -> None:
    evil = body(
        "class Evil:",
        "    def __reduce__(self): return print, ('unpickled',)",
        "    def __repr__(self): return 'evil'",
        "return Evil()",
    )
    assert ask(launcher, evil) == "evil"
    with pytest.raises(PolicyFailedError, match="no answer"):
        ask(launcher, body("import os", "os.write(3, b'[1, 2]\\n')", "return 0"))


@pytest.mark.parametrize("loops", [100_000, 10_000])  # the latter takes less than a tick of the kernel's clock
def test_all_answers_together_have_a_bound(launcher: Launcher, loops: int) -> None:
    process = PolicyProcess(launcher)
    try:
        process.load(body("until = question[0]", "while until > 0: until -= 1"), answer_s=5.0, total_s=0.2)
        with pytest.raises(PolicyFailedError, match=r"all answers together took more than 0\.2 s"):
            deque((process.ask("decide", 0, (loops,)) for _ in range(3000)), maxlen=0)
    finally:
        process.kill()


def test_long_queues_are_shown_like_short_ones(launcher: Launcher) -> None:
    from simulators.compute_cluster.views import RunningView

    views = tuple(RunningView(number, 1, 4, 0, float("inf")) for number in range(300))
    source = body("queue = question[0]", "return sum(job.number for job in queue if job.expected_end_s > 1e308)")
    for count in (0, 1, 2, 300):
        assert ask(launcher, source, views[:count]) == sum(range(count))
    with pytest.raises(PolicyFailedError, match="cannot be changed"):
        ask(launcher, body("question[0][1].cores = 0"), views)


def test_what_is_printed_goes_nowhere(launcher: Launcher) -> None:
    assert ask(launcher, body("print('x' * 100_000)", "return 3")) == 3


def test_a_copy_forgets_what_another_remembered(launcher: Launcher) -> None:
    process = PolicyProcess(launcher)
    process.load("seen = []\ndef decide():\n    seen.append(1)\n    return len(seen)")
    assert [process.ask("decide", copy, ()) for copy in (0, 0, 1, 0)] == [1, 2, 1, 3]
    process.kill()


@pytest.fixture
def policy_catalog(tmp_path: Path) -> Path:
    root = tmp_path / "policies"
    write_lab(root / "release-line")
    lab = {**LAB, "policies": [{"point": "release", "label": {"zh": "投料", "en": "Release"}}]}
    (root / "release-line" / "lab.yaml").write_text(yaml.safe_dump(lab, allow_unicode=True))
    return root


@pytest.fixture
def assessor(policy_catalog: Path) -> Iterator[Assessor]:
    if not bubblewrap_works():
        pytest.skip("bubblewrap: not installed, or namespaces are not allowed; apt-get install bubblewrap")
    warm = Warm(Bubblewrap(), size=1)
    yield Assessor(policy_catalog, SEEDS, warm)
    warm.close()


def test_a_policy_is_graded_by_held_out_seeds_and_always_alike(assessor: Assessor) -> None:
    lean = "def release(waiting, line, now_s):\n    return 0 if line.wip < 2 else None\n"
    full = assessor.assess("release-line", {"policy": FIRST})[0]
    scarce = assessor.assess("release-line", {"policy": lean})[0]
    assert full.points > scarce.points > 0
    assert scarce.estimates["wip_mean"]["mean"] < 2
    assert assessor.assess("release-line", {"policy": lean})[0] == scarce
    assert full.engine_version.startswith("simpy/")


def test_what_a_policy_does_wrong_is_final_and_plain(assessor: Assessor) -> None:
    for source, told in (
        ("def release(waiting, line, now_s):\n    return waiting[99]\n", "line 2: IndexError"),
        ("def release(waiting, line, now_s):\n    return 99\n", "answered 99"),
        ("def release(waiting, line, now_s):\n    return 0 if line.wip else 1 / 0\n", "line 2: ZeroDivisionError"),
    ):
        with pytest.raises(AssessmentError, match=told) as caught:
            assessor.assess("release-line", {"policy": source})
        assert caught.value.final
    assert assessor.assess("release-line", {"policy": FIRST})[0].maximum == 100


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        ({}, "def release"),
        ({"policy": "def dispatch(): pass"}, "def release"),
        ({"policy": "def release(:"}, "Line 1"),
        ({"policy": "x" * 20_000}, "16000"),
        ({"policy": FIRST, "second_weld": 9}, "second_weld"),
    ],
)
def test_a_policy_that_cannot_be_one_is_refused_at_once(
    policy_catalog: Path, decision: dict[str, object], told: str
) -> None:
    with pytest.raises(DecisionError, match=told):
        Catalog(policy_catalog).lab("release-line").complete(decision)


def test_where_nothing_isolates_policies_their_labs_take_nothing(
    http: httpx.Client, tokens: Tokens, service: Service
) -> None:
    assert choose_launcher("off", "") is None
    object.__setattr__(service, "policies", False)
    lab = service.settings.catalog / "small-line" / "lab.yaml"
    from grading.shelf import Shelf

    lab.write_text(
        yaml.safe_dump({**LAB, "policies": [{"point": "release", "label": {"zh": "投料", "en": "Release"}}]})
    )
    object.__setattr__(service, "shelf", Shelf.read(service.settings.catalog))
    refused = submit(http, tokens.li, decision={"policy": FIRST})
    assert refused.status_code == 503
    assert refused.json()["type"] == "urn:shixun:problem:no-sandbox"
    assert http.get("/api/v1/labs", headers=bearing(tokens.li)).status_code == 200
