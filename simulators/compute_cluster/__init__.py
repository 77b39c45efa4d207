"""Compute clusters: nodes in racks, queues of jobs, and the schedulers between them (kind ``compute_cluster``)."""

from simulators.compute_cluster import compiled_engine, simpy_engine
from simulators.compute_cluster.commands import COMMANDS
from simulators.compute_cluster.errors import TraceError
from simulators.compute_cluster.events import Event, Places, places
from simulators.compute_cluster.example import example
from simulators.compute_cluster.jobs import Checkpoint, Job
from simulators.compute_cluster.kpis import ClusterMeter
from simulators.compute_cluster.machines import Failures, NodeType, Partition, Sleep
from simulators.compute_cluster.running import RunningCluster
from simulators.compute_cluster.scenario import ComputeCluster
from simulators.compute_cluster.scheduling import Multifactor, PlainOrder, Scheduler, TimeSlicing
from simulators.compute_cluster.series import Series, series
from simulators.compute_cluster.service_series import ServiceSeries, service_series
from simulators.compute_cluster.services import Service
from simulators.compute_cluster.sources import JobList, JobMix, LublinFeitelson, MixClass, SwfTrace
from simulators.compute_cluster.swf import LineProblem, Trace, parse_swf, read_swf, write_swf
from simulators.compute_cluster.tariff import Period, Tariff
from simulators.compute_cluster.tracing import trace_of
from simulators.compute_cluster.views import ClusterView, JobView, RunningView
from simulators.compute_cluster.vocabulary import Vocabulary, vocabulary
from simulators.compute_cluster.workload import Workload, workload

DECISIONS = ("schedule",)
"""Who starts next: ``schedule(queue, cluster, now_s)`` names the index of a waiting job, or None."""

__all__ = [
    "COMMANDS",
    "DECISIONS",
    "Checkpoint",
    "ClusterMeter",
    "ClusterView",
    "ComputeCluster",
    "Event",
    "Failures",
    "Job",
    "JobList",
    "JobMix",
    "JobView",
    "LineProblem",
    "LublinFeitelson",
    "MixClass",
    "Multifactor",
    "NodeType",
    "Partition",
    "Period",
    "Places",
    "PlainOrder",
    "RunningCluster",
    "RunningView",
    "Scheduler",
    "Series",
    "Service",
    "ServiceSeries",
    "Sleep",
    "SwfTrace",
    "Tariff",
    "TimeSlicing",
    "Trace",
    "TraceError",
    "Vocabulary",
    "Workload",
    "compiled_engine",
    "example",
    "parse_swf",
    "places",
    "read_swf",
    "series",
    "service_series",
    "simpy_engine",
    "trace_of",
    "vocabulary",
    "workload",
    "write_swf",
]
