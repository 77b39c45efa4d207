"""What people call the KPIs of every simulator, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from simulators import Scenario

__all__ = ["is_share", "kpi_label", "part_labels"]

_WHOLE = {
    "throughput_per_h": Text(zh="产量", en="Throughput"),
    "parts_made": Text(zh="完成数量", en="Parts made"),
    "lead_time_mean_s": Text(zh="平均通过时间", en="Mean lead time"),
    "wip_mean": Text(zh="平均在制品", en="Mean WIP"),
    "scrap_ratio": Text(zh="报废率", en="Scrap rate"),
    "rework_ratio": Text(zh="返工率", en="Rework rate"),
    "first_pass_yield": Text(zh="一次合格率", en="First-pass yield"),
    "outgoing_defect_ratio": Text(zh="出厂不良率", en="Outgoing defect rate"),
    "energy_wh": Text(zh="耗电量", en="Energy"),
    "energy_per_part_wh": Text(zh="单件耗电", en="Energy per part"),
    "orders_done": Text(zh="完成订单数", en="Orders done"),
    "orders_late_ratio": Text(zh="延期订单占比", en="Share of orders late"),
    "tardiness_mean_s": Text(zh="平均延期时间", en="Mean tardiness"),
    "jobs_submitted": Text(zh="提交作业数", en="Jobs submitted"),
    "jobs_ended": Text(zh="完成作业数", en="Jobs ended"),
    "jobs_killed": Text(zh="超时终止的作业", en="Jobs killed"),
    "jobs_rejected": Text(zh="被拒绝的作业", en="Jobs rejected"),
    "jobs_cancelled": Text(zh="取消的作业", en="Jobs cancelled"),
    "jobs_unfinished": Text(zh="未完成的作业", en="Jobs unfinished"),
    "wait_mean_s": Text(zh="平均等待", en="Mean wait"),
    "wait_max_s": Text(zh="最长等待", en="Longest wait"),
    "turnaround_mean_s": Text(zh="平均周转时间", en="Mean turnaround"),
    "bounded_slowdown_mean": Text(zh="平均有界减速比", en="Mean bounded slowdown"),
    "bounded_slowdown_max": Text(zh="最大有界减速比", en="Largest bounded slowdown"),
    "makespan_s": Text(zh="全部完成时间", en="Makespan"),
    "waiting_mean": Text(zh="平均排队作业数", en="Mean jobs waiting"),
    "utilisation": Text(zh="利用率", en="Utilisation"),
    "goodput": Text(zh="有效利用率", en="Goodput"),
    "gpu_utilisation": Text(zh="GPU 利用率", en="GPU utilisation"),
    "gpu_goodput": Text(zh="GPU 有效利用率", en="GPU goodput"),
    "gpu_fragmentation": Text(zh="GPU 碎片率", en="GPU fragmentation"),
    "fairness_jain": Text(zh="公平性（Jain）", en="Fairness (Jain)"),
    "deadline_misses": Text(zh="错过截止时间的作业", en="Deadlines missed"),
    "service_level_misses": Text(zh="未达服务水平的作业", en="Service levels missed"),
    "slow_requests": Text(zh="响应过慢的请求", en="Requests answered late"),
    "interruptions": Text(zh="中断次数", en="Interruptions"),
    "preemptions": Text(zh="抢占次数", en="Preemptions"),
    "energy_kwh": Text(zh="耗电量", en="Energy"),
    "energy_cost": Text(zh="电费", en="Electricity bill"),
    "carbon_kg": Text(zh="碳排放", en="Carbon emitted"),
    "rack_power_max_w": Text(zh="机柜最大功率", en="Largest rack power"),
    "rack_overload_s": Text(zh="机柜过载时间", en="Time of rack overload"),
    "visitors": Text(zh="接待人数", en="Visitors"),
    "visitors_refused": Text(zh="没有票的人数", en="Visitors without a ticket"),
    "visitors_gave_up": Text(zh="放弃排队的人数", en="Visitors who gave up"),
    "inside_peak": Text(zh="最高在园人数", en="Peak visitors inside"),
    "inside_mean": Text(zh="平均在园人数", en="Mean visitors inside"),
    "inside_at_end": Text(zh="闭园时在园人数", en="Visitors inside at the end"),
    "instantaneous_capacity_ratio": Text(zh="瞬时承载率", en="Share of the instantaneous capacity"),
    "daily_capacity_ratio": Text(zh="日承载率", en="Share of the daily capacity"),
    "over_capacity_h": Text(zh="超过瞬时承载量的时间", en="Time over capacity"),
    "gate_wait_mean_s": Text(zh="入园平均等候", en="Mean wait at the gates"),
    "gate_wait_long_ratio": Text(zh="入园久候占比", en="Share with a long wait at the gates"),
    "path_wait_mean_s": Text(zh="园内窄处平均等候", en="Mean wait at narrow places"),
    "stay_mean_s": Text(zh="平均游览时间", en="Mean stay"),
    "scenes_seen_mean": Text(zh="平均游览景点数", en="Mean scenes seen"),
    "views_seen_mean": Text(zh="人均所见对景", en="Views seen"),
    "satisfaction": Text(zh="满意度", en="Satisfaction"),
    "fragile_footfall": Text(zh="脆弱地面上的脚步", en="Footfall on fragile ground"),
    "revenue_cny": Text(zh="门票收入", en="Ticket revenue"),
    "evacuation_time_s": Text(zh="疏散时间", en="Evacuation time"),
    "service_level_a_person_h": Text(zh="服务水平 A 人·小时", en="Visitor-hours at level A"),
    "service_level_b_person_h": Text(zh="服务水平 B 人·小时", en="Visitor-hours at level B"),
    "service_level_c_person_h": Text(zh="服务水平 C 人·小时", en="Visitor-hours at level C"),
    "service_level_d_person_h": Text(zh="服务水平 D 人·小时", en="Visitor-hours at level D"),
    "service_level_e_person_h": Text(zh="服务水平 E 人·小时", en="Visitor-hours at level E"),
    "service_level_f_person_h": Text(zh="服务水平 F 人·小时", en="Visitor-hours at level F"),
    "crowded_person_h": Text(zh="拥挤（E、F 级）人·小时", en="Visitor-hours crowded (E, F)"),
}

_PART = {
    "starved_ratio": Text(zh="待料时间占比", en="time starved"),
    "working_ratio": Text(zh="加工时间占比", en="time working"),
    "blocked_ratio": Text(zh="阻塞时间占比", en="time blocked"),
    "down_ratio": Text(zh="故障时间占比", en="time down"),
    "setup_ratio": Text(zh="换型时间占比", en="time in set-up"),
    "awaiting_ratio": Text(zh="等待人员时间占比", en="time awaiting crew"),
    "maintenance_ratio": Text(zh="保养时间占比", en="time in maintenance"),
    "off_ratio": Text(zh="停班时间占比", en="time off"),
    "availability": Text(zh="时间开动率", en="availability"),
    "effectiveness": Text(zh="性能开动率", en="effectiveness"),
    "quality_ratio": Text(zh="合格率", en="quality"),
    "oee": Text(zh="设备综合效率 OEE", en="OEE"),
    "mtbf_s": Text(zh="平均无故障时间 MTBF", en="MTBF"),
    "mttr_s": Text(zh="平均修复时间 MTTR", en="MTTR"),
    "energy_wh": Text(zh="耗电量", en="energy"),
    "queue_mean": Text(zh="平均排队数", en="mean queue"),
    "conveyor_mean": Text(zh="输送带平均在制", en="mean on the conveyor"),
    "store_mean": Text(zh="平均库存", en="mean in store"),
    "throughput_per_h": Text(zh="产量", en="throughput"),
    "lead_time_mean_s": Text(zh="平均通过时间", en="mean lead time"),
    "utilisation": Text(zh="利用率", en="utilisation"),
    "jobs_ended": Text(zh="完成作业数", en="jobs ended"),
    "wait_mean_s": Text(zh="平均等待", en="mean wait"),
    "bounded_slowdown_mean": Text(zh="平均有界减速比", en="mean bounded slowdown"),
    "work_core_h": Text(zh="核·小时", en="core-hours"),
    "requests": Text(zh="请求数", en="requests"),
    "slow_requests": Text(zh="响应过慢的请求", en="requests answered late"),
    "within_ratio": Text(zh="按时响应占比", en="share answered in time"),
    "objective_missed_h": Text(zh="未达服务目标的时间", en="time below the objective"),
    "replicas_mean": Text(zh="平均副本数", en="mean replicas"),
    "queue_peak": Text(zh="最长队伍", en="longest queue"),
    "visits": Text(zh="游览人次", en="visits"),
    "visitors_peak": Text(zh="最多游人数", en="peak visitors"),
    "person_h": Text(zh="人·小时", en="visitor-hours"),
    "over_capacity_h": Text(zh="超载时间", en="time over capacity"),
    "co2_peak_ppm": Text(zh="二氧化碳峰值", en="peak CO₂"),
    "co2_over_h": Text(zh="二氧化碳超标时间", en="time over the CO₂ limit"),
    "noise_peak_db": Text(zh="噪声峰值", en="peak noise"),
    "density_peak": Text(zh="人流密度峰值", en="peak density"),
}

_KIND = {
    "station": Text(zh="工位", en="Station"),
    "type": Text(zh="产品", en="Type"),
    "crew": Text(zh="班组", en="Crew"),
    "components": Text(zh="零件", en="component"),
    "queue": Text(zh="队列", en="Queue"),
    "class": Text(zh="作业类", en="Class"),
    "user": Text(zh="用户", en="User"),
    "service": Text(zh="服务", en="Service"),
    "gate": Text(zh="园门", en="Gate"),
    "scene": Text(zh="景点", en="Scene"),
    "path": Text(zh="园路", en="Path"),
}

_SHARES = frozenset(
    {
        "availability",
        "effectiveness",
        "first_pass_yield",
        "goodput",
        "gpu_fragmentation",
        "gpu_goodput",
        "gpu_utilisation",
        "oee",
        "satisfaction",
        "utilisation",
    }
)


def part_labels(scenario: Scenario, language: str) -> dict[str, str]:
    """Return what people call the parts of a plant, by their names; a name that two parts share is left out.

    Parameters
    ----------
    scenario
        The plant.
    language
        ``zh`` for Chinese, else English.
    """
    found: dict[str, set[str]] = {}
    for name, label in _labelled(scenario.model_dump()):
        found.setdefault(name, set()).add(label["zh" if language.startswith("zh") else "en"])
    return {name: next(iter(labels)) for name, labels in found.items() if len(labels) == 1}


def _labelled(data: Any) -> Iterator[tuple[str, dict[str, str]]]:  # noqa: ANN401 - JSON-like data
    """Give name and label of everything in a scenario that has both."""
    if isinstance(data, dict):
        if isinstance(data.get("name"), str) and data.get("label"):
            yield data["name"], data["label"]
        data = data.values()
    elif not isinstance(data, list | tuple):
        return
    for part in data:
        yield from _labelled(part)


def kpi_label(name: str, language: str, parts: Mapping[str, str] | None = None) -> str:
    """Return what people call a KPI.

    Parameters
    ----------
    name
        Of the whole plant, such as ``wip_mean``, or of its parts, such as ``station.press.down_ratio``.
    language
        ``zh`` for Chinese, else English.
    parts
        What people call the plant's parts, see `part_labels`; a part without a label keeps its name.

    Returns
    -------
    Its words, or its own name where nobody has named it yet.

    Examples
    --------
    >>> kpi_label("station.press.components.seal.queue_mean", "en")
    'Station press, component seal: mean queue'
    >>> kpi_label("station.press.queue_mean", "zh", {"press": "冲床"})
    '工位「冲床」：平均排队数'
    """
    *path, last = name.split(".")
    if last not in (_PART if path else _WHOLE) or not set(path[::2]) <= set(_KIND):
        return name
    if not path:
        return _WHOLE[last].in_language(language)
    chinese = language.startswith("zh")
    called = [
        f"{_KIND[kind].in_language(language)}" + _quoted(part, (parts or {}).get(part), chinese=chinese)
        for kind, part in zip(path[::2], path[1::2], strict=True)
    ]
    comma, colon = ("，", "：") if chinese else (", ", ": ")
    return comma.join(called) + colon + _PART[last].in_language(language)


def _quoted(name: str, label: str | None, *, chinese: bool) -> str:
    if label is None:
        return f" {name}"
    return f"「{label}」" if chinese else f" “{label}”"


def is_share(name: str) -> bool:
    """Tell whether a KPI without a unit is a share of a whole, which people read in per cent.

    Examples
    --------
    >>> is_share("station.press.down_ratio"), is_share("bounded_slowdown_mean")
    (True, False)
    """
    last = name.rpartition(".")[2]
    return last.endswith("_ratio") or last in _SHARES
