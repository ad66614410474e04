"""The ways to be sure: confidence intervals, one file each, and the registry of their names."""

from evstats.intervals.base import Answer, Interval, check_confidence
from evstats.intervals.credible import Credible
from evstats.intervals.delta import Delta
from evstats.intervals.exact import Exact
from evstats.intervals.likelihood_ratio import Bartlett, Calibrated, ProfileLikelihood, RStar
from evstats.registry import Registry

INTERVALS: Registry[type[Interval]] = Registry(
    "interval",
    {each.name: each for each in (Exact, Delta, ProfileLikelihood, Bartlett, RStar, Calibrated, Credible)},
)

__all__ = [
    "INTERVALS",
    "Answer",
    "Bartlett",
    "Calibrated",
    "Credible",
    "Delta",
    "Exact",
    "Interval",
    "ProfileLikelihood",
    "RStar",
    "check_confidence",
]
