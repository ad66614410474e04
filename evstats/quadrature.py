"""Nodes and weights of the quadratures, each made when first used, once."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from evstats.arrays import Array


class Rule(NamedTuple):
    """Nodes and weights (nodes,), read-only."""

    nodes: Array
    weights: Array

    @classmethod
    def of(cls, nodes: Array, weights: Array) -> Rule:
        """The rule of arrays that nobody else writes to."""
        nodes.flags.writeable = weights.flags.writeable = False
        return cls(nodes, weights)


@lru_cache(maxsize=32)
def unit_interval(number: int) -> Rule:
    """Gauss-Legendre's rule of so many nodes on (0, 1).

    Examples
    --------
    >>> nodes, weights = unit_interval(4)
    >>> round(float(nodes**7 @ weights), 12)
    0.125
    """
    nodes, weights = np.polynomial.legendre.leggauss(number)
    return Rule.of(0.5 * (nodes + 1.0), 0.5 * weights)


@lru_cache(maxsize=1)
def gumbel_noise() -> Rule:
    """Expectations over the standard Gumbel distribution, by the trapezoid rule: exact to rounding for smooth functions
    that are no more than 50 times as steep on one side as on the other.
    """
    nodes = np.arange(-4.5, 42.0, 0.02)
    return Rule.of(nodes, 0.02 * np.exp(-nodes - np.exp(-nodes)))


@lru_cache(maxsize=1)
def half_line() -> Rule:
    """The double exponential rule over (0, inf) for integrands that fall like exp(-s) (Takahasi and Mori 1974)."""
    t = np.arange(-5.0, 5.01, 1.0 / 32.0)
    nodes = np.exp(t - np.exp(-t))
    return Rule.of(nodes, (1.0 + np.exp(-t)) * nodes / 32.0)


__all__ = ["Rule", "gumbel_noise", "half_line", "unit_interval"]
