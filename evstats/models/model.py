"""A model: a family and, for each of its parameters, a link and a design."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, each_combined

if TYPE_CHECKING:
    from evstats.distributions import Family


@dataclass(frozen=True)
class Link:
    """How a parameter follows from its linear predictor: the inverse of what statistics calls the link function.

    Attributes
    ----------
    name
        Of the link function, as the field has it.
    inverse, first, second
        The parameter as a function of the predictor, and its derivatives.
    predictor
        The predictor of a parameter.
    """

    name: str
    inverse: Callable[[Array], Array]
    first: Callable[[Array], Array]
    second: Callable[[Array], Array]
    predictor: Callable[[Array], Array]


def _same(value: Array) -> Array:
    return value


IDENTITY = Link("identity", _same, np.ones_like, np.zeros_like, _same)
LOG = Link("log", np.exp, np.exp, np.exp, np.log)
SQUARE_ROOT = Link("square root", np.square, lambda own: 2.0 * own, lambda own: np.full_like(own, 2.0), np.sqrt)
"""Of what is not below 0 and may be 0: there the slope in the predictor is 0, so that it is found as any maximum is."""

#: How far from 0 the root of a parameter begins.
_OFF_END = 0.01


@dataclass(frozen=True, eq=False)
class Parameter:
    """One parameter of a model.

    Parameters
    ----------
    name
        Of the family's parameter.
    link
        Between the parameter and its linear predictor.
    design
        (n, p) with a row for each point, (lanes, n, p) where every sample has its own; None for a constant, which
        is the design of a single column of ones.
    known
        Its value in every sample, (lanes,) or () of all, where it is given and has no coefficient: 0 of a threshold
        that the data are counted from. Or at every point, (1, n), the same in all samples: the duration of a maximum.
    """

    name: str
    link: Link
    design: Array | None = None
    known: Array | None = None

    @property
    def size(self) -> int:
        """Number of its coefficients."""
        return 0 if self.known is not None else 1 if self.design is None else self.design.shape[-1]

    def rows(self, lanes: NDArray[np.intp]) -> Array | None:
        """The design of the samples with these places."""
        return self.design if self.design is None or self.design.ndim == 2 else self.design[lanes]

    def of_lanes(self, lanes: NDArray[np.intp]) -> Parameter:
        """The parameter of some of the samples."""
        known = self.known if self.known is None or self.known.ndim != 1 else self.known[lanes]
        return replace(self, design=self.rows(lanes), known=known)

    @property
    def varies(self) -> bool:
        """Whether it differs from point to point."""
        return self.design is not None or (self.known is not None and self.known.ndim == 2)


class Predicted(NamedTuple):
    """Parameters at every point and their derivatives in the linear predictors, each a list of arrays that broadcast to
    (m, n).
    """

    theta: list[Array]
    first: list[Array]
    second: list[Array]


@dataclass(frozen=True, eq=False)
class Model:
    """A family with a design for each of its parameters.

    Coefficients are arrays (p, m) over m samples: those of the first parameter, then of the second, and so on.
    """

    family: type[Family]
    parameters: tuple[Parameter, ...]

    @classmethod
    def constant(cls, family: type[Family]) -> Model:
        """The same distribution at every point: the scale on its logarithm, the others as they are."""
        return cls(
            family,
            tuple(
                Parameter(
                    name,
                    LOG if place in family.scales else IDENTITY,
                    known=np.zeros(()) if place in family.given else None,
                )
                for place, name in enumerate(family.parameter_names)
            ),
        )

    def coefficients(self, parameters: Array) -> Array:
        """The coefficients (p, m) of constant parameters (m, k)."""
        return np.stack(
            [own.link.predictor(column) for own, column in zip(self.parameters, parameters.T, strict=True) if own.size]
        )

    def off_ends(self, beta: Array) -> Array:
        """Coefficients to begin a climb from: those of square roots moved off 0, where their slope is 0 whatever the
        data, so that a climb that began there would not leave a saddle.
        """
        roots = [
            place.start for own, place in zip(self.parameters, self.places, strict=True) if own.link is SQUARE_ROOT
        ]
        if not roots:
            return beta
        moved = np.array(beta)
        moved[roots] = np.where(np.abs(beta[roots]) < _OFF_END, np.copysign(_OFF_END, beta[roots]), beta[roots])
        return moved

    def natural(self, beta: Array) -> Array:
        """Constant parameters (k, m) of coefficients (p, m), and those that are known."""
        return np.stack(
            [
                own.link.inverse(beta[place.start]) if own.known is None else np.broadcast_to(own.known, beta.shape[1])
                for own, place in zip(self.parameters, self.places, strict=True)
            ]
        )

    def with_design(self, name: str, design: Array) -> Model:
        """The model with another design of one parameter."""
        changed = (Parameter(name, own.link, design) if own.name == name else own for own in self.parameters)
        return Model(self.family, tuple(changed))

    def of_lanes(self, lanes: NDArray[np.intp]) -> Model:
        """The model of some of the samples."""
        return Model(self.family, tuple(own.of_lanes(lanes) for own in self.parameters))

    def in_unit(self, shift: Array, unit: Array) -> Model:
        """The model of (x - shift)/unit of every sample: locations that are known move with the data."""
        places = set(self.family.locations) & set(self.family.given)
        if not places or places == set(self.family.locations):  # the data are counted from the only one, which stays 0
            return self
        moved = (
            replace(own, known=(own.known - shift) / unit) if place in places and own.known is not None else own
            for place, own in enumerate(self.parameters)
        )
        return Model(self.family, tuple(moved))

    @cached_property
    def is_constant(self) -> bool:
        """Whether no parameter has a covariate."""
        return not any(parameter.varies for parameter in self.parameters)

    @property
    def is_location_scale(self) -> bool:
        """Whether the scale follows on its logarithm, all others as they are, and all are estimated."""
        links = (LOG if place in self.family.scales else IDENTITY for place in range(len(self.parameters)))
        return not self.family.given and all(own.link is link for own, link in zip(self.parameters, links, strict=True))

    @cached_property
    def places(self) -> tuple[slice, ...]:
        """Where the coefficients of each parameter stand."""
        ends = np.cumsum([0, *(parameter.size for parameter in self.parameters)])
        return tuple(slice(int(start), int(end)) for start, end in itertools.pairwise(ends.tolist()))

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return self.places[-1].stop

    def predicted(self, beta: Array, lanes: NDArray[np.intp]) -> Predicted:
        """Parameters at every point of some samples, (m, n) or (m, 1), from their coefficients (p, m)."""
        eta, links = self._predictors(beta, lanes), [parameter.link for parameter in self.parameters]
        return Predicted(
            [link.inverse(own) for link, own in zip(links, eta, strict=True)],
            [link.first(own) for link, own in zip(links, eta, strict=True)],
            [link.second(own) for link, own in zip(links, eta, strict=True)],
        )

    def theta(self, beta: Array, lanes: NDArray[np.intp]) -> list[Array]:
        """The same without derivatives."""
        predictors = self._predictors(beta, lanes)
        return [own.link.inverse(eta) for own, eta in zip(self.parameters, predictors, strict=True)]

    def _predictors(self, beta: Array, lanes: NDArray[np.intp]) -> list[Array]:
        """The linear predictors."""
        return [
            _predictor(own.rows(lanes), beta[place]) if own.known is None else _known(own.known, lanes)
            for own, place in zip(self.parameters, self.places, strict=True)
        ]

    def at(self, beta: Array, covariates: Sequence[Array | None] | None = None) -> Family:
        """The distributions of m samples with coefficients (p, m), in a state of the covariates.

        ``covariates`` has a row (p_j,) for each parameter, None for a constant or a known one; of one that is known at
        every point its value in the state.
        """
        rows, m = covariates or [None] * len(self.parameters), beta.shape[1]
        values = [
            np.broadcast_to(own.known if row is None else row, m)
            if own.known is not None
            else own.link.inverse(beta[place][0] if row is None else row @ beta[place])
            for own, place, row in zip(self.parameters, self.places, rows, strict=True)
        ]
        distribution = self.family.trial(*values).as_state()
        return distribution.from_parameters(distribution.parameters)


def _known(values: Array, lanes: NDArray[np.intp]) -> Array:
    """The values of some samples, (m, 1), or at every point, (1, n)."""
    if values.ndim == 2:
        return values
    return np.broadcast_to(values, (len(lanes), 1)) if values.ndim == 0 else values[lanes, None]


def _predictor(design: Array | None, beta: Array) -> Array:
    """X beta for each sample, (m, n); (m, 1) of a constant."""
    if design is None:
        return beta[0][:, None]
    return each_combined(beta, design) if design.ndim == 2 else np.matmul(design, beta.T[..., None])[..., 0]


__all__ = ["IDENTITY", "LOG", "SQUARE_ROOT", "Link", "Model", "Parameter", "Predicted"]
