from __future__ import annotations

import subprocess
import sys

import grading


def test_the_face_is_sorted_and_whole() -> None:
    assert grading.__all__ == sorted(grading.__all__)
    assert all(hasattr(grading, name) for name in grading.__all__)


def test_the_worker_starts_without_the_web_application() -> None:
    program = "import sys, grading.worker; sys.exit(any(name.startswith('fastapi') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
