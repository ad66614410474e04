"""What a statistic may be where the forecasts are right, and the p-values that follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from evstats.arrays import Array
from evstats.registry import Registry

#: Statistics as near to each other, relative to their size, are the same one.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Null:
    """The distribution of a statistic under right forecasts; large values speak against them.

    Attributes
    ----------
    statistics : what it may be: every value it can take, or simulated ones.
    masses : how likely each value is; None of simulated ones, all alike, among which the observed one is one more.
    """

    statistics: Array
    masses: Array | None = None

    def shares(self, statistic: float) -> tuple[float, float]:
        """How likely a larger statistic is, and one that is the same."""
        gap = _SAME * max(1.0, abs(statistic)) if np.isfinite(statistic) else 0.0
        larger, least = self.statistics > statistic + gap, self.statistics >= statistic - gap
        if self.masses is None:
            count = int(np.count_nonzero(~np.isnan(self.statistics))) + 1
            beyond = int(np.count_nonzero(larger))
            return beyond / count, (int(np.count_nonzero(least)) - beyond + 1) / count
        beyond_mass = float(self.masses[larger].sum())
        return beyond_mass, float(self.masses[least & ~larger].sum())

    def p_values(self) -> Array:
        """Of every value that can be taken, the chance of one as large or larger."""
        assert self.masses is not None, "every outcome is counted"
        order = np.argsort(self.statistics)
        ranked, beyond = self.statistics[order], np.cumsum(self.masses[order][::-1])[::-1]
        least = ranked - _SAME * np.maximum(1.0, np.abs(ranked))
        found = np.empty_like(beyond)
        found[order] = beyond[np.searchsorted(ranked, least)]
        return found


#: A p-value of the chance of a larger statistic, of one that is the same, and a uniform number.
RULES: Final[Registry[Callable[[float, float, float], float]]] = Registry(
    "kind of p-value",
    {
        "exact": lambda larger, same, uniform: larger + same,
        "mid-p": lambda larger, same, uniform: larger + 0.5 * same,
        "random": lambda larger, same, uniform: larger + uniform * same,
    },
)
#: The p-value by the distribution that the statistic has in endless samples, beside the rules.
ASYMPTOTIC: Final = "asymptotic"


def p_value(null: Null, statistic: float, rule: str, uniform: float) -> float:
    """The p-value of an observed statistic, by a rule of what becomes of statistics that are the same."""
    if np.isnan(statistic):
        return float("nan")
    return min(1.0, RULES[rule](*null.shares(statistic), uniform))


__all__ = ["ASYMPTOTIC", "RULES", "Null", "p_value"]
