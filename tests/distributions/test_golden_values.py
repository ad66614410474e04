"""The families against 50-digit arithmetic and against R's evd (see tests/golden/README.md)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from golden import load
from numpy.typing import ArrayLike

from evstats.distributions import GEV, GEVMin, Gumbel, GumbelMin

EPS = np.finfo(float).eps
SMALLEST = np.nextafter(0.0, 1.0)
TABLE = load("gev_mpmath")
EVD = load("evd")
#: The function of -X that equals a function of X, with the sign of its value.
MIRROR = {
    "logpdf": ("logpdf", 1),
    "logcdf": ("logsf", 1),
    "logsf": ("logcdf", 1),
    "ppf": ("isf", -1),
    "isf": ("ppf", -1),
}


def assert_agrees(got: ArrayLike, want: ArrayLike, condition: ArrayLike, at: object) -> None:
    """Relative error of at most max(1e-13, 4 eps condition), infinities equal."""
    got, want, condition = np.broadcast_arrays(np.asarray(got, dtype=float), want, condition)
    finite = np.isfinite(want)
    with np.errstate(invalid="ignore"):
        allowed = np.maximum(1e-13, 4 * EPS * condition) * np.abs(want) + 2 * SMALLEST
        agrees = np.where(finite, np.abs(got - want) <= allowed, got == want)
    if not np.all(agrees):
        where = np.flatnonzero(~agrees.ravel())
        arguments = np.broadcast_to(np.asarray(at, dtype=float), want.shape).ravel()
        lines = [
            f"at {arguments[i]!r}: {got.ravel()[i]!r}, not {want.ravel()[i]!r} (condition {condition.ravel()[i]:.3g})"
            for i in where[:6]
        ]
        raise AssertionError(f"{len(where)} of {want.size} values disagree:\n" + "\n".join(lines))


CASES = [
    pytest.param(function, row, id=f"{function}-{row[0]:g}-{row[1]:g}-{row[2]:g}")
    for function, rows in TABLE["pointwise"].items()
    for row in rows
]
GUMBEL_CASES = [case for case in CASES if case.values[1][2] == 0.0]


@pytest.mark.parametrize(("function", "row"), CASES)
def test_gev_agrees_with_fifty_digits(function: str, row: list[Any]) -> None:
    loc, scale, shape, arguments, values, conditions = row
    assert_agrees(getattr(GEV(loc, scale, shape), function)(np.array(arguments)), values, conditions, arguments)


@pytest.mark.parametrize(("function", "row"), CASES)
def test_gev_of_minima_agrees_with_fifty_digits(function: str, row: list[Any]) -> None:
    loc, scale, shape, arguments, values, conditions = row
    name, sign = MIRROR[function]
    is_quantile = function in ("ppf", "isf")
    arguments = np.array(arguments)
    got = getattr(GEVMin(-loc, scale, shape), name)(arguments if is_quantile else -arguments)
    assert_agrees(sign * got, values, conditions, arguments)


@pytest.mark.parametrize(("function", "row"), GUMBEL_CASES)
def test_gumbel_and_its_mirror_agree_with_fifty_digits(function: str, row: list[Any]) -> None:
    loc, scale, _, arguments, values, conditions = row
    arguments = np.array(arguments)
    assert_agrees(getattr(Gumbel(loc, scale), function)(arguments), values, conditions, arguments)
    name, sign = MIRROR[function]
    got = getattr(GumbelMin(-loc, scale), name)(arguments if function in ("ppf", "isf") else -arguments)
    assert_agrees(sign * got, values, conditions, arguments)


@pytest.mark.parametrize("function", TABLE["pointwise"])
def test_one_call_over_all_shapes_agrees_with_one_call_each(function: str) -> None:
    for loc, scale, shape, arguments, *_ in TABLE["pointwise"][function]:
        alone = getattr(GEV(loc, scale, shape), function)(np.array(arguments))
        batch = GEV(np.full(len(arguments), loc), scale, np.full(len(arguments), shape))
        np.testing.assert_array_equal(getattr(batch, function)(np.array(arguments)), alone)


@pytest.mark.parametrize("moment", ["mean", "var"])
def test_moments_agree_with_fifty_digits(moment: str) -> None:
    loc, scale, shape, values, conditions = np.array(TABLE["moments"][moment]).T
    assert_agrees(getattr(GEV(loc, scale, shape), moment)(), values, conditions, shape)
    sign = -1 if moment == "mean" else 1
    assert_agrees(sign * getattr(GEVMin(-loc, scale, shape), moment)(), values, conditions, shape)
    zero = shape == 0
    assert_agrees(getattr(Gumbel(loc[zero], scale[zero]), moment)(), values[zero], conditions[zero], loc[zero])


@pytest.mark.parametrize("moment", ["mean", "var"])
def test_moments_of_one_distribution_equal_those_of_the_batch(moment: str) -> None:
    for loc, scale, shape, value, condition in TABLE["moments"][moment]:
        assert_agrees(getattr(GEV(loc, scale, shape), moment)(), value, condition, shape)


def test_skewness_agrees_with_fifty_digits_below_one_third() -> None:
    _, _, shape, values, _ = np.array(TABLE["moments"]["skew"]).T
    shape, values = shape[shape != 1 / 3], values[shape != 1 / 3]  # the float64 next to the pole
    exists = np.isfinite(values)
    got = GEV(0.0, 1.0, shape).skew()
    np.testing.assert_allclose(got[exists], values[exists], rtol=1e-11, atol=1e-12)
    assert not np.isfinite(got[~exists]).any()
    np.testing.assert_allclose(GEVMin(0.0, 1.0, shape[exists]).skew(), -values[exists], rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(Gumbel(0.0, 1.0).skew(), 1.1395470994046486, rtol=1e-14)


@pytest.mark.parametrize(
    "row", EVD["distribution"], ids=lambda row: f"{row['loc']:g}-{row['scale']:g}-{row['shape']:g}"
)
def test_distribution_agrees_with_r_evd(row: dict[str, Any]) -> None:
    gev = GEV(row["loc"], row["scale"], row["shape"])
    x, p, cdf, pdf = (np.array(row[key]) for key in ("x", "p", "cdf", "pdf"))
    inside = (cdf > 0) & (cdf < 1)
    np.testing.assert_allclose(gev.pdf(x)[inside], pdf[inside], rtol=1e-11)
    np.testing.assert_allclose(gev.cdf(x), cdf, rtol=1e-11, atol=1e-300)
    np.testing.assert_allclose(gev.sf(x), row["sf"], rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(gev.ppf(p), row["ppf"], rtol=1e-10)
    np.testing.assert_allclose(gev.isf(p), row["isf"], rtol=1e-10)


def test_the_published_hundred_year_level_at_port_pirie() -> None:
    assert GEV(3.87474692, 0.19804120, -0.05008773).isf(0.01) == pytest.approx(4.69, abs=0.005)
    assert GEV(3.87474692, 0.19804120, -0.05008773).isf(0.1) == pytest.approx(4.30, abs=0.005)
