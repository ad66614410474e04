"""The volatility of each day from the losses before it, by name: none, a moving average, or a GARCH fitted by arch."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from scipy.signal import lfilter

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, FitError, Status
from evstats.extras import install
from evstats.registry import Registry
from evstats.text.arguments import Setting, Text

#: Of losses so far (n,), the volatility of each of their days and of the next, (n + 1,), or that and the mean; or a
#: function that does so, made of the losses so far and kept until the next refit.
Volatility: TypeAlias = Callable[[Array], Any]

DECAY = 0.94
"""Of the moving average of daily squares (J.P. Morgan and Reuters 1996, RiskMetrics Technical Document)."""

#: Days whose mean square begins the moving average, and the fewest that a GARCH is fitted to.
_BEGIN, _LEAST = 25, 250


def flat(losses: Array) -> Array:
    """A volatility of 1 on all days.

    Examples
    --------
    >>> flat(np.array([0.3, -0.2])).tolist()
    [1.0, 1.0, 1.0]
    """
    return np.ones(losses.size + 1)


def ewma(losses: Array) -> Array:
    """The root of the exponentially weighted mean of the squares before, with weights that fall by .94 a day.

    Examples
    --------
    >>> ewma(np.full(30, -2.0)).round(12)[[0, -1]].tolist()
    [2.0, 2.0]
    """
    first = float(np.mean(losses[:_BEGIN] ** 2))
    return np.sqrt(_variances(losses**2, 0.0, 1.0 - DECAY, DECAY, first))


def garch(losses: Array) -> Volatility:
    """A GARCH(1, 1) with a constant mean by Gaussian quasi-maximum likelihood, fitted by arch to the losses so far.

    Parameters
    ----------
    losses
        (n,), 250 or more.

    Returns
    -------
    Volatility
        A function of losses, which begin with the same ones, to the volatility and the mean of each day and the next.

    Raises
    ------
    ArgumentError
        Arch is not installed.
    DataError
        Fewer than 250 losses, or losses that are all the same.
    FitError
        The search did not end at a maximum.

    References
    ----------
    - McNeil, A. J. and Frey, R. (2000). Journal of Empirical Finance 7, 271-300, section 2.2.
    """
    arch_model = required().arch_model
    unit = float(np.std(losses)) if losses.size else 0.0
    if losses.size < _LEAST or not unit > 0.0:
        what = "that are all the same" if losses.size >= _LEAST else f"on {losses.size} days"
        raise DataError(
            f"a GARCH cannot be fitted to losses {what}",
            Text(f"give {_LEAST} days or more of losses that differ, or ", Setting("volatility", "ewma"), "."),
        )
    model = arch_model(losses / unit, mean="Constant", vol="GARCH", p=1, q=1, dist="normal", rescale=False)
    found = model.fit(disp="off", show_warning=False)
    mean, *own = (float(one) for one in found.params)
    if found.convergence_flag != 0 or not np.isfinite([mean, *own]).all():
        raise FitError(
            "the search for the GARCH did not end at a maximum of its likelihood",
            Status.NOT_CONVERGED,
            Text("give more days, or ", Setting("volatility", "ewma"), "."),
        )
    before = float(model.volatility.backcast((losses - losses.mean()) / unit))  # as arch takes it
    return _Garch(mean * unit, own[0] * unit**2, own[1], own[2], before * unit**2)


class _Garch:
    """A GARCH(1, 1) with these parameters, and the variance before the first day."""

    def __init__(self, mean: float, omega: float, alpha: float, beta: float, before: float) -> None:
        self._mean, self._rest = mean, (omega, alpha, beta, omega + (alpha + beta) * before)

    def __call__(self, losses: Array) -> tuple[Array, Array]:
        """The volatility and the mean of each day and the next."""
        variances = _variances((losses - self._mean) ** 2, *self._rest)
        return np.sqrt(variances), np.full(variances.size, self._mean)


def _variances(squares: Array, omega: float, alpha: float, beta: float, first: float) -> Array:
    """Of each day and the next: omega + alpha times the square and beta times the variance of the day before."""
    after, _ = lfilter([1.0], [1.0, -beta], omega + alpha * squares, zi=[beta * first])
    return np.append(first, after)


def required() -> Any:
    """The package arch.

    Raises
    ------
    ArgumentError
        It is not installed.
    """
    try:
        return import_module("arch")
    except ImportError as cause:
        raise ArgumentError(
            "a GARCH is fitted by the package arch, which is not installed",
            Text(
                f"{install('arch')}, or give the volatility of each day, or ",
                Setting("volatility", "ewma"),
                ".",
            ),
            argument="volatility",
        ) from cause


#: The volatilities that a name stands for.
VOLATILITIES: Registry[Volatility] = Registry("volatility", {"flat": flat, "ewma": ewma, "garch": garch})


__all__ = ["DECAY", "VOLATILITIES", "Volatility", "ewma", "flat", "garch", "required"]
