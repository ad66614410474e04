"""Which threshold each way to choose one finds, and what intervals hold after the choice.

    python tests/studies/threshold_choice.py          # 500 samples of every case for the choice: a quarter of an hour
    python tests/studies/threshold_choice.py held     # 1,000 samples of every case for the coverage: half an hour

``threshold_choice.csv``: bias and root mean square error of the threshold, where there is a true one, and of the
logarithm of the level that a value passes with probability 1/(10 n). ``threshold_choice_held.csv``: how often the
nominal 95 % interval of the 100-year level holds in 25 years of 20 values: that by r*, which takes the threshold as
given, after the choice that ``threshold="auto"`` makes and at a fixed 90 %, and the threshold bootstrap, which repeats
the choice, of the first records of the same; ``width`` is the median of how many times as wide it is as that by r*.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.integrate
import scipy.stats
from kept import write

import evstats as ev
from evstats import noise
from evstats.distributions import GPD, GPDProcess
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.extremes.observations import observations
from evstats.extremes.separations import Nothing
from evstats.extremes.watch import watch_of
from evstats.intervals import Interval
from evstats.intervals.likelihood_ratio import RStar
from evstats.models.exceedances import Exceedances
from evstats.progress import each
from evstats.quantities import PeakLevel
from evstats.thresholds.candidates import Candidates
from evstats.thresholds.choices.base import Tried, Verdict

HERE = Path(__file__).parent
SAMPLES, HELD_SAMPLES, SEED = 500, 1_000, 20_261_128
#: Records of each case for the threshold bootstrap, and of all where coverage alone is measured.
BOOTSTRAPPED = 150
AGAIN = "auto, threshold bootstrap"
#: Of the slower methods.
FEWER = {"cross-validation": 150, "cross-validation, v third": 150}
YEARS, PER_YEAR = 25.0, 20
ABOVE = GPD(1.0, 0.5, 0.1)


class Case(NamedTuple):
    """A population: draws (n,) from uniforms, the level passed with a probability, and its true threshold if any."""

    drawn: Callable[[int, np.random.Generator], np.ndarray]
    level: Callable[[float], float]
    threshold: float | None
    values: int
    shares: np.ndarray


def uniform_below(n: int, random: np.random.Generator) -> np.ndarray:
    """Murphy, Tawn and Varty's first case: a sixth of the values uniform in (0.5, 1), the others GPD above 1."""
    below = uniforms(n, random) < 1.0 / 6.0
    return np.where(below, 0.5 + 0.5 * uniforms(n, random), ABOVE.ppf(uniforms(n, random)))


def thinned_below(n: int, random: np.random.Generator) -> np.ndarray:
    """A GPD above 0 of which a value x below 1 is kept with probability 1 - sqrt(1 - x)."""
    x = GPD(0.0, 0.5, 0.1).ppf(uniforms(6 * n, random))
    return x[(x > 1.0) | (uniforms(6 * n, random) < KEPT(np.minimum(x, 1.0)))][:n]


def uniforms(n: int, random: np.random.Generator) -> np.ndarray:
    return np.exp(-noise.exponential(n, rng=random))


def KEPT(x: np.ndarray) -> np.ndarray:  # noqa: N802 - a constant function of the study
    return 1.0 - np.sqrt(1.0 - x)


_BASE = GPD(0.0, 0.5, 0.1)
_FEW = scipy.integrate.quad(lambda x: float(np.exp(_BASE.logpdf(x))) * KEPT(x), 0.0, 1.0)[0]
_SHARE = float(_BASE.sf(1.0)) / (float(_BASE.sf(1.0)) + _FEW)
WIDE, HIGH = np.arange(0.0, 0.96, 0.05), np.arange(0.5, 0.98, 0.025)

CASES = {
    "uniform below 1, GPD(0.5, 0.1) above": Case(
        uniform_below, lambda p: float(ABOVE.isf(6.0 * p / 5.0)), 1.0, 1_000, WIDE
    ),
    "GPD(0.5, 0.1), thinned below 1": Case(
        thinned_below, lambda p: float(GPD(1.0, 0.6, 0.1).isf(p / _SHARE)), 1.0, 1_000, WIDE
    ),
    "normal": Case(
        lambda n, random: scipy.stats.norm.ppf(uniforms(n, random)),
        lambda p: scipy.stats.norm.isf(p),
        None,
        2_000,
        HIGH,
    ),
    "Student t4": Case(
        lambda n, random: scipy.stats.t.ppf(uniforms(n, random), 4),
        lambda p: scipy.stats.t.isf(p, 4),
        None,
        2_000,
        HIGH,
    ),
}
#: Where coverage is measured besides.
HELD_CASES = CASES | {
    "gamma(2)": Case(
        lambda n, random: scipy.stats.gamma.ppf(uniforms(n, random), 2.0),
        lambda p: scipy.stats.gamma.isf(p, 2.0),
        None,
        2_000,
        HIGH,
    ),
}
METHODS = {
    "eqd": ev.ExpectedQuantileDiscrepancy(),
    "cross-validation": ev.CrossValidation(),
    "cross-validation, v third": ev.CrossValidation(validation=3),
    "forward-stop": ev.ForwardStop(),
    "score": ev.ScoreTest(),
}


def candidates_of(x: np.ndarray, thresholds: np.ndarray | None, per_year: float = 1.0) -> Candidates:
    return Candidates.of(watch_of(observations(x), None, per_year), thresholds, Nothing(), "max")


def chosen(name: str, case: Case) -> list[dict[str, object]]:
    """Rows of one case: every method on the same samples."""
    random, found = noise.generator(SEED), {}
    p = 1.0 / (10.0 * case.values)
    true = np.log(case.level(p))
    for sample in each(range(SAMPLES), name, unit="sample"):
        x = case.drawn(case.values, random)
        candidates = candidates_of(x, np.quantile(x, case.shares))
        log_levels = np.log(candidates.levels(1.0 / p))
        ways = {way: method for way, method in METHODS.items() if sample < FEWER.get(way, SAMPLES)}
        places = {way: method.judged(candidates, random).order[0] for way, method in ways.items()}
        if case.threshold is not None:
            places["the true threshold"] = int(np.argmin(np.abs(candidates.thresholds - case.threshold)))
        places["fixed 90 %"] = int(np.argmin(np.abs(case.shares - 0.9)))
        for way, place in places.items():
            at = candidates.thresholds[place]
            found.setdefault(way, []).append((at, log_levels[place] - true, candidates.peaks[place] / x.size))
    rows = []
    for way, all_of in found.items():
        at, error, share = np.array(all_of).T
        off = at - (np.nan if case.threshold is None else case.threshold)
        rows.append(
            {
                "case": name, "n": case.values, "samples": at.size, "seed": SEED, "method": way,
                "threshold_bias": off.mean(), "threshold_rmse": np.sqrt((off**2).mean()),
                "level_bias": error.mean(), "level_rmse": np.sqrt((error**2).mean()), "share_above": share.mean(),
            }
        )  # fmt: skip
    return rows


def held(name: str, case: Case) -> list[dict[str, object]]:
    """Rows of one case: after the choice of ``auto``, by r* and by the threshold bootstrap, and at a fixed share."""
    random, n = noise.generator(SEED), int(YEARS * PER_YEAR)
    true, found = case.level(1.0 / (100.0 * PER_YEAR)), {"auto": [], AGAIN: [], "fixed 90 %": []}
    method, samples = ev.ExpectedQuantileDiscrepancy(), HELD_SAMPLES if name in CASES else BOOTSTRAPPED
    for sample in each(range(samples), name, unit="sample"):
        x = case.drawn(n, random)
        auto = candidates_of(x, None, PER_YEAR)
        verdict = method.judged(auto, random)
        found["auto"].append(limits(auto, verdict, RStar()))
        if sample < BOOTSTRAPPED:
            found[AGAIN].append(limits(auto, verdict, ev.ThresholdBootstrap()))
        alone = candidates_of(x, np.quantile(x, [0.9]), PER_YEAR)
        found["fixed 90 %"].append(limits(alone, Verdict(np.array([0]), {}), RStar()))
    rows, widths = [], np.array([upper - lower for lower, upper, _ in found["auto"]])
    for way, all_of in found.items():
        lower, upper, peaks = np.array(all_of).T
        rows.append(
            {
                "case": name, "n": n, "years": YEARS, "samples": lower.size, "seed": SEED, "threshold": way,
                "peaks": peaks.mean(), "held": ((lower <= true) & (true <= upper)).mean(),
                "truth_above": (upper < true).mean(), "truth_below": (lower > true).mean(),
                "width": np.median((upper - lower) / widths[: lower.size]) if way == AGAIN else np.nan,
            }
        )  # fmt: skip
    return rows


def limits(candidates: Candidates, verdict: Verdict, interval: Interval) -> tuple[float, float, int]:
    place = int(verdict.order[0])
    threshold, excesses = float(candidates.thresholds[place]), candidates.beyond[place].excesses
    design = Exceedances(threshold, candidates.watch.years, tried=Tried(candidates, METHODS["eqd"], verdict))
    estimation = Estimation.of(GPDProcess, MaximumLikelihood(), threshold + excesses, design)
    lower, upper = interval(estimation, PeakLevel([100.0]), 0.95)
    return float(lower[0]), float(upper[0]), excesses.size


def main() -> None:
    rows_of, file, cases = chosen, "threshold_choice", CASES
    if "held" in sys.argv:
        rows_of, file, cases = held, "threshold_choice_held", HELD_CASES
    rows: list[dict[str, object]] = []
    for name, case in cases.items():
        rows += rows_of(name, case)
        write(pd.DataFrame(rows).round(4), HERE / f"{file}.csv", SEED)
    print(pd.DataFrame(rows).round(4).to_string())


if __name__ == "__main__":
    main()
