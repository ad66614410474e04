"""How often intervals of low flows hold where some annual minima are zero, their share estimated too.

``python tests/studies/low_flows.py`` writes ``low_flows.csv`` (five minutes on one core): nominal 95 % of the 2-, 10-
and 20-year minimum. Records without a zero, or without an interior maximum of the others, are left out and counted. A
study cut short goes on where it stopped, and ``--records 2000`` measures with more.
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
from evstats.distributions import GEVMin, WithZeros
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.intervals import ProfileLikelihood, RStar
from evstats.intervals.products import answer_with_zeros

FILE = Path(__file__).with_name("low_flows.csv")
SEED, RECORDS = 20_261_129, 400
SIZES, SHARES, PERIODS = (30, 60), (0.05, 0.15), (2.0, 10.0, 20.0)
POSITIVE = GEVMin(3.0, 0.9, -0.3)  # down to 0


def measured(n: int, share: float, drawn: int) -> Iterator[Row]:
    """A row for each interval and period, from so many records drawn."""
    random = noise.generator([SEED, n, round(100 * share)])
    values = POSITIVE.rvs((drawn, n), rng=random)
    values[random.random((drawn, n)) < share] = np.nan
    zeros = np.count_nonzero(np.isnan(values), axis=-1)
    found = Estimation.of(GEVMin, MaximumLikelihood(), values)
    good = np.flatnonzero((zeros > 0) & found.estimate.converged)
    truth = WithZeros(share, POSITIVE).ppf(1.0 / np.array(PERIODS))
    for interval in (RStar(), ProfileLikelihood()):
        answer = answer_with_zeros(found.part(good), zeros[good], ev.ReturnLevel(PERIODS), interval, 0.95)
        for column, period in enumerate(PERIODS):
            lower, upper = answer.lower[:, column], answer.upper[:, column]
            above, below = np.mean(upper < truth[column] - 1e-9), np.mean(lower > truth[column] + 1e-9)
            missing = np.mean(np.isnan(lower) | np.isnan(upper))
            row = {
                "period": period,
                "level": round(float(truth[column]), 3),
                "interval": interval.name,
                "records": good.size,
                "left_out": drawn - good.size,
                "cover": round(float(1.0 - above - below - missing), 4),
                "truth_above": round(float(above), 4),
                "truth_below": round(float(below), 4),
                "none": round(float(missing), 4),
            }
            print(n, share, row, flush=True)
            yield row


def main() -> None:
    """Measure the cells that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--out", type=Path, default=FILE)
    asked = parser.parse_args()
    cells = ({"n": n, "share": share, "drawn": asked.records} for n, share in itertools.product(SIZES, SHARES))
    complete(asked.out, cells, measured, SEED, renewed_by=("drawn",))


if __name__ == "__main__":
    main()
