from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from grading.errors import SecretError
from grading.seeds import HeldOutSeeds

if TYPE_CHECKING:
    from pathlib import Path


def secret(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_seed_depends_on_secret_and_content(tmp_path: Path) -> None:
    one = HeldOutSeeds.read(secret(tmp_path / "one", "11" * 32 + "\n"))
    other = HeldOutSeeds.read(secret(tmp_path / "other", "22" * 32))
    seeds = {one.seed("a" * 64), one.seed("b" * 64), other.seed("a" * 64)}
    assert len(seeds) == 3
    assert one.seed("a" * 64) == HeldOutSeeds(bytes([0x11]) * 32).seed("a" * 64)


def test_the_commitment_can_be_checked_against_the_seed() -> None:
    seeds = HeldOutSeeds(bytes(range(32)))
    seed = seeds.seed("a" * 64)
    assert seeds.commitment("a" * 64) == hashlib.sha256(seed.to_bytes(32, "big")).hexdigest()


def test_the_secret_is_not_printed() -> None:
    assert "secret" not in repr(HeldOutSeeds(b"x" * 32))


@pytest.mark.parametrize(
    ("text", "mode", "named"),
    [
        ("11" * 31, 0o600, "31 bytes"),
        ("zz" * 32, 0o600, "hexadecimal"),
        ("", 0o600, "0 bytes"),
        ("11" * 32, 0o644, "mode 644"),
    ],
)
def test_a_poor_secret_is_refused(tmp_path: Path, text: str, mode: int, named: str) -> None:
    path = secret(tmp_path / "secret", text, mode)
    with pytest.raises(SecretError, match=named) as caught:
        HeldOutSeeds.read(path)
    assert str(path) in str(caught.value)


def test_a_missing_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="cannot be read"):
        HeldOutSeeds.read(tmp_path / "nothing")
