"""The image on which the lab image is built."""

import secrets
from pathlib import Path
from typing import Any

import pytest

from hub_config.base_image import choose_base
from hub_config.errors import ImageError

pytestmark = pytest.mark.docker


def test_an_image_that_is_there_is_taken_as_it_is(docker_client: Any, lab_image: str) -> None:
    lines: list[str] = []
    assert choose_base(docker_client, lab_image, lines.append) == lab_image
    assert lines == []


def test_an_image_that_cannot_be_had_is_named_and_no_other_taken(docker_client: Any) -> None:
    name = f"shixun-nowhere.invalid/base:{secrets.token_hex(3)}"
    with pytest.raises(ImageError, match=f"base_image='{name}'"):
        choose_base(docker_client, name, [].append)


@pytest.mark.usefixtures("lab_image")
def test_a_base_once_made_is_used_again(docker_client: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Without debootstrap at hand, a second choice can only succeed by what the first one left.
    monkeypatch.setenv("PATH", str(tmp_path))
    assert choose_base(docker_client, "", [].append) in {"python:3.12-slim", "shixun-base:bookworm"}
