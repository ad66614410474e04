"""Markov chains: kernels that leave their target invariant, right answers, errors that hold, faults that are named."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from montecarlo.conftest import exact_skewed, needs_arviz, skewed
from numpy.typing import NDArray
from scipy import signal, special, stats

from evstats.errors import ArgumentError, DataError, EvstatsWarning
from evstats.extras import install
from evstats.montecarlo import Chains, gibbs, metropolis
from evstats.montecarlo.diagnostics import effective_size, rank_rhat, tail_effective_size

Array = NDArray[np.float64]


def normal(x: Array) -> Array:
    return np.asarray(-0.5 * np.sum((x - [1.0, -2.0]) ** 2 / [1.0, 9.0], axis=-1))


def second_given_first(points: Array, rng: np.random.Generator) -> Array:
    return np.log(points[:, 0]) + 0.5 * rng.standard_normal(len(points))


KERNELS: dict[str, Callable[[Array, int], Chains]] = {
    "random walk": lambda start, seed: metropolis(
        skewed, start, 4, warmup=0, thin=5, move="random-walk", step=[1.5, 0.5], rng=seed
    ),
    "adaptive": lambda start, seed: metropolis(skewed, start, 4, warmup=0, thin=5, step=1.0, rng=seed),
    "ensemble": lambda start, seed: metropolis(skewed, start, 4, warmup=0, thin=5, move="ensemble", rng=seed),
    "slices": lambda start, seed: gibbs([None, None], start, 4, logpdf=skewed, warmup=0, rng=seed),
    "gibbs": lambda start, seed: gibbs([None, second_given_first], start, 4, logpdf=skewed, warmup=0, rng=seed),
}


@pytest.mark.parametrize("kernel", KERNELS)
def test_exact_draws_stay_exact_draws_and_move(kernel: str) -> None:
    start = exact_skewed(20_000, 1)
    found = KERNELS[kernel](start, 2)
    last = found.draws[:, -1]
    assert found.draws.shape == (20_000, 4, 2)
    assert np.mean(last[:, 0] != start[:, 0]) > 0.9
    assert stats.kstest(last[:, 0], stats.gamma(3.0).cdf).pvalue > 1e-3
    assert stats.kstest(2.0 * (last[:, 1] - np.log(last[:, 0])), stats.norm.cdf).pvalue > 1e-3
    assert abs(stats.spearmanr(last[:, 0], last[:, 1] - np.log(last[:, 0])).statistic) < 0.03
    assert abs(stats.spearmanr(last[:, 0], start[:, 0]).statistic) < 0.9
    np.testing.assert_allclose(found.logdensity, skewed(found.draws))


def test_slices_are_exact_whatever_their_width(monkeypatch: pytest.MonkeyPatch) -> None:
    from evstats.montecarlo import slices

    for width, most in ((0.02, 3), (200.0, 64)):
        monkeypatch.setattr(slices, "_MOST_STEPS", most)
        monkeypatch.setattr(slices, "_WIDTH", width)
        found = gibbs([None, None], exact_skewed(20_000, 3), 4, logpdf=skewed, warmup=0, rng=4)
        assert stats.kstest(found.draws[:, -1, 0], stats.gamma(3.0).cdf).pvalue > 1e-3


RUNS: dict[str, Callable[..., Chains]] = {
    "adaptive": metropolis,
    "random-walk": lambda *args, **options: metropolis(*args, move="random-walk", step=[2.0, 5.0], **options),
    "ensemble": lambda *args, **options: metropolis(*args, move="ensemble", **options),
    "slices": lambda f, *args, **options: gibbs([None, None], *args, logpdf=f, **options),
}


@pytest.mark.parametrize("run", RUNS)
def test_the_target_is_found_from_far_away(run: str) -> None:
    start = np.random.default_rng(5).normal([30.0, 100.0], 3.0, size=(40, 2))
    found = RUNS[run](normal, start, 1500, warmup=1500, rng=6)
    assert found.draws.shape == (40, 1500, 2)
    np.testing.assert_allclose(found.flat.mean(axis=0), [1.0, -2.0], atol=0.15)
    np.testing.assert_allclose(np.cov(found.flat.T), [[1.0, 0.0], [0.0, 9.0]], atol=0.4)
    assert (found.acceptance > 0.15).all()
    short, again = (RUNS[run](normal, start, 40, warmup=60, rng=6) for _ in range(2))
    np.testing.assert_array_equal(short.draws, again.draws)
    assert (found.warmup, found.thin, found.seed) == (1500, 1, 6)


def test_what_adapts_stops_after_warm_up() -> None:
    """From the end of warm-up on, chains are those of the fixed kernel: a longer run begins with the shorter one."""
    options: dict[str, Any] = {"chains": 6, "warmup": 300, "rng": 7}
    short, long = (metropolis(normal, [0.0, 0.0], draws, **options) for draws in (50, 500))
    np.testing.assert_array_equal(short.draws, long.draws[:, :50])
    seen: list[Array] = []
    mover = metropolis.__globals__["AdaptiveWalk"]
    original = mover.move

    def watched(self: Any, *args: Any) -> Any:
        seen.append(self.factor)
        return original(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mover, "move", watched)
        metropolis(normal, [0.0, 0.0], 100, **options)
    assert len({factor.tobytes() for factor in seen[:300]}) > 100
    assert len({factor.tobytes() for factor in seen[300:]}) == 1


def test_the_adaptive_walk_learns_the_shape_of_the_target() -> None:
    def narrow(x: Array) -> Array:
        a, b = x[..., 0] + x[..., 1], 100.0 * (x[..., 0] - x[..., 1])
        return np.asarray(-0.5 * (a * a + b * b))

    found = metropolis(narrow, [0.0, 0.0], 4000, chains=10, rng=8)
    assert 0.2 < found.acceptance.mean() < 0.45
    total, difference = found.flat[:, 0] + found.flat[:, 1], 100.0 * (found.flat[:, 0] - found.flat[:, 1])
    assert total.std() == pytest.approx(1.0, abs=0.06)
    assert difference.std() == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("run", ["random-walk", "slices", "few long chains"])
def test_intervals_for_expectations_hold_as_often_as_they_say(run: str) -> None:
    """A thousand repeats at once: chains are independent, so each repeat is a group of them."""
    repeats, group = 1000, 2 if run == "few long chains" else 16
    start = np.random.default_rng(9).normal(size=(repeats * group, 1))

    def bell(x: Array) -> Array:
        return -0.5 * np.sum(x * x, axis=-1)

    if run == "slices":
        found = gibbs([None], start, 60, logpdf=bell, warmup=0, rng=10)
    else:
        draws = 1600 if run == "few long chains" else 100
        found = metropolis(bell, start, draws, warmup=0, move="random-walk", step=2.4, rng=10)
    covered = []
    for i in range(0, repeats * group, group):
        part = dataclasses.replace(
            found, **{name: getattr(found, name)[i : i + group] for name in ("draws", "logdensity", "acceptance")}
        )
        answer = part.expectation(lambda x: x[:, 0] ** 2, confidence=0.99)
        covered.append(answer.lower < 1.0 < answer.upper)
    assert 0.98 <= np.mean(covered) <= 1.0


def test_thinning_keeps_every_so_many() -> None:
    every = metropolis(normal, [0.0, 0.0], 200, warmup=100, rng=3)
    fifth = metropolis(normal, [0.0, 0.0], 40, warmup=100, thin=5, rng=3)
    np.testing.assert_array_equal(every.draws[:, 4::5], fifth.draws)


def test_results_are_frozen_and_remember_their_seed() -> None:
    found = metropolis(normal, [0.0, 0.0], 10, warmup=10, names=["a", "b"])
    assert isinstance(found.seed, int)
    np.testing.assert_array_equal(metropolis(normal, [0.0, 0.0], 10, warmup=10, rng=found.seed).draws, found.draws)
    assert metropolis(normal, [0.0, 0.0], 10, warmup=10, rng=np.random.default_rng(1)).seed is None
    assert found.names == ("a", "b")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.seed = 3  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        found.draws[0, 0, 0] = 1.0


def test_one_dimension_and_many() -> None:
    one = metropolis(lambda x: -0.5 * x[..., 0] ** 2, [3.0], 2000, chains=10, rng=1)
    assert one.expectation(confidence=0.999).lower < 0.0 < one.expectation(confidence=0.999).upper
    ten = metropolis(lambda x: -0.5 * np.sum(x**2, axis=-1), np.ones(10), 2000, chains=20, rng=1)
    np.testing.assert_allclose(ten.flat.std(axis=0), 1.0, atol=0.1)


def test_diagnostics() -> None:
    found = metropolis(normal, [0.0, 0.0], 1000, rng=1, names=["a", "b"])
    assert (found.rhat() < 1.02).all()
    assert (found.ess() > 100).all()
    assert (found.ess("tail") > 100).all()
    table = found.summary()
    assert list(table.index) == ["a", "b"]
    assert list(table.columns) == ["mean", "sd", "lower", "upper", "ess_bulk", "ess_tail", "rhat"]
    with pytest.raises(ArgumentError, match="expected 'bulk' or 'tail'"):
        found.ess("all")
    apart = metropolis(normal, [[-50.0, -2.0], [50.0, -2.0]], 20, warmup=0, move="random-walk", step=0.1, rng=1)
    assert apart.rhat()[0] > 1.5
    (note,) = apart.summary().attrs["notes"]
    assert (note.code, note.subject) == ("chains_disagree", "x0, x1")
    assert note.values["rhat"] == apart.rhat().max()
    assert "do not agree yet in x0, x1" in " ".join(str(apart).split())
    alone = metropolis(normal, [0.0, 0.0], 500, chains=1, rng=1)
    assert np.isnan(alone.rhat()).all()
    assert (alone.ess() > 20).all()
    assert alone.summary().attrs["notes"] == ()


def hard_chains(kind: str, chains: int, draws: int) -> Array:
    rng = np.random.default_rng(draws)
    x = rng.standard_cauchy((chains, draws)) if kind == "Cauchy" else rng.normal(size=(chains, draws))
    if kind == "walks":
        return np.cumsum(x, axis=1)
    if kind == "opposed":
        return np.asarray(signal.lfilter([1.0], [1.0, 0.9], x, axis=1))
    if kind == "still":
        return np.repeat(x[:, :1], draws, axis=1)
    return x + np.arange(chains)[:, None] if kind == "apart" else np.round(x) if kind == "tied" else x


@needs_arviz
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["normal", "Cauchy", "walks", "opposed", "apart", "tied", "still"])
def test_rhat_and_effective_sizes_are_those_of_arviz(kind: str) -> None:
    """But for tails where the 5 % quantile is a draw itself: there ArviZ's rounding decides which side it is on."""
    arviz = pytest.importorskip("arviz")
    for chains, draws in ((1, 50), (2, 4), (2, 5), (2, 7), (3, 8), (4, 9), (4, 25), (4, 100), (8, 1003)):
        x = hard_chains(kind, chains, draws)
        with np.errstate(all="ignore"):
            rhat, bulk, tail = (float(f) for f in (arviz.rhat(x), arviz.ess(x), arviz.ess(x, method="tail")))
        assert rank_rhat(x) == pytest.approx(rhat, rel=1e-9, nan_ok=True), (chains, draws)
        assert effective_size(x) == pytest.approx(bulk, rel=1e-9), (chains, draws)
        if kind != "still":
            assert tail_effective_size(x) == pytest.approx(tail, rel=1e-9), (chains, draws)


def test_effective_sizes_of_a_known_autocorrelation() -> None:
    """Means of autoregressive chains vary as those of n (1 - phi)/(1 + phi) independent draws."""
    noise = np.random.default_rng(1).normal(size=(50, 4200))
    chains = signal.lfilter([1.0], [1.0, -0.8], noise, axis=1)[:, 200:]
    assert effective_size(chains) == pytest.approx(50 * 4000 / 9.0, rel=0.05)
    assert rank_rhat(chains) < 1.01
    independent = np.random.default_rng(2).normal(size=(4, 5000))
    for size in (effective_size, tail_effective_size):
        assert size(independent) == pytest.approx(20_000, rel=0.1)


@needs_arviz
def test_the_data_of_arviz() -> None:
    found = metropolis(normal, [0.0, 0.0], 100, rng=1, names=["a", "b"])
    data = found.to_arviz()
    np.testing.assert_array_equal(data.posterior["b"].values, found.draws[..., 1])
    np.testing.assert_array_equal(data.sample_stats["lp"].values, found.logdensity)


def test_without_arviz_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arviz", None)
    found = metropolis(normal, [0.0, 0.0], 10, warmup=0, rng=1)
    assert found.summary().shape == (2, 7)
    with pytest.raises(ImportError, match=r"^to_arviz\(\) needs ArviZ.*" + re.escape(install("bayes"))):
        found.to_arviz()


def test_nan_off_the_start_is_refused_and_told() -> None:
    def half(x: Array) -> Array:
        with np.errstate(invalid="ignore"):
            return np.asarray(np.log(x[..., 0]) - x[..., 0])  # NaN below 0

    with pytest.warns(EvstatsWarning, match=r"logpdf is NaN at \d+ proposed points, first at \[-"):
        found = metropolis(half, [1.0], 2000, chains=20, rng=1)
    assert stats.kstest(found.flat[::20, 0], stats.gamma(2.0).cdf).pvalue > 1e-3


def test_proposals_that_are_never_accepted_are_told() -> None:
    with pytest.warns(EvstatsWarning, match=r"4 of 4 chains accepted fewer than 0.5% of the random-walk proposals"):
        metropolis(normal, [0.0, 0.0], 200, warmup=0, move="random-walk", step=1e6, rng=1)


def test_a_bar_shows_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    metropolis(normal, [0.0, 0.0], 10, warmup=0, rng=1, progress=True)
    assert "10/10" in capsys.readouterr().err
    for unseen in (None, False):
        metropolis(normal, [0.0, 0.0], 10, warmup=0, rng=1, progress=unseen)
        assert not capsys.readouterr().err


def spiked(x: Array) -> Array:
    return np.where(np.abs(x[..., 0]) > 0.5, np.inf, 0.0)


FAULTS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "shape": (lambda: metropolis(np.sum, [0.0]), ArgumentError, r"logpdf returned an array of shape \(\) for points"),
    "axis": (lambda: metropolis(lambda x: x, [0.0]), ArgumentError, r"shape \(4, 1\) for points of shape \(4, 1\)"),
    "nan": (lambda: metropolis(lambda x: x[..., 0] * np.nan, [0.0]), DataError, "logpdf is nan at 4 of 4 starting"),
    "outside": (lambda: metropolis(skewed, [[1, 0], [-1, 0]]), DataError, r"-inf at 1 of 2 starting points, first at"),
    "spike": (lambda: metropolis(spiked, [0.0], step=1.0, rng=1), DataError, "a density without bound cannot be"),
    "start": (lambda: metropolis(normal, [[[0.0]]]), ArgumentError, r"start has shape \(1, 1, 1\); expected \(dim,\)"),
    "text": (lambda: metropolis(normal, ["a"]), ArgumentError, "expected numbers"),
    "far": (lambda: metropolis(normal, [np.inf, 0.0]), ArgumentError, "NaN or infinite numbers"),
    "draws": (lambda: metropolis(normal, [0, 0], 1), ArgumentError, "draws is 1; expected a whole number of 4"),
    "warmup": (lambda: metropolis(normal, [0, 0], warmup=-1), ArgumentError, "warmup is -1"),
    "thin": (lambda: metropolis(normal, [0, 0], thin=0), ArgumentError, "thin is 0"),
    "chains": (lambda: metropolis(normal, [0, 0], chains=0), ArgumentError, "chains is 0"),
    "move": (lambda: metropolis(normal, [0, 0], move="ensembles"), ArgumentError, "Did you mean 'ensemble'"),
    "step": (lambda: metropolis(normal, [0, 0], move="random-walk"), ArgumentError, "needs step"),
    "steps": (lambda: metropolis(normal, [0, 0], step=[1, 2, 3]), ArgumentError, "a positive number, or 2 of them"),
    "negative": (lambda: metropolis(normal, [0, 0], step=-1), ArgumentError, "expected positive finite numbers"),
    "few": (lambda: metropolis(normal, [0, 0], chains=3, move="ensemble"), ArgumentError, "an even number, at least 4"),
    "same": (lambda: metropolis(normal, [0, 0], chains=4, move="ensemble"), ArgumentError, "differ in every direction"),
    "names": (lambda: metropolis(normal, [0, 0], names=["a"]), ArgumentError, "expected 2 different strings"),
    "rng": (lambda: metropolis(normal, [0, 0], rng="x"), ArgumentError, "rng is 'x'"),  # type: ignore[arg-type]
    "conditionals": (
        lambda: gibbs([None], [0, 0], logpdf=normal),
        ArgumentError,
        "for each of the 2 dimensions; got 1",
    ),
    "slices": (lambda: gibbs([None], [0.0]), ArgumentError, "they need logpdf"),
    "conditional": (lambda: gibbs([lambda x, r: 0.0], [0.0]), ArgumentError, r"returned shape \(\); expected \(4,\)"),
    "drawn": (lambda: gibbs([lambda x, r: x[:, 0] * np.nan], [0.0]), DataError, "coordinate 0 returned NaN"),
    "expectation": (
        lambda: metropolis(normal, [0, 0], 10, warmup=0, rng=1).expectation(),
        ArgumentError,
        "have 2 dimensions: pass f",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(fault: str) -> None:
    call, error, text = FAULTS[fault]
    with pytest.raises(error, match=text):
        call()


def test_gibbs_needs_no_density_where_all_conditionals_are_given() -> None:
    def other(i: int) -> Callable[[Array, np.random.Generator], Array]:
        return lambda points, rng: 0.5 * points[:, 1 - i] + np.sqrt(0.75) * rng.standard_normal(len(points))

    found = gibbs([other(0), other(1)], [5.0, 5.0], 4000, chains=10, rng=1)
    assert np.isnan(found.logdensity).all()
    assert np.corrcoef(found.flat.T)[0, 1] == pytest.approx(0.5, abs=0.03)
    assert special.ndtr(0.0) == pytest.approx(np.mean(found.flat[:, 0] < 0.0), abs=0.02)
