"""What people are told when sessions fail."""

import pytest
import requests
from docker.errors import APIError

from hub_config.mishaps import Endings, start_words


def _refusal(status: int, text: str) -> APIError:
    response = requests.Response()
    response.status_code = status
    return APIError(text, response=response, explanation=text)


@pytest.mark.parametrize(
    ("error", "chinese", "english"),
    [
        (_refusal(404, "No such image: lab:9"), "镜像 lab:9 不在", "The image lab:9 is missing"),
        (_refusal(500, "mkdir /x: no space left on device"), "磁盘已满", "disk is full"),
        (requests.exceptions.ConnectionError("refused"), "暂时没有响应", "does not answer just now"),
        (_refusal(500, "OCI runtime create failed"), "没有启动成功", "did not start"),
    ],
)
def test_why_a_session_does_not_start_is_told_in_both_languages(error: Exception, chinese: str, english: str) -> None:
    first, second = start_words(error, "lab:9").split(" · ")
    assert chinese in first
    assert english in second
    assert "OCI" not in second


def _event(action: str, name: str, code: str = "") -> dict[str, object]:
    return {"Action": action, "Actor": {"Attributes": {"name": name, "exitCode": code}}}


def test_only_who_died_for_want_of_memory_is_told_so() -> None:
    endings = Endings("net")
    endings.heard(_event("die", "net-stopped", "137"))
    endings.heard(_event("oom", "net-kernel"))
    endings.heard(_event("oom", "net-anne"))
    endings.heard(_event("die", "net-anne", "137"))
    assert endings.words("net-stopped") == endings.words("net-kernel") == ""
    chinese, english = endings.words("net-anne").split(" · ")
    assert "内存" in chinese
    assert "out of memory" in english
    endings.forget("net-anne")
    assert endings.words("net-anne") == ""
