"""Everything that the routes of one service share."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from grading.access import Reader
from grading.audit import Audit
from grading.bell import Bell
from grading.competencies import Framework
from grading.database import Database
from grading.hints import Hints
from grading.hub import Hub, Identity
from grading.leases import Leases
from grading.limiter import Limiter
from grading.metrics import Metrics
from grading.outcomes import Outcomes
from grading.pace import Pace
from grading.people import People
from grading.regrades import Regrades
from grading.rules import Rules
from grading.seeds import HeldOutSeeds
from grading.settings import GradingSettings, HubConnection
from grading.shelf import Shelf
from grading.submissions import Submissions
from grading.transcripts import Transcripts

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
    seeds: HeldOutSeeds
    frameworks: tuple[Framework, ...]
    metrics: Metrics
    limiter: Limiter
    policies: bool
    pace: Pace

    @property
    def submissions(self) -> Submissions:
        """The store of submissions."""
        return Submissions(self.database)

    @property
    def outcomes(self) -> Outcomes:
        """The store of outcomes."""
        return Outcomes(self.database)

    @property
    def leases(self) -> Leases:
        """Who works on which submission."""
        return Leases(self.database)

    @property
    def rules(self) -> Rules:
        """The store of the classes' rules."""
        return Rules(self.database)

    @property
    def regrades(self) -> Regrades:
        """The store of regrades."""
        return Regrades(self.database)

    @property
    def hints(self) -> Hints:
        """The store of hints."""
        return Hints(self.database)

    @property
    def people(self) -> People:
        """The store of schools, classes and enrolments."""
        return People(self.database)

    @property
    def audit(self) -> Audit:
        """The log of privileged acts."""
        return Audit(self.database)

    @property
    def transcripts(self) -> Transcripts:
        """The standing outcomes of learning accounts."""
        return Transcripts(self.database)

    def reader(self, identity: Identity) -> Reader:
        """Return what somebody may read and manage."""
        return Reader(identity, self.hub, self.people)

    def close(self) -> None:
        """Close every connection."""
        self.bell.close()
        self.hub.close()
        self.database.close()


def service_of(request: Request) -> Service:
    """Return the service that answers a request."""
    return cast("Service", request.app.state.service)
