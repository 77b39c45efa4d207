"""What a lab image is built from."""

import contextlib
import io
import secrets
from pathlib import Path
from typing import Any

import docker.errors
import pytest

from hub_config.errors import ImageError
from hub_config.images import certificates, context_hash, prune_images, stage_context
from hub_config.settings import HubSettings


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("context")
    stage_context(folder)
    return folder


def test_the_context_holds_code_labs_and_requirements(context: Path) -> None:
    assert {path.name for path in context.iterdir()} == {
        "Dockerfile",
        "jupyter",
        "lib",
        "labextension",
        "labs",
        "notices",
        "requirements",
        "waiting",
    }
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


@pytest.mark.docker
def test_older_builds_are_removed_but_for_the_newest_and_those_in_use(docker_client: Any, lab_image: str) -> None:
    repository = f"shixun-test-{secrets.token_hex(3)}"
    names = []
    for number in range(4):
        context = io.BytesIO(f"FROM scratch\nLABEL io.shixun.image=lab number={number}\n".encode())
        name = f"{repository}:{number:012x}"
        docker_client.images.build(fileobj=context, tag=name)
        names.append(name)
    docker_client.images.get(lab_image).tag(repository, "latest")
    used = docker_client.containers.create(names[0], ["none"])
    try:
        assert prune_images(docker_client, repository, kept=2) == [names[1]]
    finally:
        used.remove()
        for tag in (*names, f"{repository}:latest"):
            with contextlib.suppress(docker.errors.ImageNotFound):
                docker_client.images.remove(tag)
