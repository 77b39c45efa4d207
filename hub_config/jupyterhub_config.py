"""The file that JupyterHub reads; everything it says comes from `hub_config.configure`."""

from hub_config.configure import configure
from hub_config.database import write_ahead
from hub_config.pools import open_pools
from hub_config.settings import HubSettings

# JupyterHub puts get_config into this file's namespace; whoever else imports the file configures nothing.
if get_config := globals().get("get_config"):
    configure(get_config(), HubSettings())
    open_pools(get_config())
    write_ahead()
