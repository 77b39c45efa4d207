"""What a lab image is built from."""

from pathlib import Path

import pytest

from hub_config.errors import ImageError
from hub_config.images import certificates, context_hash, stage_context
from hub_config.settings import HubSettings


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("context")
    stage_context(folder)
    return folder


def test_the_context_holds_code_labs_and_requirements(context: Path) -> None:
    assert {path.name for path in context.iterdir()} == {"Dockerfile", "jupyter", "lib", "labs", "requirements"}
    assert {path.name for path in (context / "lib").iterdir()} == {"labs", "simulators", "twins"}
    assert (context / "lib/labs/session.py").is_file()
    assert (context / "labs/pcb-bottleneck/lab.yaml").is_file()
    assert not (context / "lib/labs/catalog").exists()


def test_no_answers_are_in_the_context(context: Path) -> None:
    names = {path.name for path in context.rglob("*")}
    assert names.isdisjoint({"rubric.yaml", "solution.yaml"})


@pytest.mark.parametrize("name", ["rubric.yaml", "solution.yaml"])
def test_answers_in_a_bundle_are_refused(tmp_path: Path, name: str) -> None:
    def careless(output: Path) -> None:
        (output / "pcb").mkdir(parents=True)
        (output / "pcb" / name).write_text("answer: 42\n")

    with pytest.raises(ImageError, match=f"labs/pcb/{name}"):
        stage_context(tmp_path, careless)


def test_the_hash_follows_content_names_and_base(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    first = context_hash(tmp_path, "base")
    assert context_hash(tmp_path, "base") == first
    assert context_hash(tmp_path, "another base") != first
    file.write_text("2")
    second = context_hash(tmp_path, "base")
    file.rename(tmp_path / "b")
    assert len({first, second, context_hash(tmp_path, "base")}) == 3


def test_certificates_come_from_the_setting_before_the_environment(tmp_path: Path) -> None:
    own, system = tmp_path / "own.pem", tmp_path / "system.pem"
    own.write_bytes(b"own")
    system.write_bytes(b"system")
    environ = {"SSL_CERT_FILE": str(system)}
    assert certificates(HubSettings(ca_bundle=own), environ) == b"own"
    assert certificates(HubSettings(), environ) == b"system"
    assert certificates(HubSettings(), {}) == b""
    with pytest.raises(ImageError, match=r"ca_bundle='.*gone\.pem'"):
        certificates(HubSettings(ca_bundle=tmp_path / "gone.pem"), environ)
