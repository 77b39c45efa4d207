"""A lab's twin is there again when the student comes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labs import Catalog, Workbench
from twins.errors import ReplayError

if TYPE_CHECKING:
    from twins import Twin


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("JUPYTERHUB_USER", "hanmeimei")
    return tmp_path


def bench(slug: str = "pcb-bottleneck") -> Workbench:
    return Workbench(Catalog().lab(slug), "zh")


def logs(home: Path) -> list[Path]:
    return sorted((home / ".shixun" / "twins").iterdir())


@pytest.mark.parametrize("slug", ["pcb-bottleneck", "batch-scheduling", "garden-tickets"])
def test_the_twin_of_every_kind_of_lab_is_found_again(home: Path, slug: str) -> None:
    del home
    twin = bench(slug).twin()
    twin.advance(twin.horizon_s / 20)
    stood = (twin.time_s, twin.rows, twin.digest)
    twin.close()
    again = bench(slug).twin()
    assert (again.time_s, again.rows, again.digest) == stood
    again.close()


def test_a_cell_that_is_run_again_gets_the_twin_that_it_has(home: Path) -> None:
    del home
    twin = bench().twin()
    assert bench().twin() is twin
    others = [bench().twin(seed=2), bench().twin(decision={"second_ict": 1})]
    assert twin not in others
    for one in (twin, *others):
        one.close()
    again = bench().twin()
    assert again is not twin
    again.close()


def first_station(twin: Twin) -> str:
    name: str = twin.snapshot()["stations"][0]["name"]
    return name


def test_the_log_knows_the_student(home: Path) -> None:
    twin = bench().twin()
    twin.advance(100)
    twin.apply({"command": "fail_machine", "station": first_station(twin)})
    twin.close()
    (log,) = logs(home)
    assert [line["who"] for line in map(json.loads, log.read_text().splitlines()) if "who" in line] == ["hanmeimei"]


def test_a_fresh_twin_begins_anew_and_the_old_log_is_kept(home: Path) -> None:
    twin = bench().twin()
    twin.advance(100)
    fresh = bench().twin(fresh=True)
    assert fresh.time_s == 0
    fresh.close()
    assert len(logs(home)) == 2


def test_where_the_rules_have_changed_the_student_is_told_in_chinese_what_to_do(home: Path) -> None:
    twin = bench().twin()
    twin.advance(100)
    twin.close()
    (log,) = logs(home)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    lines[-1] |= {"digest": "0" * 64, "version": "older"}
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(ReplayError, match="as their rules have changed since") as caught:
        bench().twin()
    assert "lab.twin(fresh=True) 重新开始" in caught.value.__notes__[0]
    bench().twin(fresh=True).close()
