"""What simulators say against a policy, in the reader's language.

Simulators speak English. A sentence of theirs is recognised by the template that it was made from and said again in
Chinese; what Python itself says against a student's code keeps Python's own words, with the kind of error explained.
"""

from __future__ import annotations

import re
from functools import cache

from simulators import Text

__all__ = ["EXCEPTIONS", "FAULTS", "fault_text"]

FAULTS = (
    Text(zh="回答了 {answer}，应为{wanted}", en="answered {answer}; it must be {wanted}"),
    Text(
        zh=" None，或一个放得下的作业的序号：作业 {job} 需要 {tasks} 个任务的空位，现有 {room} 个",
        en="None, or the index of a job that fits: job {job} needs room for {tasks} tasks, "
        "and there is room for {room}",
    ),
    Text(zh=" None，或 0 到 {last} 的序号", en="None or an index from 0 to {last}"),
    Text(zh=" None，或一个还剩 {size} 张票的时段", en="None or a slot with {size} tickets left"),
    Text(zh=" 0 到 {last} 的序号", en="an index from 0 to {last}"),
    Text(zh=" True 或 False", en="True or False"),
    Text(zh="名称列表，可选：{names}", en="a list of names from: {names}"),
    Text(zh="「路径: 方向」的字典，方向可选：{names}", en="a dict of path: direction, one of {names}"),
    Text(zh="{what} 不能调用；请给出一个函数", en="{what} cannot be called; give a function"),
    Text(
        zh="不能为每次重复仿真复制（{why}）；请不要在函数里放打开的文件、锁、生成器或正在运行的仿真",
        en="cannot be copied for every replication ({why}); "
        "keep open files, locks, generators and running simulations out of it",
    ),
    Text(
        zh="在计算进程里无法重建（{why}）；请在笔记本里定义它，或在计算进程所在处安装它的模块",
        en="cannot be made again in the worker ({why}); "
        "define it in the notebook or script itself, or install its module where the workers run",
    ),
    Text(zh="策略看到的内容不能修改（{name}）", en="what a policy is shown cannot be changed ({name})"),
    Text(zh="没有定义函数 {name}", en="there is no function {name}"),
)
"""Sentences of simulators, longest first where one could be taken for another."""

EXCEPTIONS = {
    "ArithmeticError": "算术错误",
    "AssertionError": "断言不成立",
    "AttributeError": "没有这个属性，或不能修改",
    "FileNotFoundError": "找不到文件",
    "FrozenInstanceError": "看到的内容不能修改",
    "ImportError": "无法导入",
    "IndentationError": "缩进错误",
    "IndexError": "序号超出范围",
    "KeyError": "没有这个键",
    "MemoryError": "内存不足",
    "ModuleNotFoundError": "没有这个模块",
    "NameError": "没有定义这个名字",
    "NotImplementedError": "还没有写完",
    "OSError": "操作系统不允许",
    "OverflowError": "数值太大",
    "PermissionError": "没有权限",
    "RecursionError": "递归太深",
    "RuntimeError": "运行时错误",
    "StopIteration": "没有下一个元素",
    "SyntaxError": "语法错误",
    "SystemExit": "不能在策略里退出程序",
    "TabError": "缩进混用了制表符和空格",
    "TypeError": "类型不对，或参数个数不对",
    "UnboundLocalError": "局部变量还没有赋值",
    "ValueError": "值不对",
    "ZeroDivisionError": "除数为零",
}
"""Kinds of errors that Python raises in what students write."""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Text], ...]:
    return tuple((re.compile(_pattern(fault.en), re.DOTALL), fault) for fault in FAULTS)


def _pattern(template: str) -> str:
    parts = re.split(r"\{(\w+)\}", template)
    return "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))


def fault_text(sentence: str, language: str) -> str:
    """Return what went wrong in a policy, in a language; what is nobody's sentence stays as it is.

    Parameters
    ----------
    sentence
        As a simulator, or Python, has said it.
    language
        ``zh`` or ``en``.

    Examples
    --------
    >>> fault_text("answered 99; it must be an index from 0 to 3", "zh")
    '回答了 99，应为 0 到 3 的序号'
    >>> fault_text("ZeroDivisionError: division by zero", "zh")
    'ZeroDivisionError（除数为零）：division by zero'
    """
    if not language.startswith("zh"):
        return sentence
    for pattern, fault in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return fault.zh.format(**{name: fault_text(text, language) for name, text in found.groupdict().items()})
    kind, colon, said = sentence.partition(": ")
    if kind not in EXCEPTIONS:
        return sentence
    return f"{kind}（{EXCEPTIONS[kind]}）" + (f"：{fault_text(said, language)}" if colon else "")
