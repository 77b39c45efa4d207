"""Numbers, units and dates as the pages write them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal

from labs.kpi_labels import is_share, kpi_label, part_labels
from labs.units import unit_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from grading.languages import Language
    from labs import Lab

__all__ = ["Figures"]


def _decimals(value: float, half_width: float | None) -> int:
    """Return how many decimals are worth showing: two digits of the half width, else four of the value."""
    if half_width:
        return min(6, max(0, 1 - math.floor(math.log10(abs(half_width)))))
    return 0 if float(value).is_integer() or not value else min(6, max(0, 3 - math.floor(math.log10(abs(value)))))


@dataclass(frozen=True)
class Figures:
    """Writes figures in one language.

    Parameters
    ----------
    language
        The language.
    timezone
        Name of the time zone of dates.

    Examples
    --------
    >>> from grading.languages import language
    >>> write = Figures(language("en"), "Asia/Shanghai")
    >>> write.measured(181.237, 1.28, "1/h"), write.measured(0.8512, None, "1", "scrap_ratio")
    ('181.2 ± 1.3 per hour', '85.12 %')
    """

    language: Language
    timezone: str

    def number(self, value: float, decimals: int = 1) -> str:
        """Return a number with at most so many decimals."""
        pattern = f"#,##0.{'#' * decimals}" if decimals else "#,##0"
        return format_decimal(value, pattern, locale=self.language.locale)

    def measured(self, value: float | None, half_width: float | None, unit: str, kpi: str = "") -> str:
        """Return a figure with its 95 % interval and its unit; a share of a whole in per cent, other ratios plain."""
        if value is None:
            return "–"
        share = unit == "1" and is_share(kpi)
        if share:
            value, half_width = value * 100, half_width * 100 if half_width is not None else None
        decimals = _decimals(value, half_width)
        # An interval says how many digits count; without one, a figure such as a threshold is written as it was set.
        pattern = f"#,##0.{('0' if half_width else '#') * decimals}" if decimals else "#,##0"
        locale = self.language.locale
        text = format_decimal(value, pattern, locale=locale)
        if half_width:
            text += f" ± {format_decimal(half_width, pattern, locale=locale)}"
        if unit == "1":
            return f"{text} %" if share else text
        if unit == "1/h":
            return self.language.say("%(figure)s per hour", figure=text)
        return text + unit_text(unit, self.language.code, kpi)

    def kpis(self, names: Iterable[str], lab: Lab | None) -> dict[str, str]:
        """Return what people call KPIs, by their names; parts of a lab's plant are called as they are there."""
        parts = part_labels(lab.scenario, self.language.code) if lab else {}
        return {name: kpi_label(name, self.language.code, parts) for name in names}

    def span(self, seconds: float) -> str:
        """Return a length of time, roughly."""
        say = self.language.say
        if seconds < 90:
            return say("%(figure)s s", figure=self.number(max(1, round(seconds)), 0))
        return say("%(figure)s min", figure=self.number(round(seconds / 60), 0))

    def cell(self, value: datetime) -> str:
        """Return a moment in the pages' time zone, as spreadsheets take it for one."""
        return value.astimezone(ZoneInfo(self.timezone)).strftime("%Y-%m-%d %H:%M:%S")

    def moment(self, value: datetime) -> str:
        """Return a moment in the pages' time zone."""
        pattern = "y年M月d日 HH:mm" if self.language.code == "zh" else "d MMM y, HH:mm"
        return format_datetime(value, pattern, tzinfo=ZoneInfo(self.timezone), locale=self.language.locale)
