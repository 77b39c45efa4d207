"""What the notebook says to students, in both languages."""

from __future__ import annotations

from simulators import Text

__all__ = ["PHRASES", "say"]

PHRASES = {
    "accepted": Text(
        zh="已提交，编号 {id}。评分服务正在重新仿真您的方案……",
        en="Submitted as {id}. The grading service is simulating your decision again …",
    ),
    "as_it_is": Text(zh="维持现状", en="As it is"),
    "away": Text(
        zh="评分服务暂时连不上（{why}），请稍后再试。", en="The grading service is away ({why}); try again later."
    ),
    "budget": Text(zh="预算", en="Budget"),
    "cost": Text(zh="单价", en="Unit cost"),
    "criterion": Text(zh="评分项", en="Criterion"),
    "effect": Text(zh="每一份的效果", en="Effect of a unit"),
    "failed": Text(zh="评分没有完成：{why}", en="Grading did not finish: {why}"),
    "figure": Text(zh="指标", en="Figure"),
    "feedback": Text(zh="反馈", en="Feedback"),
    "graded": Text(zh="得分 {points} / {maximum}", en="Score {points} / {maximum}"),
    "hint_less": Text(
        zh="如果这样呢？少一份「{lever}」，可以多得 {gain} 分。",
        en="What if? One unit less of “{lever}” would have earned {gain} points more.",
    ),
    "hint_more": Text(
        zh="如果这样呢？多一份「{lever}」，可以多得 {gain} 分。",
        en="What if? One unit more of “{lever}” would have earned {gain} points more.",
    ),
    "hint_none": Text(
        zh="如果这样呢？任何一份的改动都不会得更多分。",
        en="What if? No change of a single unit would have earned more.",
    ),
    "interval": Text(zh="平均值 ± 95% 置信区间半宽", en="mean ± half-width of the 95 % confidence interval"),
    "kept": Text(
        zh="评分服务暂时连不上（{why}）。您的提交已存入您的主目录（{key}），服务恢复后会自动送出，不会丢失，也不会重复。",
        en="The grading service is away ({why}). Your submission is kept in your home ({key}) and will be sent by "
        "itself when the service is back: nothing is lost, nothing is counted twice.",
    ),
    "lever": Text(zh="投入项", en="Lever"),
    "maximum": Text(zh="最多", en="At most"),
    "name": Text(zh="名字", en="Name"),
    "no_outcome": Text(
        zh="还没有成绩。提交方案后在这里查看。", en="No outcome yet. Submit a decision, then look here."
    ),
    "no_policy": Text(zh="这个实验不需要写策略。", en="This lab asks for no policy."),
    "over_budget": Text(zh="超出预算", en="over budget"),
    "plan": Text(zh="方案", en="Plan"),
    "policy_fault": Text(zh="策略出错：{what}", en="The policy failed: {what}"),
    "policy_line": Text(zh="策略第 {line} 行出错：{what}", en="The policy failed in line {line}: {what}"),
    "points": Text(zh="得分", en="Points"),
    "queued": Text(zh="排在第 {position} 位", en="number {position} in the queue"),
    "queued_wait": Text(zh="排在第 {position} 位，约等 {wait} 秒", en="number {position} in the queue, about {wait} s"),
    "grading": Text(zh="正在仿真评分", en="being simulated and graded"),
    "refused": Text(zh="提交被拒绝：{why}", en="The submission was refused: {why}"),
    "replications": Text(zh="重复仿真", en="Replications"),
    "result": Text(zh="结果", en="Result"),
    "simulated": Text(zh="已重复仿真 {done} 次，最多 {most} 次", en="simulated {done} of at most {most} times"),
    "spent": Text(zh="已用", en="Spent"),
    "still_grading": Text(
        zh="还在排队评分。稍后运行 lab.outcomes() 查看，或打开学习账号。",
        en="Still in the queue. Run lab.outcomes() later, or open your learning account.",
    ),
    "submit": Text(zh="提交评分", en="Submit"),
    "sure": Text(zh="得分误差 ± {half}，降到 ± {tolerance} 为止", en="points ± {half}, until they are ± {tolerance}"),
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


def say(phrase: str, language: str, **values: object) -> str:
    """Return a phrase in a language, with its blanks filled."""
    return PHRASES[phrase].in_language(language).format(**values)
