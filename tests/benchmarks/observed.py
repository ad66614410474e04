"""A hundred records of which some values are known by bounds, together and one at a time."""

from __future__ import annotations

from functools import partial

import numpy as np
from measuring import Case, Pair, Sizes
from numpy.typing import NDArray

import evstats as ev

Array = NDArray[np.float64]

PACKAGES = ("evstats", "numpy", "scipy")
RECORDS, GAUGED, YEARS = 100, 30, 130


def history(values: Array, truth: ev.GEV) -> tuple[Array, Array, Array]:
    """Bounds and perception: of the years before the gauge the peaks above the 20-year level are known."""
    level = float(truth.isf(0.05))
    below = (values < level) & (np.arange(YEARS) < YEARS - GAUGED)
    perception = np.where(np.arange(YEARS) < YEARS - GAUGED, level, -np.inf)
    return np.where(below, -np.inf, values), np.where(below, level, values), perception


def counted(values: Array, truth: ev.GEV) -> tuple[Array, Array, Array]:
    """The same of which only is known in which years the level was passed."""
    lower, upper, perception = history(values, truth)
    above = lower >= perception
    above &= np.isfinite(perception)
    return np.where(above, perception, lower), np.where(above, np.inf, upper), perception


def censored(values: Array, truth: ev.GEV) -> tuple[Array, Array, None]:
    """A gauge alone, whose highest values are known to lie above a level."""
    gauge, level = values[:, -GAUGED:], float(truth.ppf(0.8))
    return np.minimum(gauge, level), np.where(gauge >= level, np.inf, gauge), None


def stepped(values: Array, truth: ev.GEV) -> tuple[Array, Array, None]:
    """A gauge alone, written down in steps of half a scale."""
    low = 0.5 * np.floor(2.0 * values[:, -GAUGED:])
    return low, low + 0.5, None


WAYS = {
    "30 years and a history of known peaks": history,
    "30 years and a history of counts": counted,
    "30 years of which the highest are known to lie above a level": censored,
    "30 years in steps of half a scale": stepped,
}


def together(way: str, sizes: Sizes) -> Pair:
    """One fit of all and its table, against a fit and a table each."""
    truth = ev.GEV(0.0, 1.0, 0.1)
    values = truth.rvs((sizes(RECORDS), YEARS), rng=1)
    lower, upper, perception = WAYS[way](values, truth)

    def answers(some: int | slice) -> Array:
        found = ev.fit(ev.observed(lower[some], upper[some], perception), "gev").return_level([100.0])
        return found[["lower", "upper"]].to_numpy(dtype=np.float64)

    def alone() -> Array:
        return np.concatenate([answers(record) for record in range(len(values))])

    return Pair(lambda: answers(slice(None)), alone)


def cases() -> list[Case]:
    """Fit and 100-year level with the interval taken unasked."""
    return [
        Case(
            "bounds",
            f"GEV and 100-year level with its interval, {RECORDS} records of {way}",
            "one at a time",
            partial(together, way),
            mark=20.0,
            rounds=3,
        )
        for way in WAYS
    ]


__all__ = ["PACKAGES", "cases"]
