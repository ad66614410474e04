"""What is given of losses day by day: which of them may be forecast, and where the volatility of a day comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError
from evstats.losses.forecasts import (
    Daily,
    day_of,
    days_shared,
    finite_days,
    levels_of,
    numbers_of,
    refuse_disorder,
    scale_of,
    series_of,
)
from evstats.losses.volatilities import VOLATILITIES, Volatility
from evstats.text.arguments import Setting, Text

#: Volatility and mean of the days from the beginning of a window up to a day, and of that day.
Step: TypeAlias = Callable[[int], tuple[Array, Array]]


def losses_of(given: Daily) -> pd.Series:
    """The losses of days in the order of time that do not overlap, some of them positive.

    Raises
    ------
    DataError
        Other ones.
    """
    made = series_of(given, "losses")
    finite_days({"losses": [made]})
    if not made.size:
        raise DataError("there are no losses", "give one for each day.")
    refuse_disorder(made.index)
    if not (made > 0.0).any():
        raise DataError(
            f"the losses are positive on none of {made.size} days, as if returns were given for losses",
            "losses are positive where money is lost: turn their signs.",
        )
    if (days := days_shared(given)) > 1:
        raise DataError(
            f"losses over {days} observations stand at every one of them: most of a loss is known before its day, so "
            "that a forecast of it would be none",
            Text("take losses that do not overlap, ", Setting("overlapping", False, call="returns"), "."),
        )
    return made


def share_below(threshold: Any) -> float:
    """The share of losses below the threshold.

    Raises
    ------
    ArgumentError
        None, or below .5.
    """
    try:
        return levels_of(float(threshold))[0]
    except (TypeError, ValueError, ArgumentError):
        likely = (
            f" Did you mean {threshold / 100:g}?" if isinstance(threshold, int | float) and 50 < threshold < 100 else ""
        )
        raise ArgumentError(
            Text(Setting("threshold"), f" is {threshold!r}"),
            f"expected the share of standardised losses below it, above 0.5 and below 1, such as 0.9.{likely}",
            argument="threshold",
        ) from None


@dataclass(frozen=True, eq=False)
class _Known:
    """Volatility and mean of every day, known the day before."""

    sigma: Array
    mean: Array

    def since(self, origin: int, end: int) -> Step:
        """Of the days from an origin on; that after the last is not known (NaN)."""
        return lambda day: (_with_next(self.sigma, origin, day), _with_next(self.mean, origin, day))


def _with_next(values: Array, origin: int, day: int) -> Array:
    own = values[origin : day + 1]
    return own if day < values.size else np.append(own, np.nan)


@dataclass(frozen=True, eq=False)
class _Made:
    """Volatility and mean by a function of losses."""

    function: Volatility
    losses: pd.Series

    def since(self, origin: int, end: int) -> Step:
        """Of the days from an origin on, by what the function makes of the losses from there to an end."""
        values = self.losses.to_numpy()
        made = self.function(values[origin:end].copy())
        function = made if callable(made) else self.function

        def step(day: int) -> tuple[Array, Array]:
            past = values[origin:day].copy()
            return self._checked(made if day == end and not callable(made) else function(past), origin, day)

        return step

    def _checked(self, given: Any, origin: int, day: int) -> tuple[Array, Array]:
        pair = given if isinstance(given, tuple) and len(given) == 2 else (given, 0.0)
        sigma, mean = (numbers_of(own, name) for own, name in zip(pair, ("volatility", "mean"), strict=True))
        count = day - origin
        if sigma.shape != (count + 1,) or mean.shape not in ((), sigma.shape):
            raise ArgumentError(
                Text(Setting("volatility"), f" gives shape {sigma.shape} of {count} losses"),
                f"expected ({count + 1},): the volatility of each of their days and of the next, or that and the mean.",
                argument="volatility",
            )
        wrong = ~((sigma > 0.0) & np.isfinite(sigma) & np.isfinite(mean))
        if wrong.any():
            place = origin + int(np.flatnonzero(wrong)[0])
            index = None if isinstance(self.losses.index, pd.RangeIndex) else self.losses.index
            when = "of the day after the last" if place >= self.losses.size else day_of(index, place)
            raise DataError(
                f"the volatility made of the losses is not positive and finite, or its mean not finite, {when}",
                "leave out days without trading, or give the volatility of each day.",
            )
        return sigma, np.broadcast_to(mean, sigma.shape)


def source_of(volatility: Any, mean: Any, losses: pd.Series) -> _Known | _Made:
    """Where volatility and mean of each day come from.

    Raises
    ------
    DataError, ArgumentError
        Other days, values that are missing, an unknown name.
    """
    if isinstance(volatility, str):
        volatility = VOLATILITIES[volatility]
    if callable(volatility):
        if np.ndim(mean) or mean != 0.0:
            raise ArgumentError(
                Text(Setting("mean"), " is given beside a function that makes the volatility"),
                "let it give both, as a pair of arrays.",
                argument="mean",
            )
        return _Made(volatility, losses)
    if volatility is None or (not np.ndim(volatility) and not hasattr(volatility, "series")):
        raise ArgumentError(
            Text(Setting("volatility"), f" is {volatility!r}"),
            f"give one for each day, a function of losses, or one of {', '.join(map(repr, VOLATILITIES))}.",
            argument="volatility",
        )
    sigma = scale_of(volatility, losses)
    if not np.ndim(mean) and not hasattr(mean, "series"):
        middle = np.full(sigma.size, numbers_of(mean, "mean"))
        if not np.isfinite(middle).all():
            raise ArgumentError(Text(Setting("mean"), f" is {mean}"), "give a finite number.", argument="mean")
        return _Known(sigma, middle)
    own = series_of(mean, "mean")
    finite_days({"losses": [losses], "mean": [own]})
    return _Known(sigma, own.to_numpy())


__all__ = ["Step", "losses_of", "share_below", "source_of"]
