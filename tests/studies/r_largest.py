"""How often r* of the 100-year level holds where the r largest values of each block are known, and how often tests of
fit reject a true GEV.

``python tests/studies/r_largest.py`` writes ``r_largest.csv`` and ``r_largest_sizes.csv`` (ten minutes on one core).
``width`` is the ratio of the median width to that of the largest values alone; ``no_maximum`` the share of records
without an interior maximum, where a posterior stands in. Those without limits, ``none``, are misses. The tests of fit
have a parametric bootstrap, and so has that of r: of every record one sample of its fit is drawn, and the samples of
all records together are its null (Giacomini, Politis and White 2013, Econometric Theory 29, 567-589). A study
cut short goes on where it stopped: the first table that is kept has the cells of 30 blocks, and of 20 with shapes -0.2
and 0; the others of 20 and those of 60, of 200 records each, held .940 to .975.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from kept import Row, complete

import evstats as ev
from evstats import noise
from evstats.errors import Status
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.goodness.of_fit import of_residuals
from evstats.goodness.of_largest import entropy_difference
from evstats.goodness.statistics import TESTS
from evstats.intervals import chosen
from evstats.models import BLOCK_MAXIMA, Largest

SEED, RECORDS = 20_261_129, 2_000
BLOCKS, SHAPES, LARGEST, PERIOD = (30, 20, 60), (-0.2, 0.0, 0.2), (1, 3, 5, 10), 100.0


def levels(blocks: int, shape: float, records: int) -> Iterator[Row]:
    """A row for each r: how often its interval holds; the largest of a record are the same for every r."""
    level, truth, seed = ev.ReturnLevel([PERIOD]), ev.GEV(0.0, 1.0, shape), [SEED, blocks, round(100 * shape) + 100]
    values = Largest(max(LARGEST)).drawn(truth, noise.gumbel((records, blocks, max(LARGEST)), rng=seed))
    value, alone = float(level(truth)[0]), np.nan
    for r in LARGEST:
        design = Largest(r) if r > 1 else BLOCK_MAXIMA
        found = Estimation.of(ev.GEV, MaximumLikelihood(), values[..., :r] if r > 1 else values[..., 0], design)
        interval = chosen(None, found)
        lower, upper = interval(found, level, 0.95)
        above, below, missing = np.mean(upper < value), np.mean(lower > value), np.mean(np.isnan(lower))
        width = np.nanmedian(upper - lower)
        alone = width if r == 1 else alone
        row = {
            "r": r,
            "interval": interval.name,
            "cover": round(float(1.0 - above - below - missing), 4),
            "truth_above": round(float(above), 4),
            "truth_below": round(float(below), 4),
            "no_maximum": round(float(np.mean(found.estimate.status == Status.NO_INTERIOR_MAXIMUM)), 4),
            "none": round(float(missing), 4),
            "width": round(float(width / alone), 3),
        }
        print(blocks, shape, row, flush=True)
        yield row


def sizes(blocks: int, shape: float, r: int, records: int) -> Iterator[Row]:
    """One row: how often each test rejects at 5 %."""
    seed, design = [SEED, blocks, round(100 * shape) + 100, r], Largest(r)
    ours, theirs = noise.gumbel((2, records, blocks, r), rng=seed)
    found = Estimation.of(ev.GEV, MaximumLikelihood(), design.drawn(ev.GEV(0.0, 1.0, shape), ours), design)
    redrawn = design.drawn(found.distribution[:, None], theirs)
    both = found, found.again(redrawn)
    seen, null = (of_residuals(each) for each in both)
    critical = np.nanquantile(null, 0.95, axis=0)
    rejected = np.nanmean(np.where(np.isnan(seen), np.nan, seen > critical), axis=0)
    row: Row = {name: round(float(share), 4) for name, share in zip(TESTS, rejected, strict=True)}
    seen, null = (entropy_difference(ev.GEV, each.estimate.parameters, each.values) for each in both)
    low, high = np.nanquantile(null, [0.025, 0.975])
    row["entropy-difference"] = round(float(np.nanmean((seen < low) | (seen > high))), 4)
    print(blocks, shape, r, row, flush=True)
    yield row


def main() -> None:
    """Measure the cells that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent)
    asked = parser.parse_args()
    cells = [
        {"blocks": blocks, "shape": shape, "records": asked.records}
        for blocks, shape in itertools.product(BLOCKS, SHAPES)
    ]
    complete(asked.folder / "r_largest.csv", cells, levels, SEED)
    of_r = ({**cell, "r": r} for cell in cells for r in LARGEST[1:])
    complete(asked.folder / "r_largest_sizes.csv", of_r, sizes, SEED)


if __name__ == "__main__":
    main()
