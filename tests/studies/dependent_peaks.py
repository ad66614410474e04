"""How often intervals of the value at risk of a single day hold, from exceedances of days that depend on one another.

``python tests/studies/dependent_peaks.py`` writes ``dependent_peaks.csv`` in a few minutes: series of 2,500 days of the
laws of ``one_observation.py``, threshold their 95 % quantile, no declustering; the interval taken unasked, scaled to
the variance over tenths of the record, and the plain r*.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from kept import write
from one_observation import LAWS, PATH_DAYS, PATHS, simulated
from tqdm import tqdm

import evstats as ev
from evstats import noise

FILE = Path(__file__).with_name("dependent_peaks.csv")
SEED, SERIES, DAYS, LEVELS = 20_261_128, 500, 2_500, [0.99, 0.999]


def measured(law: str) -> list[dict[str, object]]:
    """A row for each probability and interval."""
    random = noise.generator([SEED, list(LAWS).index(law)])
    truth = np.quantile(simulated(law, PATHS, PATH_DAYS, random), LEVELS)
    limits: dict[str, list[np.ndarray]] = {"unasked": [], "rstar": []}
    for losses in tqdm(simulated(law, SERIES, DAYS, random), desc=law):
        peaks = ev.peaks_over_threshold(losses, "95%", separation=None, observations_per_year=250.0)
        fit = ev.fit(peaks, "gpd")
        for way, found in limits.items():
            asked = None if way == "unasked" else way
            table = fit.value_at_risk(LEVELS, horizon="observation", interval=asked)
            found.append(table[["lower", "upper"]].to_numpy())
    rows = []
    for way, found in limits.items():
        lower, upper = np.moveaxis(np.stack(found), -1, 0)
        for place, p in enumerate(LEVELS):
            above, below = np.mean(upper[:, place] < truth[place]), np.mean(lower[:, place] > truth[place])
            row = {"law": law, "level": p, "interval": way, "series": SERIES, "cover": round(1.0 - above - below, 3)}
            rows.append(row | {"truth_above": round(above, 3), "truth_below": round(below, 3)})
    return rows


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    write([row for law in LAWS for row in measured(law)], FILE, SEED)
