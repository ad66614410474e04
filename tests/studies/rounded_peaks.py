"""Measure peaks of values recorded in steps: how often tests of fit reject a true GPD, and intervals hold.

``python tests/studies/rounded_peaks.py`` writes ``rounded_peaks.csv`` (ten minutes on one core); each row has its seed,
samples and date. Values follow a GPD of scale 1 above 0, in steps whose place is random; the threshold, near .7, lies
on the edge of a step or on a step itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kept import write
from numpy.typing import NDArray

import evstats as ev
from evstats import goodness, noise

Array = NDArray[np.float64]

SEED, SAMPLES, TESTED = 20_261_128, 2_000, 100
SIZES, STEPS, SHAPES, NEAR, RATE, PERIOD = (50, 200), (0.0, 0.05, 0.2, 0.5), (-0.2, 0.1), 0.7, 2.0, 100.0
TESTS = ("anderson_darling", "cramer_von_mises", "kolmogorov_smirnov", "correlation")


def recorded(n: int, step: float, shape: float, on_step: bool) -> tuple[Array, Array]:
    """Samples of n peaks on average as they are recorded, NaN at the end, and their thresholds."""
    rng = noise.generator([SEED, n, round(100 * step), round(10 * shape) + 5, int(on_step)])
    place = rng.uniform(0.0, 1.0, SAMPLES) * step
    count = rng.poisson(n / _beyond(NEAR, shape), SAMPLES)
    x = ev.GPD(0.0, 1.0, shape).rvs((SAMPLES, int(count.max())), rng=rng)
    x[np.arange(x.shape[1]) >= count[:, None]] = np.nan
    if not step:
        thresholds = np.full(SAMPLES, NEAR)
    else:
        thresholds = place + step * (np.rint((NEAR - place) / step) + (0.0 if on_step else 0.5))
        x = place[:, None] + step * np.rint((x - place[:, None]) / step)
    x, thresholds = np.round(x, 9), np.round(thresholds, 9)
    above = np.sort(np.where(x > thresholds[:, None], x, np.nan), axis=-1)
    return above[:, : int(np.count_nonzero(~np.isnan(above), axis=-1).max())], thresholds


def _beyond(x: float, shape: float) -> float:
    return float((1.0 + shape * x) ** (-1.0 / shape))


def rows() -> Iterator[dict[str, Any]]:
    """A row for each number of peaks, step, shape and place of the threshold."""
    for n in SIZES:
        for shape in SHAPES:
            for step in STEPS:
                for on_step in (False, True) if step else (False,):
                    yield {"n": n, "shape": shape, "step": step, "on_step": on_step} | _measured(
                        n, step, shape, on_step
                    )


def _measured(n: int, step: float, shape: float, on_step: bool) -> dict[str, Any]:
    x, thresholds = recorded(n, step, shape, on_step)
    fit = ev.fit(ev.as_peaks(x, threshold=thresholds, years=n / RATE), "gpd")
    table = fit.return_level([PERIOD])
    truth = float(ev.GPD(0.0, 1.0, shape).isf(_beyond(NEAR, shape) / (RATE * PERIOD)))
    above, below = (table["upper"] < truth).mean(), (table["lower"] > truth).mean()
    tested = [goodness.goodness_of_fit(fit[i].estimation)[1] for i in np.flatnonzero(fit.converged)[:TESTED]]
    rejected = dict(zip(TESTS, (np.array(tested) < 0.05).mean(axis=0), strict=True))
    held = ((table["lower"] <= truth) & (truth <= table["upper"])).mean()
    measured = {"coverage": held, "above": above, "below": below, "samples": SAMPLES}
    return measured | {f"rejected_{name}": share for name, share in rejected.items()} | {"tested": len(tested)}


if __name__ == "__main__":
    write(pd.DataFrame(rows()).round(4), Path(__file__).with_suffix(".csv"), SEED)
