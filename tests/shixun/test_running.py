"""One training base a data folder."""

import os
from pathlib import Path

import pytest

from shixun.errors import StartError
from shixun.running import sole_owner


def test_a_second_owner_is_refused_by_the_firsts_pid_until_it_lets_go(tmp_path: Path) -> None:
    with sole_owner(tmp_path), pytest.raises(StartError, match=f"pid {os.getpid()}"), sole_owner(tmp_path):
        pass
    with sole_owner(tmp_path):
        pass
