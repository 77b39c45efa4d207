"""Labs made of a trace: an instructor's own jobs become a lab like ``batch-scheduling``, with weeks held out."""

from labs.trace_lab.errors import TraceLabError
from labs.trace_lab.making import MadeLab, make
from labs.trace_lab.weeks import Machine, Weeks, machine_of, split

__all__ = ["Machine", "MadeLab", "TraceLabError", "Weeks", "machine_of", "make", "split"]
