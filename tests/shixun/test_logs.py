"""Logs that do not grow for ever."""

from pathlib import Path

from shixun.logs import rotate


def test_a_long_log_is_set_aside_while_somebody_writes_it(tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    with log.open("ab", buffering=0) as writer:
        for part in (b"first", b"second", b"third", b"fourth"):
            writer.write(part)
            assert rotate(tmp_path, longest_bytes=5, kept=2) == [log]
        writer.write(b"now")
    assert log.read_bytes() == b"now"
    assert (tmp_path / "hub.log.1").read_bytes() == b"fourth"
    assert (tmp_path / "hub.log.2").read_bytes() == b"third"
    assert not (tmp_path / "hub.log.3").exists()


def test_a_short_log_stays(tmp_path: Path) -> None:
    (tmp_path / "hub.log").write_bytes(b"short")
    assert rotate(tmp_path) == []
    assert (tmp_path / "hub.log").read_bytes() == b"short"
