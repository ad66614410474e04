"""How often the premium of a layer is held by the interval of losses of which some were cut at limits.

``python tests/studies/cut_losses.py`` writes ``cut_losses.csv`` (two minutes on one core). Records, layers and columns
are those of ``layers.py``; half of the policies have a limit that one loss in five over the threshold passes, so that
one in ten is cut. The interval is the one that is taken unasked; a record without a maximum counts as a miss.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from kept import write
from layers import LAYERS, RATE, SEED, records_of
from tqdm import tqdm

from evstats import GPD, noise
from evstats.distributions import GPDProcess
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.intervals import Severini
from evstats.models.exceedances import LimitedExceedances
from evstats.quantities import PurePremium

FILE = Path(__file__).with_name("cut_losses.csv")
RECORDS, SIZES, SHAPES, LIMITED, PASSING = 500, (50, 100), (0.0, 0.5), 0.5, 0.2


def cells(records: int) -> Iterator[dict[str, object]]:
    """A row for each size, shape and layer."""
    for n, shape in tqdm(list(itertools.product(SIZES, SHAPES))):
        truth, sizes = GPDProcess(0.0, 1.0, np.log(RATE), shape), GPD(0.0, 1.0, shape)
        begins, ends = (sizes.isf([layer[end] for layer in LAYERS.values()]) for end in (0, 1))
        premium = PurePremium.of(np.column_stack([begins, ends - begins]))
        value, estimation = premium(truth), _cut(records_of(n, truth, records).values, sizes, n)
        lower, upper = Severini()(estimation, premium, 0.95)
        for place, layer in enumerate(LAYERS):
            below, above = np.mean(lower[:, place] > value[place]), np.mean(upper[:, place] < value[place])
            missing = np.mean(np.isnan(lower[:, place]))
            yield {
                "losses": n,
                "shape": shape,
                "layer": layer,
                "records": len(lower),
                "cover": round(1.0 - below - above - missing, 4),
                "truth_above": round(above, 4),
                "truth_below": round(below, 4),
                "none": round(missing, 4),
                "infinite": round(np.mean(np.isinf(upper[:, place])), 4),
                "no_maximum": round(1.0 - np.mean(estimation.estimate.converged), 4),
            }


def _cut(losses: np.ndarray, sizes: GPD, n: int) -> Estimation:
    """The estimates where those of half of the policies end at their limit."""
    limit = float(sizes.isf(PASSING))
    cut = (losses > limit) & (noise.generator([SEED, n, 1]).random(losses.shape) < LIMITED)
    pairs = np.stack([np.where(cut, limit, losses), np.where(cut, np.inf, losses)], axis=-1)
    return Estimation.of(GPDProcess, MaximumLikelihood(), pairs, LimitedExceedances(0.0, n / RATE))


def main() -> None:
    """Write the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--file", type=Path, default=FILE)
    asked, rows = parser.parse_args(), []
    for row in cells(asked.records):
        rows.append(row)
        write(rows, asked.file, SEED)


if __name__ == "__main__":
    main()
