"""The candidate thresholds as a part of a page: a table, and a slider that says what each would have answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evstats.estimators import leading
from evstats.report.choosing import diagnostics, level_name
from evstats.report.parts import Table
from evstats.report.values import Value, in_unit, per
from evstats.report.words import label
from evstats.text.numbers import given, number, percent
from evstats.thresholds.choices.base import Tried

if TYPE_CHECKING:
    import pandas as pd

    from evstats.extremes.peak_records import Peaks
    from evstats.fitting import Fit

#: The columns that a page shows; the JSON form has all.
_SEEN = (
    *("threshold", "peaks", "shape", "shape_lower", "shape_upper"),
    *("level", "level_lower", "level_upper", "anderson_darling_p", "score_p"),
)
THRESHOLD = ("shape_by_threshold", "level_by_threshold", "mean_excess", "criterion")
"""The four figures by which a threshold is judged."""
#: The one that a given threshold is looked at by, as a choice would have been.
_USUAL = "eqd"


@dataclass(frozen=True, eq=False)
class Slider(Table):
    """A table of candidate thresholds, as from ``threshold_diagnostics``, along which a page lets its reader move.

    ``start`` is the row of the threshold of the report, ``criterion`` the column that a choice looks at.
    """

    kind = "slider"
    start: int = 0
    criterion: str = _USUAL

    @property
    def candidates(self) -> pd.DataFrame:
        """A row for each, with the index ``threshold``."""
        return self.frame.set_index("threshold")

    @property
    def threshold(self) -> float:
        """That of the report."""
        return float(self.candidates.index[self.start])

    @property
    def said(self) -> dict[str, list[str]]:
        """What is said of each candidate, by the name of it."""
        table, attrs = self.candidates, self.frame.attrs
        unit, time, sure = attrs["unit"], attrs["time_unit"], percent(attrs["confidence"])
        period = f"{level_name(attrs)}, {sure} interval"
        return {
            "threshold": [in_unit(given(limit), unit) for limit in table.index],
            "peaks kept": [
                f"{n:,}, {number(rate, 3)} {per(time)}" for n, rate in zip(table["peaks"], table["rate"], strict=True)
            ],
            f"shape, {sure} interval": [_estimated(row, "shape") for _, row in table.iterrows()],
            period: [_level(row, unit, attrs["level_period"]) for _, row in table.iterrows()],
        }


def slider(table: pd.DataFrame, peaks: Peaks) -> Slider:
    """The diagnostics of all candidates, from the threshold of the peaks."""
    part, tried = diagnostics(table), _tried(peaks)
    hidden = tuple(str(name) for name in part.frame if name not in _SEEN)
    return Slider(
        part.title,
        part.frame,
        hidden=hidden,
        folds=part.folds,
        asked=part.asked,
        long=True,
        start=int(np.flatnonzero(table.index == float(peaks.threshold))[0]),
        criterion=_USUAL if tried is None else tried.method.criterion,
    )


def _tried(peaks: Peaks) -> Tried | None:
    """The choice of the threshold, where the data made it."""
    tried = None if peaks.origin is None else peaks.origin.tried
    return tried if isinstance(tried, Tried) else None


def _estimated(row: pd.Series, name: str) -> str:
    """``"0.11, -0.11 to 0.66"``."""
    value = Value(*(float(row[column]) for column in (name, f"{name}_lower", f"{name}_upper")))
    limits = value.interval(value.level)
    return f"no estimate, {limits}" if np.isnan(value.estimate) else f"{value.level()}, {limits}"


def _level(row: pd.Series, unit: str | None, period: float) -> str:
    """``"155 m3/s, 128 to 343"``; of a level within the threshold nothing is known."""
    if row["rate"] * period <= 1.0:
        return "within the threshold"
    value = Value(*(float(row[column]) for column in ("level", "level_lower", "level_upper")))
    limits = value.interval(value.level)
    return f"no estimate, {limits}" if np.isnan(value.estimate) else f"{in_unit(value.level(), unit)}, {limits}"


def on_candidates(table: pd.DataFrame, lead: Fit, peaks: Peaks) -> tuple[str, ...]:
    """How candidates are looked at, and what to see."""
    from evstats.extremes.separations import Nothing

    tried = _tried(peaks)
    how = "was given" if tried is None else f"was chosen by {tried.method.label} among {len(table)} candidates"
    parted = table.attrs["separation"]
    apart = "every value taken for an event" if parted == Nothing.words else f"clusters parted at each by {parted}"
    return (
        f"The threshold {how}. Below, the GPD is fitted by maximum likelihood beyond each candidate, {apart}; the "
        f"interval of each, by r*, takes its threshold as given.{_answered(lead)}",
        "Beyond a threshold that holds, shape and level change by no more than their intervals, and the mean excess "
        f"lies on a straight line. A {'higher' if peaks.of_minima else 'lower'} one keeps more peaks and has narrower "
        "intervals, which are too narrow where the GPD does not hold yet.",
    )


def _answered(lead: Fit) -> str:
    """That the answer is by another fit, where it is."""
    if lead.family.of_maxima() is leading.FAMILY_OF_PEAKS and lead.method.maximises_likelihood:
        return ""
    return f" The answer of this report is by another fit, {label(lead)}."
