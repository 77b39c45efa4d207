"""The grading service, its worker, the session gate and the pool service, which the hub starts and stops."""

import sys
from collections.abc import Mapping
from pathlib import Path

from traitlets.config import Config

from hub_config.internal_tls import tls_dir
from hub_config.ports import find_free_ports
from hub_config.roles import BROWSER_SCOPES
from hub_config.routing import hub_url
from hub_config.settings import PREFIX, HubSettings, Session, known_variables

GRADING_PATH = "/services/grading/"

# A busy machine takes its time; a hub whose service does not answer by then ends.
_ANSWER_S = 120


def secret_file(data_dir: Path) -> Path:
    """Name the file of the grading service's secret in a data folder."""
    return data_dir / "grading.secret"


def grading_url(settings: HubSettings, host: str) -> str:
    """Build the address at which sessions reach the grading service, without a trailing slash.

    Parameters
    ----------
    settings
        The hub's settings.
    host
        The address at which hub and services listen for sessions.

    Returns
    -------
    str
        The address.

    Examples
    --------
    >>> grading_url(HubSettings(), "127.0.0.1")
    'http://127.0.0.1:8082/services/grading'
    """
    return f"http://{host}:{settings.grading_port}{GRADING_PATH}".rstrip("/")


def service_environment(settings: HubSettings, session: Session, environ: Mapping[str, str]) -> dict[str, str]:
    """Build what the grading service and its worker are told.

    Parameters
    ----------
    settings
        The hub's settings.
    session
        How sessions run, so that pages can warn where they are not isolated.
    environ
        The hub's environment; ``SHIXUN_`` variables that are not the hub's own settings are the services' and
        are passed on as they are.

    Returns
    -------
    dict[str, str]
        Environment variables.
    """
    own = known_variables(HubSettings.model_fields)
    passed = {name: value for name, value in environ.items() if name.startswith(PREFIX) and name not in own}
    named_secret = {"SHIXUN_GRADING_SECRET_FILE": str(secret_file(settings.data_dir))}
    return named_secret | passed | {"SHIXUN_DATA_DIR": str(settings.data_dir), "SHIXUN_SESSION": session}


def hub_environment(settings: HubSettings, environ: Mapping[str, str]) -> dict[str, str]:
    """Build what a service of the hub's own is told: the hub's settings, and the way to the Docker engine."""
    own = known_variables(HubSettings.model_fields)
    passed = {name: value for name, value in environ.items() if name in own or name.startswith("DOCKER_")}
    return passed | {"SHIXUN_DATA_DIR": str(settings.data_dir)}


def gate_command(settings: HubSettings, host: str) -> list[str]:
    """Build the command of the session gate."""
    command = [sys.executable, "-m", "hub_config.gate", host, str(settings.hub_port), hub_url(settings)]
    return [*command, str(tls_dir(settings, host))] if settings.internal_tls else command


def idle_culler_command(settings: HubSettings, host: str) -> list[str]:
    """Build the command of what stops sessions that nobody uses."""
    command = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={settings.idle_stop_s}"]
    if settings.internal_tls:
        command += ["--ssl-enabled", f"--internal-certs-location={tls_dir(settings, host)}"]
    return command


def apply_services(c: Config, settings: HubSettings, session: Session, host: str, environ: Mapping[str, str]) -> None:
    """Set the services, and let people arrive at the grading service's list of labs."""
    c.DirectoryAuthenticator.grading_url = grading_url(settings, host)
    environment = service_environment(settings, session, environ)
    services: list[dict[str, object]] = [
        {
            "name": "grading",
            "url": f"http://{host}:{settings.grading_port}",
            "command": [sys.executable, "-m", "grading"],
            "timeout": _ANSWER_S,
            "environment": environment,
            "oauth_client_allowed_scopes": list(BROWSER_SCOPES),
            "oauth_no_confirm": True,
            "display": False,
        },
        {
            "name": "grading-worker",
            "command": [sys.executable, "-m", "grading.worker"],
            "environment": environment,
            "display": False,
        },
    ]
    if session != "process":
        services.append(
            {
                "name": "session-gate",
                "command": gate_command(settings, host),
                "environment": {"SHIXUN_DATA_DIR": str(settings.data_dir)},
                "display": False,
            }
        )
        # The hub's own may not be listened on yet.
        taken = {settings.port, settings.hub_port, settings.grading_port, settings.proxy_api_port}
        port = settings.pool_port or next(each for each in find_free_ports(len(taken) + 1) if each not in taken)
        services.append(
            {
                "name": "pool",
                "url": f"http://127.0.0.1:{port}",
                "command": [sys.executable, "-m", "hub_config.pool_entry", str(port)],
                "timeout": _ANSWER_S,
                "environment": hub_environment(settings, environ),
                "oauth_no_confirm": True,
                "display": False,
            }
        )
    if settings.idle_stop_s:
        services.append(
            {
                "name": "idle-culler",
                "command": idle_culler_command(settings, host),
                "environment": {"SHIXUN_DATA_DIR": str(settings.data_dir)},
                "display": False,
            }
        )
    c.JupyterHub.services = services
    c.JupyterHub.default_url = GRADING_PATH
