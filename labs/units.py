"""The units of KPIs as they stand behind a number."""

from __future__ import annotations

from simulators import Text

__all__ = ["unit_text"]

UNITS = {
    "CNY": Text(zh="元", en="CNY"),
    "jobs": Text(zh="个作业", en="jobs"),
    "lines": Text(zh="行", en="lines"),
    "orders": Text(zh="个订单", en="orders"),
    "parts": Text(zh="件", en="parts"),
    "requests": Text(zh="个请求", en="requests"),
    "scenes": Text(zh="处景点", en="scenes"),
    "views": Text(zh="处景观", en="views"),
    "visitors": Text(zh="人", en="visitors"),
}
"""Units that are words; the others, of the SI, are the same in every language."""


def unit_text(unit: str, language: str) -> str:
    """Return a KPI's unit as it stands behind a number, with its space; nothing where a figure has none.

    Examples
    --------
    >>> unit_text("visitors", "zh"), unit_text("s", "zh"), unit_text("1", "zh")
    (' 人', ' s', '')
    """
    if unit == "1":
        return ""
    return f" {UNITS[unit].in_language(language) if unit in UNITS else unit}"
