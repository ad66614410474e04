"""What a statistic may be where the forecasts are right, and the p-values that follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.registry import Registry

#: Statistics as near to each other, relative to their size, are the same one.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Null:
    """The distribution of a statistic under right forecasts; large values speak against them.

    Attributes
    ----------
    statistics
        What it may be: every value it can take, or simulated ones.
    masses
        How likely each value is; None of simulated ones, all alike, among which the observed one is one more.
    """

    statistics: Array
    masses: Array | None = None

    def shares(self, statistic: ArrayLike) -> tuple[Array, Array]:
        """How likely a larger statistic is, and one that is the same, for every statistic."""
        observed = np.asarray(statistic, dtype=float)
        order = np.argsort(self.statistics)  # NaN, what could not be computed, is last
        count = int(np.count_nonzero(~np.isnan(self.statistics)))
        ranked, own = self.statistics[order[:count]], 1.0 / (count + 1)
        masses = np.full(count, own) if self.masses is None else self.masses[order[:count]]
        beyond = np.append(np.cumsum(masses[::-1])[::-1], 0.0)
        gap = np.where(np.isfinite(observed), _SAME * np.maximum(1.0, np.abs(observed)), 0.0)
        larger = beyond[np.searchsorted(ranked, observed + gap, side="right")]
        same = beyond[np.searchsorted(ranked, observed - gap, side="left")] - larger
        return larger, same + own if self.masses is None else same


#: A p-value of the chance of a larger statistic, of one that is the same, and a uniform number.
RULES: Final[Registry[Callable[[Array, Array, ArrayLike], Array]]] = Registry(
    "kind of p-value",
    {
        "exact": lambda larger, same, uniform: larger + same,
        "mid-p": lambda larger, same, uniform: larger + 0.5 * same,
        "random": lambda larger, same, uniform: larger + np.asarray(uniform) * same,
    },
)
#: The p-value by the distribution that the statistic has in endless samples, beside the rules.
ASYMPTOTIC: Final = "asymptotic"


def p_value(null: Null, statistic: ArrayLike, rule: str, uniform: ArrayLike = 0.0) -> Array:
    """The p-values of observed statistics, by a rule of what becomes of statistics that are the same; NaN of NaN."""
    observed = np.asarray(statistic, dtype=float)
    found = np.minimum(RULES[rule](*null.shares(observed), uniform), 1.0)
    return np.where(np.isnan(observed), np.nan, found)


__all__ = ["ASYMPTOTIC", "RULES", "Null", "p_value"]
