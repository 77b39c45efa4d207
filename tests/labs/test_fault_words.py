"""Whatever a simulator says against a policy is said in Chinese as well: every decision point is asked for it."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import pytest

from labs import Catalog
from labs.fault_words import EXCEPTIONS, FAULTS, fault_text
from simulators import PolicyError, heritage_garden, simulate
from simulators.policy import Policy
from simulators.policy_parcel import packed, unpacked
from simulators.production_line import ProductionLine
from simulators.registry import simulator_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulators import Scenario

TAKES_30_S, TAKES_90_S = ({"kind": "deterministic", "value_s": seconds} for seconds in (30, 90))
LINE = ProductionLine.model_validate(
    {
        "kind": "production_line",
        "horizon_s": 3600,
        "release": {"kind": "saturated"},
        "crews": [{"name": "fitters", "skills": ["fitting"]}],
        "stations": [
            {"name": "cut", "service": TAKES_30_S, "maintenance": {"every_s": 300, "duration": TAKES_30_S}},
            {"name": "weld", "buffer_places": 3, "service": TAKES_90_S, "service_skill": "fitting", "machines": 2},
        ],
    }
)
SCENARIOS = (LINE, Catalog().lab("batch-scheduling").scenario, heritage_garden.example())
WRONG: tuple[Any, ...] = (10**6, 0, "one", {"one": "two"})


def said(error: PolicyError) -> str:
    """Return what is wrong, without the place."""
    return str(error).partition(": ")[2]


def refusals(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Give what a simulator says against wrong answers, by decision point."""
    for point in simulator_of(scenario).decisions:
        for answer in WRONG:
            try:
                simulate(scenario, seed=1, policies={point: lambda *_, answer=answer: answer})
            except PolicyError as error:
                yield point, said(error)


def raised(make: Callable[[], object]) -> str:
    with pytest.raises(PolicyError) as caught:
        make()
    return said(caught.value)


def is_chinese(text: str) -> bool:
    """Tell whether nothing English is left but what is quoted: answers, names, Python's own words in brackets."""
    bare, more = text, ""
    while bare != more:
        bare, more = re.sub(r"'[^']*'|\([^()]*\)|（[^（）]*）|\b(None|True|False)\b|可选：.*", "", bare), bare
    return re.search(r"[一-鿿]", bare) is not None and not re.search(r"[a-z]{3,} [a-z]{2,}", bare)


@pytest.fixture(scope="module")
def sentences() -> dict[str, str]:
    """What is said against policies anywhere, by where it is said."""
    found = {f"{scenario.kind}.{point} {text}": text for scenario in SCENARIOS for point, text in refusals(scenario)}
    lock = threading.Lock()
    found["no function"] = raised(lambda: Policy("dispatch", 7))  # type: ignore[arg-type]
    found["cannot be copied"] = raised(lambda: packed({"dispatch": lambda *_: lock.locked()}))
    found["cannot be made again"] = raised(lambda: unpacked((("dispatch", b"no pickle"),)))
    # What the policy's own process says, in the sandbox, where nothing of ours may be imported.
    found["changed"] = "AttributeError: what a policy is shown cannot be changed (wip)"
    found["missing"] = "NameError: there is no function schedule"
    return found


def test_every_decision_point_refuses_something(sentences: dict[str, str]) -> None:
    asked = {place.partition(" ")[0] for place in sentences}
    assert asked >= {f"{each.kind}.{point}" for each in SCENARIOS for point in simulator_of(each).decisions}


def test_every_sentence_is_said_in_chinese(sentences: dict[str, str]) -> None:
    left = {place: told for place, text in sentences.items() if not is_chinese(told := fault_text(text, "zh"))}
    assert left == {}


def test_no_sentence_is_kept_that_nobody_says(sentences: dict[str, str]) -> None:
    everything = "\n".join(sentences.values())
    for fault in FAULTS:
        fixed = max(re.split(r"\{\w+\}", fault.en), key=len)
        assert fixed in everything


def test_in_english_it_stays_as_it_was(sentences: dict[str, str]) -> None:
    assert all(fault_text(text, "en") == text for text in sentences.values())


def test_python_s_own_errors_keep_their_words_and_are_explained() -> None:
    for kind in EXCEPTIONS:
        assert fault_text(f"{kind}: x", "zh") == f"{kind}（{EXCEPTIONS[kind]}）：x"
    assert fault_text("KeyError: 'fits'", "zh") == "KeyError（没有这个键）：'fits'"
    assert fault_text("SystemExit", "zh") == "SystemExit（不能在策略里退出程序）"
    assert fault_text("MyOwnError: no", "zh") == "MyOwnError: no"
