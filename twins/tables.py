"""What stands below a line: the legend of its states and the figures of its stations, as HTML."""

from __future__ import annotations

from html import escape
from math import isnan
from typing import TYPE_CHECKING, cast

from simulators import Text
from simulators.production_line import State, states_of
from twins.line import STATE_COLORS

if TYPE_CHECKING:
    from simulators import Run
    from simulators.production_line import ProductionLine

__all__ = ["STATE_NAMES", "STATE_WORDS", "legend", "states_in", "station_facts", "station_table"]

STATE_NAMES = {
    State.DOWN: Text(zh="故障（顶灯，闪烁）", en="down (top lamp, blinking)"),
    State.MAINTENANCE: Text(zh="保养", en="maintenance"),
    State.BLOCKED: Text(zh="阻塞：下游放不下", en="blocked: no room downstream"),
    State.SETUP: Text(zh="换型", en="set-up"),
    State.WORKING: Text(zh="加工", en="working"),
    State.AWAITING: Text(zh="等人", en="waiting for an operator"),
    State.STARVED: Text(zh="待料（底灯）", en="starved (bottom lamp)"),
    State.OFF: Text(zh="下班（灯全灭）", en="off shift (no lamp)"),
}

STATE_WORDS = {
    State.WORKING: Text(zh="加工", en="working"),
    State.SETUP: Text(zh="换型", en="set-up"),
    State.AWAITING: Text(zh="等人", en="waiting for operator"),
    State.BLOCKED: Text(zh="阻塞", en="blocked"),
    State.STARVED: Text(zh="待料", en="starved"),
    State.DOWN: Text(zh="故障", en="down"),
    State.MAINTENANCE: Text(zh="保养", en="maintenance"),
    State.OFF: Text(zh="下班", en="off shift"),
}
STATION, SHARES = Text(zh="工位", en="Station"), Text(zh="时间构成", en="Time spent")
MACHINES, QUEUE = Text(zh="设备数", en="Machines"), Text(zh="平均排队", en="Mean queue")
LAMPS = Text(zh="信号灯：", en="Signal tower:")
HEADLINE = Text(
    zh="产量 <b>{rate:.1f}</b> 件/小时 · 在制品 <b>{wip:.1f}</b> 件 · 通过时间 <b>{lead}</b> 分钟（预热之后）",
    en="<b>{rate:.1f}</b> parts an hour · <b>{wip:.1f}</b> parts in the line · <b>{lead}</b> min through it "
    "(after the warm-up)",
)


def states_in(scenario: ProductionLine) -> frozenset[State]:
    """Return the states that some machine of a line can be in."""
    return frozenset(state for station in scenario.stations for state in states_of(station))


def legend(scenario: ProductionLine, language: str) -> str:
    """Return the legend of a line's signal towers, in the order of their lamps from the top."""
    possible = states_in(scenario)
    items = "".join(
        f'<span style="margin-right:18px;white-space:nowrap"><span style="display:inline-block;width:12px;'
        f'height:12px;border-radius:50%;background:{color};margin-right:5px;vertical-align:-1px"></span>'
        f"{escape(STATE_NAMES[state].in_language(language))}</span>"
        for state, color in STATE_COLORS.items()
        if state in possible
    )
    return f'<div style="line-height:1.7"><b style="margin-right:10px">{LAMPS.in_language(language)}</b>{items}</div>'


def station_facts(run: Run) -> dict[str, tuple[tuple[Text, Text], ...]]:
    """Return, by the names of stations, which share of its time each spent in which state, and its mean queue."""
    line = cast("ProductionLine", run.scenario)
    found = {}
    for station in line.stations:
        name = f"station.{station.name}"
        own = [state for state in STATE_WORDS if state in states_of(station)]
        shares = [f"{run.kpis[f'{name}.{state.name.lower()}_ratio'].value:.1%}" for state in own]
        queue = f"{run.kpis[f'{name}.queue_mean'].value:.1f}"
        found[station.name] = (
            *((STATE_WORDS[state], Text(zh=share, en=share)) for state, share in zip(own, shares, strict=True)),
            (QUEUE, Text(zh=queue, en=queue)),
        )
    return found


def station_table(scenario: ProductionLine, run: Run, language: str) -> str:
    """Return the figures of every station as an HTML table.

    Parameters
    ----------
    scenario
        The line that ran.
    run
        Its run.
    language
        ``zh`` or ``en``.
    """
    words = {state: word for state, word in STATE_WORDS.items() if state in states_in(scenario)}
    value = {name: kpi.value for name, kpi in run.kpis.items()}
    head = "".join(
        f'<th style="text-align:{align};padding:2px 10px">{text.in_language(language)}</th>'
        for text, align in (
            (STATION, "left"),
            (MACHINES, "right"),
            (SHARES, "left"),
            *((word, "right") for word in words.values()),
            (QUEUE, "right"),
        )
    )
    rows = []
    for station in scenario.stations:
        own = states_of(station)
        share = {state: value[f"station.{station.name}.{state.name.lower()}_ratio"] for state in words if state in own}
        bar = "".join(
            f'<span style="height:11px;width:{ratio * 100:.1f}%;background:{STATE_COLORS[state]}"></span>'
            for state, ratio in share.items()
        )
        name = escape(station.label.in_language(language) if station.label else station.name)
        cells = "".join(
            f'<td style="text-align:right;padding:2px 10px">{f"{share[state]:.1%}" if state in own else "–"}</td>'
            for state in words
        )
        rows.append(
            f'<tr><td style="padding:2px 10px">{name}</td>'
            f'<td style="text-align:right;padding:2px 10px">{station.machines}</td>'
            f'<td style="padding:2px 10px"><div style="display:flex;width:150px;background:#e5e9ee">{bar}</div></td>'
            f"{cells}"
            f'<td style="text-align:right;padding:2px 10px">{value[f"station.{station.name}.queue_mean"]:.1f}</td></tr>'
        )
    lead_min = value["lead_time_mean_s"] / 60
    summary = HEADLINE.in_language(language).format(
        rate=value["throughput_per_h"],
        wip=value["wip_mean"],
        lead="–" if isnan(lead_min) else f"{lead_min:.1f}",
    )
    return (
        f'<div style="line-height:1.6"><div>{summary}</div><table style="border-collapse:collapse">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
