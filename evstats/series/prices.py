"""Returns from prices, the way to losses: ``losses = -returns(prices)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.errors import DataError
from evstats.registry import Registry
from evstats.series.frames import float_cells
from evstats.series.records import Record

Array = NDArray[np.float64]


def _log(before: Array, after: Array) -> Array:
    return np.log(after) - np.log(before)


def _simple(before: Array, after: Array) -> Array:
    return (after - before) / before


KINDS: Registry[Callable[[Array, Array], Array]] = Registry("kind of return", {"log": _log, "simple": _simple})


@overload
def returns(prices: Record | pd.Series, kind: str = "log") -> pd.Series: ...
@overload
def returns(prices: NDArray[Any], kind: str = "log") -> Array: ...
def returns(prices: Record | pd.Series | NDArray[Any], kind: str = "log") -> pd.Series | Array:
    """Return of each price on the one before: log(p_t / p_(t-1)), or p_t / p_(t-1) - 1 with ``kind="simple"``.

    A Record or Series of n prices gives a Series of n - 1 returns (dimensionless, 0.01 is one percent) at the later
    time, named as the prices are; an array gives an array. Missing prices are left out before: the return spans them.
    Losses are ``-returns(prices)``. Definitions: McNeil, Frey, Embrechts (2015), Quantitative Risk Management, 2.1.

    Raises DataError for a price that is not positive and finite, naming where, or fewer than two prices.

    >>> returns(np.array([100.0, 110.0, 99.0]), kind="simple").round(12).tolist()
    [0.1, -0.1]
    """
    rule = KINDS[kind]
    series = _as_series(prices)
    if len(series) < 2:
        raise DataError(f"returns need at least two prices, got {len(series)}.")
    levels = series.to_numpy()
    _require_positive(series, levels)
    changes = rule(levels[:-1], levels[1:])
    return pd.Series(changes, index=series.index[1:], name=series.name) if _has_index(prices) else changes


def _has_index(prices: object) -> bool:
    return isinstance(prices, Record | pd.Series)


def _as_series(prices: Record | pd.Series | NDArray[Any]) -> pd.Series:
    if isinstance(prices, Record):
        return prices.series
    return float_cells(prices).dropna()


def _require_positive(series: pd.Series, levels: Array) -> None:
    bad = ~((levels > 0) & np.isfinite(levels))
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"price {levels[place]:g} at {series.index[place]} is not positive and finite ({int(bad.sum())} such in "
            f"{len(levels)}), so no return on it exists; correct or remove it."
        )
