"""The settings of ``shixun simulate``."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub_config.settings import PREFIX


class SimulationSettings(BaseSettings):
    """Where large studies run.

    Examples
    --------
    >>> SimulationSettings(dask_scheduler="tcp://10.0.0.7:8786").dask_scheduler
    'tcp://10.0.0.7:8786'
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    dask_scheduler: str = Field(
        default="",
        pattern=r"^([a-z]+://.+)?$",
        description=(
            "Address of the scheduler of a Dask cluster, `tcp://…:8786`, for `shixun simulate --executor dask`; "
            "empty: a cluster of processes on this machine."
        ),
    )
