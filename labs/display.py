"""What notebooks show: small HTML fragments with the same look, every text escaped."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from labs.kpi_labels import kpi_label
from labs.phrases import say
from labs.units import unit_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from labs.decision import Lever
    from labs.errors import DecisionError
    from labs.lab import Lab
    from simulators import Estimate, Study

__all__ = [
    "Fragment",
    "code",
    "comparison",
    "describe",
    "estimates",
    "joined",
    "note",
    "offer",
    "outcome_list",
    "outcome_table",
    "policy_fault",
    "refused",
    "station_chart",
    "table",
]

TABLE = "border-collapse:collapse;margin:.4em 0"
CODE = "background:#f4f6f8;color:#10212b;padding:.6em .9em;border-left:3px solid #5b6b7a;overflow-x:auto"
SHORT = 10  # characters that need not be broken into lines
LINES_AROUND = 2
CELL = "padding:.25em .8em;border-bottom:1px solid #d5dbe1;text-align:left"


@dataclass(frozen=True)
class Fragment:
    """Something a notebook shows.

    Parameters
    ----------
    html
        For a browser.
    text
        For a terminal.
    """

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        """Return the plain text."""
        return self.text


def note(text: str) -> Fragment:
    """Return a paragraph."""
    return Fragment(f'<p style="white-space:pre-line">{escape(text)}</p>', text)


def joined(*parts: Fragment) -> Fragment:
    """Return fragments one below the other."""
    return Fragment("".join(part.html for part in parts), "\n".join(part.text for part in parts))


def code(text: str, *, numbered: bool = False) -> Fragment:
    """Return a piece of Python, with the numbers of its lines if they are wanted."""
    if numbered:
        text = "\n".join(f"{number:3} │ {line}" for number, line in enumerate(text.splitlines(), 1))
    return Fragment(f'<pre style="{CODE}">{escape(text)}</pre>', text)


def offer(text: str) -> None:
    """Put code into a new cell below, where this runs in a notebook."""
    from IPython.core.getipython import get_ipython  # heavy, and the grading service imports labs

    shell = get_ipython()
    if shell is not None:
        shell.set_next_input(text)


def refused(error: DecisionError, language: str) -> Fragment:
    """Return why a decision does not fit, every field of it."""
    return note("\n".join(each.message.in_language(language) for each in error.errors))


def policy_fault(source: str, line: int, what: str, language: str) -> Fragment:
    """Return what went wrong in a policy, with the lines around it.

    Parameters
    ----------
    source
        Of the policy.
    line
        Where, from 1; 0 where that is not known.
    what
        In plain words.
    language
        ``zh`` or ``en``.
    """
    head = say("policy_line" if line else "policy_fault", language, line=line, what=what)
    shown = [
        f"{'→' if number == line else ' '} {number:3} │ {text}"
        for number, text in enumerate(source.splitlines(), 1)
        if abs(number - line) <= LINES_AROUND
    ]
    excerpt = "\n".join(shown) if line else source
    html = f'<p style="color:#b3261e"><b>{escape(head)}</b></p><pre style="{CODE}">{escape(excerpt)}</pre>'
    return Fragment(html, f"{head}\n{excerpt}")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Fragment:
    """Return a table of texts."""
    rows = [list(row) for row in rows]
    header = "".join(f'<th scope="col" style="{CELL};border-bottom-color:#5b6b7a">{escape(h)}</th>' for h in head)
    body = "".join(
        "<tr>" + "".join(f'<td style="{CELL}{_whole(cell)}">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    html = f'<table style="{TABLE}"><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>'
    return Fragment(html, "\n".join("  ".join(row) for row in [list(head), *rows]))


def _whole(cell: str) -> str:
    """Keep a short cell, such as ``45.0 / 45``, on one line."""
    return ";white-space:nowrap" if len(cell) <= SHORT else ""


def describe(lab: Lab, language: str) -> Fragment:
    """Return the lab's title, summary, budget and levers."""
    file = lab.file
    unit = lab.budget.unit.in_language(language)
    levers = table(
        [say(key, language) for key in ("name", "lever", "cost", "maximum", "effect")],
        [
            [
                lever.name,
                lever.label.in_language(language),
                f"{lever.cost:g} {unit}",
                str(lever.maximum),
                _effect(lever, language),
            ]
            for lever in lab.levers
        ],
    )
    title, summary = file.title.in_language(language), file.summary.in_language(language)
    budget = f"{say('budget', language)}: {lab.budget.limit:g} {unit}"
    html = f"<h3>{escape(title)}</h3><p>{escape(summary)}</p><p><b>{escape(budget)}</b></p>{levers.html}"
    policies = [note(f"{slot.label.in_language(language)}: {slot.signature}") for slot in lab.policies]
    return Fragment(
        html + "".join(policy.html for policy in policies),
        "\n".join([title, summary, budget, levers.text, *(policy.text for policy in policies)]),
    )


def _effect(lever: Lever, language: str) -> str:
    """Return what a unit of a lever, or each of its choices, does."""
    if lever.operation == "choose":
        return " ".join(f"{n}: {c.label.in_language(language)}" for n, c in enumerate(lever.choices, 1))
    return f"{ {'add': '+', 'multiply': '×', 'set': '= n ×'}[lever.operation] } {lever.amount:g}"


def estimate_text(estimate: Estimate, language: str, kpi: str = "") -> str:
    """Return ``mean ± half-width unit``, with as many decimals as the interval deserves."""
    return _measured(estimate.mean, estimate.half_width_95, unit_text(estimate.unit, language, kpi))


def _measured(mean: float, half_width: float, unit: str) -> str:
    if math.isnan(mean):
        return "—"
    if not math.isfinite(half_width):
        return f"{mean:.4g}{unit}"
    decimals = min(4, max(0, 1 - math.floor(math.log10(half_width)))) if half_width > 0 else 2
    return f"{mean:,.{decimals}f} ± {half_width:,.{decimals}f}{unit}"


def estimates(study: Study, names: Iterable[str], language: str) -> Fragment:
    """Return some KPIs of a study as a table."""
    shown = table(
        [say("figure", language), say("interval", language)],
        [[kpi_label(name, language), estimate_text(study.estimate(name), language, name)] for name in names],
    )
    count = f"{say('replications', language)}: {study.replications}"
    return Fragment(f"{shown.html}<small>{escape(count)}</small>", f"{shown.text}\n{count}")


def comparison(studies: Mapping[str, Study], costs: Mapping[str, str], names: Sequence[str], language: str) -> Fragment:
    """Return several plans side by side."""
    return table(
        [say("plan", language), say("spent", language), *(kpi_label(name, language) for name in names)],
        [
            [plan, costs[plan], *(estimate_text(study.estimate(name), language, name) for name in names)]
            for plan, study in studies.items()
        ],
    )


def _ink(state: str) -> str:
    """Return the colour of writing that is easy to read on a state's colour."""
    return "#fff" if state == "DOWN" else "#10212b"


def station_chart(study: Study, labels: Mapping[str, str], language: str) -> Fragment:
    """Return a bar a station: its time by state, in per cent.

    Parameters
    ----------
    study
        Of a production line.
    labels
        Station names and what people call them.
    language
        ``zh`` or ``en``.
    """
    # Widgets' own modules are heavy, and the grading service imports labs without ever showing anything.
    from twins.line import STATE_COLORS
    from twins.tables import STATE_WORDS

    ratios = {  # a station has figures for those states only that its machines can be in
        station: {
            state: f"station.{station}.{state.name.lower()}_ratio"
            for state in STATE_WORDS
            if f"station.{station}.{state.name.lower()}_ratio" in study.names
        }
        for station in labels
    }
    possible = {state for names in ratios.values() for state in names}
    words = {state: text.in_language(language) for state, text in STATE_WORDS.items() if state in possible}
    rows, lines = [], []
    for station, label in labels.items():
        shares = {state: study.estimate(name).mean for state, name in ratios[station].items()}
        parts = "".join(
            f'<span title="{escape(words[state])} {share:.1%}" '
            f'style="width:{share:.2%};background:{STATE_COLORS[state]};color:{_ink(state.name)};font-size:.8em;'
            f'overflow:hidden;white-space:nowrap;text-align:center">{f"{share:.0%}" if share >= 0.06 else ""}</span>'
            for state, share in shares.items()
        )
        rows.append(
            f'<div style="display:flex;align-items:center;margin:3px 0"><span style="width:11em">{escape(label)}</span>'
            f'<span style="display:flex;flex:1;max-width:40em;height:1.5em;line-height:1.5em">{parts}</span></div>'
        )
        lines.append(f"{label}: " + ", ".join(f"{words[state]} {share:.1%}" for state, share in shares.items()))
    legend = "".join(
        f'<span style="margin-right:1.2em"><span style="display:inline-block;width:.9em;height:.9em;'
        f'background:{STATE_COLORS[state]};margin-right:.3em"></span>{escape(word)}</span>'
        for state, word in words.items()
    )
    return Fragment(f"<div>{''.join(rows)}<div style='margin-top:.5em'>{legend}</div></div>", "\n".join(lines))


def outcome_list(outcomes: Sequence[Mapping[str, Any]], language: str) -> Fragment:
    """Return the student's outcomes, a line each; times are the session's local time."""
    return table(
        [say(key, language) for key in ("time", "version", "points")],
        [
            [
                datetime.fromisoformat(outcome["recorded_at"]).astimezone().strftime("%Y-%m-%d %H:%M"),
                outcome["lab_version"],
                f"{outcome['points']:.1f} / {outcome['maximum']:g}",
            ]
            for outcome in outcomes
        ],
    )


def outcome_table(outcome: Mapping[str, Any], levers: Sequence[Lever], language: str) -> Fragment:
    """Return an outcome of the grading service: points, criteria, feedback, and what would have earned most.

    Parameters
    ----------
    outcome
        As the service gives it.
    levers
        Of the lab, by whose names people know them.
    language
        ``zh`` or ``en``.
    """
    head = say("graded", language, points=f"{outcome['points']:.1f}", maximum=f"{outcome['maximum']:g}")
    rows = []
    for item in outcome["criteria"]:
        half_width = math.inf if item["half_width_95"] is None else item["half_width_95"]
        unit = unit_text(item["unit"], language, item["kpi"])
        value = _measured(math.nan if item["value"] is None else item["value"], half_width, unit)
        key = "zh" if language.startswith("zh") else "en"
        points = f"{item['points']:.1f} / {item['maximum']:g}"
        rows.append([item["label"][key], value, points, item["feedback"][key]])
    shown = table([say(key, language) for key in ("criterion", "result", "points", "feedback")], rows)
    what_if = [note(text) for text in _what_if(outcome.get("hint"), levers, language)]
    return Fragment(
        f"<h4>{escape(head)}</h4>{shown.html}{''.join(each.html for each in what_if)}",
        "\n".join([head, shown.text, *(each.text for each in what_if)]),
    )


def _what_if(hint: Mapping[str, Any] | None, levers: Sequence[Lever], language: str) -> Iterator[str]:
    """Return what the change of one unit would have earned; nothing while that is sought."""
    if hint is None:
        return
    if hint["lever"] is None:
        yield say("hint_none", language)
        return
    labels = {lever.name: lever.label.in_language(language) for lever in levers}
    which = "hint_more" if hint["change"] > 0 else "hint_less"
    yield say(which, language, lever=labels.get(hint["lever"], hint["lever"]), gain=f"{hint['gain']:.1f}")
