"""Measure how often answers, intervals, predictive levels and tests hold, and keep the tables.

``python tests/studies/uncertainty.py`` makes all tables again (about two hours on one core) and writes them to
``tests/studies/*.csv``, each row with its seed, date and version; ``--only headline`` makes one of them, ``--quick``
uses a twentieth of the samples and prints without writing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kept import write
from numpy.typing import NDArray
from scipy import stats

import evstats as ev
from evstats import goodness, noise
from evstats.estimators import Estimation, Posterior
from evstats.intervals import predictive_levels

FOLDER = Path(__file__).parent
SEED = 20_261_127
SIZES, SHAPES = (20, 30, 50, 100), (-0.2, 0.0, 0.2)
#: Simulated samples of the exact intervals, of the others, and of the bootstrap with its replicates.
EXACT, ANALYTIC, BOOTSTRAPPED, REPLICATES = 100_000, 20_000, 500, 200

Row = dict[str, Any]
Array = NDArray[np.float64]
Limits = tuple[Array, Array, Array]


def gumbel(share: float) -> Iterator[Row]:
    """Exact intervals of Gumbel levels by every estimator; the rivals at T = 100."""
    truth = ev.Gumbel(0.0, 1.0)
    for n in (10, 20, 30, 50, 100):
        for method in ("mle", "moments", "lmoments"):
            yield from _coverage(truth, n, [10.0, 100.0, 1000.0], "exact", method, EXACT * share)
    for n in (10, 30, 100):
        for interval in ("rstar", "calibrated", "bartlett", "profile", "delta"):
            yield from _coverage(truth, n, [100.0], interval, "mle", ANALYTIC * share)
        for interval in _bootstraps():
            yield from _coverage(truth, n, [100.0], interval, "mle", BOOTSTRAPPED * share)
        yield from _coverage(truth, n, [100.0], ev.Bootstrap(REPLICATES), "lmoments", BOOTSTRAPPED * share)


def gev(share: float) -> Iterator[Row]:
    """Intervals of the 100-year level of a GEV."""
    for n in SIZES:
        for xi in SHAPES:
            truth = ev.GEV(0.0, 1.0, xi)
            for interval in ("rstar", "calibrated", "bartlett", "profile", "delta"):
                yield from _coverage(truth, n, [100.0], interval, "mle", ANALYTIC * share)
            for interval in _bootstraps():
                yield from _coverage(truth, n, [100.0], interval, "mle", BOOTSTRAPPED * share)
            for interval in ("delta", ev.Bootstrap(REPLICATES)):
                yield from _coverage(truth, n, [100.0], interval, "lmoments", BOOTSTRAPPED * share)


def _bootstraps() -> list[ev.Bootstrap]:
    parametric = [ev.Bootstrap(REPLICATES, ci=ci) for ci in ("percentile", "basic", "bca", "studentized")]
    return [*parametric, *(ev.Bootstrap(REPLICATES, "nonparametric", ci) for ci in ("percentile", "bca"))]


def _coverage(truth: Any, n: int, periods: list[float], interval: Any, method: str, samples: float) -> Iterator[Row]:
    study = ev.coverage_study(
        truth, n, ev.ReturnLevel(periods), interval, method=method, replicates=int(samples), rng=SEED
    )
    for period, row in study.to_frame().iterrows():
        named = {"family": truth.name, "shape": getattr(truth, "shape", 0.0), "method": method, "n": n}
        yield (
            named
            | {"interval": study.interval.split(";")[0], "period": period, "samples": int(samples)}
            | row.to_dict()
        )


# -- the answer that leads, as a procedure -----------------------------------------------------------------------------

LEVEL = ev.ReturnLevel([100.0])
#: Records of every cell of the headline, and of a Bayesian fit, which draws a posterior for each.
RECORDS, BAYESIAN = 5_000, 500


def what_leads(samples: Array) -> Limits:
    """The 100-year level as every command gives it unasked: interval, and the level passed next year with 1 %."""
    return _answer(ev.fit(samples))


def gumbel_unless_rejected(samples: Array) -> Limits:
    """What led in evstats 0.1.0: the Gumbel with its exact interval, unless one of two tests rejects it at 5 %."""
    fits = ev.fit(samples, "gumbel")
    _, of_fit = goodness.goodness_of_fit(fits.estimation)
    anderson_darling = of_fit[:, list(goodness.TESTS).index("anderson-darling")]
    rejected = np.fmin(anderson_darling, goodness.zero_shape_tests(fits.estimation).lr_p_value) < 0.05
    found = np.stack(_answer(fits))
    if rejected.any():
        found[:, rejected] = _answer(ev.fit(samples[rejected], "gev"))
    lower, upper, predictive = found
    return lower, upper, predictive


def _answer(fits: ev.Fit) -> Limits:
    answer, predictive = fits.evaluate(LEVEL), predictive_levels(fits.estimation, np.array([0.01]), 1.0)
    return answer.lower[:, 0], answer.upper[:, 0], predictive[:, 0]


@dataclass(frozen=True)
class Days:
    """Maxima of the 365 days of a year, independent and of one distribution."""

    of_day: Any

    def __call__(self, shape: tuple[int, int], rng: np.random.Generator) -> Array:
        """Samples, by the inverse of the distribution function of the maximum."""
        return np.asarray(self.of_day.isf(-np.expm1(-np.exp(-noise.gumbel(shape, rng=rng)) / 365)))

    @property
    def level(self) -> float:
        """Exceeded once in 100 years."""
        return float(self.of_day.isf(-np.expm1(np.log1p(-0.01) / 365)))

    def exceedance(self, level: Array) -> Array:
        """The chance that the maximum of a year passes a level."""
        return np.asarray(-np.expm1(365 * self.of_day.logcdf(level)))


DAYS = {
    "normal days": Days(stats.norm()),
    "gamma days, shape 2": Days(stats.gamma(2.0)),
    "Weibull days, shape 0.7": Days(stats.weibull_min(0.7)),
    "lognormal days, sigma 1": Days(stats.lognorm(1.0)),
}


def headline(share: float) -> Iterator[Row]:
    """The answer that leads, and what led before, under truths that are a GEV and truths that are not."""
    for n in (30, 50, 100):
        for procedure in (what_leads, gumbel_unless_rejected):
            for xi in (-0.1, 0.0, 0.1, 0.2):
                yield _procedure(f"GEV, shape {xi:g}", ev.GEV(0.0, 1.0, xi), n, procedure, share)
            for name, days in DAYS.items():
                known = {"truth": [days.level], "exceedance": days.exceedance}
                yield _procedure(name, days, n, procedure, share, **known)


def _procedure(name: str, data: Any, n: int, procedure: Any, share: float, **known: Any) -> Row:
    study = ev.coverage_study(
        data, n, LEVEL, procedure=procedure, batched=True, replicates=int(RECORDS * share), rng=SEED, **known
    )
    row = study.to_frame().iloc[0].to_dict()
    named = {"data": name, "n": n, "answer": study.method, "records": study.replicates}
    return named | row | {"once_in": 1.0 / row["exceedance"]}


def weak_prior(sample: Array) -> tuple[Array, Array, Array]:
    """What ``ev.fit(sample, "gev", method="bayes", prior="weak")`` answers: the same draws, without their mode."""
    drawn = Posterior(ev.GEV, sample, "weak").sample(rng=0)
    return *drawn.interval(LEVEL), drawn.predictive_level(0.01)


def narrower(share: float) -> Iterator[Row]:
    """The credible interval under the weak prior, where a shape far from 0 is not expected, and its width beside r*."""
    for n in (30, 50):
        for xi in (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3):
            truth, asked = ev.GEV(0.0, 1.0, xi), {"replicates": int(BAYESIAN * share), "rng": SEED}
            study = ev.coverage_study(truth, n, LEVEL, procedure=weak_prior, **asked)
            width = ev.coverage_study(truth, n, LEVEL, "rstar", **asked).width[0]
            row = study.to_frame().iloc[0].to_dict()
            named = {"n": n, "shape": xi, "answer": study.method, "records": study.replicates}
            yield named | row | {"width_beside_rstar": row["width"] / width, "once_in": 1.0 / row["exceedance"]}


def wrong_family(share: float) -> Iterator[Row]:
    """What the exact Gumbel interval covers when the data are GEV."""
    for n in (30, 50, 100):
        for xi in (-0.1, 0.1, 0.2):
            truth, quantity = ev.GEV(0.0, 1.0, xi), ev.ReturnLevel([100.0])
            study = ev.coverage_study(
                truth, n, quantity, "exact", family=ev.Gumbel, replicates=int(ANALYTIC * share), rng=SEED
            )
            yield {"n": n, "shape": xi, "interval": study.interval, "samples": study.replicates} | (
                study.to_frame().iloc[0].to_dict()
            )


def prediction(share: float) -> Iterator[Row]:
    """How often the next year exceeds the predictive 100-year level, and the plug-in one."""
    for n in (10, 20, 30, 50, 100):
        yield _exceedance(ev.Gumbel(0.0, 1.0), n, int(EXACT * share))
        for xi in SHAPES:
            yield _exceedance(ev.GEV(0.0, 1.0, xi), n, int(ANALYTIC * share))


def _exceedance(truth: Any, n: int, samples: int) -> Row:
    sample = truth.from_gumbel(noise.gumbel((samples, n), rng=SEED))
    estimator = ev.MaximumLikelihood()
    estimation = Estimation(type(truth), estimator, sample, estimator.estimate(type(truth), sample))
    chances = truth.sf(predictive_levels(estimation, np.array([0.01]), 1.0)[:, 0])
    plug_in = truth.sf(ev.ReturnLevel([100.0])(estimation.distribution)[:, 0])
    return {
        "family": truth.name,
        "shape": getattr(truth, "shape", 0.0),
        "n": n,
        "samples": samples,
        "probability": 0.01,
        "mean_exceedance": chances.mean(),
        "stderr": chances.std() / np.sqrt(samples),
        "plug_in_exceedance": np.nanmean(plug_in),
        "without_plug_in": np.mean(np.isnan(plug_in)),
    }


def tests_of_fit(share: float) -> Iterator[Row]:
    """Share of samples of the fitted family that goodness-of-fit tests reject at 5 %."""
    samples = int(ANALYTIC * share)
    for n in (20, 50, 100):
        for truth in (ev.Gumbel(0.0, 1.0), *(ev.GEV(0.0, 1.0, xi) for xi in SHAPES)):
            sample = truth.from_gumbel(noise.gumbel((samples, n), rng=SEED))
            estimator = ev.MaximumLikelihood()
            estimation = Estimation(type(truth), estimator, sample, estimator.estimate(type(truth), sample))
            _, p_values = goodness.goodness_of_fit(estimation)
            tested = ~np.isnan(p_values[:, 0])
            for test, rejected in zip(goodness.TESTS, (p_values[tested] <= 0.05).mean(axis=0), strict=True):
                named = {"family": truth.name, "shape": getattr(truth, "shape", 0.0), "n": n, "test": test}
                yield named | {"level": 0.05, "rejected": rejected, "samples": samples, "tested": int(tested.sum())}


STUDIES: dict[str, Callable[[float], Iterator[Row]]] = {
    "gumbel": gumbel,
    "gev": gev,
    "headline": headline,
    "narrower": narrower,
    "wrong_family": wrong_family,
    "prediction": prediction,
    "tests_of_fit": tests_of_fit,
}


def main() -> None:
    """Run the studies asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=STUDIES, action="append")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    for name in asked.only or STUDIES:
        frame = pd.DataFrame(STUDIES[name](0.05 if asked.quick else 1.0))
        print(name, frame.round(4).to_string(), sep="\n", flush=True)
        if not asked.quick:
            write(frame.round(6), FOLDER / f"{name}.csv", SEED)


if __name__ == "__main__":
    main()
