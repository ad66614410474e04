"""Plotting positions: where observations stand, those known by bounds too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from evstats.arrays import Array, Mask, Places
from evstats.errors import ArgumentError, DataError
from evstats.habits import knowing_their_names
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


@knowing_their_names
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


@knowing_their_names
def positions_with_bounds(pairs: ArrayLike, a: float | str = 0.44, *, minima: bool = False) -> pd.DataFrame:
    """The empirical non-exceedance probability of observations of which some are known by bounds.

    Every level that some observations are known only to lie below is a threshold. With A observations from one to the
    next, and B below it, the chance of passing it is p = q + (1 - q) A/(A + B), q that of the next, and those A share
    what lies between q and p as the plotting position of a sample of A does. Without such levels it is that of all.
    An observation that is known only to lie above a level is shared out over what lies beyond it, as the product-limit
    estimator does.

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
    - Michael, J. R. and Schucany, W. R. (1986). Analysis of data from censored samples. In D'Agostino and Stephens,
      Goodness-of-Fit Techniques, Marcel Dekker, 461-496.
    - Turnbull, B. W. (1974). Nonparametric estimation of a survivorship function with doubly censored data. Journal
      of the American Statistical Association 69, 169-173.

    Examples
    --------
    >>> positions_with_bounds([[5, 5], [7, 7], [-np.inf, 6], [8, 8]], a=0)["probability"].round(3).tolist()
    [0.25, 0.667, 0.833]

    A loss that was cut at its limit counts with those above it:

    >>> positions_with_bounds([[5, 5], [7, np.inf], [8, 8]], a=0)["probability"].round(3).tolist()
    [0.25, 0.625]
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
    beyond = chances_beyond(middle[placed], known.above[placed], known.upper[known.below], constant)
    probability, total = beyond if minima else 1.0 - beyond, np.count_nonzero(placed | known.below)
    order, index = np.argsort(probability, kind="stable"), np.flatnonzero(placed)
    rank = probability * (total + 1 - 2 * constant) + constant
    sign = -1.0 if minima else 1.0
    ends = np.sort(sign * np.stack([known.lower, known.upper], axis=-1)[placed], axis=-1)
    columns = {"rank": rank, "value": sign * middle[placed], "probability": probability}
    columns |= {"lower": ends[:, 0], "upper": ends[:, 1]}
    points = pd.DataFrame(columns, index=pd.Index(index, name="observation")).iloc[order]
    points.attrs |= {"plotting_position": f"Hirsch and Stedinger, a = {constant:g}", "observations": total}
    return points


#: The most rounds of sharing out what is known only to lie above a level, and how little the last may change.
_ROUNDS, _SETTLED = 1_000, 1e-12


def chances_beyond(values: Array, open_above: Mask, below: Array, a: float) -> Array:
    """The chance that what is known to be ``values``, or to lie above them, is passed.

    From one of the levels of ``below`` to the next is a class. What is open above has its share in every class from its
    own on, by the chances there; these follow from the shares, in turn.
    """
    levels = np.unique(np.append(below, -np.inf))
    own = np.searchsorted(levels, values, side="right") - 1
    lower = np.searchsorted(np.sort(below), levels, side="right")
    weights = np.zeros((levels.size, values.size))
    weights[own, np.arange(values.size)] = 1.0
    order = np.lexsort((-np.arange(values.size), open_above, values))
    for _ in range(_ROUNDS):
        beyond, shares = _by_classes(weights[:, order], open_above[order], lower, own[order], a)
        old, weights[:, order] = weights[:, order], np.where(open_above[order], shares, weights[:, order])
        if np.abs(weights[:, order] - old).max(initial=0.0) < _SETTLED:
            break
    found = np.empty(values.size)
    found[order] = beyond
    return found


def _by_classes(weights: Array, open_above: Mask, lower: Places, own: Places, a: float) -> tuple[Array, Array]:
    """From shares (classes, n) of values in rising order: the chance that each is passed, and the shares of those that
    are open above by these chances.
    """
    beyond, within, passed = np.empty(own.size), np.zeros(weights.shape), 0.0
    under = np.concatenate([[0.0], np.cumsum(weights.sum(axis=1))[:-1]])
    for place in reversed(range(len(weights))):
        number = weights[place].sum()
        reached = passed + (1.0 - passed) * (number / (number + under[place] + lower[place]) if number else 0.0)
        above = number - np.cumsum(weights[place])
        steps = np.where(open_above | (own != place), 1.0, (above - a + 1.0) / (above - a + 2.0))
        chance = np.minimum((number - a + 1.0) / (number - 2.0 * a + 1.0) * np.cumprod(steps), 1.0)
        mine = own == place
        beyond[mine] = passed + (reached - passed) * chance[mine]
        within[place] = np.where(mine, beyond - passed, np.where(own < place, reached - passed, 0.0))
        passed = reached
    total = within.sum(axis=0)
    return beyond, np.divide(within, total, out=np.array(weights), where=total > 0.0)


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
