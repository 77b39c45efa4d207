"""The lab image itself, built and looked into."""

import subprocess
from typing import Any

import pytest

from hub_config.images import build_lab_image
from hub_config.settings import HubSettings

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def _run(client: Any, image: str, *command: str) -> str:
    output = client.containers.run(
        image, list(command), remove=True, network_mode="none", labels={"io.shixun.session": "test"}
    )
    return str(output.decode())


def test_no_answers_are_in_the_image(docker_client: Any, lab_image: str) -> None:
    container = docker_client.containers.create(lab_image, labels={"io.shixun.session": "test"})
    try:
        # The engine's own export: the whole file system, without what the container's user may not see.
        listing = subprocess.run(
            ["bash", "-c", f"docker export {container.id} | tar -t"], check=True, capture_output=True, text=True
        ).stdout.splitlines()
    finally:
        container.remove()
    assert any(name.endswith("opt/shixun/labs/pcb-bottleneck/lab.yaml") for name in listing)
    assert [name for name in listing if name.endswith(("rubric.yaml", "solution.yaml"))] == []
    assert [name for name in listing if name.startswith(("build/", "root/.cache"))] == []


def test_what_a_notebook_imports_is_there_and_compiled(docker_client: Any, lab_image: str) -> None:
    code = "import labs, pythreejs, simpy, simulators, twins; print(open(simulators.__cached__, 'rb').name)"
    assert "/opt/shixun/lib/simulators/__pycache__/" in _run(docker_client, lab_image, "python", "-c", code)


def test_a_new_volume_belongs_to_the_student(docker_client: Any, lab_image: str) -> None:
    code, seen = _run(docker_client, lab_image, "stat", "-c", "%u:%g %a", "/home/student").split()
    assert (code, seen) == ("1000:1000", "700")


def test_the_image_is_labelled_and_runs_as_the_student(docker_client: Any, lab_image: str) -> None:
    image = docker_client.images.get(lab_image)
    assert image.labels["io.shixun.image"] == "lab"
    assert image.attrs["Config"]["User"] == "1000:1000"


def test_the_same_content_is_not_built_again(docker_client: Any) -> None:
    lines: list[str] = []
    first = build_lab_image(docker_client, HubSettings(), lines.append)
    lines.clear()
    assert build_lab_image(docker_client, HubSettings(), lines.append) == first
    assert lines == []


@pytest.mark.parametrize("module", ["jupyter_server_proxy", "docker"])
def test_the_image_has_no_way_around_the_gate(docker_client: Any, lab_image: str, module: str) -> None:
    program = f"import importlib.util as found; print(found.find_spec('{module}'))"
    assert _run(docker_client, lab_image, "python", "-c", program).strip() == "None"
