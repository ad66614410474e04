"""How often the 90 % limits of Bulletin 17C's flows hold the truth, with history and without.

python tests/studies/bulletin.py [RECORDS] writes bulletin.csv beside it (about two minutes for 3,000).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from evstats import noise
from evstats.bulletin.moments import Intervals, expected_moments, quantile_limits
from evstats.bulletin.pearson import pearson_quantile

SEED, CONFIDENCE = 20_261_128, 0.9
PERIODS = np.array([10.0, 100.0, 500.0])
#: Years at the gauge, and years of history above the 20-year flood.
DESIGNS = ((40, 0), (80, 0), (30, 100))
SKEWS = (-0.4, 0.0, 0.4)


def cell(years: int, history: int, skew: float, records: int) -> list[dict[str, float]]:
    """A row for each return period."""
    p = np.exp(-np.exp(-noise.gumbel((records, years + history), rng=SEED)))
    z = pearson_quantile(p, np.array(skew))
    seen, low, high = np.full(z.shape, -np.inf), z.copy(), z.copy()
    if history:
        threshold = float(pearson_quantile(np.array(0.95), np.array(skew)))
        seen[:, years:] = threshold
        below = z[:, years:] < threshold
        low[:, years:][below], high[:, years:][below] = -np.inf, threshold
    p = 1.0 - 1.0 / PERIODS
    moments = expected_moments(Intervals(low, high))
    lower, upper = quantile_limits(p, seen, moments, CONFIDENCE)
    truth = pearson_quantile(p, np.array(skew))
    head = {"years": years, "history": history, "skew": skew, "records": records}
    return [
        {
            **head,
            "period": period,
            "held": float(((lower[:, i] <= truth[i]) & (truth[i] <= upper[:, i])).mean()),
            "above": float((truth[i] > upper[:, i]).mean()),
            "below": float((truth[i] < lower[:, i]).mean()),
        }
        for i, period in enumerate(PERIODS)
    ]


def main() -> None:
    """Measure, print, write."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    rows = [row for design in DESIGNS for skew in SKEWS for row in cell(*design, skew, records)]
    table = pd.DataFrame(rows)
    print(table.round(3).to_string(index=False))
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False)


if __name__ == "__main__":
    main()
