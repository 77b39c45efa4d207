"""What can go wrong when a training base is configured and started.

The tree::

    HubConfigError
    ├── SettingsError     a setting is unknown or out of bounds
    ├── AccountsError     the accounts file is missing, malformed or readable by others
    │   └── RosterError   rows of a roster are wrong; told in both languages
    ├── ClosedError       somebody asks for a session when none is started
    ├── EngineError       no Docker engine answers, or it refuses what is asked
    ├── FirewallError     the sessions' bridge cannot be closed towards this machine
    ├── PlanError         the file of quotas and bookings is malformed
    ├── PortError         too few ports are free
    ├── SwarmError        no machine of the swarm can run a session now; told to the student, in both languages
    └── ImageError        a lab image or its base cannot be built
"""

from collections.abc import Iterable
from dataclasses import dataclass


class HubConfigError(Exception):
    """Any fault of the hub's configuration; its message says what to do."""


class SettingsError(HubConfigError):
    """A setting is unknown or out of bounds."""


class AccountsError(HubConfigError):
    """The accounts file is missing, malformed or readable by others."""


@dataclass(frozen=True)
class RowFault:
    """One thing wrong with a roster.

    Attributes
    ----------
    row
        Number of the row in the file, from 1; the heads are row 1.
    zh, en
        What is wrong and what to do.
    """

    row: int
    zh: str
    en: str


class RosterError(AccountsError):
    """Rows of a roster are wrong; nothing of it is taken over.

    Parameters
    ----------
    source
        What the message calls the file.
    faults
        Every thing that is wrong.
    """

    def __init__(self, source: str, faults: Iterable[RowFault]) -> None:
        self.faults = tuple(faults)
        told = "; ".join(f"row {each.row}: {each.en}" for each in self.faults[:20])
        super().__init__(f"{source}: {told}; correct it")


class ClosedError(HubConfigError):
    """Somebody asks for a session outside the opening hours of her class, or before maintenance."""


class EngineError(HubConfigError):
    """No Docker engine answers, or it refuses what is asked of it."""


class FirewallError(HubConfigError):
    """The sessions' bridge cannot be closed towards this machine's other services."""


class PlanError(HubConfigError):
    """The file of quotas and bookings is malformed."""


class PortError(HubConfigError):
    """Too few ports are free."""


class SwarmError(HubConfigError):
    """No machine of the swarm can run a session now; the message is told to the student, in both languages."""


class ImageError(HubConfigError):
    """A lab image or its base cannot be built."""
