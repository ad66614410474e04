"""What ``fit`` is given to follow covariates, made ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

import numpy as np

from evstats.arrays import Array, Mask
from evstats.distributions import Family
from evstats.errors import NORMAL, ArgumentError, DataError, FitError, Status
from evstats.estimators import REGRESSIONS, Estimator, Regression, leading
from evstats.estimators.names import regression_of
from evstats.extremes.peak_records import Peaks
from evstats.extremes.records import Extremes
from evstats.fitting.context import Context
from evstats.models import (
    BLOCK_MAXIMA,
    Design,
    Exceedances,
    ExceedancesByYear,
    Largest,
    Predictors,
    predictors_of,
    rows_of,
)
from evstats.models.bounded import Observed as Bounded
from evstats.models.predictors import RATE, Observed
from evstats.models.stacked import of_series, stacked_predictors
from evstats.models.standardised import SPARE, check_count
from evstats.notes import Note
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number
from evstats.text.paragraphs import listed

#: A leap year is so many years, and a little more.
_WHOLE: Final = 1.01
#: The kind of trend taken unasked.
USUAL_KIND: Final = "shift"


def asked_of(family: type[Family], asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is given for parameters, by their names.

    Raises
    ------
    ArgumentError
        Something for a parameter that the family has not.
    """
    given = {name: own for name, own in asked.items() if own is not None}
    for name in given:
        if name not in family.parameter_names:
            raise ArgumentError(
                Text(f"{family.label} has no {name}, and ", Setting(name), " is given"),
                Text("leave it out, or fit ", Setting("family", "gpd" if family.rates else "gev"), "."),
                argument=name,
            )
    return given


def with_trend(asked: dict[str, Any], trend: Any, kind: str) -> dict[str, Any]:
    """What is asked for, with the trend under a name of its own.

    Raises
    ------
    ArgumentError
        An unknown kind; one other than the usual without a trend; a trend beside a location or a scale.
    """
    REGRESSIONS[kind]  # an error where there is none
    if trend is None:
        if kind != USUAL_KIND:
            raise ArgumentError(
                Text(Setting("trend_kind", kind), " says how a trend is followed, and none is given"),
                Text("give it as in ", Setting("trend", "year"), "."),
            )
        return asked
    if beside := next((name for name in ("loc", "scale") if name in asked), None):
        raise ArgumentError(
            Text(Setting("trend"), " says what location and scale follow, and ", Setting(beside), " is given too"),
            Text("give one of them: ", Setting("trend_kind", USUAL_KIND), " is a location that follows the trend."),
        )
    return {"trend": trend, **asked}


def with_rate(asked: dict[str, Any], rate: Any, family: type[Family], peaks: Peaks | None) -> dict[str, Any]:
    """What is asked for, with what the rate of peaks follows under the name of its parameter.

    Raises
    ------
    ArgumentError
        Block maxima, no formula, peaks without dates.
    """
    if rate is None:
        return asked
    if not family.rates or peaks is None:
        raise ArgumentError(
            Text(Setting("rate"), " is for peaks over a threshold, and these are block maxima or minima"),
            Text(
                "leave it out, or take those, by ",
                Setting("threshold", "95%", call="peaks_over_threshold"),
                " of the record.",
            ),
            argument="rate",
        )
    if not isinstance(rate, str):
        raise ArgumentError(
            Text(Setting("rate"), f" is of type {type(rate).__name__}: the rate follows covariates in every year"),
            Text("write a formula, as in ", Setting("rate", "year"), ", and index the covariates by year."),
        )
    lanes = [peaks] if peaks.values.ndim == 1 else peaks.each or [peaks]
    if any(own.dates is None for own in lanes):
        raise ArgumentError(
            Text(Setting("rate"), " is for peaks of which it is known when they were, and these have no dates"),
            "give them as in as_peaks(..., dates=...), or leave it out.",
            argument="rate",
        )
    return {RATE: rate, **asked}


def observed_of(peaks: Peaks) -> Observed:
    """How much of each calendar year peaks were watched, and the year of each.

    Of given peaks of which the number of years is known only, the calendar years from the first to the last, evenly.

    Raises
    ------
    ArgumentError
        Years that may be others than those.
    """
    import pandas as pd

    assert peaks.dates is not None
    of_peaks, years = np.asarray(peaks.dates.year), peaks.observed
    notes: tuple[Note, ...] = ()
    if years is None:
        first, last, total = int(of_peaks.min()), int(of_peaks.max()), float(peaks.years)
        between = last - first + 1
        if not between - 1 < total <= between * _WHOLE:
            raise ArgumentError(
                f"the peaks lie in {first} to {last}, and {number(total, 6)} years were observed, of which it is not "
                "known which",
                "give the part of each year from the first to the last observed, as in "
                "as_peaks(..., years=pd.Series(1.0, index=range(first, last + 1))).",
            )
        notes = (Note("years_spread", years=total, first=first, last=last),)
        years = pd.Series(total / between, index=range(first, last + 1), name="years")
    place = years.index.get_indexer(pd.Index(of_peaks))
    if (lost := np.flatnonzero(place < 0)).size:
        raise DataError(f"there is a peak in {of_peaks[lost[0]]}, a year of which no time was observed.")
    return Observed(years, place, notes)


def refuse_peaks(asked: Mapping[str, Any]) -> None:
    """An error for what peaks cannot have: covariates of their threshold.

    Raises
    ------
    ArgumentError
        A location or a trend that follows something.
    """
    if "loc" in asked or "trend" in asked:
        name = "loc" if "loc" in asked else "trend"
        raise ArgumentError(
            Text(Setting(name), " is for block maxima: the location of peaks is their threshold"),
            Text(
                *("let their number a year follow, as in ", Setting("rate", "year"), ", or their sizes, as in "),
                *(Setting("scale", "year"), "."),
            ),
        )


def of_batch(
    family: type[Family], asked: Mapping[str, Any], peaks: Peaks, covariates: Any, missing: str
) -> tuple[Predictors, Sequence[Observed] | None]:
    """The predictors of several series of peaks, each by its own dates, and how its years were watched where the rate
    follows covariates.

    Raises
    ------
    EvstatsError
        As of one series, which it names; no series with peaks enough for the coefficients.
    """
    there = ~np.isnan(peaks.values)
    flat, lanes = there.reshape(-1, there.shape[-1]), list(np.ndindex(*there.shape[:-1]))
    observed = [_watched(peaks[lane]) for lane in lanes] if RATE in asked else None

    def made(place: int) -> Predictors:
        given = [
            {name: of_series(own, place, lanes[place], flat[place], there.shape) for name, own in each.items()}
            for each in (asked, {"covariates": covariates})
        ]
        watched = None if observed is None else observed[place]
        shape = (int(flat[place].sum()),)
        return whole(predictors_of(given[0], peaks[lanes[place]], shape, given[1]["covariates"], missing, watched))

    def least(found: Predictors) -> int:
        return SPARE + sum(len(found.columns_of(family.parameter_names[place])) for place in family.told())

    years = None if observed is None else [own.years.size for own in observed]
    return stacked_predictors(there, made, least, years), observed


def whole(predictors: Predictors) -> Predictors:
    """The same predictors of peaks; an error where some were left out.

    Raises
    ------
    DataError
        Some that were.
    """
    if predictors.covariates.kept is not None:
        raise DataError(
            "peaks without a covariate cannot be left out: they count in the rate",
            Text("give a value for every peak, with ", Setting("missing", "raise"), "."),
        )
    return predictors


def _watched(peaks: Peaks) -> Observed:
    """How a series of a batch was watched; one without peaks in one piece, as it is not known when."""
    import pandas as pd

    if not len(peaks) and peaks.observed is None:
        return Observed(pd.Series([float(peaks.years)], index=[0]), np.zeros(0, dtype=np.intp))
    return observed_of(peaks)


def refuse_design(
    asked: Mapping[str, Any], design: Design, source: Extremes | Peaks | None, estimator: Estimator, kind: str
) -> None:
    """An error for covariates of several values of each block, and of observations that are known by bounds where the
    years that passed a level are only counted, and for what is not there for them.
    """
    first: Any = Setting(next(iter(asked), "covariates"))
    if isinstance(design, Largest):
        raise ArgumentError(
            Text(first, " is for the extreme of each block, and these are several of each"),
            "fit without covariates, or one of each (extremes.with_largest(1)).",
        )
    if not design.bounded:
        return
    if not isinstance(design, Bounded):
        raise ArgumentError(
            Text(first, " is for peaks that are numbers, and some of these are known by a limit"),
            "fit without covariates.",
        )
    if isinstance(source, Extremes) and source.counted:
        raise ArgumentError(
            Text(
                *(first, " needs the covariates of every year, and it is not known in which the threshold of the "),
                *("history was passed (", Setting("peaks", source.counted), ")"),
            ),
            "give them by year, as in {1897: (25_000, inf)}, or fit without covariates.",
        )
    if kind != USUAL_KIND:
        raise ArgumentError(
            Text(Setting("trend_kind", kind), " is for values that are numbers, and some of these are known by bounds"),
            Text("take ", Setting("trend_kind", USUAL_KIND), ", or the numbers alone (extremes.numbers())."),
        )
    if not estimator.maximises_likelihood:
        raise ArgumentError(
            f"{estimator.label} is not there for covariates of observations known by bounds",
            Text(
                "fit by maximum likelihood (", Setting("method", "mle"), "), or the numbers alone (extremes.numbers())."
            ),
        )


def refuse_left_out(predictors: Predictors, source: Extremes | Peaks | None) -> None:
    """An error where years of a history would be left out for want of a covariate, in which the threshold was not
    passed, or was: the others would not be of the same chance.
    """
    kept = predictors.covariates.kept
    if kept is None or not isinstance(source, Extremes) or source.perception is None:
        return
    watched = np.isfinite(source.perception).reshape(-1, kept.size).any(axis=0)
    lost = source.blocks[watched & ~kept]
    if lost.size:
        raise DataError(
            f"{lost.size} year{'s' * (lost.size > 1)} of the history ({listed(lost)}) "
            f"{'have' if lost.size > 1 else 'has'} no covariate, and cannot be left out: whether the threshold was "
            "passed in each is what is known",
            "give the covariate of every year of the history, or let it begin where the covariate does "
            "(extremes.with_history).",
        )


def following(
    predictors: Predictors, kind: str, *, peaks: bool, bounded: bool = False
) -> tuple[Predictors, type[Regression]]:
    """The predictors, that of a trend as its kind has it, and the estimation with them."""
    if bounded:
        own = {"loc" if name == "trend" else name: each for name, each in predictors.by_parameter.items()}
        return replace(predictors, by_parameter=own), regression_of(kind, peaks=peaks, bounded=True)
    if "trend" not in predictors.by_parameter:
        return predictors, regression_of(USUAL_KIND, peaks=peaks)
    own = dict(predictors.by_parameter)
    return replace(predictors, by_parameter={REGRESSIONS[kind].of_trend: own.pop("trend"), **own}), REGRESSIONS[kind]


def followed(
    family: type[Family],
    estimator: Estimator,
    values: Array,
    predictors: Predictors,
    context: Context,
    trend_kind: str = USUAL_KIND,
    design: Design = BLOCK_MAXIMA,
    observed: Observed | Sequence[Observed] | None = None,
    *,
    named: bool = True,
) -> tuple[Regression, Context]:
    """The fit to the blocks that have all covariates, with what is to be said of them; where no family is named, that
    by the fallback for a series without an interior maximum.

    Raises
    ------
    DataError
        Too few values for the coefficients, of one series.
    FitError
        One series without an estimate.
    """
    of_peaks = bool(family.rates)
    predictors, estimation = following(predictors, trend_kind, peaks=of_peaks, bounded=design.bounded)
    told = predictors.notes
    if observed is not None and RATE in predictors.by_parameter:
        of_each = [observed] if isinstance(observed, Observed) else observed
        design = by_year(design, observed, values)
        told = (*dict.fromkeys(note for own in of_each for note in own.notes), *told)
    if family.rates:
        whole(predictors)
    if (kept := predictors.covariates.kept) is not None:
        values = np.ascontiguousarray(values[(..., kept, slice(None)) if design.axes > 1 else (..., kept)])
        values.flags.writeable = False
        design = design.of_blocks(kept) if isinstance(design, Bounded) else design
    if values.ndim == design.axes:
        size = sum(len(predictors.columns_of(family.parameter_names[place])) for place in family.told())
        told = (*told, *check_count(int(design.counts(values)), size))
    found = estimation.following(family, estimator, values, predictors, design)
    if not named and not _without_rate(found):
        found = cast("Regression", leading.answering(found))
    if not found.batch_shape and found.estimate.status != Status.CONVERGED:
        raise without_estimate(found)
    return found, replace(context, notes=(*context.notes, *told))


def by_year(design: Design, observed: Observed | Sequence[Observed], values: Array) -> Design:
    """The design of peaks, with how much of each year was observed; of several series with that of each."""
    assert isinstance(design, Exceedances)
    if isinstance(observed, Observed):
        years, owner = observed.years.to_numpy(dtype=np.float64), observed.owner
    else:
        there = ~np.isnan(values).reshape(len(observed), -1)
        years, owner = (
            np.zeros((len(observed), max(own.years.size for own in observed))),
            np.zeros(there.shape, np.intp),
        )
        for lane, own in enumerate(observed):
            years[lane, : own.years.size], owner[lane, there[lane]] = own.years, own.owner
        years, owner = years.reshape(*values.shape[:-1], -1), owner.reshape(*values.shape[:-1], -1)
    return ExceedancesByYear(design.threshold, design.years, design.recorded, design.tried, observed=years, owner=owner)


def without_estimate(found: Regression, series: str = "") -> FitError:
    """The error of one series, with what helps where there are covariates."""
    status = Status(int(found.estimate.status))
    who = f"{series}{found.family.label} with covariates by {found.estimator.label}: "
    if _without_rate(found):
        return FitError(
            Text(who, "the rate has no maximum, as its covariates part the years with peaks from those without"),
            Status.NOT_CONVERGED,
            Text("use others, or fewer, in ", Setting("rate"), "."),
        )
    if status != Status.NO_INTERIOR_MAXIMUM:
        return FitError.of(status, who, of_peaks=bool(found.family.rates))
    simpler = f"{'exponential' if found.family.rates else 'gumbel'}{'-min' if found.family.minima else ''}"
    bayes = Text("fit by Bayes, under a prior that takes the shape for normal about 0 (", NORMAL, "), ")
    fewer = Text("use fewer covariates, in the shape above all, or fit ", Setting("family", simpler), ".")
    way = Text(bayes, fewer) if found.has_stand_in else fewer
    return FitError(Text(who, status.problem), status, way)


def _without_rate(found: Regression) -> bool:
    """Whether it is the rate of peaks alone that has no maximum."""
    lost = found.rate_follows and found.estimate.status != Status.CONVERGED
    return bool(lost and _sizes_alone(found).estimate.status == Status.CONVERGED)


def _sizes_alone(found: Regression) -> Regression:
    """The same fit of peaks with one rate for all years."""
    own = {name: each for name, each in found.predictors.by_parameter.items() if name != RATE}
    assert isinstance(found.design, Exceedances)
    design = Exceedances(found.design.threshold, found.design.years)
    predictors = replace(found.predictors, by_parameter=own, of_years=None)
    return found.following(found.family, found.estimator, found.values, predictors, design)


def left_out(exclude: Any, data: Any, n: int) -> tuple[Mask, Note | None]:
    """Which blocks are not to be fitted, (n,), by their labels or years, and a note on them.

    Raises
    ------
    ArgumentError
        A label that no block has.
    """
    out = np.zeros(n, dtype=np.bool_)
    if exclude is None:
        return out, None
    if isinstance(data, Peaks) and data.values.ndim > 1:
        raise ArgumentError(
            Text(Setting("exclude"), " names a peak of one series, and these are the peaks of several"),
            "leave it out of its own series before they are stacked, or fit that one by itself, as in fit(peaks[0]).",
        )
    rows = rows_of(data, n)
    labels = [exclude] if np.ndim(exclude) == 0 else list(exclude)
    if rows.shown is None:
        raise ArgumentError(
            Text(Setting("exclude"), f" names {rows.noun}s by their labels, and these have none"),
            "index the values by year, or leave the one out of them.",
        )
    for label in labels:
        there = np.array([str(own) == str(label) for own in rows.shown])
        if rows.years is not None and not there.any() and isinstance(label, int | np.integer):
            there = rows.years == label
        if not there.any():
            raise ArgumentError(
                Text(Setting("exclude"), f" is {label!r}, which no {rows.noun} is called"),
                f"the {rows.noun}s go from {rows.shown[0]} to {rows.shown[-1]}.",
            )
        out |= there
    where = rows.own.listed(out)
    return out, Note("excluded", count=int(out.sum()), where=where) if labels else None


__all__ = [
    "USUAL_KIND",
    "asked_of",
    "followed",
    "following",
    "left_out",
    "observed_of",
    "of_batch",
    "refuse_peaks",
    "with_rate",
    "with_trend",
    "without_estimate",
]
