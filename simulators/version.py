"""Which simulators these are, to the last line of code."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np
import scipy

__all__ = ["code_version"]


@cache
def code_version() -> str:
    """Return a digest of the simulators' own code and of the versions of NumPy and SciPy.

    They are what figures depend on beside the scenario: NumPy draws, and SciPy gives quantiles.

    The release's number would not do: it stays the same while the code is being worked on.
    """
    root = Path(__file__).parent
    sha = hashlib.sha256(f"{np.__version__}/{scipy.__version__}".encode())
    for path in sorted(root.rglob("*.py")):
        sha.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()[:16]
