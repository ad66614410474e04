"""How often the premium of a layer is held by the intervals of losses of which some were cut at limits, as taken unasked.

``python tests/studies/cut_losses.py`` writes ``cut_losses.csv`` (ten minutes on one core). A record has a
Poisson number of losses over the threshold with the mean given, ten a year, their sizes GPD; half of the policies have
a limit that one loss in five passes, so that one in ten is cut. The layers are those of ``layers.py``.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from layers import LAYERS, RATE, SEED
from tqdm import tqdm

import evstats as ev
from evstats import noise

FILE = Path(__file__).with_name("cut_losses.csv")
RECORDS = 500
SIZES, SHAPES, PASSING, LIMITED = (50, 100), (0.0, 0.5), 0.2, 0.5


def cells(records: int) -> Iterator[dict[str, object]]:
    """A row for each size, shape and layer."""
    for n, shape in itertools.product(SIZES, SHAPES):
        sizes = ev.GPD(1.0, 1.0, shape)
        begins, ends = (sizes.isf([layer[end] for layer in LAYERS.values()]) for end in (0, 1))
        layers = np.column_stack([begins, ends - begins])
        truth = RATE * sizes.layer_mean(begins, ends - begins)
        random, found, without = noise.generator([SEED, n, round(100 * shape)]), [], 0
        for _ in tqdm(range(records), f"{n} losses, shape {shape}", mininterval=30):
            try:
                found.append(_limits(sizes, n, layers, random))
            except ev.EvstatsError:  # no estimate, or a mean that is infinite
                without += 1
        lower, upper = np.moveaxis(np.array(found), -1, 0)
        for place, layer in enumerate(LAYERS):
            above, below = np.mean(upper[:, place] < truth[place]), np.mean(lower[:, place] > truth[place])
            yield {
                "losses": n,
                "shape": shape,
                "layer": layer,
                "records": len(found),
                "cover": round(np.mean((lower[:, place] <= truth[place]) & (truth[place] <= upper[:, place])), 4),
                "truth_above": round(above, 4),
                "truth_below": round(below, 4),
                "infinite": round(np.mean(np.isinf(upper[:, place])), 4),
                "none": without,
            }


def _limits(sizes: ev.GPD, n: int, layers: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The limits of the premiums by the fit to one record, (layers, 2)."""
    losses = sizes.isf(random.random(max(3, random.poisson(n))))
    limit = np.where(random.random(losses.size) < LIMITED, sizes.isf(PASSING), np.inf)
    paid, cut = np.minimum(losses, limit), losses > limit
    small = np.full(n, 0.5)  # below the threshold, so that years can be counted
    claims = ev.observed(np.append(small, paid), np.append(small, np.where(cut, np.inf, paid)))
    yearly = (n + losses.size) / (n / RATE)
    peaks = ev.peaks_over_threshold(claims, threshold=1.0, separation=None, observations_per_year=yearly)

    return ev.fit(peaks, "gpd").layer(layers)[["lower", "upper"]].to_numpy()


def main() -> None:
    """Write the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--file", type=Path, default=FILE)
    asked, rows = parser.parse_args(), []
    for row in cells(asked.records):
        rows.append(row)
        pd.DataFrame(rows).to_csv(asked.file, index=False)


if __name__ == "__main__":
    main()
