"""The units of KPIs as they stand behind a number."""

from __future__ import annotations

from simulators import Text

__all__ = ["unit_text"]

UNITS = {
    "1/h": Text(zh="/小时", en="per hour"),
    "CNY": Text(zh="元", en="CNY"),
    "core_h": Text(zh="核·小时", en="core hours"),
    "h": Text(zh="小时", en="h"),
    "jobs": Text(zh="个作业", en="jobs"),
    "lines": Text(zh="行", en="lines"),
    "orders": Text(zh="个订单", en="orders"),
    "parts": Text(zh="件", en="parts"),
    "person_h": Text(zh="人·小时", en="person-hours"),
    "requests": Text(zh="个请求", en="requests"),
    "s": Text(zh="秒", en="s"),
    "scenes": Text(zh="处景点", en="scenes"),
    "views": Text(zh="处景观", en="views"),
    "visitors": Text(zh="人", en="visitors"),
}
"""Units that are words; the others, of the SI, are the same in every language."""

OF_WHOM = ("person_h", "core_h")
"""Hours that are those of many, as the names of their KPIs end."""


def unit_text(unit: str, language: str, kpi: str = "") -> str:
    """Return a KPI's unit as it stands behind a number, with its space; nothing where a figure has none.

    Examples
    --------
    >>> unit_text("visitors", "zh"), unit_text("kWh", "zh"), unit_text("1", "zh")
    (' 人', ' kWh', '')
    >>> unit_text("h", "zh", "over_capacity_h"), unit_text("h", "zh", "crowded_person_h")
    (' 小时', ' 人·小时')
    """
    if unit == "1":
        return ""
    if unit == "h":
        unit = next((hours for hours in OF_WHOM if kpi.endswith(hours)), unit)
    text = UNITS[unit].in_language(language) if unit in UNITS else unit
    return text if text.startswith("/") else f" {text}"
