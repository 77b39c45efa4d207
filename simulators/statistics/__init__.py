"""Statistics of simulation output: warm-up, intervals, sequential sampling, comparison, selection, controls.

Pure functions on arrays, and on callables that give replications by number; a result never depends on how the
replications are cut into calls.
"""

from simulators.statistics.allocation import Allocation, ocba, ocba_shares
from simulators.statistics.comparison import Difference, compare_all, compare_with_control, paired_t
from simulators.statistics.errors import RunLongerError, SampleError, SettingError, StatisticsError
from simulators.statistics.intervals import BatchMeans, Interval, batch_means_interval, half_widths, t_interval
from simulators.statistics.selection import Selection, kim_nelson
from simulators.statistics.sequential import SequentialSample, sample_until
from simulators.statistics.variance import ControlledMean, control_variates
from simulators.statistics.warm_up import WarmUp, mser

__all__ = [
    "Allocation",
    "BatchMeans",
    "ControlledMean",
    "Difference",
    "Interval",
    "RunLongerError",
    "SampleError",
    "Selection",
    "SequentialSample",
    "SettingError",
    "StatisticsError",
    "WarmUp",
    "batch_means_interval",
    "compare_all",
    "compare_with_control",
    "control_variates",
    "half_widths",
    "kim_nelson",
    "mser",
    "ocba",
    "ocba_shares",
    "paired_t",
    "sample_until",
    "t_interval",
]
