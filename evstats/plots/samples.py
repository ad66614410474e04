"""The values of a fit that are drawn, and in what time they were observed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evstats.errors import ArgumentError
from evstats.estimators import Regression
from evstats.extremes.peak_records import Peaks
from evstats.models import Observed
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.distributions.base import Family
    from evstats.fitting import Fit


def one_state(fit: Fit, at: Any) -> Family:
    """The distribution of a fit of one series in one state of its covariates."""
    refuse_batch(fit)
    there = fit.at(at)
    if there.batch_shape:
        raise ArgumentError(
            Text(Setting("at"), " holds several states, and a plot shows one"), "give one, or draw them one by one."
        )
    return there


def numbers_of(peaks: Peaks) -> NDArray[Any]:
    """The running numbers (n,), from 1, of undated peaks in their series; their own where there is none."""
    if peaks.series is None or peaks.sizes is None:
        return np.arange(1, peaks.values.size + 1)
    values = peaks.series.to_numpy(dtype=float) * (-1.0 if peaks.of_minima else 1.0)
    beyond = np.flatnonzero(values > (-peaks.threshold if peaks.of_minima else peaks.threshold))
    clusters = np.split(beyond, np.cumsum(peaks.sizes)[:-1])
    places = [cluster[np.argmax(values[cluster])] for cluster in clusters]
    return peaks.series.index.to_numpy()[places] + 1


def without_zone(times: pd.DatetimeIndex) -> NDArray[np.datetime64]:
    """Local clock times without their zone, which matplotlib would turn to UTC."""
    return times.tz_localize(None).to_numpy()


def present_values(fit: Fit) -> NDArray[np.float64]:
    """The numbers, but those that are known for their size."""
    values, design = one_series(fit), fit.estimation.design
    seen = ~np.isnan(values)
    if isinstance(design, Observed) and design.perception is not None:
        seen &= np.isneginf(design.perception)
    return values[seen]


def values_per_year(fit: Fit, at: Any = None) -> Any:
    """How many of its values a year brings: blocks (1 for undated data), or peaks; these in the state ``at``, or in
    each of several, where their rate follows covariates.
    """
    if at is not None and fit.estimation.rate_follows:
        found = fit.rate_at(at, interval="delta")["estimate"].to_numpy()
        return found.item() if found.size == 1 else found
    return fit.rate["estimate"].item() if fit.of_peaks else fit.blocks_per_year or 1.0


def threshold_of(fit: Fit) -> float:
    """The threshold of a fit of peaks."""
    return float(fit.threshold)


def one_record(peaks: Peaks) -> None:
    """An error for what is no peaks, or peaks of a batch, which cannot be drawn."""
    if not isinstance(peaks, Peaks):
        raise ArgumentError(
            f"peaks over a threshold are drawn here, and this is {type(peaks).__name__}",
            "give what peaks_over_threshold(...) or as_peaks(...) returns.",
        )
    if peaks.values.ndim > 1:
        raise ArgumentError(
            f"a plot shows one series, and these are the peaks of a batch of shape {peaks.values.shape[:-1]}",
            "take as_peaks of one series first.",
        )


def one_series(fit: Fit) -> NDArray[np.float64]:
    """The observations of a fit of one series, missing ones included; a batch cannot be drawn, nor what follows
    covariates.
    """
    if fit.has_covariates:
        raise ArgumentError(
            "this plot shows one distribution, and that of this fit follows covariates",
            Text("draw trend, then_and_now, or return_level in a state of them (", Setting("at"), ")."),
        )
    refuse_batch(fit)
    return np.asarray(fit.values, dtype=float)


def refuse_batch(fit: Fit) -> None:
    """An error for the fit of a batch, which cannot be drawn."""
    if fit.batch_shape:
        raise ArgumentError(
            f"a plot shows one series, and this fit holds a batch of shape {fit.batch_shape}",
            "index one series first, as in fit[0].",
        )


def blocks_of(fit: Fit) -> NDArray[np.object_]:
    """The labels of the fitted blocks (n,): all, or those that have every covariate."""
    assert fit.extremes is not None, "asked where blocks are known"
    blocks = np.asarray(fit.extremes.blocks)
    return blocks if (kept := kept_values(fit)) is None else blocks[kept]


def kept_values(fit: Fit) -> Any:
    """Which of the blocks have every covariate, None for all."""
    return fit.estimation.predictors.covariates.kept if isinstance(fit.estimation, Regression) else None
