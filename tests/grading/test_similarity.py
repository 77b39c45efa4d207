from __future__ import annotations

from typing import TYPE_CHECKING

from grading.similarity import fingerprint, pairs

from .conftest import bearing, graded

if TYPE_CHECKING:
    import httpx

    from grading.service import Service

    from .conftest import Tokens

DUE = """
def dispatch(waiting, machine, now_s):
    best = 0
    for number, part in enumerate(waiting):
        if part.due_s < waiting[best].due_s:
            best = number
    return best
"""
COPIED = DUE.replace("best", "winner").replace("number", "i").replace("part", "job") + "\n# all my own work\n"
OTHER = """
def dispatch(waiting, machine, now_s):
    shortest = min(part.service_s + part.setup_s for part in waiting)
    return [part.service_s + part.setup_s for part in waiting].index(shortest)
"""


def test_renaming_hides_no_copy_and_another_idea_is_another() -> None:
    work = {"li": [{"policy": DUE}], "wang": [{"policy": COPIED}], "zhou": [{"policy": OTHER}]}
    (found,) = pairs(work, 0.6)
    assert (found.first, found.second, found.share, found.kind) == ("li", "wang", 1.0, "policy")
    assert len(pairs(work, 0.0)) == 3


def test_source_that_does_not_tokenize_is_compared_as_far_as_it_goes() -> None:
    assert fingerprint("def f(:\n  '''") == fingerprint("def f(:\n  '''")
    assert fingerprint("")


def test_equal_decisions_are_told_but_not_doing_nothing() -> None:
    same, nothing = {"second_weld": 2}, {"second_weld": 0}
    found = pairs({"li": [same, nothing], "wang": [same], "zhou": [nothing], "xu": []}, 0.8)
    assert [(pair.first, pair.second, pair.kind) for pair in found] == [("li", "wang", "decision")]


def test_who_manages_a_class_sees_what_is_alike(http: httpx.Client, tokens: Tokens, service: Service) -> None:
    for learner in ("li", "wang", "zhou"):
        graded(service.database, learner)
    path = "/api/v1/classes/demo-class/similarity/small-line"
    assert http.get(path, headers=bearing(tokens.li)).status_code == 403
    found = http.get(path, headers=bearing(tokens.instructor)).json()["items"]
    assert [(pair["first"], pair["second"]) for pair in found] == [("li", "wang")]
    assert http.get(path.replace("demo", "other"), headers=bearing(tokens.instructor)).status_code == 403
