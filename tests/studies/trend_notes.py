"""How often the notes on a fit with covariates are raised where nothing is wrong.

``python tests/studies/trend_notes.py`` writes ``trend_notes.csv`` (a quarter of an hour): the location of a GEV
follows the year, with a rise of so many scales over the record, and blocks are independent. Covariates of which the
course is looked at are autoregressive noise, and the mean over four years of a trend with such noise.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from kept import write
from tqdm import tqdm

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import GEV
from evstats.estimators import MaximumLikelihood, Regression
from evstats.models import predictors_of
from evstats.models.covariates import Covariates
from evstats.remarks import independence, trends

FILE = Path(__file__).with_name("trend_notes.csv")
SEED, SAMPLES, PERSISTENCE = 20_261_128, 2_000, (0.0, 0.5, 0.8, 0.9)


def of_fits(n: int, shape: float, rise: float) -> dict[str, float]:
    """Shares of fits with notes."""
    time = np.linspace(0.0, 1.0, n)
    g = noise.gumbel((SAMPLES, n), rng=noise.generator([SEED, n, round(10 * shape) + 10]))
    x = GEV(0.0, 1.0, shape).from_gumbel(g) + rise * time
    whole = Regression.following(GEV, MaximumLikelihood(), x, predictors_of({"loc": "t"}, x, x.shape, {"t": time}))
    lanes = [whole.lane(lane) for lane in np.flatnonzero(whole.estimate.converged)]
    dependent = (independence.dependence_note(own) is not None for own in whole.residuals()[whole.estimate.converged])
    return {
        "hangs_on_last_block": round(float(np.mean([trends.on_last_block(one) is not None for one in lanes])), 4),
        "dependence_of_residuals": round(float(np.mean(list(dependent))), 4),
    }


def of_courses(n: int, persistence: float, rise: float, smoothed: bool) -> float:
    """The share of covariates that are said to wander about their course."""
    random, length = noise.generator([SEED, n, round(10 * persistence)]), n + 3 + 100
    innovations = np.log(
        noise.exponential((SAMPLES, length), rng=random) / noise.exponential((SAMPLES, length), rng=random)
    )
    values = np.zeros((SAMPLES, length))
    for place in range(1, length):
        values[:, place] = persistence * values[:, place - 1] + innovations[:, place]
    values = values[:, 100:] + rise * np.linspace(0.0, 1.0, n + 3)
    values = np.apply_along_axis(np.convolve, 1, values, np.ones(4) / 4, "valid") if smoothed else values[:, 3:]
    return round(float(np.mean([said(own) for own in values])), 4)


def said(values: Array) -> bool:
    """Whether there is a note on the covariate."""
    covariates = Covariates.of({"x": values})
    return bool(list(trends.wandering(covariates)))


def main() -> None:
    """Write the table."""
    rows = []
    for n, shape, rise in tqdm(list(itertools.product((30, 60, 100), (-0.2, 0.0, 0.2), (0.0, 1.0)))):
        shares = of_fits(n, shape, rise)
        rows += [
            {"n": n, "of": f"GEV, shape {shape:g}, rise {rise:g}", "note": own, "share": shares[own]} for own in shares
        ]
    for n, persistence in tqdm(list(itertools.product((30, 60, 100), PERSISTENCE))):
        for rise, smoothed in ((0.0, False), (20.0, True)):
            of = f"{'mean of 4 years of a rise with' if smoothed else ''} noise of persistence {persistence:g}".strip()
            share = of_courses(n, persistence, rise, smoothed)
            rows.append({"n": n, "of": of, "note": "covariate_wanders", "share": share})
    write(rows, FILE, SEED)


if __name__ == "__main__":
    main()
