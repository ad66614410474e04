"""The year's total against closed forms, Panjer's recursion and simulation, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import evstats as ev
from evstats.losses import aggregation

TAIL = ev.GPD(10.0, 7.0, 0.5)


def compound_exponential(x: np.ndarray, rate: float) -> np.ndarray:
    """The survival function of a Poisson number of unit exponentials: a sum of gamma ones."""
    n = np.arange(1, 300)
    return (stats.poisson.pmf(n, rate) * stats.gamma.sf(x[:, None], n)).sum(axis=1)


@pytest.mark.parametrize("rate", [0.3, 5.0, 40.0])
def test_exponential_losses_add_up_as_gamma_variables_do(rate: float) -> None:
    total = ev.aggregate(rate, ev.Exponential(0.0, 1.0))
    x = np.linspace(0.0, min(rate + 12.0 * np.sqrt(2.0 * rate) + 8.0, total.x[-1]), 60)
    exact = np.minimum(compound_exponential(x, rate), 1.0)
    far = (exact < 1e-4) & (exact > 5e-6)
    assert far.any()
    np.testing.assert_allclose(total.sf(x[far]), exact[far], rtol=2e-3)
    assert np.abs(total.sf(x) - exact).max() <= total.error_bound
    lower, upper = total.cdf_bounds(x)
    assert (lower <= 1.0 - exact).all()
    assert (1.0 - exact <= upper).all()
    assert total.mean() == pytest.approx(rate, rel=1e-14)
    level, n = total.ppf(0.99), np.arange(1, 300)
    chance = stats.poisson.pmf(n, rate)
    beyond = float(chance @ (n * stats.gamma.sf(level, n + 1) - level * stats.gamma.sf(level, n)))
    assert total.expected_shortfall(0.99) == pytest.approx(level + beyond / 0.01, rel=1e-4)


def panjer(rate: float, masses: np.ndarray, points: int) -> np.ndarray:
    """Panjer (1981), ASTIN Bulletin 12: the total of a Poisson number of losses on a grid."""
    found = np.zeros(points)
    found[0] = np.exp(-rate * (1.0 - masses[0]))
    for k in range(1, points):
        j = np.arange(1, min(k, masses.size - 1) + 1)
        found[k] = rate / k * np.sum(j * masses[j] * found[k - j])
    return found


def test_panjers_recursion_gives_the_same_masses() -> None:
    step, layer = 2.5, 60
    total = ev.aggregate(9.9, TAIL, attachment=50.0, limit=150.0, step=step)
    x = 50.0 + step * np.arange(layer + 1)
    integrals = 14.0 * -np.diff(1.0 / (1.0 + 0.5 * (x - 10.0) / 7.0)) / step  # of (1 + z/2)^-2
    masses = np.append(np.concatenate([[1.0 - integrals[0]], integrals[:-1] - integrals[1:]]), integrals[-1])
    np.testing.assert_allclose(total.pmf[:300], panjer(9.9, masses, 300), atol=3e-9)
    assert total.step == step


def test_wrapped_masses_are_damped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grid that ends where one total in three lies beyond, with and without the tilting."""
    whole = ev.aggregate(9.9, TAIL, attachment=50.0, limit=150.0, step=1.0)
    cut = ev.aggregate(9.9, TAIL, attachment=50.0, limit=150.0, aggregate_limit=20.0, step=1.0)
    np.testing.assert_allclose(cut.pmf[:20], whole.pmf[:20], atol=1e-8)
    monkeypatch.setattr(aggregation, "_TILT", 0.0)
    folded = ev.aggregate(9.9, TAIL, attachment=50.0, limit=150.0, aggregate_limit=20.0, step=1.0)
    assert np.abs(folded.pmf[:20] - whole.pmf[:20]).max() > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("reinstatements", [None, 1])
def test_four_million_years_of_a_heavy_layer(reinstatements: int | None) -> None:
    rng, years = np.random.default_rng(20_261_129), 4_000_000
    numbers = rng.poisson(9.9, years)
    total = np.zeros(years)
    for largest in range(1, numbers.max() + 1):  # loss by loss, of the years that have so many
        there = numbers >= largest
        loss = 10.0 + 7.0 * (rng.random(int(there.sum())) ** -0.5 - 1.0) / 0.5
        total[there] += np.clip(loss - 50.0, 0.0, 150.0)
    if reinstatements is not None:
        total = np.minimum(total, 300.0)
    found = ev.aggregate(9.9, TAIL, attachment=50.0, limit=150.0, reinstatements=reinstatements)
    x = np.array([0.0, 1.0, 5.0, 20.0, 75.0, 149.9, 150.0, 151.0, 200.0, 299.9, 300.0, 301.0, 400.0, 500.0])
    share = np.array([np.mean(total <= at + 1e-9) for at in x])
    error = np.sqrt(share * (1.0 - share) / years)
    assert (np.abs(found.cdf(x) - share) <= 4.0 * error + 1e-9).all()
    lower, upper = found.cdf_bounds(x)
    assert (lower <= share + 4.0 * error + 1e-9).all()
    assert (share - 4.0 * error - 1e-9 <= upper).all()
    worst = np.sort(total)[-years // 100 :]
    assert found.expected_shortfall(0.99) == pytest.approx(
        worst.mean(), abs=5.0 * worst.std() / np.sqrt(worst.size) + 0.05
    )


@pytest.mark.parametrize("contract", [{}, {"limit": 200.0}, {"attachment": 50.0, "limit": 150.0, "reinstatements": 2}])
def test_the_reported_bound_holds_against_a_finer_grid(contract: dict[str, float]) -> None:
    coarse = ev.aggregate(3.0, TAIL, **contract, step=4.0)
    fine = ev.aggregate(3.0, TAIL, **contract, step=0.125)
    x = np.linspace(0.0, 600.0, 401)
    off = np.abs(coarse.cdf(x) - fine.cdf(x))
    assert off.max() <= coarse.error_bound + fine.error_bound
    lower, upper = coarse.cdf_bounds(x)
    near, far = fine.cdf_bounds(x)
    assert (lower <= far).all()
    assert (near <= upper).all()
    assert coarse.error_bound > 4.0 * fine.error_bound


def test_quantiles_masses_and_the_most_a_year_costs() -> None:
    total = ev.aggregate(9.9, TAIL, attachment=50.0, limit=150.0, aggregate_limit=300.0, reinstatements=1)
    assert total.limit == total.x[-1] == 300.0
    assert total.pmf.sum() == pytest.approx(1.0, abs=1e-12)
    assert total.pmf[0] == pytest.approx(np.exp(-9.9 * float(TAIL.sf(50.0))), abs=total.error_bound)
    assert total.pmf[-1] > 1e-4  # the atom of years that reach it
    assert total.cdf([-1.0, 300.0, 1e9]).tolist() == [0.0, 1.0, 1.0]
    assert np.isnan(total.cdf(np.nan))
    levels = np.array([0.6, 0.9, 0.99, 0.995])
    quantiles = total.ppf(levels)
    assert (total.cdf(quantiles) >= levels).all()
    assert (total.cdf(quantiles - total.step) < levels).all()
    assert total.ppf(0.99999) == 300.0
    assert (total.expected_shortfall(levels) >= quantiles).all()
    assert total.expected_shortfall(0.99999) == pytest.approx(300.0)
    assert total.mean() < 9.9 * float(TAIL.layer_mean(50.0, 150.0))
    assert "at most 300" in repr(total)


def test_any_unit_gives_the_same() -> None:
    factor = 7.45e6
    ours = ev.aggregate(2.0, TAIL, attachment=50.0, limit=150.0)
    theirs = ev.aggregate(2.0, ev.GPD(10.0 * factor, 7.0 * factor, 0.5), attachment=50.0 * factor, limit=150.0 * factor)
    np.testing.assert_allclose(theirs.pmf, ours.pmf, rtol=1e-6, atol=1e-12)
    assert theirs.mean() == pytest.approx(factor * ours.mean(), rel=1e-12)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rate": 0}, "rate is 0; give a number of more than 0"),
        ({"rate": -2.0}, "rate is -2"),
        ({"rate": np.nan}, "rate is nan"),
        ({"attachment": -1.0}, "attachment is -1"),
        ({"attachment": 5.0}, "attachment 5 is below the threshold of 10"),
        ({"limit": 0.0}, "limit is 0"),
        ({"severity": ev.GPD(10.0, 7.0, 1.0)}, "the mean loss above 0 is infinite"),
        ({"severity": ev.GPD(10.0, [7.0, 8.0], 0.1)}, "severity is a batch"),
        ({"severity": 3.0}, "severity is of type float; give the distribution of a loss"),
        ({"reinstatements": 1}, "reinstatements are of a limit, and there is none"),
        ({"limit": 150.0, "reinstatements": -1}, "reinstatements is -1"),
        ({"limit": 150.0, "reinstatements": 1, "aggregate_limit": 200.0}, "1 reinstatements of 150 are 300"),
        ({"attachment": [50.0, 60.0], "limit": 150.0}, "several layers are given"),
        ({"step": 0.0}, "step is 0"),
        ({"step": 1e-9}, "points; give"),
    ],
)
def test_what_is_no_contract_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ev.ArgumentError, match=said):
        ev.aggregate(**{"rate": 9.9, "severity": TAIL, **given})


def test_an_aggregate_limit_between_points_of_the_grid_ends_it() -> None:
    most, step = 333.0, 50.0
    total, fine = (ev.aggregate(9.9, TAIL, 50.0, 150.0, most, step=own) for own in (step, step / 512))
    assert total.x[-1] == total.ppf(1.0 - 1e-9) == most
    between = np.linspace(most - step, most, 40, endpoint=False)
    assert np.all(np.abs(total.cdf(between) - fine.cdf(between)) <= total.error_bound + fine.error_bound)
    assert total.cdf(most) == 1.0
    assert float(total.pmf @ total.x) == pytest.approx(total.mean())
    assert total.expected_shortfall(0.9999) == most


def test_the_advice_on_an_infinite_mean_and_on_a_far_quantile_helps() -> None:
    heavy = ev.GPD(10.0, 7.0, 1.2)
    assert ev.aggregate(0.5, heavy, limit=500.0).mean() == pytest.approx(0.5 * float(heavy.layer_mean(0.0, 500.0)))
    assert ev.aggregate(0.5, heavy, aggregate_limit=500.0).cdf(500.0) == 1.0
    total = ev.aggregate(0.5, TAIL, beyond=1e-3)
    with pytest.raises(ev.ArgumentError, match="lies beyond the grid"):
        total.ppf(0.9999999)
    assert np.isfinite(ev.aggregate(0.5, TAIL, beyond=1e-8, step=20.0).ppf(0.9999999))


def test_losses_that_were_spliced_add_up() -> None:
    losses = np.exp(stats.norm(1.0, 1.2).ppf((np.arange(2000) + 0.5) / 2000))
    for body in ("empirical", "lognormal"):
        whole = ev.spliced(losses, threshold=12.0, body=body)
        total = ev.aggregate(50.0, whole, limit=100.0)
        assert total.mean() == pytest.approx(50.0 * float(whole.layer_mean(0.0, 100.0)), rel=1e-12)
        assert float(total.pmf @ total.x) == pytest.approx(total.mean(), rel=1e-6)
        assert total.mean() == pytest.approx(50.0 * np.minimum(losses, 100.0).mean(), rel=0.02)


def test_beyond_the_grid_bounds_are_told() -> None:
    near, far = ev.aggregate(0.5, TAIL, beyond=1e-3), ev.aggregate(0.5, TAIL, beyond=1e-7, step=5.0)
    x = np.array([1.01, 1.5, 3.0]) * near.x[-1]
    assert np.isnan(near.cdf(x)).all()
    lower, upper = near.cdf_bounds(x)
    assert (lower <= far.cdf_bounds(x)[1]).all()
    assert (far.cdf_bounds(x)[0] <= upper).all()
    assert (lower > 0.99).all()
    assert near.cdf_bounds(np.inf) == (1.0, 1.0)
    assert np.isnan(near.cdf_bounds(np.nan)).all()
