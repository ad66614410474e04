"""How often credible intervals and those of the bootstrap hold where the location of a GEV follows time.

``python tests/studies/trends_credible.py`` writes ``trends_credible.csv`` (four minutes on one core): the slope and
the 100-year level in the last block, of samples whose location rises by one scale. The posterior is that under a named
prior; the bootstrap is parametric, of percentiles, which a sample without an interior maximum has not: it counts as a
miss in ``cover`` and not in ``cover_of_estimates``.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from typing import Any

import numpy as np
from kept import write
from numpy.typing import NDArray
from tqdm import tqdm

import evstats as ev
from evstats import noise
from evstats.estimators import Regression
from evstats.estimators.coefficient_posterior import posterior_of
from evstats.estimators.priors import Prior, prior_of
from evstats.models import states

Array = NDArray[np.float64]

FILE = Path(__file__).with_name("trends_credible.csv")
SEED, SAMPLES, DRAWS, REPLICATES = 20_261_131, 200, 1_000, 200
SIZES, SHAPES, METHODS = (30, 60), (-0.1, 0.1), ("flat", "normal", "bootstrap")
LEVEL, NOW = ev.ReturnLevel([100.0]), states({"t": 1.0}, ("t",))


def rows(n: int, shape: float, samples: int) -> list[dict[str, Any]]:
    """A row for the slope and one for the level, of each method."""
    t = np.linspace(0.0, 1.0, n)
    x = t + ev.GEV(0.0, 1.0, shape).from_gumbel(noise.gumbel((samples, n), rng=[SEED, n]))
    fit = ev.fit(x, "gev", loc="t", covariates={"t": t})
    assert isinstance(fit.estimation, Regression)
    truths = 1.0, 1.0 + float(ev.GEV(0.0, 1.0, shape).isf(0.01))
    found = []
    for method in METHODS:
        limits = _bootstrapped(fit.estimation) if method == "bootstrap" else _credible(fit.estimation, prior_of(method))
        for quantity, truth, (lower, upper) in zip(("slope", "level"), truths, limits, strict=True):
            there, inside = ~np.isnan(lower), (lower <= truth) & (truth <= upper)
            found.append(
                {"n": n, "shape": shape, "quantity": quantity, "interval": method, "samples": samples,
                 "cover": round(float(inside.mean()), 4),
                 "cover_of_estimates": round(float(inside[there].mean()), 4),
                 "truth_above": round(float((upper < truth).mean()), 4),
                 "truth_below": round(float((lower > truth).mean()), 4),
                 "width": round(float(np.median((upper - lower)[there])), 3)}
            )  # fmt: skip
    return found


def _credible(estimation: Regression, prior: Any) -> Array:
    """Limits (2, 2, samples) of slope and level: quantiles of the draws of each posterior."""
    assert isinstance(prior, Prior)
    limits = np.empty((2, 2, len(estimation.values)))
    for lane in range(len(estimation.values)):
        drawn = posterior_of(estimation.lane(lane), prior).sample(DRAWS, rng=lane)
        slope, level = drawn.limits(0.95), drawn.at({"t": 1.0}).interval(LEVEL)
        limits[..., lane] = [[own[1] for own in slope], [own[0] for own in level]]
    return limits


def _bootstrapped(estimation: Regression) -> Array:
    """The same by the parametric bootstrap, of the same refits."""
    limits, interval = np.full((2, 2, len(estimation.values)), np.nan), ev.Bootstrap(REPLICATES, rng=1)
    own = [estimation.coefficients[:, 1], LEVEL(estimation.in_state(NOW).distribution)[:, 0]]
    for lane, refitted in interval.refits(estimation):
        again = [refitted.coefficients[:, 1:2], LEVEL(refitted.in_state(NOW).distribution)]
        for place, (one, replicated) in enumerate(zip(own, again, strict=True)):
            limits[:, place, lane] = interval.limits_of_replicates(one[lane : lane + 1], replicated, 0.95)[:, 0]
    return np.moveaxis(limits, 0, 1)


def main(samples: int, file: Path) -> None:
    """Write the table, cell by cell."""
    found: list[dict[str, Any]] = []
    for n, shape in tqdm(list(itertools.product(SIZES, SHAPES))):
        found += rows(n, shape, samples)
        write(found, file, SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--file", type=Path, default=FILE)
    asked = parser.parse_args()
    main(asked.samples, asked.file)
