"""Held-out seeds: nobody outside the service can know with which luck a decision will be judged."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grading.errors import SecretError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HeldOutSeeds"]

_SECRET_BYTES = 32


@dataclass(frozen=True)
class HeldOutSeeds:
    """Seeds derived from the service's secret, one a lab and its content.

    Every learner of a lab meets the same luck (common random numbers), so that scores compare decisions only.
    The commitment, which outcomes carry, lets an auditor who is shown the seed later check that it was this one.

    Examples
    --------
    >>> seeds = HeldOutSeeds(bytes(32))
    >>> seeds.seed("ab" * 32) == seeds.seed("ab" * 32), seeds.seed("ab" * 32) == seeds.seed("cd" * 32)
    (True, False)
    """

    secret: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> HeldOutSeeds:
        """Read the secret.

        Raises
        ------
        SecretError
            Where the file is missing, readable by others, or not at least 32 bytes in hexadecimal digits.
        """
        try:
            mode = path.stat().st_mode
            text = path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretError(path, f"cannot be read ({error})") from error
        if mode & 0o077:
            raise SecretError(path, f"has mode {mode & 0o777:o}, its bound is 600")
        try:
            secret = bytes.fromhex(text)
        except ValueError as error:
            raise SecretError(path, "does not hold hexadecimal digits only") from error
        if len(secret) < _SECRET_BYTES:
            raise SecretError(path, f"holds {len(secret)} bytes, at least {_SECRET_BYTES} are needed")
        return cls(secret)

    def _digest(self, lab_digest: str) -> bytes:
        return hmac.new(self.secret, lab_digest.encode(), hashlib.sha256).digest()

    def seed(self, lab_digest: str) -> int:
        """Return the seed of a lab's content."""
        return int.from_bytes(self._digest(lab_digest), "big")

    def commitment(self, lab_digest: str) -> str:
        """Return what may be shown of the seed: the sha256, in hexadecimal digits, of its 32 bytes, big-endian."""
        return hashlib.sha256(self._digest(lab_digest)).hexdigest()
