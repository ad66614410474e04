"""Simulate the tables that are shipped with the package anew.

``python tests/studies/shipped_tables.py tests_of_fit`` takes about twenty minutes on one core, ``signed_root`` and
``few_values`` and ``excess_tests`` a few minutes each; ``peak_root`` an hour; without a name all are made.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special
from numpy.typing import NDArray
from tqdm import tqdm

from evstats import noise, simulated
from evstats.distributions import GEV, GPD, ExponentialProcess, Family, GPDProcess, Gumbel
from evstats.estimators import Estimation, Flat, MaximumLikelihood
from evstats.estimators.excesses import gpd_maxima
from evstats.estimators.lanes import lane_blocks
from evstats.goodness import nulls, of_fit, shipped, statistics, zero_shape
from evstats.intervals import calibration, few_values, peak_calibration, root_table
from evstats.intervals.shape_posterior import ShapeNodes
from evstats.quantities import Parameters, PeakLevel, ReturnLevel
from evstats.thresholds import anderson_darling

Array = NDArray[np.float64]
Arrays = dict[str, NDArray[np.floating[Any]]]

FOLDER = Path(simulated.__file__).parent


# -- tests of fit and of shape 0 ---------------------------------------------------------------------------------------


def tests_of_fit() -> Arrays:
    """Critical values by the number of values, and the power of the tests of a Gumbel."""
    rows = [_row(n) for n in tqdm(shipped.COUNTS, desc="n")]
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _row(n: int) -> Arrays:
    fit_tests = of_fit.simulated_null(GEV, MaximumLikelihood(), n, shipped.REPLICATES)
    null = zero_shape.simulated_null(n, nulls.REPLICATES)
    powers = [_power(n, shape, null) for shape in shipped.ALTERNATIVES]
    return {
        "fit_tests": fit_tests.astype(np.float32),
        "zero_shape": null.astype(np.float32),
        "power": np.stack(powers, axis=-1),
    }


def _power(n: int, shape: float, null: Array) -> Array:
    """Share of GEV samples of a shape for which each test of Gumbel rejects at 5 %, shape (3,)."""
    method, rejected = MaximumLikelihood(), []
    for ordered in nulls.samples_of(GEV.from_parameters([0.0, 1.0, shape]), shipped.REPLICATES, n):
        _, p_fit = of_fit.goodness_of_fit(Estimation(Gumbel, method, ordered, method.estimate(Gumbel, ordered)))
        p_zero = zero_shape.two_sided(nulls.p_values(null, zero_shape.signed_statistics(ordered)))
        rejected.append(np.column_stack([p_fit[:, 0], p_zero]) <= 0.05)
    return np.concatenate(rejected).mean(axis=0)


# -- the signed root of the likelihood ratio ---------------------------------------------------------------------------


def signed_root() -> Arrays:
    """Quantiles of the signed root and the mean of its square, for GEV and Gumbel."""
    parts: Arrays = {}
    for family, shapes in ((GEV, calibration.SHAPES), (Gumbel, np.zeros(1))):
        quantiles, square = _roots(family, shapes)
        parts |= {f"{family.name}_quantiles": np.round(quantiles, 4), f"{family.name}_square": np.round(square, 4)}
    return parts


def _roots(family: type[Family], shapes: Array) -> tuple[Array, Array]:
    """Quantiles (sizes, shapes, variates, scores) of the signed root, and the mean of its square."""
    sizes, variates, scores = calibration.SIZES, calibration.VARIATES, root_table.SCORES
    grid = sizes.size, shapes.size, variates.size
    quantiles, square = np.empty((*grid, scores.size)), np.empty(grid)
    levels = ReturnLevel(-1.0 / np.expm1(-np.exp(-variates)))
    for i, n in enumerate(sizes):
        g = noise.gumbel((calibration.REPLICATES, int(n)), rng=[calibration.SEED, int(n)])
        for j, xi in enumerate(shapes):
            roots = calibration.signed_roots(levels, family, int(n), float(xi), g)
            quantiles[i, j] = np.quantile(roots, scipy.special.ndtr(scores), axis=0).T
            square[i, j] = np.mean(roots**2, axis=0)
    return quantiles, square


# -- the same of peaks over a threshold --------------------------------------------------------------------------------


def peak_root() -> Arrays:
    """Quantiles of the signed root of levels and parameters of peaks and the mean of its square, for GPD and
    exponential."""
    parts: Arrays = {}
    families: tuple[tuple[type[Family], Array], ...] = (
        (GPDProcess, peak_calibration.SHAPES),
        (ExponentialProcess, np.zeros(1)),
    )
    for family, shapes in families:
        for of in (peak_calibration.LEVELS, peak_calibration.PARAMETERS):
            quantiles, square = _peak_roots(family, shapes, of)
            name = f"{family.name}_{of}"
            parts |= {f"{name}_quantiles": np.round(quantiles, 4), f"{name}_square": np.round(square, 4)}
    return parts


def _peak_roots(family: type[Family], shapes: Array, of: str) -> tuple[Array, Array]:
    """Quantiles (sizes, shapes, questions, scores) of the signed root, and the mean of its square."""
    quantiles, square = [], []
    for n in peak_calibration.SIZES.tolist():
        seed, count = [peak_calibration.SEED, n], peak_calibration.REPLICATES
        quantity = PeakLevel(np.exp(peak_calibration.DEPTHS) / n) if of == peak_calibration.LEVELS else Parameters()
        roots = [peak_calibration.signed_roots(quantity, family, n, float(xi), count, seed) for xi in shapes]
        ranks = scipy.special.ndtr(root_table.SCORES)
        quantiles.append([np.quantile(each, ranks, axis=0).T for each in roots])
        square.append([np.mean(each**2, axis=0) for each in roots])
    return np.array(quantiles), np.array(square)


# -- limits from few values --------------------------------------------------------------------------------------------

SEED, REPLICATES = 12, 1_000
#: Shapes and periods that are simulated: below, all count alike, above, the shape that needs the most.
SHAPES = np.array([-0.4, -0.2, 0.0, 0.2, 0.4])
PERIODS = np.array([2.0, 5.0, 10.0, 50.0, 100.0, 1000.0])
#: Values of a lane's nodes in use at a time, for the size of a part.
_LANE_VALUES = 4_000


def few_values_scores() -> Arrays:
    """Normal scores of the quantiles (sizes, scores) of the posterior probability below the true level: of all shapes
    together below the median, of the shape where it is greatest above."""
    rows = []
    scores = few_values.SCORES
    for n in few_values.SIZES:
        g = noise.gumbel((REPLICATES, int(n)), rng=[SEED, int(n)])
        found = [_probabilities_below(int(n), float(xi), g).ravel() for xi in SHAPES]
        together = np.quantile(np.concatenate(found), scipy.special.ndtr(scores))
        greatest = np.max([np.quantile(each, scipy.special.ndtr(scores)) for each in found], axis=0)
        rows.append(scipy.special.ndtri(np.where(scores > 0.0, greatest, together)))
    return {"scores": np.round(np.maximum.accumulate(np.stack(rows), axis=-1), 3)}


def _probabilities_below(n: int, shape: float, g: Array) -> Array:
    """The posterior probabilities below the true levels, (samples, periods), of the samples ``from_gumbel(g)``, g of
    shape (replicates, n), that have an interior maximum."""
    truth = GEV(0.0, 1.0, shape)
    sample = truth.from_gumbel(g)
    sample = sample[MaximumLikelihood().estimate(GEV, sample).converged]
    levels, variates = ReturnLevel(PERIODS)(truth), ReturnLevel(PERIODS)(GEV(0.0, 1.0, 0.0))
    found = []
    for block in lane_blocks(len(sample), n * _LANE_VALUES):
        nodes = ShapeNodes.under(Flat(), sample[block])
        z = (levels - nodes.unit.low) / nodes.unit.scale
        pairs = zip(z.T, variates, strict=True)
        found.append(np.stack([nodes.averaged(-nodes.log_rate(x[:, None])[0] - y) for x, y in pairs], axis=-1))
    return np.concatenate(found)


# -- tests of the excesses of thresholds -------------------------------------------------------------------------------

EXCESS_REPLICATES = 40_000


def excess_tests() -> Arrays:
    """Critical values (counts, shapes, levels) of log A^2 of a GPD by maximum likelihood."""
    table = [
        [_excess_critical(int(count), float(xi)) for xi in anderson_darling.SHAPES]
        for count in tqdm(anderson_darling.COUNTS, desc="peaks")
    ]
    return {"anderson_darling": np.asarray(table, dtype=np.float32)}


def _excess_critical(count: int, shape: float) -> Array:
    """Critical values (levels,) among samples of so many excesses that have an estimate."""
    random, logarithms = noise.generator(nulls.SEED), []
    for start in range(0, EXCESS_REPLICATES, step := max(1, 500_000 // count)):
        rows = min(step, EXCESS_REPLICATES - start)
        drawn = np.sort(GPD(0.0, 1.0, shape).from_exponential(noise.exponential((rows, count), rng=random)), axis=-1)
        found = gpd_maxima(drawn, np.full(rows, count))
        there = found.converged
        fitted = GPD(np.zeros(int(there.sum())), found.scale[there], found.shape[there])
        logarithms.append(np.log(statistics.anderson_darling(fitted, drawn[there])))
    return np.quantile(np.concatenate(logarithms), 1.0 - nulls.LEVELS)


TABLES = {
    shipped.TABLE: tests_of_fit,
    calibration.TABLE: signed_root,
    peak_calibration.TABLE: peak_root,
    few_values.TABLE: few_values_scores,
    anderson_darling.TABLE: excess_tests,
}


def main(names: list[str], folder: Path = FOLDER) -> None:
    """Write tables into a folder, by default the package's own."""
    for name in names or TABLES:
        np.savez_compressed(folder / f"{name}.npz", **TABLES[name]())  # type: ignore[arg-type]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(TABLES))
    main(parser.parse_args().names)
