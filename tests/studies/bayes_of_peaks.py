"""Measure how often credible intervals of peaks over a threshold hold, and how often predictive levels are passed.

``python tests/studies/bayes_of_peaks.py`` makes ``peaks_credible.csv`` and ``peaks_prediction.csv`` again (about half
an hour on one core), each row with its seed, date and version; ``--quick`` uses a twentieth of the records and prints
without writing.

Two peaks a year on average, their number Poisson; the level of 100 years and the level passed next year with 1 %. An
interval holds where the posterior probability of the true level lies between .025 and .975: by quadrature, which is
what quantiles of draws estimate. With five times as many nodes as many records were on either side (two cells, 400
records, two priors).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kept import write
from scipy import special

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import GPDProcess
from evstats.estimators import PRIORS, Estimation, MaximumLikelihood
from evstats.intervals import predictive_levels
from evstats.intervals.peak_posterior import PeakNodes
from evstats.models import Exceedances
from evstats.quantities.peaks import PeakLevel

FOLDER = Path(__file__).parent
SEED, BLOCK = 20_261_128, 40
#: Records of every cell of the intervals and of the predictive levels.
INTERVALS, PREDICTIONS = 8_000, 20_000
SIZES, SHAPES, RATE, PERIOD = (20, 30, 50, 100, 200), (-0.2, 0.0, 0.2), 2.0, 100.0

Row = dict[str, Any]


def drawn(n: int, shape: float, records: int) -> tuple[GPDProcess, Exceedances, Array]:
    """The truth, its design and so many records of n peaks on average."""
    truth, design = GPDProcess(0.0, 1.0, np.log(RATE), shape), Exceedances(0.0, n / RATE)
    size = design.noise_shape(truth, np.empty(0))
    return (
        truth,
        design,
        design.drawn(truth[None], noise.gumbel((records, *size), rng=[SEED, n, int(100 * shape + 100)])),
    )


def credible(share: float) -> Iterator[Row]:
    """How often the central 95 % interval of the 100-year level holds under each prior."""
    records = int(INTERVALS * share)
    for n in SIZES:
        for shape in SHAPES:
            truth, design, sample = drawn(n, shape, records)
            level = PeakLevel([PERIOD])(truth)
            for name in ("fiducial", "mdi", "jeffreys", "flat"):
                below = np.concatenate([_below(level, part, design, name) for part in _parts(sample)])
                held = np.mean((below >= 0.025) & (below <= 0.975))
                named = {"n": n, "shape": shape, "prior": name, "records": records, "coverage": held}
                yield named | {"truth_above": np.mean(below > 0.975), "truth_below": np.mean(below < 0.025)}


def _below(level: Array, sample: Array, design: Exceedances, prior: str) -> Array:
    """The posterior probability that the level of 100 years lies below the true one, of every record."""
    each = np.zeros(len(sample)), np.full(len(sample), design.years)
    nodes = PeakNodes.of_peaks(GPDProcess, sample, *each, PRIORS[prior]())
    log_rate, _ = nodes.log_rate((level - nodes.unit.low) / nodes.unit.scale)
    # a rate beyond the true level below 1/T, of a gamma rate of shape n + 1/2
    with np.errstate(over="ignore"):
        return np.asarray(np.vecdot(nodes.weight, special.gammainc(nodes.n, np.exp(-log_rate) / PERIOD)))


def _parts(sample: Array) -> Iterator[Array]:
    for start in range(0, len(sample), BLOCK):
        yield sample[start : start + BLOCK]


def prediction(share: float) -> Iterator[Row]:
    """How often next year passes the predictive level of 1 %, on average over the records, and the plug-in level."""
    records = int(PREDICTIONS * share)
    for n in SIZES:
        for shape in SHAPES:
            truth, design, sample = drawn(n, shape, records)
            found = Estimation.of(GPDProcess, MaximumLikelihood(), sample, design)
            levels = predictive_levels(found, np.array([0.01]), 1.0)[:, 0]
            chances = truth.sf(levels)
            plug_in = truth.sf(PeakLevel([-1.0 / np.log1p(-0.01)])(found.distribution)[:, 0])
            yield {
                "n": n,
                "shape": shape,
                "records": records,
                "probability": 0.01,
                "mean_exceedance": chances.mean(),
                "stderr": chances.std() / np.sqrt(records),
                "plug_in_exceedance": np.nanmean(plug_in),
                "without_plug_in": np.mean(np.isnan(plug_in)),
            }


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    for name, study in {"peaks_prediction": prediction, "peaks_credible": credible}.items():
        frame = pd.DataFrame(study(0.05 if quick else 1.0))
        print(name, frame.round(4).to_string(), sep="\n", flush=True)
        if not quick:
            write(frame.round(6), FOLDER / f"{name}.csv", SEED)


if __name__ == "__main__":
    main()
