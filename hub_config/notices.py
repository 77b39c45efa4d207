"""Telling people something in their running sessions: the image shows what is put into its folder of notices."""

import json
import logging
from contextlib import closing
from string import ascii_lowercase, digits

from escapism import escape

__all__ = ["NOTICES", "container_name", "put_notice"]

# In the container's memory; ``images/lab/notices`` reads it.
NOTICES = "/tmp/notices"  # noqa: S108 the container's own

_log = logging.getLogger(__name__)
_SCRIPT = f'mkdir -p {NOTICES} && printf %s "$NOTICE" > {NOTICES}/.new && mv {NOTICES}/.new "{NOTICES}/$NAME.json"'


def container_name(network: str, user: str) -> str:
    """Name somebody's container, as DockerSpawner does.

    Parameters
    ----------
    network
        The sessions' network.
    user
        Whose session it is.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> container_name("shixun", "north-001")
    'shixun-north-2d001'
    """
    return f"{network}-{escape(user, safe=set(ascii_lowercase + digits), escape_char='-').lower()}"


def put_notice(container: str, name: str, words: tuple[str, str]) -> bool:
    """Show a notice in a session; one of the same name is replaced.

    Parameters
    ----------
    container
        Name of the session's container.
    name
        What the notice is about, such as ``closing``: letters, digits and hyphens.
    words
        In Chinese and in English.

    Returns
    -------
    bool
        Whether the session has it.
    """
    # Here, because it takes half a second and who imports this module starts with the hub.
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    from hub_config.engine import connect_engine
    from hub_config.errors import EngineError

    notice = json.dumps({"zh": words[0], "en": words[1]}, ensure_ascii=False)
    try:
        with closing(connect_engine()) as client:
            code, _ = client.containers.get(container).exec_run(
                ["sh", "-c", _SCRIPT], environment={"NOTICE": notice, "NAME": name}
            )
    except (EngineError, DockerException, RequestException) as error:
        _log.warning("%s cannot be told %r: %s", container, name, error)
        return False
    return code == 0
