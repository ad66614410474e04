"""Measure the limits of a GEV from few values: whether they are in order, and how often they hold.

``python tests/studies/few_values.py`` makes ``tests/studies/few_values_order.csv`` and ``few_values_coverage.csv``
again, in about half an hour; ``--quick`` uses a twentieth of the samples and prints without writing. Up to 20 values
the limits called r* are calibrated posterior quantiles, and without an interior maximum a credible interval under a
normal prior on the shape; r* itself stands beside them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kept import write
from numpy.typing import NDArray

import evstats as ev
from evstats import noise
from evstats.errors import Status
from evstats.estimators import Estimation
from evstats.intervals.likelihood_ratio import RStar

Array = NDArray[np.float64]
Row = dict[str, Any]

FOLDER = Path(__file__).parent
SEED = 20_261_201
SHAPES = (-0.4, -0.2, 0.0, 0.1, 0.2, 0.4)
PERIODS = ev.ReturnLevel([2.0, 5.0, 10.0, 50.0, 100.0, 1000.0])
CONFIDENCES = (0.5, 0.8, 0.9, 0.95, 0.97, 0.99)
#: Samples of each size and shape of which the order of the limits is looked at, and whose coverage is counted.
ORDERED, COUNTED = 70, 1_500


@dataclass(frozen=True)
class Plain(RStar):
    """r* for any number of values."""

    def apart(self, estimation: Estimation) -> NDArray[np.bool_]:
        """None."""
        return np.zeros(np.size(estimation.estimate.status), dtype=np.bool_)


def estimation(shape: float, n: int, samples: int) -> Estimation:
    """Samples of a GEV, fitted by maximum likelihood."""
    method, sample = (
        ev.MaximumLikelihood(),
        ev.GEV(0.0, 1.0, shape).from_gumbel(noise.gumbel((samples, n), rng=[SEED, n])),
    )
    return Estimation(ev.GEV, method, sample, method.estimate(ev.GEV, sample))


def order(share: float) -> Iterator[Row]:
    """Series with limits out of order, of those that have an interior maximum."""
    for interval in (RStar(), Plain()):
        for n in (8, 10, 12, 15, 20):
            rows = [out_of_order(interval, estimation(shape, n, max(4, int(ORDERED * share)))) for shape in SHAPES]
            found = np.concatenate(rows)
            names = ("not_nested", "not_monotone", "no_lower_limit", "stuck", "none")
            yield {"interval": called(interval), "n": n, "series": len(found)} | dict(
                zip(names, found.mean(axis=0), strict=True)
            )


def called(interval: RStar) -> str:
    """What stands in the tables."""
    return "r* alone" if isinstance(interval, Plain) else "as shipped"


def out_of_order(interval: RStar, fitted: Estimation) -> NDArray[np.bool_]:
    """Which series (m, 5) have limits that are not nested in the confidence, that fall with the period, that are -inf
    below, the same for two confidences, or not there."""
    has_maximum = np.flatnonzero(fitted.estimate.converged)
    limits = np.stack([interval(fitted, PERIODS, confidence) for confidence in CONFIDENCES])[:, :, has_maximum]
    lower, upper = limits[:, 0], limits[:, 1]  # (confidences, m, periods)
    slack = 1e-6 * (1.0 + np.abs(np.where(np.isfinite(lower), lower, 0.0)))
    with np.errstate(invalid="ignore"):
        wider = (np.diff(lower, axis=0) <= slack[1:]) & (np.diff(upper, axis=0) >= -slack[1:])
        rising = (np.diff(lower, axis=2) >= -slack[..., 1:]) & (np.diff(upper, axis=2) >= -slack[..., 1:])
        same = (np.diff(upper, axis=0) == 0.0) & np.isfinite(upper[1:])
        same |= (np.diff(lower, axis=0) == 0.0) & np.isfinite(lower[1:])
    nested = (wider | (np.isinf(upper[1:]) & np.isinf(upper[:-1]))).all(axis=(0, 2))
    monotone = (rising | (np.isinf(upper[..., 1:]) & np.isinf(upper[..., :-1]))).all(axis=(0, 2))
    return np.stack(
        [
            ~nested,
            ~monotone,
            np.isneginf(lower).any(axis=(0, 2)),
            same.any(axis=(0, 2)),
            np.isnan(limits).any(axis=(0, 1, 3)),
        ],
        axis=-1,
    )


def coverage(share: float) -> Iterator[Row]:
    """How often the limits hold: where there is an interior maximum, where there is none, and over all samples."""
    asked = ev.ReturnLevel([100.0])
    for n in (8, 10, 15, 20):
        for shape in SHAPES:
            fitted = estimation(shape, n, int(COUNTED * share))
            truth = asked(ev.GEV(0.0, 1.0, shape))
            status = fitted.estimate.status
            parts = {
                "with a maximum": status == Status.CONVERGED,
                "without": status == Status.NO_INTERIOR_MAXIMUM,
                "all": np.ones(status.shape, dtype=bool),
            }
            others = ((RStar(), 0.5), (RStar(), 0.99)) if n in (10, 20) else ()
            for interval, confidence in ((RStar(), 0.95), (Plain(), 0.95), *others):
                lower, upper = interval(fitted, asked, confidence)
                for part, some in parts.items():
                    named = {"interval": called(interval), "confidence": confidence, "n": n, "shape": shape}
                    yield (
                        named
                        | {"samples": part, "number": int(some.sum())}
                        | held(lower[some, 0], upper[some, 0], truth[0])
                    )


def held(lower: Array, upper: Array, truth: float) -> Row:
    """The shares of limits that hold, miss and are not there, and their median width."""
    if not lower.size:
        return {}
    with np.errstate(invalid="ignore"):
        width = np.median(upper - lower)
    return {
        "coverage": np.mean((lower <= truth) & (truth <= upper)),
        "above": np.mean(truth > upper),
        "below": np.mean(truth < lower),
        "width": width,
    }


def main() -> None:
    """Measure, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    share = 0.05 if parser.parse_args().quick else 1.0
    for study in (order, coverage):
        table = pd.DataFrame(study(share)).round(5)
        print(table.to_string(), flush=True)
        if share == 1.0:
            write(table, FOLDER / f"few_values_{study.__name__}.csv", SEED)


if __name__ == "__main__":
    main()
