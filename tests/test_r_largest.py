"""The r largest values of each block: optima, Coles's Venice, events apart, and how many to take."""

import json

import numpy as np
import pandas as pd
import pytest
import scipy.optimize

import evstats as ev
from evstats.errors import ArgumentError, DataError, Status
from evstats.estimators import Estimation
from evstats.goodness import of_largest
from evstats.models import Largest


@pytest.fixture(scope="module")
def venice(data_sources):
    """The ten largest sea levels of each year, cm; six of 1935."""
    path = data_sources / "venice_10_largest_sea_levels.csv"
    if not path.exists():
        pytest.skip("the sea levels of Venice are not here")
    table = pd.read_csv(path, comment="#", index_col=0).loc[1931:1981]
    return ev.largest(table, unit="cm", name="sea level")


def textbook(beta, rows):
    """Minus the log-likelihood, Coles (2001), equation 3.16."""
    loc, scale, shape = beta
    inside = 1.0 + shape * (rows - loc) / scale
    if scale <= 0.0 or not np.nanmin(inside) > 0.0:
        return np.inf
    last = np.array([row[~np.isnan(row)][-1] for row in inside])
    return np.sum(last ** (-1.0 / shape)) + np.nansum(np.log(scale) + (1.0 + 1.0 / shape) * np.log(inside))


@pytest.mark.parametrize("r", range(1, 11))
def test_no_search_finds_more(venice, r):
    fit = ev.fit(venice.with_largest(r), "gev")
    rows = venice.largest[:, :r]
    start = np.array([rows[:, 0].mean(), 15.0, -0.1])
    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000}
    best = scipy.optimize.minimize(textbook, start, (rows,), method="Nelder-Mead", options=options)
    assert float(fit.loglik) >= -best.fun - 1e-6
    np.testing.assert_allclose(fit.params["estimate"], best.x, atol=1e-3 * fit.params["std_error"].min())


def test_coles_venice(venice):
    """Coles (2001), table 3.2: estimates, standard errors and log-likelihoods of r = 1, 5, 10."""
    published = {
        1: (-222.7, [111.1, 17.2, -0.077], [2.6, 1.8, 0.074]),
        5: (-732.0, [118.6, 13.7, -0.088], [1.6, 0.8, 0.033]),
        10: (-1139.1, [120.5, 12.8, -0.113], [1.4, 0.5, 0.020]),
    }
    for r, (loglik, estimates, errors) in published.items():
        fit = ev.fit(venice.with_largest(r), "gev")
        assert float(fit.loglik) == pytest.approx(loglik, abs=0.06)
        assert (np.abs(fit.params["estimate"] - estimates) < [0.06, 0.06, 0.0006]).all()
        assert (np.abs(fit.params["std_error"] - errors) < [0.06, 0.06, 0.0006]).all()


def test_more_values_are_more_sure_and_minima_are_mirrored(venice):
    widths = []
    for r in (1, 5):
        limits = ev.fit(venice.with_largest(r)).return_level([100])
        widths.append((limits["upper"] - limits["lower"]).item())
    assert widths[1] < 0.6 * widths[0]
    mirrored = ev.largest(-venice.largest[:, :5], years=venice.blocks, kind="min")
    own, other = ev.fit(venice.with_largest(5)), ev.fit(mirrored)
    np.testing.assert_allclose(other.return_level([100])["upper"], -own.return_level([100])["lower"], rtol=1e-8)
    assert "the 5 smallest of each" in repr(mirrored)


def test_one_value_of_each_is_a_plain_record(venice):
    plain, one = ev.fit(venice.largest[:, 0], "gev"), ev.fit(venice.with_largest(1), "gev")
    assert plain.params.to_numpy().tolist() == one.params.to_numpy().tolist()


def test_everything_said_of_a_fit_is_there(venice):
    fit = ev.fit(venice.with_largest(3))
    assert fit.n == 153
    assert "Without the largest observation (194)" in str(fit.summary())
    assert (fit.goodness_of_fit()["p_value"] <= 1.0).all()


def test_a_fit_to_the_largest_is_stored_and_has_residuals():
    rows = np.sort(np.random.default_rng(3).gumbel(size=(30, 20)), axis=-1)[:, :-4:-1]
    fit = ev.fit(ev.largest(rows, years=range(1991, 2021)), "gumbel")
    again = ev.Fit.from_dict(json.loads(json.dumps(fit.to_dict(), allow_nan=False)))
    assert (again.n, again.batch_shape) == (90, ())
    pd.testing.assert_frame_equal(again.return_level([100]), fit.return_level([100]))
    residuals = fit.residuals()
    assert (residuals.shape, residuals.columns.tolist(), residuals.index[0]) == ((30, 3), [1, 2, 3], 1991)
    law = fit.distribution  # the intensity of the largest, and the step to the second
    intensity = np.exp(-law.reduced(rows[:, :2]))
    np.testing.assert_allclose(np.exp(-residuals[1]), intensity[:, 0])
    np.testing.assert_allclose(np.exp(-residuals[2]), intensity[:, 1] - intensity[:, 0])


def test_block_maxima_takes_the_largest_apart():
    times = pd.date_range("2001-01-01", "2003-12-31", freq="6h")
    flow = pd.Series(np.random.default_rng(1).gumbel(size=len(times)).cumsum() % 50.0, index=times, name="level")
    found = ev.block_maxima(flow, "year", largest=4, separation="5D")
    assert found.largest[:, 0].tolist() == found.values.tolist()
    for year, row in zip(found.blocks, found.largest, strict=True):
        left, own = flow[str(year)].copy(), []
        for _ in range(4):  # the largest, and nothing within five days of it
            at = left.idxmax()
            own.append(left[at])
            left = left[abs(left.index - at) >= pd.Timedelta("5D")]
        assert row.tolist() == own
    lowest = ev.block_maxima(flow, "year", kind="min", largest=2)
    assert (np.diff(lowest.largest, axis=1) >= 0.0).all()
    assert ev.block_maxima(flow, "year").largest is None


def test_the_test_of_r_knows_of_the_fitting_and_finds_strays():
    """True of values drawn, not of a contaminated third; p-values of a true null are spread out."""
    truth, design = ev.GEV(100.0, 20.0, 0.1), ev.models.Largest(3)
    drawn = design.drawn(truth, ev.noise.gumbel((24, 60, 3), rng=5))
    p_values = [of_largest.p_value(ev.fit(ev.largest(x), "gev").estimation, 99)[1] for x in drawn]
    assert 0.3 < np.mean(p_values) < 0.7
    assert np.mean(np.array(p_values) <= 0.1) <= 0.3
    stray = drawn[0].copy()
    stray[:, 2] -= 25.0
    table = ev.compare_r(ev.largest(stray), replicates=99)
    assert table.attrs["r"] == 2
    assert "2 of 3 values of each block belong together; alone, the tests of r = 3 have p <= 0.05" in str(
        table.attrs["notes"][0]
    )
    assert table["p_value"].iloc[1:].tolist() == pytest.approx([table["p_value"].iloc[1], 0.02])


def test_forward_stop():
    """The mean of -log(1 - p) from each test to the last."""
    logs = -np.log1p(-np.array([0.5, 0.2, 0.01]))
    np.testing.assert_allclose(of_largest.forward_stop([0.5, 0.2, 0.01]), [logs.mean(), logs[1:].mean(), logs[2]])


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ([[1.0, 2.0], [3.0, 1.0], [2.0, 1.0]], DataError, "the values of 2001 do not fall from the largest on"),
        ([[2.0, 1.0], [np.nan, 1.0], [2.0, 1.0]], DataError, "the values of 2002 do not fall"),
        ([1.0, 2.0, 3.0], ArgumentError, "the values have shape (3,); give a row for each block"),
        ([["a", "b"]], DataError, "not all real numbers"),
        ([[np.inf, 1.0], [3.0, 1.0], [2.0, 1.0]], DataError, "infinite"),
    ],
)
def test_what_is_no_record_of_largest_values(given, error, said):
    with pytest.raises(error) as caught:
        ev.largest(given, years=[2001, 2002, 2003])
    assert said in str(caught.value)


@pytest.fixture(scope="module")
def tides():
    """The three largest of 40 blocks of a GEV."""
    return ev.largest(ev.models.Largest(3).drawn(ev.GEV(100.0, 20.0, 0.1), ev.noise.gumbel((40, 3), rng=2)))


def test_the_posterior_is_that_of_the_textbook(tides):
    """Mean and standard deviation of the shape on a grid of Coles's likelihood under a flat prior."""
    rows = tides.largest
    fit = ev.fit(tides, "gev", method="bayes", rng=1)
    steps = [c + sd * np.linspace(-4.5, 4.5, 25) for c, sd in fit.params[["estimate", "std_error"]].to_numpy()]
    grid = np.stack([each.ravel() for each in np.meshgrid(*steps, indexing="ij")], axis=-1)
    height = np.array([-textbook(beta, rows) - np.log(max(beta[1], 1e-9)) for beta in grid])
    weight = np.exp(height - height.max())
    weight /= weight.sum()
    mean = grid.T @ weight
    sd = np.sqrt((grid.T - mean[:, None]) ** 2 @ weight)
    drawn = fit.posterior().parameters
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.04 * sd.max(), rtol=0.02)
    np.testing.assert_allclose(drawn.std(axis=0), sd, rtol=0.05)


def test_next_year_and_credible_limits(tides):
    """The predictive level is the quantile of what the posterior draws give."""
    fit, bayes = ev.fit(tides, "gev"), ev.fit(tides, "gev", method="bayes")
    level = fit.predictive_level([0.01])["estimate"].item()
    assert level == pytest.approx(bayes.predictive_level([0.01])["estimate"].item())
    assert bayes.posterior().distribution.sf(level).mean() == pytest.approx(0.01, rel=1e-3)
    assert fit.return_level([100.0])["estimate"].item() < level
    table = bayes.return_level([100.0])
    assert "credible" in table.attrs["interval"]
    lower, upper = np.quantile(bayes.posterior().distribution.isf(0.01), [0.025, 0.975])
    np.testing.assert_allclose([table["lower"].item(), table["upper"].item()], [lower, upper], rtol=1e-3)


def test_a_record_without_a_maximum_has_a_posterior_in_its_place():
    """Alone unasked and in a batch the same limits."""
    rows = np.array([[5.0, 4.9, 1.0], [5.01, 3.0, 2.0], [5.005, 5.0, 4.0], [5.012, 2.0, 1.0], [5.002, 4.99, 0.0]])
    usual = ev.models.Largest(3).drawn(ev.GEV(4.0, 1.0, 0.0), ev.noise.gumbel((5, 3), rng=8))
    batch = Estimation.of(ev.GEV, ev.MaximumLikelihood(), np.stack([rows, usual]), ev.models.Largest(3))
    assert batch.estimate.status.tolist() == [Status.NO_INTERIOR_MAXIMUM, Status.CONVERGED]
    alone = ev.fit(ev.largest(rows))
    assert "no_interior_maximum" in {note.code for note in alone.notes}
    (lower, upper), own = ev.intervals.RStar()(batch, ev.ReturnLevel([10.0]), 0.95), alone.return_level([10.0])
    assert [lower[0, 0], upper[0, 0]] == [own["lower"].item(), own["upper"].item()]
    assert np.isfinite(alone.predictive_level([0.1])["estimate"].item())


def test_what_they_cannot_do_is_said():
    tides = ev.largest([[5.0, 4.0], [7.0, 3.0], [6.0, 5.5], [5.2, 4.1]], years=[2001, 2002, 2003, 2004])
    with pytest.raises(ArgumentError, match=r"loc is for the extreme of each block.*with_largest\(1\)"):
        ev.fit(tides, loc="year")
    with pytest.raises(ArgumentError, match="a history is of the extreme of each year"):
        tides.with_history(1901, 1950, threshold=9.0)
    with pytest.raises(ArgumentError, match="give a whole number from 1 to 2"):
        tides.with_largest(3)
    with pytest.raises(ArgumentError, match="r is compared where several values of each block are known"):
        ev.compare_r(tides.with_largest(1))
    with pytest.raises(ArgumentError, match="no dates by which the largest=2 of each block could be parted"):
        ev.block_maxima(np.arange(40.0), 10, largest=2)
    with pytest.raises(ArgumentError, match="whole number of at least 1, not 0"):
        ev.block_maxima(np.arange(40.0), 10, largest=0)
    with pytest.raises(ArgumentError, match="bartlett interval is for block maxima, not for the 2 largest values"):
        ev.fit(tides).return_level([10], interval="bartlett")


def test_blocks_without_a_second_value_are_told() -> None:
    index = pd.date_range("2000-01-01", "2004-12-31")
    flow = pd.Series(ev.Gumbel(10.0, 2.0).rvs(len(index), rng=1), index=index)
    codes = [
        {note.code for note in ev.block_maxima(flow, "year", largest=3, separation=apart).notes}  # type: ignore[attr-defined]
        for apart in ("400D", "3D")
    ]
    assert "largest_alone" in codes[0]
    assert "largest_alone" not in codes[1]


def written_down(count: int, r: int, rng: int) -> np.ndarray:
    """Samples (count, 60, r) of a true GEV, half of the blocks in steps of 0.03, half in steps of 0.001."""
    drawn = Largest(r).drawn(ev.GEV(1.2, 0.2, 0.05), ev.noise.gumbel((count, 60, r), rng=rng))
    drawn[:, :30] = 0.03 * np.round(drawn[:, :30] / 0.03)
    return np.round(drawn, 3)


def outcome(x, family=ev.GEV):
    """Statistics and p-values of maximum likelihood."""
    design = Largest(x.shape[-1])
    return ev.goodness.goodness_of_fit(Estimation.of(family, ev.estimators.MaximumLikelihood(), x, design))


@pytest.mark.parametrize(("count", "most"), [(4, 2), pytest.param(100, 13, marks=pytest.mark.slow)])
def test_equal_values_of_a_block_do_not_speak_against_the_family(count, most) -> None:
    """Their step in Lambda is not 0 but lost in the rounding: its residual, +inf, rejected every true family.

    More than so many of the samples are rejected at 5 % with a probability of 0.0005.
    """
    samples = written_down(count, 4, rng=5)
    assert (np.diff(samples, axis=-1) == 0.0).any(axis=(-1, -2)).all()
    statistics, p_values = map(np.array, zip(*map(outcome, samples), strict=True))
    assert np.isfinite(statistics).all()
    assert (p_values <= 0.05).sum(axis=0).max() <= most


def test_minima_in_steps_are_tested_as_maxima() -> None:
    x = written_down(1, 3, rng=8)[0]
    for found, expected in zip(outcome(-x, ev.distributions.GEVMin), outcome(x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=0.003)


def test_a_record_of_any_unit_in_steps_has_the_same_tests() -> None:
    x = written_down(1, 4, rng=6)[0]
    x[3, 2:] = np.nan
    found = [outcome(np.round(unit * x, 3)) for unit in (1.0, 1000.0)]
    np.testing.assert_allclose(found[1][0], found[0][0], rtol=1e-4)
    np.testing.assert_allclose(found[1][1], found[0][1], atol=0.006)


def test_one_tie_of_values_without_steps_is_left_out() -> None:
    x = Largest(3).drawn(ev.GEV(1.2, 0.2, 0.05), ev.noise.gumbel((40, 3), rng=7))
    x[5, 1] = x[5, 0]
    fitted = Estimation.of(ev.GEV, ev.estimators.MaximumLikelihood(), x, Largest(3))
    residuals = fitted.residuals()
    assert np.isnan(residuals[5, 1])
    assert np.isnan(residuals).sum() == 1
    assert np.isfinite(ev.goodness.goodness_of_fit(fitted)[0]).all()


@pytest.mark.parametrize("known", [0, 1])
def test_the_entropy_of_a_value_that_hardly_any_block_has_is_missing(known: int) -> None:
    values = np.sort(ev.Gumbel(0.0, 1.0).rvs((1, 30, 4), rng=2), axis=-1)[..., ::-1].copy()
    values[:, known:, 3] = np.nan
    assert np.isnan(of_largest.entropy_difference(ev.Gumbel, np.array([[0.0, 1.0]]), values)).all()
