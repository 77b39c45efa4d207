"""Why something could not be done: written down in English, told in the reader's language.

A reason is kept where it arose, in a row of the database or in an error, as its English sentence. Who reads it later
gets it in her own language: the sentence is recognised by the template that it was made from.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from grading.languages import mark
from labs.fault_words import fault_text

if TYPE_CHECKING:
    from grading.languages import Language

__all__ = ["retold"]

LAB_CHANGED = mark("the lab has changed since the submission and no longer allows this decision: %(why)s")
LAB_GONE = mark("lab %(lab)s is not in the catalogue; it holds: %(known)s")
NO_POLICIES = mark("policies cannot run here: neither a Docker engine nor bubblewrap; tell your administrator")
WORKER_DIED = mark("the grading worker died %(times)s times while it simulated this decision")
TOO_LONG = mark("the simulation took longer than its bound of %(seconds)s s")
PROCESS_DIED = mark("the process that simulated this decision died (exit code %(code)s)")
STOPPED = mark("the simulation of this decision stopped with %(kind)s")
NO_ANSWER = mark("the sandbox gave no answer")

POLICY_STOPPED = mark("your policy stopped the simulation: %(why)s")
POLICY_LINE = mark("%(point)s, line %(line)s: %(why)s")
POLICY_POINT = mark("at %(point)s: %(why)s")
POLICY_SLOW = mark("no answer within %(seconds)s s of processor time; look for a loop that does not end")
POLICY_SLOW_ALL = mark("all answers together took more than %(seconds)s s of processor time")
POLICY_SILENT = mark("the policy did not answer within %(seconds)s s; look for a loop that does not end")
POLICY_LOUD = mark("the policy wrote more than %(bytes)s bytes where an answer was awaited")
POLICY_STRANGE = mark("the policy wrote something that is no answer")
POLICY_ENDED = mark("the process of the policy ended: it used more memory or time than a policy may, or left by itself")

NOTHING_TO_REGRADE = mark("lab = %(lab)s: there is no outcome to regrade; check lab, class and outcome")
NO_FINISHED_PREVIEW = mark("regrade %(id)s is %(state)s; only a finished preview can be applied")
REGRADE_SETTLED = mark("regrade %(id)s was applied or dropped a moment ago")
SUPERSEDED = mark("outcome %(id)s was superseded by %(newer)s meanwhile; make a new regrade")
SUBMISSIONS_WAIT = mark("learner = %(learner)s: %(count)s submissions wait; erase when they are graded")
NAME_IN_HASH = mark(
    "learner = %(learner)s: %(count)s outcomes were recorded before accounts; their hash holds the name"
)
ROSTER_ROW = mark("row %(row)s: %(column)s")
ROSTER_NUMBER = mark("student_number")
ROSTER_NAME = mark("full_name")
ROSTER_CLASS = mark("class_name")
ROSTER_LEARNER = mark("learner")
CLASS_TAKEN = mark("class = %(names)s belongs to another school; choose another name")

_ALL = [value for name, value in list(globals().items()) if isinstance(value, str) and name.isupper()]
# Last: anything with a colon in it looks like what happened at a decision point.
_ORDERED = (*(template for template in _ALL if template not in {POLICY_LINE, POLICY_POINT}), POLICY_LINE, POLICY_POINT)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(_pattern(template), re.DOTALL), template) for template in _ORDERED)


def _pattern(template: str) -> str:
    """Return what matches every sentence made from a template."""
    parts = re.split(r"%\((\w+)\)s", template)
    return "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))


def retold(reason: str, language: Language) -> str:
    """Return a reason in a language; what is nobody's sentence stays as it is, such as the text of a Python error.

    Examples
    --------
    >>> from grading.languages import language
    >>> retold("your policy stopped the simulation: schedule, line 3: ZeroDivisionError", language("zh"))
    '您的策略中断了仿真：schedule 第 3 行：ZeroDivisionError（除数为零）'
    """
    for pattern, template in _patterns():
        found = pattern.fullmatch(reason)
        if found:
            parts = found.groupdict()
            if template == LAB_CHANGED:
                # What is wrong with a decision is written down in both languages, line by line.
                parts["why"] = "\n".join(parts["why"].splitlines()[language.code != "zh" :: 2])
            return language.say(template, **{name: retold(text, language) for name, text in parts.items()})
    return fault_text(reason, language.code)
