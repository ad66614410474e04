"""The parameters themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evstats.distributions import Family
from evstats.quantities.base import (
    Array,
    Quantity,
)


@dataclass(frozen=True, eq=False)
class Parameters(Quantity):
    """The parameters themselves, in the family's order; the scale is given an interval on its logarithm.

    Parameters
    ----------
    questions
        The places of the parameters; all of them unless given.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.Parameters()(ev.Gumbel(100.0, 20.0))
    array([100.,  20.])
    """

    questions: Array = field(default_factory=lambda: np.empty(0))

    name = "parameters"
    is_level = False
    asked = "parameter"

    def on_working(self, family: type[Family], inside: float) -> Quantity:
        """The same, which are those of the values as they are estimated."""
        return self

    def __call__(self, distribution: Family) -> Array:
        """The parameters, shape batch + (k,); of peaks those of their sizes."""
        return np.asarray(distribution.parameters[..., distribution.told()])

    def at(self, distribution: Family, questions: Array) -> Array:
        """The parameters with these places in the family's order."""
        return np.take_along_axis(distribution.parameters, np.asarray(questions, dtype=np.intp)[..., None], axis=-1)[
            ..., 0
        ]

    def linked(self, distribution: Family) -> Array:
        """The logarithm of a scale; the others as they are."""
        return _change_scales(self(distribution), np.log, type(distribution))

    def linked_gradient(self, distribution: Family) -> Array:
        """1 over a scale; 1 for the others."""
        parameters = distribution.parameters
        own = np.ones_like(parameters)
        for place in distribution.scales:
            own[..., place] = 1.0 / parameters[..., place]
        return np.asarray((own[..., None] * np.eye(parameters.shape[-1]))[..., distribution.told(), :])

    def from_link(self, linked: Array, family: type[Family]) -> Array:
        """The exponential of a scale's; the others as they are."""
        return _change_scales(linked, np.exp, family)


def _change_scales(parameters: Array, function: Any, family: type[Family]) -> Array:
    """Parameters, shape batch + (k,), with a function of the scales of their family."""
    changed = np.array(parameters, dtype=np.float64)
    for column, place in enumerate(family.told()):
        if place in family.scales:
            changed[..., column] = function(changed[..., column])
    return changed


__all__ = ["Parameters"]
