"""Where draws come from: a family, a callable, or a transform of uniform numbers; and the checks that all share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import Family
from evstats.distributions.probabilities import opposite_tail
from evstats.errors import ArgumentError, DataError, whole_number
from evstats.noise import RandomState

__all__ = [
    "FromUniforms",
    "Function",
    "HasDraws",
    "finite_values",
    "from_uniforms",
    "inside",
    "mirrored",
    "plain",
    "values_at",
]

Function: TypeAlias = Callable[[Any], ArrayLike]

#: Uniform numbers have 53 bits; the ends of the unit interval themselves are kept out.
_LEAST, _GREATEST = 2.0**-54, 1.0 - 2.0**-53


@runtime_checkable
class HasDraws(Protocol):
    """Anything with ``rvs(size, rng)``: a family of evstats, a frozen distribution of SciPy."""

    def rvs(self, size: Any, rng: Any, /) -> Any:
        """Draws, one per entry of the first axis."""


@dataclass(frozen=True)
class FromUniforms:
    """A sampler that transforms uniform numbers: what antithetic pairs and quasi-Monte Carlo need to know.

    Parameters
    ----------
    transform
        Turns uniforms in (0, 1), shape (size, dim), into draws, shape (size, ...); increasing in each column
        for antithetic pairs to help.
    dim
        How many uniforms make one draw.

    Examples
    --------
    >>> from evstats.montecarlo import FromUniforms
    >>> square = FromUniforms(lambda u: 2.0 * u - 1.0, dim=2)
    >>> square(5, rng=1).shape
    (5, 2)
    """

    transform: Callable[[Array], Any]
    dim: int

    def __post_init__(self) -> None:
        whole_number(self.dim, "dim", least=1)

    def __call__(self, size: int, rng: RandomState = None) -> Any:
        """Independent draws, shape (size, ...)."""
        return self.transform(self.uniforms(size, noise.generator(rng)))

    def uniforms(self, size: int, random: RandomState) -> Array:
        """Independent uniforms strictly inside (0, 1), shape (size, dim).

        Parameters
        ----------
        size
            How many draws.
        random
            Where they come from.

        Returns
        -------
        Array
            (size, dim).
        """
        return inside(noise.generator(random).random((size, self.dim)))


def inside(u: Array) -> Array:
    """Uniforms moved off 0 and 1, where quantiles are infinite, by less than their resolution."""
    return np.clip(u, _LEAST, _GREATEST)


def plain(sampler: Any) -> Callable[[int, RandomState], Any]:
    """The function (size, generator) -> draws behind a family or a callable."""
    if isinstance(sampler, Family):
        _check_single(sampler)
    draw = sampler.rvs if isinstance(sampler, HasDraws) else sampler
    if not callable(draw):
        raise ArgumentError(
            f"sampler is {type(sampler).__name__}",
            "expected a distribution or a callable (size, rng) -> draws.",
        )

    def checked(size: int, random: RandomState) -> Any:
        draws = draw(size, random)
        if np.shape(draws)[:1] != (size,):
            raise ArgumentError(
                f"sampler returned an array of shape {np.shape(draws)} for {size} draws",
                f"expected the draws along the first axis, shape ({size}, ...).",
            )
        return draws

    return checked


def mirrored(sampler: Any, mirror: Callable[[Any], Any] | None) -> Callable[[int, RandomState], tuple[Any, Any]]:
    """The function (pairs, generator) -> (draws, their antithetic partners)."""
    if mirror is not None:
        draw = plain(sampler)

        def by_mirror(size: int, random: RandomState) -> tuple[Any, Any]:
            draws = draw(size, random)
            return draws, mirror(draws)

        return by_mirror
    if isinstance(sampler, Family):
        _check_single(sampler)
        return lambda size, random: _family_pair(sampler, size, random)
    if isinstance(sampler, FromUniforms):
        return lambda size, random: _uniform_pair(sampler, size, random)
    raise ArgumentError(
        f"antithetic=True needs to know how the draws are made, and sampler is {type(sampler).__name__}",
        "pass a family,"
        " FromUniforms(transform, dim), or antithetic=mirror, a function that mirrors draws without changing their "
        "distribution (lambda x: -x).",
    )


def from_uniforms(sampler: Any) -> FromUniforms:
    """The sampler as a transform of uniforms; a family by its quantile function."""
    if isinstance(sampler, FromUniforms):
        return sampler
    if isinstance(sampler, Family):
        _check_single(sampler)
        return FromUniforms(lambda u: sampler.ppf(u[:, 0]), 1)
    raise ArgumentError(
        f"quasi=True replaces the uniform numbers behind the draws, and sampler is {type(sampler).__name__}",
        "pass a family or FromUniforms(transform, dim).",
    )


def _family_pair(family: Family, size: int, random: RandomState) -> tuple[Array, Array]:
    """Draws with F = u and F = 1 - u."""
    g = noise.gumbel(size, rng=random)
    return family.from_gumbel(g), family.from_gumbel(opposite_tail(g))


def _uniform_pair(sampler: FromUniforms, size: int, random: RandomState) -> tuple[Any, Any]:
    u = sampler.uniforms(size, random)
    return sampler.transform(u), sampler.transform(inside(1.0 - u))


def _check_single(family: Family) -> None:
    if family.batch_shape != ():
        raise ArgumentError(
            f"sampler is a batch of {family.label} distributions, shape {family.batch_shape}",
            "pass one of them, sampler[0].",
        )


def values_at(function: Function, draws: Any, size: int, name: str) -> Array:
    """One number per draw, shape (size,); they may be infinite."""
    values = np.asarray(function(draws), dtype=np.float64)
    if values.shape != (size,):
        raise ArgumentError(
            f"{name} returned an array of shape {values.shape} for {size} draws",
            f"expected ({size},), one number per "
            f"draw (the draws have shape {np.shape(draws)}, one per entry of the first axis).",
        )
    return values


def finite_values(function: Function, draws: Any, size: int, name: str) -> Array:
    """One finite number per draw, shape (size,)."""
    values = values_at(function, draws, size, name)
    bad = ~np.isfinite(values)
    if bad.any():
        first = int(bad.argmax())
        raise DataError(
            f"{name} is not finite at {int(bad.sum())} of {size} draws, first {values[first]} at "
            f"{np.array2string(np.asarray(draws)[first], precision=6, threshold=6)}; an expectation needs a finite "
            "number at every draw."
        )
    return values
