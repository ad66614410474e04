"""The ways to be sure: confidence intervals, one file each, the registry of their names, and the one taken unasked."""

import inspect

from evstats.errors import ArgumentError
from evstats.estimators import Estimation
from evstats.intervals.base import Answer, Claim, Interval, Simulation, check_confidence
from evstats.intervals.bootstrap import Bootstrap
from evstats.intervals.credible import Credible
from evstats.intervals.delta import Delta
from evstats.intervals.exact import Exact
from evstats.intervals.likelihood_ratio import Bartlett, Calibrated, ProfileLikelihood, RStar
from evstats.intervals.predictive import has_predictive, predictive_levels
from evstats.registry import Registry

INTERVALS: Registry[type[Interval]] = Registry(
    "interval",
    {each.name: each for each in (Exact, Delta, ProfileLikelihood, Bartlett, RStar, Calibrated, Bootstrap, Credible)},
)

#: The kinds of interval in order of preference: unasked, the first that exists for family and estimator is taken.
PREFERRED: tuple[type[Interval], ...] = (Exact, RStar, Credible, Calibrated, Delta)


def chosen(interval: str | Interval | type[Interval] | None, estimation: Estimation) -> Interval:
    """An interval from its name, class or object; None is the preferred one for the family and the estimator.

    Raises
    ------
    ArgumentError
        If there is no such interval, or it does not exist for the family or the estimator; the message says which do.
    """
    if interval is None:
        return next(kind() for kind in PREFERRED if kind().refusal(estimation) is None)
    found = INTERVALS[interval]() if isinstance(interval, str) else interval
    if isinstance(found, type) and issubclass(found, Interval) and not inspect.isabstract(found):
        found = found()
    if not isinstance(found, Interval):
        raise ArgumentError(
            f"interval is {interval!r}; expected one of {', '.join(map(repr, INTERVALS))}, or an object."
        )
    if refusal := found.refusal(estimation):
        there = ", ".join(repr(name) for name, kind in INTERVALS.items() if kind().refusal(estimation) is None)
        raise ArgumentError(
            f"{refusal} For {estimation.family.label} by {estimation.estimator.label} there are {there}."
        )
    return found


def has_interval(interval: str | Interval, estimation: Estimation) -> bool:
    """Whether an interval that is known exists for the family and the estimator."""
    found = INTERVALS[interval]() if isinstance(interval, str) else interval
    return found.refusal(estimation) is None


__all__ = [
    "INTERVALS",
    "PREFERRED",
    "Answer",
    "Bartlett",
    "Bootstrap",
    "Calibrated",
    "Claim",
    "Credible",
    "Delta",
    "Exact",
    "Interval",
    "ProfileLikelihood",
    "RStar",
    "Simulation",
    "check_confidence",
    "chosen",
    "has_interval",
    "has_predictive",
    "predictive_levels",
]
