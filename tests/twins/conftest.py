"""A small PCB line, with everything that a scene must cope with."""

from __future__ import annotations

import pytest

from simulators import Run, simulate
from simulators.production_line import ProductionLine


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
