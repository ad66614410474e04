"""Measure the interval of the 100-year level of two populations that is taken unasked, beside those it replaced.

``python tests/studies/two_populations.py`` makes ``tests/studies/two_populations.csv`` again, in 40 minutes: 1,000
samples of 60 values, from

- two populations that are far apart, whose outlying one makes every third maximum;
- theta = 2.5 and lambda = 0.3 in the notation of Rossi, Fiorentino and Versace (1984), where every seventh maximum
  comes from the outlying one;
- a second population that is hardly there: more than a third of the samples show one.

Counted are the samples that have a fit of two populations; the share of the others is given. The cut-off is simulated
with fewer samples than a user's, and anew for every few samples, so that none of them decides for all.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kept import write
from numpy.typing import NDArray
from tqdm import tqdm

import evstats as ev
from evstats import noise
from evstats.estimators import Estimation, MaximumLikelihood
from evstats.intervals import Calibrated, Delta, Interval, ProfileLikelihood
from evstats.quantities import ReturnLevel

Array = NDArray[np.float64]

PATH = Path(__file__).with_name("two_populations.csv")
SEED = 20_261_128
SAMPLES, SIZE, PERIOD, CONFIDENCE = 1_000, 60, 100.0, 0.95
#: Simulated samples behind a cut-off, and how many samples share their noise.
REPLICATES, TOGETHER = 100, 100


def of_rossi(number: float, scale: float, theta: float, share: float) -> ev.TwoComponentGumbel:
    """From the yearly number of ordinary events and their scale, and Rossi's theta and lambda."""
    second = share * number ** (1.0 / theta)
    return ev.TwoComponentGumbel(scale * np.log(number), scale, theta * scale * np.log(second), theta * scale)


TRUTHS = {
    "theta 2.5, lambda 0.3": of_rossi(10.0, 20.0, 2.5, 0.3),
    "far apart": ev.TwoComponentGumbel(100.0, 20.0, 40.0, 90.0),
    "hardly there": of_rossi(10.0, 20.0, 1.8, 0.05),
}


def limits(kind: Interval, x: Array, fitted: Any) -> Array:
    """Lower and upper limits of the 100-year level, (2, m)."""
    estimation = Estimation(ev.TwoComponentGumbel, MaximumLikelihood(), x, fitted)
    return np.stack(kind(estimation, ReturnLevel([PERIOD]), CONFIDENCE))[..., 0]


def measured(truth: ev.TwoComponentGumbel, name: str, samples: int) -> Iterator[dict[str, Any]]:
    """A row for each interval."""
    x = np.asarray(truth.from_gumbel(noise.gumbel((samples, SIZE), rng=SEED)))
    found: dict[str, list[Array]] = {}
    fitted_share = 0.0
    for block in tqdm(range(0, samples, TOGETHER), desc=name):
        some = x[block : block + TOGETHER]
        fitted = MaximumLikelihood().estimate(ev.TwoComponentGumbel, some)
        fitted_share += fitted.converged.sum() / samples
        kinds: tuple[Interval, ...] = Calibrated(REPLICATES, SEED + 1 + block), ProfileLikelihood(), Delta()
        for kind in kinds:
            found.setdefault(kind.name, []).append(limits(kind, some, fitted)[:, fitted.converged])
    level = float(truth.isf(1.0 / PERIOD))
    every = {kind: np.concatenate(parts, axis=1) for kind, parts in found.items()}
    usual = np.diff(every[Delta.name], axis=0)[0]
    for name_of_kind, (lower, upper) in every.items():
        above, below = level > upper, level < lower
        there = ~np.isnan(lower)
        coverage = np.mean(there & ~above & ~below)
        yield {
            "truth": name,
            "n": SIZE,
            "interval": name_of_kind,
            "samples": samples,
            "fitted": round(fitted_share, 4),
            "level": round(level, 2),
            "coverage": round(float(coverage), 4),
            "stderr": round(float(np.sqrt(coverage * (1.0 - coverage) / lower.size)), 4),
            "above": round(float(above.mean()), 4),
            "below": round(float(below.mean()), 4),
            "without": round(float(1.0 - there.mean()), 4),
            "unbounded": round(float(np.isinf(upper).mean()), 4),
            "width_over_delta": round(float(np.nanmedian((upper - lower) / usual)), 3),
            "replicates": REPLICATES if name_of_kind == Calibrated.name else 0,
        }


def main() -> None:
    """Measure all truths and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--out", type=Path, default=PATH)
    asked = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for name, truth in TRUTHS.items():
        rows += measured(truth, name, asked.samples)
        write(rows, asked.out, SEED)
    print(pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main()
