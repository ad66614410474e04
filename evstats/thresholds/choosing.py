"""The choice of a threshold: one of many candidates, with what else was near and how much hangs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array
from evstats.calendars.parts import year_part
from evstats.errors import DataError, check_confidence
from evstats.extremes.separations import Separation
from evstats.extremes.watch import Watch
from evstats.habits import knowing_their_names
from evstats.notes import Note, ordered
from evstats.text import html as markup
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number
from evstats.thresholds.candidates import Candidates
from evstats.thresholds.choices.base import ThresholdMethod, Tried, Verdict
from evstats.thresholds.choices.cross_validation import predictive_weights
from evstats.thresholds.choices.discrepancy import SEED
from evstats.thresholds.choices.names import threshold_method
from evstats.thresholds.diagnostics import (
    attributes,
    candidates_of,
    check_period,
    diagnostics_of,
    index_of,
    level_limits,
    plain_columns,
)
from evstats.thresholds.names import Chosen

#: So many thresholds that come next are told of.
RUNNERS_UP = 4
#: The period of the level that tells what hangs on the choice, in years; without years, in lengths of the record.
PERIOD, LENGTHS = 100.0, 10.0


@dataclass(frozen=True, eq=False, repr=False)
class Choice:
    """A threshold that was chosen among candidates, and what the choice rests on.

    Attributes
    ----------
    threshold
        The chosen one, in the unit of the data.
    method, label
        The name of the way to choose, and in words.
    table
        DataFrame, a row for each candidate: ``exceedances peaks rate extremal_index mean_excess scale shape
        modified_scale level`` as in ``threshold_diagnostics``, what the method looks at, and ``weight``.
    weights
        Series of the weights of the candidates by predictive cross-validation, whatever the method; they add up
        to 1.
    order
        The eligible candidates (r,), the chosen one first.
    period
        Of the levels in the table: 100 years, or ten times the length of a record without years.
    notes
        How it was chosen, which come next, and how the level differs among them.
    name, unit, kind, separation, time_unit, series
        Of the data.
    criterion
        The column of the table that the method looks at.
    candidates
        The samples of peaks behind the table.

    Examples
    --------
    >>> import evstats as ev
    >>> choice = ev.choose_threshold(ev.GPD(0.0, 1.0, 0.1).rvs(500, rng=1), [0.5, 1.0, 1.5], separation=None)
    >>> choice.threshold, round(float(choice.weights.sum()), 6)
    (0.5, 1.0)
    """

    threshold: float
    method: str
    label: str
    table: pd.DataFrame
    weights: pd.Series
    order: Array
    period: float
    notes: tuple[str, ...]
    name: str
    unit: str | None
    kind: str
    separation: str
    time_unit: str
    series: pd.Series
    criterion: str
    candidates: Candidates = field(repr=False)

    @property
    def runners_up(self) -> pd.DataFrame:
        """The rows of the thresholds that come next, at most four."""
        return self.table.iloc[self.table.index.get_indexer(pd.Index(self.order[1 : 1 + RUNNERS_UP]))]

    def levels(self, confidence: float = 0.95) -> pd.DataFrame:
        """The level of ``period`` at each candidate with limits by r*: ``estimate lower upper``, index ``threshold``.

        Each interval takes its threshold as given.

        Parameters
        ----------
        confidence
            How often the interval is to hold, between 0 and 1.

        Returns
        -------
        DataFrame
            In the unit of the data.
        """
        level = check_confidence(confidence)
        lower, upper = level_limits(self.candidates, self.period, level)
        columns = {"estimate": self.table["level"], "lower": lower, "upper": upper}
        table = pd.DataFrame(columns, index=self.table.index)
        table.attrs |= self.table.attrs | {"confidence": level}
        return table

    def diagnostics(self, level_period: float | None = None, confidence: float = 0.95) -> pd.DataFrame:
        """The candidates as ``threshold_diagnostics`` has them, without computing again what the choice rests on.

        The level is by itself that of ``period``.

        Parameters
        ----------
        level_period
            Of the levels; None is ``period``.
        confidence
            How often the interval is to hold, between 0 and 1.

        Returns
        -------
        DataFrame
            A row for each candidate.
        """
        known = {name: self.table[name].to_numpy() for name in ("eqd", "weight") if name in self.table}
        period = self.period if level_period is None else check_period(level_period)
        rng = self.table.attrs["seed"] if "eqd" in known else SEED
        return diagnostics_of(self.candidates, period, check_confidence(confidence), rng, known)

    def __repr__(self) -> str:
        limit = f"{number(self.threshold, 6)}{f' {self.unit}' if self.unit else ''}"
        peaks = int(self.table["peaks"].to_numpy()[self.table.index.get_loc(self.threshold)])
        return f"Choice({limit} by {self.label}, {peaks} peaks of {self.name}, {len(self.table)} candidates)"

    def _repr_html_(self) -> str:
        known = {
            "Unit": self.unit,
            "Separation": self.separation,
            f"Period of the levels, {self.time_unit}s": self.period,
        }
        candidates = markup.table(f"Candidates ({len(self.table)})", self.table.reset_index())
        return markup.page(repr(self), markup.facts(known), candidates, markup.notes(self.notes))


@knowing_their_names
def choose_threshold(
    data: Any,
    thresholds: ArrayLike | None = None,
    *,
    method: str | ThresholdMethod | type[ThresholdMethod] = "eqd",
    separation: Any = "auto",
    kind: str = "max",
    season: str | None = None,
    months: Any = None,
    observations_per_year: float | None = None,
    observed_years: float | None = None,
    rng: noise.RandomState = SEED,
) -> Choice:
    """Choose one of many thresholds, and tell what the choice rests on.

    Parameters
    ----------
    data, thresholds, separation, kind, season, months, observations_per_year, observed_years
        As in ``threshold_diagnostics``.
    method
        ``"eqd"`` (least expected quantile discrepancy; the default, as it finds a true threshold where there is
        one), ``"cross-validation"`` (best predictions beyond the highest candidate), ``"forward-stop"`` (the lowest
        that tests of fit do not reject), ``"score"`` (the lowest beyond which the shape may be constant); or an object,
        such as ``ev.ExpectedQuantileDiscrepancy(replicates=500)``.
    rng
        Random state of the bootstrap of ``"eqd"``; by default a fixed seed, so that the answer is the same on every
        run.

    Returns
    -------
    Choice
        The threshold, the table of all candidates, weights to average over them, and notes.

    Raises
    ------
    ArgumentError
        Thresholds that are no numbers or do not go outwards, an unknown method.
    DataError
        No threshold that 3 peaks exceed, or none that the method can judge.

    Examples
    --------
    >>> import evstats as ev
    >>> x = ev.distributions.GPD(0.0, 1.0, 0.1).rvs(500, rng=1)
    >>> ev.choose_threshold(x, [0.1, 0.5, 1.0, 1.5], method="score", separation=None)
    Choice(0.1 by score test of a constant shape, 450 peaks of value, 4 candidates)
    """
    way = threshold_method(method)
    part = year_part(season, months)
    candidates = candidates_of(data, thresholds, separation, kind, part, observations_per_year, observed_years)
    verdict = _verdict(candidates, way, rng)
    period = period_of(candidates.watch)
    weights = verdict.columns.get("weight")
    weights = predictive_weights(candidates) if weights is None else weights
    columns = {**plain_columns(candidates, period), **verdict.columns, "weight": weights}
    table = pd.DataFrame(columns, index=index_of(candidates))
    told = attributes(candidates)
    years, notes = told.pop("years"), told.pop("notes")
    table.attrs |= {**told, "years": years, "level_period": period, "notes": notes}
    table.attrs["seed"] = rng if isinstance(rng, int) else None
    return Choice(
        threshold=float(candidates.thresholds[verdict.order[0]]),
        method=way.name,
        label=way.label,
        table=table,
        weights=table["weight"],
        order=candidates.thresholds[verdict.order],
        period=period,
        notes=ordered((*_notes(candidates, way, verdict), *notes)),
        series=candidates.watch.sample.series,
        criterion=way.criterion,
        candidates=candidates,
        **told,
    )


def automatic(watch: Watch, *, separation: Separation | None, kind: str, rng: Any, method: str = "eqd") -> Chosen:
    """The threshold of what was watched, and what it was chosen by: what ``threshold="auto"`` stands for."""
    way = threshold_method(method)
    candidates = Candidates.of(watch, None, separation, kind)
    rng = SEED if rng is None else rng
    verdict = _verdict(candidates, way, rng)
    best, notes = candidates.thresholds[verdict.order[0]], _notes(candidates, way, verdict)
    return Chosen(float(best), notes, Tried(candidates, way, verdict, rng))


by_cross_validation = partial(automatic, method="cross-validation")
by_forward_stop = partial(automatic, method="forward-stop")
by_score_test = partial(automatic, method="score")


def period_of(watch: Watch) -> float:
    """100 years; of a record without years ten times its length."""
    return PERIOD if watch.time_unit == "year" else LENGTHS * watch.years


def _verdict(candidates: Candidates, method: ThresholdMethod, rng: noise.RandomState) -> Verdict:
    found = method.judged(candidates, rng)
    if not found.order.size:
        raise DataError(
            f"{method.label} can judge none of the thresholds, as the {int(candidates.peaks.max())} peaks of "
            f"{candidates.watch.sample.name} at the first one are too few",
            Text("give lower ones, or the threshold itself: ", Setting("threshold", 60.0), "."),
        )
    return found


def _notes(candidates: Candidates, method: ThresholdMethod, verdict: Verdict) -> tuple[Note, ...]:
    """How the threshold was chosen, and what hangs on it."""
    best, next_ones = verdict.order[0], verdict.order[1 : 1 + RUNNERS_UP]
    limits, subject = candidates.thresholds, candidates.watch.sample.name
    chosen = Note(
        "threshold_chosen",
        subject,
        threshold=limits[best],
        method=method.label,
        count=len(candidates),
        first=limits[0],
        last=limits[-1],
        peaks=candidates.peaks[best],
        minima=int(candidates.kind == "min"),
    )
    edge = [_at_edge(candidates, inner=best == 0)] if best in (0, len(candidates) - 1) and len(candidates) > 1 else []
    after = Note("interval_after_choice", **HELD)
    levels, period = candidates.levels(period_of(candidates.watch)), period_of(candidates.watch)
    near = levels[verdict.order[: 1 + RUNNERS_UP]]
    if not next_ones.size or np.isnan(near).any():
        return (*verdict.notes, chosen, *edge, after)
    moved = Note(
        "threshold_runners_up",
        others=np.sort(limits[next_ones]),
        period=f"{number(period, 6)}-{candidates.watch.time_unit}",
        level=levels[best],
        least=near.min(),
        greatest=near.max(),
    )
    return (*verdict.notes, chosen, *edge, after, moved)


def _at_edge(candidates: Candidates, inner: bool) -> Note:
    """That the candidate with the most peaks, or with the fewest, was chosen."""
    return Note("threshold_at_edge", lower=int(inner == (candidates.kind == "max")), inner=int(inner))


#: Coverage of nominal 95 % intervals of the 100-year level after the choice of ``"auto"``, where there is a true
#: threshold and where there is none, by r* and by the threshold bootstrap, and at one fixed beforehand:
#: tests/studies/threshold_choice_held.csv.
HELD = {"with_one": 0.94, "least": 0.81, "most": 0.90, "fixed": 0.94}
HELD |= {"again_with_one": 0.96, "again_least": 0.91, "again_most": 0.95}

__all__ = ["Choice", "automatic", "choose_threshold", "period_of"]
