"""A small PCB line, with everything that a scene must cope with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import notebooks
from simulators import Run, simulate
from simulators.production_line import ProductionLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

# The lines and clusters that Hypothesis makes up lie with the simulators' own tests.
for simulator in ("production_line", "compute_cluster"):
    sys.path.append(str(Path(__file__).parents[1] / "simulators" / simulator))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser, which draws three dimensions by software."""
    if not Path(notebooks.CHROMIUM).exists():
        pytest.skip(f"{notebooks.CHROMIUM} is missing; install the package chromium")
    with notebooks.chromium() as browser:
        yield browser


def service(mean_s: float) -> dict[str, object]:
    return {"kind": "lognormal", "mean_s": mean_s, "cv": 0.3}


def failures(up_s: float, down_s: float) -> dict[str, object]:
    return {
        "up_time": {"kind": "exponential", "mean_s": up_s},
        "repair_time": {"kind": "exponential", "mean_s": down_s},
    }


def station(name: str, zh: str, en: str, mean_s: float, places: int | None, **more: object) -> dict[str, object]:
    return {
        "name": name,
        "label": {"zh": zh, "en": en},
        "service": service(mean_s),
        "buffer_places": places,
        **more,
    }


PCB = {
    "kind": "production_line",
    "horizon_s": 3 * 3600,
    "warm_up_s": 3600,
    "release": {"kind": "saturated"},
    "stations": [
        station("printer", "锡膏印刷", "Paste printer", 20, 2),
        station("placement", "高速贴片", "Chip placement", 22, 4, failures=failures(1800, 200)),
        station("odd_form", "多功能贴片", "Odd-form placement", 24, 12, failures=failures(1500, 240)),
        station("reflow", "回流焊", "Reflow oven", 42, 0, machines=2),
        station("aoi", "光学检测", "Optical inspection", 60, 4, machines=3),
        station("ict", "在线测试", "In-circuit test", 21, 4),
    ],
}

HEAPED = {
    "kind": "production_line",
    "horizon_s": 3 * 3600,
    "release": {"kind": "interval", "interval": {"kind": "exponential", "mean_s": 20}},
    "stations": [station("wash", "清洗", "Wash", 24, None), station("pack", "包装", "Pack", 30, None, machines=2)],
}


@pytest.fixture(scope="session")
def pcb_run() -> Run:
    return simulate(ProductionLine.model_validate(PCB), seed=7)


@pytest.fixture(scope="session", params=["pcb", "heaped"])
def line_run(request: pytest.FixtureRequest) -> Run:
    """A tidy line, and one whose queues grow beyond every rack."""
    data = {"pcb": PCB, "heaped": HEAPED}[request.param]
    return simulate(ProductionLine.model_validate(data), seed=7)


def exponential(mean_s: float) -> dict[str, object]:
    return {"kind": "exponential", "mean_s": mean_s}


def fixed(value_s: float) -> dict[str, object]:
    return {"kind": "deterministic", "value_s": value_s}


WORKSHOP = {
    "kind": "production_line",
    "horizon_s": 3 * 3600,
    "release": {"kind": "interval", "interval": exponential(80)},
    "crews": [{"name": "team", "skills": ["operate", "set_up"], "shift": "day"}],
    "shifts": [{"name": "day", "cycle_s": 7000, "periods": [{"start_s": 0, "end_s": 6000}]}],
    "part_types": [
        {"name": "gear", "route": ["saw", "turn", "mill", "wash", "fit", "wash", "test", "pack"], "share": 2},
        {"name": "shaft", "route": ["saw", "turn", "wash", "fit", "test"]},
        {
            "name": "pin",
            "route": ["lathe"],
            "feeds": "fit",
            "release": {"kind": "interval", "interval": exponential(40)},
        },
    ],
    "stations": [
        station("saw", "锯切", "Saw", 40, None, shift="day"),
        station("mill", "铣削", "Mill", 80, 5, machines=2, service_skill="operate", failures=failures(900, 200)),
        station(
            "turn",
            "车削",
            "Turning",
            22,
            6,
            dispatching="setup",
            setup={"time": fixed(12), "skill": "set_up"},
            maintenance={"every_s": 3000, "duration": fixed(300)},
        ),
        station("lathe", "自动车床", "Lathe", 20, None, kanban_cards=5),
        station("wash", "清洗", "Wash", 20, None, conveyor={"transport_time_s": 45, "capacity": 60}),
        station(
            "fit",
            "装配",
            "Fitting",
            45,
            30,
            assembly={"components": {"pin": {"count": 2, "places": 6}}},
            defect_probability=0.15,
        ),
        station("mend", "返修", "Mending", 60, None),
        station("test", "检测", "Test", 18, None, inspection={"detection": 0.95, "false_alarm": 0.2, "rework": "mend"}),
        station("pack", "包装", "Packing", 30, 3),
    ],
}


@pytest.fixture(scope="session")
def workshop_run() -> Run:
    """A workshop in which parts take other ways, with everything that a station can have."""
    return simulate(ProductionLine.model_validate(WORKSHOP), seed=7)
