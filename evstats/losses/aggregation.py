"""The year's total of losses: a compound Poisson distribution on a grid, with a bound of its error."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft, stats

from evstats.arrays import Array, Places
from evstats.distributions import Family
from evstats.distributions.gpd import as_layer
from evstats.errors import ArgumentError
from evstats.habits import knowing_their_names, methods_knowing_their_names
from evstats.quantities import as_probabilities
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number


@runtime_checkable
class Severity(Protocol):
    """The distribution of one loss: ``GPD``, ``Exponential``, or ``Spliced``."""

    def sf(self, x: ArrayLike, /) -> Array:
        """The chance of a loss above x."""

    def isf(self, p: ArrayLike, /) -> Array:
        """The loss above which lies a share p."""

    def layer_mean(self, attachment: ArrayLike = ..., limit: ArrayLike = ...) -> Array:
        """The mean part of a loss in a layer."""


@methods_knowing_their_names
@dataclass(frozen=True, eq=False)
class Aggregate:
    """The distribution of a year's total of losses to a layer, on a grid; made by ``aggregate``.

    Attributes
    ----------
    x
        The grid (m,) from 0, in steps of ``step``; an aggregate limit ends it, and may cut its last step short.
    pmf
        The masses (m,) there; what is left of 1 lies beyond the last.
    step
        The distance of the grid's points.
    error_bound
        By how much at most ``cdf`` is off, anywhere up to the last point of the grid.
    limit
        The most a year can cost, inf where there is no such.

    Examples
    --------
    >>> import evstats as ev
    >>> total = ev.aggregate(9.0, ev.GPD(10.0, 7.0, 0.3), attachment=30.0, limit=20.0)
    >>> round(total.mean(), 2), float(total.ppf(0.99).round(0)), float(total.expected_shortfall(0.99).round(0))
    (12.47, 57.0, 66.0)
    """

    x: Array
    pmf: Array
    step: float
    error_bound: float
    limit: float
    _mean: float
    _bounds: tuple[Array, Array] = field(repr=False)

    def __repr__(self) -> str:
        most = "" if np.isinf(self.limit) else f", at most {number(self.limit, 6)}"
        return (
            f"Aggregate(mean {number(self.mean(), 6)}{most}, none in {number(100 * float(self.pmf[0]), 3)} % of years; "
            f"step {number(self.step, 3)}, cdf to {self.error_bound:.1g})"
        )

    def mean(self) -> float:
        """The mean of a year; of a total without an aggregate limit the exact one, rate times mean loss."""
        return self._mean

    def cdf(self, x: ArrayLike) -> Array:
        """The chance of a total of at most x; NaN beyond the grid, where ``cdf_bounds`` tells what is known.

        Parameters
        ----------
        x
            Totals, in the unit of the losses.

        Returns
        -------
        Array
            Of the shape of x.
        """
        return self._at(x, self._cumulated)

    def sf(self, x: ArrayLike) -> Array:
        """The chance of a total of more than x; NaN beyond the grid, as of ``cdf``.

        Parameters
        ----------
        x
            Totals, in the unit of the losses.

        Returns
        -------
        Array
            Of the shape of x.
        """
        return 1.0 - self.cdf(x)

    def cdf_bounds(self, x: ArrayLike) -> tuple[Array, Array]:
        """Between which the true ``cdf`` lies: that of every loss rounded up, and down, to the grid.

        Beyond the grid from the lower bound at its last point, which no larger total falls below, to 1.

        Parameters
        ----------
        x
            Totals, in the unit of the losses.

        Returns
        -------
        tuple of Array
            The lower and the upper bound, of the shape of x.
        """
        lower, upper = self._bounds
        return self._at(x, lower, lower[-1]), self._at(x, upper, 1.0)

    @cached_property
    def _cumulated(self) -> Array:
        return np.minimum(np.cumsum(self.pmf), 1.0)

    def _at(self, x: ArrayLike, cumulated: Array, beyond: float = np.nan) -> Array:
        """A step function at x, ``beyond`` past the grid; 1 from the limit on."""
        asked = np.asarray(x, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            place = np.floor(asked / self.step * (1.0 + _ROUNDING))
            inside = np.nan_to_num(np.clip(place, 0.0, self.x.size - 1.0)).astype(np.intp)
            found = np.where(place < 0.0, 0.0, cumulated[inside])
            found = np.where(place > self.x.size - 1.0, beyond, found)
            return np.where((asked >= self.limit) | np.isposinf(asked), 1.0, np.where(np.isnan(asked), np.nan, found))[
                ()
            ]

    def ppf(self, p: ArrayLike) -> Array:
        """The smallest total of the grid that is not exceeded with probability p: the value at risk of the year.

        Parameters
        ----------
        p
            Probabilities between 0 and 1.

        Returns
        -------
        Array
            Of the shape of p.

        Raises
        ------
        ArgumentError
            A probability outside (0, 1), or whose total lies beyond the grid.
        """
        given = np.asarray(p)
        asked = as_probabilities(given.ravel()).reshape(given.shape)
        place = self._place(asked)
        if (far := asked[place >= self.x.size]).size:
            raise ArgumentError(
                f"the total of probability {number(float(far.flat[0]), 8)} lies beyond the grid, which ends at "
                f"{number(float(self.x[-1]), 4)} with probability {number(float(self._cumulated[-1]), 8)}",
                Text("give fewer losses ", Setting("beyond"), " the grid, or the layer a limit."),
                argument="probabilities",
            )
        return np.asarray(self.x[place])[()]

    def _place(self, p: Array) -> Places:
        """Of the smallest point of the grid that is not exceeded with probability p."""
        return np.searchsorted(self._cumulated, p * (1.0 - _ROUNDING))

    def expected_shortfall(self, level: ArrayLike) -> Array:
        """The mean total of the worst years, beyond the value at risk: the average of ``ppf(p)`` over p in (level, 1).

        Parameters
        ----------
        level
            Probabilities in (0, 1).

        Returns
        -------
        Array
            Of the shape of the levels; infinite where the mean of a loss is.

        References
        ----------
        - Acerbi, C. and Tasche, D. (2002). Journal of Banking and Finance 26, 1487-1503, equation 3.
        """
        quantile, asked = self.ppf(level), np.asarray(level, dtype=np.float64)
        below = np.concatenate([[0.0], np.cumsum((1.0 - self._cumulated[:-1]) * np.diff(self.x))])  # E min(total, x)
        over = np.maximum(self._mean - below[self._place(asked)], 0.0)
        return np.asarray(quantile + over / (1.0 - asked))[()]


@knowing_their_names
def aggregate(
    rate: float,
    severity: Severity | Family,
    attachment: float | None = None,
    limit: float | None = None,
    aggregate_limit: float | None = None,
    reinstatements: int | None = None,
    *,
    step: float | None = None,
    beyond: float = 1e-6,
) -> Aggregate:
    """The distribution of a year's total: a Poisson number of independent losses, each cut to a layer.

    Parameters
    ----------
    rate
        Losses a year, more than 0, of those that ``severity`` is the distribution of.
    severity
        Of one loss, such as ``fit.distribution`` of a fit to losses over a threshold, or ``ev.spliced(...)``.
    attachment, limit
        Of the layer; None for losses from the ground up, without a limit.
    aggregate_limit
        The most that the layer pays in a year.
    reinstatements
        How often the limit is reinstated: the aggregate limit is (1 + reinstatements) limit.
    step
        Of the grid; None chooses it. It is made such that a limit is a multiple of it.
    beyond
        Without a limit, how many losses a year are expected to lie beyond the grid.

    Returns
    -------
    Aggregate
        ``mean()``, ``ppf``, ``cdf``, ``sf``, ``expected_shortfall``, the grid ``x`` with its masses ``pmf``,
        and ``error_bound``.

    Raises
    ------
    ArgumentError
        A rate that is not positive; a negative attachment; one below the threshold of a tail, of which
        nothing is known; an infinite mean without a limit; an aggregate limit that is not (1 + reinstatements) limit.

    Notes
    -----
    The severity is put on a grid by its mean in every cell (local moment matching), and the total follows by the fast
    Fourier transform, in which masses beyond the grid would fold back: exponential tilting makes them e^-20 times
    smaller. Every loss rounded up to the grid gives totals that are no smaller, rounded down no larger; their
    distribution functions are bounds of the true one, and the largest distance from them is ``error_bound``.

    References
    ----------
    - Gruebel, R. and Hermesmeier, R. (1999). ASTIN Bulletin 29, 197-214.
    - Embrechts, P. and Frei, M. (2009). Mathematical Methods of Operations Research 69, 497-508.
    - Gerber, H. U. (1982). Insurance: Mathematics and Economics 1, 13-18 (mean-preserving grids).

    Examples
    --------
    >>> import evstats as ev
    >>> total = ev.aggregate(9.9, ev.GPD(10.0, 7.0, 0.5), attachment=50, limit=150, reinstatements=1)
    >>> round(total.mean(), 2), round(float(total.ppf(0.99)), 1)
    (26.38, 199.5)
    """
    contract = _contract(rate, severity, attachment, limit, aggregate_limit, reinstatements)
    few = _positive("beyond", beyond)
    found = _on(contract, _grid(contract, step, few, _POINTS))
    if step is None and found.error_bound > _COARSE:
        found = _on(contract, _grid(contract, step, few, _MORE_POINTS))
    return found


def _on(contract: _Contract, grid: _Grid) -> Aggregate:
    """On a grid, the severity by its means, and rounded down and up."""
    cells = np.arange(grid.claim)
    start = contract.attachment + grid.step * cells
    passing = np.append(contract.severity.sf(start), contract.severity.sf(contract.attachment + grid.step * grid.claim))
    share = np.append(contract.severity.layer_mean(start, grid.step) / grid.step, 0.0)
    mean = _total(contract.rate, _falls(share, 1.0), grid)
    down = _total(contract.rate, _falls(np.append(passing[1:], 0.0), 1.0), grid)
    up = _total(contract.rate, _falls(np.append(passing[:-1], 0.0 if contract.limited else passing[-1]), 1.0), grid)
    return _of(contract, grid, mean, (up, down))


class _Contract(NamedTuple):
    """What is paid, all told: the severity, its layer, and the most a year, inf where there is no such."""

    rate: float
    severity: Severity
    attachment: float
    limit: float
    most: float

    @property
    def limited(self) -> bool:
        return bool(np.isfinite(self.limit))


class _Grid(NamedTuple):
    """The step, how many of them a loss has at most, how many points the totals have, and the transform."""

    step: float
    claim: int
    points: int
    length: int


def _contract(
    rate: float,
    severity: Severity | Family,
    attachment: float | None,
    limit: float | None,
    aggregate_limit: float | None,
    reinstatements: int | None,
) -> _Contract:
    if not isinstance(severity, Severity):
        raise ArgumentError(
            f"severity is of type {type(severity).__name__}",
            "give the distribution of a loss: GPD, Exponential, or spliced(...).",
        )
    if np.ndim(severity.sf(0.0)):
        raise ArgumentError("severity is a batch of distributions", "give one, as in severity[0].")
    yearly = _positive("rate", rate)
    starts, widths = as_layer(0.0 if attachment is None else attachment, np.inf if limit is None else limit)
    if starts.ndim or widths.ndim:
        raise ArgumentError("several layers are given", "give one attachment and one limit.", argument="attachment")
    begin, width = float(starts), float(widths)
    least = float(getattr(severity, "loc", 0.0))
    if attachment is not None and begin < least:
        raise ArgumentError(
            Text(
                Setting("attachment"),
                f" {number(begin, 6)} is below the threshold of {number(least, 6)}, and of losses below it the tail "
                "knows nothing",
            ),
            f"begin the layer at {number(least, 6)} or above, or give the distribution of all losses, spliced(...).",
        )
    most = _most(width, aggregate_limit, reinstatements)
    width = min(width, most)  # a loss beyond it pays no more
    if np.isinf(severity.layer_mean(begin, width)):
        raise ArgumentError(
            f"the mean loss above {number(begin, 6)} is infinite, as the shape is 1 or more",
            Text("give a ", Setting("limit"), " or an ", Setting("aggregate_limit"), "."),
        )
    return _Contract(yearly, severity, begin, width, most)


def _positive(name: str, given: object) -> float:
    try:
        found = float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = np.nan
    if isinstance(given, bool) or not (np.isfinite(found) and found > 0.0):
        raise ArgumentError(Text(Setting(name), f" is {given!r}"), "give a number of more than 0.")
    return found


def _most(limit: float, aggregate_limit: float | None, reinstatements: int | None) -> float:
    """The most that a year costs."""
    if reinstatements is None:
        return np.inf if aggregate_limit is None else _positive("aggregate_limit", aggregate_limit)
    if isinstance(reinstatements, bool) or not isinstance(reinstatements, int | np.integer) or reinstatements < 0:
        raise ArgumentError(
            Text(Setting("reinstatements"), f" is {reinstatements!r}"), "give a whole number, 0 or more."
        )
    if np.isinf(limit):
        raise ArgumentError(
            Text(Setting("reinstatements"), " are of a limit, and there is none"),
            Text("give a ", Setting("limit"), "."),
        )
    most = (1.0 + reinstatements) * limit
    if aggregate_limit is not None and not np.isclose(_positive("aggregate_limit", aggregate_limit), most, rtol=1e-12):
        raise ArgumentError(
            Text(
                Setting("aggregate_limit"),
                f" is {number(float(aggregate_limit), 6)}, and {reinstatements} reinstatements of {number(limit, 6)} "
                f"are {number(most, 6)}",
            ),
            "give one of the two, or both alike.",
        )
    return most


#: Points of the grid of totals, and where the bound of its error is more than this, of a finer one; those of one loss
#: at least; a share of a place of the grid that is rounding.
_POINTS, _COARSE, _MORE_POINTS, _LEAST, _ROUNDING = 2**18, 0.002, 2**21, 2**10, 1e-12
#: Minus the logarithm of how rarely totals of losses with a limit lie beyond the grid.
_RARE_LOG = 27.6
#: How many times smaller what is folded back becomes, as a logarithm, and what rounding leaves in the first half.
_TILT = 20.0
_SLACK = 3.0 * float(np.exp(-_TILT))


def _grid(contract: _Contract, step: float | None, beyond: float, points: int) -> _Grid:
    """From 0 to what a year costs at most, or but for rare cases.

    Of losses up to a limit the total passes its mean by t once in 10^12 years at most, t by Bernstein's
    inequality; without a limit one loss alone makes the largest totals.
    """
    paid = contract.rate * float(contract.severity.layer_mean(contract.attachment, contract.limit))
    if contract.limited:
        passing = contract.rate * float(contract.severity.sf(contract.attachment))
        linear = _RARE_LOG / 3.0 * contract.limit
        far = paid + linear + np.sqrt(linear**2 + 2.0 * _RARE_LOG * paid * contract.limit)
        top = min(contract.most, (float(stats.poisson.isf(np.exp(-_RARE_LOG), passing)) + 1.0) * contract.limit, far)
    else:
        single = float(contract.severity.isf(min(0.5, beyond / contract.rate))) - contract.attachment
        single = max(single, paid / contract.rate)
        part = contract.rate * float(contract.severity.layer_mean(contract.attachment, single))
        top = part + 2.0 * np.sqrt(part * single) + 2.0 * single
    width = contract.limit if contract.limited else top
    asked = top / (points - 1) if step is None else _positive("step", step)
    whole = max(int(np.ceil(width / asked * (1.0 - _ROUNDING))), _LEAST if step is None else 1)
    size = width / whole
    most = int(np.ceil(top / size * (1.0 - _ROUNDING))) + 1
    if step is not None and most > _MOST_POINTS:
        raise ArgumentError(
            Text(Setting("step"), f" is {number(asked, 6)}, by which the grid has {most:,} points"),
            f"give {number(top / _MOST_POINTS, 2)} or more.",
        )
    most = min(most, _MOST_POINTS)
    return _Grid(size, min(whole, most - 1), most, fft.next_fast_len(2 * most, real=True))


#: A grid of more points is not made.
_MOST_POINTS = 2**22


def _falls(beyond: Array, first: float) -> Array:
    """The masses of a distribution on the grid, by the chance to lie beyond each point."""
    return -np.diff(np.concatenate([[first], beyond]))


def _total(rate: float, masses: Array, grid: _Grid) -> Array:
    """The masses of the total, by tilted masses of a loss."""
    tilt = _TILT / grid.length
    damped = masses * np.exp(-tilt * np.arange(masses.size))
    transform = np.exp(rate * (fft.rfft(damped, grid.length) - 1.0))
    found = fft.irfft(transform, grid.length)[: grid.points] * np.exp(tilt * np.arange(grid.points))
    return np.maximum(found, 0.0)


def _of(contract: _Contract, grid: _Grid, masses: Array, around: tuple[Array, Array]) -> Aggregate:
    """With what lies beyond the most a year costs put there."""
    x: Array = grid.step * np.arange(grid.points, dtype=np.float64)
    lower, upper = (np.minimum(np.cumsum(own), 1.0) for own in around)
    lower, upper = np.maximum(lower - _SLACK, 0.0), np.minimum(upper + _SLACK, 1.0)
    mean = contract.rate * float(contract.severity.layer_mean(contract.attachment, contract.limit))
    if np.isfinite(contract.most):
        last = int(np.ceil(contract.most / grid.step * (1.0 - _ROUNDING)))
        if last < grid.points:
            masses = masses[: last + 1].copy()
            masses[last] = max(0.0, 1.0 - float(masses[:last].sum()))
            x, lower, upper = x[: last + 1], lower[: last + 1], upper[: last + 1]
            x[last], lower[last], upper[last] = contract.most, 1.0, 1.0
            mean = float(masses @ x)
    cumulated = np.cumsum(masses)
    bound = float(np.max(np.maximum(cumulated - lower, upper - cumulated)))
    for array in (x, masses, lower, upper):
        array.flags.writeable = False
    return Aggregate(x, masses, grid.step, bound, contract.most, mean, (lower, upper))


__all__ = ["Aggregate", "Severity", "aggregate"]
