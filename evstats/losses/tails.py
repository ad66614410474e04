"""Generalised Pareto tails of standardised losses, one or many at once, and the risk of days that follows from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, FitError, Status
from evstats.extremes.given import as_peaks
from evstats.fitting import Fit, fit
from evstats.intervals import Interval
from evstats.losses.forecasts import share_of
from evstats.notes import Note, ordered
from evstats.quantities import PeakExpectedShortfall, PeakValueAtRisk
from evstats.text.arguments import Setting, Text, named
from evstats.text.numbers import number, percent
from evstats.thresholds.candidates import FEWEST

#: The two measures of risk by their names, as quantities of a fit whose year is a day.
MEASURES: Final = {"value_at_risk": PeakValueAtRisk, "expected_shortfall": PeakExpectedShortfall}

USEFUL = 30
"""The fewest values beyond the threshold that are enough for use."""

#: What makes the risk of days of that of an innovation, (..., levels).
Scaled: TypeAlias = Callable[[Array], Array]

#: How often nominal 95 % intervals of the 99 % value at risk of the next day held, of 1,000 days of GARCH(1, 1) losses
#: with innovations of Student's t with 4 degrees of freedom (``tests/studies/conditional_risk.csv``).
_HELD = {"known": 0.94, "fitted": 0.85}


def tails_of(z: Array, share: float) -> Fit:
    """The tails of many series (m, n), each beyond what so many of its values lie below.

    Raises
    ------
    DataError
        Fewer than three values beyond.
    """
    threshold = np.quantile(z, share, axis=-1)
    most = int((z > threshold[:, None]).sum(axis=-1).max())
    if most < FEWEST:
        raise DataError(
            f"of {z.shape[-1]:,} standardised losses {most} lie beyond {percent(share)} of them, and a fit needs "
            f"{FEWEST} ({USEFUL} or more for use)",
            "give a longer window, or a lower threshold.",
        )
    highest = np.sort(z, axis=-1)[:, -most:]
    peaks = np.where(highest > threshold[:, None], highest, np.nan)
    return fit(as_peaks(peaks, threshold, float(z.shape[-1]), name="standardised loss"), "gpd")


def beyond(levels: tuple[float, ...], share: float) -> Array:
    """The levels, if all lie beyond the threshold, which so large a share exceeds.

    Raises
    ------
    ArgumentError
        One that does not.
    """
    low = [level for level in levels if share_of(level) >= share]
    if low:
        raise ArgumentError(
            Text(
                Setting("level"),
                f" {low[0]:g} has its value at risk below the threshold, which a share of {number(share, 4)} of the "
                "standardised losses exceeds",
            ),
            Text(
                f"ask for a level above {number(1.0 - share, 4)}, or take a lower threshold ", named("threshold"), "."
            ),
            argument="level",
        )
    return np.asarray(levels)


def quantiles(found: Fit, measure: str, levels: Array) -> Array:
    """A measure of standardised losses, batch + (k,).

    Raises
    ------
    FitError
        An expected shortfall that is infinite.
    """
    values = MEASURES[measure](levels, 1.0)(found.estimation.distribution)
    if np.isnan(values).any() and measure == "expected_shortfall":
        raise FitError(
            f"the expected shortfall does not exist: the fitted shape "
            f"{number(float(np.max(found.distribution.parameters[..., -1])), 3)} is 1 or more, so that the mean loss "
            "is infinite",
            Status.INFINITE_MEAN,
            "take the value at risk, or a longer record.",
        )
    return values


def risk_table(
    found: Fit, days: pd.Index | None, levels: Array, confidence: float, interval: str | Interval | None, scaled: Scaled
) -> pd.DataFrame:
    """Both measures with limits, of a day, or of ``days``; ``scaled`` makes those of days of those of an innovation."""
    made: dict[str, list[Array]] = {"estimate": [], "lower": [], "upper": []}
    described = ""
    for measure, quantity in MEASURES.items():
        answer = found.evaluate(quantity(levels, 1.0), interval, confidence)
        described = answer.interval
        values = {"estimate": _with_infinite(answer.estimate, measure), "lower": answer.lower, "upper": answer.upper}
        for name, own in made.items():
            own.append(scaled(values[name]))
    table = pd.DataFrame({name: np.stack(own, axis=-2).reshape(-1) for name, own in made.items()})
    table.index = _rows(days, levels)
    notes = [Note("tail_is_in_doubt_alone", **_HELD)]
    if np.isinf(table["estimate"]).any():
        notes.append(Note("shortfall_infinite", shape=float(np.max(found.distribution.parameters[..., -1]))))
    elif np.isinf(table["upper"]).any():
        notes.append(Note("shortfall_without_bound"))
    table.attrs = {"interval": described, "confidence": float(confidence), "notes": ordered(notes)}
    return table


def _with_infinite(estimate: Array, measure: str) -> Array:
    """The estimates, infinite where an expected shortfall is."""
    return np.where(np.isnan(estimate), np.inf, estimate) if measure == "expected_shortfall" else estimate


def _rows(days: pd.Index | None, levels: Array) -> pd.MultiIndex:
    """Measures and levels in the order of the table, for each day, so that looking one up is no search."""
    known: list[Any] = [list(MEASURES), levels]
    codes: list[Any] = [np.repeat([0, 1], levels.size), np.tile(np.arange(levels.size), 2)]
    names = ["measure", "level"]
    if days is not None:
        place, distinct = pd.factorize(days)
        known, names = [distinct, *known], [str(days.name or "day"), *names]
        codes = [np.repeat(place, 2 * levels.size), *(np.tile(own, len(days)) for own in codes)]
    return pd.MultiIndex(levels=known, codes=codes, names=names)


__all__ = ["MEASURES", "USEFUL", "beyond", "quantiles", "risk_table", "tails_of"]
