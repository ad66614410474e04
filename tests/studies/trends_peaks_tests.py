"""How often a true model of peaks over a threshold is rejected at 5 %, by likelihood ratios and by tests of fit.

``python tests/studies/trends_peaks_tests.py`` writes ``trends_peaks_tests.csv`` (half an hour on one core). Peaks are a
Poisson process over 40 years whose rate and sizes stay. Their scale following the year is tested against that, and the
sizes of the fit whose scale does by their residuals. Every test simulates 199 samples here, and not 999, which leaves
sizes as they are but for .001 of Bartlett's. Records without an estimate of a model are left out.
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
from evstats.comparison import likelihood_ratio_test
from evstats.goodness import nested

FILE = Path(__file__).with_name("trends_peaks_tests.csv")
SEED, RECORDS, YEARS, FIRST, REPLICATES = 20_261_129, 200, 40, 1980, 199
PEAKS, SHAPES = (30, 60, 150), (-0.1, 0.1)
OBSERVED = pd.Series(1.0, index=range(FIRST, FIRST + YEARS))
LEVEL = 0.05
REFERENCES = ("bartlett", "chi-square")


def p_values(expected: int, shape: float, random: noise.Generator) -> dict[str, float]:
    """Of one record, by the name of the test; none without an estimate."""
    when = np.sort(random.uniform(0.0, YEARS, random.poisson(expected)))
    dates = pd.Timestamp(f"{FIRST}-01-01") + pd.to_timedelta(when * 365.25, unit="D")
    sizes = ev.GPD(0.0, 1.0, shape).ppf(random.uniform(size=when.size))
    peaks = ev.as_peaks(pd.Series(sizes, index=dates), 0.0, OBSERVED)
    try:
        null, fit = ev.fit(peaks, "gpd"), ev.fit(peaks, "gpd", scale="year")
    except ev.FitError:
        return {}
    found = {own: likelihood_ratio_test(null, fit, reference=own)["p_value"].item() for own in REFERENCES}
    tests = fit.goodness_of_fit()
    return found | dict(zip(tests["test"], tests["p_value"], strict=True))


def main(records: int, file: Path) -> None:
    """Write the table, cell by cell."""
    nested.BOOTSTRAPPED = REPLICATES
    rows: list[dict[str, Any]] = []
    for expected, shape in tqdm(list(itertools.product(PEAKS, SHAPES))):
        random = noise.generator([SEED, expected, int(shape > 0.0)])
        found = pd.DataFrame([p_values(expected, shape, random) for _ in range(records)])
        known = found.dropna()
        rejected = ((known <= LEVEL).mean()).round(4).to_dict()
        without = round(1.0 - len(known) / records, 4)
        rows.append({"peaks": expected, "shape": shape, "records": records, "no_estimate": without, **rejected})
        write(rows, file, SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--file", type=Path, default=FILE)
    given = parser.parse_args()
    main(given.records, given.file)
