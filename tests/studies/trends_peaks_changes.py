"""How often intervals of what has changed hold, where the rate of peaks follows time, or their rate and sizes.

``python tests/studies/trends_peaks_changes.py`` writes ``trends_peaks_changes.csv`` (25 minutes on one core). Peaks are
a thinned Poisson process over 40 years whose rate doubles from the first year to the last; where sizes move too, their
scale grows by half. Asked are the ratio of probabilities of the 50-year level of the first year, and the change of the
100-year level. A ratio beyond all measure, and one of 0 to 0, count like any other; a record without an estimate is a
miss in ``cover`` and left out of ``cover_of_estimates``.

The table was made before ratios from fewer than 50 peaks had Bartlett's correction, which about one record in ten of 60
peaks has now.
"""

from __future__ import annotations

import argparse
import itertools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kept import write
from tqdm import tqdm

import evstats as ev
from evstats import noise
from evstats.distributions import GPDProcess

FILE = Path(__file__).with_name("trends_peaks_changes.csv")
SEED, RECORDS, YEARS, FIRST = 20_261_128, 300, 40, 1980
#: Peaks expected, what follows the year, shape.
CELLS = ((60, "rate", -0.1), (60, "both", 0.1), (150, "both", -0.1))
INTERVALS = ("rstar", "profile", "delta")
OBSERVED = pd.Series(1.0, index=range(FIRST, FIRST + YEARS))


def rows(expected: int, moves: str, shape: float, records: int) -> list[dict[str, Any]]:
    """Of each interval a row for the ratio and one for the change."""
    random = noise.generator([SEED, expected, len(moves), int(shape > 0.0)])
    along = np.arange(YEARS) / (YEARS - 1.0)
    rates, scales = np.exp(np.log(2.0) * along), np.exp(np.log(1.5) * along * (moves == "both"))
    rates *= expected / rates.sum()
    then, now = (GPDProcess(0.0, scales[end], np.log(rates[end]), shape) for end in (0, -1))
    event = float(then.from_gumbel(np.log(50.0)))
    chance = [-np.expm1(-np.exp(-float(own.reduced(event)))) for own in (now, then)]
    levels = [float(own.from_gumbel(np.log(100.0))) for own in (now, then)]
    known = {"ratio": chance[0] / chance[1], "change": levels[0] - levels[1]}
    asked = {"rate": "year"} | ({"scale": "year"} if moves == "both" else {})
    found: dict[tuple[str, str], list[list[float]]] = {pair: [] for pair in itertools.product(known, INTERVALS)}
    for _ in range(records):
        when = np.sort(random.uniform(0.0, YEARS, random.poisson(rates.max() * YEARS)))
        when = when[random.uniform(0.0, rates.max(), when.size) < rates[when.astype(int)]]
        dates = pd.Timestamp(f"{FIRST}-01-01") + pd.to_timedelta(when * 365.25, unit="D")
        sizes = scales[dates.year - FIRST] * ev.GPD(0.0, 1.0, shape).ppf(random.uniform(size=when.size))
        peaks = ev.as_peaks(pd.Series(sizes, index=dates), 0.0, OBSERVED)
        try:
            fit = ev.fit(peaks, "gpd", **asked)
        except ev.FitError:
            for each in found.values():
                each.append([np.nan, np.nan])
            continue
        for interval in INTERVALS:
            tables = {"ratio": fit.probability_ratio([event], interval=interval)}
            tables["change"] = fit.change([100.0], interval=interval)
            for name, table in tables.items():
                found[name, interval].append(table[["lower", "upper"]].to_numpy()[0].tolist())
    told = []
    for (quantity, interval), limits in found.items():
        lower, upper = np.array(limits).T
        there, inside = ~np.isnan(lower), (lower <= known[quantity]) & (known[quantity] <= upper)
        told.append(
            {"peaks": expected, "moves": moves, "shape": shape, "quantity": quantity, "interval": interval,
             "records": records, "cover": round(inside.mean(), 4), "cover_of_estimates": round(inside[there].mean(), 4),
             "truth_above": round((upper < known[quantity]).mean(), 4),
             "truth_below": round((lower > known[quantity]).mean(), 4), "no_limits": round(1.0 - there.mean(), 4)}
        )  # fmt: skip
    return told


def main(records: int, file: Path) -> None:
    """Write the table, cell by cell."""
    found: list[dict[str, Any]] = []
    for cell in tqdm(CELLS):
        found += rows(*cell, records)
        write(found, file, SEED)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--file", type=Path, default=FILE)
    given = parser.parse_args()
    main(given.records, given.file)
