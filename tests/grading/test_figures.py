from __future__ import annotations

from datetime import UTC, datetime

import pytest

from grading.figures import Figures
from grading.languages import language
from labs import Catalog

ZH, EN = (Figures(language(code), "Asia/Shanghai") for code in ("zh", "en"))


@pytest.mark.parametrize(
    ("value", "half_width", "unit", "kpi", "english", "chinese"),
    [
        (134.31875, 2.6513, "1/h", "", "134.3 ± 2.7 per hour", "每小时 134.3 ± 2.7"),
        (295.774, 3.425, "s", "", "295.8 ± 3.4 s", "295.8 ± 3.4 秒"),
        (0.72063, 0.01456, "1", "station.cut.down_ratio", "72.1 ± 1.5 %", "72.1 ± 1.5 %"),
        (1074.55, 21.2, "parts", "", "1,075 ± 21 parts", "1,075 ± 21 件"),
        (5542.0, None, "visitors", "", "5,542 visitors", "5,542 人"),
        (150.0, None, "1/h", "", "150 per hour", "每小时 150"),
        (0.0, 0.0, "1", "oee", "0 %", "0 %"),
        (0.75, None, "h", "over_capacity_h", "0.75 h", "0.75 小时"),
        (3371.2, 96.1, "h", "crowded_person_h", "3,371 ± 96 person-hours", "3,371 ± 96 人·小时"),
        (0.000123456, None, "m", "", "0.000123 m", "0.000123 m"),
        (69.31, 6.87, "1", "bounded_slowdown_mean", "69.3 ± 6.9", "69.3 ± 6.9"),
        (None, None, "s", "", "–", "–"),
    ],
)
def test_figures_show_the_digits_that_mean_something(
    value: float | None, half_width: float | None, unit: str, kpi: str, english: str, chinese: str
) -> None:
    assert EN.measured(value, half_width, unit, kpi) == english
    assert ZH.measured(value, half_width, unit, kpi) == chinese


def test_moments_stand_in_the_zone_of_the_pages() -> None:
    moment = datetime(2026, 11, 24, 20, 5, tzinfo=UTC)
    assert ZH.moment(moment) == "2026年11月25日 04:05"
    assert EN.moment(moment) == "25 Nov 2026, 04:05"
    assert ZH.cell(moment) == EN.cell(moment) == "2026-11-25 04:05:00"


def test_the_parts_of_a_lab_s_plant_are_called_as_people_call_them() -> None:
    lab = Catalog().lab("pcb-bottleneck")
    name = "station.placement.down_ratio"
    assert ZH.kpis([name], lab) == {name: "工位「高速贴片」：故障时间占比"}
    assert EN.kpis([name], None) == {name: "Station placement: time down"}
