"""Losses cut at limits or seen from deductibles on, at one price level, and spliced with a body."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

import evstats as ev

U = 100_000.0


def claims() -> tuple[np.ndarray, np.ndarray]:
    """1,500 liability claims of which 131 exceed 100,000, 12 of them cut at limits of their policies."""
    rng = np.random.default_rng(20_261_129)
    small = rng.uniform(5_000.0, U, 1_369)
    large = U + 73_000.0 * (rng.random(131) ** -0.47 - 1.0) / 0.47
    limit = np.full(131, np.inf)
    limit[np.argsort(large)[-12:]] = np.repeat([400_000.0, 500_000.0, 500_000.0], 4)
    losses = np.append(small, large)
    order = rng.permutation(1_500)
    return losses[order], np.append(np.full(1_369, np.inf), limit)[order]


LOSSES, LIMITS = claims()
PAID, CAPPED = np.minimum(LOSSES, LIMITS), LOSSES >= LIMITS


@pytest.fixture(scope="module")
def fit() -> ev.Fit:
    told = ev.observed(PAID, np.where(CAPPED, np.inf, PAID), unit="USD", name="claim")
    return ev.fit(ev.peaks_over_threshold(told, threshold=U, separation=None, observations_per_year=150.0), "gpd")


def textbook(family: str = "gpd") -> tuple[float, float, float]:
    """Scale, shape and log-likelihood of exact and right-censored excesses (Klugman, Panjer, Willmot 2012, 13.2)."""
    over = PAID > U
    excess, cut = PAID[over] - U, CAPPED[over]

    def minus(point: np.ndarray) -> float:
        sizes = stats.genpareto(point[1], scale=np.exp(point[0]))
        found = -np.where(cut, sizes.logsf(excess), sizes.logpdf(excess)).sum()
        return found if np.isfinite(found) else 1e10

    starts = ([11.0, shape] for shape in (0.1, 0.5, 0.9))
    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 9_999}
    best = min(
        (optimize.minimize(minus, at, method="Nelder-Mead", options=options) for at in starts), key=lambda r: r.fun
    )
    return float(np.exp(best.x[0])), float(best.x[1]), -float(best.fun)


def test_the_tail_of_claims_cut_at_their_limits_is_the_independent_optimum(fit: ev.Fit) -> None:
    scale, shape, loglik = textbook()
    assert (fit.n, fit.peaks.values.size, int(np.isnan(fit.values).sum())) == (131, 131, 12)
    assert float(fit.distribution.shape) == pytest.approx(shape, abs=1e-4)
    assert float(fit.distribution.scale) == pytest.approx(scale, rel=1e-4)
    assert float(fit.loglik) == pytest.approx(loglik, abs=1e-6)
    assert float(fit.peaks.rate) == pytest.approx(13.1)
    assert "12 cut at a limit" in repr(fit.peaks)
    assert "131, 12 limited" in str(fit.summary())


def test_ignoring_the_limits_is_warned_of_and_gives_a_light_tail(fit: ev.Fit) -> None:
    ignored = ev.fit(ev.peaks_over_threshold(PAID, threshold=U, separation=None), "gpd")
    assert float(ignored.distribution.shape) < float(fit.distribution.shape) - 0.15
    (note,) = [note for note in ignored.notes if getattr(note, "code", None) == "lump_at_top"]
    assert (note.values["count"], note.values["value"]) == (8, 500_000.0)
    assert "lump_at_top" not in {getattr(note, "code", None) for note in fit.notes}
    whole = ev.fit(ev.peaks_over_threshold(LOSSES, threshold=U, separation=None), "gpd")
    assert "lump_at_top" not in {getattr(note, "code", None) for note in whole.notes}
    lighter, told = (one.layer([(1e6, 1e6)])["pure_premium"].item() for one in (ignored, fit))
    assert told / 150.0 > 1.5 * lighter


def test_ties_of_rounded_values_are_no_limit() -> None:
    """Flows of three significant digits, in another unit: values far up are equal too, and steps have no one size."""
    flows = np.asarray(ev.Exponential(500.0, 800.0).rvs(300, rng=3))
    rounded = 0.0283168 * np.array([float(f"{flow:.3g}") for flow in flows])
    distinct, counts = np.unique(rounded, return_counts=True)
    assert counts[distinct > np.median(rounded)].max() >= 3
    fit = ev.fit(ev.as_peaks(rounded, threshold=0.0283168 * 500.0, years=100.0), "gpd")
    assert "lump_at_top" not in {getattr(note, "code", None) for note in fit.notes}


def test_limits_of_profile_are_where_the_likelihood_has_fallen(fit: ev.Fit) -> None:
    assert fit.parameter_table().attrs["interval"] == "r*, empirical covariances of the scores"
    table = fit.parameter_table(interval="profile")
    over = PAID > U
    excess, cut = PAID[over] - U, CAPPED[over]
    best = textbook()[2]

    def fallen(shape: float) -> float:
        def minus(log_scale: float) -> float:
            sizes = stats.genpareto(shape, scale=np.exp(log_scale))
            return -float(np.where(cut, sizes.logsf(excess), sizes.logpdf(excess)).sum())

        return 2.0 * (best + optimize.minimize_scalar(minus, (10.8, 11.4), tol=1e-12).fun)

    for end in ("lower", "upper"):
        assert fallen(table.loc["shape", end]) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-5)
    premium = fit.layer([(500_000, 500_000)])
    assert premium.attrs["interval"] == "r*, empirical covariances of the scores"
    assert premium["lower"].item() < premium["pure_premium"].item() < premium["upper"].item()


def test_a_fit_with_limits_is_stored_and_read_again(fit: ev.Fit) -> None:
    again = ev.Fit.from_dict(fit.to_dict())
    pd.testing.assert_frame_equal(again.layer([(5e5, 5e5)]), fit.layer([(5e5, 5e5)]))
    assert fit.peaks.to_frame()["upper"].isin([np.inf]).sum() == 12
    assert np.isnan(fit.goodness_of_fit()["p_value"]).all()


@pytest.mark.parametrize("interval", ["rstar", "calibrated", "bootstrap"])
def test_intervals_that_need_numbers_or_draws_are_refused(fit: ev.Fit, interval: str) -> None:
    with pytest.raises(ev.ArgumentError, match="'delta', 'profile'"):
        fit.layer([(5e5, 5e5)], interval=interval)


@pytest.mark.parametrize("method", ["lmoments", "moments", "bayes"])
def test_other_methods_are_refused(fit: ev.Fit, method: str) -> None:
    with pytest.raises(ev.ArgumentError, match="some cut at a limit"):
        ev.fit(fit.peaks, "gpd", method=method)


def test_an_exponential_tail_divides_by_those_that_were_not_cut(fit: ev.Fit) -> None:
    found = ev.fit(fit.peaks, "exponential")
    assert float(found.distribution.scale) == pytest.approx((PAID[PAID > U] - U).sum() / 119.0, rel=1e-9)


def test_a_threshold_over_a_limit_or_under_a_deductible_is_refused() -> None:
    told = ev.observed(PAID, np.where(CAPPED, np.inf, PAID))
    with pytest.raises(ev.DataError, match=r"4 losses are cut at limits of 400000 or less.*threshold below 400000"):
        ev.peaks_over_threshold(told, threshold=450_000, separation=None)
    with pytest.raises(ev.ArgumentError, match="separation=None"):
        ev.peaks_over_threshold(told, threshold=U)
    with pytest.raises(ev.ArgumentError, match="no way to choose a threshold"):
        ev.peaks_over_threshold(told, threshold="auto", separation=None)
    deductible = np.where(LOSSES > 2 * U, 1.5 * U, 1_000.0)
    seen = ev.observed(LOSSES, LOSSES, truncation=deductible)
    with pytest.raises(ev.DataError, match=r"deductibles above the threshold 100000.*threshold of 150000 or more"):
        ev.peaks_over_threshold(seen, threshold=U, separation=None)
    assert len(ev.peaks_over_threshold(seen, threshold=1.5 * U, separation=None)) == np.count_nonzero(LOSSES > 1.5 * U)


def test_above_the_deductible_the_likelihood_is_that_divided_by_its_survival_function() -> None:
    seen = LOSSES[LOSSES > 50_000.0]
    fit = ev.fit(
        ev.peaks_over_threshold(ev.observed(seen, seen, truncation=50_000.0), threshold=U, separation=None), "gpd"
    )
    sizes = stats.genpareto(float(fit.distribution.shape), loc=U, scale=float(fit.distribution.scale))
    over = seen[seen > U]
    # of any distribution of all losses f(y)/S(d) over S(u)/S(d): the deductible cancels
    assert float(fit.loglik) == pytest.approx(float(sizes.logpdf(over).sum()), abs=1e-8)
    whole = ev.fit(ev.peaks_over_threshold(LOSSES, threshold=U, separation=None), "gpd")
    assert float(fit.distribution.shape) == pytest.approx(float(whole.distribution.shape), abs=1e-9)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"truncation": 10_000.0, "lower": [5e3, 2e4, 3e4]}, "the loss 5000 lies below its deductible 10000"),
        ({"truncation": [1.0, 2.0]}, "truncation has shape"),
        ({"truncation": [1.0, np.nan, 1.0]}, "position 1: the deductible is nan"),
        ({"upper": [1.0, 3e4, 4e4]}, "the bounds cross"),
    ],
)
def test_deductibles_and_limits_that_cannot_be_are_refused(given: dict[str, object], said: str) -> None:
    lower = given.pop("lower", [2e4, 3e4, 4e4])
    with pytest.raises((ev.DataError, ev.ArgumentError), match=said):
        ev.observed(lower, given.pop("upper", lower), **given)


def test_losses_with_deductibles_are_not_fitted_whole() -> None:
    with pytest.raises(ev.ArgumentError, match="seen from a deductible on only"):
        ev.fit(ev.observed(LOSSES, LOSSES, truncation=1_000.0))
    loose = ev.observed([5.0, 4.0, 9.0], [7.0, 4.0, np.inf])
    with pytest.raises(ev.DataError, match="is known between 5 and 7"):
        ev.peaks_over_threshold(loose, 2.0, separation=None)


def test_dates_of_claims_count_the_years() -> None:
    dates = pd.date_range("2001-01-01", "2010-12-31", periods=1_500)
    paid = pd.Series(PAID, index=dates[::-1], name="paid")
    peaks = ev.peaks_over_threshold(ev.observed(paid, paid.where(~CAPPED, np.inf)), threshold=U, separation=None)
    assert float(peaks.years) == pytest.approx(10.0, abs=0.02)
    frame = peaks.to_frame()
    assert frame["date"].is_monotonic_increasing
    assert frame.loc[frame["upper"] == np.inf, "lower"].tolist() == paid[CAPPED].sort_index().tolist()


class TestPriceLevel:
    """``indexed``."""

    prices = pd.Series({2020: 100.0, 2021: 102.0, 2022: 110.0, 2023: 118.0})

    def test_losses_and_layers_move_alike(self) -> None:
        losses = pd.Series([10.0, 20.0], index=pd.to_datetime(["2020-05-01", "2023-02-01"]), name="paid")
        found = ev.indexed(losses, self.prices, to=2023)
        assert found.tolist() == pytest.approx([11.8, 20.0])
        assert (found.name, found.index.equals(losses.index)) == ("paid", True)
        limits = ev.indexed(pd.Series([50.0, 50.0], index=[2020, 2022]), self.prices, to=2023)
        assert limits.tolist() == pytest.approx([59.0, 50.0 * 118.0 / 110.0])
        assert ev.indexed(losses, 7.0 * self.prices, to=2023).tolist() == pytest.approx(found.tolist())

    def test_monthly_prices_count_until_the_next(self) -> None:
        monthly = pd.Series(np.arange(100.0, 112.0), index=pd.date_range("2020-01-01", periods=12, freq="MS"))
        losses = pd.Series([1.0, 1.0], index=pd.to_datetime(["2020-01-31", "2020-12-31"]))
        assert ev.indexed(losses, monthly, to="2020-06-15").tolist() == pytest.approx([105 / 100, 105 / 111])

    @pytest.mark.parametrize(
        ("losses", "prices", "to", "said"),
        [
            ({2020: 1.0}, {2020: 1.0, 2022: 1.2}, 2022, "no 2021"),
            ({2019: 1.0}, {2020: 1.0, 2021: 1.2}, 2021, "no 2019"),
            ({2020: 1.0}, {2020: 1.0, 2021: 1.2}, 2024, "no 2022, 2023, 2024"),
            ({2020: 1.0}, {2020: 1.0, 2021: 0.0}, 2021, "is 0 in 2021"),
            ({2020: 1.0}, {2020: 1.0, 2021: np.nan}, 2021, "is nan in 2021"),
            ({0: 1.0, 1: 2.0}, {"2020-01-01": 1.0, "2020-02-01": 1.0}, "2020-01-05", "neither dates nor years"),
        ],
    )
    def test_gaps_are_named(self, losses: dict, prices: dict, to: object, said: str) -> None:
        index = pd.Series(prices)
        index.index = index.index if isinstance(next(iter(prices)), int) else pd.to_datetime(index.index)
        series = pd.Series(list(losses.values())) if 0 in losses else pd.Series(losses)
        with pytest.raises((ev.DataError, ev.ArgumentError), match=said):
            ev.indexed(series, index, to=to)

    def test_what_is_no_index_is_refused(self) -> None:
        losses = pd.Series([1.0], index=pd.to_datetime(["2020-05-01"]))
        with pytest.raises(ev.ArgumentError, match="not a Series indexed by years or dates"):
            ev.indexed(losses, [1.0, 2.0], to=2020)
        monthly = pd.Series(1.0, index=pd.date_range("2020-01-01", periods=12, freq="MS"))
        with pytest.raises(ev.DataError, match="no value between 2020-04-01 and 2020-06-01"):
            ev.indexed(losses, monthly.drop(pd.Timestamp("2020-05-01")), to="2020-12-01")
        with pytest.raises(ev.DataError, match="does not reach 2022-01-01"):
            ev.indexed(losses, monthly, to="2022-01-01")
        with pytest.raises(ev.DataError, match="2020-01-01 stands twice"):
            ev.indexed(losses, pd.concat([monthly[:1], monthly]), to="2020-12-01")
        for to in ("soon", None, np.nan, 2020.0):
            with pytest.raises(ev.ArgumentError, match=f"to is {to!r}; give a year, such as 2024, or a date"):
                ev.indexed(losses, monthly, to=to)
        with pytest.raises(ev.DataError, match="the loss at position 1"):
            ev.indexed(pd.Series(1.0, pd.DatetimeIndex(["2020-05-01", None])), monthly, to="2020-06-01")


class TestSplicing:
    """``spliced``."""

    losses = np.exp(stats.norm(1.0, 1.2).ppf((np.arange(2000) + 0.5) / 2000))

    @pytest.mark.parametrize("body", ["empirical", "lognormal"])
    def test_it_is_one_distribution(self, body: str) -> None:
        whole = ev.spliced(self.losses, threshold=12.0, body=body)
        x = np.array([0.0, 0.5, 2.0, 11.9, 12.0, 12.1, 40.0, 300.0])
        np.testing.assert_allclose(whole.cdf(x) + whole.sf(x), 1.0)
        np.testing.assert_allclose(whole.cdf(x), [np.mean(self.losses <= at) for at in x], atol=0.012)
        p = np.array([0.05, 0.5, 0.85, 0.9, 0.999])
        np.testing.assert_allclose(whole.cdf(whole.ppf(p)), p, atol=6e-4 if body == "empirical" else 1e-12)
        assert np.isnan(whole.ppf([-0.1, 1.1])).all()
        for attachment, limit in ((0.0, 5.0), (3.0, 4.0), (8.0, 20.0), (20.0, 50.0)):
            steps = attachment + limit * (np.arange(100_000) + 0.5) / 100_000
            mean = limit * float(np.mean(whole.sf(steps)))
            assert whole.layer_mean(attachment, limit) == pytest.approx(mean, rel=1e-5)
        assert whole.mean() == pytest.approx(self.losses.mean(), rel=0.02)
        drawn = whole.rvs(20_000, rng=1)
        assert stats.kstest(drawn[drawn > 12.0], whole.tail.cdf).pvalue > 1e-3
        assert np.mean(drawn > 12.0) == pytest.approx(whole.share, abs=0.01)
        assert np.array_equal(drawn, whole.rvs(20_000, rng=1))

    def test_a_lognormal_is_found_through_its_truncation(self) -> None:
        seen = self.losses[self.losses > 1.0]
        whole = ev.spliced(seen, threshold=12.0, body="lognormal", lower=1.0)
        assert (whole.body.mu, whole.body.sigma) == pytest.approx((1.0, 1.2), abs=0.05)

        def minus(point: np.ndarray) -> float:
            logs, normal = np.log(seen[seen <= 12.0]), stats.norm(point[0], np.exp(point[1]))
            return -float(normal.logpdf(logs).mean() - np.log(normal.cdf(np.log(12.0)) - normal.cdf(0.0)))

        best = optimize.minimize(minus, [1.0, 0.2], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13})
        assert (whole.body.mu, np.log(whole.body.sigma)) == pytest.approx(tuple(best.x), abs=1e-5)

    def test_limits_are_told_to_the_tail(self) -> None:
        told = ev.observed(PAID, np.where(CAPPED, np.inf, PAID))
        whole = ev.spliced(told, threshold=U)
        assert float(whole.tail.shape) == pytest.approx(textbook()[1], abs=1e-4)
        assert whole.share == pytest.approx(131 / 1_500)

    def test_what_is_no_body_is_refused(self) -> None:
        with pytest.raises(ev.ArgumentError, match="body"):
            ev.spliced(self.losses, threshold=12.0, body="gamma")
        with pytest.raises(ev.ArgumentError, match="lower is 'none'; expected a finite number"):
            ev.spliced(self.losses, threshold=12.0, lower="none")
        with pytest.raises(ev.ArgumentError, match="lower is 3, and the smallest loss"):
            ev.spliced(self.losses, threshold=12.0, body="lognormal", lower=3.0)
        rising = np.append(12.0 - 11.0 * np.linspace(0.0, 1.0, 200) ** 3, self.losses[self.losses > 12.0])
        with pytest.raises(ev.FitError, match="no lognormal fits"):
            ev.spliced(rising, threshold=12.0, body="lognormal", lower=1.0)


def test_limits_of_cut_losses_know_no_unit_of_time() -> None:
    told = ev.observed(PAID, np.where(CAPPED, np.inf, PAID))
    shares = []
    for yearly in (1.5, 150.0, 15_000.0):
        peaks = ev.peaks_over_threshold(told, threshold=U, separation=None, observations_per_year=yearly)
        table = ev.fit(peaks, "gpd").layer([(5e5, 5e5)])
        assert table.attrs["interval"] == "r*, empirical covariances of the scores"
        shares.append((table[["lower", "upper"]] / yearly).to_numpy())
    np.testing.assert_allclose(shares[1:], [shares[0]] * 2, rtol=1e-6)


def test_the_study_of_cut_losses_is_within_its_band() -> None:
    study = pd.read_csv(Path(__file__).parents[1] / "studies" / "cut_losses.csv")
    assert len(study) == 12
    assert (abs(study["cover"] - 0.95) < 3.0 * np.sqrt(0.95 * 0.05 / study["records"])).all()
