"""How often the test of a trend rejects a true null at 5 %, by what the statistic is compared with.

``python tests/studies/trend_tests.py`` writes ``trend_tests.csv`` (five minutes on one core): the location or the scale
follows an evenly spaced covariate in the larger model, and nothing in the truth. Samples without an estimate under one
of the two models have no test: the sizes are those among the others, and their share is beside them. ``--moving-null``
tests the location in samples whose scale follows the covariate, by so much over the record
(``trend_tests_moving_null.csv``), and ``--residuals`` the tests of fit of a location that follows the covariate
(``trend_residuals.csv``).
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
from kept import write
from tqdm import tqdm

from evstats import goodness, noise
from evstats.distributions import GEV, Family, Gumbel
from evstats.estimators import Estimation, MaximumLikelihood, Regression
from evstats.models import predictors_of

FILE = Path(__file__).with_name("trend_tests.csv")
SEED, SAMPLES = 20_261_128, 10_000
SIZES, SHAPES, MOVING = (20, 30, 50, 100), (-0.2, 0.0, 0.2, None), ("loc", "scale")
LEVEL = 0.05


def row_of(n: int, shape: float | None, moving: str, samples: int, rise: float | None) -> dict[str, object]:
    """The sizes of one cell; of the Gumbel where there is no shape."""
    time, family = np.linspace(0.0, 1.0, n), Gumbel if shape is None else GEV
    g = noise.gumbel((samples, n), rng=noise.generator([SEED, n, 99 if shape is None else round(10 * shape) + 10]))
    x = g if shape is None else GEV(0.0, 1.0, shape).from_gumbel(g)
    x = x * np.exp(0.0 if rise is None else rise * time)
    null = fitted(family, x, time, () if rise is None else ("scale",))
    full = fitted(family, x, time, (moving,) if rise is None else ("scale", moving))
    tests = {name: goodness.ratio_test(null, full, name) for name in goodness.REFERENCES}
    known = ~np.isnan(tests["bartlett"].p_value)
    sizes = {name.replace("-", "_"): round(np.mean(own.p_value[known] <= LEVEL), 4) for name, own in tests.items()}
    return {
        "moving": moving,
        "null_scale_rise": rise or 0.0,
        "n": n,
        "shape": "gumbel" if shape is None else shape,
        "samples": samples,
        **sizes,
        "without_estimate": round(1.0 - np.mean(known), 4),
        "said_without": round(float(np.nanmean(tests["bartlett"].without)), 4),
        "factor": round(float(np.nanmean(tests["bartlett"].factor)), 3),
    }


def fitted(family: type[Family], x: np.ndarray, time: np.ndarray, follow: tuple[str, ...]) -> Estimation:
    """The family whose parameters follow the time."""
    if not follow:
        return Estimation.of(family, MaximumLikelihood(), x)
    predictors = predictors_of(dict.fromkeys(follow, "t"), x, x.shape, {"t": time})
    return Regression.following(family, MaximumLikelihood(), x, predictors)


def residuals_row(n: int, shape: float | None, moving: str, samples: int) -> dict[str, object]:
    """The sizes of the tests of fit."""
    time, family = np.linspace(0.0, 1.0, n), Gumbel if shape is None else GEV
    g = noise.gumbel((samples, n), rng=noise.generator([SEED, 1, n, 99 if shape is None else round(10 * shape) + 10]))
    x = g if shape is None else GEV(0.0, 1.0, shape).from_gumbel(g)
    x = x + time if moving == "loc" else x * np.exp(time)
    p_values = goodness.goodness_of_fit(fitted(family, x, time, (moving,)))[1]
    known = ~np.isnan(p_values[:, 0])
    sizes = dict(zip(goodness.TESTS, np.mean(p_values[known] <= LEVEL, axis=0).round(4), strict=True))
    return {"moving": moving, "n": n, "shape": "gumbel" if shape is None else shape, "samples": samples, **sizes}


def of_residuals(samples: int, file: Path) -> None:
    """The table of the tests of fit."""
    cells = itertools.product(MOVING, SIZES[1:], SHAPES)
    write([residuals_row(n, shape, moving, samples) for moving, n, shape in tqdm(list(cells))], file, SEED)


def main(samples: int, file: Path, rise: float | None, sizes: list[int]) -> None:
    """Write the table, after every cell what is there."""
    rows = []
    for moving, n, shape in tqdm(list(itertools.product(MOVING if rise is None else MOVING[:1], sizes, SHAPES))):
        rows.append(row_of(n, shape, moving, samples, rise))
        write(rows, file, SEED)
        tqdm.write(str(rows[-1]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--moving-null", type=float, metavar="RISE")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--residuals", action="store_true")
    asked = parser.parse_args()
    if asked.residuals:
        of_residuals(asked.samples, asked.file)
    else:
        main(asked.samples, asked.file, asked.moving_null, asked.sizes)
