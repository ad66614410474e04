"""How often the limits of changes between now and then hold: of the ratio of probabilities and of the intensity.

A location that rises by 0 or 1 scales over n blocks; the event is the true 100-year level of the last. Estimates that
are 0/0 or infinite are counted, and their limits with the others. A sample without an estimate counts as a miss. Above
is where the truth is above the upper limit; open-ended are intervals with an upper limit of infinity or a lower of 0.

    python tests/studies/trends_ratio.py --samples 1000 --sizes 60 100
    python tests/studies/trends_ratio.py --samples 1000 --sizes 30 --seed 7
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

import numpy as np
from kept import stamp

import evstats as ev

FILE = Path(__file__).with_suffix(".csv")
COLUMNS = (
    "n", "shape", "change", "samples", "interval", "held", "above", "below", "without_estimate", "infinite",
    "undefined", "open_ended", "held_change", "above_change", "below_change", "seconds", "seed", "date", "version",
)  # fmt: skip


def cell(n: int, shape: float, change: float, samples: int, interval: str | None, seed: int) -> dict[str, object]:
    """One row of the table."""
    t, begin = np.linspace(0.0, 1.0, n), time.process_time()
    x = ev.GEV(0.0, 1.0, shape).rvs((samples, n), rng=[seed, n, int(10 * shape + 5), int(change)]) + change * t
    event = float(ev.GEV(change, 1.0, shape).isf(0.01))
    truth = 0.01 / float(ev.GEV(0.0, 1.0, shape).sf(event))
    fit = ev.fit(x, "gev", loc="t", covariates={"t": t})
    ratio, moved = fit.probability_ratio([event], interval=interval), fit.change([100.0], interval=interval)
    with np.errstate(invalid="ignore"):
        above, below = truth > ratio["upper"].to_numpy(), truth < ratio["lower"].to_numpy()
        above_change, below_change = change > moved["upper"].to_numpy(), change < moved["lower"].to_numpy()
    good = np.ravel(fit.converged)
    estimate, limits = ratio["estimate"].to_numpy(), ratio[["lower", "upper"]].to_numpy()
    return {
        "n": n, "shape": shape, "change": change, "samples": samples, "interval": interval or "unasked",
        "held": (good & ~above & ~below).mean(), "above": above.mean(), "below": below.mean(),
        "without_estimate": (~good).mean(), "infinite": np.isinf(estimate).mean(),
        "undefined": (np.isnan(estimate) & good).mean(), "open_ended": np.isinf(limits[:, 1] / limits[:, 0]).mean(),
        "held_change": (good & ~above_change & ~below_change).mean(), "above_change": above_change.mean(),
        "below_change": below_change.mean(), "seconds": round(time.process_time() - begin, 1),
    }  # fmt: skip


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=1_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[30, 60, 100])
    parser.add_argument("--interval", default=None)
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--seed", type=int, default=20_261_128)
    asked = parser.parse_args()
    with asked.file.open("a", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        if not asked.file.stat().st_size:
            writer.writeheader()
        for n in asked.sizes:
            for shape in (-0.2, 0.0, 0.2):
                for change in (0.0, 1.0):
                    row = cell(n, shape, change, asked.samples, asked.interval, asked.seed) | stamp(asked.seed)
                    writer.writerow({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
                    out.flush()
                    print(*row.values(), flush=True)


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main()
