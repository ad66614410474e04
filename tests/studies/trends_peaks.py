"""How often intervals hold where the sizes of peaks over a threshold follow time.

``python tests/studies/trends_peaks.py`` writes ``trends_peaks_coverage.csv`` (ten minutes on one core). A record has a
Poisson number of peaks at random times of 40 years, and a scale that grows by half its logarithm. Where the likelihood
has no interior maximum the posterior that stands in for it gives the limits: ``cover`` is of all records,
``cover_of_estimates`` of those with a maximum, ``cover_of_others`` of the rest. The rows of 30 peaks and shapes 0 and
0.2 are of 400 records.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from typing import Any

import numpy as np
from kept import write
from tqdm import tqdm

import evstats as ev
from evstats import noise
from evstats.distributions import GPDProcess
from evstats.estimators import PeaksRegression
from evstats.intervals.likelihood_ratio import RStar
from evstats.intervals.regression import limits_by_ratio
from evstats.quantities import PeakLevel

FILE = Path(__file__).with_name("trends_peaks_coverage.csv")
SEED, RECORDS, YEARS, GROWTH = 20_261_130, 600, 40.0, 0.5
SIZES, SHAPES = (30, 100), (-0.2, 0.0, 0.2)


def rows(n: int, shape: float, records: int) -> list[dict[str, Any]]:
    """A row for the slope and one for the 100-year level at the end."""
    random = noise.generator([SEED, n, round(10 * shape) % 7])
    truth = GPDProcess(0.0, np.exp(GROWTH), np.log(n / YEARS), shape)
    known = {"slope": GROWTH, "level": float(truth.from_gumbel(np.log(100.0)))}
    found: dict[str, list[list[float]]] = {name: [] for name in known}
    maximum: list[bool] = []
    for _ in range(records):
        t = np.sort(random.uniform(size=random.poisson(n)))
        size = np.exp(GROWTH * t) * ev.GPD(0.0, 1.0, shape).ppf(random.uniform(size=t.size))
        fit = ev.fit(ev.as_peaks(size, 0.0, YEARS), scale="t", covariates={"t": t})
        assert isinstance(fit.estimation, PeaksRegression)
        maximum.append(fit.method.maximises_likelihood)
        if maximum[-1]:
            found["slope"].append(limits_by_ratio(fit.estimation, RStar(), 0.025, [1])[:, 1].tolist())
        else:
            found["slope"].append([own[1] for own in fit.coefficient_posterior().limits(0.95)])
        level = fit.evaluate(PeakLevel([100.0]), at={"t": 1.0})
        found["level"].append([level.lower[0], level.upper[0]])
    told = []
    for name, value in known.items():
        lower, upper = np.array(found[name]).T
        there, inside = np.array(maximum), (lower <= value) & (value <= upper)
        told.append(
            {"peaks": n, "shape": shape, "quantity": name, "interval": "rstar", "records": records,
             "cover": round(inside.mean(), 4), "cover_of_estimates": round(inside[there].mean(), 4),
             "cover_of_others": round(inside[~there].mean(), 4) if not there.all() else np.nan,
             "truth_above": round((upper < value).mean(), 4), "truth_below": round((lower > value).mean(), 4),
             "no_estimate": round(1.0 - there.mean(), 4)}
        )  # fmt: skip
    return told


def main(records: int, file: Path) -> None:
    """Write the table, cell by cell."""
    found: list[dict[str, Any]] = []
    for n, shape in tqdm(list(itertools.product(SIZES, SHAPES))):
        found += rows(n, shape, records)
        write(found, file, SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--file", type=Path, default=FILE)
    asked = parser.parse_args()
    main(asked.records, asked.file)
