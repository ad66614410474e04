"""What has changed: the test of the covariates, their slopes, and levels at the first and the last block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.errors import FitError
from evstats.estimators import Regression
from evstats.notes import Note
from evstats.reading.units import labelled
from evstats.report.parts import Table
from evstats.report.questions import Certainty
from evstats.report.tables import follows, state_in_words
from evstats.text.numbers import number, percent

if TYPE_CHECKING:
    import pandas as pd

    from evstats.fitting import Fit

State = Mapping[str, Any]

PERIODS = (2.0, 10.0, 100.0)
"""Return periods shown where none are asked for."""

_DECADE = 10.0
_YEAR = "year"
#: What moves where location and scale have one predictor.
_PROPORTIONAL = "loc and scale"


def first_and_last(fit: Fit) -> tuple[State, State]:
    """The states of the covariates at the first and the last block."""
    states = fit.covariates
    first, last = ({str(name): float(states[name].iloc[row]) for name in states} for row in (0, -1))
    return first, last


def test(fit: Fit) -> Table | Note:
    """The likelihood-ratio test of the covariates, or a note on why there is none."""
    from evstats.comparison import likelihood_ratio_test
    from evstats.fitting import fit as fitted

    try:
        table = likelihood_ratio_test(fitted(fit.values, fit.family), fit)
    except FitError as error:
        return Note("no_test", "trend", reason=error.text)
    frame = table.assign(model=follows(fit), reference=table.attrs["reference"])
    title = "Likelihood-ratio test against no covariate"
    return Table(title, frame[["model", "statistic", "df", "p_value", "reference"]], notes=table.attrs["notes"])


def slopes(fit: Fit, sure: Certainty) -> Table:
    """How far parameters move with each covariate alone: per unit of it, of years per decade too, and over the record.

    The scale, whose logarithm moves, does so in per cent.
    """
    import pandas as pd

    table = fit.parameter_table(interval=sure.interval, confidence=sure.confidence)
    frame = pd.DataFrame(_slopes(fit, table))
    frame = frame.assign(confidence=table.attrs["confidence"], interval=table.attrs["interval"])
    how = f"{percent(table.attrs['confidence'])} interval ({table.attrs['interval']})"
    title = f"Slopes of {labelled(fit.name, fit.unit)}; {how}"
    return Table(title, frame, hidden=("confidence", "interval"), notes=table.attrs["notes"])


def _slopes(fit: Fit, table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    first, last = first_and_last(fit)
    estimation = fit.estimation
    in_proportion = isinstance(estimation, Regression) and estimation.in_proportion
    for name, row in table.iterrows():
        parameter, _, term = str(name).partition(":")
        if term not in first:
            continue
        limits = row[["estimate", "lower", "upper"]].to_numpy(dtype=float)
        of_scale = parameter == "log_scale"
        for per, times in _lengths(term, float(last[term]) - float(first[term])):
            moved = 100.0 * np.expm1(times * limits) if of_scale else times * limits
            low, high = sorted(moved[1:])
            yield {
                "parameter": _PROPORTIONAL if in_proportion else parameter.removeprefix("log_"),
                "per": per,
                "estimate": moved[0],
                "lower": low,
                "upper": high,
                "unit": "%" if of_scale else fit.unit if parameter == "loc" else None,
            }


def _lengths(term: str, record: float) -> Iterator[tuple[str, float]]:
    """Lengths along a covariate, in words and in its unit."""
    yield (term, 1.0) if term == _YEAR else (f"1 of {term}", 1.0)
    if term == _YEAR:
        yield "decade", _DECADE
        yield f"record ({number(record, 6)} years)", record
    else:
        yield f"record ({number(record)} of {term})", record


def then_and_now(fit: Fit, periods: Sequence[float] | None, sure: Certainty) -> Table:
    """Return levels at the first and the last block side by side."""
    then, now = first_and_last(fit)
    options: dict[str, Any] = {"interval": sure.interval, "confidence": sure.confidence}
    found = {
        word: fit.return_level(periods or PERIODS, at=at, **options) for word, at in (("then", then), ("now", now))
    }
    frame = found["then"].index.to_frame(index=False)
    for word, table in found.items():
        frame[word] = table["estimate"].to_numpy()
        for side in ("lower", "upper"):
            frame[f"{word}_{side}"] = table[side].to_numpy()
    attrs = found["now"].attrs
    hidden = {"unit": attrs["unit"], "confidence": attrs["confidence"], "interval": attrs["interval"]}
    how = f"{percent(attrs['confidence'])} intervals ({attrs['interval']})"
    title = (
        f"Return levels of {labelled(fit.name, fit.unit)} then, {state_in_words(then)}, and now, "
        f"{state_in_words(now)}; {how}"
    )
    notes = tuple(dict.fromkeys(note for table in found.values() for note in table.attrs["notes"]))
    return Table(title, frame.assign(**hidden), hidden=tuple(hidden), notes=notes)


__all__ = ["PERIODS", "first_and_last", "slopes", "test", "then_and_now"]
