"""nbgrader, the peer: the same M/M/1 assignment as a notebook with three tests, in an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

__all__ = ["autograde_s"]

_SOLUTION = """import random
import simpy

def mm1(arrival_s, service_s, customers, seed):
    draw = random.Random(seed)
    env = simpy.Environment()
    server = simpy.Resource(env)
    times = []

    def customer():
        began = env.now
        with server.request() as turn:
            yield turn
            yield env.timeout(draw.expovariate(1 / service_s))
        times.append(env.now - began)

    def source():
        for _ in range(customers):
            yield env.timeout(draw.expovariate(1 / arrival_s))
            env.process(customer())

    env.process(source())
    env.run()
    return sum(times) / len(times), env.now
"""
_TESTS = (
    "lead_s, end_s = mm1(60, 45, 2000, 1)\nassert 100 < lead_s < 300",
    "lead_s, end_s = mm1(60, 45, 2000, 2)\nassert 3600 * 2000 / end_s > 50",
    "lead_s, end_s = mm1(60, 45, 2000, 3)\nassert lead_s / 60 < 5",
)


def autograde_s(notebooks: int) -> float:
    """Return the mean time, in seconds, that ``nbgrader autograde`` takes for one of so many submissions.

    nbgrader is installed, from the registry that is configured, into a folder of its own that is kept.
    """
    binaries = _environment()
    with TemporaryDirectory(prefix="shixun-nbgrader-") as name:
        course = Path(name)
        (course / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'mm1'\n")
        source = course / "source" / "mm1"
        source.mkdir(parents=True)
        (source / "mm1.ipynb").write_text(json.dumps(_notebook()))
        _run(binaries, course, "generate_assignment", "mm1", "--create", "--force")
        released = course / "release" / "mm1" / "mm1.ipynb"
        for number in range(notebooks):
            folder = course / "submitted" / f"student{number}" / "mm1"
            folder.mkdir(parents=True)
            shutil.copy(released, folder / "mm1.ipynb")
        began = time.perf_counter()
        _run(binaries, course, "autograde", "mm1", "--create", "--force")
        return (time.perf_counter() - began) / notebooks


def _environment() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shixun" / "nbgrader"
    binaries = cache / "bin"
    if not (binaries / "nbgrader").exists():
        uv = str(shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"))
        subprocess.run([uv, "venv", "--quiet", "--clear", str(cache)], check=True)  # noqa: S603 - our own command
        install = [
            uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            str(binaries / "python"),
            "nbgrader",
            "simpy",
            "ipykernel",
        ]
        subprocess.run(install, check=True)  # noqa: S603 - our own command
    return binaries


def _run(binaries: Path, course: Path, *words: str) -> None:
    environment = {**os.environ, "PATH": f"{binaries}:{os.environ.get('PATH', '')}", "JUPYTER_PREFER_ENV_PATH": "1"}
    done = subprocess.run(  # noqa: S603 - our own command
        [str(binaries / "nbgrader"), *words], cwd=course, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"nbgrader {' '.join(words)} failed:\n{done.stderr[-2000:]}"
        raise RuntimeError(message)


def _notebook() -> dict[str, Any]:
    def cell(number: int, text: str, *, test: bool) -> dict[str, Any]:
        marks: dict[str, Any] = {
            "schema_version": 3,
            "grade": test,
            "solution": False,
            "locked": test,
            "task": False,
            "grade_id": f"cell-{number}",
        }
        if test:
            marks["points"] = 30
        return {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {"nbgrader": marks} if test else {},
            "execution_count": None,
            "outputs": [],
            "source": text,
        }

    cells = [cell(0, _SOLUTION, test=False), *(cell(n, text, test=True) for n, text in enumerate(_TESTS, start=1))]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
