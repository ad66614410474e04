"""Comparisons of peaks over a threshold: fits, intervals, the choice of a threshold, and optima of the likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import correctness
import numpy as np
import scipy.optimize
import scipy.stats
from measuring import Case, Pair, Row, Sizes
from numpy.typing import NDArray

import evstats as ev

Array = NDArray[np.float64]
Parameters = tuple[float, ...]

PACKAGES = ("evstats", "numpy", "scipy", "lmoments3", "openturns", "pyextremes", "extremeloss", "insurance-evt")
#: Scale and shape of excesses; peaks in a series, two of them a year.
SCALE, SHAPE, PEAKS = 300.0, 0.1, 50
PERIODS = (10.0, 100.0, 1000.0)
#: Candidates, values and replicates of a choice.
CANDIDATES, VALUES, REPLICATES = 20, 1_000, 100


def peaks(series: int | tuple[int, ...]) -> ev.Peaks:
    """Of so many series, or of one."""
    shape = (series, PEAKS) if isinstance(series, int) else (PEAKS,)
    x = 1000.0 + ev.GPD(0.0, SCALE, SHAPE).rvs(shape, rng=1)
    return ev.as_peaks(x, threshold=1000.0, years=PEAKS / 2.0)


def scipy_gpd(x: Array) -> Parameters:
    """Scale and shape of excesses."""
    shape, _, scale = scipy.stats.genpareto.fit(x, floc=0.0)
    return scale, shape


def openturns_gpd(x: Array) -> Parameters:
    """The same."""
    import openturns

    openturns.Log.Show(openturns.Log.NONE)
    found = openturns.GeneralizedParetoFactory().buildMethodOfLikelihoodMaximization(openturns.Sample(x[:, None]), 0.0)
    return found.getSigma(), found.getXi()


def lmoments3_gpd(x: Array) -> Parameters:
    """The same by L-moments; its location is estimated."""
    from lmoments3 import distr

    found = distr.gpa.lmom_fit(x)
    return found["scale"], -found["c"]


#: The days of the record, of which some have a peak; the rate is a share of days for some, a number for others.
DAYS = 365 * PEAKS // 2


def daily(x: Array) -> Array:
    """Excesses over 0 among days below it, a fortnight apart."""
    days = np.full(DAYS, -1.0)
    days[:: DAYS // x.size][: x.size] = x
    return days


def pyextremes_gpd(x: Array) -> Parameters:
    """Scale and shape of excesses."""
    import pandas as pd
    import pyextremes

    series = pd.Series(x, index=pd.date_range("1901-01-01", periods=x.size, freq="180D"))
    model = pyextremes.EVA.from_extremes(series, method="POT", threshold=0.0, r="24h")
    model.fit_model("MLE", distribution="genpareto", distribution_kwargs={"floc": 0.0})
    found = model.model.fit_parameters
    return found["scale"], found["c"]


def extremeloss_gpd(x: Array) -> Parameters:
    """The same."""
    import extremeloss

    found = extremeloss.fit_gpd(x)
    return found.beta, found.xi


def insurance_gpd(x: Array) -> Parameters:
    """The same, of insurance-evt."""
    from insurance_evt import GPDFitter

    found = GPDFitter(x, threshold=0.0).fit()
    return found.sigma, found.xi


def openturns_level(x: Array) -> Any:
    """The 100-year level with limits by the delta method."""
    import openturns

    openturns.Log.Show(openturns.Log.NONE)
    factory, sample = openturns.GeneralizedParetoFactory(), openturns.Sample(daily(x)[:, None])
    found = factory.buildMethodOfLikelihoodMaximizationEstimator(sample, 0.0)
    return factory.buildReturnLevelEstimator(found, sample, 36_500.0).computeBilateralConfidenceInterval(0.95)


def pyextremes_level(x: Array) -> Any:
    """The same of a daily series, with 50 resamples: more are refitted in a pool of processes."""
    import pandas as pd
    import pyextremes

    model = pyextremes.EVA(pd.Series(daily(x), index=pd.date_range("1901-01-01", periods=DAYS)))
    model.get_extremes("POT", threshold=0.0)
    model.fit_model("MLE", distribution="genpareto")
    return model.get_return_value(100, return_period_size="365D", alpha=0.95, n_samples=50)


def extremeloss_level(x: Array) -> Any:
    """The same by the delta method."""
    import extremeloss

    return extremeloss.gpd_return_level(extremeloss.fit_pot(daily(x), 0.0), 100.0, observations_per_period=365.0)


def insurance_level(x: Array) -> Any:
    """The same by a profile, which knows nothing of the rate's error."""
    from insurance_evt import GPDFitter, ReturnLevelCalculator

    found = ReturnLevelCalculator(GPDFitter(x, threshold=0.0).fit(), lambda_annual=2.0)
    return found.attach_data(x).return_level_ci(100.0)


def one(peer: Callable[[Array], Any], sizes: Sizes) -> Pair:
    """A fit of one series."""
    data = peaks(())
    excesses = data.values - 1000.0
    return Pair(lambda: ev.fit(data, "gpd"), lambda: peer(excesses))


def one_level(peer: Callable[[Array], Any], work: float, sizes: Sizes) -> Pair:
    """A fit of one series and its 100-year level with limits."""
    data = peaks(())
    excesses = data.values - 1000.0
    return Pair(lambda: ev.fit(data).return_level([100.0]), lambda: peer(excesses), work)


def many(method: str, peer: Callable[[Array], Parameters], few: int, sizes: Sizes) -> Pair:
    """10,000 series against a loop over a few."""
    data = peaks(sizes(10_000))
    loop = data.values[: sizes(few)] - 1000.0
    theirs = lambda: [correctness.tried(peer, row) for row in loop]  # noqa: E731
    return Pair(lambda: ev.fit(data, "gpd", method=method), theirs, len(data.values) / len(loop))


def scipy_gev(count: int) -> Callable[[], Any]:
    """SciPy's fit of a GEV to so many series of 80 maxima."""
    x = ev.GEV(1000.0, 300.0, 0.1).rvs((count, 80), rng=1)
    return lambda: [scipy.stats.genextreme.fit(row) for row in x]


def levels(count: int, sizes: Sizes) -> Pair:
    """Limits by r* of so many levels of one series, against one fit of SciPy."""
    fit = ev.fit(peaks(()), "gpd")
    periods = PERIODS if count == len(PERIODS) else np.geomspace(0.6, 1000.0, count)
    return Pair(lambda: fit.return_level(periods), scipy_gev(1))


def levels_of_many(sizes: Sizes) -> Pair:
    """The same of three levels of 10,000 series, against a fit of SciPy for each."""
    fits, few = ev.fit(peaks(sizes(10_000)), "gpd"), sizes(10)
    return Pair(lambda: fits.return_level(PERIODS), scipy_gev(few), sizes(10_000) / few)


def choice(sizes: Sizes) -> Pair:
    """A choice of the threshold by expected quantile discrepancy, against as many fits of SciPy."""
    x = ev.GPD(0.0, 1.0, SHAPE).rvs(VALUES, rng=1)
    limits = np.quantile(x, np.linspace(0.0, 0.95, CANDIDATES))
    method = ev.ExpectedQuantileDiscrepancy(replicates=REPLICATES)
    few = [x[x > limits[place]] - limits[place] for place in range(0, CANDIDATES, 4)]
    ours = lambda: ev.choose_threshold(x, limits, method=method, separation=None)  # noqa: E731
    return Pair(ours, lambda: [scipy_gpd(row) for row in few], CANDIDATES * REPLICATES / len(few))


def cases() -> list[Case]:
    """All comparisons of speed."""
    case, loop = partial(Case, "peaks"), "loop of scipy.stats.genpareto.fit"
    return [
        case(
            "GPD, maximum likelihood, 10,000 series of 50",
            loop,
            partial(many, "mle", scipy_gpd, 40),
            mark=1000,
            rounds=5,
        ),
        case(
            "GPD, maximum likelihood, 10,000 series of 50",
            "loop of OpenTURNS' likelihood maximisation",
            partial(many, "mle", openturns_gpd, 20),
            needs=("openturns",),
            rounds=5,
        ),
        case(
            "GPD, L-moments, 10,000 series of 50", loop, partial(many, "lmoments", scipy_gpd, 40), mark=3000, rounds=5
        ),
        case(
            "GPD, L-moments, 10,000 series of 50",
            "loop of lmoments3",
            partial(many, "lmoments", lmoments3_gpd, 150),
            needs=("lmoments3",),
            rounds=5,
        ),
        *(
            case("GPD, maximum likelihood, one series of 50", against, partial(one, peer), needs=needs)
            for against, peer, needs in (
                ("scipy.stats.genpareto.fit", scipy_gpd, ()),
                ("OpenTURNS' likelihood maximisation", openturns_gpd, ("openturns",)),
                ("pyextremes", pyextremes_gpd, ("pyextremes",)),
                ("extremeloss", extremeloss_gpd, ("extremeloss",)),
                ("insurance-evt", insurance_gpd, ("insurance_evt",)),
            )
        ),
        *(
            case(
                "fit and 100-year level with interval, one series of 50 peaks: r*",
                against,
                partial(one_level, peer, work),
                needs=needs,
                rounds=5,
                quoted=work > 1.0,
            )
            for against, peer, work, needs in (
                ("OpenTURNS: delta method", openturns_level, 1.0, ("openturns",)),
                ("extremeloss: delta method", extremeloss_level, 1.0, ("extremeloss",)),
                ("insurance-evt: profile, the rate as known", insurance_level, 1.0, ("insurance_evt",)),
                ("pyextremes: bootstrap of 100", pyextremes_level, 2.0, ("pyextremes",)),
            )
        ),
        case(
            "r* limits of three levels, one series of 50 peaks",
            "one fit by scipy.stats.genextreme.fit",
            partial(levels, len(PERIODS)),
            mark=0.67,
        ),
        case(
            "r* limits of 81 levels from the threshold on, one series of 50 peaks",
            "one fit by scipy.stats.genextreme.fit",
            partial(levels, 81),
        ),
        case(
            "r* limits of three levels, 10,000 series of 50 peaks",
            "a fit of each by scipy.stats.genextreme.fit",
            levels_of_many,
            rounds=3,
        ),
        case(
            "threshold chosen by EQD: 20 candidates, 1,000 values, 100 replicates",
            "as many fits by scipy.stats.genpareto.fit",
            choice,
            rounds=5,
        ),
    ]


# -- optima of the GPD likelihood --------------------------------------------------------------------------------------


def evstats_gpd(x: Array) -> Parameters:
    """Scale and shape of excesses."""
    found = ev.fit(ev.as_peaks(x, threshold=0.0, years=1.0), "gpd").distribution
    return float(found.scale), float(found.shape)


def log_likelihood(parameters: Parameters, x: Array) -> float:
    """By SciPy; minus infinity where no interior optimum can be (shape <= -1) or nothing was found."""
    scale, shape = parameters
    if not (np.isfinite(parameters).all() and scale > 0.0 and shape > -1.0):
        return -math.inf
    return float(scipy.stats.genpareto.logpdf(x, shape, 0.0, scale).sum())


def _searched(x: Array, shape: float) -> float:
    best = scipy.optimize.minimize(
        lambda parameters: -log_likelihood(tuple(parameters), x),
        (1.0, shape or 0.01),
        method="Nelder-Mead",
        options={"maxiter": 2000, "xatol": 1e-8, "fatol": 1e-8},
    )
    return -float(best.fun)


OPTIMA = correctness.Likelihoods(
    tools={
        "evstats": evstats_gpd,
        "scipy": scipy_gpd,
        "openturns": openturns_gpd,
        "pyextremes": pyextremes_gpd,
        "insurance_evt": insurance_gpd,
    },
    units={unit: (0.0, scale) for unit, (_, scale) in correctness.UNITS.items()},
    drawn=lambda shape, samples, n: ev.GPD(0.0, 1.0, shape).rvs((samples, n), rng=7),
    log_likelihood=log_likelihood,
    searched=_searched,
)


def optima(sizes: Sizes) -> list[Row]:
    """The share of fits whose log-likelihood is below the best known interior optimum, or that gave no result."""
    return correctness.optima_of(OPTIMA, sizes)
