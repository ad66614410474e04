"""Plotting positions: where observations stand, those known by bounds too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from evstats.errors import ArgumentError, DataError
from evstats.models import Bounds
from evstats.plots.samples import one_state
from evstats.registry import Registry

if TYPE_CHECKING:
    from evstats.fitting import Fit

#: The constant a of the plotting position (i - a)/(n + 1 - 2a), by the name of its author.
PLOTTING_POSITIONS = Registry(
    "plotting position",
    {"weibull": 0.0, "beard": 0.31, "blom": 0.375, "cunnane": 0.4, "gringorten": 0.44, "hazen": 0.5},
)


def plotting_positions(values: ArrayLike, a: float | str = 0.44) -> pd.DataFrame:
    """The empirical non-exceedance probability of every value: ``p = (i - a)/(n + 1 - 2a)`` for the i-th smallest of n.

    Parameters
    ----------
    values
        An array (n,); NaN is missing and left out. Tied values keep ranks of their own.
    a
        Number in [0, 1), or a name: "weibull" (0), "beard" (0.31), "blom" (0.375), "cunnane" (0.4),
        "gringorten" (0.44, the default: nearly unbiased for the Gumbel distribution) or "hazen" (0.5).

    Returns
    -------
    DataFrame
        In ascending order of the values: ``rank`` (1 is the smallest), ``value``, ``probability``. The index is the
        place of the value in the input; ``attrs["plotting_position"]`` says which one it is.

    Raises
    ------
    ArgumentError
        A is out of range or an unknown name.
    DataError
        Values are not one series, or no value is there.

    References
    ----------
    - Gringorten (1963), J. Geophys. Res. 68, 813-814.
    - Cunnane (1978), J. Hydrol. 37, 205-222.

    Examples
    --------
    >>> plotting_positions([7.0, 3.0, 5.0], a="weibull")["probability"].tolist()
    [0.25, 0.5, 0.75]
    """
    constant = PLOTTING_POSITIONS[a] if isinstance(a, str) else float(a)
    if not 0.0 <= constant < 1.0:
        raise ArgumentError(f"the plotting position's a must be in [0, 1), not {a!r}", "0.44 is Gringorten's.")
    sample = np.asarray(values, dtype=float)
    if sample.ndim != 1 or not np.isfinite(sample).any():
        raise DataError(f"plotting positions rank one series of finite values, not an array of shape {sample.shape}.")
    order = np.argsort(sample, kind="stable")[: np.count_nonzero(~np.isnan(sample))]
    ranks = np.arange(1, len(order) + 1)
    probabilities = (ranks - constant) / (len(order) + 1 - 2 * constant)
    columns = {"rank": ranks, "value": sample[order], "probability": probabilities}
    points = pd.DataFrame(columns, index=pd.Index(order, name="observation"))
    points.attrs["plotting_position"] = _named(constant)
    return points


def positions_with_bounds(pairs: ArrayLike, a: float | str = 0.44, *, minima: bool = False) -> pd.DataFrame:
    """The empirical non-exceedance probability of observations of which some are known by bounds.

    Every level that some observations are known only to lie below is a threshold. With A observations from one to the
    next, and B below it, the chance of passing it is p = q + (1 - q) A/(A + B), q that of the next, and those A share
    what lies between q and p as the plotting position of a sample of A does. Without such levels it is that of all.

    Parameters
    ----------
    pairs
        Lower and upper bounds, (n, 2), as of ``Extremes.pairs``.
    a
        As of :func:`plotting_positions`.
    minima
        Whether small is extreme.

    Returns
    -------
    DataFrame
        As from :func:`plotting_positions` of the observations that are numbers, and of those known between two bounds
        at their middle, with ``lower`` and ``upper``; ``rank`` is that among all, as the probability has it, and need
        not be whole.

    References
    ----------
    - Hirsch, R. M. and Stedinger, J. R. (1987). Plotting positions for historical floods and their precision. Water
      Resources Research 23, 715-727, equations 12 to 15.

    Examples
    --------
    >>> positions_with_bounds([[5, 5], [7, 7], [-np.inf, 6], [8, 8]], a=0)["probability"].round(3).tolist()
    [0.25, 0.667, 0.833]
    """
    points = _with_open(pairs, a, minima)
    return points.loc[np.isfinite(points[["lower", "upper"]].to_numpy()).all(axis=1)]


def _with_open(pairs: ArrayLike, a: float | str, minima: bool) -> pd.DataFrame:
    """The same with the observations known only to be more extreme than a bound, which is their value."""
    constant = PLOTTING_POSITIONS[a] if isinstance(a, str) else float(a)
    known = Bounds.of(np.asarray(pairs, dtype=float) * (-1.0 if minima else 1.0))
    placed = known.exact | known.between | known.above
    with np.errstate(invalid="ignore"):
        middle = np.where(known.above, known.lower, 0.5 * (known.lower + known.upper))
    values, below = middle[placed], known.upper[known.below]
    thresholds = np.unique(np.append(below, -np.inf))
    beyond, passed = np.empty(values.size), 0.0
    for low, high in zip(thresholds[::-1], np.append(thresholds[1:], np.inf)[::-1], strict=True):
        own = np.flatnonzero((values >= low) & (values < high))
        lower = np.count_nonzero(values < low) + np.count_nonzero(below <= low)
        reached = passed + (1.0 - passed) * (own.size / (own.size + lower) if own.size else 0.0)
        falling = own[np.argsort(-values[own], kind="stable")]
        beyond[falling] = passed + (reached - passed) * (np.arange(1, own.size + 1) - constant) / (
            own.size + 1 - 2 * constant
        )
        passed = reached
    probability, total = beyond if minima else 1.0 - beyond, values.size + below.size
    order, index = np.argsort(probability, kind="stable"), np.flatnonzero(placed)
    rank = probability * (total + 1 - 2 * constant) + constant
    sign = -1.0 if minima else 1.0
    ends = np.sort(sign * np.stack([known.lower, known.upper], axis=-1)[placed], axis=-1)
    columns = {"rank": rank, "value": sign * values, "probability": probability}
    columns |= {"lower": ends[:, 0], "upper": ends[:, 1]}
    points = pd.DataFrame(columns, index=pd.Index(index, name="observation")).iloc[order]
    points.attrs |= {"plotting_position": f"Hirsch and Stedinger, a = {constant:g}", "observations": total}
    return points


def positions_of(fit: Fit, sample: NDArray[np.float64], a: float | str, at: Any = None) -> pd.DataFrame:
    """The plotting positions of what was fitted; with covariates of residuals, or of what they would be in a state."""
    if not fit.estimation.design.bounded:
        return plotting_positions(sample, a)
    pairs, minima = _pairs_of(fit, at)
    return positions_with_bounds(pairs, a, minima=minima)


def positions_beyond(fit: Fit, a: float | str, at: Any = None) -> pd.DataFrame:
    """The plotting positions of the observations of a bounded fit known only to be more extreme than a bound, as
    :func:`positions_of` of the others; that bound is their ``value``.
    """
    pairs, minima = _pairs_of(fit, at)
    points = _with_open(pairs, a, minima)
    return points.loc[np.isinf(points[["lower", "upper"]].to_numpy()).any(axis=1)]


def _pairs_of(fit: Fit, at: Any) -> tuple[Any, bool]:
    """The bounds (n, 2), and whether small is extreme."""
    minima = fit.family.minima and (at is not None or not fit.has_covariates)
    return _bounds_in(fit, at) if fit.has_covariates else fit.estimation.values, minima


def _bounds_in(fit: Fit, at: Any) -> NDArray[np.float64]:
    """The bounds (n, 2) on the standard Gumbel scale, or in a state, each with the probability that it has in its own
    block.
    """
    pairs = fit.estimation.values
    sign, own = -1.0 if fit.family.minima else 1.0, fit.distribution.as_maxima()[..., None]
    with np.errstate(invalid="ignore"):
        there = np.sort(own.reduced(sign * pairs), axis=-1)
        if at is None:
            return there
        moved = one_state(fit, at).as_maxima().from_gumbel(there)
    return np.sort(sign * np.where(np.isinf(there), there, moved), axis=-1)  # open, whatever the end of the support


def _named(constant: float) -> str:
    """``"Gringorten, a = 0.44"``; a constant of nobody's is ``"a = 0.2"``."""
    authors = [f"{name.capitalize()}, " for name, a in PLOTTING_POSITIONS.items() if a == constant]
    return f"{''.join(authors)}a = {constant:g}"
