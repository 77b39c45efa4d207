"""The grading service: durable submissions, held-out re-simulation, learning accounts.

It runs as two JupyterHub-managed services: ``python -m grading`` answers the API and the pages,
``python -m grading.worker`` re-simulates what was submitted and appends the outcomes.
"""

# The web application is not imported here: the worker and its child processes start without it.
from grading.chain import verify
from grading.settings import GradingSettings

__all__ = ["GradingSettings", "verify"]
