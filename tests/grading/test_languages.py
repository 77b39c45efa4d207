from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import grading
from grading import reasons
from grading.languages import LANGUAGES, chosen, language, negotiated
from grading.reasons import retold
from labs.errors import DecisionError, FieldError
from simulators import Text

PACKAGE = Path(grading.__file__).parent
CATALOGUE = PACKAGE / "locales" / "zh" / "LC_MESSAGES" / "messages.po"
PLACE = re.compile(r"%\((\w+)\)[sd]")


def messages() -> set[str]:
    """Every message that the code and the templates say, in its singular."""
    found = extract_from_dir(
        PACKAGE,
        method_map=[("**.html", "jinja2"), ("**.py", "python")],
        keywords={"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "mark": None, "ProblemError": (3,)},
    )
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def test_every_message_has_a_translation_and_every_translation_a_message() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN", abort_invalid=True)
    translated = set()
    for entry in catalogue:
        if not entry.id:
            continue
        source = entry.id if isinstance(entry.id, str) else entry.id[0]
        texts = [entry.string] if isinstance(entry.string, str) else list(entry.string)
        assert all(texts), f"{source!r} has no translation"
        assert not entry.fuzzy
        for text in texts:
            assert set(PLACE.findall(text)) == set(PLACE.findall(source)), source
        translated.add(source)
    assert len(translated) > 50
    assert translated == messages()


def test_english_says_the_message_itself() -> None:
    assert language("en").say("Not found") == "Not found"
    assert language("en").say("There is no outcome %(id)s that you may read.", id=7).startswith("There is no outcome 7")


@pytest.mark.parametrize(
    ("accept", "code"),
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.2, zh;q=0.7", "zh"),
        ("fr-FR, de", "zh"),
        ("*", "zh"),
        ("en;q=0", "zh"),
        ("en;q=nonsense", "zh"),
        ("en;q=nan", "zh"),
        ("en;q=99", "zh"),
        (";;;,,,", "zh"),
    ],
)
def test_the_language_is_negotiated(accept: str | None, code: str) -> None:
    assert negotiated(accept) == code


def test_only_our_languages_can_be_chosen() -> None:
    assert [chosen(code) for code in (*LANGUAGES, "fr", "../zh", "", None)] == ["zh", "en", None, None, None, None]


@pytest.mark.parametrize(
    ("reason", "chinese"),
    [
        (
            "your policy stopped the simulation: schedule, line 3: ZeroDivisionError: division by zero",
            "您的策略中断了仿真：schedule 第 3 行：ZeroDivisionError（除数为零）：division by zero",
        ),
        (
            "your policy stopped the simulation: at release: answered 99; it must be an index from 0 to 3",
            "您的策略中断了仿真：release：回答了 99，应为 0 到 3 的序号",
        ),
        ("the simulation took longer than its bound of 300 s", "仿真超过了 300 秒的时限"),
        ("something that nobody foresaw: 7", "something that nobody foresaw: 7"),
    ],
)
def test_a_reason_is_retold(reason: str, chinese: str) -> None:
    assert retold(reason, language("zh")) == chinese
    assert retold(reason, language("en")) == reason


def test_a_decision_that_the_lab_no_longer_allows_is_told_in_one_language() -> None:
    decision = DecisionError([FieldError("a", "9", "≤ 1", Text(zh="甲太多。", en="Too many a."))] * 2)
    reason = reasons.LAB_CHANGED % {"why": decision}
    assert retold(reason, language("zh")).endswith("：甲太多。\n甲太多。")
    assert retold(reason, language("en")).endswith(": Too many a.\nToo many a.")


@pytest.mark.parametrize(
    "reason", sorted(text for name, text in vars(reasons).items() if name.isupper() and isinstance(text, str))
)
def test_every_reason_has_a_chinese_text_and_is_recognised(reason: str) -> None:
    values = dict.fromkeys(re.findall(r"%\((\w+)\)s", reason), "7")
    said = retold(reason % values, language("zh"))
    assert said != reason % values
    assert said == language("zh").say(reason, **values)
