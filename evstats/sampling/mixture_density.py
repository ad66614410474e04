"""Mixture density networks: a distribution with several peaks whose parameters are what a network puts out.

A regression of the mean answers with one number; where outcomes have two peaks it lies between them, where nothing
ever is. A mixture density network (Bishop 1994) puts out the weights, locations and scales of K components instead.
``MixtureDensity`` is the distribution, for arrays of NumPy, PyTorch and JAX; ``MixtureHead`` makes one of a network's
numbers. Components are normal, or of extremes: Gumbel or GEV, so that return levels follow covariates.

References
----------
- Bishop, C. M. (1994). Mixture density networks. Technical report NCRG/94/004, Aston University.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, cast, overload

import numpy as np
from array_api_compat import array_namespace, is_jax_array, is_numpy_array
from numpy.typing import ArrayLike, NDArray

from evstats.errors import ArgumentError
from evstats.noise import Foreign, Shape, lengths_of
from evstats.sampling.arrays import Array, Own, as_logits, detached, gumbel_for, known, same_library
from evstats.sampling.choosing import take_along
from evstats.sampling.components import Component, component_named
from evstats.sampling.draws import gumbel_max
from evstats.sampling.probabilities import log_softmax, softmax
from evstats.sampling.relaxed import gumbel_softmax, positive_temperature

__all__ = ["MixtureDensity", "refuse_where"]

#: Halvings of the bracket of a quantile: to rounding, where its ends are 1e3 times as far apart as its size.
_HALVINGS = 64
_LOG_2 = math.log(2.0)


@dataclass(frozen=True, eq=False)
class MixtureDensity(Generic[Own]):
    """A mixture of K components of one family, or a batch of them: what a mixture density network puts out.

    Parameters broadcast against each other. Results are arrays of their library, in its precision, and differentiable
    in all parameters; a value beyond the support of one component counts for the others.

    Parameters
    ----------
    logits
        Real NumPy, PyTorch or JAX array, shape batch + (K,); the weights are softmax(logits).
    loc
        Locations, shape batch + (K,); of a normal component its mean.
    scale
        Positive, shape batch + (K,); of a normal component its standard deviation.
    shape
        Of GEV components (Coles' sign), shape batch + (K,); None for others.
    family
        ``"normal"``, ``"gumbel"`` or ``"gev"``.

    Raises
    ------
    ArgumentError
        If shapes do not fit, a parameter is NaN or infinite, or a scale not positive.

    Examples
    --------
    >>> from evstats import sampling
    >>> peaks = sampling.MixtureDensity([0.0, 0.0], [0.0, 10.0], [1.0, 1.0])
    >>> [round(float(peaks.cdf(x)), 4) for x in (0.0, 5.0, 10.0)]
    [0.25, 0.5, 0.75]
    >>> round(float(peaks.quantile(0.99)), 3)
    12.054
    >>> peaks.sample(1000, rng=42).shape
    (1000,)
    """

    logits: Any
    loc: Any
    scale: Any
    shape: Any = None
    family: str = "normal"
    _component: Component = field(init=False, repr=False)

    if TYPE_CHECKING:  # what is asked of it is of the library of the logits, and of NumPy for sequences

        @overload
        def __init__(
            self: MixtureDensity[Foreign], logits: Foreign, loc: Any, scale: Any, shape: Any = ..., family: str = ...
        ) -> None: ...
        @overload
        def __init__(
            self: MixtureDensity[NDArray[Any]],
            logits: ArrayLike,
            loc: ArrayLike,
            scale: ArrayLike,
            shape: ArrayLike | None = ...,
            family: str = ...,
        ) -> None: ...
        def __init__(self, logits: Any, loc: Any, scale: Any, shape: Any = ..., family: str = ...) -> None: ...

    def __post_init__(self) -> None:
        component = component_named(self.family)
        if (self.shape is None) == ("shape" in component.parameters):
            expected = "expected those of its components." if self.shape is None else "expected None."
            raise ArgumentError(f"shape is {'None' if self.shape is None else 'given'} for {self.family!r}", expected)
        logits = as_logits(self.logits)
        given = {"logits": logits} | {
            name: same_library(getattr(self, name), logits, name) for name in component.parameters
        }
        lengths = _common_shape({name: tuple(array.shape) for name, array in given.items()})
        xp = array_namespace(logits)
        parts = {name: xp.broadcast_to(array, lengths) for name, array in given.items()}
        _check_parameters(parts)
        for name, value in {**parts, "_component": component}.items():
            object.__setattr__(self, name, value)

    @property
    def components(self) -> int:
        """How many there are, K."""
        return int(self.logits.shape[-1])

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the parameters without the axis of the components."""
        return tuple(int(length) for length in self.logits.shape[:-1])

    @property
    def weights(self) -> Own:
        """Probabilities of the components, softmax(logits)."""
        return softmax(self.logits)

    # -- densities and probabilities -----------------------------------------------------------------------------------

    def log_prob(self, value: Any) -> Own:
        """Logarithm of the density.

        Parameters
        ----------
        value
            Numbers, which broadcast against the batch.

        Returns
        -------
        array
            What values and batch broadcast to; -inf beyond the support of all components.

        Examples
        --------
        >>> from evstats import sampling
        >>> peaks = sampling.MixtureDensity([0.0, 0.0], [0.0, 10.0], [1.0, 1.0])
        >>> [round(float(v), 4) for v in peaks.log_prob([0.0, 5.0])]
        [-1.6121, -13.4189]
        """
        return cast("Own", self._log_density(self._values(value)))

    def nll(self, value: Any) -> Own:
        """The loss of training: the mean of -log_prob over one value for each of the batch.

        Parameters
        ----------
        value
            Numbers of the shape of the batch; of any shape where that is ().

        Returns
        -------
        array
            One number.

        Raises
        ------
        ArgumentError
            If the values have another shape than the batch, and would be paired with others than their own.
        """
        x = self._values(value)
        if self.batch_shape and tuple(x.shape) != self.batch_shape:
            raise ArgumentError(
                f"value has shape {tuple(x.shape)}", f"expected that of the batch, {self.batch_shape}: one for each."
            )
        return cast("Own", array_namespace(x).mean(-self._log_density(x)))

    def logcdf(self, value: Any) -> Own:
        """Logarithm of the probability of a value at or below, to full precision in both tails.

        Parameters
        ----------
        value
            Numbers, which broadcast against the batch.

        Returns
        -------
        array
            What values and batch broadcast to.
        """
        return cast("Own", self._log_tails(self._values(value))[0])

    def logsf(self, value: Any) -> Own:
        """Logarithm of the probability of a value above, to full precision in both tails.

        Parameters
        ----------
        value
            Numbers, which broadcast against the batch.

        Returns
        -------
        array
            What values and batch broadcast to.
        """
        return cast("Own", self._log_tails(self._values(value))[1])

    def cdf(self, value: Any) -> Own:
        """Probability of a value at or below.

        Parameters
        ----------
        value
            Numbers, which broadcast against the batch.

        Returns
        -------
        array
            What values and batch broadcast to.
        """
        return cast("Own", array_namespace(self.logits).exp(self.logcdf(value)))

    def sf(self, value: Any) -> Own:
        """Probability of a value above, computed without 1 - cdf.

        Parameters
        ----------
        value
            Numbers, which broadcast against the batch.

        Returns
        -------
        array
            What values and batch broadcast to.

        Examples
        --------
        >>> from evstats import sampling
        >>> float(sampling.MixtureDensity([0.0], [0.0], [1.0], family="gumbel").sf(100.0))
        3.720075976020836e-44
        """
        return cast("Own", array_namespace(self.logits).exp(self.logsf(value)))

    # -- levels --------------------------------------------------------------------------------------------------------

    def quantile(self, probability: ArrayLike) -> Own:
        """Values not passed with these probabilities: conditional quantiles.

        Between the least and the greatest quantile of the components the root is solved for, from the tail that is
        nearer, for all of the batch at once; its gradient in the parameters is that of the implicit function.

        Parameters
        ----------
        probability
            Strictly between 0 and 1.

        Returns
        -------
        array
            Shape batch + that of ``probability``.

        Examples
        --------
        >>> from evstats import sampling
        >>> density = sampling.MixtureDensity([[0.0, 0.0]] * 3, [[0.0, 10.0]] * 3, [[1.0, 2.0]] * 3)
        >>> density.quantile([0.05, 0.95]).shape
        (3, 2)
        """
        p = _inside(probability, 0.0, 1.0, "probability")
        return cast("Own", self._level(np.log(p), np.log1p(-p)))

    def return_level(self, period: ArrayLike) -> Own:
        """Levels passed on average once in so many blocks, where values are maxima of a block (a year).

        Parameters
        ----------
        period
            Above 1; the level is passed with probability 1/period.

        Returns
        -------
        array
            Shape batch + that of ``period``.

        Examples
        --------
        >>> import evstats as ev
        >>> density = ev.sampling.MixtureDensity([0.0], [100.0], [20.0], [0.1], family="gev")
        >>> float(density.return_level(100.0).round(6)), float(ev.GEV(100.0, 20.0, 0.1).isf(0.01).round(6))
        (216.819525, 216.819525)
        """
        q = 1.0 / _inside(period, 1.0, math.inf, "period")
        return cast("Own", self._level(np.log1p(-q), np.log(q)))

    # -- draws ---------------------------------------------------------------------------------------------------------

    def sample(self, size: Shape = (), *, rng: Any = None, noise: Any = None) -> Own:
        """Exact draws without a gradient: a component by ``gumbel_max``, then its value, both of standard Gumbel noise.

        Parameters
        ----------
        size
            Shape of the draws from each of the batch.
        rng
            None, int, SeedSequence or Generator (the same draws in all three libraries), or a ``torch.Generator`` or
            JAX key for an array of that library.
        noise
            Standard Gumbel noise, shape size + batch + (K + 1,), in place of ``rng``: of the choice, then of the value.

        Returns
        -------
        array
            Shape ``size`` + batch.

        Examples
        --------
        >>> from evstats import sampling
        >>> peaks = sampling.MixtureDensity([0.0, 0.0], [0.0, 10.0], [1.0, 1.0])
        >>> draws = peaks.sample(10_000, rng=42)
        >>> bool(abs((draws > 5.0).mean() - 0.5) < 0.02)
        True
        """
        parts, g = self._many(size, rng, noise, cut=True)
        chosen = gumbel_max(parts[0], noise=g[..., :-1])[..., None]
        loc, scale, *shape = (take_along(part, chosen, part.ndim - 1)[..., 0] for part in parts[1:])
        return cast("Own", loc + scale * self._component.standard(g[..., -1], *(shape or [None])))

    def rsample(
        self, size: Shape = (), *, temperature: Any = 0.5, hard: bool = False, rng: Any = None, noise: Any = None
    ) -> Own:
        """Draws that are differentiable in weights and parameters.

        The values that the same noise has in all components, weighed by a relaxed choice of one
        (``gumbel_softmax``; Jang et al. 2017, Maddison et al. 2017). The lower the temperature the nearer are they to
        draws of the mixture, and the more their gradients vary; a temperature too high fills the gap between peaks.

        Parameters
        ----------
        size
            Shape of the draws from each of the batch.
        temperature
            Of the choice, above 0.
        hard
            Give exactly what ``sample`` gives, with the gradient of the relaxed draw (straight-through).
        rng, noise
            As for ``sample``.

        Returns
        -------
        array
            Shape ``size`` + batch.

        Raises
        ------
        ArgumentError
            If the temperature is 0 or less.

        References
        ----------
        - Jang, E., Gu, S. and Poole, B. (2017). Categorical reparameterization with Gumbel-softmax. ICLR.
        - Maddison, C. J., Mnih, A. and Teh, Y. W. (2017). The Concrete distribution. ICLR.
        """
        try:
            positive_temperature(temperature)
        except ArgumentError as error:
            raise ArgumentError(error.problem, "pass one above 0, or draw without gradients: sample().") from error
        parts, g = self._many(size, rng, noise)
        choice = gumbel_softmax(parts[0], temperature, hard=hard, noise=g[..., :-1])
        loc, scale, *shape = parts[1:]
        values = loc + scale * self._component.standard(g[..., -1:], *(shape or [None]))
        return cast("Own", array_namespace(values).sum(choice * values, axis=-1))

    def __getitem__(self, index: Any) -> MixtureDensity[Own]:
        """The mixtures at an index of the batch."""
        places = index if isinstance(index, tuple) else (index,)
        rest = (slice(None),) if any(place is Ellipsis for place in places) else (..., slice(None))
        return self._with(part[(*places, *rest)] for part in self._parts())

    # -- within --------------------------------------------------------------------------------------------------------

    def _parts(self) -> tuple[Array, ...]:
        return (self.logits, *(getattr(self, name) for name in self._component.parameters))

    def _with(self, parts: Iterable[Array]) -> MixtureDensity[Any]:
        """The same with other parameters."""
        made: Any = MixtureDensity
        return cast("MixtureDensity[Any]", made(*parts, family=self.family))

    def _many(self, size: Shape, rng: Any, noise: Any, *, cut: bool = False) -> tuple[tuple[Array, ...], Array]:
        """The parameters of each draw, and its noise; without gradients where these are cut."""
        lengths = (*lengths_of(size, "size"), *self.batch_shape)
        g = gumbel_for(self.logits, (*lengths, self.components + 1), rng, noise)
        xp = array_namespace(self.logits)
        parts = (detached(part) if cut else part for part in self._parts())
        return tuple(xp.broadcast_to(part, (*lengths, self.components)) for part in parts), g

    def _values(self, value: Any) -> Array:
        """Values as an array of the same library, finite."""
        x = same_library(value, self.logits, "value")
        refuse_where(~array_namespace(x).isfinite(x), x, "value", "expected finite numbers; leave others out.")
        return x

    def _standardised(self, x: Array) -> tuple[Array, Array | None]:
        """Values (...) in the standard form of every component, (..., K), and the shapes."""
        return (x[..., None] - self.loc) / self.scale, self.shape

    def _log_density(self, x: Array) -> Array:
        xp = array_namespace(x)
        own = self._component.log_density(*self._standardised(x)) - xp.log(self.scale)
        return _log_of_sum(log_softmax(self.logits) + own)

    def _log_tails(self, x: Array) -> tuple[Array, Array]:
        """Logarithms of cdf and sf; each from its components, or from the other where that is the small one."""
        xp = array_namespace(x)
        log_weights = log_softmax(self.logits)
        below, above = (_log_of_sum(log_weights + tail) for tail in self._component.log_tails(*self._standardised(x)))
        lower = below < above
        rest = xp.where(lower, below, above)
        great = xp.log1p(-xp.exp(xp.where(rest < -_LOG_2, rest, -_LOG_2)))
        return xp.where(lower, below, great), xp.where(lower, great, above)

    def _level(self, log_p: Array, log_q: Array) -> Array:
        """Values with these logarithms of the probabilities below and above, each of them exact."""
        xp = array_namespace(self.logits)
        before = (..., *(None,) * np.ndim(log_p), slice(None))
        dtype = _finest(self.logits)
        parts = (xp.astype(part[before], dtype) for part in self._parts())
        fine = self._with(parts)
        lengths = (*self.batch_shape, *np.shape(log_p))
        wanted = (xp.broadcast_to(same_library(log, fine.logits, "probability"), lengths) for log in (log_p, log_q))
        with np.errstate(over="ignore"):
            return xp.astype(fine._solved(*wanted), self.logits.dtype)[()]

    def _solved(self, log_p: Array, log_q: Array) -> Array:
        """The roots between the least and the greatest quantile of the components."""
        xp = array_namespace(self.logits)
        g = -xp.log(-log_p)[..., None]
        ends = self.loc + self.scale * self._component.standard(g, self.shape)
        low, high = xp.min(ends, axis=-1), xp.max(ends, axis=-1)
        if is_numpy_array(low):
            return self._root(low, high, log_p, log_q)
        fixed = self._with(map(detached, self._parts()))
        root = _halved(lambda x: fixed._off(x, log_p, log_q), detached(low), detached(high))
        slope = xp.exp(fixed._log_density(root) - fixed._nearer_tail(root, log_p, log_q))
        moved = self._off(root, log_p, log_q)
        steep = slope > float(xp.finfo(slope.dtype).smallest_normal)  # not in a gap where nothing lies
        return root - (moved - detached(moved)) * xp.where(steep, 1.0 / xp.where(steep, slope, 1.0), 0.0)

    def _root(self, low: Array, high: Array, log_p: Array, log_q: Array) -> Array:
        """In NumPy, a lane for each; where rounding leaves no change of sign, the end that is nearer."""
        from scipy.optimize import elementwise

        shape, k = low.shape, self.components
        lanes = self._with(np.broadcast_to(part, (*shape, k)).reshape(-1, k) for part in self._parts())

        def off(x: Array, lane: Array, log_p: Array, log_q: Array) -> Array:
            return lanes[lane]._off(x, log_p, log_q)

        every = (np.arange(low.size), log_p.reshape(-1), log_q.reshape(-1))
        found: Any = elementwise.find_root(off, (low.reshape(-1), high.reshape(-1)), args=every)
        (left, right), (off_left, off_right) = found.bracket, found.f_bracket
        nearer = np.where(np.abs(off_left) <= np.abs(off_right), left, right)
        return np.where(found.success, found.x, nearer).reshape(shape)

    def _off(self, x: Array, log_p: Array, log_q: Array) -> Array:
        """How far values lie above the level wanted: by the logarithm of the tail that is nearer."""
        below, above = self._log_tails(x)
        return array_namespace(x).where(log_p < log_q, below - log_p, log_q - above)

    def _nearer_tail(self, x: Array, log_p: Array, log_q: Array) -> Array:
        below, above = self._log_tails(x)
        return array_namespace(x).where(log_p < log_q, below, above)


def _common_shape(shapes: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    """What the parameters' shapes broadcast to; none may lack the axis of the components."""
    listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
    try:
        lengths = tuple(int(n) for n in np.broadcast_shapes(*shapes.values()))
    except ValueError:
        raise ArgumentError(f"shapes do not fit: {listed}", "expected batch + (K,) of each.") from None
    if not lengths or not lengths[-1] or any(shape[-1:] != lengths[-1:] for shape in shapes.values()):
        raise ArgumentError(f"shapes do not fit: {listed}", "expected the same number K of components, 1 or more.")
    return lengths


def _check_parameters(parts: dict[str, Array]) -> None:
    """An error for what is no mixture, but for logits, which are looked at where they are used."""
    xp = array_namespace(parts["logits"])
    bad = {name: ~xp.isfinite(part) for name, part in parts.items() if name != "logits"}
    bad["scale"] = bad["scale"] | (parts["scale"] <= 0.0)
    if any(known(xp.any(places)) for places in bad.values()):
        for name, places in bad.items():
            refuse_where(places, parts[name], name, "expected finite numbers, and positive scales.")


def refuse_where(bad: Array, array: Array, name: str, remedy: str) -> None:
    """An error that shows the first number of an array that cannot be used, as far as values are known."""
    xp = array_namespace(bad)
    if known(xp.any(bad)):
        place = np.unravel_index(int(xp.argmax(xp.astype(xp.reshape(bad, (-1,)), xp.int8))), tuple(bad.shape))
        at = f" at {', '.join(str(int(i)) for i in place)}" if place else ""
        raise ArgumentError(f"{name} is {float(array[place]):g}{at}", remedy)


def _inside(values: ArrayLike, low: float, high: float, name: str) -> NDArray[np.float64]:
    """Numbers strictly between two; an error for others."""
    asked = np.asarray(values, dtype=np.float64)
    if not ((asked > low) & (asked < high)).all():
        between = f"between {low:g} and {high:g}" if high < math.inf else f"above {low:g}"
        raise ArgumentError(f"{name} is {values!r}", f"expected numbers {between}.")
    return asked


def _log_of_sum(terms: Array) -> Array:
    """log of the sum of exp(terms) along the last axis; -inf, with the derivative 0, where all terms are."""
    xp = array_namespace(terms)
    nothing = terms == -xp.inf
    greatest = detached(xp.max(terms, axis=-1, keepdims=True))
    greatest = xp.where(greatest == -xp.inf, 0.0, greatest)
    below = xp.where(nothing, greatest, terms) - greatest
    total = xp.sum(xp.where(nothing, 0.0, xp.exp(below)), axis=-1)
    empty = total == 0.0
    return xp.where(empty, -xp.inf, xp.log(xp.where(empty, 1.0, total)) + greatest[..., 0])


def _halved(off: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """The root of an increasing function between two ends, by halving their distance."""

    def halve(_: Any, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        xp = array_namespace(ends[0])
        middle = 0.5 * ends[0] + 0.5 * ends[1]
        above = off(middle) > 0.0
        return xp.where(above, ends[0], middle), xp.where(above, middle, ends[1])

    ends = low, high
    if is_jax_array(low):
        import jax

        ends = jax.lax.fori_loop(0, _HALVINGS, halve, ends)
    else:
        for i in range(_HALVINGS):
            ends = halve(i, ends)
    return 0.5 * ends[0] + 0.5 * ends[1]


def _finest(array: Array) -> Any:
    """float64, or float32 in JAX as long as 64-bit types are off."""
    xp = array_namespace(array)
    return xp.asarray(0.0, dtype=float).dtype if is_jax_array(array) else xp.float64
