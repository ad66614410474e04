"""Gumbel-softmax: limits, straight-through, libraries, gradients, density."""

from __future__ import annotations

import inspect
import math
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from evstats import ArgumentError, noise, sampling
from evstats.errors import EvstatsWarning

INF = np.inf
LOGITS = np.random.default_rng(1).normal(size=(4, 5))
LOGITS[1, 2] = -INF
NOISE = noise.gumbel((4, 5), rng=2)
WEIGHTS = np.random.default_rng(3).normal(size=(4, 5))


def direct(logits: np.ndarray, g: np.ndarray, temperature: float, axis: int = -1) -> np.ndarray:
    return scipy.special.softmax((logits + g) / temperature, axis=axis)


@pytest.mark.parametrize("temperature", [0.05, 0.5, 1.0, 3.0, 1e6])
@pytest.mark.parametrize(("dtype", "tolerance"), [("f4", 2e-6), ("f8", 1e-12)])
def test_values(library: Any, temperature: float, dtype: str, tolerance: float) -> None:
    logits, g = library.make(LOGITS.astype(dtype)), library.make(NOISE.astype(dtype))
    result = sampling.gumbel_softmax(logits, temperature, noise=g)
    assert type(result) is type(logits)
    assert library.read(result).dtype == dtype
    exact = direct(LOGITS.astype(dtype).astype("f8"), NOISE.astype(dtype).astype("f8"), temperature)
    np.testing.assert_allclose(library.read(result), exact, rtol=0, atol=tolerance / min(temperature, 1))


@pytest.mark.parametrize("axis", [0, 1, -2])
@pytest.mark.parametrize("hard", [False, True])
def test_axis(library: Any, axis: int, hard: bool) -> None:
    x = np.random.default_rng(4).normal(size=(4, 5))
    result = sampling.gumbel_softmax(library.make(x), 0.5, hard=hard, axis=axis, noise=library.make(NOISE))
    relaxed = direct(x, NOISE, 0.5, axis)
    wanted = relaxed == relaxed.max(axis=axis, keepdims=True) if hard else relaxed
    np.testing.assert_allclose(library.read(result), wanted, atol=1e-14)


@pytest.mark.parametrize("temperature", [0, 0.0, 1e-300, 1e-45, 1e-38, 1e-30])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_the_limit_of_temperature_0_is_the_exact_one_hot(library: Any, temperature: float, dtype: str) -> None:
    logits = library.make(LOGITS.astype(dtype))
    result = sampling.gumbel_softmax(logits, temperature, rng=7)
    assert result.dtype == logits.dtype
    wanted = np.eye(5)[library.read(sampling.gumbel_max(logits, rng=7))]
    np.testing.assert_array_equal(library.read(result), wanted)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_hard_is_exactly_the_one_hot_of_the_category_drawn(library: Any, dtype: str) -> None:
    x = np.random.default_rng(5).normal(size=(300, 40)).astype(dtype)
    hard = library.read(sampling.gumbel_softmax(library.make(x), 0.7, hard=True, rng=9))
    assert set(np.unique(hard)) == {0.0, 1.0}
    np.testing.assert_array_equal(hard.argmax(axis=-1), sampling.gumbel_max(x, rng=9))
    np.testing.assert_array_equal(hard.sum(axis=-1), 1)


def test_what_breaks_other_libraries(library: Any) -> None:
    """A +inf logit, masks, logits near 1e6, float16 and a tiny temperature give numbers, not NaN."""
    x = np.array([[INF, 0.0, 0.0], [-INF, 1e6, 1e6], [-INF, -INF, 0.0], [INF, INF, -INF]])
    for temperature in (0, 1e-40, 0.1, 1.0, 1e30):
        for hard in (False, True):
            for dtype in ("f4", "f8"):
                made = library.make(x.astype(dtype))
                y = library.read(sampling.gumbel_softmax(made, temperature, hard=hard, rng=1))
                assert np.isfinite(y).all(), (temperature, hard, dtype)
                np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-6)
                assert y[0, 0] == y[2, 2] == 1
                assert y[1, 0] == y[3, 2] == 0
    y = library.read(sampling.gumbel_softmax(library.half(np.zeros((100, 1000))), 1.0, rng=1))
    assert np.isfinite(np.asarray(y, "f8")).all()


def test_half_precision_is_computed_in_float32(library: Any) -> None:
    x = library.half(np.zeros((200, 1000)))
    y = sampling.gumbel_softmax(x, 1.0, rng=1)
    assert y.dtype == x.dtype
    exact = sampling.gumbel_softmax(np.zeros((200, 1000), "f4"), 1.0, rng=1)
    np.testing.assert_allclose(np.asarray(library.read(y), "f8"), exact, rtol=6e-4, atol=1e-7)


def test_bfloat16(torch: Any, jax: Any) -> None:
    """Equal categories are drawn alike; keys rounded to bfloat16 would tie, and the first would win."""
    x = np.zeros((20_000, 1000), "f4")
    tensor, array = torch.tensor(x, dtype=torch.bfloat16), jax.numpy.asarray(x, "bfloat16")
    for draws in (sampling.gumbel_max(tensor, rng=1).numpy(), np.asarray(sampling.gumbel_max(array, rng=1))):
        assert abs(np.mean(draws < 10) - 0.01) < 4 * math.sqrt(0.01 / 20_000)
    assert sampling.gumbel_softmax(tensor[:5], rng=1).dtype == torch.bfloat16
    assert sampling.gumbel_softmax(array[:5], hard=True, rng=1).dtype == array.dtype


def test_the_greatest_entry_is_drawn_from_softmax(library: Any) -> None:
    logits = np.array([0.0, 1.0, -INF, 2.0])
    y = library.read(sampling.gumbel_softmax(library.make(np.broadcast_to(logits, (50_000, 4))), 0.3, rng=1))
    counts = np.bincount(y.argmax(axis=-1), minlength=4)
    p = sampling.softmax(logits)
    assert counts[2] == 0
    assert scipy.stats.chisquare(counts[p > 0], 50_000 * p[p > 0]).pvalue > 1e-3


def test_same_distribution_as_torch(torch: Any) -> None:
    logits = torch.tensor(np.broadcast_to([0.0, 1.0, -1.0], (20_000, 3)).copy())
    torch.manual_seed(1)
    theirs = torch.nn.functional.gumbel_softmax(logits, tau=0.7).numpy()
    ours = sampling.gumbel_softmax(logits, 0.7, rng=1).numpy()
    for k in range(3):
        assert scipy.stats.ks_2samp(ours[:, k], theirs[:, k]).pvalue > 1e-3


@pytest.mark.parametrize("hard", [False, True])
def test_a_seed_gives_the_same_draw_in_every_library(library: Any, hard: bool) -> None:
    for dtype, tolerance in (("f4", 1e-6), ("f8", 1e-12)):
        wanted = sampling.gumbel_softmax(LOGITS.astype(dtype), 0.5, hard=hard, rng=42)
        result = sampling.gumbel_softmax(library.make(LOGITS.astype(dtype)), 0.5, hard=hard, rng=42)
        np.testing.assert_allclose(library.read(result), wanted, rtol=0, atol=tolerance)


@pytest.mark.parametrize("hard", [False, True])
def test_jit(jax: Any, hard: bool) -> None:
    x = jax.numpy.asarray(LOGITS)
    compiled = jax.jit(lambda x, t, key: sampling.gumbel_softmax(x, t, hard=hard, rng=key))
    for temperature in (0.0, 0.5):
        key = jax.random.key(1)
        wanted = sampling.gumbel_softmax(x, temperature, hard=hard, rng=key)
        np.testing.assert_allclose(compiled(x, temperature, key), wanted, atol=1e-12)
    bad = jax.numpy.asarray([[0.0, 1.0], [-INF, -INF]])
    y = np.asarray(compiled(bad, 0.5, jax.random.key(1)))
    assert np.isfinite(y[0]).all()
    assert np.isnan(y[1]).all()
    for rng in (None, np.random.default_rng(1)):
        with pytest.raises(ArgumentError, match=r"^rng is .* inside a traced function"):
            jax.jit(lambda x, rng=rng: sampling.gumbel_softmax(x, rng=rng))(x)


# -- gradients ---------------------------------------------------------------------------------------------------------


def finite(x: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(LOGITS), x, -INF)


@pytest.mark.parametrize("axis", [0, 1])
def test_gradients_are_finite_differences(differentiating: Any, finite_difference: Any, axis: int) -> None:
    make = differentiating.make
    start = np.where(np.isfinite(LOGITS), LOGITS, 0.0)

    def value(x: np.ndarray) -> float:
        return float((sampling.gumbel_softmax(finite(x), 0.6, axis=axis, noise=NOISE) * WEIGHTS).sum())

    def graph(x: Any, hard: bool) -> Any:
        return (sampling.gumbel_softmax(x, 0.6, hard=hard, axis=axis, noise=make(NOISE)) * make(WEIGHTS)).sum()

    wanted = finite_difference(value, start)
    for hard in (False, True):
        slope = differentiating.gradient(lambda x, hard=hard: graph(x, hard), LOGITS)
        np.testing.assert_allclose(slope, wanted, atol=1e-8)
    sample = sampling.gumbel_softmax(LOGITS, 0.6, axis=axis, noise=NOISE)
    np.testing.assert_allclose(sampling.gumbel_softmax_jvp(sample, WEIGHTS, 0.6, axis=axis), wanted, atol=1e-8)


def test_the_gradient_in_the_temperature(differentiating: Any) -> None:
    make = differentiating.make

    def value(t: Any, logits: Any, g: Any, w: Any) -> Any:
        return (sampling.gumbel_softmax(logits, t, noise=g) * w).sum()

    slope = differentiating.gradient(lambda t: value(t, make(LOGITS), make(NOISE), make(WEIGHTS)), np.array(0.6))
    step = 1e-6
    up, down = (value(0.6 + d, LOGITS, NOISE, WEIGHTS) for d in (step, -step))
    assert slope == pytest.approx((up - down) / (2 * step), rel=1e-6)


def test_temperature_0_has_gradient_0(differentiating: Any) -> None:
    make = differentiating.make
    told = pytest.warns(EvstatsWarning, match=r"^temperature is 0, of logits .* Keep it above 0; hard=True gives")
    with told if differentiating.name == "torch" else nullcontext():
        slope = differentiating.gradient(lambda x: (sampling.gumbel_softmax(x, 0, rng=1) * make(WEIGHTS)).sum(), LOGITS)
    np.testing.assert_array_equal(slope, np.zeros((4, 5)))


def test_half_precision_trains(torch: Any) -> None:
    x = torch.zeros(3, 4, dtype=torch.float16, requires_grad=True)
    (sampling.gumbel_softmax(x, 0.5, hard=True, rng=1) * torch.arange(4)).sum().backward()
    assert x.grad.dtype == torch.float16
    assert torch.isfinite(x.grad).all()
    assert (x.grad != 0).any()


def test_function_transforms(torch: Any) -> None:
    logits, g, w = (torch.tensor(x) for x in (LOGITS, NOISE, WEIGHTS))
    f = lambda x, g, w: (sampling.gumbel_softmax(x, 0.6, noise=g) * w).sum()  # noqa: E731
    leaf = logits.clone().requires_grad_()
    f(leaf, g, w).backward()
    torch.testing.assert_close(torch.func.grad(f)(logits, g, w), leaf.grad)
    torch.testing.assert_close(torch.func.vmap(torch.func.grad(f))(logits, g, w), leaf.grad)


def test_second_derivatives(torch: Any) -> None:
    x = torch.tensor(LOGITS[0], requires_grad=True)
    g = torch.tensor(NOISE[0])
    assert torch.autograd.gradgradcheck(lambda x: sampling.gumbel_softmax(x, 0.7, noise=g), x)


@given(temperature=st.floats(0.1, 10), seed=st.integers(0, 1000))
def test_the_jacobian_product_is_linear_and_sums_to_0(temperature: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = sampling.gumbel_softmax(rng.normal(size=(3, 4)), temperature, rng=seed)
    u, v = rng.normal(size=(2, 3, 4))
    ju, jv = (sampling.gumbel_softmax_jvp(y, w, temperature) for w in (u, v))
    np.testing.assert_allclose(sampling.gumbel_softmax_jvp(y, u + 2 * v, temperature), ju + 2 * jv, atol=1e-10)
    np.testing.assert_allclose(ju.sum(axis=-1), 0, atol=1e-10)
    np.testing.assert_allclose((ju * v).sum(axis=-1), (jv * u).sum(axis=-1), atol=1e-10)


def test_a_traced_temperature_wants_logits_of_jax(jax: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^temperature is an array traced by JAX, but logits are not of JAX"):
        jax.jit(lambda t: sampling.gumbel_softmax(LOGITS, t, rng=1))(0.5)


# -- density -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_log_prob_against_torch(torch: Any, library: Any, temperature: float) -> None:
    logits = np.where(np.isfinite(LOGITS), LOGITS, 0.0)
    y = sampling.gumbel_softmax(logits, temperature, rng=1)
    theirs = torch.distributions.RelaxedOneHotCategorical(
        torch.tensor(temperature, dtype=torch.float64), logits=torch.tensor(logits)
    ).log_prob(torch.tensor(y))
    relaxed = sampling.RelaxedOneHot(library.make(logits), temperature)
    np.testing.assert_allclose(library.read(relaxed.log_prob(library.make(y))), theirs.numpy(), atol=1e-10)
    across = sampling.RelaxedOneHot(library.make(logits.T), temperature, axis=0)
    np.testing.assert_allclose(library.read(across.log_prob(library.make(y.T))), theirs.numpy(), atol=1e-10)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_density_integrates_to_1_and_matches_the_draws(temperature: float) -> None:
    relaxed = sampling.RelaxedOneHot([0.5, -0.3], temperature)
    density = lambda y: math.exp(relaxed.log_prob([y, 1 - y]))  # noqa: E731
    assert scipy.integrate.quad(density, 0, 1, limit=200)[0] == pytest.approx(1, abs=1e-6)
    draws = sampling.RelaxedOneHot(np.broadcast_to([0.5, -0.3], (100_000, 2)), temperature).draw(rng=1)[:, 0]
    part = scipy.integrate.quad(density, 0.1, 0.6)[0]
    share = np.mean((draws > 0.1) & (draws < 0.6))
    assert abs(share - part) < 4 * math.sqrt(part * (1 - part) / 100_000)


def test_log_prob_broadcasts_all_but_the_category_axis(library: Any, torch: Any) -> None:
    logits, y = np.array([0.5, -0.3, 1.0]), np.array([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])
    each = [sampling.RelaxedOneHot(logits, 0.7).log_prob(row) for row in y]
    many = sampling.RelaxedOneHot(library.make(logits), 0.7).log_prob(library.make(y))
    np.testing.assert_allclose(library.read(many), each, rtol=1e-12)
    table = sampling.RelaxedOneHot(library.make(np.stack([logits, -logits])), 0.7)
    np.testing.assert_allclose(library.read(table.log_prob(library.make(y[0])))[0], each[0], rtol=1e-12)
    np.testing.assert_allclose(library.read(table.log_prob(library.make(y[:, None])))[:, 0], each, rtol=1e-12)
    across = sampling.RelaxedOneHot(library.make(logits[:, None]), 0.7, axis=0).log_prob(library.make(y.T))
    np.testing.assert_allclose(library.read(across), each, rtol=1e-12)
    theirs = torch.distributions.RelaxedOneHotCategorical(torch.tensor(0.7), logits=torch.tensor(logits))
    np.testing.assert_allclose(each, theirs.log_prob(torch.tensor(y)).numpy(), atol=1e-6)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_draws_broadcast(library: Any, axis: int) -> None:
    """Draws of a size are those of the logits repeated, and their densities take the same shape."""
    relaxed = sampling.RelaxedOneHot(library.make(LOGITS), 0.7, axis=axis)
    many = relaxed.draw((3, 2), rng=5)
    repeated = np.broadcast_to(LOGITS, (3, 2, 4, 5))
    last = axis % 2 - 2
    np.testing.assert_array_equal(library.read(many), library.read(sampling.gumbel_softmax(
        library.make(repeated.copy()), 0.7, axis=last, rng=5
    )))  # fmt: skip
    assert tuple(relaxed.log_prob(many).shape) == (3, 2, 5 if last == -2 else 4)
    assert tuple(relaxed.draw(7, rng=1).shape) == (7, 4, 5)
    np.testing.assert_array_equal(
        library.read(relaxed.draw(rng=5)),
        library.read(sampling.gumbel_softmax(library.make(LOGITS), 0.7, axis=axis, rng=5)),
    )
    with pytest.raises(ArgumentError, match=r"^size is -1"):
        relaxed.draw(-1)


def test_gradients_of_draws_of_a_size_add_up(differentiating: Any) -> None:
    make = differentiating.make
    g = noise.gumbel((6, 4, 5), rng=3)
    slope = differentiating.gradient(
        lambda x: (sampling.RelaxedOneHot(x, 0.6).draw(6, noise=make(g)) * make(WEIGHTS)).sum(), LOGITS
    )
    each = [
        differentiating.gradient(
            lambda x, row=row: (sampling.gumbel_softmax(x, 0.6, noise=make(row)) * make(WEIGHTS)).sum(), LOGITS
        )
        for row in g
    ]
    np.testing.assert_allclose(slope, np.sum(each, axis=0), atol=1e-12)


def test_log_prob_with_masks(library: Any) -> None:
    y = sampling.gumbel_softmax(LOGITS[1], 0.7, rng=1)
    masked = sampling.RelaxedOneHot(library.make(LOGITS[1]), 0.7)
    open_ = np.isfinite(LOGITS[1])
    wanted = sampling.RelaxedOneHot(LOGITS[1][open_], 0.7).log_prob(y[open_])
    assert float(masked.log_prob(library.make(y))) == pytest.approx(float(wanted), rel=1e-12)
    assert float(masked.log_prob(library.make(np.eye(5)[2]))) == -INF
    assert np.isfinite(float(masked.log_prob(library.make(np.eye(5)[0]))))


def test_log_prob_gradients(differentiating: Any, finite_difference: Any) -> None:
    y = sampling.gumbel_softmax(LOGITS, 0.7, rng=1)
    slope = differentiating.gradient(lambda x: sampling.RelaxedOneHot(x, 0.7).log_prob(y).sum(), LOGITS)
    start = np.where(np.isfinite(LOGITS), LOGITS, 0.0)
    wanted = finite_difference(lambda x: float(sampling.RelaxedOneHot(finite(x), 0.7).log_prob(y).sum()), start)
    np.testing.assert_allclose(slope, wanted, atol=1e-7)


def test_log_prob_inside_jit(jax: Any) -> None:
    y = sampling.gumbel_softmax(LOGITS, 0.7, rng=1)
    inside = jax.jit(lambda x, t: sampling.RelaxedOneHot(x, t).log_prob(y))(LOGITS, 0.7)
    np.testing.assert_allclose(inside, sampling.RelaxedOneHot(LOGITS, 0.7).log_prob(y), rtol=1e-12)


# -- names of PyTorch --------------------------------------------------------------------------------------------------

X = np.zeros((2, 3))
CALLED: dict[str, Any] = {
    "gumbel_softmax": lambda **given: sampling.gumbel_softmax(X, **given),
    "gumbel_softmax_jvp": lambda **given: sampling.gumbel_softmax_jvp(X, X, **given),
    "gumbel_rao": lambda **given: sampling.gumbel_rao(X, **given),
    "RelaxedOneHot": lambda **given: sampling.RelaxedOneHot(X, **given),
    "gumbel_quantize": lambda **given: sampling.gumbel_quantize(X, np.zeros((2, 3, 1)), **given),
    "StraightThrough": lambda **given: sampling.StraightThrough(**given),
    "GumbelRao": lambda **given: sampling.GumbelRao(**given),
    "softmax": lambda **given: sampling.softmax(X, **given),
    "log_softmax": lambda **given: sampling.log_softmax(X, **given),
    "gumbel_max": lambda **given: sampling.gumbel_max(X, **given),
    "categorical": lambda **given: sampling.categorical(X, **given),
    "gumbel_top_k": lambda **given: sampling.gumbel_top_k(X, 1, **given),
    "plackett_luce": lambda **given: sampling.plackett_luce(X, [[0], [1]], **given),
    "posterior_gumbel": lambda **given: sampling.posterior_gumbel(X, [0, 1], **given),
}


@pytest.mark.parametrize("name", CALLED)
def test_what_arguments_of_pytorch_and_jax_are_called_here(name: str) -> None:
    call, own = CALLED[name], inspect.signature(getattr(sampling, name)).parameters
    theirs = {theirs: here for theirs, here in {"tau": "temperature", "dim": "axis"}.items() if here in own}
    assert theirs
    for here, their in ((here, their) for their, here in theirs.items()):
        with pytest.raises(ArgumentError, match=rf"^{their}= is called {here}= here; pass {here}=1\.$"):
            call(**{their: 1})
        with pytest.raises(ArgumentError, match=rf"^{their}= is called {here}= here; pass {here}=\.\.\.\.$"):
            call(**{their: np.ones(1)})
    if len(theirs) == 2:
        with pytest.raises(
            ArgumentError, match=r"^tau= is .* and dim= is called axis= here; pass temperature=0.5 and a"
        ):
            call(tau=0.5, dim=-1)
    if "rng" in own:
        with pytest.raises(ArgumentError, match=r"^key= is called rng= here; pass rng=7\.$"):
            call(key=7)
    with pytest.raises(TypeError, match=r"has no argument colour=; it takes .*\w\.$"):
        call(colour=1)


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [-0.1, math.nan, INF, -INF, "warm", "0.5", True, None, [1.0, 2.0]])
def test_bad_temperatures(temperature: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^temperature is .*; expected"):
        sampling.gumbel_softmax(np.zeros(3), temperature, rng=1)


def test_bad_temperature_arrays(library: Any) -> None:
    logits = library.make(np.zeros(3))
    for bad in (-1.0, np.nan, INF):
        with pytest.raises(ArgumentError, match=r"^temperature is .*; expected a finite number of 0 or more"):
            sampling.gumbel_softmax(logits, library.make(np.array(bad)), rng=1)
    with pytest.raises(ArgumentError, match=r"^temperature "):
        sampling.gumbel_softmax(logits, library.make(np.ones(2)), rng=1)
    for refusing in (sampling.RelaxedOneHot, lambda x, t: sampling.gumbel_softmax_jvp(x, x, t)):
        with pytest.raises(ArgumentError, match=r"^temperature is 0"):
            refusing(logits, 0.0)


@pytest.mark.parametrize("temperature", [0, 0.5])
@pytest.mark.parametrize("hard", [False, True])
def test_refusals(library: Any, hard: bool, temperature: float) -> None:
    make = library.make

    def draw(logits: Any, **given: Any) -> Any:
        return sampling.gumbel_softmax(make(np.asarray(logits)), temperature, hard=hard, **given)

    with pytest.raises(ArgumentError, match=r"^logits contain NaN"):
        draw([[0.0, 1.0], [0.0, np.nan]], rng=1)
    with pytest.raises(ArgumentError, match=r"^logits are -inf throughout in a row"):
        draw([[0.0, 1.0], [-INF, -INF]], rng=1)
    with pytest.raises(ArgumentError, match=r"^noise has shape \(3,\); expected \(2, 3\)"):
        draw(np.zeros((2, 3)), noise=make(np.zeros(3)))
    with pytest.raises(ArgumentError, match=r"^both rng and noise are given"):
        draw(np.zeros((2, 3)), rng=1, noise=make(np.zeros((2, 3))))
    with pytest.raises(ArgumentError, match=r"^noise contains NaN"):
        draw(np.zeros((2, 3)), noise=make(np.array([[0.0, 0.0, 0.0], [0.0, np.nan, 0.0]])))
    with pytest.raises(ArgumentError, match=r"^rng is 1.5; expected"):
        draw(np.zeros((2, 3)), rng=1.5)
    with pytest.raises(ArgumentError, match=r"^axis is 5"):
        draw(np.zeros((2, 3)), axis=5, rng=1)


def test_refusals_of_the_density_and_the_jacobian() -> None:
    relaxed = sampling.RelaxedOneHot([0.0, 0.0])
    for y in ([0.5, 0.6], [-0.1, 1.1], [np.nan, 0.5]):
        with pytest.raises(ArgumentError, match=r"^value has a row that is negative somewhere or does not sum to 1"):
            relaxed.log_prob(y)
    for y in ([0.2, 0.3, 0.5], [1.0], 1.0, [[0.2, 0.3, 0.5]]):
        with pytest.raises(ArgumentError, match=r"^value has shape \(.*\); expected that of logits, \(2,\), or one"):
            relaxed.log_prob(y)
    with pytest.raises(ArgumentError, match=r"^vector has shape \(3,\); expected that of sample, \(2,\)"):
        sampling.gumbel_softmax_jvp(np.array([0.5, 0.5]), np.zeros(3))
