"""What the notebook says to students, in both languages."""

from __future__ import annotations

from simulators import Text

__all__ = ["KPI_LABELS", "PHRASES", "kpi_label", "say"]

PHRASES = {
    "accepted": Text(
        zh="已提交，编号 {id}。评分服务正在重新仿真你的方案……",
        en="Submitted as {id}. The grading service is simulating your decision again …",
    ),
    "as_it_is": Text(zh="维持现状", en="As it is"),
    "away": Text(
        zh="评分服务暂时连不上（{why}），请稍后再试。", en="The grading service is away ({why}); try again later."
    ),
    "budget": Text(zh="预算", en="Budget"),
    "cost": Text(zh="单价", en="Unit cost"),
    "criterion": Text(zh="评分项", en="Criterion"),
    "effect": Text(zh="每单位的效果", en="Effect of a unit"),
    "failed": Text(zh="评分没有完成：{why}", en="Grading did not finish: {why}"),
    "feedback": Text(zh="反馈", en="Feedback"),
    "graded": Text(zh="得分 {points} / {maximum}", en="Score {points} / {maximum}"),
    "interval": Text(zh="平均值 ± 95% 置信区间半宽", en="mean ± half-width of the 95 % confidence interval"),
    "kept": Text(
        zh="评分服务暂时连不上（{why}）。你的提交已存入你的主目录（{key}），服务恢复后会自动送出，不会丢失，也不会重复。",
        en="The grading service is away ({why}). Your submission is kept in your home ({key}) and will be sent by "
        "itself when the service is back: nothing is lost, nothing is counted twice.",
    ),
    "lever": Text(zh="投入项", en="Lever"),
    "maximum": Text(zh="最多", en="At most"),
    "name": Text(zh="名字", en="Name"),
    "no_outcome": Text(
        zh="还没有成绩。提交方案后在这里查看。", en="No outcome yet. Submit a decision, then look here."
    ),
    "over_budget": Text(zh="超出预算", en="over budget"),
    "plan": Text(zh="方案", en="Plan"),
    "points": Text(zh="得分", en="Points"),
    "refused": Text(zh="提交被拒绝：{why}", en="The submission was refused: {why}"),
    "replications": Text(zh="重复仿真", en="Replications"),
    "result": Text(zh="结果", en="Result"),
    "spent": Text(zh="已用", en="Spent"),
    "still_grading": Text(
        zh="还在排队评分。稍后运行 lab.outcomes() 查看，或打开学习账号。",
        en="Still in the queue. Run lab.outcomes() later, or open your learning account.",
    ),
    "submit": Text(zh="提交评分", en="Submit"),
    "time": Text(zh="时间", en="Time"),
    "try": Text(zh="试运行", en="Try"),
    "twin_changed": Text(
        zh="仿真规则或实验已经更新，旧的孪生无法原样恢复。用 lab.twin(fresh=True) 重新开始；旧的记录会保留。",
        en="The rules of the simulation, or the lab, have changed, so the old twin cannot be found again as it was. "
        "Begin anew with lab.twin(fresh=True); the old log is kept.",
    ),
    "version": Text(zh="实验版本", en="Lab version"),
    "waiting": Text(zh="另有 {count} 份提交等待送出。", en="{count} more submissions wait to be sent."),
}

KPI_LABELS = {
    "visitors": Text(zh="接待人数", en="Visitors"),
    "visitors_refused": Text(zh="没有票的人数", en="Visitors without a ticket"),
    "visitors_gave_up": Text(zh="放弃排队的人数", en="Visitors who gave up"),
    "inside_peak": Text(zh="最高在园人数", en="Peak visitors inside"),
    "over_capacity_h": Text(zh="超过瞬时承载量的时间", en="Time over capacity"),
    "crowded_person_h": Text(zh="拥挤（E、F 级）人时", en="Visitor-hours crowded (E, F)"),
    "satisfaction": Text(zh="满意度", en="Satisfaction"),
    "gate_wait_mean_s": Text(zh="入园平均等候", en="Mean wait at the gates"),
    "path_wait_mean_s": Text(zh="园内窄处平均等候", en="Mean wait at narrow places"),
    "fragile_footfall": Text(zh="脆弱地面上的脚步", en="Footfall on fragile ground"),
    "revenue_cny": Text(zh="门票收入", en="Ticket revenue"),
    "throughput_per_h": Text(zh="产量", en="Throughput"),
    "parts_made": Text(zh="完成数量", en="Parts made"),
    "lead_time_mean_s": Text(zh="平均通过时间", en="Mean lead time"),
    "wip_mean": Text(zh="平均在制品", en="Mean WIP"),
    "bounded_slowdown_mean": Text(zh="平均有界减速比", en="Mean bounded slowdown"),
    "fairness_jain": Text(zh="公平性（Jain）", en="Fairness (Jain)"),
    "wait_mean_s": Text(zh="平均等待", en="Mean wait"),
    "wait_max_s": Text(zh="最长等待", en="Longest wait"),
    "utilisation": Text(zh="利用率", en="Utilisation"),
    "energy_cost": Text(zh="电费", en="Electricity bill"),
}


def say(phrase: str, language: str, **values: object) -> str:
    """Return a phrase in a language, with its blanks filled."""
    return PHRASES[phrase].in_language(language).format(**values)


def kpi_label(name: str, language: str) -> str:
    """Return what people call a KPI; its own name where nobody has named it."""
    label = KPI_LABELS.get(name)
    return label.in_language(language) if label else name
