import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from grading.assessment import Assessor
from grading.bell import Bell
from grading.database import Database
from grading.outcomes import Outcomes
from grading.sandbox import Sandbox
from grading.seeds import HeldOutSeeds
from grading.submissions import Submissions
from grading.worker import Worker
from labs import CATALOG, Catalog
from shixun.cli import app


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A data folder with two outcomes of the PCB lab in its ledger."""
    monkeypatch.setenv("SHIXUN_DATA_DIR", str(tmp_path))
    secret = tmp_path / "grading.secret"
    secret.write_text("5a" * 32)
    secret.chmod(0o600)
    database = Database(f"sqlite:///{tmp_path / 'grading.sqlite3'}")
    database.upgrade()
    lab = Catalog().lab("pcb-bottleneck")
    for key in "ab":
        Submissions(database).add(
            learner="li", lab=lab.slug, lab_version=lab.version, lab_digest=lab.digest, decision={}, key=key
        )
    seeds = HeldOutSeeds.read(secret)
    sandbox = Sandbox(CATALOG, seeds)
    assert Worker(database, sandbox, Assessor(CATALOG, seeds), Bell(None), lease_s=60, timeout_s=120).step()
    sandbox.kill()
    return database


def test_a_whole_ledger_and_a_recomputed_outcome_and_what_tampering_does_to_both(base: Database) -> None:
    run = CliRunner()
    assert "Every chain holds." in run.invoke(app, ["ledger", "verify"]).output
    newest, _ = Outcomes(base).of_learners(["li"])
    again = run.invoke(app, ["outcome", "recompute", str(newest.id), "--json"])
    assert again.exit_code == 0, again.output
    assert json.loads(again.output)["same"] is True
    with base.writing() as connection:
        connection.execute(sa.text("DROP TRIGGER outcomes_no_update"))
        connection.execute(sa.text("UPDATE outcomes SET points = 100 WHERE seq = 2"))
    found = run.invoke(app, ["ledger", "verify", "--json"])
    assert found.exit_code == 1
    (broken,) = json.loads(found.stdout)["breaks"]
    assert (broken["learner"], broken["seq"], broken["outcome_id"]) == ("li", 2, str(newest.id))
    assert run.invoke(app, ["outcome", "recompute", str(newest.id)]).exit_code == 1
    base.close()


def test_an_unknown_outcome_is_named(base: Database) -> None:
    missing = "00000000-0000-0000-0000-000000000000"
    found = CliRunner().invoke(app, ["outcome", "recompute", missing])
    assert found.exit_code == 1
    assert missing in found.stderr
    base.close()


def test_a_backup_is_made_and_restored_by_the_commands(
    base: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, target = CliRunner(), tmp_path / "monday.tar.gz"
    assert "2 of them outcomes" in run.invoke(app, ["backup", str(target)]).output
    assert run.invoke(app, ["backup", str(target)]).exit_code == 1
    monkeypatch.setenv("SHIXUN_DATA_DIR", str(tmp_path / "elsewhere"))
    restored = run.invoke(app, ["restore", str(target)])
    assert restored.exit_code == 0, restored.output
    assert (tmp_path / "elsewhere" / "grading.secret").read_text() == "5a" * 32
    assert "Every chain holds." in run.invoke(app, ["ledger", "verify"]).output
    (outcome, _) = Outcomes(base).of_learners(["li"])
    assert "The same bytes." in run.invoke(app, ["outcome", "recompute", str(outcome.id)]).output
    base.close()
