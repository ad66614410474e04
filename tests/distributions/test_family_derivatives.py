"""The analytic score and Hessian against 40-digit numerical differentiation, through shape 0."""

from __future__ import annotations

import numpy as np
import pytest
from golden import gev_mpmath as exact
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp, mpf

from evstats.distributions import GEV, Family, GEVMin, Gumbel, GumbelMin

SHAPES = (0.0, 1e-300, 1e-17, -1e-17, 1e-9, -1e-9, 1e-5, 1e-3, -1e-3, 0.01, -0.01, 0.04, -0.04, 0.1, -0.1, 0.2, -0.2)
SHAPES += (0.5, -0.5, 0.9, -0.95, 1.5)
POINTS = (-1.9, -0.7, -1e-6, 0.0, 1e-6, 0.3, 1.0, 2.5, 8.0, 30.0)


def logpdf(x: float, loc: mpf, scale: mpf, shape: mpf) -> mpf:
    value, _ = exact.logpdf_terms(mpf(x), loc, scale, shape)
    return value


def differentiated(x: float, parameters: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian of the GEV log-density in (loc, scale, shape) by mpmath's numerical differentiation."""
    at = tuple(mpf(parameter) for parameter in parameters)
    with mp.workdps(60):

        def d(*orders: int) -> float:
            return float(mp.diff(lambda *p: logpdf(x, *p), at, orders))

        first = np.array([d(1, 0, 0), d(0, 1, 0), d(0, 0, 1)])
        mixed = {(0, 0): d(2, 0, 0), (0, 1): d(1, 1, 0), (0, 2): d(1, 0, 1)}
        mixed |= {(1, 1): d(0, 2, 0), (1, 2): d(0, 1, 1), (2, 2): d(0, 0, 2)}
    return first, np.array([[mixed[min(i, j), max(i, j)] for j in range(3)] for i in range(3)])


def assert_derivatives(family: Family, x: float, first: np.ndarray, second: np.ndarray, unit: np.ndarray) -> None:
    """Compare in units of the scale; the size of the largest entry sets what a digit is."""
    k = len(family.parameter_names)
    got = family.derivatives(np.array([x]))
    gradient = np.array([entry[0] for entry in got.gradient]) * unit[:k]
    hessian = np.array([[entry[0] for entry in row] for row in got.hessian]) * np.outer(unit, unit)[:k, :k]
    first, second = (first * unit)[:k], (second * np.outer(unit, unit))[:k, :k]
    np.testing.assert_allclose(gradient, first, rtol=1e-10, atol=1e-11 * max(1.0, np.abs(first).max()))
    np.testing.assert_allclose(hessian, second, rtol=1e-10, atol=1e-11 * max(1.0, np.abs(second).max()))
    np.testing.assert_array_equal(hessian, hessian.T)
    assert got.logpdf[0] == pytest.approx(float(family.logpdf(x)), rel=1e-13)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("loc", "scale"), [(0.0, 1.0), (3.875, 0.198)])
def test_score_and_hessian_through_shape_zero(shape: float, loc: float, scale: float) -> None:
    unit = np.array([scale, scale, 1.0])
    turn = np.array([-1.0, 1.0, 1.0])
    for z in POINTS:
        x = loc + scale * z
        if 1 + shape * (x - loc) / scale < 0.02:
            continue
        first, second = differentiated(x, (loc, scale, shape))
        assert_derivatives(GEV(loc, scale, shape), x, first, second, unit)
        assert_derivatives(GEVMin(-loc, scale, shape), -x, first * turn, second * np.outer(turn, turn), unit)
        if shape == 0.0:
            assert_derivatives(Gumbel(loc, scale), x, first, second, unit)
            assert_derivatives(GumbelMin(-loc, scale), -x, first * turn, second * np.outer(turn, turn), unit)


@given(st.floats(-0.9, 1.5), st.floats(-100, 100), st.floats(0.01, 100), st.floats(-3, 20))
def test_score_and_hessian_anywhere(shape: float, loc: float, scale: float, z: float) -> None:
    x = loc + scale * z
    assume(1 + shape * (x - loc) / scale > 0.05)
    assume(abs(loc) < 100 * scale)
    first, second = differentiated(x, (loc, scale, shape))
    assert_derivatives(GEV(loc, scale, shape), x, first, second, np.array([scale, scale, 1.0]))


def test_a_batch_gives_the_same_as_each_alone() -> None:
    shapes = np.array(SHAPES)
    x = np.linspace(-0.5, 1.0, 7)
    batch = GEV(0.0, 1.0, shapes)[..., None].derivatives(x)
    assert batch.logpdf.shape == (shapes.size, x.size)
    for i, shape in enumerate(shapes):
        alone = GEV(0.0, 1.0, shape).derivatives(x)
        np.testing.assert_array_equal(batch.logpdf[i], alone.logpdf)
        for j in range(3):
            np.testing.assert_array_equal(batch.gradient[j][i], alone.gradient[j])
            for k in range(3):
                np.testing.assert_array_equal(batch.hessian[j][k][i], alone.hessian[j][k])


def test_outside_the_support_and_for_missing_values() -> None:
    found = GEV(0.0, 1.0, -0.5).derivatives(np.array([3.0, np.nan]))
    assert found.logpdf[0] == -np.inf
    assert np.isnan(found.logpdf[1])
    assert all(np.isnan(entry).all() for entry in found.gradient)
    assert all(np.isnan(entry).all() for row in found.hessian for entry in row)


@pytest.mark.parametrize("shapes", [[-0.6, -1e-5, 0.0, 2e-4, 0.3], [[-0.3, 0.0, 1e-6, 0.2, 0.7]] * 5])
def test_those_in_the_log_scale_are_the_general_ones(shapes: list[float]) -> None:
    shape = np.array(shapes, dtype=float).reshape(5, -1)
    loc, scale = np.linspace(-1.0, 1.0, 5)[:, None], np.linspace(0.5, 2.0, 5)[None]
    family = GEV.trial(loc, scale, shape)
    x = family.from_gumbel(np.linspace(-1.5, 6.0, 25).reshape(5, 5))
    own, general = family.log_scale_derivatives(x), Family.log_scale_derivatives(family, x)
    np.testing.assert_allclose(own.logpdf, general.logpdf, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(np.stack(own.gradient), np.stack(general.gradient), rtol=1e-9, atol=1e-11)
    for mine, theirs in zip(own.hessian, general.hessian, strict=True):
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-9)
