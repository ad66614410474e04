"""What layers of losses over a threshold cost a year on average."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.distributions.gpd import OfPeaks, as_layer, log_layer_mean
from evstats.distributions.special import expm1_over_derivatives
from evstats.errors import ArgumentError
from evstats.quantities.base import Quantity
from evstats.text.arguments import Setting, Text


@dataclass(frozen=True, eq=False)
class LogMean:
    """The logarithm of the mean loss to a layer, with two derivatives in (log scale, shape), (2, ...) and (2, 2, ...).

    Of a family without a shape those in it are not to be used.

    Attributes
    ----------
    value
        The logarithm of the mean.
    first, second
        Its derivatives.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> float(np.exp(ev.quantities.log_mean(ev.GPD(10.0, 7.0, 0.3), 50.0, 150.0).value).round(3))
    0.916
    """

    value: Array
    first: Array
    second: Array


@dataclass(frozen=True, eq=False)
class PurePremium(Quantity):
    """The mean loss a year to layers of losses over a threshold: events a year times the mean part of one in the layer.

    Infinite for a layer without a limit where the shape is 1 or more. Symmetric intervals are of its logarithm.

    Parameters
    ----------
    questions
        The places of the layers, 0 to the last; made by ``PurePremium.of``.
    attachment, limit
        Where each layer begins, and how wide it is, inf for all above.

    Examples
    --------
    >>> import evstats as ev
    >>> claims = ev.GPD(loc=10.0, scale=7.0, shape=0.5).rvs(100, rng=1)
    >>> fit = ev.fit(ev.as_peaks(claims, threshold=10.0, years=10.0), "gpd")
    >>> PurePremium.of([(50.0, 150.0)])(fit.estimation.distribution).round(1)
    array([41.4])
    """

    attachment: Array
    limit: Array

    name = "pure_premium"
    asked = "layer"
    in_data_unit = False
    is_level = False

    @classmethod
    def of(cls, layers: ArrayLike) -> PurePremium:
        """The premiums of pairs of attachment and limit.

        Parameters
        ----------
        layers
            A pair, or a sequence of pairs; inf is a layer without an end.

        Returns
        -------
        PurePremium
            One question a layer.

        Raises
        ------
        ArgumentError
            What is no pair of numbers, a negative attachment, a limit that is not positive.
        """
        pairs = _pairs(layers)
        attachment, limit = as_layer(pairs[:, 0], pairs[:, 1])
        return cls(np.arange(float(len(pairs))), attachment, limit)

    @property
    def unlimited(self) -> Array:
        """Which layers have no limit."""
        return np.isinf(self.limit)

    def _layers(self, questions: Array) -> tuple[Array, Array]:
        place = np.asarray(questions).astype(np.intp)
        return self.attachment[place], self.limit[place]

    def at(self, distribution: Family, questions: Array) -> Array:
        """Pure premiums, in the unit of the data a year."""
        with np.errstate(over="ignore"):
            return np.exp(self._logarithm(distribution, questions))

    def _logarithm(self, distribution: Any, questions: Array) -> Array:
        return np.asarray(distribution.log_rate + log_layer_mean(distribution.stated, *self._layers(questions)))

    def linked(self, distribution: Family) -> Array:
        """The logarithm."""
        return self._logarithm(distribution[..., None], self.questions)

    def linked_gradient(self, distribution: Family) -> Array:
        """That of the logarithm: 1 in the logarithm of the rate."""
        one: Any = distribution[..., None]
        found = log_mean(one.stated, *self._layers(self.questions))
        columns = [np.zeros_like(found.value), found.first[0] / one.scale, np.ones_like(found.value), found.first[1]]
        return np.stack(np.broadcast_arrays(*columns[: len(distribution.parameter_names)]), axis=-1)

    def from_link(self, linked: Array, family: type[Family]) -> Array:
        """The exponential."""
        with np.errstate(over="ignore"):
            return np.exp(linked)


def log_mean(sizes: OfPeaks, start: ArrayLike, width: ArrayLike) -> LogMean:
    """The logarithm of the mean loss to layers, with two derivatives.

    The layer from e_1 to e_2, exponential variates of its ends, has the mean scale exp(k e_1) c with c = expm1(k d)/k,
    d = e_2 - e_1 and k = shape - 1.

    Parameters
    ----------
    sizes
        The distribution of losses above the threshold.
    start
        Where each layer begins, no lower than the threshold.
    width
        How wide each is, inf for all above.

    Returns
    -------
    LogMean
        Of the shape to which start and width broadcast against the batch.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> tail = ev.GPD(10.0, 7.0, 0.3)
    >>> found = np.exp(ev.quantities.log_mean(tail, 50.0, 150.0).value)
    >>> float(found.round(3)), float(tail.layer_mean(50.0, 150.0).round(3))
    (0.916, 0.916)
    """
    xi = sizes.parameters[..., -1] if len(sizes.parameter_names) > 1 else np.zeros(())
    k, start, width = xi - 1.0, np.asarray(start, dtype=np.float64), np.asarray(width, dtype=np.float64)
    with np.errstate(all="ignore"):
        bottom, top = (_variate(sizes, level) for level in (start, start + width))
        open_ended = ~np.isfinite(top.value)
        apart = np.where(open_ended, 1.0, top.value - bottom.value)
        c, c_k, c_kk = expm1_over_derivatives(k, apart)
        grown = np.exp(k * apart)
        away = np.where(open_ended, 0.0, top.first - bottom.first)
        bent = np.where(open_ended, 0.0, top.second - bottom.second)
        c = np.where(open_ended, -1.0 / k, c)
        in_d, in_k = np.where(open_ended, 0.0, grown / c), np.where(open_ended, -1.0 / k, c_k / c)
        d_d, d_k = k * grown / c - in_d * in_d, apart * grown / c - in_d * in_k
        k_k = np.where(open_ended, 1.0 / k**2, c_kk / c - in_k * in_k)
        of_shape = np.array([0.0, 1.0]).reshape(2, *(1,) * c.ndim)
        of_scale = 1.0 - of_shape
        first = of_scale + k * bottom.first + of_shape * (bottom.value + in_k) + in_d * away
        second = k * bottom.second + in_d * bent + d_d * away[:, None] * away
        second = second + of_shape[:, None] * (bottom.first + d_k * away)
        second = second + of_shape * (bottom.first + d_k * away)[:, None] + of_shape[:, None] * of_shape * k_k
    return LogMean(log_layer_mean(sizes, start, width), first, second)


def log_mean_slope(sizes: OfPeaks, start: Array, width: Array) -> tuple[Array, Array]:
    """The logarithm of the mean loss to layers, and its derivative in the logarithm of the scale alone.

    In fewer steps than ``log_mean``.

    Parameters
    ----------
    sizes
        The distribution of losses above the threshold.
    start
        Where each layer begins, no lower than the threshold.
    width
        How wide each is, inf for all above.

    Returns
    -------
    tuple of Array
        The value and the derivative.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> value, slope = ev.quantities.log_mean_slope(ev.GPD(10.0, 7.0, 0.3), np.array(50.0), np.array(150.0))
    >>> round(float(np.exp(value)), 3), round(float(slope), 3)
    (0.916, 2.436)
    """
    with np.errstate(all="ignore"):
        value, end = log_layer_mean(sizes, start, width), start + width
        bottom, top = (np.where(np.isfinite(level), level - sizes.loc, 0.0) * sizes.sf(level) for level in (start, end))
        return value, 1.0 - (top - bottom) * np.exp(-value)


def _variate(sizes: OfPeaks, level: Array) -> LogMean:
    """The exponential variate of levels, with two derivatives in (log scale, shape); 0 in a shape that is not there."""
    found = sizes.tail.trial(sizes.loc, *np.moveaxis(sizes.parameters, -1, 0)).reduced_derivatives(level)
    zero, scale = np.zeros_like(found.y), sizes.scale
    shape = len(sizes.parameter_names) > 1
    in_scale = scale * found.y_first[1] + zero
    in_shape = found.y_first[2] + zero if shape else zero
    mixed = scale * found.second(1, 2)[0] + zero if shape else zero
    bent = found.second(2, 2)[0] + zero if shape else zero
    twice = scale * scale * found.second(1, 1)[0] + in_scale
    return LogMean(
        found.y, np.stack([in_scale, in_shape]), np.stack([np.stack([twice, mixed]), np.stack([mixed, bent])])
    )


def _pairs(layers: ArrayLike) -> Array:
    """Layers as pairs (n, 2)."""
    expected = "give pairs of attachment and limit, such as [(50, 150), (200, 300)]."
    try:
        pairs = np.asarray(layers, dtype=np.float64)
    except (TypeError, ValueError) as cause:
        raise ArgumentError(Text(Setting("layers"), f" is {layers!r}"), expected) from cause
    pairs = pairs[None] if pairs.shape == (2,) else pairs
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not len(pairs):
        raise ArgumentError(Text(Setting("layers"), f" has shape {pairs.shape}"), expected)
    return pairs


__all__ = ["LogMean", "PurePremium", "log_mean", "log_mean_slope"]
