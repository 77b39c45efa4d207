"""``python -m grading``: serve the API and the pages where JupyterHub wants them."""

from __future__ import annotations

import logging

import uvicorn

from grading.app import create_app, create_service
from grading.logs import configure
from grading.settings import GradingSettings, HubConnection


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = GradingSettings()
    configure(settings.log_format)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log every question to the hub
    connection = HubConnection()
    service = create_service(settings, connection)
    host, port = connection.address
    try:
        uvicorn.run(
            create_app(service),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            # Streams of events would otherwise keep the service from ending.
            timeout_graceful_shutdown=3,
        )
    finally:
        service.close()


if __name__ == "__main__":
    main()
