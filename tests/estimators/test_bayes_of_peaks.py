"""Posteriors of peaks over a threshold: exact draws against quadrature of the density itself, and against chains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special, stats

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import GEV, GPD, Exponential, ExponentialProcess, GPDProcess
from evstats.distributions.minima import GPDProcessMin
from evstats.errors import ArgumentError, DataError, Status
from evstats.estimators import (
    PRIORS,
    Bayes,
    Estimation,
    Fiducial,
    Flat,
    MaximumLikelihood,
    NormalShape,
    Posterior,
    Prior,
    gpd_posterior,
)
from evstats.estimators.excess_posterior import ExcessPosterior
from evstats.intervals import Credible, Delta
from evstats.models import Exceedances
from evstats.montecarlo import metropolis
from evstats.quantities.peaks import PeakLevel, PeakPeriod

EVENLY = (np.arange(1.0, 21.0) - 0.5) / 20.0
#: Excesses at the quantiles of a heavy and of a bounded tail, a sample that piles up at its end, and a small one.
HEAVY, BOUNDED = (np.asarray(GPD(0.0, 3.0, shape).ppf(EVENLY)) for shape in (0.25, -0.3))
STEEP = 1.0 - np.arange(1.0, 21.0)[::-1] ** -3.0 + 1e-3
FEW = np.array([1.0, 1.4, 2.0, 3.1, 6.0])
PEAKS = Exceedances(30.0, 12.0)


def uniforms(draws: int, seed: int = 1) -> Array:
    return np.exp(-noise.exponential((2, 1, draws), rng=seed))


def log_density(y: Array, prior: Prior, log_scale: Array, shape: Array) -> Array:
    """In log scale and shape, from the definitions: likelihood times prior, or times the Jacobian of the quantiles."""
    scale, xi = np.exp(log_scale)[..., None], shape[..., None]
    with np.errstate(invalid="ignore", divide="ignore"):
        e = np.log1p(xi * y / scale) / xi  # the noise behind the peaks
        value = -y.size * log_scale - (e + np.log1p(xi * y / scale)).sum(axis=-1)
        if prior.name == "mdi":
            value = value - shape
        elif prior.name == "jeffreys":
            value = value - np.log1p(shape) - 0.5 * np.log1p(2.0 * shape)
        elif prior.name == "beta":
            value = value + stats.beta(9.0, 6.0).logpdf(shape + 0.5)
        elif prior.name == "normal":
            value = value + stats.norm(0.0, 0.2).logpdf(shape)
        elif prior.name == "weak":
            value = value + stats.norm(np.log(y.mean()), 1.0).logpdf(log_scale) + stats.norm(0.0, 0.3).logpdf(shape)
        elif prior.name == "fiducial":
            step = 1e-5
            in_scale = np.expm1(xi * e) / xi
            in_shape = scale * (np.expm1((xi + step) * e) / (xi + step) - np.expm1((xi - step) * e) / (xi - step))
            in_shape = in_shape / (2.0 * step)
            squares = (in_scale**2).sum(-1) * (in_shape**2).sum(-1) - (in_scale * in_shape).sum(-1) ** 2
            value = value + 0.5 * np.log(squares) + log_scale
    return np.where(np.isnan(value) | (shape <= -1.0), -np.inf, value)


def by_quadrature(y: Array, prior: Prior) -> tuple[Array, Array, Array]:
    """Log scales, shapes and weights on a fine grid, the shapes closest at the lowest."""
    v = (np.arange(1201.0) + 0.5) / 1201.0
    lowest, span = prior.lowest_shape, 6.0
    shape = lowest + span * v * v
    log_scale = np.log(y.mean()) + np.linspace(-5.0, 4.0, 600)
    weight = np.empty((shape.size, log_scale.size))
    for start in range(0, shape.size, 100):
        part = slice(start, start + 100)
        weight[part] = log_density(y, prior, *np.broadcast_arrays(log_scale, shape[part, None]))
    weight = np.exp(weight - weight.max()) * v[:, None]
    return log_scale, shape, weight / weight.sum()


@pytest.mark.parametrize("prior", list(PRIORS))
@pytest.mark.parametrize("y", [HEAVY, BOUNDED, STEEP], ids=["heavy", "bounded", "steep"])
def test_draws_are_those_of_the_density_itself(y: Array, prior: str) -> None:
    draws = 20_000
    scale, shape = gpd_posterior(y[None], PRIORS[prior](), uniforms(draws))
    log_scales, shapes, weight = by_quadrature(y, PRIORS[prior]())
    for own, nodes, marginal in ((np.log(scale[0]), log_scales, weight.sum(0)), (shape[0], shapes, weight.sum(1))):
        below = np.cumsum(marginal) - 0.5 * marginal
        for p in (0.025, 0.25, 0.5, 0.75, 0.975):
            found = np.interp(np.quantile(own, p), nodes, below)
            assert abs(found - p) < 5.0 * np.sqrt(p * (1.0 - p) / draws) + 0.001
        mean = nodes @ marginal
        assert abs(own.mean() - mean) < 5.0 * own.std() / np.sqrt(draws) + 0.002 * own.std()


@pytest.mark.parametrize(("prior", "power"), [(Flat(), -1), (Fiducial(), 0)])
def test_the_posterior_is_a_density_of_t_and_independently_a_gamma_variable(prior: Prior, power: int) -> None:
    y, n = HEAVY, HEAVY.size
    scale, shape = gpd_posterior(y[None], prior, uniforms(20_000))
    t = (shape / scale)[0]
    k = np.log1p(t[:, None] * y).mean(axis=-1)
    w = n * k / shape[0]
    kept = k > 0.0  # no shape below -1
    assert stats.kstest(w[kept], stats.gamma(n + power).cdf).pvalue > 1e-3
    assert abs(stats.spearmanr(t[kept], w[kept]).statistic) < 4.0 / np.sqrt(kept.sum())

    def density(u: float) -> float:
        """Of log(1 + t y_max), from the likelihood's profile."""
        t = np.expm1(u) / y.max() or 1e-15
        w = t * y
        k = np.log1p(w).mean()
        h = y * y * np.where(np.abs(w) < 1e-4, 0.5 - w / 6.0, ((1.0 + w) * np.log1p(w) - w) / w**2)
        area = np.sqrt((y @ y) * (h @ h) - (y @ h) ** 2) if power == 0 else 1.0
        return float(
            area * (k / t) ** -(n + power) * np.exp(u - n * k) * special.gammaincc(n + power, n * max(-k, 0.0))
        )

    whole = integrate.quad(density, -12.0, 8.0, points=[0.0, 1.0], limit=200)[0]
    for p in (0.1, 0.5, 0.9):
        u = float(np.log1p(np.quantile(t, p) * y.max()))
        assert integrate.quad(density, -12.0, u, limit=200)[0] / whole == pytest.approx(p, abs=0.012)


@pytest.mark.parametrize("prior", ["fiducial", "mdi"])
def test_draws_agree_with_chains(prior: str) -> None:
    def target(theta: Array) -> Array:
        return log_density(BOUNDED, PRIORS[prior](), theta[..., 0], theta[..., 1])

    scale, shape = gpd_posterior(BOUNDED[None], PRIORS[prior](), uniforms(20_000))
    exact = np.stack([np.log(scale[0]), shape[0]], axis=-1)
    walked = metropolis(target, exact[:64], 1000, rng=2)
    for i in range(2):
        answer = walked.expectation(lambda theta: theta[:, i])  # noqa: B023
        own = exact[:, i]
        assert abs(own.mean() - answer.value) < 4.5 * np.hypot(answer.stderr, own.std() / np.sqrt(own.size))


def test_a_prior_of_ones_own_is_a_function_of_scale_and_shape_in_the_unit_of_the_data() -> None:
    def as_mdi(theta: Array) -> Array:
        return -theta[..., 1] - np.log(theta[..., 0])

    named, own = (gpd_posterior(1e3 * FEW[None], prior, uniforms(50)) for prior in (PRIORS["mdi"](), as_mdi))
    np.testing.assert_allclose(own, named, rtol=1e-9)
    narrow, _ = gpd_posterior(HEAVY[None], lambda theta: -0.5 * ((theta[..., 0] - 4.0) / 0.01) ** 2, uniforms(500))
    assert narrow.mean() == pytest.approx(4.0, abs=0.003)
    _, shape = gpd_posterior(HEAVY[None], NormalShape(0.001), uniforms(2000))
    assert abs(shape.mean()) < 5e-4
    assert shape.std() == pytest.approx(0.001, rel=0.06)
    sized, _ = gpd_posterior(FEW[None], lambda theta: -1.5 * np.log(theta[..., 0]), uniforms(50), Exponential)
    assert sized.shape == (1, 50)


def test_samples_alone_in_a_batch_in_any_unit_and_padded_agree() -> None:
    lanes = np.stack([HEAVY, BOUNDED, np.append(FEW, np.full(15, np.nan))])
    for prior in (Fiducial(), PRIORS["mdi"]()):
        many = np.stack(gpd_posterior(lanes, prior, uniforms(40)))
        for lane, y in enumerate((HEAVY, BOUNDED, FEW)):
            alone = np.stack(gpd_posterior(1e6 * y[None, ::-1], prior, uniforms(40)))[:, 0]
            np.testing.assert_allclose(alone[0], 1e6 * many[0, lane], rtol=1e-7)
            np.testing.assert_allclose(alone[1], many[1, lane], rtol=1e-7, atol=1e-9)


def test_draws_rise_with_their_noise_and_one_half_is_the_middle() -> None:
    rising = np.linspace(0.001, 0.999, 200)
    for prior in ("fiducial", "mdi"):
        scale, shape = gpd_posterior(HEAVY[None], PRIORS[prior](), np.stack([rising, np.full(200, 0.5)])[:, None])
        assert (np.diff(shape / scale) > 0.0).all()
        _, shape = gpd_posterior(HEAVY[None], PRIORS[prior](), np.stack([np.full(200, 0.5), rising])[:, None])
        assert (np.diff(shape) > 0.0).all()


@pytest.mark.parametrize("prior", list(PRIORS))
def test_nodes_are_the_same_posterior(prior: str) -> None:
    scale, shape = gpd_posterior(HEAVY[None], PRIORS[prior](), uniforms(20_000))
    posterior = ExcessPosterior.of(HEAVY[None], PRIORS[prior]())
    nodes = posterior.nodes()
    for own, at in ((scale, nodes.scale * posterior.unit), (shape, nodes.scale * nodes.t[..., None])):
        assert (nodes.weight * at).sum() == pytest.approx(own.mean(), abs=5.0 * own.std() / np.sqrt(20_000))


@pytest.mark.parametrize("y", [FEW[:3], np.append(FEW, 1e4), np.arange(1.0, 2001.0), GPD(0.0, 1.0, 1.5).ppf(EVENLY)])
@pytest.mark.parametrize("prior", list(PRIORS))
def test_odd_samples_have_draws(y: Array, prior: str) -> None:
    scale, shape = gpd_posterior(y[None], PRIORS[prior](), uniforms(500))
    assert np.isfinite(scale).all()
    assert (scale > 0.0).all()
    assert (shape >= PRIORS[prior]().lowest_shape).all()
    assert (1.0 + shape / scale * y.max() > 0.0).all()


# ---------------------------------------------------------------- the estimator


def peaks(n: int = 30, shape: float = 0.1, seed: int = 3) -> Array:
    return 30.0 + np.asarray(GPD(0.0, 10.0, shape).rvs(n, rng=seed))


def test_the_estimate_is_near_the_most_likely_and_is_there_where_that_is_not() -> None:
    found = Estimation.of(GPDProcess, Bayes(), peaks(400), PEAKS)
    likely = Estimation.of(GPDProcess, MaximumLikelihood(), peaks(400), PEAKS)
    error = np.sqrt(np.diag(likely.covariance()))
    np.testing.assert_array_less(np.abs(found.estimate.parameters - likely.estimate.parameters)[1:], 0.2 * error[1:])
    np.testing.assert_allclose(found.covariance()[1:, 1:], likely.covariance()[1:, 1:], rtol=0.15, atol=1e-3)
    assert (found.covariance()[0] == 0.0).all()
    steep = 30.0 + STEEP
    assert Estimation.of(GPDProcess, MaximumLikelihood(), steep, PEAKS).estimate.status == Status.NO_INTERIOR_MAXIMUM
    found = Estimation.of(GPDProcess, Bayes(), steep, PEAKS)
    lower, upper = Credible()(found, PeakLevel([100.0]), 0.95)
    assert found.estimate.converged
    assert lower[0] < PeakLevel([100.0])(found.distribution)[0] < upper[0]


def test_credible_limits_are_quantiles_of_the_draws_which_are_drawn_once() -> None:
    found = Estimation.of(GPDProcess, Bayes("mdi", draws=2000, rng=4), peaks(), PEAKS)
    drawn = found.estimator.sample(found)  # type: ignore[attr-defined]
    assert drawn is found.estimator.sample(found)  # type: ignore[attr-defined]
    assert drawn.how == "independent draws"
    assert drawn.chains is None
    for quantity in (PeakLevel([10.0, 100.0]), PeakPeriod([80.0])):
        lower, upper = Credible()(found, quantity, 0.9)
        for end, sign in ((lower, 1.0), (upper, -1.0)):
            cut = np.quantile(sign * drawn.answers(quantity), 0.05, axis=0, method="inverted_cdf")
            np.testing.assert_array_equal(end, sign * cut)
    assert Credible().labelled(found) == "credible, mdi prior"
    assert Credible().labelled(Estimation.of(GPDProcess, Bayes(), peaks(), PEAKS)) == "credible, fiducial"
    lower, upper = Delta()(found, PeakLevel([100.0]), 0.9)
    assert lower < upper


def test_the_rate_is_gamma_and_independent_of_the_sizes() -> None:
    x = peaks(24)
    drawn = Bayes(draws=20_000).sample(Estimation.of(GPDProcess, Bayes(), x, PEAKS))
    rate = np.exp(drawn.parameters[:, 2])
    assert stats.kstest(rate, stats.gamma(24.5, scale=1.0 / 12.0).cdf).pvalue > 1e-3
    assert abs(float(stats.spearmanr(rate, drawn.parameters[:, 1])[0])) < 0.03
    assert (drawn.parameters[:, 0] == 30.0).all()


def test_the_exponential_posterior_is_conjugate() -> None:
    x = peaks(25)
    total = (x - 30.0).sum()
    for prior in (None, "flat", "mdi", "jeffreys"):
        found = Estimation.of(ExponentialProcess, Bayes(prior, draws=5000), x, PEAKS)
        drawn = found.estimator.sample(found).parameters  # type: ignore[attr-defined]
        assert stats.kstest(total / drawn[:, 1], stats.gamma(25).cdf).pvalue > 1e-3
        assert found.estimate.parameters[1] == pytest.approx(total / stats.gamma(25).median(), rel=1e-9)
    weak = Estimation.of(ExponentialProcess, Bayes("weak", draws=5000), x, PEAKS)
    own = weak.estimator.sample(weak).parameters[:, 1]  # type: ignore[attr-defined]
    log_scale = np.log(total / 25.0) + np.linspace(-2.0, 2.0, 4001)
    weight = np.exp(
        -25.0 * log_scale - total * np.exp(-log_scale) - 0.5 * (log_scale - np.log(total / 25.0)) ** 2 + 99.0
    )
    assert np.log(own).mean() == pytest.approx(float(weight @ log_scale / weight.sum()), abs=5.0 * 0.2 / np.sqrt(5000))


def test_a_batch_has_a_threshold_and_years_for_every_lane_and_a_status() -> None:
    lanes = np.stack([peaks(20), peaks(20, seed=5) + 10.0, np.full(20, 50.0)])
    lanes[0, 3] = np.nan
    design = Exceedances(np.array([30.0, 40.0, 30.0]), np.array([12.0, 6.0, 9.0]))
    method, level = Bayes(draws=400), PeakLevel([50.0])
    many = Estimation.of(GPDProcess, method, lanes, design)
    assert many.estimate.status.tolist() == [Status.CONVERGED, Status.CONVERGED, Status.CONSTANT_SERIES]
    lower, upper = Credible()(many, level, 0.8)
    for lane in (0, 1):
        alone = Estimation.of(GPDProcess, method, lanes[lane], many.lane(lane).design)
        np.testing.assert_allclose(alone.estimate.parameters, many.estimate.parameters[lane], rtol=1e-9)
        np.testing.assert_allclose(Credible()(alone, level, 0.8), [lower[lane], upper[lane]], rtol=1e-9)
    assert np.isnan(lower[2]).all()


def test_minima_mirror_peaks() -> None:
    x, level, method = peaks(), PeakLevel([100.0]), Bayes(draws=500)
    above = Estimation.of(GPDProcess, method, x, PEAKS)
    below = Estimation.of(GPDProcessMin, method, -x, Exceedances(-30.0, 12.0))
    np.testing.assert_allclose(below.estimate.parameters[1:], above.estimate.parameters[1:], rtol=1e-12)
    np.testing.assert_allclose(Credible()(below, level, 0.9), -np.array(Credible()(above, level, 0.9))[::-1], rtol=1e-9)


def test_block_maxima_keep_their_flat_prior() -> None:
    assert isinstance(Bayes().prior_for(GEV), Flat)
    assert isinstance(Bayes().prior_for(GPDProcess), Fiducial)
    assert isinstance(Bayes("flat").prior_for(GPDProcess), Flat)


def held(prior: str, n: int, shape: float, records: int) -> float:
    """How often 95 % credible intervals of the level of 100 years hold, two peaks a year."""
    truth, design = GPDProcess(0.0, 1.0, np.log(2.0), shape), Exceedances(0.0, n / 2.0)
    g = noise.gumbel((records, *design.noise_shape(truth, np.empty(0))), rng=7)
    found = Estimation.of(GPDProcess, Bayes(prior, draws=1000), design.drawn(truth[None], g), design)
    lower, upper = Credible()(found, PeakLevel([100.0]), 0.95)
    return float(np.mean((lower < PeakLevel([100.0])(truth)) & (PeakLevel([100.0])(truth) < upper)))


def test_credible_intervals_hold_as_often_as_they_say() -> None:
    assert held("fiducial", 30, 0.0, 400) == pytest.approx(0.95, abs=0.033)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.2])
@pytest.mark.parametrize("n", [20, 30, 50, 100, 200])
def test_coverage_of_fiducial_intervals_at_full_size(n: int, shape: float) -> None:
    assert held("fiducial", n, shape, 5000) == pytest.approx(0.95, abs=0.015)


def excludes(theta: Array) -> Array:
    return np.full(theta.shape[:-1], -np.inf)


def runs_away(theta: Array) -> Array:
    return 15.0 * np.log1p(np.maximum(theta[..., 1], 0.0)) - np.log(theta[..., 0])


FAULTS: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "fiducial": (
        lambda: Bayes("fiducial").estimate(GEV, np.arange(9.0)),
        ArgumentError,
        "'fiducial' is for peaks over a threshold, not for GEV; use prior='mdi'",
    ),
    "jeffreys": (lambda: Bayes("jeffreys").estimate(GEV, np.arange(9.0)), ArgumentError, "'jeffreys' is for peaks"),
    "beta": (
        lambda: Estimation.of(ExponentialProcess, Bayes("beta"), peaks(), PEAKS),
        ArgumentError,
        "a prior of the shape, and Exponential has none; use prior='flat'",
    ),
    "posterior": (lambda: Posterior(GPD, peaks()), ArgumentError, "whose posterior is drawn from by itself"),
    "excluded": (
        lambda: Estimation.of(GPDProcess, Bayes(excludes), peaks(), PEAKS),
        DataError,
        "no density near the data",
    ),
    "improper": (
        lambda: Estimation.of(GPDProcess, Bayes(runs_away), peaks(9), PEAKS),
        DataError,
        "may be improper; take a prior that falls off faster",
    ),
    "function": (
        lambda: Estimation.of(GPDProcess, Bayes(np.sum), peaks(), PEAKS),
        ArgumentError,
        "prior returned an array of shape",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mistake_is_named(fault: str) -> None:
    call, error, words = FAULTS[fault]
    with pytest.raises(error, match=words):
        call()
