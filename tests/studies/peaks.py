"""How often intervals of the 100-year level of peaks over a threshold hold, and miss on either side.

``python tests/studies/peaks.py`` writes ``peaks_coverage.csv`` (an hour on one core). A
record has a Poisson number of peaks with the mean given, in as many years as the rate says; every record of three peaks
or more counts, whether its likelihood has an interior maximum or not.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
from kept import write
from numpy.typing import NDArray
from tqdm import tqdm

from evstats import noise
from evstats.distributions import GPDProcess
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.estimators.lanes import lane_blocks
from evstats.intervals import INTERVALS
from evstats.models import Exceedances
from evstats.quantities import PeakLevel

Array = NDArray[np.float64]

FILE = Path(__file__).with_name("peaks_coverage.csv")
SEED, RECORDS = 20_261_128, 20_000
SHAPES, SIZES, RATE = (-0.2, 0.0, 0.2), (20, 30, 50, 100, 200), 2.0
OTHER_RATES, OTHER_SIZES = (0.7, 5.0, 20.0), (30, 100)
WAYS = ("rstar", "calibrated", "profile", "delta")


def cells(ways: list[str], sizes: tuple[int, ...], rates: tuple[float, ...], records: int) -> list[dict[str, object]]:
    """A row for each size, rate, shape and interval."""
    rows = []
    for n, rate, shape in tqdm(list(itertools.product(sizes, rates, SHAPES))):
        estimation, truth = _records(n, rate, shape, records), GPDProcess(0.0, 1.0, np.log(rate), shape)
        level = PeakLevel([100.0])
        value = float(level(truth)[0])
        for way in ways:
            lower, upper = INTERVALS[way]()(estimation, level, 0.95)
            below, above = np.mean(lower > value), np.mean(upper < value)  # where there are no limits, a miss
            missing = np.mean(np.isnan(lower))
            rows.append(
                {
                    "peaks": n,
                    "rate": rate,
                    "shape": shape,
                    "interval": way,
                    "records": len(lower),
                    "cover": round(1.0 - below - above - missing, 4),
                    "truth_above": round(above, 4),
                    "truth_below": round(below, 4),
                    "none": round(missing, 4),
                    "no_maximum": round(1.0 - np.mean(estimation.estimate.converged), 4),
                }
            )
    return rows


def _records(n: int, rate: float, shape: float, records: int) -> Estimation:
    """Records of n peaks on average, with three or more of them, and their estimates."""
    design, truth = Exceedances(0.0, n / rate), GPDProcess(0.0, 1.0, np.log(rate), shape)
    size, random = design.noise_shape(truth, np.empty(0)), noise.generator([SEED, n, round(1000 * rate)])
    parts = [
        design.drawn(truth[None], noise.gumbel((block.stop - block.start, *size), rng=random))
        for block in lane_blocks(records, 4 * size[-1])
    ]
    longest = max(part.shape[-1] for part in parts)
    x = np.concatenate([_padded(part, longest) for part in parts])
    x = x[np.count_nonzero(~np.isnan(x), axis=-1) >= 3]
    return Estimation.of(GPDProcess, MaximumLikelihood(), x, design)


def _padded(part: Array, longest: int) -> Array:
    return np.pad(part, ((0, 0), (0, longest - part.shape[-1])), constant_values=np.nan)


def main(ways: list[str], records: int, file: Path) -> None:
    """Write the table."""
    rows = cells(ways, SIZES, (RATE,), records)
    rows += cells([way for way in ways if way in ("rstar", "calibrated")], OTHER_SIZES, OTHER_RATES, records)
    write(rows, file, SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ways", nargs="+", default=list(WAYS))
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--file", type=Path, default=FILE)
    asked = parser.parse_args()
    main(asked.ways, asked.records, asked.file)
