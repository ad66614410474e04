"""What must hold of every family whatever its parameters (Hypothesis)."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import scipy.stats
from golden import gev_mpmath as exact
from hypothesis import assume, example, given
from hypothesis import strategies as st
from mpmath import mp, mpf
from toys import REGIONAL

from evstats import noise
from evstats.distributions import FAMILIES, GEV, Family, GEVMin, Gumbel, GumbelMin
from evstats.errors import ArgumentError

EPS = np.finfo(float).eps
#: Log-Pearson III has tests of its own: its scale is that of logarithms, and the maximum of several is none.
MAX_STABLE = {name: family for name, family in FAMILIES.items() if name not in {*REGIONAL, "lp3"}}
EVERY_FAMILY = pytest.mark.parametrize("family", list(MAX_STABLE.values()), ids=list(MAX_STABLE))
ONE_POPULATION = pytest.mark.parametrize("family", [each for each in MAX_STABLE.values() if len(each.scales) == 1])

locs = st.floats(-1e6, 1e6)
scales = st.floats(1e-6, 1e6)
any_shape = st.one_of(st.floats(-2, 2), st.sampled_from(exact.SHAPES), st.floats(-1e-6, 1e-6))
probabilities = st.floats(1e-6, 1 - 1e-6)


def make(family: type[Family], loc: float, scale: float, shape: float) -> Family:
    if len(family.scales) == 2:  # a second population whose tails cross those of the first
        return family.from_parameters([loc, scale, loc + shape * scale, scale * np.exp(shape)])
    return family.from_parameters([loc, scale, shape][: len(family.parameter_names)])


@given(any_shape, locs, scales, st.floats(-40, 40), st.sampled_from(["logpdf", "logcdf", "logsf"]))
@example(1e-300, 0.0, 1.0, 35.0, "logsf")
def test_pointwise_functions_agree_with_fifty_digits(
    shape: float, loc: float, scale: float, z: float, name: str
) -> None:
    x = loc + scale * z
    value, condition = exact.reference(exact.POINTWISE[name], x, loc, scale, shape)
    assume(4 * EPS * condition < 0.1)  # beyond, the inputs do not determine the value
    assert float(getattr(GEV(loc, scale, shape), name)(x)) == pytest.approx(
        value, rel=max(1e-13, 4 * EPS * condition), abs=1e-322
    )


@given(any_shape, locs, scales, st.floats(1e-300, 1 - 1e-16), st.sampled_from(["ppf", "isf"]))
def test_quantiles_agree_with_fifty_digits(shape: float, loc: float, scale: float, p: float, name: str) -> None:
    value, condition = exact.reference(exact.POINTWISE[name], p, loc, scale, shape)
    got = float(getattr(GEV(loc, scale, shape), name)(p))
    assert got == pytest.approx(value, rel=max(1e-13, 4 * EPS * condition), abs=1e-322)


@EVERY_FAMILY
@given(shape=st.floats(-1, 1), scale=scales, p=probabilities)
def test_quantile_and_distribution_function_undo_each_other(
    family: type[Family], shape: float, scale: float, p: float
) -> None:
    distribution = make(family, 0.0, scale, shape)
    np.testing.assert_allclose(distribution.cdf(distribution.ppf(p)), p, rtol=1e-8)
    np.testing.assert_allclose(distribution.sf(distribution.isf(p)), p, rtol=1e-8)
    np.testing.assert_allclose(distribution.isf(p), distribution.ppf(1 - p), rtol=1e-8, atol=1e-8 * scale)


@EVERY_FAMILY
@given(shape=any_shape, loc=locs, scale=scales, z=st.floats(-50, 50))
def test_the_two_tails_and_their_logarithms_belong_together(
    family: type[Family], shape: float, loc: float, scale: float, z: float
) -> None:
    distribution, x = make(family, loc, scale, shape), loc + scale * z
    np.testing.assert_allclose(distribution.cdf(x) + distribution.sf(x), 1.0, rtol=4 * EPS)
    for plain, logarithm in (("cdf", "logcdf"), ("sf", "logsf"), ("pdf", "logpdf")):
        np.testing.assert_allclose(
            getattr(distribution, plain)(x), np.exp(getattr(distribution, logarithm)(x)), rtol=1e-12, atol=1e-307
        )


@EVERY_FAMILY
@given(shape=any_shape, loc=locs, scale=scales)
def test_distribution_functions_are_monotone(family: type[Family], shape: float, loc: float, scale: float) -> None:
    distribution = make(family, loc, scale, shape)
    x = loc + scale * np.linspace(-40, 40, 401)
    p = np.concatenate([np.geomspace(1e-300, 1e-3, 50), np.linspace(0.01, 0.999, 50)])
    for rising in (distribution.cdf(x), -distribution.sf(x), distribution.ppf(p), -distribution.isf(p)):
        assert (rising[1:] >= rising[:-1]).all()


@ONE_POPULATION
@given(shape=any_shape, exponent=st.integers(-40, 40), shift=st.integers(-4, 4))
def test_location_and_scale_only_move_and_stretch(
    family: type[Family], shape: float, exponent: int, shift: int
) -> None:
    scale = 2.0**exponent  # powers of two, so that the comparison is exact
    standard, moved = make(family, 0.0, 1.0, shape), make(family, shift * scale, scale, shape)
    z, p = np.linspace(-8, 8, 33), np.array([1e-300, 1e-9, 0.02, 0.5, 0.97])
    for name in ("cdf", "sf", "logcdf", "logsf"):
        np.testing.assert_array_equal(getattr(moved, name)((z + shift) * scale), getattr(standard, name)(z))
    np.testing.assert_allclose(moved.pdf((z + shift) * scale) * scale, standard.pdf(z), rtol=1e-12, atol=1e-307)
    for name in ("ppf", "isf"):
        np.testing.assert_array_equal(getattr(moved, name)(p), shift * scale + scale * getattr(standard, name)(p))


@pytest.mark.parametrize(("minima", "maxima"), [(GumbelMin, Gumbel), (GEVMin, GEV)])
@given(shape=any_shape, loc=locs, scale=scales, z=st.floats(-50, 50), p=st.floats(1e-300, 1 - 1e-16))
def test_families_of_minima_are_mirror_images(
    minima: type[Family], maxima: type[Family], shape: float, loc: float, scale: float, z: float, p: float
) -> None:
    mirrored, original = make(minima, -loc, scale, shape), make(maxima, loc, scale, shape)
    x = loc + scale * z
    for ours, theirs in (("pdf", "pdf"), ("logpdf", "logpdf"), ("cdf", "sf"), ("logcdf", "logsf"), ("sf", "cdf")):
        np.testing.assert_array_equal(getattr(mirrored, ours)(-x), getattr(original, theirs)(x))
    np.testing.assert_array_equal(mirrored.ppf(p), -original.isf(p))
    np.testing.assert_array_equal(mirrored.isf(p), -original.ppf(p))
    for moment, sign in (("mean", -1), ("var", 1), ("std", 1), ("skew", -1), ("entropy", 1)):
        np.testing.assert_array_equal(getattr(mirrored, moment)(), sign * getattr(original, moment)())
    np.testing.assert_array_equal(mirrored.support(), [-end for end in original.support()[::-1]])
    np.testing.assert_array_equal(mirrored.exceedance_level(p), -original.exceedance_level(p))
    np.testing.assert_array_equal(mirrored.exceedance(-x), original.exceedance(x))


@EVERY_FAMILY
@given(
    shape=st.floats(-0.9, 0.9),
    loc=locs,
    scale=scales,
    seed=st.integers(0, 2**32),
    size=st.sampled_from([3, (2, 4), ()]),
)
def test_draws_are_a_transform_of_the_shared_noise(
    family: type[Family], shape: float, loc: float, scale: float, seed: int, size: Any
) -> None:
    distribution = make(family, loc, scale, shape)
    draws = distribution.rvs(size, rng=seed)
    np.testing.assert_array_equal(draws, distribution.from_gumbel(noise.gumbel(size, rng=seed)))
    np.testing.assert_array_equal(draws, distribution.rvs(size, rng=np.random.default_rng(seed)))


@EVERY_FAMILY
@given(shape=any_shape, loc=locs, scale=scales)
def test_from_gumbel_increases_and_has_the_right_distribution_function(
    family: type[Family], shape: float, loc: float, scale: float
) -> None:
    distribution = make(family, loc, scale, shape)
    g = np.linspace(-3.5, 36.0, 60)
    x = distribution.from_gumbel(g)
    assert (np.diff(x) >= 0).all()
    p = np.exp(-np.exp(-g[:20]))
    np.testing.assert_allclose(distribution.ppf(p), x[:20], rtol=1e-9, atol=1e-9 * scale * np.exp(abs(shape) * 10))


@EVERY_FAMILY
@pytest.mark.parametrize("shape", [-0.4, -1e-9, 0.0, 0.3])
def test_draws_follow_the_distribution(family: type[Family], shape: float) -> None:
    distribution = make(family, 20.0, 3.0, shape)
    draws = distribution.rvs(20_000, rng=20240229)
    assert scipy.stats.kstest(draws, distribution.cdf).pvalue > 1e-3
    assert draws.mean() == pytest.approx(float(distribution.mean()), abs=6 * draws.std() / np.sqrt(draws.size))


@ONE_POPULATION
@pytest.mark.parametrize("shape", [-1.2, -0.3, -1e-12, 0.0, 1e-12, 0.2, 0.45])
def test_moments_and_entropy_are_those_of_the_density(family: type[Family], shape: float) -> None:
    distribution = make(family, 20.0, 3.0, shape)
    quantiles = exact_quantiles(float(getattr(distribution, "shape", 0.0)))
    sign = -1 if family.minima else 1
    mean, entropy = sign * quantiles["mean"] * 3.0 + 20.0, quantiles["entropy"] + np.log(3.0)
    assert float(distribution.mean()) == pytest.approx(mean, rel=1e-9)
    assert float(distribution.var()) == pytest.approx(9.0 * quantiles["var"], rel=1e-7)
    assert float(distribution.std()) == pytest.approx(3.0 * np.sqrt(quantiles["var"]), rel=1e-7)
    assert float(distribution.entropy()) == pytest.approx(entropy, rel=1e-12)


def exact_quantiles(shape: float) -> dict[str, float]:
    """Moments and entropy of the standard GEV as integrals over the standard exponential E = exp(-g)."""
    xi = mpf(shape)

    def value(e: mpf) -> mpf:
        return -mp.log(e) if xi == 0 else mp.expm1(-xi * mp.log(e)) / xi

    def average(f: Any) -> mpf:
        return mp.quad(lambda t: f(mp.exp(t)) * mp.exp(t - mp.exp(t)), [-400, -40, -10, 0, 2, 6])

    mean = average(value)
    entropy = average(lambda e: e - (1 + xi) * mp.log(e))
    variance = average(lambda e: (value(e) - mean) ** 2)
    return {"mean": float(mean), "var": float(variance), "entropy": float(entropy)}


@ONE_POPULATION
@pytest.mark.parametrize("shape", [-1.0, -0.3, -1e-10, 0.0, 1e-10, 0.2, 0.8])
@pytest.mark.parametrize("p", [1e-6, 0.3, 0.95, 0.999999])
def test_mean_beyond_is_the_average_of_the_quantiles_beyond(family: type[Family], shape: float, p: float) -> None:
    distribution = make(family, 5.0, 2.0, shape)
    xi = mpf(float(getattr(distribution, "shape", 0.0)))
    with mp.workdps(30):
        tail = -mp.log(mpf(p))
        stretch = mp.exp(-tail)

        def integrand(t: mpf) -> mpf:  # quantile at E = exp(t), density of E
            quantile = -t if xi == 0 else mp.expm1(-xi * t) / xi
            return quantile * mp.exp(t - mp.exp(t))

        log_tail = mp.log(tail)
        standard = mp.quad(integrand, [log_tail - d for d in (600, 200, 60, 20, 5, 1, 0)]) / (1 - stretch)
    sign = -1 if family.minima else 1
    assert float(distribution.mean_beyond(p)) == pytest.approx(5.0 + sign * 2.0 * float(standard), rel=1e-10)


def test_mean_beyond_does_not_exist_from_shape_one() -> None:
    assert np.isnan(GEV(0.0, 1.0, [1.0, 1.5, 2.0]).mean_beyond(0.9)).all()
    assert np.isnan(GEVMin(0.0, 1.0, 1.0).mean_beyond(0.9))


@EVERY_FAMILY
@given(shape=st.floats(-1, 1), k=st.floats(0.01, 500.0))
def test_the_extreme_of_k_blocks_is_of_the_same_family(family: type[Family], shape: float, k: float) -> None:
    distribution = make(family, 3.0, 2.0, shape)
    x = distribution.ppf(np.array([0.05, 0.3, 0.7, 0.95]))
    both = distribution.power(k)
    assert type(both) is family
    np.testing.assert_allclose(
        both.log_non_exceedance(x), k * distribution.log_non_exceedance(x), rtol=1e-9 * max(1.0, k), atol=1e-12
    )


@given(any_shape, locs, scales)
def test_scipy_and_back(shape: float, loc: float, scale: float) -> None:
    for original in (GEV(loc, scale, shape), Gumbel(loc, scale), GumbelMin(loc, scale)):
        assert type(original).from_scipy(original.to_scipy()) == original


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (GEV(10.0, 2.0, 0.2), scipy.stats.genextreme(-0.2, loc=10.0, scale=2.0)),
        (GEV(10.0, 2.0, -0.4), scipy.stats.genextreme(0.4, 10.0, 2.0)),
        (Gumbel(10.0, 2.0), scipy.stats.gumbel_r(10.0, 2.0)),
        (GumbelMin(10.0, 2.0), scipy.stats.gumbel_l(10.0, 2.0)),
    ],
)
def test_scipy_says_the_same(ours: Family, theirs: Any) -> None:
    x = np.linspace(4.0, 15.0, 45)
    assert type(ours).from_scipy(theirs) == ours
    for name in ("pdf", "cdf", "sf", "logpdf", "logcdf", "logsf"):
        np.testing.assert_allclose(getattr(ours, name)(x), getattr(theirs, name)(x), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(ours.ppf([0.01, 0.5, 0.99]), theirs.ppf([0.01, 0.5, 0.99]), rtol=1e-12)
    np.testing.assert_allclose(ours.mean(), theirs.mean(), rtol=1e-12)
    np.testing.assert_allclose(ours.var(), theirs.var(), rtol=1e-12)
    np.testing.assert_allclose(ours.skew(), float(theirs.stats("s")), rtol=1e-8)
    np.testing.assert_allclose(ours.entropy(), theirs.entropy(), rtol=1e-8)
    np.testing.assert_allclose(ours.support(), theirs.support(), rtol=1e-12)


def test_from_scipy_takes_only_its_own_family() -> None:
    with pytest.raises(ArgumentError, match=r"genextreme.*norm"):
        GEV.from_scipy(scipy.stats.norm(1, 2))


@EVERY_FAMILY
def test_the_ends_of_the_probability_scale(family: type[Family]) -> None:
    for shape in (-0.5, 0.0, 0.5):
        distribution = make(family, 4.0, 2.0, shape)
        lower, upper = distribution.support()
        np.testing.assert_array_equal(distribution.ppf([0.0, 1.0]), [lower, upper])
        np.testing.assert_array_equal(distribution.isf([0.0, 1.0]), [upper, lower])
        np.testing.assert_array_equal(distribution.cdf([-np.inf, np.inf]), [0.0, 1.0])
        np.testing.assert_array_equal(distribution.sf([-np.inf, np.inf]), [1.0, 0.0])
        np.testing.assert_array_equal(distribution.logpdf([-np.inf, np.inf]), [-np.inf, -np.inf])
        np.testing.assert_array_equal(distribution.pdf([-1e300, 1e300]), [0.0, 0.0])
        assert np.isnan(distribution.ppf([-0.1, 1.1, np.nan])).all()
        assert np.isnan(distribution.isf([-0.1, 1.1, np.nan])).all()


@EVERY_FAMILY
def test_missing_values_stay_missing_in_every_function(family: type[Family]) -> None:
    for distribution in (make(family, 4.0, 2.0, -0.2), make(family, np.nan, np.nan, np.nan)):
        for name in ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf", "exceedance"):
            assert np.isnan(getattr(distribution, name)(np.nan)), name
    broken = make(family, np.nan, np.nan, np.nan)
    for name in ("ppf", "isf", "exceedance_level", "cdf", "logpdf", "logsf"):
        assert np.isnan(getattr(broken, name)(0.4)), name
    for name in ("mean", "var", "std", "skew", "entropy"):
        if family not in (Gumbel, GumbelMin) or name != "skew":
            assert np.isnan(getattr(broken, name)()), name


@EVERY_FAMILY
def test_parameters_are_a_frozen_batch(family: type[Family]) -> None:
    k = len(family.parameter_names)
    scalar = make(family, 4, 2, 0)
    assert scalar.batch_shape == ()
    assert isinstance(scalar.loc, np.float64)
    assert isinstance(scalar.cdf(5.0), np.float64)
    batch = family.from_parameters(np.full((2, 3, k), 0.25))
    assert batch.batch_shape == (2, 3)
    assert batch.parameters.shape == (2, 3, k)
    assert batch[..., None].cdf(np.zeros(5)).shape == (2, 3, 5)
    assert batch[1].batch_shape == (3,)
    assert batch.rvs(7, rng=0).shape == (2, 3, 7)
    assert batch.rvs(rng=0).shape == (2, 3)
    assert batch == family.from_parameters(np.full((2, 3, k), 0.25))
    assert batch != batch[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        scalar.loc = np.float64(1.0)  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        batch.loc[0, 0] = 1.0
    given_loc = np.array([1.0, 2.0])
    kept = family(*([given_loc, 1.0, 0.0, 1.0][:k]))
    given_loc[0] = 99.0
    np.testing.assert_array_equal(kept.loc, [1.0, 2.0])


@EVERY_FAMILY
def test_parameters_that_cannot_be_meant_are_refused_in_words(family: type[Family]) -> None:
    with pytest.raises(ArgumentError, match=r"scale is -1\.0; it must be positive"):
        make(family, 0.0, -1.0, 0.1)
    with pytest.raises(ArgumentError, match=r"scale is 0\.0; it must be positive"):
        make(family, 0.0, 0.0, 0.1)
    with pytest.raises(ArgumentError, match="finite"):
        make(family, np.inf, 1.0, 0.1)


def test_lists_integers_and_mixed_shapes_broadcast() -> None:
    table = GEV([[0.0], [10.0]], 2, [-0.1, 0.0, 0.1])
    assert table.batch_shape == (2, 3)
    for i, loc in enumerate((0.0, 10.0)):
        for j, shape in enumerate((-0.1, 0.0, 0.1)):
            alone = GEV(loc, 2.0, shape)
            for name in ("cdf", "logpdf", "logsf"):
                assert getattr(table, name)(11)[i, j] == getattr(alone, name)(11)
            assert table.mean()[i, j] == pytest.approx(float(alone.mean()), rel=1e-14)
            assert table[i, j] == alone
