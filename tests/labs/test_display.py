from __future__ import annotations

import pytest

from labs.display import estimate_text
from labs.units import unit_text
from simulators.study import Estimate


def estimate(unit: str) -> Estimate:
    return Estimate(mean=1234.5, half_width_95=10.0, unit=unit)


@pytest.mark.parametrize(
    ("unit", "zh", "en"),
    [
        ("visitors", " 人", " visitors"),
        ("1", "", ""),
        ("s", " 秒", " s"),
        ("1/h", "/小时", " per hour"),
        ("jobs", " 个作业", " jobs"),
        ("1/m²",) + (" 1/m²",) * 2,
    ],
)
def test_units_are_words_of_the_readers_language(unit: str, zh: str, en: str) -> None:
    assert unit_text(unit, "zh") == zh
    assert unit_text(unit, "en") == en
    assert estimate_text(estimate(unit), "zh").endswith(f"± 10{zh}")
