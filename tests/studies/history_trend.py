"""How often intervals hold of a trend, and of a level in the last year, where a history stands beside a gauge.

``python tests/studies/history_trend.py`` writes ``history_trend.csv`` (five minutes on one core): a GEV whose location
rises by 0 or 1 scale over the 130 years, of which 30 are gauged; of the hundred before them the peaks above the 20-year
level of the first year are known. Nominal 95 % of the slope of the location and of the 100-year level of the last year,
by the interval taken unasked and by the plain profile. ``width`` is the ratio of the median width to that by r* of the
same gauge alone; ``no_maximum`` counts records without an interior maximum, which are left out.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
from kept import write

import evstats as ev
from evstats import noise
from evstats.arrays import Array
from evstats.errors import Status
from evstats.estimators import BoundedRegression, MaximumLikelihood, Regression
from evstats.intervals import Interval, chosen
from evstats.intervals.regression import coefficients
from evstats.models import Observed, predictors_of, states

FILE = Path(__file__).with_name("history_trend.csv")
SEED, RECORDS = 20_261_129, 700
GAUGED, HISTORY, SHAPES, TRENDS, PERIOD = 30, 100, (-0.1, 0.1), (0.0, 1.0), 100.0
TIME = np.linspace(0.0, 1.0, GAUGED + HISTORY)


def with_history(values: Array, level: float) -> tuple[Array, Array]:
    """Pairs of bounds (records, years, 2), and the levels of perception."""
    perceived = np.where(np.arange(values.shape[1]) < HISTORY, level, -np.inf)
    below = values < perceived
    return np.stack([np.where(below, -np.inf, values), np.where(below, perceived, values)], axis=-1), perceived


def followed(values: Array, perceived: Array | None = None) -> Regression:
    """The fits of a GEV whose location follows time, to numbers or to pairs of bounds."""
    shape = values.shape[:2]
    predictors = predictors_of({"loc": "time"}, None, shape, {"time": TIME[-shape[1] :]})
    if perceived is None:
        return Regression.following(ev.GEV, MaximumLikelihood(), values, predictors)
    return BoundedRegression.following(ev.GEV, MaximumLikelihood(), values, predictors, Observed(values, perceived))


def limits(found: Regression, interval: Interval) -> dict[str, tuple[Array, Array]]:
    """Those of the slope, and of the level in the last year, (records,)."""
    slope = coefficients(found, interval, 0.95)
    assert slope.lower is not None
    assert slope.upper is not None
    there = found.in_state(states({"time": 1.0}, found.predictors.names))
    lower, upper = interval(there, ev.ReturnLevel([PERIOD]), 0.95)
    return {"slope": (slope.lower[:, 1], slope.upper[:, 1]), "level": (lower[:, 0], upper[:, 0])}


def cells(records: int) -> list[dict[str, object]]:
    """A row for each shape, trend, quantity and interval."""
    rows = []
    for shape, trend in itertools.product(SHAPES, TRENDS):
        truth, seed = ev.GEV(0.0, 1.0, shape), [SEED, round(100 * shape) + 100, round(trend)]
        values = truth.from_gumbel(noise.gumbel((records, TIME.size), rng=seed)) + trend * TIME
        true = {"slope": trend, "level": trend + float(truth.isf(1.0 / PERIOD))}
        alone = followed(values[:, HISTORY:])
        gauge = limits(alone, chosen(None, alone))
        whole = followed(*with_history(values, float(truth.isf(0.05))))
        good = np.ravel(whole.estimate.status) == Status.CONVERGED
        for name in (None, "profile"):
            interval = chosen(name, whole)
            for what, (lower, upper) in limits(whole, interval).items():
                lower, upper = lower[good], upper[good]
                above, below = np.mean(upper < true[what]), np.mean(lower > true[what])
                missing, narrow = np.mean(np.isnan(lower) | np.isnan(upper)), gauge[what][1] - gauge[what][0]
                row = {
                    "shape": shape,
                    "trend": trend,
                    "what": what,
                    "interval": interval.name,
                    "records": int(good.sum()),
                    "no_maximum": int(records - good.sum()),
                    "cover": round(float(1.0 - above - below - missing), 4),
                    "truth_above": round(float(above), 4),
                    "truth_below": round(float(below), 4),
                    "none": round(float(missing), 4),
                    "width": round(float(np.nanmedian(upper - lower) / np.nanmedian(narrow)), 3),
                }
                print(row, flush=True)
                rows.append(row)
    return rows


def main() -> None:
    """Run all, or a tenth of the records without writing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    frame = pd.DataFrame(cells(RECORDS // 10 if quick else RECORDS))
    if not quick:
        write(frame, FILE, SEED)


if __name__ == "__main__":
    main()
