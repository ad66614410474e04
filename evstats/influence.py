"""How far the answer moves without the largest observation."""

from __future__ import annotations

import numpy as np

from evstats.errors import Status
from evstats.estimators import Estimation
from evstats.quantities import ReturnLevel


def without_largest(estimation: Estimation, level: ReturnLevel) -> str | None:
    """What a return level would be without the most extreme observation of one series, in a sentence; None if no
    fit."""
    values = estimation.values[~np.isnan(estimation.values)]
    most = np.argmin(values) if estimation.family.minima else np.argmax(values)
    again = estimation.estimator.estimate(estimation.family, np.delete(values, most))
    if again.status != Status.CONVERGED:
        return None
    before = float(level(estimation.distribution)[0])
    after = float(level(estimation.family.from_parameters(again.parameters))[0])
    extreme = "smallest" if estimation.family.minima else "largest"
    change = f" ({100 * (after / before - 1):+.1f} %)" if before > 0 and after > 0 else ""
    return (
        f"Without the {extreme} observation ({values[most]:.4g}) the T = {level.questions[0]:g} level would be "
        f"{after:.4g} instead of {before:.4g}{change}."
    )
