"""The Gumbel-softmax relaxation of a categorical draw (Jang, Gu and Poole 2017; Maddison, Mnih and Teh 2017).

``softmax((logits + g)/temperature)`` lies near a one-hot vector for a low temperature and is differentiable in the
logits. The noise is divided by the temperature together with the logits: ``softmax(logits + g*temperature)``, found in
popular texts, samples another distribution and never sharpens.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, overload

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj, is_jax_array
from numpy.typing import ArrayLike, NDArray

from evstats.arrays import is_tensor
from evstats.errors import ArgumentError, EvstatsWarning
from evstats.habits import knowing_their_names
from evstats.noise import Foreign, Shape, lengths_of
from evstats.sampling.arrays import (
    Array,
    Own,
    as_given,
    as_logits,
    checked_axis,
    compiled,
    detached,
    greatest_of,
    gumbel_for,
    known,
    namespace,
    of_their_library,
    out_of_sight,
    same_library,
)
from evstats.sampling.probabilities import (
    lies_near_zero,
    log_softmax,
    unchecked_below_maximum,
    unchecked_softmax,
    with_infinite_resolved,
)

__all__ = [
    "RelaxedOneHot",
    "checked_temperature",
    "gumbel_softmax",
    "gumbel_softmax_jvp",
    "one_hot_of_greatest",
    "positive_temperature",
    "relax",
    "relax_learned",
    "straight_through",
]

#: Keys of different categories differ by more than this, or not at all; a lower temperature changes nothing.
_TINY_TEMPERATURE = 1e-30
#: How far the entries of a point of the simplex may be from summing to 1, in half precision too.
_SUM_TOLERANCE = 2e-3


@of_their_library
def gumbel_softmax(
    logits: Any, temperature: Any = 1.0, *, hard: bool = False, axis: int = -1, rng: Any = None, noise: Any = None
) -> NDArray[Any]:
    """A relaxed one-hot draw, ``softmax((logits + g)/temperature)``; its greatest entry is drawn from softmax(logits).

    Parameters
    ----------
    logits
        Real NumPy, PyTorch or JAX array; -inf masks a category, +inf makes it certain. Half precision is computed
        in float32, with float32 noise, and returned as it came.
    temperature
        0 or more, a number or an array of no dimensions (to learn it); 0 gives the exact one-hot, with
        gradient 0, of which a warning tells where a tensor requires gradients.
    hard
        Give the exact one-hot, with the gradient of the relaxed draw (straight-through).
    axis
        The axis of the categories.
    rng
        None, int, SeedSequence or Generator (the same draws in all three libraries), or a ``torch.Generator`` or JAX
        key for an array of that library.
    noise
        Standard Gumbel noise shaped like logits, in place of ``rng``.

    Returns
    -------
    array
        Shaped like the logits, in their library; one-hot where ``hard``.

    Raises
    ------
    ArgumentError
        If the temperature is negative or NaN, a row has only logits of -inf or one that is NaN, or noise has another
        shape. Where values are not known (inside ``jax.jit``, ``torch.compile`` and ``torch.func.vmap``, and for
        tensors on a GPU, which are not waited for), such rows are NaN.

    Examples
    --------
    >>> from evstats import sampling
    >>> [float(p) for p in sampling.gumbel_softmax([0.0, float("-inf")], 0.5, rng=42)]
    [1.0, 0.0]
    """
    temperature = checked_temperature(temperature)
    array = as_logits(logits)
    axis = checked_axis(array, axis)
    g = gumbel_for(array, None, rng, noise)
    if known(temperature == 0):
        _tell_of_no_gradient(array)
        one_hot = with_infinite_resolved(lambda x, axis: _checked_one_hot(_keys(x, g, axis), axis), array, axis)
        return as_given(one_hot + _zero_with_gradient(array), logits)
    learned = not isinstance(temperature, float)
    usable = temperature if learned else max(temperature, _TINY_TEMPERATURE)
    if noise is None and lies_near_zero(array):
        near = _of_keys(array + g, usable, axis, learned, hard) if learned else _near_zero(array, g, usable, axis, hard)
        return as_given(near, logits)
    draw = compiled(_draw, array, "axis", "learned", "hard")
    return as_given(
        with_infinite_resolved(lambda x, axis: draw(x, g, usable, axis=axis, learned=learned, hard=hard), array, axis),
        logits,
    )


def _tell_of_no_gradient(array: Array) -> None:
    """A warning where training would stand still without a word."""
    if is_tensor(array) and array.requires_grad and not out_of_sight(array):
        warnings.warn(
            "temperature is 0, of logits that require gradients: these are 0, and nothing is learned. Keep it above 0; "
            "hard=True gives the exact one-hot with the gradient of the relaxed draw.",
            EvstatsWarning,
            stacklevel=4,
        )


@overload
def gumbel_softmax_jvp(sample: Foreign, vector: Any, temperature: float = ..., *, axis: int = ...) -> Foreign: ...
@overload
def gumbel_softmax_jvp(
    sample: ArrayLike, vector: Any, temperature: float = ..., *, axis: int = ...
) -> NDArray[Any]: ...
@knowing_their_names
def gumbel_softmax_jvp(sample: Any, vector: Any, temperature: float = 1.0, *, axis: int = -1) -> Any:
    """The Jacobian of ``gumbel_softmax`` in the logits at fixed noise, times a vector.

    With y the draw and v the vector it is ``y*(v - sum(y*v))/temperature``. The Jacobian is symmetric, so this is also
    the vector-Jacobian product: pass the gradient of a loss with respect to the draw and receive its gradient with
    respect to the logits. PyTorch and JAX do this on their own; here it is for NumPy, in closed form.

    Parameters
    ----------
    sample
        A relaxed draw, from ``gumbel_softmax`` with ``hard=False``.
    vector
        An array shaped like the sample.
    temperature
        The temperature of the draw, above 0.
    axis
        The axis of the categories.

    Returns
    -------
    array
        Shaped like the vector.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats import sampling
    >>> y = sampling.gumbel_softmax([0.0, 0.0], 0.5, noise=[0.0, 0.0])
    >>> [float(d) for d in sampling.gumbel_softmax_jvp(y, np.array([1.0, 0.0]), 0.5)]
    [0.5, -0.5]
    """
    temperature = positive_temperature(temperature)
    y = as_logits(sample, "sample")
    axis = checked_axis(y, axis)
    v = same_library(vector, y, "vector")
    if tuple(v.shape) != tuple(y.shape):
        raise ArgumentError(f"vector has shape {tuple(v.shape)}", f"expected that of sample, {tuple(y.shape)}.")
    xp = array_namespace(y)
    return y * (v - xp.sum(y * v, axis=axis, keepdims=True)) / temperature


@knowing_their_names
@dataclass(frozen=True, eq=False)
class RelaxedOneHot(Generic[Own]):
    """The distribution of ``gumbel_softmax``: the Concrete distribution (Maddison et al. 2017).

    Parameters
    ----------
    logits
        Real NumPy, PyTorch or JAX array; -inf masks a category, +inf makes it certain.
    temperature
        Above 0; a number or an array of no dimensions.
    axis
        The axis of the categories.

    Examples
    --------
    >>> from evstats import sampling
    >>> relaxed = sampling.RelaxedOneHot([0.0, 0.0], temperature=1.0)
    >>> round(float(relaxed.log_prob([0.5, 0.5])), 12)
    0.0
    """

    logits: Any
    temperature: Any = 1.0
    axis: int = -1

    if TYPE_CHECKING:  # what is drawn is of the library of the logits, and of NumPy for sequences

        @overload
        def __init__(
            self: RelaxedOneHot[Foreign], logits: Foreign, temperature: Any = ..., axis: int = ...
        ) -> None: ...
        @overload
        def __init__(
            self: RelaxedOneHot[NDArray[Any]], logits: ArrayLike, temperature: Any = ..., axis: int = ...
        ) -> None: ...
        def __init__(self, logits: Any, temperature: Any = ..., axis: int = ...) -> None: ...

    def __post_init__(self) -> None:
        positive_temperature(self.temperature)
        checked_axis(as_logits(self.logits), self.axis)

    def draw(self, size: Shape = (), *, rng: Any = None, noise: Any = None) -> Own:
        """Independent relaxed draws, shape ``size`` + that of the logits; one per row by default.

        Parameters
        ----------
        size
            Shape of the draws from each row.
        rng
            As in ``gumbel_softmax``.
        noise
            Standard Gumbel noise in place of ``rng``, of the shape of the result.

        Returns
        -------
        array
            Points of the simplex.

        Examples
        --------
        >>> from evstats import sampling
        >>> relaxed = sampling.RelaxedOneHot([[0.0, 1.0, 2.0]], temperature=0.5)
        >>> draws = relaxed.draw(1000, rng=42)
        >>> draws.shape, relaxed.log_prob(draws).shape
        ((1000, 1, 3), (1000, 1))
        """
        logits = self.logits if is_array_api_obj(self.logits) else as_logits(self.logits)
        axis = checked_axis(logits, self.axis) - logits.ndim
        shape = (*lengths_of(size, "size"), *logits.shape)
        many = logits if shape == tuple(logits.shape) else array_namespace(logits).broadcast_to(logits, shape)
        return gumbel_softmax(many, self.temperature, axis=axis, rng=rng, noise=noise)

    def log_prob(self, value: Any) -> Own:
        """Logarithm of the density at points of the simplex.

        Value and logits broadcast but for the category axis, and the result lacks that.

        The density is with respect to the free coordinates (all but one of the unmasked). It is 0 where a masked
        category has a share. A share that underflowed to 0 counts as the smallest positive number.

        Parameters
        ----------
        value
            Points of the simplex, such as draws.

        Returns
        -------
        array
            In the library of the logits.

        Raises
        ------
        ArgumentError
            If a row of ``value`` has negative entries or does not sum to 1, or the shapes do not fit.

        Examples
        --------
        >>> from evstats import sampling
        >>> sampling.RelaxedOneHot([0.0, 1.0, 2.0]).log_prob([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]]).shape
        (2,)
        """
        logits = as_logits(self.logits)
        axis = checked_axis(logits, self.axis)
        xp = array_namespace(logits)
        y = same_library(value, logits, "value")
        axis -= logits.ndim
        shape = _common_shape(y, logits, axis)
        y, logits = xp.broadcast_to(y, shape), xp.broadcast_to(logits, shape)
        _check_simplex(y, axis)
        temperature = _as_scalar(positive_temperature(self.temperature), logits)
        log_p = log_softmax(logits, axis)
        open_ = log_p > -xp.inf
        n = xp.sum(xp.astype(open_, log_p.dtype), axis=axis)
        smallest = float(xp.finfo(y.dtype).smallest_normal)
        log_y = xp.log(xp.where(open_, xp.clip(y, smallest, None), xp.ones_like(y)))
        terms = xp.where(open_, log_p - (temperature + 1.0) * log_y, xp.zeros_like(y))
        density = (
            _log_factorial(n - 1, int(logits.shape[axis]))
            + (n - 1) * xp.log(temperature)
            + xp.sum(terms, axis=axis)
            - n * _log_sum_exp(xp.where(open_, log_p - temperature * log_y, -xp.inf), axis)
        )
        outside = xp.any((y > 0) & ~open_, axis=axis)
        return xp.where(outside, -xp.inf, density)


def relax(keys: Array, temperature: float, axis: int) -> Array:
    """softmax(keys/temperature) for a temperature above 0, overwriting keys; of tensors by a product, whose gradient is
    the cheaper.
    """
    if is_tensor(keys):
        return unchecked_softmax(keys * (1.0 / temperature), axis)
    if is_jax_array(keys):
        return _relax_compiled(keys, temperature, axis)
    keys /= temperature
    return unchecked_softmax(keys, axis)


def _relax_compiled(keys: Array, temperature: Any, axis: int) -> Array:
    """The same, subtracting the maximum before the division.

    Compiled code may round the greatest quotient and the others differently: enormous ones would not cancel.
    """
    xp = array_namespace(keys)
    weights = xp.exp(unchecked_below_maximum(keys, axis) / temperature)
    return weights / xp.sum(weights, axis=axis, keepdims=True)


def relax_learned(keys: Array, temperature: Array, axis: int) -> Array:
    """The same for a temperature that is an array: it may be differentiated, and be 0 unknown to us."""
    xp = namespace(keys)
    scalar = _as_scalar(temperature, keys)
    masked = keys == -xp.inf
    keys = unchecked_below_maximum(keys, axis)
    divided = xp.where(masked, 0.0, keys) / xp.where(scalar == 0, xp.ones_like(scalar), scalar)
    # Dividing the masks themselves would make the derivative in the temperature NaN.
    relaxed = unchecked_softmax(xp.where(masked, -xp.inf, divided), axis)
    return xp.where(scalar == 0, one_hot_of_greatest(keys, axis), relaxed)


def _keys(logits: Array, g: Array, axis: int) -> Array:
    keys = unchecked_below_maximum(logits, axis)
    keys += g
    return keys


def _draw(logits: Array, g: Array, temperature: Any, axis: int, learned: bool, hard: bool) -> Array:
    return _of_keys(_keys(logits, g, axis), temperature, axis, learned, hard)


def _near_zero(logits: Array, g: Array, temperature: float, axis: int, hard: bool) -> Array:
    """The draw of a tensor near 0 by noise of our own, which is overwritten: a scaled sum is one node of the graph,
    where a sum and its quotient are two.
    """
    scale = 1.0 / temperature
    keys = g.mul_(scale).add(logits, alpha=scale)
    relaxed = keys.softmax(axis)
    return straight_through(one_hot_of_greatest(keys, axis), relaxed) if hard else relaxed


def _of_keys(keys: Array, temperature: Any, axis: int, learned: bool, hard: bool) -> Array:
    relaxing = relax_learned if learned else relax
    if not hard:
        return relaxing(keys, temperature, axis)
    if isinstance(keys, np.ndarray):
        return _checked_one_hot(keys, axis)
    one_hot = one_hot_of_greatest(keys, axis)
    return straight_through(one_hot, relaxing(keys, temperature, axis))


def _checked_one_hot(keys: Array, axis: int) -> Array:
    """1 at the greatest key; NaN throughout a row without one."""
    keys = detached(keys)
    return one_hot_of_greatest(keys, axis) * (greatest_of(keys, axis) * 0.0 + 1.0)


def straight_through(one_hot: Array, relaxed: Array) -> Array:
    """The one-hot with the gradient of the relaxed draw where there are gradients: exactly, since (1 - y) + y is 1 in
    binary arithmetic for every y of the unit interval.
    """
    return one_hot if isinstance(relaxed, np.ndarray) else relaxed + (one_hot - detached(relaxed))


def one_hot_of_greatest(keys: Array, axis: int) -> Array:
    """1 at the greatest key of each row, 0 elsewhere."""
    if is_tensor(keys):
        import torch

        keys = keys.detach()  # max with its place is faster than argmax
        return torch.zeros_like(keys).scatter(axis, keys.max(axis, keepdim=True)[1], 1.0)
    xp = array_namespace(keys)
    categories = xp.reshape(xp.arange(keys.shape[axis]), [-1 if i == axis else 1 for i in range(keys.ndim)])
    return xp.astype(categories == xp.argmax(keys, axis=axis, keepdims=True), keys.dtype)


def checked_temperature(temperature: Any) -> Any:
    """The temperature as a float, or as PyTorch's or JAX's array of no dimensions: finite and 0 or more."""
    if isinstance(temperature, float) and 0 <= temperature < math.inf:
        return float(temperature)
    if is_tensor(temperature) or is_jax_array(temperature):
        if temperature.ndim:
            raise ArgumentError(f"temperature has shape {tuple(temperature.shape)}", "expected one number.")
        valid = (temperature >= 0) & (temperature < math.inf)
        if known(~valid):
            raise ArgumentError(f"temperature is {float(temperature)}", "expected a finite number of 0 or more.")
        return temperature
    if isinstance(temperature, (str, bytes, bool)):
        raise ArgumentError(f"temperature is {temperature!r}", "expected one number of 0 or more.")
    try:
        number = float(temperature)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"temperature is {temperature!r}", "expected one number of 0 or more.") from error
    if not 0 <= number < math.inf:
        raise ArgumentError(f"temperature is {number}", "expected a finite number of 0 or more.")
    return number


def positive_temperature(temperature: Any) -> Any:
    """As ``checked_temperature``, above 0."""
    checked = checked_temperature(temperature)
    if known(checked == 0):
        raise ArgumentError(
            "temperature is 0, where the relaxed draw has no density and no derivative",
            "pass one above 0.",
        )
    return checked


def _as_scalar(temperature: Any, like: Array) -> Array:
    return same_library(temperature, like, "temperature")


def _zero_with_gradient(array: Array) -> Array | float:
    """0 that PyTorch can differentiate, so that annealing down to temperature 0 does not break a training loop."""
    if not (is_tensor(array) and array.requires_grad):
        return 0.0
    xp = namespace(array)
    return 0.0 * xp.where(xp.isfinite(array), array, xp.zeros_like(array))


def _common_shape(y: Array, logits: Array, axis: int) -> tuple[int, ...]:
    """What the two broadcast to; the category axis, which is counted from the end, is the same in both."""
    given, expected = tuple(y.shape), tuple(logits.shape)
    try:
        shape = np.broadcast_shapes(given, expected)
        fits = given[axis] == expected[axis]
    except (ValueError, IndexError):
        shape, fits = (), False
    if not fits:
        raise ArgumentError(f"value has shape {given}", f"expected that of logits, {expected}, or one that broadcasts.")
    return shape


def _check_simplex(y: Array, axis: int) -> None:
    xp = array_namespace(y)
    inside = xp.all(y >= 0) & xp.all(xp.abs(xp.sum(y, axis=axis) - 1.0) < _SUM_TOLERANCE)
    if known(~inside):
        raise ArgumentError(
            "value has a row that is negative somewhere or does not sum to 1", "expected probabilities."
        )


def _log_factorial(n: Array, largest: int) -> Array:
    """log(n!) for whole numbers up to ``largest``, looked up."""
    from scipy.special import gammaln

    xp = array_namespace(n)
    table = same_library(gammaln(np.arange(1.0, largest + 2.0)), n, "table")
    return xp.reshape(xp.take(table, xp.astype(xp.reshape(n, (-1,)), xp.int32), axis=0), n.shape)


def _log_sum_exp(terms: Array, axis: int) -> Array:
    xp = array_namespace(terms)
    greatest = detached(xp.max(terms, axis=axis, keepdims=True))
    return xp.log(xp.sum(xp.exp(terms - greatest), axis=axis)) + xp.squeeze(greatest, axis=axis)
