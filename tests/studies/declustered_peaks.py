"""How often the unasked interval of the 100-year level holds where peaks are declustered from dependent days.

``python tests/studies/declustered_peaks.py`` writes ``declustered_peaks.csv`` (twenty minutes on one core). Days are
max-autoregressive, X(t) = max((1 - theta) X(t - 1), theta W(t)) with W unit Frechet, whose extremal index is theta
(Beirlant et al. 2004, section 10.2), with generalised Pareto margins of the shapes given; the threshold is the quantile
that independent events pass RATE times a year. The truth is the level that upcrossings, of which a cluster has one,
pass once in 100 years. Ranks, and with them clusters, are those of every shape.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from kept import write
from numpy.typing import NDArray
from scipy.special import boxcox
from tqdm import tqdm

import evstats as ev
from evstats import noise

Array = NDArray[np.float64]

FILE = Path(__file__).with_name("declustered_peaks.csv")
SEED, RECORDS = 20_261_128, 20_000
INDICES, SHAPES, YEARS, SEPARATIONS = (0.3, 0.6, 1.0), (-0.2, 0.0, 0.2), (20, 50), ("auto", 3)
RATE, DAYS, PERIOD, BURN_IN = 2.0, 365, 100.0, 200


def days(theta: float, years: int, records: int, random: np.random.Generator) -> Array:
    """Days with unit Frechet margins, shape (records, years DAYS)."""
    fresh = theta * np.exp(noise.gumbel((records, BURN_IN + years * DAYS), rng=random))
    for day in range(1, fresh.shape[-1]):
        np.maximum((1.0 - theta) * fresh[:, day - 1], fresh[:, day], out=fresh[:, day])
    return fresh[:, BURN_IN:]


def upcrossed(theta: float, rate: float) -> float:
    """The level of a unit Frechet margin that events pass so many times a year."""
    from scipy.optimize import brentq

    def excess(log_level: float) -> float:
        x = np.exp(log_level)
        return float(-np.exp(-1.0 / x) * np.expm1(-theta / x) * DAYS - rate)

    return float(np.exp(brentq(excess, 0.5, 40.0)))


def with_shape(x: Array | float, shape: float) -> Array:
    """Values of unit Frechet margin as values of a generalised Pareto margin."""
    return np.asarray(boxcox(-1.0 / np.expm1(-1.0 / np.asarray(x)), shape))


def rows(theta: float, years: int, separation: str | int, records: int) -> list[dict[str, object]]:
    """A row for each shape."""
    random, threshold = noise.generator([SEED, round(10 * theta), years]), upcrossed(theta, RATE)
    found = [
        ev.peaks_over_threshold(one, threshold, separation=separation, observations_per_year=DAYS).values
        for _ in range(-(-records // 100))
        for one in days(theta, years, 100, random)
    ]
    longest = max(map(len, found))
    peaks = np.stack([np.pad(one, (0, longest - len(one)), constant_values=np.nan) for one in found])
    made = []
    for shape in SHAPES:
        fit = ev.fit(ev.as_peaks(with_shape(peaks, shape), float(with_shape(threshold, shape)), years), "gpd")
        table = fit.return_level([PERIOD], interval="rstar")
        lower, upper = (table[name].to_numpy() for name in ("lower", "upper"))
        value = float(with_shape(upcrossed(theta, 1.0 / PERIOD), shape))
        above, below, none = np.mean(upper < value), np.mean(lower > value), np.mean(np.isnan(lower))
        made.append(
            {
                "theta": theta,
                "years": years,
                "separation": separation,
                "shape": shape,
                "records": len(found),
                "peaks": round(np.count_nonzero(~np.isnan(peaks)) / len(found), 1),
                "cover": round(1.0 - above - below - none, 4),
                "truth_above": round(above, 4),
                "truth_below": round(below, 4),
                "none": round(none, 4),
            }
        )
    return made


def main(records: int, file: Path) -> None:
    """Write the table."""
    cells = [(theta, years, apart) for theta in INDICES for years in YEARS for apart in SEPARATIONS]
    write([row for cell in tqdm(cells) for row in rows(*cell, records)], file, SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--file", type=Path, default=FILE)
    asked = parser.parse_args()
    main(asked.records, asked.file)
