"""The whole configuration of the hub, from settings."""

import os
from collections.abc import Mapping

from traitlets.config import Config

from hub_config.authentication import apply_authentication
from hub_config.engine import choose_session, connect_engine
from hub_config.headers import apply_headers
from hub_config.help import apply_help
from hub_config.internal_tls import apply_internal_tls
from hub_config.network import ensure_network, guard_sessions
from hub_config.pages import apply_pages
from hub_config.people import Directory
from hub_config.pools import plan_keeper
from hub_config.roles import apply_roles
from hub_config.routing import apply_routing
from hub_config.services import apply_services
from hub_config.settings import HubSettings
from hub_config.spawner import apply_docker_spawner, apply_process_spawner
from hub_config.swarm_spawner import apply_swarm_spawner


def configure(c: Config, settings: HubSettings, environ: Mapping[str, str] = os.environ) -> None:
    """Configure a hub: the one entry of ``jupyterhub_config.py``.

    Parameters
    ----------
    c
        JupyterHub's configuration.
    settings
        The hub's settings.
    environ
        The hub's environment, from which the services' own settings are passed on.

    Raises
    ------
    AccountsError
        When accounts file or rosters are missing, malformed or open to others, or the OpenID provider does not
        answer.
    EngineError
        When containers are demanded and no Docker engine answers.
    FirewallError
        When sessions' way to this machine's other ports must be closed and cannot be.
    """
    directory = Directory(settings.data_dir, settings.identity)
    apply_authentication(c, settings, directory)
    session = choose_session(settings)
    if session != "process":
        client = connect_engine()
        try:
            host = ensure_network(client, settings.docker_network)
            guard_sessions(client, settings, host)
        finally:
            client.close()
        apply_spawner = apply_swarm_spawner if session == "swarm" else apply_docker_spawner
        apply_spawner(c, settings, host, plan_keeper(settings, host))
    else:
        host = "127.0.0.1"
        apply_process_spawner(c, settings, host)
    apply_routing(c, settings)
    apply_internal_tls(c, settings, host)
    apply_services(c, settings, session, host, environ)
    apply_roles(c)
    apply_headers(c, settings)
    apply_help(c)
    apply_pages(c, settings, session, directory)
