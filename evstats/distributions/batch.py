"""Parameters and their batch: what a family is before it is a distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask
from evstats.errors import ArgumentError
from evstats.habits import Named, not_there


@dataclass(frozen=True, eq=False, repr=False)
class Batch(metaclass=Named):
    """Parameters as arrays of one batch shape, which of them are locations and scales, and indexing."""

    loc: Array
    scale: Array

    name: ClassVar[str]
    label: ClassVar[str]
    #: The method that fits it where none is named.
    usual_method: ClassVar[str] = "mle"
    #: Where it is described, the entries of the docstring's references.
    literature: ClassVar[tuple[str, ...]] = ()
    parameter_names: ClassVar[tuple[str, ...]]
    #: Whether the family describes block minima: its extreme side is the lower tail.
    minima: ClassVar[bool] = False
    #: Places of the parameters that move with the origin of the data and stretch with their unit, and of those that
    #: only stretch; all others have no unit.
    locations: ClassVar[tuple[int, ...]] = (0,)
    scales: ClassVar[tuple[int, ...]] = (1,)
    #: Places of the parameters that are given and not estimated, and of those that say how many values there are and
    #: nothing of their sizes.
    given: ClassVar[tuple[int, ...]] = ()
    rates: ClassVar[tuple[int, ...]] = ()

    def __post_init__(self) -> None:
        try:
            given = [np.asarray(_known(value), dtype=np.float64) for value in vars(self).values()]
            arrays = [np.array(array) for array in np.broadcast_arrays(*given)]
        except (TypeError, ValueError) as error:
            raise ArgumentError(
                f"{type(self).__name__} takes real numbers or arrays of one batch shape as parameters ({error})."
            ) from error
        for name, array in zip(self.columns(), arrays, strict=True):
            array.flags.writeable = False
            object.__setattr__(self, name, array[()])
        if np.any(self.scale <= 0):
            raise ArgumentError(f"scale is {np.nanmin(self.scale)}; it must be positive.")
        if any(np.isinf(array).any() for array in arrays):
            raise ArgumentError(f"the parameters of {type(self).__name__} must be finite.")

    if TYPE_CHECKING:

        @property
        def shape(self) -> Array:
            """The shape parameter, of a family that has one; of another, an ``AttributeError`` that says so."""

    else:

        def __getattr__(self, name: str) -> Any:
            """What is asked for and not there: an error that names the parameters."""
            otherwise = f"; its parameters are {', '.join(self.parameter_names)}"
            raise not_there("distribution", type(self).label, name, type(self), otherwise)

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The names of all that it holds: the parameters, and before them a threshold that is given."""
        return tuple(field.name for field in fields(cls))

    @classmethod
    def told(cls) -> list[int]:
        """Places of the parameters that are asked for: not those that are given, and not a rate, told by itself."""
        return [place for place in range(len(cls.parameter_names)) if place not in (*cls.given, *cls.rates)]

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of every parameter; ``()`` for a single distribution."""
        return np.shape(self.loc)

    @property
    def parameters(self) -> Array:
        """All parameters as one array, shape batch + (k,), in the order of ``parameter_names``."""
        return np.stack([np.asarray(getattr(self, name)) for name in self.parameter_names], axis=-1)

    @classmethod
    def rescaled(cls, parameters: Array, shift: Array, unit: Array) -> Array:
        """Parameters (k, ...) of ``shift + unit x`` from those of x.

        Parameters
        ----------
        parameters
            Parameters (k, ...) of x.
        shift
            What is added to the data, broadcasting against (...).
        unit
            By what the data are multiplied before, broadcasting against (...).

        Returns
        -------
        Array
            The parameters (k, ...).
        """
        moved = np.array(parameters)
        for place in (*cls.locations, *cls.scales):
            moved[place] *= unit
        for place in cls.locations:
            moved[place] += shift
        return moved

    @classmethod
    def from_parameters(cls, parameters: ArrayLike) -> Self:
        """The distribution(s) with the parameters in the last axis, shape batch + (k,).

        Parameters
        ----------
        parameters
            An array of shape batch + (k,), in the order of ``parameter_names``.

        Returns
        -------
        Family
            The distribution, or the batch of them.

        Raises
        ------
        ArgumentError
            Another number of parameters, or a scale that is not positive.
        """
        columns = np.moveaxis(np.asarray(parameters, dtype=np.float64), -1, 0)
        if len(columns) != len(cls.parameter_names):
            named = ", ".join(cls.parameter_names)
            raise ArgumentError(
                f"{cls.label} has the parameters {named}; got an array of shape {np.shape(parameters)}."
            )
        return cls(*columns)

    @classmethod
    def trial(cls, *parameters: Array) -> Self:
        """A batch whose parameters are not looked at: the trial points of a search, which may be out of bounds.

        Parameters
        ----------
        parameters
            One array for each of ``columns()``, of one shape.

        Returns
        -------
        Family
            The batch, in which a scale may be negative or NaN.
        """
        family = object.__new__(cls)
        for name, array in zip(cls.columns(), parameters, strict=True):
            object.__setattr__(family, name, array)
        return family

    @classmethod
    def inside(cls, parameters: Sequence[Array] | Array) -> Mask:
        """Where the parameters (k, ...) are those of a distribution whose likelihood can have an interior maximum.

        Parameters
        ----------
        parameters
            One array for each parameter, or an array (k, ...).

        Returns
        -------
        Mask
            Of shape (...).
        """
        return np.all([parameters[place] > 0.0 for place in cls.scales], axis=0)

    def __getitem__(self, index: Any) -> Self:
        """Index all parameters alike: ``batch[3]``, ``batch[..., None]``."""
        return type(self)(*(np.asarray(getattr(self, name))[index] for name in self.columns()))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and np.array_equal(self._stacked(), other._stacked(), equal_nan=True)

    def __hash__(self) -> int:
        return hash((type(self), self.batch_shape, (self._stacked() + 0.0).tobytes()))  # -0.0 equals 0.0

    def _stacked(self) -> Array:
        return np.stack([np.asarray(getattr(self, name)) for name in self.columns()], axis=-1)

    def __repr__(self) -> str:
        inside = ", ".join(f"{field.name}={_shown(getattr(self, field.name))}" for field in fields(self))
        return f"{type(self).__name__}({inside})"


def _shown(value: Array) -> str:
    return f"{value:.6g}" if np.ndim(value) == 0 else f"array of shape {np.shape(value)}"


def _known(value: Any) -> Any:
    """A parameter as it is, if it is one."""
    if value is None:
        raise TypeError("None is no number; give nan where one is not known")
    return value
