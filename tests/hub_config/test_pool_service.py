"""The pool service: figures, and what it refuses. Who gets in is in test_warm_sessions, with a real hub."""

from pathlib import Path

from hub_config.pool_board import Asked, PoolBoard, PoolState, PoolStatus, WaitingPerson
from hub_config.pool_service import pool_metrics

POOL = PoolState(image="shixun-lab:latest", size=2, wanted=5, waiting=4, hits=9, misses=1, dead=0, claim_median_s=0.03)
LINE = (WaitingPerson(name="anne", position=1, reason="full", estimate_s=None),)


def test_hub_and_service_understand_each_other(tmp_path: Path) -> None:
    board = PoolBoard(tmp_path)
    assert board.status() is None
    assert board.asked() == Asked()
    status = PoolStatus(written=1.0, pools=(POOL,), line=LINE, starting=3)
    board.tell(status)
    board.resize("shixun-lab:latest", 7)
    board.resize("other:latest", 1)
    assert PoolBoard(tmp_path).status() == status
    board.drain(True)
    assert PoolBoard(tmp_path).asked() == Asked(sizes={"shixun-lab:latest": 7, "other:latest": 1}, draining=True)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_metrics_are_prometheus_text() -> None:
    text = pool_metrics(PoolStatus(written=1.0, pools=(POOL,), line=LINE, starting=3)).decode()
    assert 'shixun_pool_waiting{image="shixun-lab:latest"} 4.0' in text
    assert 'shixun_pool_claims_total{image="shixun-lab:latest",outcome="hit"} 9.0' in text
    assert "shixun_line_length 1.0" in text
    assert "shixun_starting 3.0" in text
