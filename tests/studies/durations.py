"""How often the intervals of intensity-duration-frequency curves hold on rain whose durations depend on each other.

``python tests/studies/durations.py`` writes ``durations.csv`` (ten minutes on one core). The maxima of seven durations,
10 minutes to a day, have exactly the distributions of a d-GEV (mut 3.5, theta 12 minutes, eta 0.75); what ties those of
a year together is a Gaussian copula whose correlation is 0.9 from a duration to the double one, or the copula of
max-stable maxima (logistic, alpha 0.4, so that of two durations in 68 % of the years both or none have their record).
The truth is therefore known for every duration, seen or not. Beside it ``naive``, the profile of the same likelihood as
if all durations were independent. Records without an estimate count as misses.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.special
from kept import write

import evstats as ev
from evstats import noise
from evstats.arrays import Array
from evstats.estimators import MaximumLikelihood
from evstats.estimators.duration_regression import MINUTES, DurationRegression
from evstats.intervals import Interval
from evstats.intervals.composite import Composite
from evstats.intervals.delta import Delta
from evstats.intervals.likelihood_ratio import ProfileLikelihood
from evstats.models import states

FILE = Path(__file__).with_name("durations.csv")
SEED, RECORDS = 20_261_129, 400
SIZES, SHAPES = (35, 70), (-0.1, 0.1)
SEEN = np.array([10.0, 30.0, 60.0, 180.0, 360.0, 720.0, 1_440.0])
ASKED, PERIOD = (10.0, 1_440.0), 100.0
MUT, THETA, ETA, SIGMA0 = 3.5, 12.0, 0.75, 100.0


def truth(minutes: Array | float, shape: float) -> ev.GEV:
    """Of a duration."""
    scale = SIGMA0 * (np.asarray(minutes) + THETA) ** -ETA
    return ev.GEV(MUT * scale, scale, np.full_like(scale, shape))


def gaussian(noises: Array) -> Array:
    """Standard Gumbel variables (..., k) tied by a Gaussian copula, of independent ones."""
    normal = scipy.special.ndtri(np.exp(-np.exp(-noises)))
    octaves = np.abs(np.subtract.outer(np.log2(SEEN), np.log2(SEEN)))
    tied = normal @ np.linalg.cholesky(0.9**octaves).T
    return np.asarray(-np.log(-scipy.special.log_ndtr(tied)))


def max_stable(noises: Array) -> Array:
    """The same tied by the logistic copula: alpha (log S + g), S positive stable (Stephenson 2003), of k + 2."""
    alpha, own = 0.4, noises[..., :-2]
    angle, exponential = np.pi * np.exp(-np.exp(-noises[..., -2])), np.exp(-noises[..., -1])
    log_s = (
        np.log(np.sin(alpha * angle))
        - np.log(np.sin(angle)) / alpha
        + (1.0 - alpha) / alpha * (np.log(np.sin((1.0 - alpha) * angle)) - np.log(exponential))
    )
    return np.asarray(alpha * (log_s[..., None] + own))


TIES: dict[str, tuple[Callable[[Array], Array], int]] = {"gaussian": (gaussian, 0), "max-stable": (max_stable, 2)}


@dataclass(frozen=True)
class Naive(ProfileLikelihood):
    """The plain profile of the composite likelihood, which evstats refuses."""

    name = "naive"
    of_durations = True


def records(tie: str, years: int, shape: float, count: int) -> Array:
    """Maxima (count, years, durations)."""
    function, more = TIES[tie]
    seed = [SEED, years, round(100 * shape) + 100, list(TIES).index(tie)]
    tied = function(noise.gumbel((count, years, SEEN.size + more), rng=seed))
    return truth(SEEN, shape).from_gumbel(tied)


def cells(count: int) -> list[dict[str, object]]:
    """A row for each size, shape, tie, duration and interval."""
    rows, level = [], ev.ReturnLevel([PERIOD])
    intervals: tuple[Interval, ...] = (Composite(), Delta(), Naive())
    for years, tie, shape in itertools.product(SIZES, TIES, SHAPES):
        maxima = records(tie, years, shape, count)
        found = DurationRegression.of_durations(MaximumLikelihood(), maxima, SEEN)
        asked = found.in_state(states({MINUTES: np.array(ASKED)}, [MINUTES]), np.arange(len(ASKED)))
        value = level(truth(np.array(ASKED), shape))[..., 0]
        for interval in intervals if shape == 0.1 else intervals[:-1]:
            lower, upper = (end[..., 0] for end in interval(asked, level, 0.95))
            for place, minutes in enumerate(ASKED):
                low, high = lower[:, place], upper[:, place]
                above, below = np.mean(high < value[place]), np.mean(low > value[place])
                missing = np.mean(np.isnan(low) | np.isnan(high))
                row = {
                    "years": years,
                    "tie": tie,
                    "shape": shape,
                    "minutes": minutes,
                    "interval": interval.name,
                    "records": count,
                    "cover": round(float(1.0 - above - below - missing), 4),
                    "truth_above": round(float(above), 4),
                    "truth_below": round(float(below), 4),
                    "none": round(float(missing), 4),
                    "width": round(float(np.nanmedian(high - low) / value[place]), 3),
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
