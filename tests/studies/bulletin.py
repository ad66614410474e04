"""How often the 90 and 95 % limits of Bulletin 17C hold the truth, and its errors beside those of maximum likelihood.

python tests/studies/bulletin.py [RECORDS] writes bulletin.csv beside it (a quarter of an hour for 5,000): the limits of
the 10-, 100- and 500-year flow, from years at the gauge alone, with a hundred years of history above the 20-year flow,
with a regional skew that is right within its error, and with a sixth of the peaks far too low. bulletin_errors.csv
has the bias and the root mean square error of the logarithm of the 100-year flow, of 1,000 records a cell.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from kept import write

from evstats import ReturnLevel, noise
from evstats.distributions import PE3
from evstats.estimators import Estimation, Estimator, ExpectedMoments, MaximumLikelihood
from evstats.estimators.censored_moments import Censored, Moments, Watch, expected_moments, skew_error
from evstats.intervals import Bulletin
from evstats.intervals.bulletin import quantile_limits
from evstats.models import BLOCK_MAXIMA, Design, Observed

SEED, CONFIDENCES = 20_261_128, (0.9, 0.95)
PERIODS = ReturnLevel([10.0, 100.0, 500.0])
SKEWS = (-0.3, 0.0, 0.3)
REGIONAL_MSE, LOW_SHARE = 0.1, 1.0 / 6.0
#: Lower and upper limits at a confidence.
Limits = Callable[[float], tuple[np.ndarray, np.ndarray]]


class Sampled(NamedTuple):
    """How records come about: years at the gauge and of history, and what is beside them."""

    name: str
    years: int
    history: int = 0
    regional: bool = False
    low: bool = False


DESIGNS = (
    Sampled("gauge", 40),
    Sampled("gauge", 80),
    Sampled("history", 30, 100),
    Sampled("regional skew", 40, regional=True),
    Sampled("low outliers", 60, low=True),
)


def records_of(how: Sampled, skew: float, records: int) -> tuple[np.ndarray, Design]:
    """Logarithms of mean 0 and standard deviation 1, or bounds of them, with the design."""
    truth = PE3(0.0, 1.0, skew)
    z = truth.from_gumbel(noise.gumbel((records, how.years + how.history), rng=SEED))
    if how.low:  # what made them has nothing to do with floods
        places = slice(0, round(LOW_SHARE * how.years))
        z = np.sort(z, axis=-1)
        z[:, places] -= 2.0 + 3.0 * np.random.default_rng(SEED).random((records, places.stop))
    if not how.history:
        return z, BLOCK_MAXIMA
    level = float(truth.isf(0.05))
    seen = np.repeat([-np.inf, level], [how.years, how.history])
    below = z < seen
    pairs = np.stack([np.where(below, -np.inf, z), np.where(below, seen, z)], axis=-1)
    return pairs, Observed(pairs[0], seen)


def cell(how: Sampled, skew: float, records: int) -> list[dict[str, object]]:
    """A row for each return period."""
    values, design = records_of(how, skew, records)
    limits = limits_with_region(values, skew) if how.regional else limits_of(values, design)
    head = {**how._asdict(), "skew": skew, "records": records}
    return [row for confidence in CONFIDENCES for row in rows_of(head | {"confidence": confidence}, limits(confidence))]


def rows_of(head: dict[str, object], limits: tuple[np.ndarray, np.ndarray]) -> list[dict[str, object]]:
    """How often each period's limits held the truth."""
    lower, upper = limits
    truth = PERIODS(PE3(0.0, 1.0, head["skew"]))
    there = ~np.isnan(lower[:, 0])
    return [
        {
            **head,
            "estimated": float(there.mean()),
            "period": period,
            "held": float(((lower[there, i] <= truth[i]) & (truth[i] <= upper[there, i])).mean()),
            "above": float((truth[i] > upper[there, i]).mean()),
            "below": float((truth[i] < lower[there, i]).mean()),
        }
        for i, period in enumerate(PERIODS.questions)
    ]


def limits_of(values: np.ndarray, design: Design) -> Limits:
    """The limits of one estimation, as a function of the confidence."""
    estimation = Estimation.of(PE3, ExpectedMoments(), values, design)
    return lambda confidence: Bulletin()(estimation, PERIODS, confidence)


def limits_with_region(z: np.ndarray, skew: float) -> Limits:
    """The same of records each of which has a regional skew of its own, as far off as its error says."""
    data = Censored.of(z, z)
    regional = skew + np.sqrt(REGIONAL_MSE) * np.random.default_rng(SEED).normal(size=len(z))
    weight = data.years * skew_error(expected_moments(data).skew, data.years) / REGIONAL_MSE
    moments: Moments = expected_moments(data, regional, weight)
    watch = Watch.of(np.full(z.shape, -np.inf), weight, REGIONAL_MSE)
    return lambda confidence: tuple(quantile_limits(PERIODS.variates, watch, moments, confidence))


def errors(how: Sampled, skew: float, records: int) -> list[dict[str, object]]:
    """Bias and root mean square error of the 100-year level's logarithm, in units of 0.25: of both methods."""
    values, design = records_of(how, skew, records)
    truth, rows = float(PE3(0.0, 1.0, skew).isf(0.01)), []
    methods: tuple[Estimator, ...] = (ExpectedMoments(), MaximumLikelihood())
    found = [Estimation.of(PE3, method, values, design).distribution.isf(0.01) for method in methods]
    both = ~np.isnan(found).any(axis=0)
    for method, levels in zip(methods, found, strict=True):
        off = 0.25 * (levels[both] - truth)
        row = {**how._asdict(), "skew": skew, "records": records, "method": method.name, "both": float(both.mean())}
        rows.append({**row, "bias": float(off.mean()), "rmse": float(np.sqrt(np.mean(off**2)))})
    return rows


def main() -> None:
    """Measure, print, write."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    rows = [row for how in DESIGNS for skew in SKEWS for row in cell(how, skew, records)]
    own = Path(__file__)
    for name, made in (
        ("bulletin", rows),
        (
            "bulletin_errors",
            [
                row
                for how in DESIGNS[:1] + DESIGNS[2:3]
                for skew in SKEWS
                for row in errors(how, skew, min(records, 1_000))
            ],
        ),
    ):
        table = pd.DataFrame(made)
        print(table.round(4).to_string(index=False), flush=True)
        write(table, own.with_name(f"{name}.csv"), SEED)


if __name__ == "__main__":
    main()
