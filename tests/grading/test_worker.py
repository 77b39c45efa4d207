from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING
from uuid import UUID

import psutil
import pytest

from grading.assessment import Assessor, study_key
from grading.bell import Bell
from grading.hints import Hints
from grading.leases import Leases
from grading.outcomes import Outcomes
from grading.sandbox import Sandbox
from grading.seeds import HeldOutSeeds
from grading.studies import Studies
from grading.submissions import Submissions
from grading.worker import Worker

from .conftest import stored, submit, until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx

    from grading.database import Database
    from grading.service import Service

    from .conftest import Tokens

    Process = Callable[..., subprocess.Popen[bytes]]

SEEDS = HeldOutSeeds(bytes(32))


@pytest.fixture
def worker(database: Database, catalog: Path) -> Iterator[Worker]:
    sandbox = Sandbox(catalog, SEEDS)
    yield Worker(database, sandbox, Assessor(catalog, SEEDS), Bell(None), lease_s=60, timeout_s=120)
    sandbox.kill()


def test_a_submission_becomes_an_outcome(database: Database, worker: Worker) -> None:
    submission = stored(database)
    assert worker.step()
    assert not worker.step()
    outcome = Outcomes(database).of_submission(submission.id)
    assert outcome is not None
    assert 0 < outcome.points <= outcome.maximum == 100
    assert outcome.criteria[0]["name"] == "throughput"
    assert outcome.estimates["throughput_per_h"]["mean"] > 0
    assert Outcomes(database).verify() is None


def test_the_seed_stays_in_the_service(database: Database, worker: Worker, catalog: Path) -> None:
    from labs import Catalog

    stored(database)
    worker.step()
    (outcome,) = Outcomes(database).of_learners(["li"])
    digest = Catalog(catalog).lab("small-line").digest
    assert outcome.lab_digest == digest
    assert outcome.seed_commitment == SEEDS.commitment(digest)
    assert str(SEEDS.seed(digest)) not in repr(outcome)


def test_a_crashing_simulation_fails_after_three_tries_and_the_worker_goes_on(
    database: Database, worker: Worker
) -> None:
    bad, good = stored(database, key="bad", lab="crashing-line"), stored(database, key="good")
    while worker.step():
        pass
    failed = Submissions(database).get(bad.id)
    assert failed is not None
    assert (failed.state, failed.tries) == ("failed", 3)
    assert failed.failure == "the simulation of this decision stopped with UnknownKpiError"
    assert Outcomes(database).of_submission(bad.id) is None
    assert Outcomes(database).of_submission(good.id) is not None


def test_a_lab_that_is_gone_fails_at_once(database: Database, worker: Worker) -> None:
    gone = stored(database, lab="gone-lab")
    worker.step()
    failed = Submissions(database).get(gone.id)
    assert failed is not None
    assert (failed.state, failed.tries) == ("failed", 1)
    assert "gone-lab" in (failed.failure or "")


def test_an_endless_simulation_is_ended(database: Database, catalog: Path) -> None:
    sandbox = Sandbox(catalog, SEEDS)
    endless = stored(database, lab="endless-line")
    Worker(database, sandbox, Assessor(catalog, SEEDS), Bell(None), lease_s=60, timeout_s=2).step()
    sandbox.kill()
    found = Submissions(database).get(endless.id)
    assert found is not None
    assert (found.state, found.tries) == ("queued", 1)
    assert "bound of 2 s" in (found.failure or "")


def test_a_long_simulation_keeps_its_lease(database: Database, catalog: Path) -> None:
    sandbox = Sandbox(catalog, SEEDS)
    worker = Worker(database, sandbox, Assessor(catalog, SEEDS), Bell(None), lease_s=2, timeout_s=5)
    endless = stored(database, lab="endless-line")
    thread = threading.Thread(target=worker.step)
    thread.start()
    store = Submissions(database)
    until(lambda: (found := store.get(endless.id)) and found.state == "grading")
    stolen = []
    while thread.is_alive():
        stolen.append(Leases(database).claim("thief", 60))
        thread.join(0.05)
    sandbox.kill()
    taken = [claim for claim in stolen if claim]
    # Only what the worker itself put back after its time was up may have been taken.
    assert [claim.tries for claim in taken] in ([], [2])
    assert len(stolen) > 10


def test_stopping_puts_the_submission_back(database: Database, catalog: Path) -> None:
    sandbox = Sandbox(catalog, SEEDS)
    worker = Worker(database, sandbox, Assessor(catalog, SEEDS), Bell(None), lease_s=60, timeout_s=600)
    endless = stored(database, lab="endless-line")
    thread = threading.Thread(target=worker.run)
    thread.start()
    store = Submissions(database)
    until(lambda: (found := store.get(endless.id)) and found.state == "grading")
    worker.stop()
    thread.join()
    found = store.get(endless.id)
    assert found is not None
    assert (found.state, found.tries, found.lease_owner) == ("queued", 0, None)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_process_ends_cleanly_in_the_middle_of_a_submission(
    process: Process, service: Service, how: signal.Signals
) -> None:
    endless = stored(service.database, lab="endless-line")
    running = process("grading.worker")
    until(lambda: (found := service.submissions.get(endless.id)) and found.state == "grading")
    family = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(how)
    assert running.wait() == 0
    psutil.wait_procs(family, timeout=30)
    assert not any(member.is_running() for member in family)
    found = service.submissions.get(endless.id)
    assert found is not None
    assert (found.state, found.tries) == ("queued", 0)


@pytest.mark.fault
def test_a_worker_killed_in_the_middle_is_replaced_and_one_outcome_is_recorded(
    process: Process, service: Service, tmp_path: Path
) -> None:
    """The lab takes long enough to be killed in; then it is made short, and the other worker finishes it."""
    patient = {"SHIXUN_GRADING_LEASE_S": "5"}  # a busy machine still renews it in time, so that it is taken over once
    submission = stored(service.database, lab="endless-line")
    first = process("grading.worker", **patient)
    claimed = until(lambda: (found := service.submissions.get(submission.id)) and found.state == "grading" and found)
    family = until(lambda: psutil.Process(first.pid).children(recursive=True))
    first.kill()
    first.wait()
    scenario = service.settings.catalog / "endless-line" / "scenario.yaml"
    scenario.write_bytes((service.settings.catalog / "small-line" / "scenario.yaml").read_bytes())
    workers = [process("grading.worker", **patient) for _ in range(2)]
    outcome = until(lambda: service.outcomes.of_submission(submission.id))
    assert outcome.learner == "li"
    found = service.submissions.get(submission.id)
    assert found is not None
    assert (found.state, found.tries) == ("graded", claimed.tries + 1)
    for worker in workers:
        worker.terminate()
        assert worker.wait() == 0
    assert service.outcomes.page(learners=None).total == 1
    assert service.outcomes.verify() is None
    # The orphan of the killed worker does not simulate on for nobody.
    psutil.wait_procs(family, timeout=30)
    assert not any(member.is_running() for member in family)


@pytest.mark.fault
def test_killed_again_and_again_nothing_is_lost_and_nothing_is_counted_twice(
    process: Process, service: Service
) -> None:
    ids = []
    for round_ in range(2):
        # A worker may have written all the outcomes that there were to write, together, before it is killed.
        ids += [stored(service.database, key=f"key-{round_}-{number}").id for number in range(6)]
        before = service.outcomes.page(learners=None).total
        worker = process("grading.worker")
        until(lambda seen=before: service.outcomes.page(learners=None).total > seen)
        worker.kill()
        worker.wait()
    process("grading.worker")
    until(lambda: service.outcomes.page(learners=None).total == len(ids))
    assert {outcome.submission_id for outcome in service.outcomes.of_learners(["li"])} == set(ids)
    assert service.outcomes.verify() is None


@pytest.mark.fault
def test_a_lost_redis_loses_no_submission(
    process: Process, service: Service, http: httpx.Client, tokens: Tokens, tmp_path: Path
) -> None:
    process("grading.worker", SHIXUN_REDIS_URL=f"unix://{tmp_path}/nobody.sock")
    log = tmp_path / "grading.worker.0.log"
    until(lambda: "Redis is away" in log.read_text())
    answer = submit(http, tokens.li)
    assert answer.status_code == 202
    until(lambda: service.outcomes.of_submission(UUID(answer.json()["id"])))
    assert log.read_text().count("Redis is away") == 1


@pytest.mark.fault
def test_a_restarted_service_has_lost_nothing(process: Process, service: Service, tokens: Tokens) -> None:
    import httpx

    host, port = service.connection.address
    base = f"http://{host}:{port}{service.connection.prefix}"

    def ready() -> bool:
        try:
            return httpx.get(f"{base}/readyz", timeout=60).status_code == 200
        except httpx.TransportError:
            return False

    first = process("grading")
    until(ready)
    with httpx.Client(base_url=base, timeout=60) as http:
        accepted = submit(http, tokens.li)
        assert accepted.status_code == 202
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        process("grading")
        until(ready)
        again = submit(http, tokens.li)
    assert again.status_code == 202
    assert again.json()["id"] == accepted.json()["id"]
    assert [waiting.id for waiting in service.submissions.unfinished(["li"])] == [UUID(accepted.json()["id"])]


def test_a_worker_with_nothing_to_do_finds_a_hint_once_for_everybody(database: Database, worker: Worker) -> None:
    for learner in ("li", "wang"):
        stored(database, learner)
    while worker.step():
        pass
    assert worker.spare.step("worker")
    assert not worker.spare.step("worker")
    outcome = Outcomes(database).of_learners(["li"])[0]
    key = study_key(outcome.lab_digest, outcome.engine_version, outcome.seed_commitment, outcome.decision)
    hint = Hints(database).get(key)
    assert hint is not None
    assert set(hint) == {"lever", "change", "gain"}


def test_the_second_of_two_equal_decisions_is_answered_from_the_study(database: Database, worker: Worker) -> None:
    first, second = stored(database, "li"), stored(database, "wang")
    while worker.step():
        pass
    store = Outcomes(database)
    found = [store.of_submission(one.id) for one in (first, second)]
    assert found[0] is not None
    assert found[1] is not None
    assert (found[0].points, found[0].estimates) == (found[1].points, found[1].estimates)
    key = study_key(found[0].lab_digest, found[0].engine_version, found[0].seed_commitment, found[0].decision)
    assert Studies(database).find([key])[key].replications == found[0].replications


@pytest.mark.fault
def test_a_batch_outlives_the_death_of_its_sandbox(database: Database, catalog: Path) -> None:
    """Killed again and again in the middle: what was being simulated is tried again, the others are not touched."""
    sandbox = Sandbox(catalog, SEEDS)
    worker = Worker(database, sandbox, Assessor(catalog, SEEDS), Bell(None), lease_s=60, timeout_s=60)
    ids = [stored(database, key=f"key-{number}").id for number in range(20)]
    thread = threading.Thread(target=lambda: [None for _ in iter(worker.step, False)])
    thread.start()
    until(lambda: Outcomes(database).page(learners=None).total >= 2)
    for child in psutil.Process().children():
        if "spawn_main" in " ".join(child.cmdline()):
            child.kill()
    thread.join()
    sandbox.kill()
    assert {outcome.submission_id for outcome in Outcomes(database).of_learners(["li"])} == set(ids)
    assert Outcomes(database).verify() is None
