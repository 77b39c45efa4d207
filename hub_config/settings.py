"""The settings of the hub, read from environment variables that begin with ``SHIXUN_``."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub_config.errors import SettingsError

PREFIX = "SHIXUN_"

Session = Literal["docker", "process", "swarm"]

_NAME = r"^[a-z0-9][a-z0-9-]{0,30}$"
Port = Annotated[int, Field(ge=1, le=65535)]


class HubSettings(BaseSettings):
    """Where the training base listens, where it keeps its data and how it runs the students' sessions.

    Examples
    --------
    >>> HubSettings(port=9000).public_url
    'http://127.0.0.1:9000'
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data_dir: Path = Field(
        default=Path("var"),
        description="Folder of everything the training base keeps: accounts, databases, logs, homes.",
    )
    address: str = Field(
        default="127.0.0.1",
        description="Address on which the training base is served; 0.0.0.0 serves every network.",
    )
    subdomain_host: str = Field(
        default="",
        pattern=r"^(https?://[a-z0-9.-]+(:[0-9]{1,5})?)?$",
        description=(
            "Address under which every user gets a subdomain, such as https://hub.example.edu.cn with a wildcard "
            "name *.hub.example.edu.cn: pages of one user's session then cannot act on another's. Empty: none."
        ),
    )
    outside_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#/]+)?$",
        description=(
            "Address that browsers open where a web server stands in front, such as https://hub.example.edu.cn; an "
            "OpenID provider sends people back to it. Empty: the one that the browser asked for."
        ),
    )
    port: Port = Field(default=8000, description="Port on which the training base is served.")
    hub_port: Port = Field(
        default=8081,
        description="Internal port of the hub on 127.0.0.1, and of the session gate on the sessions' bridge.",
    )
    grading_port: Port = Field(default=8082, description="Internal port of the grading service, reached by sessions.")
    proxy_api_port: Port = Field(default=8001, description="Internal port of the proxy's interface, on 127.0.0.1 only.")
    pool_port: int = Field(
        default=0, ge=0, le=65535, description="Internal port of the pool service, on 127.0.0.1 only; 0: any free one."
    )
    session: Literal["auto", "docker", "process", "swarm"] = Field(
        default="auto",
        description=(
            "How sessions run: docker (isolated containers), swarm (the same on the machines of a Docker Swarm), "
            "process (local processes, for trying out only), or auto: docker where an engine answers, else process."
        ),
    )
    lab_image: str = Field(
        default="shixun-lab:latest",
        pattern=r"^[a-z0-9][a-z0-9._/:-]*$",
        description="Image of a session's container.",
    )
    more_images: dict[str, Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._/:-]*$")]] = Field(
        default={},
        description=(
            "Further images among which people choose when they start a session, as JSON: the name they read, and the "
            'image, such as {"机器人 · Robots": "robots-lab:2"}.'
        ),
    )
    base_image: str = Field(
        default="",
        description=(
            "Image on which the lab image is built; empty: python:3.12-slim, or a Debian base made by "
            "debootstrap where no image registry answers."
        ),
    )
    ca_bundle: Path | None = Field(
        default=None,
        description=(
            "Certificates that image builds trust, for networks whose proxy re-signs TLS; "
            "unset: the file named by SSL_CERT_FILE, if any."
        ),
    )
    docker_network: str = Field(
        default="shixun",
        pattern=_NAME,
        description="Docker network of the sessions; names of their containers and volumes begin with it.",
    )
    swarm_homes: Path | None = Field(
        default=None,
        description=(
            "Folder of the students' files which every machine of the swarm mounts at the same place, such as one of "
            "NFS; unset: a volume each, which stays on the machine of the student's first session, as she then does."
        ),
    )
    swarm_encrypted: bool = Field(
        default=False,
        description=(
            "Whether what sessions of a swarm send between machines is encrypted; needs IPsec (ESP) in their kernels."
        ),
    )
    firewall: Literal["auto", "required", "off"] = Field(
        default="auto",
        description=(
            "Whether the sessions' bridge is closed towards this machine's other ports (iptables): required, off, "
            "or auto: closed where that can be done, else with a warning in the hub's log."
        ),
    )
    internal_tls: bool = Field(
        default=False,
        description=(
            "Whether hub, proxy and sessions speak TLS with each other and each shows a certificate: without one of "
            "this training base nobody connects to a session."
        ),
    )
    identity: Literal["demo", "roster", "oidc"] = Field(
        default="demo",
        description=(
            "Who may log in: demo (one account a role, printed at start), roster (who stands in the schools' rosters, "
            "with passwords kept here) or oidc (who stands in a roster, recognised by an OpenID Connect provider)."
        ),
    )
    oidc_issuer: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Address of the OpenID Connect provider, whose configuration is found under it.",
    )
    oidc_client_id: str = Field(default="shixun", description="The training base's name at the provider.")
    oidc_client_secret_file: Path | None = Field(
        default=None, description="File that holds the secret which the provider has given the training base."
    )
    oidc_username_claim: str = Field(
        default="preferred_username",
        pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$",
        description="Which of the provider's claims is the name that stands in the roster.",
    )
    memory_limit_mib: int = Field(
        default=1024, ge=128, description="Memory of a session's container, in MiB; it gets no swap."
    )
    cpu_limit_cores: float = Field(default=1.0, gt=0, le=1024, description="Processor cores of a session's container.")
    pids_limit: int = Field(default=256, ge=32, description="Processes and threads of a session's container.")
    pool_size: int = Field(
        default=0,
        ge=0,
        le=500,
        description=(
            "Containers started ahead, so that a session is ready at once; each takes about 65 MB while it waits. "
            "Needs a hub that runs as root on the engine's machine; 0: none."
        ),
    )
    sessions_most: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="Sessions at the same time; who comes when all are taken waits in a line. 0: as many as come.",
    )
    starts_most: int = Field(
        default=8,
        ge=1,
        le=1000,
        description="Sessions being started at the same time; in a rush the others wait in a line.",
    )
    idle_stop_s: int = Field(
        default=3600,
        ge=0,
        description="Seconds after which a session that nobody uses is stopped, its files kept; 0: never.",
    )
    session_longest_s: int = Field(
        default=12 * 3600,
        ge=0,
        description="Seconds after which a session is stopped even while it is used, its files kept; 0: never.",
    )
    closing_warning_s: int = Field(
        default=600,
        ge=0,
        description="Seconds before the end of the opening hours at which sessions are told that they will be stopped.",
    )
    plan_timezone: str = Field(
        default="Asia/Shanghai", description="Time zone of the opening hours in the plan of quotas and bookings."
    )
    renderer: Literal["anywidget", "pythreejs"] = Field(
        default="anywidget",
        description=(
            "What draws twins in notebooks: anywidget (our own module with current three.js), or pythreejs "
            "(Jupyter's older one, whose three.js is of 2018)."
        ),
    )
    language: Literal["zh-CN", "en"] = Field(
        default="zh-CN", description="Language that pages put first; the other stands beside it."
    )

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, data_dir: Path) -> Path:
        # Children of the start command run in other folders.
        return data_dir.expanduser().absolute()

    @model_validator(mode="after")
    def _provider_named(self) -> Self:
        if self.identity == "oidc" and not (self.oidc_issuer and self.oidc_client_secret_file):
            msg = "identity='oidc' needs SHIXUN_OIDC_ISSUER and SHIXUN_OIDC_CLIENT_SECRET_FILE"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _swarm_fits(self) -> Self:
        if self.session == "swarm" and self.pool_size:
            msg = f"session='swarm' has no pool, but pool_size={self.pool_size}: unset SHIXUN_POOL_SIZE"
            raise ValueError(msg)
        if self.session == "swarm" and self.internal_tls:
            msg = (
                "internal_tls=True: a relay passes on plain HTTP to sessions of a swarm; unset SHIXUN_INTERNAL_TLS, "
                "and set SHIXUN_SWARM_ENCRYPTED=true to encrypt what goes between machines"
            )
            raise ValueError(msg)
        if self.swarm_homes is not None and not self.swarm_homes.is_absolute():
            msg = f"swarm_homes={str(self.swarm_homes)!r} must be an absolute path, the same on every machine"
            raise ValueError(msg)
        return self

    @property
    def session_images(self) -> dict[str, str]:
        """The images with which sessions may be started, by the name that people read; the ordinary one first."""
        return {"实训 · Labs": self.lab_image} | self.more_images

    @property
    def internal_scheme(self) -> str:
        """How hub, proxy and sessions speak with each other: ``http``, or ``https``."""
        return "https" if self.internal_tls else "http"

    @property
    def public_url(self) -> str:
        """The address that a browser on this machine opens, without a path."""
        host = "127.0.0.1" if self.address in {"", "0.0.0.0", "::"} else self.address  # noqa: S104 compared only
        return f"http://{host}:{self.port}"


def known_variables(fields: Iterable[str]) -> frozenset[str]:
    """Name the environment variables that belong to fields of settings.

    Parameters
    ----------
    fields
        Field names of one or several settings classes.

    Returns
    -------
    frozenset[str]
        Their variables, in capitals.
    """
    return frozenset(f"{PREFIX}{field}".upper() for field in fields)


def unknown_variables(environ: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """List the ``SHIXUN_`` variables of an environment that no settings class knows.

    Parameters
    ----------
    environ
        An environment such as ``os.environ``.
    known
        The known variables, see `known_variables`.

    Returns
    -------
    list[str]
        The unknown ones, sorted.

    Examples
    --------
    >>> unknown_variables({"SHIXUN_PRT": "9000", "HOME": "/root"}, ["SHIXUN_PORT"])
    ['SHIXUN_PRT']
    """
    known = {name.upper() for name in known}
    return sorted(name for name in environ if name.upper().startswith(PREFIX) and name.upper() not in known)


def refuse_unknown(environ: Mapping[str, str], known: Iterable[str]) -> None:
    """Refuse an environment that sets what no settings class knows, most likely a slip of the pen.

    Parameters
    ----------
    environ
        An environment such as ``os.environ``.
    known
        The known variables, see `known_variables`.

    Raises
    ------
    SettingsError
        When there is an unknown variable.
    """
    known = sorted(known)
    unknown = unknown_variables(environ, known)
    if unknown:
        msg = (
            f"unknown setting{'s' * (len(unknown) > 1)} in the environment: {', '.join(unknown)}. "
            f"Correct or unset {'them' if len(unknown) > 1 else 'it'}; known are {', '.join(known)}."
        )
        raise SettingsError(msg)
