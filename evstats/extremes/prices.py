"""Returns from prices, the way to losses: ``losses = -returns(prices)``."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError
from evstats.habits import knowing_their_names
from evstats.notes import Note
from evstats.reading.containers import Frame, in_pandas
from evstats.reading.frames import Tabular, float_cells
from evstats.reading.records import Record
from evstats.registry import Registry
from evstats.text.arguments import InPython, Setting, Text
from evstats.text.numbers import number

#: Shares for one of splits, and how near (in logarithms) a step of prices comes to one.
_SPLITS = {"3:2": 1.5} | {f"{n}:1": float(n) for n in (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100)}
_NEAR = 0.02
#: How many times as far as all other steps one goes that is taken for a split, and of how many steps at least. Crashes
#: stand out less: oil fell to two thirds on 1991-01-17, 2.1 times as far as on the next largest day.
_TIMES, _FEWEST = 4.0, 20

#: The return on the price before of the price after.
KINDS: Registry[Callable[[Array, Array], Array]] = Registry(
    "kind of return",
    {
        "log": lambda before, after: np.log(after) - np.log(before),
        "simple": lambda before, after: (after - before) / before,
    },
)


@overload
def returns(
    prices: Record | pd.Series | Frame, kind: str = "log", *, days: int = 1, overlapping: bool = True
) -> pd.Series: ...
@overload
def returns(prices: NDArray[Any], kind: str = "log", *, days: int = 1, overlapping: bool = True) -> Array: ...
@knowing_their_names
def returns(
    prices: Record | Tabular, kind: str = "log", *, days: int = 1, overlapping: bool = True
) -> pd.Series | Array:
    """Return of each price on the one before: log(p_t / p_(t-1)), or p_t / p_(t-1) - 1 with ``kind="simple"``.

    With ``days=10`` it is the return on the price ten observations (trading days) before, the way to the loss over ten
    days; a return stands at every price still, so that neighbours overlap, as ``attrs["notes"]``, the block maxima and
    the back-test of them say. With ``overlapping=False`` it stands at every tenth price, the last one among them.

    A step of prices that goes in the ratio of a split, such as 4:1, and four times as far as any other, is named in
    ``attrs["notes"]`` too: prices are to be adjusted for splits.

    Losses are ``-returns(prices)``.

    Parameters
    ----------
    prices
        A Record or Series of n prices, or an array; missing prices are left out before, and the return spans them.
    kind
        ``"log"`` or ``"simple"``.
    days
        Over how many observations (trading days).
    overlapping
        Whether a return stands at every price, or at every ``days``-th, the last one among them.

    Returns
    -------
    Series or array
        The n - days returns (dimensionless, 0.01 is one percent) at the later time, named as the prices are; an
        array of an array.

    Raises
    ------
    DataError
        A price that is not positive and finite, with its place; too few prices.
    ArgumentError
        Days that are no whole number of 1 or more; an unknown kind.

    References
    ----------
    - McNeil, A. J., Frey, R. and Embrechts, P. (2015). Quantitative Risk Management. Princeton University Press,
      section 2.1.

    Examples
    --------
    >>> returns(np.array([100.0, 110.0, 99.0]), kind="simple").round(12).tolist()
    [0.1, -0.1]
    >>> returns(np.array([100.0, 110.0, 99.0]), kind="simple", days=2).round(12).tolist()
    [-0.01]
    >>> returns(np.array([90.0, 100.0, 105.0, 110.0, 99.0]), kind="simple", days=2, overlapping=False).round(3).tolist()
    [0.167, -0.057]
    """
    rule, lag = KINDS[kind], _whole(days)
    step = 1 if overlapping else lag
    prices = prices if isinstance(prices, Record) else in_pandas(prices)
    series = _as_series(prices)
    if len(series) <= lag:
        over = "" if lag == 1 else f" over {lag} observations"
        raise DataError(f"returns{over} need at least {'two' if lag == 1 else lag + 1} prices, got {len(series)}.")
    levels = series.to_numpy()
    _require_positive(series, levels)
    whole = slice((len(levels) - 1 - lag) % step, None, step)  # so that the last price ends a return
    changes = rule(levels[:-lag][whole], levels[lag:][whole])
    if isinstance(prices, np.ndarray):
        return changes
    made = pd.Series(changes, index=series.index[lag:][whole], name=series.name)
    made.attrs = {"unit": None}  # what the name tells is the unit of the prices
    overlap = (Note("overlapping_returns", str(series.name), days=lag),) if lag > step else ()
    if notes := (*_splits(series), *overlap):
        made.attrs["notes"] = notes
    return made


def _splits(prices: pd.Series) -> Iterator[Note]:
    """That the steps which go furthest look like splits for which prices are not adjusted."""
    levels = prices.to_numpy()
    steps = np.diff(np.log(levels))
    if steps.size < _FEWEST:
        return
    sizes = np.abs(steps)
    order = np.argsort(-sizes, kind="stable")
    ratios = np.log(list(_SPLITS.values()))
    apart = np.abs(sizes[order][:, None] - ratios)
    like = np.logical_and.accumulate(apart.min(axis=1) <= _NEAR)  # with all that go as far
    found = np.flatnonzero(like[:-1] & (sizes[order][:-1] > _TIMES * sizes[order][1:]))
    if not found.size:
        return
    first = int(order[: found[-1] + 1].min())
    split = list(_SPLITS)[int(np.abs(sizes[first] - ratios).argmin())]
    falls = bool(steps[first] < 0)
    yield Note(
        "as_at_a_split",
        split if falls else ":".join(reversed(split.split(":"))),
        time=_place(prices.index[first + 1]),
        before=levels[first],
        after=levels[first + 1],
        falls=falls,
        count=int(found[-1]) + 1,
    )


def _place(label: Any) -> str:
    return f"{label:%Y-%m-%d}" if hasattr(label, "year") else str(label)


def _whole(days: object) -> int:
    try:
        lag = 0 if isinstance(days, bool) else operator.index(days)  # type: ignore[arg-type]
    except TypeError:
        lag = 0
    if lag < 1:
        problem = Text(Setting("days"), f" must be a whole number of observations, 1 or more, not {days!r}")
        raise ArgumentError(Text(problem, InPython(" (--horizon-days)"), "."))
    return lag


def _as_series(prices: Record | pd.Series | NDArray[Any]) -> pd.Series:
    """The prices without missing ones, in order of time where they are dated."""
    if isinstance(prices, Record):
        return prices.series
    series = float_cells(prices).dropna()
    dated = isinstance(series.index, (pd.DatetimeIndex, pd.PeriodIndex))
    return series if not dated or series.index.is_monotonic_increasing else series.sort_index(kind="stable")


def _require_positive(series: pd.Series, levels: Array) -> None:
    bad = ~((levels > 0) & np.isfinite(levels))
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"price {number(levels[place], 6)} at {series.index[place]} is not positive and finite "
            f"({int(bad.sum())} such in {len(levels)}), so no return on it exists",
            "correct or remove it.",
        )
