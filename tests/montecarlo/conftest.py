"""What the tests of chains share: targets with closed forms, exact draws of them, and whether ArviZ is there."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[np.float64]
needs_arviz = pytest.mark.skipif(importlib.util.find_spec("arviz") is None, reason="ArviZ is not installed")


def skewed(x: Array) -> Array:
    """A gamma variable of shape 3, and a normal one about its logarithm: curved, with a bounded support."""
    a, b = x[..., 0], x[..., 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        value = 2.0 * np.log(a) - a - 2.0 * (b - np.log(a)) ** 2
    return np.where(a > 0.0, value, -np.inf)


def exact_skewed(size: int, seed: int) -> Array:
    """Independent draws of it."""
    rng = np.random.default_rng(seed)
    a = rng.gamma(3.0, size=size)
    return np.stack([a, np.log(a) + 0.5 * rng.normal(size=size)], axis=-1)


def two_modes(x: Array) -> Array:
    """Normal modes of weights 0.3 and 0.7, ten standard deviations apart in the first coordinate."""
    rest = 0.5 * np.sum(x[..., 1:] ** 2, axis=-1)
    first = np.logaddexp(np.log(0.3) - 0.5 * x[..., 0] ** 2, np.log(0.7) - 0.5 * (x[..., 0] - 10.0) ** 2)
    return np.asarray(first - rest)
