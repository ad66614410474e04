"""How often the interval of the 100-year level taken unasked holds where years of history stand beside a gauge.

``python tests/studies/history.py`` writes ``history.csv`` (ten minutes on one core). A gauge of some years and a
hundred years before it, of which the peaks above the true 20-year level are known, or only in which years it was
passed; beside it, without history, a gauge whose values below their 30 % quantile, or above their 90 % quantile, are
known to lie there, or that are written down in steps of half a scale. In some cells the plain profile stands beside the
interval taken unasked. ``width`` is the ratio of the median width to that by r* of the same gauge alone; ``no_maximum``
the share of records without an interior maximum, where a posterior stands in. Those without limits, ``none``, are
misses. A study cut short goes on where it stopped: the table that is kept has the gauge of 30 years.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from kept import Row, complete

import evstats as ev
from evstats import noise
from evstats.arrays import Array
from evstats.errors import Status
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.intervals import chosen
from evstats.models import Observed

FILE = Path(__file__).with_name("history.csv")
SEED, RECORDS = 20_261_128, 5_000
SIZES, SHAPES, HISTORY, PERIOD = (30, 60), (-0.1, 0.1, -0.2, 0.2), 100, 100.0


def known_peaks(values: Array, truth: ev.GEV, gauged: int) -> tuple[Array, Array | None]:
    """Pairs of bounds (records, years, 2) and the levels of perception: the peaks above the threshold are numbers."""
    level = _perceived(values, truth, gauged)
    below = values < level
    return np.stack([np.where(below, -np.inf, values), np.where(below, level, values)], axis=-1), level


def counted(values: Array, truth: ev.GEV, gauged: int) -> tuple[Array, Array | None]:
    """The same of which only the years are known."""
    pairs, level = known_peaks(values, truth, gauged)
    above = np.isfinite(level) & (values >= level)
    pairs[above] = np.stack([np.broadcast_to(level, values.shape)[above], np.full(np.sum(above), np.inf)], axis=-1)
    return pairs, level


def censored(values: Array, truth: ev.GEV, gauged: int) -> tuple[Array, Array | None]:
    """A gauge alone, whose low values are known to lie below a level."""
    gauge, level = values[:, :gauged], float(truth.ppf(0.3))
    below = gauge < level
    return np.stack([np.where(below, -np.inf, gauge), np.where(below, level, gauge)], axis=-1), None


def exceeded(values: Array, truth: ev.GEV, gauged: int) -> tuple[Array, Array | None]:
    """A gauge alone, whose high values are known to lie above a level."""
    gauge, level = values[:, :gauged], float(truth.ppf(0.9))
    above = gauge >= level
    return np.stack([np.where(above, level, gauge), np.where(above, np.inf, gauge)], axis=-1), None


def rounded(values: Array, truth: ev.GEV, gauged: int) -> tuple[Array, Array | None]:
    """A gauge alone, in steps of half a scale."""
    low = 0.5 * np.floor(values[:, :gauged] / 0.5)
    return np.stack([low, low + 0.5], axis=-1), None


WAYS: dict[str, Callable[[Array, ev.GEV, int], tuple[Array, Array | None]]] = {
    "known peaks": known_peaks,
    "counts only": counted,
    "below a level": censored,
    "above a level": exceeded,
    "rounded": rounded,
}


def _perceived(values: Array, truth: ev.GEV, gauged: int) -> Array:
    return np.where(np.arange(values.shape[1]) < gauged, -np.inf, float(truth.isf(0.05)))


def measured(gauged: int, shape: float, records: int) -> Iterator[Row]:
    """A row for each way and interval."""
    level, truth = ev.ReturnLevel([PERIOD]), ev.GEV(0.0, 1.0, shape)
    value, seed = float(level(truth)[0]), [SEED, gauged, round(100 * shape) + 100]
    values = truth.from_gumbel(noise.gumbel((records, gauged + HISTORY), rng=seed))
    alone = Estimation.of(ev.GEV, MaximumLikelihood(), values[:, :gauged])
    lower, upper = chosen(None, alone)(alone, level, 0.95)
    gauge = np.nanmedian(upper - lower)
    for way, known in WAYS.items():
        pairs, perception = known(values, truth, gauged)
        found = Estimation.of(ev.GEV, MaximumLikelihood(), pairs, Observed(pairs, perception))
        without = np.mean(found.estimate.status == Status.NO_INTERIOR_MAXIMUM)
        for name in (None, "profile") if (gauged, abs(shape)) == (30, 0.1) else (None,):
            interval = chosen(name, found)
            lower, upper = interval(found, level, 0.95)
            above, below, missing = np.mean(upper < value), np.mean(lower > value), np.mean(np.isnan(lower))
            row = {
                "known": way,
                "interval": interval.name,
                "cover": round(float(1.0 - above - below - missing), 4),
                "truth_above": round(float(above), 4),
                "truth_below": round(float(below), 4),
                "no_maximum": round(float(without), 4),
                "none": round(float(missing), 4),
                "width": round(float(np.nanmedian(upper - lower) / gauge), 3),
            }
            print(gauged, shape, row, flush=True)
            yield row


def main() -> None:
    """Measure the cells that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--out", type=Path, default=FILE)
    asked = parser.parse_args()
    cells = (
        {"gauged": gauged, "shape": shape, "records": asked.records}
        for gauged, shape in itertools.product(SIZES, SHAPES)
    )
    complete(asked.out, cells, measured, SEED)


if __name__ == "__main__":
    main()
