"""Fetches what the hub has to say to a session on another machine, where it cannot write into the session's folder."""

from __future__ import annotations

import json
import logging

from tornado.httpclient import AsyncHTTPClient, HTTPError

from notices.watch import Notice

__all__ = ["relayed"]

_LONGEST_S = 2.0
_log = logging.getLogger(__name__)


async def relayed(address: str) -> list[Notice]:
    """Ask the relay, which the session reaches in the hub's place.

    Parameters
    ----------
    address
        Where it answers a JSON list of notices.

    Returns
    -------
    list[Notice]
        Its notices; none while it does not answer, as when its machine is started anew.
    """
    try:
        answer = await AsyncHTTPClient().fetch(address, request_timeout=_LONGEST_S, connect_timeout=_LONGEST_S)
    except (OSError, HTTPError) as error:
        _log.warning("The hub's notices cannot be fetched now: %s", error)
        return []
    return [Notice(**each) for each in json.loads(answer.body)]
