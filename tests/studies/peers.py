"""Measure how often nominal 95 % intervals hold, of the 100-year level or of a trend, as the tools ship them.

``python tests/studies/peers.py`` makes ``tests/studies/peers.csv`` again (it needs ``pip install '.[bench]'``). Every
tool meets the same samples and is called as its documentation shows, with nothing chosen that it does not ask for. A
sample on which it raises, or gives no finite interval, counts as a miss and is in ``without``. pyextremes refits 100
resamples for each interval, a second or two, so it meets fewer samples (an hour in all, as the column ``samples``
says); ``--only pyextremes --samples 500`` gives it more. A study cut short goes on where it stopped: cells that the
file has already, of the same version and as many samples, are kept.

Block maxima, families gumbel and gev:

- evstats: ``fit(x, family).return_level([100])``.
- OpenTURNS: ``GeneralizedExtremeValueFactory``, likelihood maximisation and ``buildReturnLevelEstimator``. It has no
  such interval for the Gumbel.
- pyextremes: ``fit_model()``, which chooses between GEV and Gumbel by AIC, and ``get_return_value(100, alpha=0.95)``;
  for the family "gumbel", ``fit_model(distribution="gumbel_r")``.
- SciPy has no interval for a fitted level; ``scipy.stats.bootstrap`` around ``genextreme.fit`` takes minutes a sample.

Peaks over a threshold, family gpd: a Poisson number of peaks, two a year, ``n`` of them expected; each tool is given
the threshold and, in the form that it asks for, in how long they were seen.

- evstats: ``fit(as_peaks(x, threshold, years)).return_level([100])``.
- OpenTURNS: ``GeneralizedParetoFactory``, likelihood maximisation and ``buildReturnLevelEstimator``, of daily values.
- pyextremes: ``get_extremes("POT", threshold)`` of a daily series, ``fit_model()``, which chooses between GPD and
  exponential by AIC, and ``get_return_value(100, alpha=0.95)``. Of shape 0.2 and n = 100 it chose the exponential in 50
  of 100 samples.
- extremeloss: ``fit_pot`` of daily values and ``gpd_return_level(fit, 100, observations_per_period=365.25)``.
- insurance-evt, twice: ``ReturnLevelCalculator(GPDFitter(x, threshold).fit(), lambda_annual)``, then ``attach_data`` as
  in its README and ``return_level_ci(100)``, a profile interval; and without ``attach_data``, as in the docstring of
  the class, which gives a Wald interval. Its searches take steps in units of the data: in units a thousand times as
  small the Wald interval holds less often (0.51 to 0.60 in three cells of 150 samples); the profile as often, but of
  shape -0.2 and n = 30 in 0.91 of the 300 samples of which it holds 0.99 here.
- lmoments3 and xclim have no interval. flowfreq fits no GPD: its Bulletin 17C is a part of the benchmarks.

A trend, family "gev, trend": n maxima whose location rises by one scale from the first to the last; the interval is
that of the rise.

- evstats: ``fit(x, "gev", loc="t", covariates={"t": time}).params``.
- OpenTURNS: ``GeneralizedExtremeValueFactory.buildCovariates`` and its ``getParameterDistribution``, twice: as it is,
  and with its standard error times sqrt(n). The estimates are as they should be, and both they and their distribution
  are of the covariate as given, however it is normalised inside ("MinMax", "CenterReduce" and "None" agree). But the
  covariance of 1.27 is the inverse of the information of all n maxima, divided by n once more: over 500 samples the
  estimates spread by 5.3 to 5.8 times the standard error at n = 30 and 9.4 to 10.1 times at n = 100.
- The others have no covariates.
"""

from __future__ import annotations

import argparse
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from kept import Row, complete
from numpy.typing import NDArray
from tqdm import tqdm

import evstats as ev
from evstats import noise
from evstats.extras import DISTRIBUTION

Array = NDArray[np.float64]
Limits = tuple[float, float]

PATH = Path(__file__).with_name("peers.csv")
SEED = 20_261_127
PERIOD, CONFIDENCE = 100.0, 0.95
LEVEL, TREND = "100-year level", "gev, trend"
#: Shapes and sizes of a family; of the gpd the size is the expected number of peaks.
CELLS: dict[str, tuple[tuple[float, ...], tuple[int, ...]]] = {
    "gumbel": ((0.0,), (30, 100, 20, 50)),
    "gev": ((0.0, 0.2, -0.2), (30, 100, 20, 50)),
    "gpd": ((0.0, 0.2, -0.2), (30, 100)),
    TREND: ((0.0, 0.2, -0.2), (30, 100)),
}
#: Samples drawn in every cell; a slow tool meets the first of them.
SAMPLES = 1_000
#: Peaks of a year, and its days.
RATE, DAYS = 2.0, 365.25
NONE: Limits = (np.nan, np.nan)


# -- the tools: the limits for one sample of block maxima, or an exception; evstats takes all at once ------------------


def of_evstats(samples: Array, family: str) -> Array:
    """As one by one: where a single fit raises for want of a maximum, the batch falls back, which is not counted."""
    fits = ev.fit(samples, family)
    limits = fits.return_level([PERIOD])[["lower", "upper"]].to_numpy()
    return np.where(fits.converged[:, None], limits, np.nan)


def of_openturns(sample: Array, family: str) -> Limits:
    import openturns

    openturns.Log.Show(openturns.Log.NONE)
    factory = openturns.GeneralizedExtremeValueFactory()
    result = factory.buildMethodOfLikelihoodMaximizationEstimator(openturns.Sample(sample[:, None]))
    interval = factory.buildReturnLevelEstimator(result, PERIOD).computeBilateralConfidenceInterval(CONFIDENCE)
    return interval.getLowerBound()[0], interval.getUpperBound()[0]


def of_pyextremes(sample: Array, family: str) -> Limits:
    from pyextremes import EVA

    dates = pd.date_range("1901-07-01", periods=sample.size, freq="YS-JUL")
    model = EVA.from_extremes(pd.Series(sample, index=dates), method="BM", block_size="365.2425D")
    model.fit_model(**({"distribution": "gumbel_r"} if family == "gumbel" else {}))
    # Its 100 resamples (the default) in two halves: so many are refitted in this process, more in a pool of processes.
    model.get_return_value(PERIOD, alpha=CONFIDENCE, n_samples=50)
    _, lower, upper = model.get_return_value(PERIOD, alpha=CONFIDENCE)
    return lower, upper


# -- the same for peaks over a threshold of 0, NaN behind the last, and the years in which they were seen -------------


def peaks_of_evstats(samples: Array, years: float) -> Array:
    """As one by one: what has no interior maximum is asked alone, and answered by Bayes."""
    fits = ev.fit(ev.as_peaks(samples, threshold=0.0, years=years))
    limits = fits.return_level([PERIOD])[["lower", "upper"]].to_numpy(copy=True)
    for place in np.flatnonzero(~fits.converged):
        alone = ev.fit(ev.as_peaks(samples[place][~np.isnan(samples[place])], threshold=0.0, years=years))
        limits[place] = alone.return_level([PERIOD])[["lower", "upper"]].to_numpy()[0]
    return limits


def daily(peaks: Array, years: float) -> Array:
    """A value of each day: the peaks, no two on neighbouring days, and beside them days below the threshold."""
    days = np.full(round(DAYS * years), -1.0)
    days[2 * np.random.default_rng(SEED).permutation(days.size // 2)[: peaks.size]] = peaks
    return days


def peaks_of_openturns(peaks: Array, years: float) -> Limits:
    import openturns

    openturns.Log.Show(openturns.Log.NONE)
    factory, sample = openturns.GeneralizedParetoFactory(), openturns.Sample(daily(peaks, years)[:, None])
    result = factory.buildMethodOfLikelihoodMaximizationEstimator(sample, 0.0)
    level = factory.buildReturnLevelEstimator(result, sample, PERIOD * DAYS)
    interval = level.computeBilateralConfidenceInterval(CONFIDENCE)
    return interval.getLowerBound()[0], interval.getUpperBound()[0]


def peaks_of_pyextremes(peaks: Array, years: float) -> Limits:
    from pyextremes import EVA

    days = daily(peaks, years)
    model = EVA(pd.Series(days, index=pd.date_range("1901-01-01", periods=days.size)))
    model.get_extremes("POT", threshold=0.0)
    model.fit_model()
    model.get_return_value(PERIOD, alpha=CONFIDENCE, n_samples=50)
    _, lower, upper = model.get_return_value(PERIOD, alpha=CONFIDENCE)
    return lower, upper


def peaks_of_extremeloss(peaks: Array, years: float) -> Limits:
    import extremeloss

    found = extremeloss.fit_pot(daily(peaks, years), threshold=0.0)
    level = extremeloss.gpd_return_level(found, PERIOD, observations_per_period=DAYS, confidence_level=CONFIDENCE)
    return float(level["ci_low"][0]), float(level["ci_high"][0])


def peaks_of_insurance_evt(peaks: Array, years: float, attached: bool = False) -> Limits:
    from insurance_evt import GPDFitter, ReturnLevelCalculator

    levels = ReturnLevelCalculator(GPDFitter(peaks, threshold=0.0).fit(), lambda_annual=peaks.size / years)
    if attached:
        levels.attach_data(peaks)  # the excesses: the threshold is 0
    lower, upper = levels.return_level_ci(PERIOD, alpha=1.0 - CONFIDENCE)
    return float(lower), float(upper)


# -- the same for the rise of n maxima, with the time from 0 to 1 ------------------------------------------------------


def rise_of_evstats(samples: Array, time: Array) -> Array:
    fits = ev.fit(samples, "gev", loc="t", covariates={"t": time})
    limits = fits.params.xs("loc:t", level="parameter")[["lower", "upper"]].to_numpy()
    return np.where(fits.converged[:, None], limits, np.nan)


def rise_of_openturns(sample: Array, time: Array, rescaled: bool = False) -> Limits:
    """With the standard error as it is, or times sqrt(n)."""
    import openturns

    openturns.Log.Show(openturns.Log.NONE)
    columns = openturns.Sample(np.column_stack([time, np.ones_like(time)]))
    factory = openturns.GeneralizedExtremeValueFactory()
    found = factory.buildCovariates(openturns.Sample(sample[:, None]), columns, [0])
    slope = found.getParameterDistribution().getMarginal(0)
    interval = slope.computeBilateralConfidenceInterval(CONFIDENCE)
    centre, times = slope.getMean()[0], np.sqrt(sample.size) if rescaled else 1.0
    lower, upper = interval.getLowerBound()[0] - centre, interval.getUpperBound()[0] - centre
    return centre + times * lower, centre + times * upper


class Tool(NamedTuple):
    """How it is called: with a sample and a family, peaks and years, or maxima and time; evstats with all at once.

    ``few`` are the samples it meets, by family and shape, where not all.
    """

    package: str
    families: tuple[str, ...]
    call: Callable[..., Any]
    interval: str
    few: Mapping[tuple[str, float], int] = {}


_FEW = {("gumbel", 0.0): 500, ("gev", 0.0): 200, ("gev", 0.2): 150, ("gev", -0.2): 100}
_RESAMPLED = "unasked: bootstrap of the data, percentile, 100 resamples"
TOOLS: dict[str, tuple[Tool, ...]] = {
    "evstats": (
        Tool(DISTRIBUTION, ("gumbel", "gev"), of_evstats, "unasked: exact conditional (Gumbel), r* (GEV)"),
        Tool(DISTRIBUTION, ("gpd",), peaks_of_evstats, "unasked: r*; by Bayes without an interior maximum"),
        Tool(DISTRIBUTION, (TREND,), rise_of_evstats, "unasked: r*"),
    ),
    "OpenTURNS": (
        Tool("openturns", ("gev",), of_openturns, "buildReturnLevelEstimator: delta method"),
        Tool("openturns", ("gpd",), peaks_of_openturns, "buildReturnLevelEstimator: delta method"),
        Tool("openturns", (TREND,), rise_of_openturns, "getParameterDistribution: delta method"),
    ),
    "OpenTURNS, s.e. times sqrt(n)": (
        Tool(
            "openturns",
            (TREND,),
            partial(rise_of_openturns, rescaled=True),
            "getParameterDistribution: delta method, its standard error times sqrt(n)",
            {(TREND, shape): 250 for shape in CELLS[TREND][0]},
        ),
    ),
    "pyextremes": (
        Tool("pyextremes", ("gumbel", "gev"), of_pyextremes, f"{_RESAMPLED}; family by AIC (GEV)", _FEW),
        Tool(
            "pyextremes",
            ("gpd",),
            peaks_of_pyextremes,
            f"{_RESAMPLED}; family by AIC",
            {("gpd", shape): 100 for shape in CELLS["gpd"][0]},
        ),
    ),
    "extremeloss": (Tool("extremeloss", ("gpd",), peaks_of_extremeloss, "gpd_return_level: delta method"),),
    "insurance-evt": (
        Tool("insurance-evt", ("gpd",), peaks_of_insurance_evt, "return_level_ci, no data attached: Wald"),
    ),
    "insurance-evt, attach_data": (
        Tool("insurance-evt", ("gpd",), partial(peaks_of_insurance_evt, attached=True), "return_level_ci: profile"),
    ),
}


# -- the study ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """What a row of the table measures."""

    tool: str
    version: str
    family: str
    shape: float
    n: int
    quantity: str
    samples: int


def cells(name: str, asked: int | None) -> Iterator[Cell]:
    """Those of one tool."""
    for tool in TOOLS[name]:
        for family in tool.families:
            for shape, n in itertools.product(*CELLS[family]):
                samples = asked or tool.few.get((family, shape), SAMPLES)
                quantity = "rise" if family == TREND else LEVEL
                yield Cell(name, version(tool.package), family, shape, n, quantity, samples)


def measured(cell: Cell) -> Row:
    """What a cell's row says beside it."""
    tool = next(tool for tool in TOOLS[cell.tool] if cell.family in tool.families)
    drawn, told, truth = {"gpd": peaks_of, TREND: rising}.get(cell.family, maxima_of)(cell)
    title = f"{cell.tool}, {cell.family} {cell.shape:g}, n = {cell.n}"
    limits = tool.call(drawn, told) if cell.tool == "evstats" else _one_by_one(tool, drawn, told, title)
    counted = _counted(limits.T, truth)
    rounded = {key: round(value, 6) for key, value in counted.items()}
    return rounded | {"interval": tool.interval}


def maxima_of(cell: Cell) -> tuple[Array, str, float]:
    """Samples (samples, n), the family, and the true level."""
    truth = ev.Gumbel(0.0, 1.0) if cell.family == "gumbel" else ev.GEV(0.0, 1.0, cell.shape)
    drawn = truth.from_gumbel(noise.gumbel((SAMPLES, cell.n), rng=SEED))[: cell.samples]
    return drawn, cell.family, float(ev.ReturnLevel([PERIOD])(truth)[0])


def peaks_of(cell: Cell) -> tuple[Array, float, float]:
    """Excesses (samples, the most), NaN behind the last, the years in which they were seen, and the true level."""
    truth, years = ev.GPD(0.0, 1.0, cell.shape), cell.n / RATE
    random = np.random.default_rng([SEED, cell.n])
    counts = random.poisson(cell.n, SAMPLES)
    drawn = truth.from_gumbel(noise.gumbel((SAMPLES, int(counts.max())), rng=random))
    padded = np.where(np.arange(counts.max()) < counts[:, None], drawn, np.nan)
    return padded[: cell.samples], years, float(truth.isf(1.0 / (PERIOD * RATE)))


def rising(cell: Cell) -> tuple[Array, Array, float]:
    """Samples (samples, n), their time from 0 to 1, and by how much they rise."""
    time = np.linspace(0.0, 1.0, cell.n)
    return maxima_of(cell)[0] + time, time, 1.0


def _one_by_one(tool: Tool, samples: Array, told: str | float | Array, title: str) -> Array:
    np.random.seed(SEED)  # noqa: NPY002 - pyextremes seeds its resamples from the global state
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        bar = tqdm(samples, desc=title, unit="sample", mininterval=10.0)
        return np.array([_attempt(tool.call, sample[~np.isnan(sample)], told) for sample in bar])


def _attempt(call: Callable[..., Limits], sample: Array, told: str | float | Array) -> Limits:
    try:
        lower, upper = call(sample, told)
    except (ValueError, TypeError, RuntimeError, ArithmeticError):
        return NONE  # the tool says that it has no answer
    return (lower, upper) if np.isfinite([lower, upper]).all() else NONE


def _counted(limits: Array, truth: float) -> dict[str, float]:
    lower, upper = limits
    without, above, below = np.isnan(lower), truth > upper, truth < lower
    coverage = float(np.mean(~without & ~above & ~below))
    return {
        "coverage": coverage,
        "stderr": float(np.sqrt(coverage * (1.0 - coverage) / lower.size)),
        "above": float(np.mean(above)),
        "below": float(np.mean(below)),
        "without": float(np.mean(without)),
        "width": float(np.median(np.where(without, np.inf, upper - lower))),
    }


def main() -> None:
    """Measure the cells asked for that are not there yet; the others stay."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=TOOLS, action="append")
    parser.add_argument("--family", choices=CELLS, action="append")
    parser.add_argument("--samples", type=int, help=f"at most {SAMPLES}")
    parser.add_argument("--out", type=Path, default=PATH)
    asked = parser.parse_args()
    wanted = [cell for name in asked.only or TOOLS for cell in cells(name, asked.samples)]
    asked_for = (asdict(cell) for cell in wanted if cell.family in (asked.family or CELLS))
    complete(asked.out, asked_for, lambda **cell: [measured(Cell(**cell))], SEED, renewed_by=("version", "samples"))


if __name__ == "__main__":
    main()
