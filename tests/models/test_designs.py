"""Designs: their points, what is drawn, the residuals, and the estimates, intervals and tests that ask them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
import scipy.integrate
import scipy.special
import scipy.stats
from numpy.typing import NDArray

import evstats as ev
from evstats import goodness, newton, noise
from evstats.distributions import Family
from evstats.distributions.minima import Mirrored
from evstats.errors import ArgumentError, DataError
from evstats.estimators import Estimation, LMoments, MaximumLikelihood
from evstats.extremes.resolution import Lattice, Resolution
from evstats.intervals import INTERVALS, Delta, Interval, chosen
from evstats.models import BlockMaxima, Design, Exceedances, Largest, Model, Points, filled, likelihood_of

Array = NDArray[np.float64]
TRUTH = ev.GEV(10.0, 2.0, 0.1)
#: Each with data of which to draw more: 25 blocks, the 4 largest of 15, what is above 14 in 20 years (2.4 a year).
LIKE: dict[str, tuple[Design, Array]] = {
    "block maxima": (BlockMaxima(), np.zeros(25)),
    "the largest": (Largest(4), np.zeros((15, 4))),
    "exceedances": (Exceedances(9.0, 20.0), np.zeros(40)),
}
EVERY_DESIGN = pytest.mark.parametrize(("design", "like"), LIKE.values(), ids=LIKE)
LEVEL = ev.ReturnLevel(np.array([100.0]))


def draw(design: Design, like: Array, samples: int, seed: int, truth: Family = TRUTH) -> Array:
    g = noise.gumbel((samples, *design.noise_shape(truth, like)), rng=seed)
    return design.drawn(truth, g)


def kolmogorov(uniform: Array) -> float:
    """P-value of the hypothesis that the values there are, are uniform."""
    return float(scipy.stats.kstest(np.ravel(uniform[~np.isnan(uniform)]), "uniform").pvalue)


def uniform(residuals: Array) -> Array:
    return np.exp(-np.exp(-residuals))


# ---------------------------------------------------------------- points


def test_points_of_the_largest_with_blocks_cut_short() -> None:
    x = np.array([[9.0, 7.0, 6.0], [8.0, 5.0, np.nan], [np.nan] * 3])
    points = Largest(3).points(x)
    np.testing.assert_array_equal(points.events, [1, 1, 1, 1, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(points.exposure, [0, 0, 1, 0, 1, 0, 0, 0, 0])
    frozen = scipy.stats.genextreme(0.2, 5.0, 2.0)
    ratio = frozen.logpdf(x) - frozen.logcdf(x)
    independent = np.nansum(ratio) + frozen.logcdf(6.0) + frozen.logcdf(5.0)
    found = points_loglik(Largest(3), x, ev.GEV(5.0, 2.0, -0.2))
    np.testing.assert_allclose(found, independent, rtol=1e-12)


def test_points_of_exceedances_are_those_of_a_poisson_number_of_generalised_pareto_values() -> None:
    x, threshold, years = np.array([12.0, 9.5, 20.1, np.nan, 11.0]), 9.0, 3.0
    loc, scale, shape = 10.0, 2.0, 0.1
    expected = years * (1.0 + shape * (threshold - loc) / scale) ** (-1.0 / shape)
    excess = scipy.stats.genpareto(shape, threshold, scale + shape * (threshold - loc))
    count = np.count_nonzero(~np.isnan(x))
    density_of_number = scipy.stats.poisson(expected).logpmf(count)
    # the points are an ordered set in time, a Poisson number is not: log n! - n log(years)
    independent = np.nansum(excess.logpdf(x)) + density_of_number + math.lgamma(count + 1) - count * np.log(years)
    found = points_loglik(Exceedances(threshold, years), x, TRUTH)
    np.testing.assert_allclose(found, independent, rtol=1e-12)


def points_loglik(design: Design, x: Array, truth: Family) -> float:
    """By the likelihood that is maximised, which the estimation's own must be."""
    model, points = Model.constant(type(truth)), design.points(x[None])
    beta = np.array([[truth.loc], [np.log(truth.scale)], [truth.shape]])
    value = float(likelihood_of(model, points)(np.arange(1), beta).value[0])
    estimate = replace(MaximumLikelihood().estimate(type(truth), x, design), parameters=truth.parameters)
    own = Estimation(type(truth), MaximumLikelihood(), x, estimate, design).loglik()
    np.testing.assert_allclose(own, value, rtol=1e-12)
    return value


def test_block_maxima_are_points_as_ever() -> None:
    x = np.array([[3.0, np.nan, 4.0]])
    for one, other in zip(BlockMaxima().points(x).columns, Points.of_maxima(x).columns, strict=True):
        np.testing.assert_array_equal(one, other)


def test_data_that_cannot_be_of_a_design() -> None:
    for wrong in ([[1.0, 2.0]], [[np.nan, 2.0]]):
        with pytest.raises(DataError, match=r"block 1 of series .0,. do not fall .* largest value first"):
            Largest(2).points(np.array([[[3.0, 1.0], *wrong]]))
    with pytest.raises(DataError, match=r"expected \(\.\.\., blocks, 3\) for the 3 largest"):
        Largest(3).points(np.zeros((4, 2)))
    with pytest.raises(DataError, match="value 5 at position 1 is not beyond the threshold of 5"):
        Exceedances(5.0, 1.0).points(np.array([6.0, 5.0]))
    for wrong_r in (0, 2.0, True):
        with pytest.raises(ArgumentError, match="whole number of at least 1"):
            Largest(wrong_r)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="positive number of years"):
        Exceedances(5.0, 0.0)
    with pytest.raises(ArgumentError, match="finite number in the unit"):
        Exceedances(np.inf, 1.0)


# ---------------------------------------------------------------- what is drawn


@EVERY_DESIGN
def test_the_same_noise_gives_the_same_data_and_residuals_give_them_back(design: Design, like: Array) -> None:
    g = noise.gumbel((50, *design.noise_shape(TRUTH, like)), rng=1)
    x = design.drawn(TRUTH, g)
    np.testing.assert_array_equal(x, design.drawn(TRUTH, g.copy()))
    residuals = design.residuals(TRUTH, x)
    assert residuals.shape == x.shape
    np.testing.assert_array_equal(np.isnan(residuals), np.isnan(x))
    g_again = residuals
    if isinstance(design, Exceedances):
        filled = np.full(g[:, 1].shape, 0.0)  # those left over do not matter
        filled[:, : x.shape[-1]] = np.nan_to_num(residuals)
        g_again = np.stack([g[:, 0], filled], axis=1)
    np.testing.assert_allclose(design.drawn(TRUTH, g_again), x, rtol=1e-9)


@EVERY_DESIGN
def test_minima_are_the_mirror_image(design: Design, like: Array) -> None:
    low = ev.GEVMin.from_parameters(Mirrored.reflect_parameters(TRUTH.parameters))
    g = noise.gumbel((20, *design.noise_shape(TRUTH, like)), rng=2)
    of_minima = design.mirrored()
    assert of_minima.mirrored() == design
    assert of_minima.noise_shape(low, like) == design.noise_shape(TRUTH, like)
    x = design.drawn(TRUTH, g)
    np.testing.assert_array_equal(of_minima.drawn(low, g), -x)
    np.testing.assert_array_equal(of_minima.residuals(low, -x), design.residuals(TRUTH, x))
    above, below = (
        Estimation.of(f, MaximumLikelihood(), v, d) for f, v, d in ((ev.GEV, x, design), (ev.GEVMin, -x, of_minima))
    )
    sign = np.array([-1.0, 1.0, 1.0])
    np.testing.assert_array_equal(below.estimate.parameters, above.estimate.parameters * sign)
    np.testing.assert_allclose(below.covariance(), above.covariance() * np.outer(sign, sign), rtol=1e-9)
    np.testing.assert_allclose(below.loglik(), above.loglik(), rtol=1e-12)


def test_block_maxima_are_the_transform_of_noise_bit_for_bit() -> None:
    g = noise.gumbel((3, 20), rng=3)
    np.testing.assert_array_equal(BlockMaxima().drawn(TRUTH, g), TRUTH.from_gumbel(g))
    np.testing.assert_array_equal(BlockMaxima().drawn(TRUTH, noise.gumbel(20, rng=4)), TRUTH.rvs(20, rng=4))
    np.testing.assert_array_equal(Largest(1).drawn(TRUTH, g[..., None])[..., 0], TRUTH.from_gumbel(g))


def test_drawn_block_maxima_are_written_down_in_the_steps_of_the_record() -> None:
    steps = Resolution((Lattice(1.0, 0.25, count=12), Lattice(0.0, count=8)), 1.0)
    g = noise.gumbel((30, 20), rng=5)
    plain, written = BlockMaxima().drawn(TRUTH, g), BlockMaxima(steps).drawn(TRUTH, g)
    np.testing.assert_array_equal(written[:, 12:], plain[:, 12:])
    np.testing.assert_allclose(np.mod(written[:, :12], 1.0), 0.25)
    assert 0.4 < np.abs(written - plain).max() <= 0.5
    low = ev.GEVMin.from_parameters(Mirrored.reflect_parameters(TRUTH.parameters))
    np.testing.assert_array_equal(BlockMaxima(steps).mirrored().drawn(low, g), -written)


@pytest.mark.parametrize("j", [1, 2, 4])
def test_the_jth_largest_has_its_distribution(j: int) -> None:
    x = draw(Largest(4), np.zeros((15, 4)), 400, seed=6)[..., j - 1]
    # at most j - 1 values of the block lie above: a Poisson probability
    assert kolmogorov(np.asarray(scipy.stats.poisson.cdf(j - 1, np.exp(-TRUTH.reduced(x))))) > 0.01


def test_the_number_of_exceedances_is_poisson_and_their_sizes_are_generalised_pareto() -> None:
    design = Exceedances(9.0, 2.0)
    x = draw(design, np.zeros(1), 20_000, seed=7)
    number = np.count_nonzero(~np.isnan(x), axis=-1)
    expected = 2.0 * (1.0 + 0.1 * (9.0 - 10.0) / 2.0) ** (-1.0 / 0.1)
    observed, wanted = np.bincount(np.minimum(number, 9), minlength=10), scipy.stats.poisson(expected)
    chances = np.append(wanted.pmf(np.arange(9)), wanted.sf(8))
    assert scipy.stats.chisquare(observed, chances * number.size).pvalue > 0.01
    assert kolmogorov(scipy.stats.genpareto(0.1, 9.0, 2.0 + 0.1 * (9.0 - 10.0)).cdf(x)) > 0.01


def test_thresholds_at_the_ends_of_the_support() -> None:
    bounded = ev.GEV(10.0, 2.0, -0.2)  # up to 20
    above = Exceedances(21.0, 50.0)
    assert np.isnan(draw(above, np.zeros(1), 10, seed=8, truth=bounded)).all()
    heavy, below = ev.GEV(10.0, 2.0, 0.2), Exceedances(-1.0, 50.0)  # from 0
    with pytest.raises(ArgumentError, match=r"lies below all values of a distribution.*raise the threshold"):
        draw(below, np.zeros(1), 10, seed=8, truth=heavy)
    with pytest.raises(ArgumentError, match=r"room for 5 values and more are to be drawn; .*noise_shape\(\)"):
        Exceedances(9.0, 20.0).drawn(TRUTH, noise.gumbel((2, 5), rng=8))


@pytest.mark.parametrize("values", [np.array([25.0, 5.0]), np.array([25.0, 24.0])])
def test_residuals_beyond_the_support_are_infinite(values: Array) -> None:
    bounded = ev.GEV(10.0, 2.0, -0.2)
    assert Largest(2).residuals(bounded, values[None])[0, 0] == np.inf
    assert not np.isnan(Largest(2).residuals(bounded, values[None])).any()
    heavy = ev.GEV(10.0, 2.0, 0.2)
    np.testing.assert_array_equal(Largest(2).residuals(heavy, np.array([[-1.0, -2.0]])), -np.inf)


# ---------------------------------------------------------------- residuals


@EVERY_DESIGN
def test_residuals_of_drawn_data_are_independent_and_standard(design: Design, like: Array) -> None:
    u = uniform(design.residuals(TRUTH, draw(design, like, 400, seed=9)))
    assert kolmogorov(u) > 0.01
    flat = u.reshape(len(u), -1)
    one, next_one = flat[:, :-1].ravel(), flat[:, 1:].ravel()
    there = ~np.isnan(one + next_one)
    assert scipy.stats.pearsonr(one[there], next_one[there]).pvalue > 0.01
    wrong = uniform(design.residuals(ev.GEV(10.0, 2.0, -0.1), draw(design, like, 400, seed=9)))
    assert kolmogorov(wrong) < 1e-4


@pytest.mark.parametrize("name", ["block maxima", "the largest"])
def test_a_linear_location_is_a_distribution_for_each_block(name: str) -> None:
    design, like = LIKE[name]
    blocks = like.shape[0]
    trend = ev.GEV(10.0 + 0.2 * np.arange(blocks), 2.0, 0.1)
    g = noise.gumbel((400, *like.shape), rng=10)
    x = design.drawn(trend, g)
    for place in (0, blocks - 1):
        np.testing.assert_array_equal(x[:, place], design.drawn(trend[[place]], g[:, [place]])[:, 0])
    assert kolmogorov(uniform(design.residuals(trend, x))) > 0.01
    assert kolmogorov(uniform(design.residuals(trend[[0]], x))) < 1e-4
    low = ev.GEVMin(-trend.loc, 2.0, 0.1)
    np.testing.assert_array_equal(design.drawn(low, g), -x)


# ---------------------------------------------------------------- estimates


@EVERY_DESIGN
def test_the_likelihood_of_drawn_data_gives_the_model_back(design: Design, like: Array) -> None:
    # enough in each sample that the likelihood's own bias is far below three Monte Carlo errors of the 400
    if isinstance(design, Exceedances):
        design = Exceedances(9.0, 250.0)
    else:
        like = np.zeros((400, *like.shape[1:]))
    x = draw(design, like, 400, seed=11)
    found = Estimation.of(ev.GEV, MaximumLikelihood(), x, design)
    assert found.estimate.converged.all()
    parameters = found.estimate.parameters
    error = parameters.std(axis=0) / math.sqrt(len(parameters))
    assert np.all(np.abs(parameters.mean(axis=0) - TRUTH.parameters) < 3.0 * error)
    spread = np.sqrt(np.diagonal(found.covariance(), axis1=-2, axis2=-1).mean(axis=0))
    np.testing.assert_allclose(spread, parameters.std(axis=0), rtol=0.12)


@pytest.mark.parametrize("family", [ev.Gumbel, ev.GEV])
def test_of_one_value_a_block_the_general_way_is_the_special_one(family: type[Family]) -> None:
    x = ev.GEV(10.0, 2.0, 0.05).rvs((20, 60), rng=12)
    x[3, :9] = np.nan
    special = Estimation.of(family, MaximumLikelihood(), x)
    general = Estimation.of(family, MaximumLikelihood(), x[..., None], Largest(1))
    np.testing.assert_allclose(general.estimate.parameters, special.estimate.parameters, rtol=1e-6)
    np.testing.assert_allclose(general.covariance(), special.covariance(), rtol=1e-4)
    np.testing.assert_allclose(general.loglik(), special.loglik(), rtol=1e-10)
    np.testing.assert_array_equal(general.counts, special.counts)
    np.testing.assert_allclose(general.residuals()[..., 0], special.residuals(), atol=1e-4)
    assert general.batch_shape == special.batch_shape == (20,)


@EVERY_DESIGN
def test_a_batch_is_its_lanes(design: Design, like: Array) -> None:
    x = draw(design, like, 4, seed=13)
    x[1] = np.nan
    x[2, -3:] = np.nan
    whole = Estimation.of(ev.GEV, MaximumLikelihood(), x, design)
    np.testing.assert_array_equal(whole.estimate.converged, [True, False, True, True])
    lower, upper = ev.Bootstrap(200)(whole, LEVEL, 0.9)
    for lane in (0, 2):
        one = whole.lane(lane)
        assert one.batch_shape == ()
        assert one.counts == whole.counts[lane]
        again = Estimation.of(ev.GEV, MaximumLikelihood(), x[lane], design)
        np.testing.assert_allclose(one.estimate.parameters, again.estimate.parameters, rtol=1e-12)
        np.testing.assert_allclose(one.loglik(), whole.loglik()[lane], rtol=1e-12)
        ends = ev.Bootstrap(200)(one, LEVEL, 0.9)
        np.testing.assert_allclose(np.ravel(ends), [lower[lane, 0], upper[lane, 0]], rtol=1e-8)
    assert np.isnan(lower[1]).all()


def test_what_is_missing_is_missing_in_what_is_drawn() -> None:
    x = draw(Largest(3), np.zeros((20, 3)), 2, seed=14)
    x[0, 4, 1:] = np.nan
    x[1, 7] = np.nan
    found = Estimation.of(ev.GEV, MaximumLikelihood(), x, Largest(3))
    new = found.drawn(noise.gumbel((5, 2, 20, 3), rng=15))
    np.testing.assert_array_equal(np.isnan(new), np.broadcast_to(np.isnan(x), new.shape))


def test_a_linear_location_is_found_in_what_it_draws() -> None:
    z = np.linspace(-1.0, 1.0, 200)
    truth = np.array([10.0, 1.5, np.log(2.0), 0.1])
    trend = ev.GEV(truth[0] + truth[1] * z, 2.0, 0.1)
    for design, shape in ((BlockMaxima(), (400, 200)), (Largest(3), (400, 200, 3))):
        x = design.drawn(trend, noise.gumbel(shape, rng=22))
        rows = np.repeat(np.column_stack([np.ones(200), z]), x[0].size // 200, axis=0)
        model = Model.constant(ev.GEV).with_design("loc", rows)
        start = np.repeat([[10.0], [0.0], [np.log(2.0)], [0.05]], 400, axis=1)
        found = newton.maximize(likelihood_of(model, design.points(x)), start, max_step=np.array([1.0, 1.0, 0.7, 0.4]))
        assert found.converged.mean() > 0.99
        beta = found.parameters[:2, found.converged]
        error = beta.std(axis=1) / math.sqrt(beta.shape[1])
        assert np.all(np.abs(beta.mean(axis=1) - truth[:2]) < 3.0 * error)


# ---------------------------------------------------------------- intervals and tests


@EVERY_DESIGN
@pytest.mark.parametrize("interval", [Delta(), ev.Bootstrap(200)], ids=["delta", "bootstrap"])
def test_intervals_of_any_design_hold_the_truth(design: Design, like: Array, interval: Interval) -> None:
    if isinstance(design, BlockMaxima):
        like = np.zeros(60)
    samples = 40
    x = draw(design, like, samples, seed=16)
    estimation = Estimation.of(ev.GEV, MaximumLikelihood(), x, design)
    question = ev.ReturnLevel(np.array([5.0]))
    lower, upper = interval(estimation, question, 0.9)
    held = np.mean((lower <= question(TRUTH)) & (question(TRUTH) <= upper))
    assert held > 0.9 - 3.0 * math.sqrt(0.09 / samples)
    assert np.nanmean(upper - lower) < 4.0


def test_the_largest_are_resampled_block_by_block() -> None:
    x = draw(Largest(3), np.zeros((40, 3)), 1, seed=17)[0]
    found = Estimation.of(ev.GEV, MaximumLikelihood(), x, Largest(3))
    lower, upper = ev.Bootstrap(300, kind="nonparametric", rng=18)(found, LEVEL, 0.9)
    places = noise.generator(18).integers(40, size=(300, 40))
    levels = LEVEL(found.again(x[places]).distribution)
    np.testing.assert_allclose([lower[0], upper[0]], np.nanquantile(levels, [0.05, 0.95]), rtol=0.02)


def test_resampled_exceedances_would_keep_their_number() -> None:
    x = draw(Exceedances(9.0, 20.0), np.zeros(1), 1, seed=19)[0]
    found = Estimation.of(ev.GEV, MaximumLikelihood(), x, Exceedances(9.0, 20.0))
    with pytest.raises(ArgumentError, match=r"is itself random.*use Bootstrap\(\.\.\., kind='parametric'\)"):
        ev.Bootstrap(200, kind="nonparametric")(found, LEVEL, 0.9)
    assert np.isfinite(ev.Bootstrap(200, kind="parametric")(found, LEVEL, 0.9)).all()


@pytest.mark.parametrize("name", ["the largest", "exceedances"])
def test_tests_of_fit_of_residuals(name: str) -> None:
    design, like = LIKE[name]
    if isinstance(design, Largest):
        like = np.zeros((80, 4))
    else:
        design = Exceedances(9.0, 60.0)
    heavy = ev.GEV(10.0, 2.0, 0.5)
    x = draw(design, like, 1, seed=20)
    found = Estimation.of(ev.GEV, MaximumLikelihood(), x, design)
    statistics, true = goodness.goodness_of_fit(found)
    assert statistics.shape == true.shape == (1, len(goodness.TESTS))
    assert true.min() > 0.05
    assert goodness.replicates(found) == 999
    wrong = Estimation.of(ev.Gumbel, MaximumLikelihood(), draw(design, like, 1, seed=20, truth=heavy)[0], design)
    assert goodness.goodness_of_fit(wrong)[1][0] < 0.05  # Anderson and Darling's sees the tails


def test_what_is_for_block_maxima_alone_says_so() -> None:
    x = draw(Largest(3), np.zeros((40, 3)), 1, seed=21)[0]
    found = Estimation.of(ev.GEV, MaximumLikelihood(), x, Largest(3))
    with pytest.raises(ArgumentError, match="the credible interval needs the posterior"):
        INTERVALS["credible"]()(found, LEVEL, 0.95)
    for name in ("exact", "calibrated", "bartlett"):
        message = f"the {name} interval is for block maxima, not for the 3 largest values of each block"
        with pytest.raises(ArgumentError, match=message):
            INTERVALS[name]()(found, LEVEL, 0.95)
    with pytest.raises(ArgumentError, match="there are"):
        chosen("exact", found)
    assert chosen(None, found).name == "rstar"
    assert 0.0 < goodness.zero_shape_tests(found).lr_p_value <= 1.0
    with pytest.raises(ArgumentError, match=r"is for block maxima, not for the 3 largest .*\(method='mle'\)"):
        LMoments().estimate(ev.GEV, x, Largest(3))
    with pytest.raises(ArgumentError, match=r"TCEV is for block maxima.*fit family='gev' or family='gumbel'"):
        MaximumLikelihood().estimate(ev.TwoComponentGumbel, x, Largest(3))


# ---------------------------------------------------------------- one of an outsider's


@dataclass(frozen=True)
class Highest(Design):
    """The highest value of every so many years, (..., blocks)."""

    years: int

    label = "the highest values of many years"

    def points(self, data: Array) -> Points:
        there = (~np.isnan(data)).astype(float)
        return Points.of(filled(data, there), there, self.years * there)

    def from_noise(self, distribution: Family, noise: Array) -> Array:
        return distribution.from_gumbel(noise + np.log(self.years))

    def to_noise(self, distribution: Family, data: Array) -> Array:
        return distribution.reduced(data) - np.log(self.years)


def test_a_kind_of_data_of_an_outsiders() -> None:
    design, level = Highest(10), ev.ReturnLevel([100.0])
    x = design.drawn(ev.GEV(100.0, 20.0, 0.1), noise.gumbel(40, rng=1))
    found = Estimation.of(ev.GEV, MaximumLikelihood(), x, design)
    lower, upper = ev.Bootstrap(500)(found, level, 0.95)
    assert lower < level(ev.GEV(100.0, 20.0, 0.1)) < upper
    assert goodness.goodness_of_fit(found)[1].min() > 0.05
    # the same by the distribution of the maximum of ten years
    ten = ev.fit(x, "gev").distribution
    np.testing.assert_allclose(found.distribution.power(10).parameters, ten.parameters, rtol=1e-6)
    x[[3, 17]] = np.nan
    assert Estimation.of(ev.GEV, MaximumLikelihood(), x, design).counts == 38
