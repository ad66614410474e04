"""Layers: means against quadrature, premiums against a textbook likelihood, published numbers, and what is refused."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

import evstats as ev
from evstats.distributions import GPDProcess
from evstats.quantities import PurePremium, log_mean

EXCESSES = stats.genpareto(0.3, scale=7.0).ppf((np.arange(60) + 0.5) / 60)
YEARS, THRESHOLD = 6.0, 10.0
LAYERS = [(12.0, 5.0), (30.0, 20.0), (50.0, 150.0), (50.0, np.inf)]


@pytest.fixture(scope="module")
def fit() -> ev.Fit:
    return ev.fit(ev.as_peaks(THRESHOLD + EXCESSES, THRESHOLD, YEARS), "gpd")


@pytest.fixture(scope="module")
def danish(data_sources: Path) -> pd.Series:
    table = pd.read_csv(data_sources / "danish_fire_losses.csv", parse_dates=["date"])
    return table.set_index("date")["total_mdkk1985"]


@given(
    st.sampled_from([-0.6, -0.1, -1e-9, 0.0, 1e-12, 1e-5, 0.3, 0.999999, 1.0, 1.000001, 1.4]),
    st.floats(0.0, 60.0),
    st.floats(0.01, 200.0),
)
def test_the_mean_of_a_layer_is_the_integral_of_the_survival_function(
    shape: float, attachment: float, limit: float
) -> None:
    sizes = stats.genpareto(shape, loc=10.0, scale=7.0)
    cuts = [p for p in (10.0, 24.0, 10.0 - 7.0 / shape if shape < 0 else 80.0) if attachment < p < attachment + limit]
    ends = [attachment, *sorted(cuts), attachment + limit]
    pieces = [integrate.quad(sizes.sf, a, b, epsabs=0.0, epsrel=1e-12)[0] for a, b in itertools.pairwise(ends)]
    mean = ev.GPD(10.0, 7.0, shape).layer_mean(attachment, limit)
    assert mean == pytest.approx(sum(pieces), rel=1e-9, abs=1e-280)


def test_a_layer_without_a_limit_has_the_mean_excess_or_none() -> None:
    heavy = ev.GPD(10.0, 7.0, [0.5, 1.0, 1.3])
    assert heavy.layer_mean(50.0)[0] == pytest.approx(float(heavy[0].sf(50.0)) * (7.0 + 0.5 * 40.0) / 0.5, rel=1e-13)
    assert np.isinf(heavy.layer_mean(50.0)[1:]).all()
    assert ev.GPD(10.0, 7.0, 0.5).layer_mean() == pytest.approx(float(ev.GPD(10.0, 7.0, 0.5).mean()), rel=1e-14)
    assert ev.Exponential(10.0, 7.0).layer_mean([0.0, 20.0], [5.0, np.inf]).tolist() == pytest.approx(
        [5.0, 7.0 * np.exp(-10.0 / 7.0)], rel=1e-14
    )
    assert ev.GPD(10.0, 7.0, -0.5).layer_mean(24.0, 10.0) == 0.0


@pytest.mark.parametrize("shape", [-0.05, 0.0, 0.4, 1.0])
def test_the_derivatives_of_the_logarithm_are_those_of_differences(shape: float) -> None:
    start, width, step = np.array([2.0, 40.0, 0.0]), np.array([5.0, 150.0, 3.0]), 1e-4

    def at(log_scale: float, xi: float):
        return log_mean(ev.GPD(0.0, np.exp(log_scale), xi), start, width)

    found, here = at(2.0, shape), (2.0, shape)
    for place in range(2):
        up, down = (at(*(own + sign * step * (i == place) for i, own in enumerate(here))) for sign in (1, -1))
        assert found.first[place] == pytest.approx((up.value - down.value) / (2 * step), rel=1e-4, abs=1e-5)
        np.testing.assert_allclose(found.second[place], (up.first - down.first) / (2 * step), rtol=1e-3, atol=1e-4)


def loglik(scale: float, shape: float, rate: float) -> float:
    """Of Poisson many losses with GPD excesses, as textbooks write it."""
    return float(stats.genpareto.logpdf(EXCESSES, shape, scale=scale).sum()) + 60 * np.log(rate) - YEARS * rate


def profiled(premium: float, attachment: float, limit: float, start: list[float]) -> float:
    """The highest log-likelihood with this pure premium."""

    def minus(point: np.ndarray) -> float:
        scale, shape = np.exp(point[0]), point[1]
        ends = 1.0 + shape * np.array([attachment - THRESHOLD, attachment + limit - THRESHOLD]) / scale
        powers = np.where(ends > 0.0, np.abs(ends) ** (1.0 - 1.0 / shape), 0.0)
        mean = scale * (powers[0] - powers[1]) / (1.0 - shape)
        value = -loglik(scale, shape, premium / mean) if mean > 0.0 and shape < 1.0 else np.inf
        return value if np.isfinite(value) else 1e10

    return -optimize.minimize(minus, start, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}).fun


def test_profile_limits_are_where_a_textbook_likelihood_has_fallen(fit: ev.Fit) -> None:
    table = fit.layer(LAYERS, interval="profile")
    scale, shape = float(fit.distribution.scale), float(fit.distribution.shape)
    best = loglik(scale, shape, 10.0)
    for (attachment, limit), row in zip(LAYERS, table.itertuples(), strict=True):
        for end in (row.lower, row.upper):
            if not np.isfinite(end):
                continue
            fallen = 2.0 * (best - profiled(end, attachment, limit, [np.log(scale), shape]))
            assert fallen == pytest.approx(stats.chi2.ppf(0.95, 1), abs=2e-5)


def test_r_star_is_what_leads_and_lies_near(fit: ev.Fit) -> None:
    table, plain = fit.layer(LAYERS), fit.layer(LAYERS, interval="profile")
    assert table.attrs["interval"].startswith("r*")
    assert table.attrs["unit"] is None
    assert (table["lower"] < table["pure_premium"]).all()
    assert (table["upper"] >= plain["upper"]).all()  # of a tail as short as this the profile is short above
    on_line = [*(table["pure_premium"].to_numpy()[:3] / [5.0, 20.0, 150.0]), np.nan]  # there is no line without a limit
    assert table["rate_on_line"].tolist() == pytest.approx(on_line, rel=0.0, abs=0.0, nan_ok=True)
    rate = float(fit.rate["estimate"].item())
    means = [float(fit.distribution.layer_mean(*layer)) for layer in LAYERS]
    assert table["pure_premium"].tolist() == pytest.approx([rate * mean for mean in means], rel=1e-13)


@pytest.mark.parametrize("interval", ["rstar", "profile", "delta", "calibrated"])
def test_any_unit_gives_the_same(fit: ev.Fit, interval: str) -> None:
    factor = 7.45e6
    other = ev.fit(ev.as_peaks(factor * (THRESHOLD + EXCESSES), factor * THRESHOLD, YEARS), "gpd")
    ours, theirs = (one.layer(np.array(LAYERS) * by, interval=interval) for one, by in ((fit, 1.0), (other, factor)))
    columns = ["pure_premium", "lower", "upper"]
    np.testing.assert_allclose(theirs[columns] / factor, ours[columns], rtol=1e-6)


def test_a_series_alone_equals_the_same_in_a_batch(fit: ev.Fit) -> None:
    light = THRESHOLD + stats.genpareto(-0.3, scale=7.0).ppf((np.arange(60) + 0.5) / 60)
    both = ev.fit(ev.as_peaks([THRESHOLD + EXCESSES, light], THRESHOLD, YEARS), "gpd").layer(LAYERS)
    columns = ["pure_premium", "lower", "upper"]
    np.testing.assert_allclose(both.loc[0, columns], fit.layer(LAYERS)[columns], rtol=1e-8)
    beyond = both.loc[1]  # of losses that end below 34
    assert beyond["pure_premium"].tolist()[2:] == [0.0, 0.0]
    assert beyond["lower"].tolist()[2:] == [0.0, 0.0]
    assert (beyond["upper"] > 0.0).all()
    assert list(both["status"].unique()) == ["converged"]


def test_a_premium_that_may_be_nothing_has_the_lower_limit_nothing() -> None:
    thin = ev.fit(ev.as_peaks(ev.GPD(10.0, 7.0, 0.0).rvs(60, rng=3), 10.0, 6.0), "gpd")
    table = thin.layer([(50, 150), (50, np.inf)], interval="profile")
    assert table["lower"].tolist() == [0.0, 0.0]
    assert np.isfinite(table["upper"]).all()


def test_an_exponential_tail_has_premiums_too() -> None:
    fit = ev.fit(ev.as_peaks(THRESHOLD + EXCESSES, THRESHOLD, YEARS), "exponential")
    row = fit.layer((30.0, 20.0), interval="profile").iloc[0]
    mean, n = EXCESSES.mean(), 60

    def fallen(premium: float) -> float:
        def minus(log_scale: float) -> float:
            scale = np.exp(log_scale)
            rate = premium / (scale * (np.exp(-20.0 / scale) - np.exp(-40.0 / scale)))
            return n * (np.log(scale) + mean / scale) - n * np.log(rate) + YEARS * rate

        best = n * (np.log(mean) + 1.0) - n * np.log(n / YEARS) + n
        found = optimize.minimize_scalar(minus, (np.log(mean) - 0.1, np.log(mean) + 0.1), tol=1e-12).fun
        return 2.0 * (found - best)

    for end in (row.lower, row.upper):
        assert fallen(end) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-6)


def test_with_covariates_the_premium_is_that_of_a_state() -> None:
    years = pd.Index(range(1981, 2021))
    dates = pd.to_datetime([f"{year}-0{month}-10" for year in years for month in (2, 5, 8)])
    sizes = pd.Series(10.0 + stats.genpareto(0.2, scale=7.0).ppf((np.arange(120) * 37 % 120 + 0.5) / 120), index=dates)
    peaks = ev.as_peaks(sizes, 10.0, pd.Series(1.0, index=years))
    constant, moving = ev.fit(peaks, "gpd"), ev.fit(peaks, "gpd", rate="year")
    there = moving.layer([(30, 50)], at={"year": 2000.5})
    np.testing.assert_allclose(there["pure_premium"], constant.layer([(30, 50)])["pure_premium"], rtol=0.02)
    assert there["lower"].item() < there["pure_premium"].item() < there["upper"].item()


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([(5, 10)], "attachment 5 is below the threshold of 10, and of losses below it the fit knows nothing"),
        ([(-1, 10)], "attachment is -1; give a number, 0 or more"),
        ([(50, 0)], "limit is 0; give a number, more than 0"),
        ([(50, np.nan)], "limit is nan"),
        ([50, 60, 70], "give pairs of attachment and limit"),
        ("high", "give pairs of attachment and limit"),
    ],
)
def test_what_is_no_layer_is_refused(fit: ev.Fit, layers: object, said: str) -> None:
    with pytest.raises(ev.ArgumentError, match=said):
        fit.layer(layers)


def test_an_infinite_mean_and_block_maxima_are_refused() -> None:
    heavy = ev.fit(ev.as_peaks(1.0 + stats.genpareto(1.3).ppf((np.arange(40) + 0.5) / 40), 1.0, 4.0), "gpd")
    with pytest.raises(ev.ArgumentError, match=r"the mean loss above 5 is infinite.*give the layer a limit"):
        heavy.layer([(5, np.inf)])
    assert np.isfinite(heavy.layer([(5, 100)]).to_numpy()).all()
    with pytest.raises(ev.ArgumentError, match="layer is of peaks over a threshold"):
        ev.fit(ev.Gumbel(10.0, 2.0).rvs(30, rng=1), "gumbel").layer([(5, 10)])


def test_danish_fire_losses_are_as_published(danish: pd.Series) -> None:
    """McNeil (1997), ASTIN Bulletin 27, tables 2 and 3: u = 10."""
    fit = ev.fit(ev.peaks_over_threshold(danish, 10.0, separation=None), "gpd")
    assert fit.n == 109
    assert (round(float(fit.distribution.shape), 3), round(float(fit.distribution.scale), 2)) == (0.497, 6.98)
    asked = {"horizon": "observation", "interval": "delta"}
    var, es = (ask([0.99, 0.999], **asked)["estimate"] for ask in (fit.value_at_risk, fit.expected_shortfall))
    assert var.round(1).tolist() == [27.3, 94.3]
    assert es.round(1).tolist() == [58.2, 191.5]
    layers = [(50.0, 150.0), (200.0, 300.0)]
    table = fit.layer(layers)
    for (attachment, limit), row in zip(layers, table.itertuples(), strict=True):
        sizes = stats.genpareto(float(fit.distribution.shape), loc=10.0, scale=float(fit.distribution.scale))
        mean = integrate.quad(sizes.sf, attachment, attachment + limit, epsrel=1e-12)[0]
        assert row.pure_premium == pytest.approx(109 / float(fit.peaks.years) * mean, rel=1e-9)
        assert row.lower < row.pure_premium < row.upper


def test_secura_claims_price_the_layer_above_five_million(reference_data: Path) -> None:
    """Beirlant, Goegebeur, Segers and Teugels (2004), section 6.2: claims of a Belgian reinsurer, 1988-2001."""
    claims = pd.read_csv(reference_data / "ReIns_secura.csv")
    fit = ev.fit(ev.as_peaks(claims["size"][claims["size"] > 2.6e6], 2.6e6, 14.0), "gpd")
    table = fit.layer([(5e6, np.inf), (3e6, 2e6)])
    burning = [np.clip(claims["size"] - start, 0.0, width).sum() / 14.0 for start, width in table.index]
    assert (table["lower"] < burning).all()
    assert (burning < table["upper"]).all()
    assert table["pure_premium"].iloc[1] == pytest.approx(burning[1], rel=0.1)  # a working layer


def test_the_premium_of_a_process_is_rate_times_mean() -> None:
    truth = GPDProcess(10.0, 7.0, np.log(10.0), 0.3)
    premium = PurePremium.of([(50.0, 150.0)])
    assert premium(truth)[0] == pytest.approx(10.0 * float(ev.GPD(10.0, 7.0, 0.3).layer_mean(50.0, 150.0)), rel=1e-14)
