"""Comparisons of models with covariates: fits, intervals, bootstraps, and optima of the likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import correctness
import numpy as np
import scipy.optimize
import scipy.stats
from measuring import Case, Pair, Row, Sizes
from numpy.typing import NDArray

import evstats as ev

Array = NDArray[np.float64]
Parameters = tuple[float, ...]

PACKAGES = ("evstats", "numpy", "scipy", "openturns")
YEARS = 80
#: A slow rise from -0.3 to 0.9, as the global temperature of the last fifty years has had, with its wander.
RISE = np.linspace(-0.3, 0.9, correctness.OBSERVATIONS) + 0.1 * np.sin(1.3 * np.arange(correctness.OBSERVATIONS))


def maxima(shape: tuple[int, ...] = ()) -> tuple[Array, Array]:
    """Values (..., 80) whose location rises by one scale, and what it rises with."""
    time = np.linspace(0.0, 1.0, YEARS)
    return ev.GEV(1000.0, 300.0, 0.1).rvs((*shape, YEARS), rng=1) + 300.0 * time, time


def by_hand(x: Array, time: Array, method: str = "Nelder-Mead", centred: bool = True) -> Parameters:
    """Location, slope, scale and shape as one writes it down: a likelihood and a general search from the moments."""
    t = time - time.mean() if centred else time
    spread = float(np.std(x))
    start = (
        [float(np.mean(x)) - 0.45 * spread, 0.0, 0.78 * spread, 0.1]
        if method == "Nelder-Mead"
        else [float(np.mean(x)), 0.0, spread, 0.0]  # as in studies of attribution
    )
    options = {"maxiter": 4000, "maxfev": 4000} if method == "Nelder-Mead" else {}
    found = scipy.optimize.minimize(lambda beta: -_height(beta, x, t), start, method=method, options=options)
    return tuple(found.x)


def _height(beta: Array, x: Array, t: Array) -> float:
    """The log-likelihood, -1e10 where there is none."""
    loc, slope, scale, shape = beta
    if scale <= 0.0:
        return -1e10
    z = (x - loc - slope * t) / scale
    if abs(shape) < 1e-8:
        y = z
    else:
        inside = 1.0 + shape * z
        if inside.min() <= 0.0:
            return -1e10
        y = np.log(inside) / shape
    with np.errstate(over="ignore"):
        return max(float(-x.size * math.log(scale) - np.sum((1.0 + shape) * y + np.exp(-y))), -1e10)


def by_openturns(x: Array, time: Array) -> Parameters:
    """Location, slope, scale and shape."""
    import openturns

    openturns.Log.Show(openturns.Log.NONE)
    columns = openturns.Sample(np.column_stack([time, np.ones_like(time)]))
    factory = openturns.GeneralizedExtremeValueFactory()
    found = factory.buildCovariates(openturns.Sample(x[:, None]), columns, [0])  # the constant is added to the location
    slope, loc, scale, shape = found.getOptimalParameter()
    return loc, slope, scale, shape


Peer = Callable[[Array, Array], Parameters]


def many(peer: Peer, count: int, sizes: Sizes) -> Pair:
    """10,000 series against a loop over a few."""
    few = sizes(count)
    values, time = maxima((sizes(10_000),))
    ours = lambda: ev.fit(values, "gev", loc="t", covariates={"t": time})  # noqa: E731
    theirs = lambda: [correctness.tried(lambda x: peer(x, time), row) for row in values[:few]]  # noqa: E731
    return Pair(ours, theirs, len(values) / few)


def one(peer: Peer, sizes: Sizes) -> Pair:
    """One series."""
    values, time = maxima()
    return Pair(lambda: ev.fit(values, "gev", loc="t", covariates={"t": time}), lambda: peer(values, time))


def bootstrap(sizes: Sizes) -> Pair:
    """1,000 replicates of one series, with the level at its end, against one fit by hand."""
    values, time = maxima()
    fit = ev.fit(values, "gev", loc="t", covariates={"t": time})
    way = ev.Bootstrap(max(200, sizes(1000)))
    return Pair(lambda: fit.return_level([100], at={"t": 1.0}, interval=way), lambda: by_hand(values, time))


def limits(what: Callable[[ev.Fit], object], sizes: Sizes) -> Pair:
    """Limits by r* of one series, against one fit of SciPy without covariates."""
    values, time = maxima()
    fit = ev.fit(values, "gev", loc="t", covariates={"t": time})
    return Pair(lambda: what(fit), lambda: scipy.stats.genextreme.fit(values))


def cases() -> list[Case]:
    """All comparisons of speed."""
    hand = "a likelihood written by hand and Nelder-Mead"
    return [
        Case(
            "covariates",
            "GEV with one covariate, 10,000 series of 80",
            hand,
            partial(many, by_hand, 30),
            mark=200,
            rounds=5,
        ),
        Case(
            "covariates",
            "GEV with one covariate, 10,000 series of 80",
            "loop of OpenTURNS' buildCovariates",
            partial(many, by_openturns, 10),
            needs=("openturns",),
            rounds=5,
            quoted=True,
        ),
        Case("covariates", "GEV with one covariate, one series of 80", hand, partial(one, by_hand)),
        Case(
            "covariates",
            "GEV with one covariate, one series of 80",
            "OpenTURNS' buildCovariates",
            partial(one, by_openturns),
            needs=("openturns",),
        ),
        Case(
            "covariates",
            "1,000 bootstrap replicates of one series of 80, and a level in a state",
            f"one fit by {hand}",
            bootstrap,
            mark=1 / 15,
        ),
        Case(
            "covariates",
            "r* limits of one effective level, one series of 80",
            "one fit by scipy.stats.genextreme.fit, constant",
            partial(limits, lambda fit: fit.return_level([100], at={"t": 1.0})),
            mark=0.2,
        ),
        Case(
            "covariates",
            "r* limits of all coefficients, one series of 80",
            "one fit by scipy.stats.genextreme.fit, constant",
            partial(limits, lambda fit: fit.params),
        ),
    ]


# -- optima of the likelihood ------------------------------------------------------------------------------------------


def evstats_trend(x: Array) -> Parameters:
    """Location, slope, scale and shape."""
    told = ev.fit(x, "gev", loc="t", covariates={"t": RISE}).params["estimate"].to_numpy()
    return float(told[0]), float(told[1]), float(np.exp(told[2])), float(told[3])


def log_likelihood(parameters: Parameters, x: Array) -> float:
    """Minus infinity where no interior optimum can be (shape <= -1) or nothing was found."""
    if not (np.isfinite(parameters).all() and parameters[-1] > -1.0):
        return -math.inf
    found = _height(np.array(parameters), x, RISE)
    return -math.inf if found == -1e10 else found


def _searched(x: Array, shape: float) -> float:
    """From the truth; the samples are in standard units."""
    options = {"maxiter": 4000, "maxfev": 4000, "xatol": 1e-8, "fatol": 1e-8}
    start = [0.0, 1.0, 1.0, shape or 0.01]
    found = scipy.optimize.minimize(
        lambda b: -log_likelihood(tuple(b), x), start, method="Nelder-Mead", options=options
    )
    return -float(found.fun)


OPTIMA = correctness.Likelihoods(
    tools={
        "evstats": evstats_trend,
        "scipy": lambda x: by_hand(x, RISE, "BFGS", centred=False),
        "openturns": lambda x: by_openturns(x, RISE),
    },
    units=correctness.UNITS,
    drawn=lambda shape, samples, n: ev.GEV(0.0, 1.0, shape).rvs((samples, n), rng=7) + RISE,
    log_likelihood=log_likelihood,
    searched=_searched,
    samples=20,  # OpenTURNS takes long
)


def optima(sizes: Sizes) -> list[Row]:
    """The share of fits whose log-likelihood is below the best known interior optimum, or that gave no result."""
    return correctness.optima_of(OPTIMA, sizes)
