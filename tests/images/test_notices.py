"""What a session finds to tell its student; in a container it is in tests/hub_config/test_faults.py."""

import json
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

LAB = Path(__file__).parents[2] / "images/lab"


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A watch over a folder and a counter of our own."""
    monkeypatch.syspath_prepend(LAB)
    made = import_module("notices.watch").Watch(tmp_path, tmp_path / "notices", (tmp_path / "none", tmp_path / "oom"))
    yield made
    for name in [each for each in sys.modules if each.partition(".")[0] == "notices"]:
        del sys.modules[name]


def test_where_all_is_well_there_is_nothing_to_tell(watch: Any, tmp_path: Path) -> None:
    assert watch.notices() == []
    (tmp_path / "oom").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 0\n")
    assert watch.notices() == []


def test_each_time_memory_runs_out_is_told_anew(watch: Any, tmp_path: Path) -> None:
    names = set()
    for killed in (1, 2):
        (tmp_path / "oom").write_text(f"low 0\noom 3\noom_kill {killed}\n")
        (notice,) = watch.notices()
        assert "内存" in notice.zh
        assert "Memory" in notice.en
        assert len(notice.zh) + len(notice.en) < 138  # more is cut off by JupyterLab
        names.add(notice.name)
    assert len(names) == 2


def test_what_the_hub_says_is_told_and_told_again_when_it_changes(watch: Any, tmp_path: Path) -> None:
    path = tmp_path / "notices/closing.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"zh": "将停止", "en": "will stop"}, ensure_ascii=False), encoding="utf-8")
    os.utime(path, ns=(1, 1))  # written long ago
    (first,) = watch.notices()
    assert (first.zh, first.en) == ("将停止", "will stop")
    path.write_text(json.dumps({"zh": "马上停止", "en": "stops now"}, ensure_ascii=False), encoding="utf-8")
    (second,) = watch.notices()
    assert second.name != first.name
