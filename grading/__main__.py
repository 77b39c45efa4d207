"""``python -m grading``: serve the API and the pages where JupyterHub wants them."""

from __future__ import annotations

import logging

import uvicorn

from grading.app import create_app, create_service
from grading.settings import GradingSettings, HubConnection


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log every question to the hub
    connection = HubConnection()
    service = create_service(GradingSettings(), connection)
    host, port = connection.address
    try:
        uvicorn.run(create_app(service), host=host, port=port, log_config=None, access_log=False)
    finally:
        service.close()


if __name__ == "__main__":
    main()
