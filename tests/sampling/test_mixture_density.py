"""Mixture densities: formulas, links, draws and levels in every library, and the network that finds two peaks."""

from __future__ import annotations

import pickle
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

import evstats as ev
from evstats import noise, sampling
from evstats.errors import ArgumentError, DataError

STUDY = Path(__file__).resolve().parents[1] / "studies" / "two_peaks.py"
FAMILIES = ("normal", "gumbel", "gev")
EVERY_FAMILY = pytest.mark.parametrize("family", FAMILIES)
RANDOM = np.random.default_rng(1)
#: Of three mixtures of four components; one shape is 0, and one so near it that formulas in 1/shape fail.
LOGITS, LOC = RANDOM.normal(size=(3, 4)), 3.0 * RANDOM.normal(size=(3, 4))
SCALE, SHAPE = np.exp(RANDOM.normal(size=(3, 4))), RANDOM.uniform(-0.4, 0.4, (3, 4))
SHAPE[0, :2] = 0.0, 1e-9
RAW = 1.5 * RANDOM.normal(size=(5, 16))


def parameters(family: str) -> tuple[np.ndarray, ...]:
    return (LOGITS, LOC, SCALE, *([SHAPE] if family == "gev" else []))


def density(family: str, make: Callable[[Any], Any] = np.asarray, **changed: Any) -> sampling.MixtureDensity[Any]:
    names = ("logits", "loc", "scale", "shape")
    given = dict(zip(names, parameters(family), strict=False)) | changed
    return sampling.MixtureDensity(**{name: make(value) for name, value in given.items()}, family=family)


def components(family: str) -> Any:
    """The same by other code: SciPy's normal, the families of the package."""
    if family == "normal":
        return stats.norm(LOC, SCALE)
    return ev.Gumbel(LOC, SCALE) if family == "gumbel" else ev.GEV(LOC, SCALE, SHAPE)


def mixed(logs: np.ndarray) -> np.ndarray:
    """Logarithms mixed with the weights."""
    return np.asarray(special.logsumexp(special.log_softmax(LOGITS, axis=-1) + logs, axis=-1))


@pytest.fixture(scope="module")
def slopes_of(torch: Any) -> Callable[[Callable[[Any], Any], np.ndarray], np.ndarray]:
    """The gradient of a scalar function of one tensor. Of JAX, which compiles first, see the test at the end."""

    def gradient(f: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
        tensor = torch.tensor(x, requires_grad=True)
        f(tensor).backward()
        return np.asarray(tensor.grad)

    return gradient


# ---------------------------------------------------------------- formulas


@EVERY_FAMILY
def test_densities_and_tails_are_those_of_the_components(eager: Any, family: str) -> None:
    x = np.linspace(-30.0, 60.0, 91)[:, None]
    here, each = density(family, eager.make), components(family)
    found = eager.read(here.log_prob(eager.make(x)))
    with np.errstate(all="ignore"):
        expected = mixed(each.logpdf(x[..., None]))
        below, above = mixed(each.logcdf(x[..., None])), mixed(each.logsf(x[..., None]))
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(eager.read(here.logcdf(x)), np.minimum(below, 0.0), rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(eager.read(here.logsf(x)), np.minimum(above, 0.0), rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(eager.read(here.cdf(x) + here.sf(x)), 1.0, rtol=1e-14)


@EVERY_FAMILY
def test_densities_of_every_head_integrate_to_1(eager: Any, family: str) -> None:
    head = sampling.MixtureHead(4, family, shape_range=(-0.45, 0.45))
    u = np.linspace(-18.0, 18.0, 300_001)[:, None]
    here = head(eager.make(RAW[:, : head.size]), 0.3, 2.0)
    heights = np.exp(eager.read(here.log_prob(eager.make(np.sinh(u))))) * np.cosh(u)
    np.testing.assert_allclose(np.trapezoid(heights, u, axis=0), 1.0, atol=1e-6)


def test_a_single_component_is_the_family() -> None:
    one = sampling.MixtureDensity([0.0], [100.0], [20.0], [0.1], family="gev")
    gev = ev.GEV(100.0, 20.0, 0.1)
    p = np.array([1e-300, 1e-20, 0.01, 0.5, 0.99])
    np.testing.assert_allclose(one.quantile(p), gev.ppf(p), rtol=1e-12)
    np.testing.assert_allclose(one.return_level(1.0 / p[:4]), gev.isf(p[:4]), rtol=1e-12)
    np.testing.assert_allclose(one.sf(gev.isf(1e-30)), 1e-30, rtol=1e-9)


@EVERY_FAMILY
def test_derivatives_through_shape_0_and_beyond_the_support(
    slopes_of: Any, finite_difference: Any, family: str
) -> None:
    x = np.array([[-4.0, -1.0, 2.5], [0.1, 3.0, 4.0], [60.0, 2.0, 7.0]])  # some beyond an end of some component
    made = np.stack(parameters(family))

    def total(values: Any) -> Any:
        return sampling.MixtureDensity(*values, family=family).log_prob(x).sum()

    expected = finite_difference(lambda v: float(total(v)), made)
    np.testing.assert_allclose(slopes_of(total, made), expected, rtol=2e-5, atol=2e-5)


def test_beyond_the_support_of_all_the_density_is_0_and_so_is_its_derivative(slopes_of: Any) -> None:
    made = np.array([[[0.0, 0.5]], [[0.0, 1.0]], [[1.0, 2.0]], [[-0.3, -0.4]]])

    def total(values: Any) -> Any:
        return sampling.MixtureDensity(*values, family="gev").log_prob(np.array([50.0, 1.0]))

    assert np.isneginf(sampling.MixtureDensity(*made, family="gev").log_prob([50.0, 1.0])).tolist() == [True, False]
    slopes = slopes_of(lambda values: total(values).sum(), made)
    alone = slopes_of(lambda values: total(values)[1], made)
    np.testing.assert_array_equal(slopes, alone)
    assert np.isfinite(slopes).all()
    assert (slopes != 0.0).any()


@EVERY_FAMILY
def test_float32_far_from_every_component_leaves_no_nan(slopes_of: Any, family: str) -> None:
    made = np.stack(parameters(family)).astype(np.float32)

    def total(values: Any) -> Any:
        here = sampling.MixtureDensity(*values, family=family)
        far = here.log_prob(np.float32([[-300.0], [0.0], [2000.0]]))
        return far[far > -np.inf].sum()

    assert np.isfinite(slopes_of(total, made)).all()


# ---------------------------------------------------------------- levels


@EVERY_FAMILY
def test_levels_have_their_probabilities_in_both_tails(eager: Any, family: str) -> None:
    here = density(family, eager.make)
    q = np.array([1e-200, 1e-12, 0.01, 0.3])
    low, high = here.quantile(q), here.return_level(1.0 / q)
    assert low.shape == high.shape == (3, 4)
    for level, tail in ((low, here.logcdf), (high, here.logsf)):
        found = np.stack([eager.read(tail(level[:, i])) for i in range(4)], axis=-1)
        np.testing.assert_allclose(found, np.broadcast_to(np.log(q), (3, 4)), rtol=1e-9)
    assert eager.read(here.quantile(0.5)).shape == (3,)
    np.testing.assert_allclose(eager.read(here.quantile([0.7])), eager.read(here.return_level([1.0 / 0.3])), 1e-9)


def test_a_component_that_has_no_weight_left_does_not_move_a_level(eager: Any) -> None:
    here = sampling.MixtureDensity(*map(eager.make, ([0.0, -800.0], [0.0, 10.0], [1.0, 1.0])))
    np.testing.assert_allclose(eager.read(here.quantile([0.01, 0.99])), stats.norm.ppf([0.01, 0.99]), rtol=1e-12)
    masked = sampling.MixtureDensity(*map(eager.make, ([0.0, -np.inf], [0.0, 10.0], [1.0, 1.0])))
    np.testing.assert_allclose(eager.read(masked.quantile([0.01, 0.99])), stats.norm.ppf([0.01, 0.99]), rtol=1e-12)


@EVERY_FAMILY
def test_levels_are_differentiable(slopes_of: Any, finite_difference: Any, family: str) -> None:
    made = np.stack(parameters(family))

    def total(values: Any) -> Any:
        here = sampling.MixtureDensity(*values, family=family)
        return here.quantile([0.02, 0.4]).sum() + here.return_level(100.0).sum()

    expected = finite_difference(lambda v: float(total(v)), made)
    np.testing.assert_allclose(slopes_of(total, made), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("apart", [10.0, 76.5, 1e4])
def test_a_level_in_the_gap_between_peaks_is_found(slopes_of: Any, apart: float) -> None:
    made = np.array([[0.0, 0.0], [0.0, apart], [1.0, 1.0]])
    slope = slopes_of(lambda v: sampling.MixtureDensity(*v).quantile(0.5), made)
    assert np.isfinite(slope).all()


# ---------------------------------------------------------------- draws


@EVERY_FAMILY
def test_draws_are_exact_and_the_same_in_every_library(eager: Any, family: str) -> None:
    here = density(family, eager.make)
    draws = eager.read(here.sample(2000, rng=2))
    assert draws.shape == (2000, 3)
    np.testing.assert_allclose(draws, density(family).sample(2000, rng=2), rtol=1e-12, atol=1e-12)
    p = eager.read(here.cdf(draws))
    assert min(stats.kstest(column, "uniform").pvalue for column in p.T) > 1e-3


@EVERY_FAMILY
def test_relaxed_draws_at_a_low_temperature_are_distributed_as_exact_ones(eager: Any, family: str) -> None:
    head = sampling.MixtureHead(2, family)
    start = head.start(np.concatenate([np.linspace(-2.0, 2.0, 50), np.linspace(8.0, 12.0, 50)]))
    here = head(eager.make(start.raw), start.center, start.unit)
    relaxed, exact = here.rsample(2000, temperature=0.05, rng=1), here.sample(2000, rng=2)
    assert stats.ks_2samp(eager.read(relaxed), eager.read(exact)).pvalue > 1e-3


@EVERY_FAMILY
def test_hard_draws_are_those_of_sample(eager: Any, family: str) -> None:
    here = density(family, eager.make)
    hard, exact = here.rsample((4, 2), hard=True, rng=3), here.sample((4, 2), rng=3)
    np.testing.assert_allclose(eager.read(hard), eager.read(exact), rtol=1e-12)
    assert exact.shape == (4, 2, 3)


@EVERY_FAMILY
def test_relaxed_draws_are_differentiable_in_all_parameters(
    slopes_of: Any, finite_difference: Any, family: str
) -> None:
    made, g = np.stack(parameters(family)), noise.gumbel((6, 3, 5), rng=4)

    def total(values: Any, hard: bool = False) -> Any:
        here = sampling.MixtureDensity(*values, family=family)
        return (here.rsample(6, temperature=0.4, hard=hard, noise=g) ** 2).sum()

    expected = finite_difference(lambda v: float(total(v)), made)
    found = slopes_of(total, made)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    assert (np.abs(found).sum(axis=(1, 2)) > 0.0).all()
    assert np.isfinite(slopes_of(lambda v: total(v, hard=True), made)).all()


def test_exact_draws_have_no_gradient(torch: Any) -> None:
    logits = torch.zeros(3, 2, requires_grad=True)
    assert not sampling.MixtureDensity(logits, logits, logits + 1.0).sample(5).requires_grad


@pytest.mark.parametrize("family", ["normal", "gev"])
def test_compiled_by_jax_all_is_the_same(jax: Any, torch: Any, family: str) -> None:
    x, made = np.array([-4.0, 0.5, 60.0]), np.stack(parameters(family))
    g = noise.gumbel((2, 3, 5), rng=5)

    def every(values: Any) -> tuple[Any, ...]:
        here = sampling.MixtureDensity(*values, family=family)
        levels = here.quantile([1e-12, 0.4]), here.return_level([1e12, 3.0])
        draws = here.sample(2, noise=g), here.rsample(2, temperature=0.4, noise=g)
        return here.log_prob(x), here.logcdf(x), here.logsf(x), *levels, *draws

    def weighed(values: Any) -> tuple[Any, tuple[Any, ...]]:
        parts = every(values)
        return sum(k * part.sum() for k, part in enumerate(parts)), parts

    slope, found = jax.jit(jax.grad(weighed, has_aux=True))(made)
    for one, expected in zip(found, every(made), strict=True):
        np.testing.assert_allclose(one, expected, rtol=1e-9, atol=1e-12)
    tensor = torch.tensor(made, requires_grad=True)
    weighed(tensor)[0].backward()
    np.testing.assert_allclose(slope, tensor.grad, rtol=1e-7, atol=1e-9)


# ---------------------------------------------------------------- heads, their start, and the loss


@EVERY_FAMILY
def test_links_are_legal_for_every_number(eager: Any, family: str) -> None:
    head = sampling.MixtureHead(2, family, shape_range=(-0.3, 0.2))
    for number in (-1e30, -1e3, -100.0, 0.0, 100.0, 1e3, 1e30):
        for dtype in (np.float32, np.float64):
            here = head(eager.make(np.full(head.size, number, dtype)))
            scale = eager.read(here.scale)
            assert (scale >= 0.999e-3).all()
            assert np.isfinite(scale).all()
            if family == "gev":
                shape = eager.read(here.shape)
                assert (np.abs(shape + 0.05) <= 0.25 + 1e-7).all()


@pytest.mark.parametrize("number", [-150.0, -20.0, 0.0, 20.0, 150.0])
def test_links_have_finite_slopes(slopes_of: Any, number: float) -> None:
    head = sampling.MixtureHead(1, "gev")

    def total(raw: Any) -> Any:
        here = head(raw)
        return here.scale.sum() + here.shape.sum()

    slope = slopes_of(total, np.full(4, number, np.float32))
    expected = [0.0, 0.0, special.expit(number), special.expit(number) * special.expit(-number)]
    np.testing.assert_allclose(slope, expected, atol=1e-6)


@EVERY_FAMILY
@pytest.mark.parametrize("k", [1, 2, 5])
def test_a_start_is_spread_over_the_targets(family: str, k: int) -> None:
    targets = np.concatenate([RANDOM.normal(0.0, 1.0, 500), RANDOM.normal(10.0, 1.0, 500)])
    head = sampling.MixtureHead(k, family)
    start = head.start(targets)
    here = head(start.raw, start.center, start.unit)
    shape = [0.0 * here.loc] if family == "gev" else []
    np.testing.assert_allclose(here.weights, 1.0 / k)
    middles = here.loc + here.scale * {"normal": 0.0}.get(family, -np.log(np.log(2.0)))
    np.testing.assert_allclose(middles, np.quantile(targets, (np.arange(k) + 0.5) / k), atol=1e-9)
    spread = {"normal": 1.0}.get(family, np.pi / np.sqrt(6.0))
    np.testing.assert_allclose(here.scale * spread, targets.std() / k, rtol=1e-12)
    np.testing.assert_allclose([here.shape] if shape else [], shape, atol=1e-12)
    metres = head.start(targets / 1000.0)
    np.testing.assert_allclose(metres.raw, start.raw, atol=1e-9)


def test_a_start_where_shape_0_is_outside_the_range() -> None:
    head = sampling.MixtureHead(1, "gev", shape_range=(0.1, 0.3))
    assert head(head.start([1.0, 2.0]).raw).shape == pytest.approx(0.2)


def test_the_loss_prices_unequal_weights() -> None:
    equal, unequal = (sampling.MixtureDensity([z, 0.0], [0.0, 0.0], [1.0, 1.0]) for z in (0.0, 3.0))
    y = [0.0, 1.0]
    assert sampling.annealed_nll(equal, y, 0.0) == pytest.approx(float(equal.nll(y)))
    assert sampling.annealed_nll(equal, y, 1.0) == pytest.approx(float(equal.nll(y)) - np.log(2.0))
    weights = special.softmax([3.0, 0.0])
    assert sampling.annealed_nll(unequal, y, 0.5) == pytest.approx(float(unequal.nll(y)) - 0.5 * stats.entropy(weights))
    sure = sampling.MixtureDensity([[50.0, 0.0], [0.0, 50.0]], [0.0, 10.0], [1.0, 1.0])  # of its own at each
    assert sampling.annealed_nll(sure, [0.0, 10.0], 1.0) == pytest.approx(float(sure.nll([0.0, 10.0])) - np.log(2.0))


def test_a_component_out_of_use_is_brought_back_by_the_loss(torch: Any) -> None:
    logits = torch.tensor([12.0, 0.0], requires_grad=True)
    slopes = []
    for temperature in (0.0, 1.0):
        here = sampling.MixtureDensity(logits, [0.0, 30.0], [1.0, 1.0])
        (slope,) = torch.autograd.grad(sampling.annealed_nll(here, [0.0, 0.5], temperature), logits)
        slopes.append(float(slope[1]))
    assert abs(slopes[0]) < 1e-5
    assert slopes[1] < -5.0 * abs(slopes[0])


# ---------------------------------------------------------------- the layer


def test_the_layer(torch: Any) -> None:
    torch.manual_seed(1)
    layer = sampling.MixtureDensityLayer(3, components=4, family="gev")
    assert layer.start(torch.arange(10.0, dtype=torch.bfloat16)) is layer
    x, y = torch.randn(7, 3), torch.randn(7) + 4.0
    sampling.annealed_nll(layer(x), y, 0.5).backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in layer.parameters())
    other = sampling.MixtureDensityLayer(3, components=4, family="gev")
    other.load_state_dict(layer.state_dict())
    copy = pickle.loads(pickle.dumps(layer))
    for same in (other, copy):
        assert torch.equal(same(x).log_prob(y), layer(x).log_prob(y))
    assert layer(x).quantile([0.1, 0.9]).dtype == torch.float32


def test_training_is_the_same_in_any_unit(torch: Any) -> None:
    x, y = torch.linspace(-1.0, 1.0, 60)[:, None], torch.as_tensor(RANDOM.normal(size=60), dtype=torch.float64)
    found = []
    for unit in (1.0, 1000.0):
        torch.manual_seed(1)
        layer = sampling.MixtureDensityLayer(1, components=2, family="gumbel").double().start(y * unit)
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.02)
        for _ in range(20):
            optimizer.zero_grad()
            layer(x.double()).nll(y * unit).backward()
            optimizer.step()
        found.append(layer(x.double()).return_level(100.0).detach().numpy() / unit)
    np.testing.assert_allclose(found[1], found[0], rtol=1e-8)


# ---------------------------------------------------------------- what is refused


BAD = {
    "components is 0; expected a whole number of 1 or more.": lambda: sampling.MixtureHead(0),
    "unknown family 'gauss'; known: 'normal', 'gumbel', 'gev'.": lambda: sampling.MixtureHead(2, "gauss"),
    "shape_range is (0.5, -0.5); expected two numbers, the lower first, -1 or above.": lambda: sampling.MixtureHead(
        2, "gev", (0.5, -0.5)
    ),
    "least_scale is 0; expected a positive number.": lambda: sampling.MixtureHead(least_scale=0),
    "raw has shape (3, 5); expected 6 numbers along the last axis: logits, loc, scale of each of 2 components.": (
        lambda: sampling.MixtureHead(2)(np.zeros((3, 5)))
    ),
    "raw is nan at 1, 4; expected finite numbers; where training left them, lower its rate or clip gradients.": (
        lambda: sampling.MixtureHead(2)(np.where(np.arange(18).reshape(3, 6) == 10, np.nan, 0.0))
    ),
    "shapes do not fit: logits (2,), loc (3,), scale (2,); expected batch + (K,) of each.": (
        lambda: sampling.MixtureDensity([0.0, 0.0], [0.0, 1.0, 2.0], [1.0, 1.0])
    ),
    "shapes do not fit: logits (2,), loc (1,), scale (2,); expected the same number K of components, 1 or more.": (
        lambda: sampling.MixtureDensity([0.0, 0.0], [0.0], [1.0, 1.0])
    ),
    "shapes do not fit: logits (0,), loc (0,), scale (0,); expected the same number K of components, 1 or more.": (
        lambda: sampling.MixtureDensity([], [], [])
    ),
    "shape is None for 'gev'; expected those of its components.": (
        lambda: sampling.MixtureDensity([0.0], [0.0], [1.0], family="gev")
    ),
    "shape is given for 'normal'; expected None.": lambda: sampling.MixtureDensity([0.0], [0.0], [1.0], [0.1]),
    "scale is 0 at 1; expected finite numbers, and positive scales.": (
        lambda: sampling.MixtureDensity([0.0, 0.0], [0.0, 1.0], [1.0, 0.0])
    ),
    "loc is nan at 0; expected finite numbers, and positive scales.": (
        lambda: sampling.MixtureDensity([0.0, 0.0], [np.nan, 1.0], [1.0, 1.0])
    ),
    "logits contain NaN; expected real numbers (-inf masks a category).": (
        lambda: sampling.MixtureDensity([0.0, np.nan], [0.0, 1.0], [1.0, 1.0]).log_prob(0.0)
    ),
    "value is nan at 2; expected finite numbers; leave others out.": (
        lambda: density("normal").nll([0.0, 1.0, np.nan])
    ),
    "value has shape (3, 1); expected that of the batch, (3,): one for each.": (
        lambda: density("normal").nll([[0.0], [1.0], [2.0]])
    ),
    "probability is [0.5, 1.0]; expected numbers between 0 and 1.": lambda: density("normal").quantile([0.5, 1.0]),
    "period is 1; expected numbers above 1.": lambda: density("normal").return_level(1),
    "temperature is 0, where the relaxed draw has no density and no derivative; pass one above 0, or draw without "
    "gradients: sample().": lambda: density("normal").rsample(temperature=0),
    "temperature is -1.0; pass one above 0, or draw without gradients: sample().": (
        lambda: density("normal").rsample(temperature=-1)
    ),
    "temperature is nan; expected a finite number of 0 or more.": (
        lambda: sampling.annealed_nll(density("normal"), [0.0, 1.0, 2.0], np.nan)
    ),
    "targets contain nan, first at place 1; leave that out, or mend it.": (
        lambda: sampling.MixtureHead(2).start([0.0, np.nan])
    ),
    "targets are 2 numbers without any spread; give two or more that differ.": (
        lambda: sampling.MixtureHead(2).start([3.0, 3.0])
    ),
}


@pytest.mark.parametrize("sentence", BAD)
def test_what_is_refused_is_told_in_a_sentence(sentence: str) -> None:
    with pytest.raises((ArgumentError, DataError)) as told:
        BAD[sentence]()
    assert str(told.value) == sentence


def test_a_temperature_of_0_with_gradients(torch: Any) -> None:
    logits = torch.zeros(2, requires_grad=True)
    with pytest.raises(ArgumentError, match=r"^temperature is 0, .* or draw without gradients: sample\(\)\.$"):
        sampling.MixtureDensity(logits, [0.0, 1.0], [1.0, 1.0]).rsample(temperature=torch.tensor(0.0))


def test_the_layer_is_not_imported_unasked() -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'MixtureLayer'"):
        sampling.MixtureLayer  # noqa: B018


# ---------------------------------------------------------------- two peaks


@pytest.fixture(scope="module")
def found(torch: Any) -> Callable[[int, int], dict[str, float]]:
    """What the study finds of a number of components and a seed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(STUDY.parent)
        return runpy.run_path(str(STUDY))["found"]


def check_two_peaks(row: dict[str, float]) -> None:
    assert row["weight"] == pytest.approx(0.5, abs=0.03)
    assert [row["lower_mean"], row["upper_mean"]] == pytest.approx([0.0, 10.0], abs=0.15)
    assert row["quantile_error"] < 0.03


@pytest.mark.parametrize("components", [2, 5])
def test_a_network_finds_two_peaks(found: Any, components: int) -> None:
    check_two_peaks(found(components, 0))


@pytest.mark.slow
@pytest.mark.parametrize("components", [2, 5])
@pytest.mark.parametrize("seed", range(1, 10))
def test_it_finds_them_whatever_the_seed(found: Any, components: int, seed: int) -> None:
    check_two_peaks(found(components, seed))
