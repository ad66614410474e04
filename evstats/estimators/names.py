"""The estimators by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evstats.estimators.base import Estimator
from evstats.models.penalties import ColesDixon, MartinsStedinger, Penalty
from evstats.registry import Registry

if TYPE_CHECKING:
    from evstats.estimators.duration_regression import DurationRegression
    from evstats.estimators.regression import Regression

#: The ways to estimate by name, as ``fit(method=)`` takes them.
ESTIMATORS: Registry[type[Estimator]] = Registry(
    "method",
    where={
        "mle": "evstats.estimators.likelihood:MaximumLikelihood",
        "moments": "evstats.estimators.moments:Moments",
        "lmoments": "evstats.estimators.lmoments:LMoments",
        "bayes": "evstats.estimators.bayes:Bayes",
        "expected-moments": "evstats.estimators.expected_moments:ExpectedMoments",
    },
    absent={
        "pwm": "take 'lmoments', which gives the same estimates",
        "gmle": "take MaximumLikelihood(penalty=MartinsStedinger())",
        **dict.fromkeys(("mcmc", "emcee"), "take 'bayes'"),
    },
    aliases={
        **dict.fromkeys(("ml", "maximum-likelihood"), "mle"),
        **dict.fromkeys(("lmom", "lmoment", "l-moments", "l-moment", "lm"), "lmoments"),
        **dict.fromkeys(("mom", "mm", "method-of-moments"), "moments"),
        "bayesian": "bayes",
        "ema": "expected-moments",
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
    """The class of the estimation in which parameters follow covariates.

    Parameters
    ----------
    kind
        The kind of trend, a name in ``REGRESSIONS``.
    peaks
        Whether peaks over a threshold were fitted, which have their own.
    bounded
        Whether observations are known by bounds, which have theirs.

    Returns
    -------
    type of Regression
        The class.

    Raises
    ------
    ArgumentError
        An unknown kind of trend.

    Examples
    --------
    >>> from evstats.estimators.names import regression_of
    >>> regression_of("scale", peaks=False).__name__
    'ProportionalRegression'
    """
    if bounded:
        from evstats.estimators.bounded_regression import BoundedRegression

        return BoundedRegression
    if not peaks:
        return REGRESSIONS[kind]
    from evstats.estimators.peaks_regression import PeaksRegression

    return PeaksRegression


def regression_of_durations() -> type[DurationRegression]:
    """The estimation of maxima of several durations.

    Returns
    -------
    type of DurationRegression
        Loaded when it is asked for.

    Examples
    --------
    >>> from evstats.estimators.names import regression_of_durations
    >>> regression_of_durations().__name__
    'DurationRegression'
    """
    from evstats.estimators.duration_regression import DurationRegression

    return DurationRegression


def as_estimator(method: str | Estimator | type[Estimator]) -> Estimator:
    """An estimator from its name, class or object; an unknown name is an error that lists the known ones.

    Parameters
    ----------
    method
        As ``fit`` takes it.

    Returns
    -------
    Estimator
        An object.

    Raises
    ------
    ArgumentError
        An unknown name.

    Examples
    --------
    >>> from evstats.estimators import as_estimator
    >>> as_estimator("lmoments")
    LMoments()
    """
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
