"""From a network's numbers to a mixture density: the links, where training starts, and its loss.

``MixtureHead`` turns the numbers into legal parameters, for arrays of NumPy, PyTorch and JAX; ``MixtureDensityLayer``
is the last layer of such a network as a PyTorch module, and torch is imported when it is asked for.

The trap is one component that swallows all, while the weights of the others, and with them their gradients, go to 0.
Two things keep from it: components that start spread over the targets (``MixtureHead.start``), and a price on unequal
weights that is lowered during training (``annealed_nll``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, cast, overload

import numpy as np
from array_api_compat import array_namespace, is_torch_array
from numpy.typing import ArrayLike, NDArray

from evstats.errors import ArgumentError, DataError, whole_number
from evstats.noise import Foreign
from evstats.sampling.arrays import Array, Own, as_logits, same_library
from evstats.sampling.components import component_named
from evstats.sampling.mixture_density import MixtureDensity, refuse_where
from evstats.sampling.quantize import perplexity
from evstats.sampling.relaxed import checked_temperature

__all__ = ["MixtureHead", "MixtureStart", "annealed_nll"]


@dataclass(frozen=True, eq=False)
class MixtureStart:
    """Where to start the training of a mixture density network.

    Attributes
    ----------
    raw
        What the network should put out before it has learned anything, shape (size,): the biases of its last layer.
    center, unit
        Mean and standard deviation of the targets, in which raw numbers are counted.

    Examples
    --------
    >>> from evstats import sampling
    >>> sampling.MixtureHead(components=2).start([0.0, 10.0]).center
    5.0
    """

    raw: NDArray[np.float64]
    center: float
    unit: float


@dataclass(frozen=True)
class MixtureHead:
    """What turns the numbers that a network puts out into the parameters of a mixture density.

    Of ``size`` numbers the first K are logits, then come locations, scales (``least_scale + softplus``) and, for GEV
    components, shapes (a logistic curve between the ends of ``shape_range``). All links are smooth, and legal for
    every finite number.

    Parameters
    ----------
    components
        K, 1 or more.
    family
        ``"normal"``, ``"gumbel"`` or ``"gev"``.
    shape_range
        The least and the greatest shape of a GEV component, -1 or above: below -1/2 its likelihood is not regular,
        from 1/2 on it has no variance.
    least_scale
        The least scale, in units of the targets' standard deviation: without one the likelihood has no bound where a
        component shrinks onto a single value.

    Raises
    ------
    ArgumentError
        If an argument is outside what is described here.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import sampling
    >>> head = sampling.MixtureHead(components=2)
    >>> head.size
    6
    >>> start = head.start(np.arange(101.0))
    >>> density = head(start.raw, start.center, start.unit)
    >>> [float(loc.round(6)) for loc in density.loc]
    [25.0, 75.0]
    """

    components: int = 2
    family: str = "normal"
    shape_range: tuple[float, float] = (-0.5, 0.5)
    least_scale: float = 1e-3

    def __post_init__(self) -> None:
        whole_number(self.components, "components", least=1)
        component_named(self.family)
        try:
            low, high = map(float, self.shape_range)
        except (TypeError, ValueError):
            low, high = math.nan, math.nan
        if not -1.0 <= low < high < math.inf:
            raise ArgumentError(
                f"shape_range is {self.shape_range!r}", "expected two numbers, the lower first, -1 or above."
            )
        if not 0.0 < self.least_scale < math.inf:
            raise ArgumentError(f"least_scale is {self.least_scale!r}", "expected a positive number.")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of a component, in the order of the numbers: ``logits``, ``loc``, ``scale``, ``shape``."""
        return ("logits", *component_named(self.family).parameters)

    @property
    def size(self) -> int:
        """How many numbers a network must put out."""
        return self.components * len(self.parameters)

    @overload
    def __call__(self, raw: Foreign, center: Any = ..., unit: Any = ...) -> MixtureDensity[Foreign]: ...
    @overload
    def __call__(self, raw: ArrayLike, center: Any = ..., unit: Any = ...) -> MixtureDensity[NDArray[Any]]: ...
    def __call__(self, raw: Any, center: Any = 0.0, unit: Any = 1.0) -> MixtureDensity[Any]:
        """The mixture densities of numbers, shape (..., size), in any library.

        Parameters
        ----------
        raw
            What the network puts out.
        center, unit
            Those of ``start``, so that the network works in standard units whatever the unit of the targets.

        Returns
        -------
        MixtureDensity
            A batch of shape (...).

        Raises
        ------
        ArgumentError
            If the last axis has another length, or a number is NaN or infinite.
        """
        array = as_logits(raw, "raw")
        if array.shape[-1] != self.size:
            raise ArgumentError(
                f"raw has shape {tuple(array.shape)}",
                f"expected {self.size} numbers along the last axis: {', '.join(self.parameters)} of each of "
                f"{self.components} components.",
            )
        refuse_where(
            ~array_namespace(array).isfinite(array),
            array,
            "raw",
            "expected finite numbers; where training left them, lower its rate or clip gradients.",
        )
        k = self.components
        parts = {name: array[..., i * k : (i + 1) * k] for i, name in enumerate(self.parameters)}
        center, unit = (same_library(number, array, "center and unit") for number in (center, unit))
        parts["loc"] = center + unit * parts["loc"]
        parts["scale"] = unit * (self.least_scale + _softplus(parts["scale"]))
        if "shape" in parts:
            low, high = self.shape_range
            parts["shape"] = low + (high - low) * _logistic(parts["shape"])
        return MixtureDensity(**parts, family=self.family)

    def start(self, targets: ArrayLike) -> MixtureStart:
        """A start that is spread over the targets, so that no component swallows them all.

        Medians of the components lie at K quantiles, equally far apart in probability; each has a K-th of the targets'
        standard deviation, the same weight, and a GEV the shape 0, or the middle of its range where 0 is outside.

        Parameters
        ----------
        targets
            Two or more different numbers, of any shape.

        Returns
        -------
        MixtureStart
            Biases of the last layer, and the unit in which they are counted.

        Raises
        ------
        DataError
            If there are fewer, or one is NaN or infinite.
        """
        y = _on_host(targets)
        if not np.isfinite(y).all():
            raise DataError(
                f"targets contain {y[~np.isfinite(y)][0]}, first at place {int(np.argmin(np.isfinite(y)))}",
                "leave that out, or mend it.",
            )
        unit = float(y.std()) if y.size else 0.0
        if not unit > 0.0:
            raise DataError(f"targets are {y.size} numbers without any spread", "give two or more that differ.")
        k, component = self.components, component_named(self.family)
        scale = max(1.0 / (k * component.spread), 2.0 * self.least_scale)
        center = float(y.mean())
        middles = (np.quantile(y, (np.arange(k) + 0.5) / k) - center) / unit
        raw = [
            np.zeros(k),
            middles - scale * component.median,
            np.full(k, math.log(math.expm1(scale - self.least_scale))),
        ]
        if "shape" in component.parameters:
            low, high = self.shape_range
            share = -low / (high - low) if low < 0.0 < high else 0.5
            raw.append(np.full(k, math.log(share) - math.log1p(-share)))
        return MixtureStart(np.concatenate(raw), center, unit)


def annealed_nll(density: MixtureDensity[Own], value: Any, temperature: Any) -> Own:
    """The loss ``density.nll(value)`` less the temperature times the entropy of the components' mean weights.

    Early in training, at a temperature near 1, it costs more to leave a component out than the likelihood gains by
    it, so that none dies before it has found its place; where the temperature has fallen to nearly 0 the loss is that
    of maximum likelihood. The entropy is that of the mean over the batch: a network may still be sure of one component
    at each of its inputs. Let a schedule of temperatures (``ExponentialSchedule``) lower it during the first half of
    the steps. A start spread over the targets does more: networks that had one found two peaks in all of 20 trainings
    with this loss and without it, others in 3 of 20 and in none (``tests/studies/two_peaks.csv``).

    Parameters
    ----------
    density
        What the network puts out.
    value
        A target for each of the batch.
    temperature
        0 or more.

    Returns
    -------
    array
        One number, of the library of the density.

    Raises
    ------
    ArgumentError
        If the temperature is negative or not finite, or for what ``nll`` refuses.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import sampling
    >>> density = sampling.MixtureDensity(np.zeros((3, 2)), [0.0, 10.0], [1.0, 1.0])
    >>> schedule = sampling.ExponentialSchedule(start=1.0, end=1e-3, steps=100)
    >>> [round(float(sampling.annealed_nll(density, [0.0, 10.0, 10.0], schedule(step))), 4) for step in (0, 100)]
    [0.9189, 1.6114]
    """
    priced: MixtureDensity[Any] = density
    entropy = array_namespace(density.logits).log(perplexity(priced.weights[..., None, :]))[0]
    return cast("Own", priced.nll(value) - checked_temperature(temperature) * entropy)


def _softplus(raw: Array) -> Array:
    """log(1 + exp(raw)), without overflow."""
    xp = array_namespace(raw)
    return xp.logaddexp(raw, xp.zeros_like(raw))


def _logistic(raw: Array) -> Array:
    """1/(1 + exp(-raw)), without overflow."""
    return 0.5 + 0.5 * array_namespace(raw).tanh(0.5 * raw)


def _on_host(targets: Any) -> NDArray[np.float64]:
    if is_torch_array(targets):
        targets = targets.detach().double().cpu().numpy()
    return np.asarray(targets, dtype=np.float64).reshape(-1)
