"""How often intervals hold where location and scale are in one proportion, the scale moves, or covariates are two.

``python tests/studies/trends_scale.py`` writes ``trends_scale_coverage.csv`` (half an hour on one core). A sample
without limits counts as a miss in ``cover``; ``cover_of_estimates`` is of those with an interior maximum of the
likelihood and limits, and of r* the others have those of the posterior that stands in; r* of two covariates, 30 values
and shape -0.2 is so, of 1,000 samples, where the other rows count them as misses. In one
proportion a true trend is a change of the unit of every block, so that coverage is the same for any.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from kept import write
from numpy.typing import NDArray
from tqdm import tqdm

import evstats as ev
from evstats import noise
from evstats.estimators import Regression
from evstats.intervals.likelihood_ratio import RStar
from evstats.intervals.regression import limits_by_ratio

Array = NDArray[np.float64]

FILE = Path(__file__).with_name("trends_scale_coverage.csv")
SEED, SAMPLES = 20_261_129, 2_000
SIZES, SHAPES = (30, 60, 100), (-0.2, 0.0, 0.2)
INTERVALS = ("rstar", "delta")


@dataclass(frozen=True)
class Case:
    """A model: location and log scale in terms of time from 0 to 1 and a second covariate, what is fitted, and which
    coefficient is the slope, with its true value."""

    name: str
    loc: tuple[float, float, float]
    log_scale: float
    asked: dict[str, Any]
    slope: str
    true: float
    ratio: float | None = None

    def samples(self, n: int, shape: float, samples: int) -> tuple[Array, dict[str, Array]]:
        """Samples (m, n), and their covariates."""
        t, other = np.linspace(0.0, 1.0, n), np.sin(2.7 * np.arange(n))
        standard = ev.GEV(0.0, 1.0, shape).from_gumbel(noise.gumbel((samples, n), rng=[SEED, n]))
        scale = np.exp(self.log_scale * t)
        if self.ratio is not None:
            return scale * (self.ratio + standard), {"t": t}
        loc = self.loc[0] + self.loc[1] * t + self.loc[2] * other
        used = {"t": t, "s": other} if self.loc[2] else {"t": t}
        return loc + scale * standard, used

    def level(self, shape: float, last: dict[str, float]) -> float:
        """The 100-year level in the last state."""
        factor, standard = np.exp(self.log_scale), float(ev.GEV(0.0, 1.0, shape).isf(0.01))
        loc = (
            self.loc[0] + self.loc[1] + self.loc[2] * last.get("s", 0.0) if self.ratio is None else factor * self.ratio
        )
        return float(loc + factor * standard)


PROPORTIONAL = {"trend": "t", "trend_kind": "scale"}
CASES = (
    Case("scale, ratio 3", (0, 0, 0), 0.3, PROPORTIONAL, "log_scale:t", 0.3, 3.0),
    Case("scale, ratio 20", (0, 0, 0), 0.05, PROPORTIONAL, "log_scale:t", 0.05, 20.0),
    Case("loc and scale", (0, 1, 0), 0.5, {"loc": "t", "scale": "t"}, "log_scale:t", 0.5),
    Case("two covariates", (0, 1, 0.5), 0.0, {"loc": "t + s"}, "loc:t", 1.0),
)


def rows(case: Case, n: int, shape: float, samples: int) -> list[dict[str, Any]]:
    """A row for the slope and one for the level, of each interval."""
    x, covariates = case.samples(n, shape, samples)
    fit = ev.fit(x, "gev", covariates=covariates, **case.asked)
    last, found = {name: float(values[-1]) for name, values in covariates.items()}, []
    truths = {"slope": case.true, "level": case.level(shape, last)}
    for interval in INTERVALS:
        level = fit.evaluate(ev.ReturnLevel([100.0]), interval, at=last)
        limits = {"slope": _slope(fit, case.slope, interval), "level": (level.lower[:, 0], level.upper[:, 0])}
        for quantity, (lower, upper) in limits.items():
            truth = truths[quantity]
            inside, there = (lower <= truth) & (truth <= upper), fit.converged & ~np.isnan(lower) & ~np.isnan(upper)
            found.append(
                {"model": case.name, "n": n, "shape": shape, "quantity": quantity, "interval": interval,
                 "samples": samples, "cover": round(float(inside.mean()), 4),
                 "cover_of_estimates": round(float(inside[there].mean()), 4),
                 "truth_above": round(float((upper < truth).mean()), 4),
                 "truth_below": round(float((lower > truth).mean()), 4),
                 "no_estimate": round(1.0 - float(np.mean(fit.converged)), 4)}
            )  # fmt: skip
    return found


def _slope(fit: ev.Fit, name: str, interval: str) -> tuple[Array, Array]:
    """The limits of one coefficient; the others' are not computed."""
    place, estimation = fit.parameter_names.index(name), fit.estimation
    if interval == "delta":
        table = fit.parameter_table(interval=interval).xs(name, level="parameter")
        return table["lower"].to_numpy(dtype=float), table["upper"].to_numpy(dtype=float)
    assert isinstance(estimation, Regression)
    lower, upper = limits_by_ratio(estimation, RStar(), 0.025, [place])[..., place]
    return lower, upper


def main(samples: int, file: Path) -> None:
    """Write the table, cell by cell."""
    found: list[dict[str, Any]] = []
    for n, shape, case in tqdm(list(itertools.product(SIZES, SHAPES, CASES))):
        found += rows(case, n, shape, samples)
        write(found, file, SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--file", type=Path, default=FILE)
    asked = parser.parse_args()
    main(asked.samples, asked.file)
