"""What can go wrong when a training base is configured and started.

The tree::

    HubConfigError
    ├── SettingsError     a setting is unknown or out of bounds
    ├── AccountsError     the accounts file is missing, malformed or readable by others
    ├── EngineError       no Docker engine answers, or it refuses what is asked
    └── ImageError        a lab image or its base cannot be built
"""


class HubConfigError(Exception):
    """Any fault of the hub's configuration; its message says what to do."""


class SettingsError(HubConfigError):
    """A setting is unknown or out of bounds."""


class AccountsError(HubConfigError):
    """The accounts file is missing, malformed or readable by others."""


class EngineError(HubConfigError):
    """No Docker engine answers, or it refuses what is asked of it."""


class ImageError(HubConfigError):
    """A lab image or its base cannot be built."""
