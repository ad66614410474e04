"""The intervals by name, and the one taken unasked."""

import inspect

from evstats.errors import ArgumentError
from evstats.estimators import Estimation
from evstats.intervals.base import Interval
from evstats.registry import Registry
from evstats.text.arguments import Setting, Text

#: The intervals by name, as ``interval=`` takes them.
INTERVALS: Registry[type[Interval]] = Registry(
    "interval",
    where={
        "exact": "evstats.intervals.exact:Exact",
        "delta": "evstats.intervals.delta:Delta",
        "profile": "evstats.intervals.likelihood_ratio:ProfileLikelihood",
        "bartlett": "evstats.intervals.likelihood_ratio:Bartlett",
        "rstar": "evstats.intervals.likelihood_ratio:RStar",
        "calibrated": "evstats.intervals.likelihood_ratio:Calibrated",
        "composite": "evstats.intervals.composite:Composite",
        "bootstrap": "evstats.intervals.bootstrap:Bootstrap",
        "bulletin": "evstats.intervals.bulletin:Bulletin",
        "credible": "evstats.intervals.credible:Credible",
        "severini": "evstats.intervals.severini:Severini",
        "threshold-bootstrap": "evstats.thresholds.chosen_anew:ThresholdBootstrap",
    },
    absent={
        **dict.fromkeys(("normal", "wald", "asymptotic", "mvn", "standard"), "take 'delta'"),
        **dict.fromkeys(("percentile", "basic", "bca", "studentized"), "it is of the bootstrap, Bootstrap(ci='bca')"),
        **dict.fromkeys(
            ("nonparametric", "parametric"), "it is a kind of bootstrap, Bootstrap(4_000, 'nonparametric')"
        ),
        **dict.fromkeys(("likelihood", "lr", "lrt", "proflik"), "take 'profile'"),
        **dict.fromkeys(("bayesian", "posterior", "hpd", "hdi"), "take 'credible', of a fit by 'bayes'"),
    },
)

#: The kinds of interval in order of preference: unasked, the first that exists for family and estimator is taken.
PREFERRED = ("exact", "bulletin", "rstar", "credible", "calibrated", "composite", "delta")
#: Of observations that are known by bounds, of which many may be asked at once.
PREFERRED_OF_BOUNDS = ("bulletin", "credible", "severini", "delta")


def chosen(interval: str | Interval | type[Interval] | None, estimation: Estimation) -> Interval:
    """An interval from its name, class or object; None is the preferred one for the family and the estimator.

    Parameters
    ----------
    interval
        Name, class, object or None.
    estimation
        What was fitted: data, design, family, estimator and estimate.

    Returns
    -------
    Interval
        One that exists for the estimation.

    Raises
    ------
    ArgumentError
        If there is no such interval, or it does not exist for the family or the estimator; the message says which do.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
    >>> ev.intervals.chosen(None, fit.estimation).name
    'exact'
    """
    if interval is None:
        kinds = (INTERVALS[name]() for name in (PREFERRED_OF_BOUNDS if estimation.design.bounded else PREFERRED))
        return next(kind for kind in kinds if kind.refused(estimation) is None)
    found = resolved(interval)
    if refusal := found.refused(estimation):
        there = ", ".join(repr(name) for name, kind in INTERVALS.items() if kind().refused(estimation) is None)
        raise ArgumentError(
            refusal,
            f"For {estimation.called_family} by {estimation.estimator.label} there are {there}.",
            argument="interval",
        )
    return found


def resolved(interval: str | Interval | type[Interval]) -> Interval:
    """An interval from its name, class or object, whatever it is asked of.

    Parameters
    ----------
    interval
        Name, class or object.

    Returns
    -------
    Interval
        An object.

    Raises
    ------
    ArgumentError
        If there is no such interval.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.intervals.resolved("delta")
    Delta()
    """
    found = INTERVALS[interval]() if isinstance(interval, str) else interval
    if isinstance(found, type) and issubclass(found, Interval) and not inspect.isabstract(found):
        found = found()
    if not isinstance(found, Interval):
        raise ArgumentError(
            Text(Setting("interval"), f" is {interval!r}"),
            f"expected one of {', '.join(map(repr, INTERVALS))}, or an object.",
        )
    return found


def has_interval(interval: str | Interval, estimation: Estimation) -> bool:
    """Whether an interval that is known exists for the family and the estimator.

    Parameters
    ----------
    interval
        A known name, or an object.
    estimation
        What was fitted: data, design, family, estimator and estimate.

    Returns
    -------
    bool
        Whether it is not refused.

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel")
    >>> ev.intervals.has_interval("exact", fit.estimation), ev.intervals.has_interval("credible", fit.estimation)
    (True, False)
    """
    found = INTERVALS[interval]() if isinstance(interval, str) else interval
    return found.refused(estimation) is None
