"""The embedded Redis server, a real one."""

import os
from pathlib import Path

import pytest
import redis

from shixun.children import Children
from shixun.embedded_redis import redis_answers, redis_command, redis_dir, redis_socket, redis_url
from shixun.errors import StartError


def _start(children: Children, data_dir: Path) -> redis.Redis:
    redis_dir(data_dir).mkdir(exist_ok=True)
    children.start(
        "Redis",
        redis_command(data_dir),
        environment=os.environ,
        folder=redis_dir(data_dir),
        log=data_dir / "redis.log",
        grace_s=10,
    )
    while not redis_answers(redis_url(data_dir)):
        children.check()
    return redis.Redis.from_url(redis_url(data_dir), decode_responses=True)


def test_what_was_written_survives_a_restart(tmp_path: Path) -> None:
    children = Children()
    try:
        with _start(children, tmp_path) as client:
            client.set("submission", "1")
        children.stop()
        assert not redis_answers(redis_url(tmp_path))
        with _start(children, tmp_path) as client:
            assert client.get("submission") == "1"
    finally:
        children.stop()


def test_only_its_owner_may_talk_to_it(tmp_path: Path) -> None:
    children = Children()
    try:
        with _start(children, tmp_path) as client:
            assert client.config_get("port") == {"port": "0"}
        assert redis_socket(tmp_path).stat().st_mode & 0o777 == 0o700
    finally:
        children.stop()


def test_a_socket_path_too_long_for_the_system_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"at most 107.*SHIXUN_DATA_DIR"):
        redis_socket(tmp_path / ("x" * 100))
