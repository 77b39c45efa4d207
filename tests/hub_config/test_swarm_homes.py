"""Whose files are on which machine."""

import json
from pathlib import Path

import pytest

from hub_config.errors import SwarmError
from hub_config.swarm_homes import HomeLedger
from hub_config.swarm_machines import Machine

EAST, WEST = Machine("e", "east", 8192), Machine("w", "west", 8192)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "homes.json"


def test_she_comes_back_to_her_machine_whatever_the_others_hold(path: Path) -> None:
    first = HomeLedger(path).settle("home-anne", [EAST, WEST])
    for number in range(10):
        HomeLedger(path).settle(f"home-{number}", [EAST, WEST])
    assert HomeLedger(path).settle("home-anne", [WEST, EAST]) == first


def test_students_are_spread(path: Path) -> None:
    ledger = HomeLedger(path)
    assert [ledger.settle(f"home-{number}", [EAST, WEST]).name for number in range(4)].count("east") == 2


@pytest.mark.parametrize("gone", [[WEST], [Machine("e", "east", 8192, away="down"), WEST]])
def test_whose_machine_is_away_is_told_so_and_gets_no_empty_home(path: Path, gone: list[Machine]) -> None:
    HomeLedger(path).settle("home-anne", [EAST])
    before = path.read_text()
    with pytest.raises(SwarmError, match=r"您的文件在服务器 east 上.*Your files are on the machine east"):
        HomeLedger(path).settle("home-anne", gone)
    assert path.read_text() == before


def test_who_is_new_is_told_when_no_machine_is_there(path: Path) -> None:
    with pytest.raises(SwarmError, match="No machine"):
        HomeLedger(path).settle("home-anne", [Machine("e", "east", 8192, away="drain")])
    assert not path.exists()


def test_an_administrator_may_write_where_a_volume_has_been_moved(path: Path) -> None:
    HomeLedger(path).settle("home-anne", [EAST])
    path.write_text(json.dumps({"home-anne": {"id": "w", "name": "west"}}))
    assert HomeLedger(path).settle("home-anne", [EAST, WEST]) == WEST


def test_files_of_the_time_before_the_swarm_are_found_where_they_are(path: Path) -> None:
    ledger = HomeLedger(path)
    assert [ledger.settle(f"home-{number}", [EAST, WEST], "w").name for number in range(3)] == ["west"] * 3
    with pytest.raises(SwarmError, match="on the machine west"):
        ledger.settle("home-3", [EAST, Machine("w", "west", 8192, away="pause")], "w")
    # What is written down counts more: her volume has been moved, and the old one was left.
    path.write_text(json.dumps({"home-0": {"id": "e", "name": "east"}}))
    assert ledger.settle("home-0", [EAST, WEST], "w") == EAST
