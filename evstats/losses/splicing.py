"""All losses as one distribution: a body below a threshold, and the tail of a fit above it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from evstats import noise
from evstats.arrays import Array
from evstats.distributions.gpd import OfPeaks, as_layer
from evstats.errors import ArgumentError, FitError, Status, real_number
from evstats.extremes.claims import Claims
from evstats.extremes.observations import observations
from evstats.extremes.records import Extremes
from evstats.fitting import fit
from evstats.habits import knowing_their_names
from evstats.registry import Registry
from evstats.text.arguments import Setting, Text
from evstats.text.numbers import number
from evstats.thresholds import peaks_over_threshold


class Body(ABC):
    """The distribution of the losses up to a threshold, given that they do not pass it."""

    @abstractmethod
    def cdf(self, x: Array) -> Array:
        """The chance of a loss of at most x."""

    @abstractmethod
    def ppf(self, p: Array) -> Array:
        """Quantiles."""

    @abstractmethod
    def mean_below(self, x: Array) -> Array:
        """The mean of the loss or x, whichever is less."""


@dataclass(frozen=True, eq=False)
class Empirical(Body):
    """As they were observed, each alike."""

    losses: Array

    def cdf(self, x: Array) -> Array:
        """The share of them."""
        return np.searchsorted(self.losses, x, side="right") / self.losses.size

    def ppf(self, p: Array) -> Array:
        """The smallest of them that so many do not exceed."""
        place = np.ceil(p * self.losses.size * (1.0 - 1e-12)) - 1.0
        return self.losses[np.clip(place, 0.0, self.losses.size - 1.0).astype(np.intp)]

    def mean_below(self, x: Array) -> Array:
        """Their average."""
        total = np.concatenate([[0.0], np.cumsum(self.losses)])
        place = np.searchsorted(self.losses, x, side="right")
        return (total[place] + (self.losses.size - place) * x) / self.losses.size


@dataclass(frozen=True, eq=False)
class Lognormal(Body):
    """Logarithms normal (mu, sigma) between the logarithms of ``lower`` and ``upper``."""

    mu: float
    sigma: float
    lower: float
    upper: float

    def _score(self, x: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray((np.log(x) - self.mu) / self.sigma)

    @property
    def _ends(self) -> tuple[float, float]:
        low = -np.inf if self.lower <= 0.0 else float(self._score(self.lower))
        return float(special.ndtr(low)), float(special.ndtr(self._score(self.upper)))

    def cdf(self, x: Array) -> Array:
        """Of the truncated lognormal."""
        below, above = self._ends
        inside = np.clip(x, max(self.lower, 0.0), self.upper)
        return np.clip((special.ndtr(self._score(inside)) - below) / (above - below), 0.0, 1.0)

    def ppf(self, p: Array) -> Array:
        """Of the truncated lognormal."""
        below, above = self._ends
        return np.exp(self.mu + self.sigma * special.ndtri(below + p * (above - below)))

    def mean_below(self, x: Array) -> Array:
        """In closed form."""
        below, above = self._ends
        inside = np.clip(x, max(self.lower, 0.0), self.upper)
        low = -np.inf if self.lower <= 0.0 else self._score(self.lower)
        part = special.ndtr(self._score(inside) - self.sigma) - special.ndtr(low - self.sigma)
        mean = np.exp(self.mu + 0.5 * self.sigma**2) * part / (above - below)
        return np.where(x < max(self.lower, 0.0), x, mean + np.minimum(x, self.upper) * (1.0 - self.cdf(inside)))


@dataclass(frozen=True, eq=False)
class Spliced:
    """Losses up to a threshold of one distribution, beyond it of the tail of a fit; made by ``spliced``.

    Attributes
    ----------
    body
        Up to the threshold.
    tail
        Beyond, a ``GPD`` or ``Exponential`` above it.
    share
        Of the losses that exceed the threshold.

    Examples
    --------
    >>> import evstats as ev
    >>> whole = ev.spliced(ev.GPD(10.0, 7.0, 0.3).rvs(300, rng=1), threshold=15.0)
    >>> float(whole.sf(15.0).round(2)), float(whole.layer_mean(30.0, 20.0).round(2))
    (0.52, 1.38)
    """

    body: Body
    tail: OfPeaks
    share: float

    @property
    def threshold(self) -> float:
        """Where the tail begins."""
        return float(self.tail.loc)

    def __repr__(self) -> str:
        return f"Spliced({type(self.body).__name__.lower()} body, {100 * self.share:.3g} % beyond it {self.tail!r})"

    def cdf(self, x: ArrayLike) -> Array:
        """The chance of a loss of at most x.

        Parameters
        ----------
        x
            Losses.

        Returns
        -------
        Array
            Of the shape of x.
        """
        return 1.0 - self.sf(x)

    def sf(self, x: ArrayLike) -> Array:
        """The chance of a loss above x.

        Parameters
        ----------
        x
            Losses.

        Returns
        -------
        Array
            Of the shape of x.
        """
        asked = np.asarray(x, dtype=np.float64)
        below = self.share + (1.0 - self.share) * (1.0 - self.body.cdf(np.minimum(asked, self.threshold)))
        return np.where(asked < self.threshold, below, self.share * self.tail.sf(asked))[()]

    def ppf(self, p: ArrayLike) -> Array:
        """The loss not exceeded with probability p in [0, 1]; NaN outside.

        Parameters
        ----------
        p
            Probabilities.

        Returns
        -------
        Array
            Of the shape of p, in the unit of the losses.
        """
        return self.isf(1.0 - np.asarray(p, dtype=np.float64))

    def isf(self, p: ArrayLike) -> Array:
        """The loss exceeded with probability p in [0, 1]; NaN outside.

        Parameters
        ----------
        p
            Probabilities.

        Returns
        -------
        Array
            Of the shape of p, in the unit of the losses.
        """
        asked = np.asarray(p, dtype=np.float64)
        inside = np.clip((1.0 - np.nan_to_num(asked)) / (1.0 - self.share), 0.0, 1.0)
        level = np.where(asked > self.share, self.body.ppf(inside), self.tail.isf(np.minimum(asked / self.share, 1.0)))
        return np.where((asked >= 0.0) & (asked <= 1.0), level, np.nan)[()]

    def mean(self) -> Array:
        """The mean loss; infinite where the shape is 1 or more."""
        return self.layer_mean()

    def rvs(self, size: noise.Shape = (), rng: noise.RandomState = None) -> Array:
        """Draws: a transform of standard exponential noise.

        Parameters
        ----------
        size
            Shape of the draws.
        rng
            None for fresh noise, an integer, ``SeedSequence`` or ``Generator``.

        Returns
        -------
        Array
            Of shape ``size``.
        """
        return self.isf(np.exp(-noise.exponential(size, rng=rng)))

    def layer_mean(self, attachment: ArrayLike = 0.0, limit: ArrayLike = np.inf) -> Array:
        """Mean part of a loss in a layer, E min(max(X - attachment, 0), limit), as ``GPD.layer_mean``.

        Parameters
        ----------
        attachment
            Where the layer begins.
        limit
            How wide it is, inf for all above.

        Returns
        -------
        Array
            Of the shape to which both broadcast, in the unit of the losses.
        """
        start, width = as_layer(attachment, limit)
        end = start + width
        low, high = (np.minimum(level, self.threshold) for level in (start, end))
        body = (1.0 - self.share) * (self.body.mean_below(high) - self.body.mean_below(low)) + self.share * (high - low)
        begin = np.maximum(start, self.threshold)
        reached = end > self.threshold
        beyond = self.tail.layer_mean(begin, np.where(reached, end - begin, 1.0))
        return (body + np.where(reached, self.share * beyond, 0.0))[()]


@knowing_their_names
def spliced(losses: Any, threshold: float | str, body: str = "empirical", *, lower: float = 0.0) -> Spliced:
    """All losses as one distribution: a body up to a threshold, and beyond it the GPD that is fitted there.

    For quantiles and the year's total of all losses (``ev.aggregate``), small ones too. The tail is that of
    ``ev.fit(ev.peaks_over_threshold(losses, threshold, separation=None), "gpd")``, the shares are those of the losses.

    Parameters
    ----------
    losses
        A Record, a Series or an array of positive losses; or those that were cut at limits, as ``ev.observed``
        makes them.
    threshold
        Where the tail begins, a number or a share such as ``"95%"``.
    body
        ``"empirical"``, the losses as observed, or ``"lognormal"``, by maximum likelihood between ``lower`` and the
        threshold.
    lower
        Of a lognormal body, from where on losses are seen, a deductible say; 0 where all are.

    Returns
    -------
    Spliced
        A severity for ``ev.aggregate``, with ``cdf``, ``sf``, ``ppf``, ``layer_mean`` and draws.

    Raises
    ------
    ArgumentError
        An unknown body; a ``lower`` above a loss, or not below the threshold.
    FitError
        No lognormal fits, as the losses below the threshold rise towards it.

    References
    ----------
    - Reynkens, T., Verbelen, R., Beirlant, J. and Antonio, K. (2017). Modelling censored losses using splicing.
      Insurance: Mathematics and Economics 77, 65-77.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = np.exp(np.random.default_rng(1).normal(1.0, 1.5, 1000))
    >>> whole = ev.spliced(losses, threshold=20.0, body="lognormal")
    >>> whole.ppf([0.5, 0.99]).round(1).tolist(), float(np.quantile(losses, 0.5).round(1))
    ([2.5, 85.1], 2.6)
    """
    made = BODIES[body]
    peaks = peaks_over_threshold(losses, threshold, separation=None)
    tail, end, least = fit(peaks, "gpd"), float(peaks.threshold), real_number(lower, "lower")
    every = np.sort(_all(losses))
    if every[0] < 0.0:
        raise ArgumentError(f"a loss is {number(float(every[0]), 6)}", "give losses, which are not negative.")
    if not 0.0 <= least <= min(every[0], end) or least == end:
        raise ArgumentError(
            Text(Setting("lower"), f" is {number(least, 6)}, and the smallest loss {number(float(every[0]), 6)}"),
            "give what all losses lie above, 0 or more.",
        )
    below = every[every <= end]
    distribution: Any = tail.distribution
    return Spliced(made(below, least, end), distribution, 1.0 - below.size / every.size)


def _all(losses: Any) -> Array:
    """All losses; of those that were cut, beyond the threshold all, their limits."""
    if not isinstance(losses, Extremes):
        return observations(losses).values
    if losses.truncation is not None:
        raise ArgumentError(
            "a body takes no deductibles of single losses",
            Text("leave out ", Setting("truncation", call="observed"), ", and give ", Setting("lower"), " for all."),
        )
    return Claims.of(losses).paid.to_numpy()


def _empirical(below: Array, lower: float, upper: float) -> Body:
    return Empirical(below)


def _lognormal(below: Array, lower: float, upper: float) -> Body:
    """The highest likelihood of truncated normal logarithms, in standard units."""
    if below[0] <= 0.0:
        raise ArgumentError(
            "a loss is 0, of which no lognormal knows",
            Text("leave it out, or take ", Setting("body", "empirical"), "."),
        )
    logs = np.log(below)
    centre, unit = float(logs.mean()), float(logs.std()) or 1.0
    z, top = (logs - centre) / unit, (np.log(upper) - centre) / unit
    bottom = -np.inf if lower <= 0.0 else (np.log(lower) - centre) / unit

    def minus(point: Array) -> float:
        mu, sigma = point[0], np.exp(point[1])
        low, high = (bottom - mu) / sigma, (top - mu) / sigma
        held = special.log_ndtr(high) + np.log(-np.expm1(special.log_ndtr(low) - special.log_ndtr(high)))
        return float(np.mean(0.5 * ((z - mu) / sigma) ** 2) + point[1] + held)

    with np.errstate(divide="ignore"):
        found = optimize.minimize(minus, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13})
    if not found.success or abs(found.x[0]) > _FARTHEST or not np.isfinite(found.fun):
        raise FitError(
            f"no lognormal fits the {below.size} losses up to the threshold: their likelihood has no maximum. "
            "Take body='empirical'.",
            Status.NO_INTERIOR_MAXIMUM,
        )
    return Lognormal(centre + unit * float(found.x[0]), unit * float(np.exp(found.x[1])), lower, upper)


#: So many standard deviations from the mean of the logarithms the mean of a truncated normal counts as nowhere.
_FARTHEST = 30.0

#: The bodies there are.
BODIES: Registry[Any] = Registry("body", {"empirical": _empirical, "lognormal": _lognormal})

__all__ = ["BODIES", "Body", "Empirical", "Lognormal", "Spliced", "spliced"]
