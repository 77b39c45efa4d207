"""What a person is told when a session cannot be started or has died, in plain words."""

import logging
import time
from collections.abc import Mapping
from threading import Thread
from typing import Any

import docker
import requests.exceptions
from docker.errors import APIError, DockerException

from hub_config.network import LABEL as NETWORK_LABEL

__all__ = ["Endings", "start_words"]

_log = logging.getLogger(__name__)
_PAUSE_S = 2.0
_FILES_SAFE = ("您的文件都在。", "Your files are safe.")


def start_words(error: Exception, image: str) -> str:
    """Word why a session could not be started.

    Parameters
    ----------
    error
        What the Docker engine, or the way to it, said.
    image
        Image of the session.

    Returns
    -------
    str
        Both languages, for a student; her administrator finds the error itself in the hub's log.

    Examples
    --------
    >>> start_words(OSError("No space left on device"), "shixun-lab:latest").split(" · ")[1]
    "The training base's disk is full. Your files are safe. Tell your instructor."
    """
    said = str(error).lower()
    if isinstance(error, APIError) and error.status_code == requests.codes.not_found and "image" in said:
        words = (
            f"实训镜像 {image} 不在服务器上。请联系管理员。",
            f"The image {image} is missing. Tell your administrator, who builds or loads it.",
        )
    elif "no space left" in said:
        words = (
            f"服务器磁盘已满。{_FILES_SAFE[0]}请告诉老师。",
            (f"The training base's disk is full. {_FILES_SAFE[1]} Tell your instructor."),
        )
    elif isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.Timeout | ConnectionError):
        words = (
            f"会话引擎暂时没有响应。{_FILES_SAFE[0]}请过一会儿再试。",
            (f"The engine that runs sessions does not answer just now. {_FILES_SAFE[1]} Try again in a while."),
        )
    else:
        words = (
            f"会话没有启动成功。{_FILES_SAFE[0]}请再试一次，仍不行请告诉老师。",
            (f"The session did not start. {_FILES_SAFE[1]} Try once more, and tell your instructor if that fails."),
        )
    return " · ".join(words)


class Endings:
    """Listens to the engine and remembers which sessions died for want of memory.

    Parameters
    ----------
    network
        The sessions' network, which their containers bear as a label.
    """

    def __init__(self, network: str) -> None:
        self._network = network
        self._short: set[str] = set()
        self._died: set[str] = set()
        self._thread: Thread | None = None

    def __deepcopy__(self, memo: object) -> "Endings":
        """Stay one where traitlets copies a configuration."""
        return self

    def open(self) -> None:
        """Begin to listen, in a thread of its own."""
        if self._thread is None:
            self._thread = Thread(target=self._listen, name="endings", daemon=True)
            self._thread.start()

    def forget(self, container: str) -> None:
        """Forget how a container's predecessor ended: a new one starts."""
        self._short.discard(container)
        self._died.discard(container)

    def words(self, container: str) -> str:
        """Word how a container ended; empty where nothing is known or it was stopped."""
        if container not in self._died:
            return ""
        return (
            "您的会话用完了内存，被系统结束。文件都在，请重新启动；请减少重复次数，或不要同时打开太多笔记本。 · "
            "Your session ran out of memory and was ended. Your files are safe: start it again, with fewer "
            "replications or fewer notebooks at a time."
        )

    def heard(self, event: Mapping[str, Any]) -> None:
        """Take note of one event of the engine."""
        attributes = event.get("Actor", {}).get("Attributes", {})
        name = str(attributes.get("name", ""))
        match event.get("Action"):
            case "oom":
                self._short.add(name)
            case "die" if name in self._short and attributes.get("exitCode") == "137":
                self._died.add(name)
            case _:
                pass

    def _listen(self) -> None:
        while True:
            try:
                client = docker.from_env()
                try:
                    filters = {"label": f"{NETWORK_LABEL}={self._network}", "event": ["oom", "die"]}
                    for event in client.events(decode=True, filters=filters):
                        self.heard(event)
                finally:
                    client.close()
            except (DockerException, requests.exceptions.RequestException, OSError) as error:
                _log.warning("The engine's events cannot be heard now: %s", error)
            time.sleep(_PAUSE_S)
