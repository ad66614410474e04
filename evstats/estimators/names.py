"""The estimators by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evstats.estimators.base import Estimator
from evstats.models.penalties import ColesDixon, MartinsStedinger, Penalty
from evstats.registry import Registry

if TYPE_CHECKING:
    from evstats.estimators.duration_regression import DurationRegression
    from evstats.estimators.regression import Regression

ESTIMATORS: Registry[type[Estimator]] = Registry(
    "method",
    where={
        "mle": "evstats.estimators.likelihood:MaximumLikelihood",
        "moments": "evstats.estimators.moments:Moments",
        "lmoments": "evstats.estimators.lmoments:LMoments",
        "bayes": "evstats.estimators.bayes:Bayes",
        "expected-moments": "evstats.estimators.expected_moments:ExpectedMoments",
    },
)

#: The estimations in which parameters follow covariates, by the kind of trend that asks for them.
REGRESSIONS: Registry[type[Regression]] = Registry(
    "kind of trend",
    where={
        "shift": "evstats.estimators.regression:Regression",
        "scale": "evstats.estimators.proportional:ProportionalRegression",
    },
)


def regression_of(kind: str, *, peaks: bool, bounded: bool = False) -> type[Regression]:
    """The estimation in which parameters follow covariates, by the kind of trend; of peaks, and of observations known
    by bounds, their own.
    """
    if bounded:
        from evstats.estimators.bounded_regression import BoundedRegression

        return BoundedRegression
    if not peaks:
        return REGRESSIONS[kind]
    from evstats.estimators.peaks_regression import PeaksRegression

    return PeaksRegression


def regression_of_durations() -> type[DurationRegression]:
    """The estimation of maxima of several durations."""
    from evstats.estimators.duration_regression import DurationRegression

    return DurationRegression


def as_estimator(method: str | Estimator | type[Estimator]) -> Estimator:
    """An estimator from its name, class or object; an unknown name is an error that lists the known ones."""
    if isinstance(method, Estimator):
        return method
    if isinstance(method, type) and issubclass(method, Estimator):
        return method()
    return ESTIMATORS[method]()


__all__ = [
    "ESTIMATORS",
    "REGRESSIONS",
    "ColesDixon",
    "MartinsStedinger",
    "Penalty",
    "as_estimator",
    "regression_of",
    "regression_of_durations",
]
