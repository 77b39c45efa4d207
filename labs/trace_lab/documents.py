"""The files of a lab on a trace, after the model of ``batch-scheduling``."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import yaml

from labs.catalog import CATALOG
from labs.trace_lab.weeks import WEEK_S, header_fields
from simulators import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from labs.trace_lab.targets import Tried
    from labs.trace_lab.weeks import Machine, Weeks

__all__ = ["LANGUAGES", "MODEL", "facts", "lab", "notebook", "rubric", "scenario", "solution", "write"]

MODEL = "batch-scheduling"
LANGUAGES = ("zh", "en")
HERE = Path(__file__).parent

STEP_SHARE = 0.03
"""One unit of further nodes, as a share of the machine."""

MOST_STEPS = 4
HORIZON_WEEKS = 200
RACKS, FEWEST_IN_RACK, MOST_IN_RACK = 16, 8, 64
SECTION = ("## 3 ", "## 4 ")
MODEL_WEEKS = 5
CREDITS = ("Computer", "Installation", "Acknowledge", "Information", "Conversion")
WIDTH = 118

Facts = dict[str, Any]


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and list members indented, as the catalogue has them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        return super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def write(path: Path, content: tuple[str, Mapping[str, Any]]) -> None:
    """Write a comment and data as YAML."""
    comment, data = content
    body = yaml.dump(dict(data), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)
    path.write_text("".join(f"# {line}\n" for line in comment.splitlines()) + body, encoding="utf-8")


def facts(weeks: Weeks, machine: Machine, slug: str, name: str, title: Text | None) -> Facts:
    """Return what the texts tell of a trace."""
    jobs = len(weeks.practice) + len(weeks.held_out)
    return {
        "slug": slug,
        "name": name,
        "title": title or Text(zh=f"给计算集群排队：{name}", en=f"Scheduling a compute cluster: {name}"),
        "nodes": machine.nodes,
        "cores": machine.cores,
        "jobs": _about(jobs / (weeks.practice_weeks + weeks.held_out_weeks)),
        "weeks": weeks.practice_weeks,
        "held_out": weeks.held_out_weeks,
        "users": weeks.users,
        "estimates": weeks.estimates,
        "load": weeks.load,
        "horizon_weeks": HORIZON_WEEKS,
        "credits": [f"{key}: {text}" for key, text in header_fields(weeks.practice).items() if key in CREDITS],
    }


def _about(number: float) -> int:
    """Return a number as people say it, with two digits."""
    return int(float(f"{number:.2g}"))


def scenario(machine: Machine, told: Facts) -> tuple[str, dict[str, Any]]:
    """Return ``scenario.yaml``."""
    comment = (
        f"Jobs of the trace {told['name']}: {told['weeks']} weeks to practise on, every replication another one.\n"
        "The machine's racks are assumed, its power is not known.\n"
        f"The jobs of all weeks need {told['load']:.0%} of its processors."
    )
    in_rack = max(FEWEST_IN_RACK, min(MOST_IN_RACK, -(-machine.nodes // RACKS)))
    return comment, {
        "kind": "compute_cluster",
        "horizon_s": HORIZON_WEEKS * WEEK_S,
        "node_types": [
            {
                "name": "node",
                "label": {"zh": "计算节点", "en": "Compute node"},
                "nodes": machine.nodes,
                "nodes_per_rack": min(in_rack, machine.nodes),
                "cores": machine.cores,
            }
        ],
        "jobs": {"kind": "swf", "file": "practice.swf.gz", "part_s": WEEK_S},
        "scheduler": {"order": {"kind": "fcfs"}, "backfilling": "none"},
    }


def lab(model: Mapping[str, Any], machine: Machine, weeks: Weeks, told: Facts) -> tuple[str, dict[str, Any]]:
    """Return ``lab.yaml``: levers that say nothing for the trace are left out."""
    step = max(1, round(STEP_SHARE * machine.nodes))
    price = float(f"{100 * step / machine.nodes:.3g}")
    levers = []
    for lever in model["levers"]:
        if lever["name"] == "nodes":
            label = {"zh": f"新增计算节点（每份 {step} 台）", "en": f"Further compute nodes ({step} a unit)"}
            levers.append({**lever, "label": label, "amount": step, "maximum": MOST_STEPS, "cost": price})
        elif lever["name"] == "estimates":
            if weeks.estimates:
                levers.append({**lever, "target": "jobs.overestimate", "cost": 2 * price})
        else:
            levers.append(lever)
    shown = ["bounded_slowdown_mean", "fairness_jain", "wait_mean_s", "wait_max_s", "utilisation"]
    return f"Made of the trace {told['name']}; change what you like.", {
        "version": "1.0.0",
        "title": told["title"].model_dump(),
        "summary": {
            "zh": f"{told['nodes']} 台节点，一份作业记录。比较先来先服务、短作业优先与回填，"
            "选出调度策略并用好预算，让大家等得少、也等得公平。",
            "en": f"A machine of {told['nodes']} nodes and the jobs of a trace. Compare first come, first served, "
            "shortest first and backfilling; choose a scheduler and spend a budget, so that waits are short and fair.",
        },
        "occupation": model["occupation"],
        "hours_h": model["hours_h"],
        "budget": {
            "limit": float(f"{MOST_STEPS * price:.6g}"),
            "unit": {"zh": "% 机器价格", "en": "% of the machine's price"},
        },
        "levers": levers,
        "policy_required": False,
        "policies": model["policies"],
        "policy_limits": model["policy_limits"],
        "highlights": [name for name in shown if name != "fairness_jain" or weeks.users > 1],
    }


def rubric(
    criteria: Sequence[Mapping[str, Any]], weeks: int, tried: Sequence[Tried], told: Facts
) -> tuple[str, dict[str, Any]]:
    """Return ``rubric.yaml``, with what its thresholds rest on as a comment."""
    kpis = [criterion["kpi"] for criterion in criteria]
    rows = [f"{one.name}: " + ", ".join(f"{kpi} {one.kpis[kpi]:.5g}" for kpi in kpis) for one in tried]
    comment = (
        f"Only graders see this file and the {weeks} weeks of {told['name']} that it holds out; each counts once.\n"
        "Thresholds: EASY backfilling in order of submission passes, the best decision has full points.\n"
        "What was simulated in those weeks:\n" + "\n".join(f"  {row}" for row in rows)
    )
    return comment, {
        "replications": weeks,
        "maximum_replications": weeks,
        "held_out": {"practice.swf.gz": "held-out.swf.gz"},
        "criteria": list(criteria),
    }


def solution(model: Mapping[str, Any], found: Tried, told: Facts) -> tuple[str, dict[str, Any]]:
    """Return ``solution.yaml``."""
    spent = {name: units for name, units in found.decision.items() if name not in ("order", "backfilling")}
    tried = "先来先服务、短作业优先与各种次序加 EASY 回填，再用预算"
    return "The best decision found; only instructors and tests see this file.", {
        "decision": found.decision,
        "policy": {"decision": spent, **{key: model["policy"][key] for key in ("source", "naive")}},
        "explanation": {
            "zh": f"在保留的 {told['held_out']} 周里试过{tried}，以减速比、公平和最长等待加权，此方案最好；"
            "各方案的数字见 rubric.yaml 的注释。",
            "en": "Of first come, first served, shortest first, every order with EASY backfilling, and what the budget "
            f"buys besides, this did best in the {told['held_out']} weeks held out, by slowdown, fairness and longest "
            "wait together; the comment in rubric.yaml has the figures of all.",
        },
    }


def notebook(language: str, told: Facts, criteria: Sequence[Mapping[str, Any]]) -> str:
    """Return a notebook; its part on policies is that of the model."""
    zh = language == "zh"
    model = (CATALOG / MODEL / f"notebook.{language}.md").read_text(encoding="utf-8")
    first, after = (model.index(f"\n{heading}") + 1 for heading in SECTION)
    parts = [
        f"{one['label'][language]}（{one['points']} 分）"
        if zh
        else f"{one['label'][language]} ({one['points']} points)"
        for one in criteria
    ]
    users = told["users"]
    if zh:
        of_users = f" {users} 位用户" if users else "记录里没有署名的用户"
        estimates = "" if told["estimates"] else "这份记录里没有用户的估计时间，这里以实际运行时间代替。"
    else:
        of_users = f"{users} users" if users else "users who are not named"
        estimates = "" if told["estimates"] else "The trace holds no estimates: run times stand in for them."
    text = Template((HERE / f"notebook.{language}.md").read_text(encoding="utf-8")).substitute(
        {
            **{name: told[name] for name in ("slug", "name", "nodes", "cores", "jobs", "weeks", "held_out")},
            "title": told["title"].in_language(language),
            "users": of_users,
            "estimates": estimates,
            "credits": "\n".join(f"> {line}  " for line in told["credits"]).rstrip() or "",
            "criteria": ("、" if zh else ", ").join(parts),
            "policy_section": _in_weeks(model[first:after].rstrip(), min(MODEL_WEEKS, told["weeks"])),
        }
    )
    return text.replace("\n\n\n", "\n")  # where nobody is credited


def _in_weeks(section: str, weeks: int) -> str:
    """Return the model's part on policies, which compares them in five weeks, for so many."""
    changes = {f"replications={MODEL_WEEKS}": f"replications={weeks}", "the same five": f"the same {weeks}"}
    for before, after in {**changes, f"同样的 {MODEL_WEEKS} 周": f"同样的 {weeks} 周"}.items():
        section = section.replace(before, after)
    return section
