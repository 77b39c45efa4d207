"""At most one training base runs on a data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shixun.errors import StartError


@contextmanager
def sole_owner(data_dir: Path) -> Iterator[None]:
    """Hold a data folder for this process; the system lets go of it when the process ends, however it ends.

    Parameters
    ----------
    data_dir
        The folder.

    Raises
    ------
    StartError
        When another process holds it.
    """
    descriptor = os.open(data_dir / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            msg = (
                f"data_dir={str(data_dir)!r}: a training base runs on it already (pid {file.read().strip()}). "
                "Stop that one (Ctrl-C in its terminal), or set SHIXUN_DATA_DIR to another folder."
            )
            raise StartError(msg) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
