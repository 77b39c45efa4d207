"""Settings of the grading service, read from the environment."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from labs import CATALOG

__all__ = ["GradingSettings", "HubConnection"]


class GradingSettings(BaseSettings):
    """What an administrator can choose, as ``SHIXUN_*`` variables.

    Examples
    --------
    >>> GradingSettings(data_dir="var", _env_file=None).database
    'sqlite:///var/grading.sqlite3'
    """

    model_config = SettingsConfigDict(env_prefix="SHIXUN_", frozen=True, extra="forbid")

    data_dir: Path = Field(
        default=Path("var"), description="Folder of everything the training base writes (made when missing)."
    )
    database_url: str | None = Field(
        default=None,
        description="SQLAlchemy address of the database, `postgresql+psycopg://…` or `sqlite:///…`; "
        "by default `grading.sqlite3` in the data folder.",
    )
    redis_url: str | None = Field(
        default=None,
        description="Redis that wakes the grading worker at once, `redis://…` or `unix://…`; without it the "
        "worker looks into the database every second.",
    )
    session: Literal["auto", "docker", "process", "swarm"] = Field(
        default="auto",
        description="How the sessions of students run: in containers or, not isolated, as local processes. "
        "`auto` takes containers where a Docker engine answers.",
    )
    grading_secret_file: Path | None = Field(
        default=None,
        description="File with at least 32 random bytes as hexadecimal digits, from which the held-out seeds "
        "are derived; by default `grading.secret` in the data folder.",
    )
    grading_lease_s: float = Field(
        default=30.0, ge=1.0, le=3600.0, description="Seconds after which a silent worker loses a submission."
    )
    grading_timeout_s: float = Field(
        default=300.0,
        ge=1.0,
        le=86_400.0,
        description="Seconds of processor time that one re-simulation may take; five times as long by the clock.",
    )
    grading_catalog: Path | None = Field(
        default=None,
        description="Folder of the labs that the grading service offers and grades, with their rubrics; by default "
        "the labs that are built in, which sessions hold in any case.",
    )
    grading_waiting_limit: int = Field(
        default=20, ge=1, le=100_000, description="Submissions of one learner that may wait at a time."
    )
    grading_requests_per_minute: int = Field(
        default=600, ge=1, le=10_000_000, description="Requests of one person to the grading service in a minute."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Form of the grading service's log: lines to read, or one JSON object a line."
    )
    policy_sandbox: Literal["auto", "docker", "bubblewrap", "off"] = Field(
        default="auto",
        description="Where students' Python policies run: `docker` (containers), `bubblewrap`, or `auto`: the first "
        "that is there. With neither, and with `off`, no policy is accepted; a lab that takes decisions without one "
        "still does.",
    )
    policy_image: str = Field(
        default="shixun-lab:latest", description="Image of the containers in which policies run; it needs `python3`."
    )
    pdf_font: Path = Field(
        default=Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
        description="TrueType or OpenType font, with Chinese characters, of transcripts as PDF.",
    )
    timezone: str = Field(default="Asia/Shanghai", description="Time zone of the dates on the pages.")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            message = f"database_url = {value!r} must begin with sqlite:/// or postgresql+psycopg://"
            raise ValueError(message)
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (LookupError, ValueError, OSError) as error:
            message = f"timezone = {value!r} is not a time zone; name one like Asia/Shanghai"
            raise ValueError(message) from error
        return value

    @property
    def catalog(self) -> Path:
        """Folder of the labs."""
        return self.grading_catalog or CATALOG

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'grading.sqlite3'}"

    @property
    def secret_file(self) -> Path:
        """File of the secret behind the held-out seeds."""
        return self.grading_secret_file or self.data_dir / "grading.secret"


class HubConnection(BaseSettings):
    """What JupyterHub tells a service that it manages, as ``JUPYTERHUB_*`` variables."""

    model_config = SettingsConfigDict(env_prefix="JUPYTERHUB_", frozen=True, extra="ignore")

    api_token: str = Field(min_length=1, description="Token of this service.")
    api_url: str = Field(default="http://127.0.0.1:8081/hub/api", description="JupyterHub's API.")
    base_url: str = Field(default="/", description="Path under which the hub is published.")
    service_prefix: str = Field(default="/services/grading/", description="Path of this service.")
    service_url: str = Field(default="http://127.0.0.1:10101", description="Where this service listens.")
    client_id: str = Field(default="service-grading", description="OAuth client of this service.")
    oauth_callback_url: str | None = Field(default=None, description="Where a login comes back to.")

    public_url: str = Field(default="", description="Where the hub is published, if it says so.")
    ssl_keyfile: str = Field(default="", description="Key of this service, where the hub speaks TLS.")
    ssl_certfile: str = Field(default="", description="Certificate of this service, where the hub speaks TLS.")
    ssl_client_ca: str = Field(default="", description="Authorities that this service trusts then.")

    @field_validator("service_prefix", "base_url")
    @classmethod
    def _slashes(cls, value: str) -> str:
        return f"/{value.strip('/')}/" if value.strip("/") else "/"

    @property
    def prefix(self) -> str:
        """Path of this service without its last slash."""
        return self.service_prefix.rstrip("/")

    @property
    def tls(self) -> ssl.SSLContext | bool:
        """How the hub is asked: showing this service's certificate where the hub asks for one, else as usual."""
        if not self.ssl_certfile:
            return True
        context = ssl.create_default_context(cafile=self.ssl_client_ca)
        context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile)
        return context

    @property
    def callback(self) -> str:
        """Where a login comes back to."""
        return self.oauth_callback_url or f"{self.service_prefix}oauth_callback"

    @property
    def authorize_url(self) -> str:
        """The hub's OAuth page, as the browser sees it."""
        return f"{self.base_url}hub/api/oauth2/authorize"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port on which to listen."""
        parts = urlsplit(self.service_url)
        return parts.hostname or "127.0.0.1", parts.port or 80
