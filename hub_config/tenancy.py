"""Whose a container that was started ahead becomes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hub_config.plan import Limits

__all__ = ["Tenancy"]


@dataclass(frozen=True)
class Tenancy:
    """What a container learns and gets when it becomes somebody's session.

    Attributes
    ----------
    name
        Its new name.
    environment
        Variables that it gains.
    arguments
        Of the single-user server.
    volume
        Name of the volume of the user's files.
    limits
        What the session may use; the container waited with the standard.
    papers
        Makes the archive of the session's certificates, for its address; None: without TLS.
    """

    name: str
    environment: Mapping[str, str]
    arguments: Sequence[str]
    volume: str
    limits: Limits
    papers: Callable[[str], bytes] | None = None
