"""The settings of the whole training base: the hub's, the grading service's and the simulations' together."""

import os
from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from grading.settings import GradingSettings
from hub_config.errors import SettingsError
from hub_config.settings import PREFIX, HubSettings, known_variables, refuse_unknown
from shixun.simulation_settings import SimulationSettings

# The first that has a field describes it.
SETTINGS: tuple[type[BaseSettings], ...] = (HubSettings, GradingSettings, SimulationSettings)


def load_settings(environ: Mapping[str, str] = os.environ) -> HubSettings:
    """Read the hub's settings, having checked that every setting is known and within its bounds.

    Parameters
    ----------
    environ
        The environment in which to look for unknown settings; values are read from the process's own.

    Returns
    -------
    HubSettings
        The hub's settings.

    Raises
    ------
    SettingsError
        When a setting is unknown or out of bounds.
    """
    refuse_unknown(environ, known_variables(field for owner in SETTINGS for field in owner.model_fields))
    try:
        GradingSettings()
        SimulationSettings()
        return HubSettings()
    except ValidationError as error:
        raise SettingsError(describe(error)) from None


def describe(error: ValidationError) -> str:
    """Word what pydantic found wrong with settings, by the variables' names.

    Parameters
    ----------
    error
        What constructing a settings class raised.

    Returns
    -------
    str
        One line a fault.
    """
    faults = []
    for fault in error.errors(include_url=False):
        name = PREFIX + "_".join(str(part) for part in fault["loc"]).upper()
        faults.append(f"{name}={fault['input']!r}: {fault['msg']}; see docs/settings.md")
    return "\n".join(faults)
