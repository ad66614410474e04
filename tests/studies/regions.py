"""Measure how often the simulated bounds of growth curves, and of levels at a site, hold the truth.

``python tests/studies/regions.py`` makes ``regions.csv`` again (ten minutes on a free core), each row with its seed,
date and version; ``--quick`` uses a twentieth of the records and prints without writing.

Every site has the same distribution, that of the family fitted, with mean 1; half of the sites have two thirds of the
years, half four thirds. The growth curve is one for all sites; of levels at a site that of the first is asked.
``drawn`` is the correlation between sites that the data have, ``asked`` that which the bounds were told.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kept import write

import evstats as ev
from evstats.distributions import FAMILIES
from evstats.regions.simulation import simulated

FOLDER = Path(__file__).parent
SEED, RECORDS, REPLICATES = 20_261_128, 400, 300
PERIODS = np.array([10.0, 100.0])
#: Family, L-CV, L-skewness, sites, years, correlation of the data and of the bounds, index, what is asked.
CELLS = (
    ("gev", 0.2, 0.2, 10, 30, 0.0, 0.0, "mean", "curve"),
    ("gev", 0.2, 0.2, 10, 30, 0.0, 0.0, "mean", "site"),
    ("glo", 0.25, 0.2, 10, 30, 0.0, 0.0, "mean", "curve"),
    ("glo", 0.25, 0.2, 10, 30, 0.0, 0.0, "median", "curve"),
    ("glo", 0.25, 0.2, 10, 30, 0.0, 0.0, "median", "site"),
    ("glo", 0.25, 0.2, 40, 30, 0.0, 0.0, "mean", "curve"),
    ("gev", 0.4, 0.4, 20, 40, 0.0, 0.0, "mean", "curve"),
    ("gno", 0.12, 0.05, 20, 40, 0.0, 0.0, "mean", "curve"),
    ("pe3", 0.3, 0.2, 20, 40, 0.0, 0.0, "mean", "curve"),
    ("gev", 0.2, 0.2, 10, 30, 0.4, 0.4, "mean", "curve"),
    ("gev", 0.2, 0.2, 10, 30, 0.4, 0.0, "mean", "curve"),
)

Row = dict[str, Any]


def rows_of(cell: tuple[Any, ...], place: int, records: int) -> Iterator[Row]:
    """How often the bounds of one cell hold, at either confidence and period."""
    name, t, t3, sites, years, drawn, asked, index, what = cell
    family = FAMILIES[name]
    truth = family.from_parameters(family.from_lmoments(*np.array([1.0, t, t3])))
    n = np.where(np.arange(sites) % 2, 4 * years // 3, 2 * years // 3)
    found = simulated(truth, n, records, [SEED, place], drawn)
    wanted = truth.isf(1.0 / PERIODS) / (truth.ppf(0.5) if index == "median" and what == "curve" else 1.0)
    bounds = {share: np.empty((records, 2, 2)) for share in (0.9, 0.95)}
    for record in range(records):
        region = ev.Region(
            tuple(map(str, range(sites))),
            n,
            found.means[record],
            *found.ratios[:, record],
            found.medians[record],
            index,
        )
        fit = region.fit(name)
        for share, kept in bounds.items():
            options: Any = {"confidence": share, "correlation": asked, "replicates": REPLICATES, "rng": record}
            table = (
                fit.growth_curve(PERIODS, **options)
                if what == "curve"
                else fit.return_level(PERIODS, site="0", **options)
            )
            kept[record] = table[["lower", "upper"]]
    for share, kept in bounds.items():
        for place_of, period in enumerate(PERIODS):
            lower, upper = kept[:, place_of].T
            yield {
                **dict(
                    zip(("family", "t", "t_3", "sites", "years", "drawn", "asked", "index", "of"), cell, strict=True)
                ),
                "period": period,
                "nominal": share,
                "records": records,
                "held": np.mean((lower <= wanted[place_of]) & (wanted[place_of] <= upper)),
                "above": np.mean(lower > wanted[place_of]),
                "below": np.mean(upper < wanted[place_of]),
                "width": np.median(upper - lower) / wanted[place_of],
            }


def main() -> None:
    """Measure all cells, and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the records, printed only")
    quick = parser.parse_args().quick
    records = RECORDS // 20 if quick else RECORDS
    rows: list[Row] = []
    for place, cell in enumerate(CELLS):
        rows += rows_of(cell, place, records)
        print(pd.DataFrame(rows[-4:]).to_string(index=False), flush=True)
    if not quick:
        write(pd.DataFrame(rows).round(4), FOLDER / "regions.csv", SEED)


if __name__ == "__main__":
    main()
