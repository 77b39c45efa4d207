"""What can go wrong when a training base is started, beyond the hub's own `hub_config.HubConfigError`."""


class StartError(Exception):
    """The training base cannot be started, or a part of it died; the message says what to do."""
