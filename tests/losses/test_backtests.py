"""Back-tests against the published definitions, computed here by other means, and p-values against every outcome."""

from __future__ import annotations

import itertools
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, stats

import evstats as ev
from evstats import noise
from evstats.losses import counts, nulls, regressed, several, shortfalls, waiting, zones
from evstats.notes import as_note

DATA = Path(__file__).resolve().parents[2] / "data"
Q99 = float(stats.norm.ppf(0.99))


def normal_risk(sigma: Any, level: float) -> tuple[Any, Any]:
    q = stats.norm.ppf(level)
    return sigma * q, sigma * stats.norm.pdf(q) / (1.0 - level)


@pytest.fixture(scope="module")
def oil() -> tuple[pd.Series, pd.Series]:
    """Thirty years of losses on oil and the volatility of the days before."""
    losses = -ev.returns(ev.read_series(DATA / "wti_daily_spot_price.csv"))
    sigma = losses.ewm(alpha=0.06).std().shift(1).iloc[50:]
    return losses.iloc[50:], sigma


@pytest.fixture(scope="module")
def long_run() -> tuple[np.ndarray, np.ndarray]:
    """30,000 days of clustered losses."""
    sigma = np.exp(0.4 * np.sin(np.arange(30_000) / 40.0))
    return sigma * noise.generator(3).standard_t(5, 30_000), np.full(30_000, 1.1)


# -- the statistics ----------------------------------------------------------------------------------------------------


def log_likelihood(zeros: int, ones: int, share: float) -> float:
    return sum(k * float(np.log(p)) for k, p in ((zeros, 1.0 - share), (ones, share)) if k)


def by_definition(losses: np.ndarray, var: np.ndarray, es: np.ndarray, a: float) -> dict[str, float]:
    """Every statistic as its paper writes it."""
    n, hit = losses.size, losses > var
    x = sum(1 for one in hit if one)
    moves = pd.crosstab(pd.Series(hit[:-1]), pd.Series(hit[1:])).to_numpy()
    (n00, n01), (n10, n11) = moves
    kupiec = 2.0 * (log_likelihood(n - x, x, x / n) - log_likelihood(n - x, x, a))
    apart = log_likelihood(n00, n01, n01 / (n00 + n01)) + log_likelihood(n10, n11, n11 / (n10 + n11))
    independence = 2.0 * (apart - log_likelihood(n00 + n10, n01 + n11, (n01 + n11) / (n - 1)))
    y = hit - a
    design = np.column_stack([np.ones(n - 4), *(y[4 - lag : n - lag] for lag in (1, 2, 3, 4)), var[4:]])
    b = np.linalg.lstsq(design, y[4:], rcond=None)[0]
    v = np.column_stack([hit - a, es - var - (losses - var) * hit / a])
    mean, second = v.mean(axis=0), v.T @ v / n
    return {
        "kupiec": kupiec,
        "independence": independence,
        "conditional_coverage": kupiec + independence,
        "duration": weibull_ratio(hit),
        "dynamic_quantile": b @ design.T @ design @ b / (a * (1.0 - a)),
        "exceedance_residuals": stats.ttest_1samp((losses - es)[hit], 0.0).statistic,
        "z1": 1.0 - np.mean((losses / es)[hit]),
        "z2": 1.0 - np.sum((losses / es)[hit]) / (n * a),
        "conditional_calibration": n * mean @ np.linalg.inv(second) @ mean,
    }


def weibull_ratio(hit: np.ndarray) -> float:
    """Christoffersen and Pelletier's likelihood in both parameters, climbed."""
    days = np.flatnonzero(hit) + 1.0
    whole = np.diff(days)
    censored = np.array([days[0] if days[0] > 1 else 0.0, hit.size - days[-1]])

    def loss(theta: np.ndarray) -> float:
        a, b = np.exp(theta)
        density = b * np.log(a) + np.log(b) + (b - 1.0) * np.log(whole) - (a * whole) ** b
        return -float(density.sum() - ((a * censored) ** b).sum())

    start = np.array([np.log(hit.mean()), 0.0])
    best = optimize.minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11})
    flat = optimize.minimize_scalar(lambda log_a: loss(np.array([log_a, 0.0])), bracket=(start[0] - 0.1, start[0]))
    return 2.0 * (flat.fun - best.fun)


@pytest.mark.parametrize("level", [0.99, 0.975])
@pytest.mark.parametrize("run", ["oil", "long_run"])
def test_statistics_are_those_of_the_papers(run: str, level: float, request: pytest.FixtureRequest) -> None:
    losses, sigma = (np.asarray(part) for part in request.getfixturevalue(run))
    var, es = normal_risk(sigma, level)
    bt = ev.backtest(losses, var, es, level=level)
    assert bt.exceedances.sum() == np.count_nonzero(losses > var)
    assert bt.expected == pytest.approx(losses.size * (1.0 - level), abs=1e-9)
    found = bt.tests("asymptotic")["statistic"]
    for name, value in by_definition(losses, var, es, 1.0 - level).items():
        assert found[name] == pytest.approx(value, rel=1e-6 if name == "duration" else 1e-8, abs=1e-8), name


def test_residuals_are_divided_by_the_volatility(oil: tuple[pd.Series, pd.Series]) -> None:
    losses, sigma = oil
    var, es = normal_risk(sigma, 0.99)
    found = ev.backtest(losses, var, es, volatility=sigma).tests("asymptotic").loc["exceedance_residuals"]
    own = stats.ttest_1samp(((losses - es) / sigma)[losses > var], 0.0, alternative="greater")
    assert found["statistic"] == pytest.approx(own.statistic, rel=1e-9)
    assert found["p_value"] == pytest.approx(stats.norm.sf(own.statistic), rel=1e-9)


def test_p_values_of_the_real_record(oil: tuple[pd.Series, pd.Series]) -> None:
    """The normal law is too light for oil, in ways that the tests tell apart; every p-value is told without draws but
    those of which the notes say so."""
    losses, sigma = oil
    table = ev.backtest(losses, *normal_risk(sigma, 0.99)).tests()
    assert table["p_value"].isna().sum() == 3
    assert {note.code for note in table.attrs["notes"]} == {"no_draws_to_test"}
    assert table["p_value"][["kupiec", "conditional_coverage", "exceedance_residuals"]].max() < 0.01


# -- the p-values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("a", [0.2, 0.05])
def test_p_values_are_those_of_every_outcome(a: float) -> None:
    n = 12
    every = np.array(list(itertools.product((0.0, 1.0), repeat=n)))
    x = every.sum(axis=-1)
    masses = a**x * (1.0 - a) ** (n - x)
    for name in ("kupiec", "conditional_coverage"):
        statistics = getattr(counts, name)(every, a)
        null = getattr(counts, {"kupiec": "kupiec_null", "conditional_coverage": "conditional_null"}[name])(n, a)
        for observed in statistics[::97]:
            same = np.abs(statistics - observed) < 1e-9
            larger = statistics > observed + 1e-9
            assert nulls.p_value(null, observed, "exact") == pytest.approx(masses[larger | same].sum(), abs=1e-12)
            mid = masses[larger].sum() + 0.5 * masses[same].sum()
            assert nulls.p_value(null, observed, "mid-p") == pytest.approx(mid, abs=1e-12)
    for count in (2, 5, 11):
        statistics = counts.independence(every[x == count])
        null = counts.independence_null(n, count)
        for observed in statistics[::23]:
            share = np.mean(statistics > observed - 1e-9)
            assert nulls.p_value(null, observed, "exact") == pytest.approx(share, abs=1e-12)


@pytest.mark.parametrize("n", [250, 500, 1000])
@pytest.mark.parametrize("a", [0.01, 0.025])
def test_kupiec_is_the_sum_of_binomial_masses_and_keeps_its_size(n: int, a: float) -> None:
    x = np.arange(n + 1)
    masses = stats.binom.pmf(x, n, a)
    with np.errstate(divide="ignore", invalid="ignore"):
        ones, zeros = x * np.log(n * a / x), (n - x) * np.log((1.0 - a) / (1.0 - x / n))
    ratio = -2.0 * (np.nan_to_num(ones) + np.nan_to_num(zeros))
    null = counts.kupiec_null(n, a)
    p = nulls.p_value(null, null.statistics, "exact")
    for count in (0, round(n * a), 4 * round(n * a)):
        own = masses[ratio >= ratio[count] - 1e-9].sum()
        assert p[count] == pytest.approx(own, rel=1e-6)
    assert masses[p <= 0.05].sum() <= 0.05
    uniform = (np.arange(2000) + 0.5) / 2000
    random = np.mean(nulls.p_value(null, null.statistics[:, None], "random", uniform) <= 0.05, axis=-1)
    assert masses @ random == pytest.approx(0.05, abs=1e-4)


def test_conditional_coverage_and_independence_keep_their_size() -> None:
    n, a = 250, 0.025
    null = counts.conditional_null(n, a)
    assert null.masses is not None
    assert null.masses.sum() == pytest.approx(1.0, abs=1e-10)
    for rule, low, high in (("exact", 0.02, 0.05), ("mid-p", 0.04, 0.06)):
        p = nulls.p_value(null, null.statistics, rule)
        assert low <= null.masses[p <= 0.05].sum() <= high, rule
    sizes = [null.masses[nulls.p_value(null, null.statistics, "exact") <= 0.05].sum()
             for null in (counts.independence_null(n, x) for x in range(2, 15))]  # fmt: skip
    assert max(sizes) <= 0.05


def test_simulated_nulls_reject_right_forecasts_as_often_as_they_say() -> None:
    """Durations and regressions of other simulated records."""
    records, n, a = 3_000, 250, 0.025
    for x in (4, 8):
        found = waiting._statistics(n, x, records, 99)
        p = nulls.p_value(waiting.duration_null(n, x, 9_999, 1), found, "exact")
        assert 0.03 < np.mean(p <= 0.05) < 0.062
    var = 1.0 + 0.2 * np.sin(np.arange(n))
    found = regressed.dynamic_quantile_null(var, a, records, 99).statistics
    p = nulls.p_value(regressed.dynamic_quantile_null(var, a, 9_999, 1), found, "exact")
    assert 0.035 < np.mean(p <= 0.05) < 0.062
    assert np.mean(stats.chi2.sf(found, regressed.DF) <= 0.05) > 0.075  # what they are for


def test_draws_of_the_law_give_the_tests_of_the_shortfall_their_size() -> None:
    n, a, records = 250, 0.025, 4_000
    (var, es), ones = normal_risk(np.ones(n), 0.975), np.ones(n)
    observed, drawn = (
        shortfalls.statistics(noise.generator(seed).standard_normal((records, n)), var, es, a, ones) for seed in (1, 2)
    )
    for name, sign in {"exceedance_residuals": 1, "z1": -1, "z2": -1, "conditional_calibration": 1}.items():
        p = nulls.p_value(nulls.Null(sign * drawn[name]), sign * observed[name], "exact")
        assert 0.035 < np.mean(p[~np.isnan(p)] <= 0.05) < 0.065, name


def test_many_at_once_are_judged_as_one_by_one() -> None:
    """What the study computes of many records is what the public function says of each."""
    n, a, (var, es) = 250, 0.025, normal_risk(np.ones(250), 0.975)
    random = noise.generator(5)
    losses, draws = random.standard_normal((6, n)), random.standard_normal((500, n))
    hits = (losses > var).astype(float)
    of_es = shortfalls.statistics(losses, var, es, a, np.ones(n))
    kupiec = nulls.p_value(counts.kupiec_null(n, a), counts.kupiec(hits, a), "mid-p")
    coverage = nulls.p_value(counts.conditional_null(n, a), counts.conditional_coverage(hits, a), "mid-p")
    for record in range(6):
        table = ev.backtest(losses[record], var, es, level=0.975, simulate=draws).tests("mid-p")
        assert table.loc["kupiec", "p_value"] == pytest.approx(kupiec[record])
        assert table.loc["conditional_coverage", "p_value"] == pytest.approx(coverage[record])
        for name, values in of_es.items():
            assert table.loc[name, "statistic"] == pytest.approx(values[record])


def test_a_tail_that_is_too_light_is_noticed_by_the_tests_of_the_shortfall_alone() -> None:
    """The VaR of Student's t is right, the ES is that of a normal beyond it."""
    losses = noise.generator(8).standard_t(3, 2_000)
    var = np.full(2_000, stats.t.ppf(0.975, 3))
    es = var * normal_risk(1.0, 0.975)[1] / normal_risk(1.0, 0.975)[0]
    scale = float(var[0] / stats.norm.ppf(0.975))
    draws = scale * noise.generator(9).standard_normal((499, 2_000))
    p = ev.backtest(losses, var, es, level=0.975, simulate=draws).tests()["p_value"]
    assert p[["kupiec", "conditional_coverage", "dynamic_quantile"]].min() > 0.05
    assert p[["exceedance_residuals", "z1"]].max() < 0.01


def test_the_answer_is_the_same_in_any_unit_on_every_run_and_frozen(oil: tuple[pd.Series, pd.Series]) -> None:
    losses, sigma = (part.iloc[:500] for part in oil)
    var, es = normal_risk(sigma, 0.975)

    def table(unit: float, **more: Any) -> pd.DataFrame:
        draws = noise.generator(1).standard_normal((200, 500)) * sigma.to_numpy() * unit
        bt = ev.backtest(losses * unit, var * unit, es * unit, level=0.975, simulate=draws, **more)
        return bt.tests("random")

    pd.testing.assert_frame_equal(table(1.0), table(1.0))
    pd.testing.assert_frame_equal(table(1.0), table(1e6), rtol=1e-9)
    bt = ev.backtest(losses, var, es, level=0.975)
    with pytest.raises(FrozenInstanceError):
        bt.seed = 3  # type: ignore[misc]
    other = ev.backtest(losses, var, es, level=0.975).tests("random", rng=7)["p_value"]
    assert (bt.tests("random")["p_value"] != other).any()


# -- few exceedances, several levels, zones ----------------------------------------------------------------------------


def test_what_few_exceedances_cannot_tell_is_not_accepted() -> None:
    losses, var = np.full(40, 0.5), np.ones(40)
    losses[7] = 2.0
    table = ev.backtest(losses, var, 1.2 * var, level=0.975).tests()
    untold = set(table.index[table["p_value"].isna()])
    assert untold == {
        *("independence", "duration", "exceedance_residuals", "z1", "z2", "conditional_calibration"),
    }
    said = {note.code: note for note in table.attrs["notes"]}
    assert said["few_exceedances_to_test"].values["count"] == 1
    assert said["few_exceedances_to_resample"].values["least"] == 10
    assert table.loc["z1", "statistic"] == pytest.approx(1.0 - 2.0 / 1.2)


def test_fewer_than_thirty_days_are_answered_with_the_power() -> None:
    bt = ev.backtest(np.linspace(0.0, 1.0, 25), np.full(25, 2.0))
    (note,) = bt.notes
    assert note.code == "backtest_of_few_days"
    assert note.gravity.name == "CAUTION"
    x = np.arange(251)
    rejects = nulls.p_value(counts.kupiec_null(250, 0.01), counts.kupiec_null(250, 0.01).statistics, "exact") <= 0.05
    assert note.values["in_a_year"] == pytest.approx(stats.binom.pmf(x, 250, 0.02)[rejects].sum())
    assert bt.tests().loc["kupiec", "p_value"] == pytest.approx(1.0)


def test_durations_that_are_all_alike_are_infinitely_unlike_chance() -> None:
    losses = np.zeros(100)
    losses[[0, 33, 66, 99]] = 2.0
    table = ev.backtest(losses, np.ones(100), level=0.96).tests()
    assert np.isinf(table.loc["duration", "statistic"])
    assert table.loc["duration", "p_value"] < 0.01


def test_several_levels_are_judged_each_and_together() -> None:
    levels, n = (0.975, 0.98125, 0.9875, 0.99375), 500
    losses = noise.generator(2).standard_normal(n)
    var = np.tile(stats.norm.ppf(levels), (n, 1))
    bt = ev.backtest(losses, var[:, ::-1], level=levels[::-1])
    assert bt.level == levels
    assert bt.exceedances.shape == (n, 4)
    assert bt.counts().index.tolist() == list(levels)
    table = bt.tests()
    one = ev.backtest(losses, var[:, 0], level=0.975).tests()
    np.testing.assert_allclose(table.xs(0.975, level="level").to_numpy(), one.to_numpy())
    inside = np.histogram(losses, [-np.inf, *stats.norm.ppf(levels), np.inf])[0]
    pearson = stats.chisquare(inside, n * several.cells(levels))
    assert table.loc["multinomial", "statistic"].item() == pytest.approx(pearson.statistic)
    assert table.loc["multinomial", "p_value"].item() == pytest.approx(pearson.pvalue, abs=0.05)
    simulated = several._statistics(250, levels, 20_000, 1)
    tail = np.mean(simulated > 9.0)
    assert several.nass_tail(9.0, 250, levels) == pytest.approx(tail, abs=0.012)


def test_a_backtest_is_told_in_one_line() -> None:
    losses = np.tile([0.0, 0.0, 0.0, 2.0], 250)
    assert repr(ev.backtest(losses, np.ones(1000))) == "Backtest(1,000 days, VaR 99 %: 250 exceedances, 10 expected)"
    both = ev.backtest(losses, np.array([[1.0] * 1000, [3.0] * 1000]).T, level=[0.975, 0.99])
    assert repr(both) == (
        "Backtest(1,000 days, VaR 97.5 %: 250 exceedances, 25 expected, VaR 99 %: 0 exceedances, 10 expected)"
    )


def test_the_traffic_light_counts_the_last_250_days_and_has_the_multipliers_of_the_committee() -> None:
    hits = np.arange(600) % 30 == 0
    days = pd.bdate_range("2020-01-01", periods=600)
    losses = pd.Series(np.where(hits, 2.0, 0.0), index=days)
    table = ev.backtest(losses, pd.Series(1.0, index=days)).traffic_light()
    counted = pd.Series(hits, index=days).rolling(250).sum().dropna()
    assert table["exceptions"].tolist() == counted.tolist()
    assert table.index.equals(counted.index)
    assert set(table["zone"]) == {"amber"}
    assert zones.multiplier_of(np.arange(12)).tolist() == [*[1.5] * 5, 1.7, 1.76, 1.83, 1.88, 1.92, 2.0, 2.0]
    assert [zones.ZONES[z] for z in zones.zone_of(np.array([4, 5, 9, 10]), 250, 0.01)] == [
        *("green", "amber", "amber", "red"),
    ]
    other = ev.backtest(losses, pd.Series(1.0, index=days)).traffic_light(window=500)
    assert other["multiplier"].isna().all()
    assert len(other) == 101


# -- what is refused ---------------------------------------------------------------------------------------------------

DAYS = pd.date_range("2020-01-01", periods=40, name="date")
LOSSES, VAR = pd.Series(np.linspace(-1.0, 1.0, 40), index=DAYS), pd.Series(0.9, index=DAYS)
GAP = VAR.copy()
GAP.iloc[4] = np.nan

REFUSED: dict[str, tuple[type[Exception], dict[str, Any], str]] = {
    "fewer forecasts": (
        *(ev.DataError, {"var": VAR.iloc[1:]}),
        "losses have 40 days and var 39: 2020-01-01 is in losses alone (1 such); give a forecast for each day, and a "
        "loss for each forecast.",
    ),
    "fewer in an array": (
        ev.DataError,
        {"var": VAR.to_numpy()[:39]},
        "losses have 40 days and var 39; give a forecast",
    ),
    "other days": (
        *(ev.DataError, {"var": VAR.shift(1, freq="D")}),
        "losses and var are not of the same days: row 1 is 2020-01-01 in losses and 2020-01-02 in var; give both",
    ),
    "a gap": (
        ev.DataError,
        {"var": GAP},
        "a value of var is missing on 2020-01-05 (the only one of 40 days); leave the",
    ),
    "a gap in an array": (
        ev.DataError,
        {"losses": np.r_[np.nan, LOSSES.iloc[1:]]},
        "a value of losses is missing on 2020",
    ),
    "per cent": (ev.ArgumentError, {"level": 99}, "level is 99; expected the share of losses that lie below the VaR"),
    "per cent meant": (ev.ArgumentError, {"level": 99}, "Did you mean 0.99?"),
    "the other tail": (ev.ArgumentError, {"level": 0.01}, "Did you mean 0.99?"),
    "per cent of the other tail": (ev.ArgumentError, {"level": 2.5}, "Did you mean 0.975?"),
    "no number": (ev.ArgumentError, {"level": "high"}, "level is 'high'"),
    "a level twice": (ev.ArgumentError, {"level": [0.99, 0.99]}, "level gives one twice; give each level once."),
    "swapped": (
        *(ev.DataError, {"es": 0.5 * VAR}),
        "the ES is below the VaR of its level 0.99 on 2020-01-01 (0.45 below 0.9; 40 such days); check that",
    ),
    "levels swapped": (
        *(ev.DataError, {"var": np.column_stack([VAR, 2.0 * VAR]), "level": [0.99, 0.975]}),
        "the VaR of level 0.99 is below that of 0.975 on 2020-01-01",
    ),
    "returns": (
        *(ev.DataError, {"var": -VAR}),
        "the VaR is positive on none of 40 days, as if returns were given for losses; losses and forecasts of them are "
        "positive numbers: turn their signs.",
    ),
    "columns": (ev.ArgumentError, {"level": [0.975, 0.99]}, "var has 1 column for 2 level; give one for each."),
    "volatility": (
        ev.DataError,
        {"volatility": 0.0 * VAR},
        "the volatility is 0 on 2020-01-01, which is not positive (40",
    ),
    "draws": (
        *(ev.ArgumentError, {"es": VAR, "simulate": np.ones((5, 39))}),
        "simulate gives draws of shape (5, 39); expected (draws, 40): losses of every day",
    ),
    "a table": (ev.DataError, {"losses": pd.DataFrame({"a": LOSSES, "b": LOSSES})}, "losses is a table of 2 columns"),
    "text": (ev.DataError, {"losses": pd.Series(["a"] * 40)}, "expected real numbers"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_one_sentence(case: str) -> None:
    kind, given, said = REFUSED[case]
    with pytest.raises(kind) as raised:
        ev.backtest(**{"losses": LOSSES, "var": VAR, **given}).tests()
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_unknown_words_are_refused() -> None:
    bt = ev.backtest(LOSSES, VAR)
    with pytest.raises(ev.ArgumentError, match=r"unknown kind of p-value 'exat'.*Did you mean 'exact'"):
        bt.tests("exat")
    with pytest.raises(ev.ArgumentError, match="window is 250 days and the record has 40; give a shorter one"):
        bt.traffic_light()


def test_frames_records_and_arrays_give_the_same() -> None:
    record = ev.read_series(LOSSES.rename("loss").reset_index())
    tables = [
        ev.backtest(losses, var, level=0.975).tests()
        for losses, var in ((LOSSES, VAR), (record, VAR.to_frame("v")), (LOSSES.to_list(), VAR.to_numpy()))
    ]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])


@pytest.mark.parametrize(
    ("level", "other", "df"),
    [(0.99, 0.975, np.inf), (0.975, 0.95, np.inf), (0.99, 0.99, np.inf), (0.975, 0.99, np.inf), (0.99, 0.99, 4.0)],
)
def test_a_shortfall_of_a_lower_level_is_told(level: float, other: float, df: float) -> None:
    """Of a normal distribution, in small units, with and without volatilities; and no right one, nor a larger."""
    law = stats.norm() if np.isinf(df) else stats.t(df)
    var, es = law.ppf(level), integrate.quad(law.ppf, other, 1.0)[0] / (1.0 - other)
    rng = np.random.default_rng(1)
    sigma = np.exp(0.3 * rng.standard_normal(1_000))
    losses = 1e-3 * (0.05 + sigma * law.rvs(1_000, random_state=rng))
    forecasts = [1e-3 * (0.05 + sigma * own) for own in (var, es)]
    for volatility in (None, 1e-3 * sigma):
        bt = ev.backtest(losses, *forecasts, level=level, volatility=volatility)
        told = [note for note in map(as_note, bt.notes) if note.code == "shortfall_of_lower_level"]
        assert bool(told) == (other < level)
        if told and volatility is not None:
            assert told[0].values["other"] == pytest.approx(other, abs=2e-4)


@pytest.mark.parametrize(
    ("n", "scale", "told"),
    [(2_520, 100.0, True), (250, 100.0, True), (29, 100.0, False), (2_520, 1.0, False), (250, 0.01, False)],
)
def test_a_var_in_percent_of_losses_in_fractions_is_told(n: int, scale: float, told: bool) -> None:
    losses = 0.01 * np.random.default_rng(2).standard_t(4, n)
    bt = ev.backtest(losses, np.full(n, 0.0265 * scale), level=0.99)
    notes = [note for note in map(as_note, bt.tests().attrs["notes"]) if note.code == "var_never_passed"]
    assert len(notes) == told
    if told:
        assert notes[0].values["expected"] == pytest.approx(0.01 * n)
        assert notes[0].values["nearest"] == pytest.approx((losses / (0.0265 * scale)).max())


def test_a_var_that_is_never_passed_is_told_where_chance_does_not_explain_it() -> None:
    """1,375 days at 99 % are the fewest in which no exceedance has a probability below one in a million."""
    losses = 0.01 * np.random.default_rng(2).uniform(-1.0, 1.0, 1_375)
    for n, told in ((1_374, False), (1_375, True)):
        notes = ev.backtest(losses[:n], np.full(n, 0.011), level=0.99).notes
        assert ("var_never_passed" in [as_note(note).code for note in notes]) == told


def test_days_out_of_order_are_refused() -> None:
    """What follows what is tested, so that a record told backwards has other tests, and each day one loss."""
    days = pd.bdate_range("2020-01-01", periods=300)
    losses, var = pd.Series(ev.Gumbel(0.0, 1.0).rvs(300, rng=1), days), pd.Series(4.6, days)
    assert ev.backtest(losses, var).n == 300
    for order, words in (
        (slice(None, None, -1), "not in the order of time: the one on .* sort losses and all that goes with them"),
        ([*range(299), 0], "two losses stand on 2020-01-01; give one for each day"),
    ):
        with pytest.raises(ev.DataError, match=words):
            ev.backtest(losses.iloc[order], var.iloc[order])
