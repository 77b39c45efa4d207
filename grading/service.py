"""Everything that the routes of one service share."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from grading.bell import Bell
from grading.database import Database
from grading.hub import Hub
from grading.outcomes import Outcomes
from grading.settings import GradingSettings, HubConnection
from grading.shelf import Shelf
from grading.submissions import Submissions

__all__ = ["Service", "service_of"]


@dataclass(frozen=True)
class Service:
    """The parts of a running service."""

    settings: GradingSettings
    connection: HubConnection
    database: Database
    hub: Hub
    bell: Bell
    shelf: Shelf

    @property
    def submissions(self) -> Submissions:
        """The store of submissions."""
        return Submissions(self.database)

    @property
    def outcomes(self) -> Outcomes:
        """The store of outcomes."""
        return Outcomes(self.database)

    def close(self) -> None:
        """Close every connection."""
        self.bell.close()
        self.hub.close()
        self.database.close()


def service_of(request: Request) -> Service:
    """Return the service that answers a request."""
    return cast("Service", request.app.state.service)
