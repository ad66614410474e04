"""What ``fit`` is given to follow covariates, made ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from evstats.arrays import Array, Mask
from evstats.distributions import Family
from evstats.errors import ArgumentError, DataError, FitError, Status
from evstats.estimators import REGRESSIONS, Estimator, Regression, regression_of
from evstats.fitting.context import Context
from evstats.models import BLOCK_MAXIMA, Design, Predictors, rows_of
from evstats.models.standardised import check_count
from evstats.notes import Note
from evstats.text.arguments import Setting, Text

#: The kind of trend taken unasked.
USUAL_KIND: Final = "shift"


def asked_of(family: type[Family], asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is given for parameters, by their names.

    Raises
    ------
    ArgumentError : something for a parameter that the family has not.
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
    ArgumentError : an unknown kind; one other than the usual without a trend; a trend beside a location or a scale.
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


def refuse_peaks(asked: Mapping[str, Any], values: Array) -> None:
    """An error for what peaks cannot have: covariates of their threshold, and several series.

    Raises
    ------
    ArgumentError, DataError
    """
    if "loc" in asked or "trend" in asked:
        name = "loc" if "loc" in asked else "trend"
        raise ArgumentError(
            Text(Setting(name), " is for block maxima: the location of peaks is their threshold"),
            Text("let their sizes follow, as in ", Setting("scale", "year"), "."),
        )
    if values.ndim > 1:
        raise DataError("peaks with covariates are fitted one series at a time", "fit each of them.")


def following(predictors: Predictors, kind: str, *, peaks: bool) -> tuple[Predictors, type[Regression]]:
    """The predictors, that of a trend as its kind has it, and the estimation with them."""
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
) -> tuple[Regression, Context]:
    """The fit to the blocks that have all covariates, with what is to be said of them.

    Raises
    ------
    DataError : too few values for the coefficients, of one series.
    FitError : one series without an estimate.
    """
    predictors, estimation = following(predictors, trend_kind, peaks=bool(family.rates))
    if family.rates and predictors.covariates.kept is not None:
        raise DataError(
            "peaks without a covariate cannot be left out: they count in the rate",
            Text("give a value for every peak, with ", Setting("missing", "raise"), "."),
        )
    if (kept := predictors.covariates.kept) is not None:
        values = np.ascontiguousarray(values[..., kept])
        values.flags.writeable = False
    told = predictors.notes
    if values.ndim == 1:
        size = sum(len(predictors.columns_of(family.parameter_names[place])) for place in family.told())
        told = (*told, *check_count(int(np.count_nonzero(~np.isnan(values))), size))
    found = estimation.following(family, estimator, values, predictors, design)
    if not found.batch_shape and found.estimate.status != Status.CONVERGED:
        raise _without_estimate(found)
    return found, replace(context, notes=(*context.notes, *told))


def _without_estimate(found: Regression) -> FitError:
    """The error of one series, with what helps where there are covariates."""
    status = Status(int(found.estimate.status))
    who = f"{found.family.label} with covariates by {found.estimator.label}: "
    if status != Status.NO_INTERIOR_MAXIMUM:
        return FitError.of(status, who)
    simpler = f"{'exponential' if found.family.rates else 'gumbel'}{'-min' if found.family.minima else ''}"
    way = Text("use fewer covariates, in the shape above all, or fit ", Setting("family", simpler), ".")
    return FitError(Text(who, status.problem), status, way)


def left_out(exclude: Any, data: Any, n: int) -> tuple[Mask, Note | None]:
    """Which blocks are not to be fitted, (n,), by their labels or years, and a note on them.

    Raises
    ------
    ArgumentError : a label that no block has.
    """
    out = np.zeros(n, dtype=np.bool_)
    if exclude is None:
        return out, None
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


__all__ = ["USUAL_KIND", "asked_of", "followed", "following", "left_out", "refuse_peaks", "with_trend"]
