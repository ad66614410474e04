"""The three array libraries, behind one face for the tests; torch and jax are skipped where they are not installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest


@dataclass(frozen=True)
class Library:
    """How to make an array, read it back, and differentiate a scalar function of one array."""

    name: str
    make: Callable[[Any], Any]
    read: Callable[[Any], np.ndarray]
    gradient: Callable[[Callable[[Any], Any], np.ndarray], np.ndarray] | None

    def half(self, values: Any) -> Any:
        """As float16."""
        array = self.make(np.asarray(values, np.float16))
        assert array.dtype.itemsize == 2
        return array


def _torch() -> Library:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")

    def gradient(f: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
        tensor = torch.tensor(x, requires_grad=True)
        f(tensor).backward()
        return np.asarray(tensor.grad)

    return Library("torch", lambda x: torch.tensor(np.asarray(x)), lambda x: x.detach().numpy(), gradient)


def _jax() -> Library:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install '.[jax]'")
    jax.config.update("jax_enable_x64", True)

    def gradient(f: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
        return np.asarray(jax.grad(f)(jax.numpy.asarray(x)))

    return Library("jax", lambda x: jax.numpy.asarray(np.asarray(x)), np.asarray, gradient)


def _numpy() -> Library:
    return Library("numpy", np.asarray, np.asarray, None)


@pytest.fixture(scope="session", params=[_numpy, _torch, _jax], ids=["numpy", "torch", "jax"])
def library(request: pytest.FixtureRequest) -> Library:
    """Each of the three libraries in turn."""
    return request.param()


@pytest.fixture(scope="session", params=[_numpy, _torch], ids=["numpy", "torch"])
def eager(request: pytest.FixtureRequest) -> Library:
    """The two that compute at once: JAX compiles every operation first, which costs seconds where there are many."""
    return request.param()


@pytest.fixture(scope="session", params=[_torch, _jax], ids=["torch", "jax"])
def differentiating(request: pytest.FixtureRequest) -> Library:
    """Each library that differentiates."""
    return request.param()


@pytest.fixture(scope="session")
def jax() -> Any:
    """The module, with 64-bit types on."""
    _jax()
    import jax as module

    return module


@pytest.fixture(scope="session")
def torch() -> Any:
    """The module."""
    return pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")


@pytest.fixture(scope="session")
def finite_difference() -> Callable[..., np.ndarray]:
    """Central differences of a scalar function in every entry."""
    return _finite_difference


def _finite_difference(f: Callable[[np.ndarray], float], x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    slope = np.empty_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += step
        down[index] -= step
        slope[index] = (f(up) - f(down)) / (2 * step)
    return slope
