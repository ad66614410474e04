"""Tests of forecasts of the expected shortfall: four statistics of losses, whether observed or drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from evstats import noise
from evstats.arrays import Array, Places
from evstats.errors import ArgumentError
from evstats.text.arguments import Setting, Text

#: Draws of the predictive law of every day: an array (draws, n), or a function of a number of draws and a Generator.
Draws: TypeAlias = Array | Callable[[int, noise.Generator], Array]

RULE_OF_THUMB, RULE_OF_THUMB_LEVEL = -0.7, 0.975
"""Below it Z2 rejects at 5 % for the usual tails, at this level (Acerbi and Szekely 2014)."""

FEWEST = 10
"""Exceedances from which on the residuals can be resampled."""

#: Values of draws handled at once, and what of the two moments of the calibration test counts as one.
_AT_ONCE, _ONE = 1_048_576, 1e-12
#: An ES so much nearer to its VaR than of a normal distribution is taken for one of a lower level.
_NEAR = 0.5


def statistics(losses: Array, var: Array, es: Array, share: float, scale: Array) -> dict[str, Array]:
    """The statistic of every test, of losses (m, n) under forecasts (n,).

    Only exceedances and sums over all days enter, so that what is not an exceedance is not touched again.

    ``exceedance_residuals`` : Student's statistic of the residuals (L - ES)/scale of the exceedances, whose mean is 0,
        and larger where the ES is too small (McNeil and Frey 2000, section 4); NaN of fewer than two.
    ``z1`` : 1 less the mean of L/ES over the exceedances (Acerbi and Szekely 2014); NaN without any.
    ``z2`` : 1 less the sum of L/ES over the exceedances, divided by their expected number.
    ``conditional_calibration`` : n m' S^-1 m of V = (I - a, ES - VaR - (L - VaR) I/a), with mean m and S the mean of
        V V', which is n at most (Nolde and Ziegel 2017, section 2.2.2).
    """
    lane, day = np.nonzero(losses > var)
    beyond, m = losses[lane, day], losses.shape[0]

    def total(values: Array) -> Array:
        return np.bincount(lane, values, minlength=m).astype(float, copy=False)

    x, ratio = np.bincount(lane, minlength=m), total(beyond / es[day])
    with np.errstate(divide="ignore", invalid="ignore"):
        z1 = 1.0 - ratio / np.where(x > 0, x, np.nan)
    return {
        "exceedance_residuals": _student((beyond - es[day]) / scale[day], lane, x),
        "z1": z1,
        "z2": 1.0 - ratio / (losses.shape[-1] * share),
        "conditional_calibration": _calibration(x, es - var, (beyond - var[day]) / share, day, share, total),
    }


def _student(residuals: Array, lane: Places, x: Places) -> Array:
    """Student's statistic of the residuals of every series."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(lane, residuals, minlength=x.size) / x
        squares = np.bincount(lane, (residuals - mean[lane]) ** 2, minlength=x.size)
        return np.where(x > 1, mean / np.sqrt(squares / (x - 1.0) / x), np.nan)


def _calibration(
    x: Places, excess: Array, passed: Array, day: Places, share: float, total: Callable[[Array], Array]
) -> Array:
    """By the sums of V and V V': those of days without an exceedance, and what exceedances change."""
    n, own = excess.size, excess[day] - passed
    second = excess.sum() - total(passed)
    a = x * (1.0 - share) ** 2 + (n - x) * share**2
    b = total(own) - share * second
    c = (excess**2).sum() + total(own**2 - excess[day] ** 2)
    first = x - share * n
    determinant = a * c - b * b
    apart = determinant > _ONE * a * c  # else the two moments are one
    form = (c * first**2 - 2.0 * b * first * second + a * second**2) / np.where(apart, determinant, 1.0)
    return np.where(apart, form, first**2 / a)


def resampled_residuals(residuals: Array, replicates: int, seed: int) -> Array:
    """Student's statistics of residuals drawn with replacement from those given, less their mean."""
    random, x = noise.generator([seed, residuals.size]), residuals.size
    drawn = (residuals - residuals.mean())[random.integers(x, size=(replicates, x))]
    with np.errstate(divide="ignore", invalid="ignore"):
        return drawn.mean(axis=-1) / (drawn.std(axis=-1, ddof=1) / np.sqrt(x))


def drawn_in_parts(draws: Draws, replicates: int, n: int, seed: int) -> list[Array]:
    """Draws of the predictive law, (rows, n) each.

    Raises
    ------
    ArgumentError
        Draws of another shape, or that are not finite.
    """
    if not callable(draws):
        return [_checked(draws, n)]
    random, rows = noise.generator(seed), max(1, _AT_ONCE // n)
    sizes = [min(rows, replicates - start) for start in range(0, replicates, rows)]
    return [_checked(draws(size, random), n, size) for size in sizes]


def _checked(drawn: object, n: int, rows: int | None = None) -> Array:
    found = np.asarray(drawn, dtype=float)
    if found.ndim != 2 or found.shape[1] != n or found.shape[0] != (rows or found.shape[0]) or not found.size:
        raise ArgumentError(
            Text(Setting("simulate"), f" gives draws of shape {found.shape}"),
            f"expected ({rows or 'draws'}, {n}): losses of every day, drawn from its predictive law.",
            argument="simulate",
        )
    if not np.isfinite(found).all():
        raise ArgumentError(
            Text(Setting("simulate"), " gives draws that are not finite"), "draw numbers.", argument="simulate"
        )
    return found


def level_of_normal(level: float, gap: float) -> float | None:
    """Of what level an ES so many standard deviations above the VaR of a level would be of a normal distribution.

    Heavier tails have more between the two. None of a gap of at least ``_NEAR`` times that of the level, and where it
    cannot be told.
    """
    z = np.linspace(-1.0, 8.0, 1_801)
    es = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) / ndtr(-z)
    var = float(ndtri(level))
    if not gap < _NEAR * (np.interp(var, z, es) - var):
        return None
    return float(ndtr(np.interp(var + gap, es, z)))


def normal_tail(statistic: float) -> float:
    """The chance of a larger standard normal value."""
    return float(ndtr(-statistic))


def chi_square_tail(statistic: float, df: int) -> float:
    """The chance of a larger chi-square value."""
    return float(chdtrc(df, statistic))


__all__ = [
    "FEWEST",
    "RULE_OF_THUMB",
    "RULE_OF_THUMB_LEVEL",
    "Draws",
    "chi_square_tail",
    "drawn_in_parts",
    "level_of_normal",
    "normal_tail",
    "resampled_residuals",
    "statistics",
]
