"""How often intervals of levels of a product of causes hold: two independent causes, fitted apart.

``python tests/studies/combined.py`` writes ``combined.csv`` (an hour on one core): nominal 95 % of the 10- and the
100-year level, the families of the causes known. Records of which a likelihood has no interior maximum count with what
stands in for it.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
from kept import write

import evstats as ev
from evstats import noise
from evstats.distributions import Family, Product
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.intervals import INTERVALS
from evstats.intervals.products import answer_of_product, chosen_of_product

FILE = Path(__file__).with_name("combined.csv")
SEED, RECORDS = 20_261_129, 2_000
SIZES, PERIODS = (30, 60), (10.0, 100.0)
CAUSES: dict[str, tuple[Family, ...]] = {
    "Gumbel, Gumbel, alike": (ev.Gumbel(0.0, 1.0), ev.Gumbel(0.0, 1.0)),
    "Gumbel, Gumbel, one steep": (ev.Gumbel(0.0, 1.0), ev.Gumbel(-2.0, 2.0)),
    "Gumbel, GEV .1": (ev.Gumbel(0.0, 1.0), ev.GEV(-1.0, 1.5, 0.1)),
    "GEV .1, GEV .1, alike": (ev.GEV(0.0, 1.0, 0.1), ev.GEV(0.0, 1.0, 0.1)),
    "GEV -.1, GEV .2": (ev.GEV(0.0, 1.0, -0.1), ev.GEV(-1.5, 1.2, 0.2)),
}
NAMED = (None, "profile", "delta")


def samples(causes: tuple[Family, ...], n: int, records: int, seed: list[int]) -> list[Estimation]:
    """Records of the causes (records, n) with their fits."""
    g = noise.gumbel((len(causes), records, n), rng=seed)
    pairs = zip(causes, g, strict=True)
    return [Estimation.of(type(own), MaximumLikelihood(), own.from_gumbel(drawn)) for own, drawn in pairs]


def cells(records: int) -> list[dict[str, object]]:
    """A row for each pair of causes, number of years, period and interval."""
    rows = []
    for (place, (called, causes)), n in itertools.product(enumerate(CAUSES.items()), SIZES):
        fitted, blocks = samples(causes, n, records, [SEED, place, n]), [1.0] * len(causes)
        level = ev.ReturnLevel(PERIODS)
        truth = np.asarray(Product(causes).isf(1.0 / np.array(PERIODS)))
        for name in NAMED:
            asked = chosen_of_product(None if name is None else INTERVALS[name](), fitted)
            found = answer_of_product(fitted, blocks, level, asked, 0.95)
            for column, period in enumerate(PERIODS):
                lower, upper = found.lower[:, column], found.upper[:, column]
                above, below = np.mean(upper < truth[column]), np.mean(lower > truth[column])
                missing = np.mean(np.isnan(lower) | np.isnan(upper))
                row = {
                    "causes": called,
                    "n": n,
                    "period": period,
                    "interval": asked.name,
                    "unasked": name is None,
                    "records": records,
                    "cover": round(float(1.0 - above - below - missing), 4),
                    "truth_above": round(float(above), 4),
                    "truth_below": round(float(below), 4),
                    "none": round(float(missing), 4),
                    "width": round(float(np.nanmedian(upper - lower)), 3),
                }
                print(row, flush=True)
                rows.append(row)
    return rows


def main() -> None:
    """Run all, or a tenth of the records without writing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    frame = pd.DataFrame(cells(RECORDS // 10 if quick else RECORDS))
    if not quick:
        write(frame, FILE, SEED)


if __name__ == "__main__":
    main()
