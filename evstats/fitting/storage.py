"""Fits as plain dictionaries for JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evstats.distributions import family_named
from evstats.errors import ArgumentError, DataError
from evstats.estimators import (
    ESTIMATORS,
    Estimate,
    Estimation,
    Estimator,
    Regression,
)
from evstats.estimators.names import regression_of, regression_of_durations
from evstats.models import (
    BLOCK_MAXIMA,
    Design,
    Exceedances,
    ExceedancesByYear,
    Largest,
    LimitedExceedances,
    Observed,
    Predictors,
    StackedPredictors,
)
from evstats.models.penalties import PENALTIES, Penalty
from evstats.notes import coded, restored
from evstats.text.arguments import Setting, Text

#: Of fits, of those whose parameters follow covariates, of those to bounds or to several values of each block, and of
#: those to several durations; what came later earlier versions cannot read.
_FORMAT, _FORMAT_OF_REGRESSION, _FORMAT_OF_DESIGNS, _FORMAT_OF_DURATIONS = 1, 2, 3, 4


def estimation_to_dict(estimation: Estimation) -> dict[str, Any]:
    """Values, family, estimator and estimate; NaN becomes None and an infinite bound "inf"."""
    return {
        "format": _format_of(estimation),
        "family": estimation.family.name,
        "method": _estimator_to_dict(estimation.estimator),
        "values": _to_lists(estimation.values),
        "parameters": _to_lists(estimation.estimate.parameters),
        "status": np.asarray(estimation.estimate.status).tolist(),
        "iterations": np.asarray(estimation.estimate.iterations).tolist(),
        **_design_to_dict(estimation.design),
        **_regression_to_dict(estimation),
    }


def _format_of(estimation: Estimation) -> int:
    if estimation.per_block > 1:
        return _FORMAT_OF_DURATIONS
    if isinstance(estimation, Regression):
        return _FORMAT_OF_REGRESSION
    return _FORMAT_OF_DESIGNS if isinstance(estimation.design, (Observed, Largest, LimitedExceedances)) else _FORMAT


def _regression_to_dict(estimation: Estimation) -> dict[str, Any]:
    """Predictors, and whether location and scale are in one proportion; nothing where nothing follows covariates."""
    if not isinstance(estimation, Regression):
        return {}
    kind = {"trend_kind": "scale"} if estimation.in_proportion else {}
    return {"predictors": estimation.predictors.to_dict(), **kind}


def _design_to_dict(design: Design) -> dict[str, Any]:
    """Threshold and years of peaks, one by one where their rate follows them; the perception of observations known by
    bounds; how many are the largest of each block; nothing of block maxima.
    """
    if isinstance(design, Largest):
        return {"largest": int(design.r)}
    if isinstance(design, Observed):
        return {"bounds": True, "perception": None if design.perception is None else _to_lists(design.perception)}
    if not isinstance(design, Exceedances):
        return {}
    if isinstance(design, LimitedExceedances):
        return {"limited": True, "threshold": float(design.threshold), "years": float(design.years)}
    names = ("threshold", "years", *(("observed", "owner") if isinstance(design, ExceedancesByYear) else ()))
    return {name: np.asarray(getattr(design, name)).tolist() for name in names}


def _design_from_dict(stored: Mapping[str, Any], values: NDArray[np.float64]) -> Design:
    if "bounds" in stored:
        return Observed(values, None if stored["perception"] is None else _from_lists(stored["perception"]))
    if "largest" in stored:
        return Largest(stored["largest"])
    if "threshold" not in stored:
        return BLOCK_MAXIMA
    threshold, years = (np.asarray(stored[name], dtype=np.float64)[()] for name in ("threshold", "years"))
    if "limited" in stored:
        return LimitedExceedances(threshold, years)
    if "observed" not in stored:
        return Exceedances(threshold, years)
    observed, owner = np.asarray(stored["observed"], dtype=np.float64), np.asarray(stored["owner"], dtype=np.intp)
    return ExceedancesByYear(threshold, years, observed=observed, owner=owner)


def estimation_from_dict(stored: Mapping[str, Any]) -> Estimation:
    """The estimation of a dictionary made by ``estimation_to_dict``."""
    known = (_FORMAT, _FORMAT_OF_REGRESSION, _FORMAT_OF_DESIGNS, _FORMAT_OF_DURATIONS)
    if stored.get("format") not in known:
        expected = f"expected one of {', '.join(map(str, known))}"
        raise DataError(f"this is not a fit stored by evstats (format {stored.get('format')!r}, {expected}).")
    values = _from_lists(stored["values"])
    values.flags.writeable = False
    estimate = Estimate(
        _from_lists(stored["parameters"]),
        np.asarray(stored["status"], dtype=np.int8)[()],
        np.asarray(stored["iterations"], dtype=np.intp)[()],
    )
    family, estimator = family_named(stored["family"]), _estimator_from_dict(stored["method"])
    if stored["format"] == _FORMAT_OF_DURATIONS:
        return regression_of_durations()(
            family, estimator, values, estimate, predictors=Predictors.from_dict(stored["predictors"])
        )
    if stored["format"] == _FORMAT_OF_REGRESSION:
        own, design = stored["predictors"], _design_from_dict(stored, values)
        of_peaks = bool(family.rates)
        kind = regression_of(stored.get("trend_kind", "shift"), peaks=of_peaks, bounded=design.bounded)
        predictors = StackedPredictors.from_stored(own) if "each" in own else Predictors.from_dict(own)
        return kind(family, estimator, values, estimate, design, predictors=predictors)
    return Estimation(family, estimator, values, estimate, _design_from_dict(stored, values))


def context_to_dict(context: Any) -> dict[str, Any]:
    """A flat record of strings and numbers, its notes as sentences and, in ``note_codes``, for programs."""
    kept = {field.name: getattr(context, field.name) for field in fields(context)}
    return kept | {"notes": list(map(str, context.notes)), "note_codes": coded(context.notes)}


def context_from_dict(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a context from a dictionary made by ``context_to_dict``; an older one has sentences only."""
    kept = dict(stored)
    codes = kept.pop("note_codes", None)
    return kept | {"notes": tuple(kept["notes"]) if codes is None else restored(kept["notes"], codes)}


def _estimator_to_dict(estimator: Estimator) -> dict[str, Any]:
    options = _options(estimator)
    stored = {
        key: {"name": PENALTIES.name_of(type(value)), **_options(value)} if isinstance(value, Penalty) else value
        for key, value in options.items()
    }
    if not isinstance(stored.get("prior"), str | None):
        raise ArgumentError(
            "a prior that is not one of the named ones cannot be stored",
            Text("name it, as in ", Setting("prior", "mdi"), "."),
        )
    return {"name": estimator.name, **stored}


def _options(frozen: Any) -> dict[str, Any]:
    return {field.name: getattr(frozen, field.name) for field in fields(frozen)}


def _estimator_from_dict(stored: Mapping[str, Any]) -> Estimator:
    options = {key: _penalty(value) if isinstance(value, Mapping) else value for key, value in stored.items()}
    return ESTIMATORS[options.pop("name")](**options)


def _penalty(stored: Mapping[str, Any]) -> Any:
    options = dict(stored)
    return PENALTIES[options.pop("name")](**options)


def _to_lists(array: NDArray[Any]) -> Any:
    objects = np.asarray(array).astype(object)
    numbers = np.asarray(array, dtype=np.float64)
    objects[np.isnan(numbers)] = None
    infinite = np.isinf(numbers)  # bounds that are open
    objects[infinite] = np.where(numbers[infinite] > 0.0, "inf", "-inf")
    return objects.tolist()


def _from_lists(nested: Any) -> NDArray[np.float64]:
    return np.array(nested, dtype=np.float64)


__all__ = ["context_from_dict", "context_to_dict", "estimation_from_dict", "estimation_to_dict"]
