"""The choice of a threshold as parts of a page: the one chosen, what was near, and the diagnostics of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evstats.reading.units import labelled
from evstats.report.parts import Facts, Table
from evstats.report.record import rate
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    import pandas as pd

    from evstats.thresholds import Choice

_NEAR = ("exceedances", "peaks", "rate", "shape", "level", "weight")
#: The columns that people see, below one another; files and machines have all.
_FOLDS = (
    ("threshold", "exceedances", "peaks", "rate", "shape", "shape_lower", "shape_upper"),
    ("threshold", "level", "level_lower", "level_upper", "anderson_darling_p", "score_p"),
)


def chosen(choice: Choice) -> Facts:
    """The threshold, and by what it was chosen."""
    own, years = choice.table.loc[[choice.threshold]], float(choice.table.attrs["years"])
    exceedances, peaks = (int(own[name].iloc[0]) for name in ("exceedances", "peaks"))
    return Facts(
        f"Threshold of {labelled(choice.name, choice.unit)}",
        {
            "threshold": choice.threshold,
            "unit": choice.unit,
            "kind": f"{choice.kind}ima",
            "chosen_by": choice.label,
            "method": choice.method,
            "separation": choice.separation,
            "exceedances": exceedances,
            "peaks": peaks,
            f"{choice.time_unit}s_observed": years,
            "rate": rate(peaks, years, choice.time_unit),
        },
    )


def near(choice: Choice) -> Table:
    """The threshold chosen and those that come next, in that order."""
    import pandas as pd

    rows = pd.concat([choice.table.loc[[choice.threshold]], choice.runners_up])
    rows = rows[[name for name in _NEAR if name in rows]].reset_index()
    period = _period(choice.period, choice.time_unit)
    title = f"The choice and the thresholds that come next, with the {period} level of each"
    return Table(title, rows, aside=True, asked=("threshold",))


def diagnostics(table: pd.DataFrame) -> Table:
    """What is beyond each candidate, how stable the fit is, and how well it fits."""
    attrs = table.attrs
    level, sure = level_name(attrs), percent(attrs["confidence"])
    of = f"{labelled(attrs['name'], attrs['unit'])}, separation {attrs['separation']}"
    title = f"Candidates, {of}: shape and {level} with {sure} limits (r*), p-values of tests"
    return Table(title, table.reset_index(), folds=_FOLDS, asked=("threshold",))


def level_name(attrs: Mapping[Any, Any]) -> str:
    """What the level of a table of candidates is called: ``"100-year level"``."""
    return str(attrs.get("level_name", f"{_period(attrs['level_period'], attrs['time_unit'])} level"))


def _period(period: float, unit: str) -> str:
    return f"{number(period, 6)}-{unit}"
