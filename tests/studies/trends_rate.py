"""How often intervals hold where the rate of peaks over a threshold follows time.

``python tests/studies/trends_rate.py`` writes ``trends_rate_coverage.csv`` (15 minutes on one core). Peaks are a
thinned Poisson process over 40 years whose rate stays or doubles from the first year to the last, with sizes of one
distribution; the rate follows the year. A record without an estimate counts as a miss in ``cover`` and not in
``cover_of_estimates``.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kept import write
from tqdm import tqdm

import evstats as ev
from evstats import noise
from evstats.distributions import GPDProcess
from evstats.estimators import PeaksRegression
from evstats.intervals.likelihood_ratio import ProfileLikelihood, RStar
from evstats.intervals.regression import limits_by_ratio
from evstats.quantities import PeakLevel

FILE = Path(__file__).with_name("trends_rate_coverage.csv")
SEED, RECORDS, YEARS, FIRST = 20_261_128, 1_000, 40, 1980
PEAKS, GROWTHS, SHAPES = (60, 150), (0.0, float(np.log(2.0))), (-0.1, 0.1)
INTERVALS = (RStar(), ProfileLikelihood())
OBSERVED = pd.Series(1.0, index=range(FIRST, FIRST + YEARS))
LAST = {"year": FIRST + YEARS - 1.0}


def rows(expected: int, growth: float, shape: float, records: int) -> list[dict[str, Any]]:
    """Of each interval a row for the slope of the log rate and one for the 100-year level in the last year."""
    random = noise.generator([SEED, expected, int(growth > 0.0), int(shape > 0.0)])
    rates = np.exp(growth * np.arange(YEARS) / (YEARS - 1.0))
    rates *= expected / rates.sum()
    truth = GPDProcess(0.0, 1.0, np.log(rates[-1]), shape)
    known = {"slope": growth / (YEARS - 1.0), "level": float(truth.from_gumbel(np.log(100.0)))}
    found: dict[tuple[str, str], list[list[float]]] = {
        (quantity, own.name): [] for quantity, own in itertools.product(known, INTERVALS)
    }
    for _ in range(records):
        when = np.sort(random.uniform(0.0, YEARS, random.poisson(rates.max() * YEARS)))
        when = when[random.uniform(0.0, rates.max(), when.size) < rates[when.astype(int)]]
        dates = pd.Timestamp(f"{FIRST}-01-01") + pd.to_timedelta(when * 365.25, unit="D")
        sizes = ev.GPD(0.0, 1.0, shape).ppf(random.uniform(size=when.size))
        peaks = ev.as_peaks(pd.Series(sizes, index=dates), 0.0, OBSERVED)
        try:
            fit = ev.fit(peaks, "gpd", rate="year")
        except ev.FitError:
            for each in found.values():
                each.append([np.nan, np.nan])
            continue
        assert isinstance(fit.estimation, PeaksRegression)
        slope = fit.parameter_names.index("log_rate:year")
        for own in INTERVALS:
            found["slope", own.name].append(limits_by_ratio(fit.estimation, own, 0.025, [slope])[:, slope].tolist())
            level = fit.evaluate(PeakLevel([100.0]), own, at=LAST)
            found["level", own.name].append([level.lower[0], level.upper[0]])
    told = []
    for (quantity, interval), limits in found.items():
        lower, upper = np.array(limits).T
        there, inside = ~np.isnan(lower), (lower <= known[quantity]) & (known[quantity] <= upper)
        told.append(
            {"peaks": expected, "growth": round(growth, 4), "shape": shape, "quantity": quantity, "interval": interval,
             "records": records, "cover": round(inside.mean(), 4), "cover_of_estimates": round(inside[there].mean(), 4),
             "truth_above": round((upper < known[quantity]).mean(), 4),
             "truth_below": round((lower > known[quantity]).mean(), 4), "no_estimate": round(1.0 - there.mean(), 4)}
        )  # fmt: skip
    return told


def main(records: int, file: Path) -> None:
    """Write the table, cell by cell."""
    found: list[dict[str, Any]] = []
    for peaks, growth, shape in tqdm(list(itertools.product(PEAKS, GROWTHS, SHAPES))):
        found += rows(peaks, growth, shape, records)
        write(found, file, SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--file", type=Path, default=FILE)
    asked = parser.parse_args()
    main(asked.records, asked.file)
