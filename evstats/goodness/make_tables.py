"""Simulate the shipped tables anew: ``python -m evstats.goodness.make_tables`` (about twenty minutes on one core)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from evstats.distributions import GEV, Gumbel
from evstats.estimators import Estimate, Estimation, MaximumLikelihood
from evstats.goodness import nulls, of_fit, shipped, zero_shape
from evstats.simulated.tables import FOLDER, write_table

Array = NDArray[np.float64]


def main(folder: Path = FOLDER) -> None:
    """Write the tables into a folder, by default the package's own."""
    rows = [_row(n) for n in tqdm(shipped.COUNTS, desc="n")]
    tables = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    write_table(shipped.TABLE, tables, folder)


def _row(n: int) -> dict[str, Array]:
    method = MaximumLikelihood()
    fit_tests = of_fit.simulated_null(GEV, method, n, shipped.REPLICATES)
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
        fitted: Estimate = method.estimate(Gumbel, ordered)
        _, p_fit = of_fit.goodness_of_fit(Estimation(Gumbel, method, ordered, fitted))
        p_zero = zero_shape.two_sided(nulls.p_values(null, zero_shape.signed_statistics(ordered)))
        rejected.append(np.column_stack([p_fit[:, 0], p_zero]) <= 0.05)
    return np.concatenate(rejected).mean(axis=0)


if __name__ == "__main__":
    main()
