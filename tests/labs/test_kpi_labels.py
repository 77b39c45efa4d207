"""Every KPI that a lab can highlight is called something in both languages."""

from __future__ import annotations

import pytest

from labs import Catalog
from labs.kpi_labels import kpi_label
from simulators import KINDS, simulate


def is_chinese(text: str) -> bool:
    return any("一" <= letter <= "鿿" for letter in text)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kpi_of_a_simulator_has_words(kind: str) -> None:
    for name in simulate(KINDS[kind].example(), seed=1, journal=False).kpis:
        zh, en = kpi_label(name, "zh"), kpi_label(name, "en")
        assert is_chinese(zh), name
        assert not is_chinese(en), name
        assert "_" not in en.rpartition(":")[2], name


def test_every_kpi_of_the_catalogue_has_words() -> None:
    for slug in Catalog():
        lab = Catalog().lab(slug)
        names = {*simulate(lab.scenario, seed=1, journal=False).kpis, *lab.file.highlights}
        assert all(is_chinese(kpi_label(name, "zh")) for name in names)


def test_orders_have_words() -> None:
    for name in ("orders_done", "orders_late_ratio", "tardiness_mean_s"):
        assert is_chinese(kpi_label(name, "zh"))
