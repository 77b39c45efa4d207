"""The JupyterHub deployment of a training base: settings, accounts, roles, services, sessions, images.

Everything that JupyterHub is told is told by pure functions named ``apply_*``, which set traits of a
`traitlets.config.Config` and never append to what they find; `hub_config.configure` calls them in order and
``jupyterhub_config.py`` only calls that.
"""

from hub_config.errors import (
    AccountsError,
    ClosedError,
    EngineError,
    FirewallError,
    HubConfigError,
    ImageError,
    PlanError,
    SettingsError,
)
from hub_config.settings import HubSettings

__all__ = [
    "AccountsError",
    "ClosedError",
    "EngineError",
    "FirewallError",
    "HubConfigError",
    "HubSettings",
    "ImageError",
    "PlanError",
    "SettingsError",
]
