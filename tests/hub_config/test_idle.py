"""Sessions that nobody uses, at a real hub."""

import time
from typing import Any


def test_a_session_that_nobody_uses_is_stopped_and_its_files_stay(training_base: Any) -> None:
    base = training_base("process", idle_stop_s="6")
    base.start_session("student")
    mark = base.data_dir / "homes/student/work.txt"
    mark.write_text("十二", encoding="utf-8")
    deadline = time.monotonic() + 120
    with base.browse("student") as client:
        # Asking the hub is not using the session.
        while client.get("/hub/api/users/student").raise_for_status().json()["servers"]:
            assert time.monotonic() < deadline, base.log()[-4000:]
            time.sleep(0.5)
    assert mark.read_text(encoding="utf-8") == "十二"
