"""Regions against Hosking and Wallis' own figures, independent computation, properties, and bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.optimize import fsolve
from scipy.special import gammaln

import evstats as ev
from evstats.cli import app
from evstats.distributions import FAMILIES, GEV, Family, Kappa
from evstats.errors import ArgumentError, DataError
from evstats.regions import FAMILIES as NAMES
from evstats.regions.simulation import simulated

#: Series that are not shipped; beside the checkout, or beside the folder it is in.
SHARED = [folder / "shared" / "reference-data" for folder in Path(__file__).resolve().parents[3:5]]
TESTED = ("glo", "gev", "gno", "pe3", "gpa")


def sites(count: int = 8, n: int = 40, shape: float = 0.1) -> dict[str, Any]:
    return {f"site {i}": ev.GEV(100.0 * i, 25.0 * i, shape).rvs(n + 2 * i, rng=i) for i in range(1, count + 1)}


def reference(name: str) -> pd.DataFrame:
    for folder in SHARED:
        if (folder / f"lmomRFA_{name}.csv").exists():
            return pd.read_csv(folder / f"lmomRFA_{name}.csv")
    pytest.skip("the reference series are not here")


@pytest.fixture(scope="module")
def region() -> ev.Region:
    return ev.region(sites())


# ---------------------------------------------------------------- figures that others published


def test_heterogeneity_and_fit_of_the_cascades() -> None:
    """H and Z as Hosking's own program gives them for the Cascades, 500 replicates (lmomRFA, ``regtst``)."""
    cascades = ev.region(reference("Cascades"))
    np.testing.assert_allclose(cascades.heterogeneity(1_500)["statistic"], [0.62, -1.49, -2.37], atol=0.2)
    z = np.array([3.46, -2.94, -1.51, -1.60, -14.75])
    found = cascades.goodness_of_fit(1_500)["statistic"]
    assert list(found.index) == list(TESTED)
    assert (np.abs(found - z) < 0.2 + 0.04 * np.abs(z)).all()
    assert list(cascades.goodness_of_fit().query("accepted").index) == ["gno", "pe3"]


@pytest.mark.parametrize(
    ("name", "replicates"), [("Maxwind", 2_000), pytest.param("Appalach", 3_000, marks=pytest.mark.slow)]
)
def test_heterogeneity_and_fit_are_those_of_an_own_simulation(name: str, replicates: int) -> None:
    """Hosking and Wallis (1997), 4.3.3 and 5.2.3, from the kappa distribution with the regional L-moments on; kappa's
    are Hosking's (1994) own, the L-kurtoses of three parameters the polynomials of their table A.3."""
    region = ev.region(reference(name))
    n, (t, t3, t4) = region.n.astype(int), map(float, region.average)
    drawn = _ratios(_kappa_samples(t, t3, t4, n, replicates), n)
    w = n / n.sum()

    def dispersions(u: Any) -> Any:
        a, b, c = (own - (own @ w)[..., None] for own in u)
        return np.stack([np.sqrt(a**2 @ w), np.sqrt(a**2 + b**2) @ w, np.sqrt(b**2 + c**2) @ w])

    simulated_v, seen = dispersions(drawn), dispersions([region.t, region.t_3, region.t_4])
    h = (seen - simulated_v.mean(axis=1)) / simulated_v.std(axis=1, ddof=1)
    np.testing.assert_allclose(region.heterogeneity(replicates)["statistic"], h, atol=0.2)
    off = drawn[2] @ w - t4
    of_curves = [np.polynomial.polynomial.polyval(t3, row) for row in KURTOSES]
    z = (np.array(of_curves) - t4 + off.mean()) / off.std(ddof=1)
    found = region.goodness_of_fit(replicates)["statistic"].to_numpy()
    assert (np.abs(found - z) < 0.2 + 0.04 * np.abs(z)).all()


#: Of GLO, GEV, GNO, PE3 and GPA the L-kurtosis as a polynomial of the L-skewness, good to 5e-4.
KURTOSES = (
    [0.16667, 0.0, 0.83333],
    [0.10701, 0.11090, 0.84838, -0.06669, 0.00567, -0.04208, 0.03763],
    [0.12282, 0.0, 0.77518, 0.0, 0.12279, 0.0, -0.13638, 0.0, 0.11368],
    [0.12240, 0.0, 0.30115, 0.0, 0.95812, 0.0, -0.57488, 0.0, 0.19383],
    [0.0, 0.20196, 0.95924, -0.20096, 0.04061],
)


def _kappa_samples(t: float, t3: float, t4: float, n: Any, replicates: int) -> Any:
    """Standard kappa variables (replicates, sites, largest n) about a mean of 1 with these L-moment ratios."""

    def g(r: int, k: float, h: float) -> float:
        if h > 0.0:
            return float(r * np.exp(gammaln(1 + k) + gammaln(r / h) - gammaln(1 + k + r / h)) * h ** -(1 + k))
        return float(r * np.exp(gammaln(1 + k) + gammaln(-k - r / h) - gammaln(1 - r / h)) * (-h) ** -(1 + k))

    def off(p: Any) -> list[float]:
        a, b, c, d = (g(r, *p) for r in (1, 2, 3, 4))
        return [(-a + 3 * b - 2 * c) / (a - b) - t3, (a - 6 * b + 10 * c - 5 * d) / (a - b) - t4]

    k, h = fsolve(off, [-0.1, -0.1], xtol=1e-12)
    alpha = t * k / (g(1, k, h) - g(2, k, h))
    loc = 1.0 - alpha * (1.0 - g(1, k, h)) / k
    u = np.random.default_rng(5).random((replicates, len(n), n.max()))
    return loc + alpha / k * (1.0 - ((1.0 - u**h) / h) ** k)


def _ratios(x: Any, n: Any) -> Any:
    """L-CV, L-skewness and L-kurtosis (3, replicates, sites) of the first n values of each, by probability-weighted
    moments."""
    found = []
    for site, count in enumerate(n):
        own, i = np.sort(x[:, site, :count], axis=-1), np.arange(count, dtype=float)
        weights = np.cumprod([np.ones(count), *((i - r + 1) / (count - r) for r in (1, 2, 3))], axis=0)
        b = own @ weights.T / count
        l2 = 2 * b[:, 1] - b[:, 0]
        l3 = 6 * b[:, 2] - 6 * b[:, 1] + b[:, 0]
        l4 = 20 * b[:, 3] - 30 * b[:, 2] + 12 * b[:, 1] - b[:, 0]
        found.append([l2 / b[:, 0], l3 / l2, l4 / l2])
    return np.moveaxis(np.array(found), 0, -1)


@pytest.mark.parametrize("name", ["Cascades", "Appalach", "Maxwind"])
def test_discordancy_is_that_of_the_definition(name: str) -> None:
    region = ev.region(reference(name))
    u = np.stack([region.t, region.t_3, region.t_4], axis=-1)
    off = [row - u.mean(axis=0) for row in u]
    inverse = np.linalg.inv(sum(np.outer(row, row) for row in off))
    wanted = [len(u) / 3.0 * row @ inverse @ row for row in off]
    table = region.discordancy()
    np.testing.assert_allclose(table["discordancy"], wanted, rtol=1e-8)
    assert table["discordancy"].mean() == pytest.approx(1.0)
    assert (table["discordancy"] <= (len(u) - 1) / 3.0).all()


@pytest.mark.parametrize("name", ["Cascades", "Appalach", "Maxwind"])
def test_growth_curves_have_the_regional_lmoments(name: str) -> None:
    """L-moments of the fitted curves by quadrature of the quantile function, which knows no closed form of them."""
    region = ev.region(reference(name))
    for short in NAMES:
        fit = region.fit(short)
        fitted = [*map(float, region.average)][: {"gum": 1, "kap": 3}.get(short, 2)]
        if fit.notes:  # the kappa family has no member there
            fitted = fitted[:2]
        l1, l2, l3, l4 = by_quadrature(fit.distribution)
        assert l1 == pytest.approx(1.0, abs=2e-8)
        np.testing.assert_allclose([l2, l3 / l2, l4 / l2][: len(fitted)], fitted, atol=2e-8)


def by_quadrature(distribution: Family) -> list[float]:
    def moment(weight: Any) -> float:
        def integrand(g: float) -> float:
            return float(distribution.from_gumbel(g) * weight(np.exp(-np.exp(-g))) * np.exp(-g - np.exp(-g)))

        return sum(
            quad(integrand, *ends, limit=200, epsrel=1e-10)[0] for ends in ((-4.2, 2.0), (2.0, 12.0), (12.0, 120.0))
        )

    weights = (
        lambda u: 1.0,
        lambda u: 2 * u - 1,
        lambda u: 6 * u * u - 6 * u + 1,
        lambda u: 20 * u**3 - 30 * u * u + 12 * u - 1,
    )
    return [moment(weight) for weight in weights]


def test_heterogeneity_is_that_of_the_definition(region: ev.Region) -> None:
    drawn = simulated(region._kappa.distribution, region.n, 300, 1).ratios

    def dispersions(t: Any, t3: Any, t4: Any) -> list[float]:
        w = region.n / region.n.sum()
        a, b, c = (t - w @ t, t3 - w @ t3, t4 - w @ t4)
        return [np.sqrt(w @ a**2), w @ np.sqrt(a**2 + b**2), w @ np.sqrt(b**2 + c**2)]

    one_by_one = np.array([dispersions(*drawn[:, i]) for i in range(300)])
    wanted = (dispersions(region.t, region.t_3, region.t_4) - one_by_one.mean(axis=0)) / one_by_one.std(axis=0, ddof=1)
    np.testing.assert_allclose(region.heterogeneity(300, rng=1)["statistic"], wanted, rtol=1e-9)


def test_sites_of_two_kinds_are_heterogeneous() -> None:
    mixed = sites(6) | {f"other {i}": ev.GEV(100.0, 60.0, 0.1).rvs(50, rng=50 + i) for i in range(6)}
    table = ev.region(mixed).heterogeneity()
    assert table.loc["H1", "verdict"] == "definitely heterogeneous"
    assert "Part the region" in str(table.attrs["notes"])


# ---------------------------------------------------------------- growth curves, levels, bounds


@pytest.mark.parametrize("family", NAMES)
def test_bounds_hold_the_curve_and_widen(region: ev.Region, family: str) -> None:
    fit = region.fit(family)
    curve = fit.growth_curve([2, 10, 100, 1000], replicates=20)
    assert (curve["lower"] < curve["upper"]).all()
    wider = fit.growth_curve([2, 10, 100, 1000], replicates=20, confidence=0.99)
    assert (wider["lower"] <= curve["lower"]).all()
    assert (curve["upper"] <= wider["upper"]).all()
    np.testing.assert_allclose(curve["estimate"], fit.distribution.isf(1.0 / np.array([2, 10, 100, 1000])), rtol=1e-12)


def test_levels_are_the_index_times_the_curve(region: ev.Region) -> None:
    fit = region.fit("gev")
    few = {"replicates": 100}
    curve, at_site = fit.growth_curve([100], **few), fit.return_level([100], site="site 3", **few)
    np.testing.assert_allclose(at_site["estimate"], region.mean[2] * curve["estimate"], rtol=1e-12)
    ungauged = fit.return_level([100], index=42.0, **few)
    np.testing.assert_allclose(ungauged, 42.0 * curve, rtol=1e-12)
    assert "taken as known" in str(ungauged.attrs["notes"])
    assert (at_site["upper"] / at_site["lower"] > curve["upper"] / curve["lower"]).all()


def test_a_curve_of_medians_passes_through_one_at_two_years() -> None:
    fit = ev.region(sites(), index="median").fit("glo")
    curve = fit.growth_curve([2, 100], replicates=100)
    assert curve.loc[2, "estimate"] == pytest.approx(1.0)
    assert fit.return_level([2], site="site 1", replicates=100)["estimate"].item() == pytest.approx(
        np.median(sites()["site 1"])
    )
    by_mean = ev.region(sites()).fit("glo").growth_curve([2, 100], replicates=100)["estimate"]
    assert curve.loc[100, "estimate"] == pytest.approx(by_mean[100] / by_mean[2])


def test_any_unit_and_any_form_of_the_data_give_one_answer(region: ev.Region) -> None:
    long = pd.DataFrame([(name, x) for name, values in sites().items() for x in values], columns=["gauge", "peak"])
    table = region.sites().reset_index(names="name")
    for other in (
        ev.region({name: 1e-6 * values for name, values in sites().items()}),
        ev.region(long),
        ev.region(long, site="gauge", value="peak"),
        ev.region(table),
    ):
        z, wanted = (each.goodness_of_fit(50)["statistic"] for each in (other, region))
        np.testing.assert_allclose(z, wanted, rtol=1e-7)
        curves = (each.fit("gno").growth_curve([100], replicates=50) for each in (other, region))
        np.testing.assert_allclose(*curves, rtol=1e-9)


def test_correlated_sites_widen_the_bounds(region: ev.Region) -> None:
    fit = region.fit("gev")
    alone, together = (fit.growth_curve([10], correlation=rho, replicates=300) for rho in (0.0, 0.7))
    assert ((together["upper"] - together["lower"]) > 1.2 * (alone["upper"] - alone["lower"])).all()


def test_simulated_sites_have_the_correlation_and_the_distribution() -> None:
    truth, n = GEV(0.9, 0.2, 0.1), np.array([40, 60])
    found = simulated(truth, n, 2_000, 3, 0.6)
    wanted = truth.lmoments()
    assert found.means.mean() == pytest.approx(float(wanted[0]), rel=0.01)
    assert found.ratios[1].mean() == pytest.approx(float(wanted[2]), abs=0.02)
    alone = simulated(truth, n, 2_000, 3)
    assert abs(np.corrcoef(alone.means.T)[0, 1]) < 0.08 < 0.3 < np.corrcoef(found.means.T)[0, 1]


def test_where_no_kappa_is_the_logistic_takes_its_place() -> None:
    table = pd.DataFrame({"name": list("abcdef"), "n": 30, "mean": 1.0, "t": 0.2, "t_3": 0.1, "t_4": 0.3})
    table["t"] += np.linspace(-0.01, 0.01, 6)
    table["t_3"] += np.array([0.01, -0.01, 0.02, 0.0, -0.02, 0.01])
    table["t_4"] += np.array([0.02, 0.0, -0.02, 0.01, 0.01, -0.01])
    region = ev.region(table)
    fit = region.fit("kap")
    assert isinstance(fit.distribution, Kappa)
    assert "that one takes its place" in str(fit.notes)
    assert "that one takes its place" in str(region.heterogeneity(50).attrs["notes"])
    glo = region.fit("glo").growth_curve([100], replicates=50)["estimate"]
    np.testing.assert_allclose(fit.growth_curve([100], replicates=50)["estimate"], glo, rtol=1e-9)


def test_names_of_hosking_and_of_the_house() -> None:
    assert FAMILIES["gum"] is FAMILIES["gumbel"]
    assert FAMILIES["kap"] is FAMILIES["kappa"]
    region = ev.region(sites(5))
    assert region.fit("kappa").family is region.fit("KAP").family is Kappa
    assert region.fit(ev.Gumbel).family is ev.Gumbel


def test_the_study_of_the_bounds_keeps_its_promise() -> None:
    study = pd.read_csv(Path(__file__).parents[1] / "studies" / "regions.csv")
    told = study[study["drawn"] == study["asked"]]
    assert len(told) >= 30
    spread = np.sqrt(told["nominal"] * (1 - told["nominal"]) / told["records"])
    assert (np.abs(told["held"] - told["nominal"]) < 0.025 + 3.0 * spread).all()


# ---------------------------------------------------------------- bad input


def table(**changes: Any) -> pd.DataFrame:
    rows = {
        "name": ["a", "b"],
        "n": [30, 40],
        "mean": [1.0, 2.0],
        "t": [0.2, 0.21],
        "t_3": [0.1, 0.2],
        "t_4": [0.1, 0.2],
    }
    return pd.DataFrame(rows | changes)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"a": [1.0, 2.0, 3.0, 5.0]}, "two sites or more, and here is only 'a'"),
        ({}, "two sites or more, and here is none"),
        ({"a": [1.0, 2.0, 4.0], "b": [1.0, 2.0, 3.0, 5.0]}, "'a' has 3 values, and an L-kurtosis takes 4"),
        ({"a": [1.0, 2.0, 4.0, np.nan], "b": [1.0, 2.0, 3.0, 5.0]}, "'a' has 3 values"),
        ({"a": [1.0, 2.0, 4.0, "n/a"], "b": [1.0, 2.0, 3.0, 5.0]}, "'a' has the value 'n/a', which is no number"),
        ({"a": [1.0, 2.0, 4.0, np.inf], "b": [1.0, 2.0, 3.0, 5.0]}, "'a' has an infinite value"),
        ({"a": [2.0] * 5, "b": [1.0, 2.0, 3.0, 5.0]}, "all values of site 'a' are equal"),
        ({"a": [1.0, 2.0, 3.0, 5.0], "b": [1.0, 2.0, 3.0, 5.0]}, "'a' and 'b' have the same values"),
        ({"a": [-1.0, -2.0, -4.0, -9.0], "b": [1.0, 2.0, 3.0, 5.0]}, "the mean of site 'a' is -4"),
        (table().drop(columns="t_4"), "the table of L-moments has no column 't_4'"),
        (table(t_4=[0.1, np.nan]), "site 'b' has nan as t_4"),
        (table(t=[0.2, "x"]), "site 'b' has 'x' as t"),
        (table(name=["a", "a"]), "the site 'a' is there twice"),
        (table(n=[3, 40]), "'a' has 3 values"),
        (table(t=[20.0, 0.2]), "site 'a' has t = 20, and it lies between 0 and 1"),
        ([1.0, 2.0], "not of list"),
    ],
)
def test_bad_sites_are_refused_in_words(data: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        ev.region(data)


def test_bad_questions_are_refused_in_words(region: ev.Region) -> None:
    fit = region.fit("gev")
    refused: dict[str, Any] = {
        "family 'tcev' is not there for regions": lambda: region.fit("tcev"),
        "return period 1 is not possible": lambda: fit.growth_curve([1.0]),
        "there is no site 'x' in the region": lambda: fit.return_level([10], site="x"),
        "give one of the two": lambda: fit.return_level([10]),
        "expected a positive index flood": lambda: fit.return_level([10], index=-1.0),
        "correlation is 1.0": lambda: fit.growth_curve([10], correlation=1.0),
        "replicates is 3": lambda: region.heterogeneity(3),
        "confidence is 95": lambda: fit.growth_curve([10], confidence=95),
        "index is 'mode'": lambda: ev.region(sites(), index="mode"),
        "there is no column 'x'": lambda: ev.region(pd.DataFrame({"site": ["a"], "value": [1.0]}), site="x"),
        "is not clear": lambda: ev.region(pd.DataFrame({"site": ["a"], "q": [1.0], "r": [1.0]})),
    }
    for words, call in refused.items():
        with pytest.raises(ArgumentError, match=words):
            call()
    with pytest.raises(DataError, match="does not tell the medians"):
        ev.region(table(), index="median")


# ---------------------------------------------------------------- figures and the command


def test_figures(region: ev.Region) -> None:
    drawn = ev.plots.growth_curve(region.fit("glo"))
    assert drawn.get_ylabel() == "multiple of the mean"
    assert len(drawn.lines) == 1 + len(region.names)
    diagram = ev.plots.lmoment_ratios(region)
    legend = diagram.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][:5] == ["GLO", "GEV", "GNO", "PE3", "GPA"]
    curves = ev.plots.ratio_curves(0.0, 0.5)
    assert curves.loc[0.0, "glo"] == pytest.approx(1 / 6)
    assert curves.loc[0.0, "gno"] == pytest.approx(0.1226, abs=1e-4)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{name},{x:.3f}\n" for name, values in sites(6).items() for x in values)
    Path("sites.csv").write_text(f"name,peak\n{rows}")

    def run(*options: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            app(["region", "sites.csv", *options])
        shown = capsys.readouterr()
        return int(str(left.value.code)), " ".join((shown.out + shown.err).split())

    options = ("--site", "name", "--value", "peak", "--family", "glo", "--periods", "10,100", "--replicates", "60")
    code, text = run(*options, "--index-flood", "42")
    assert code == 0
    assert all(words in text for words in ("GLO(loc=", "Growth curve, in multiples of the mean", "H1", "site 6"))
    assert "taken as known" in text
    assert run(*options, "--at-site", "site 9")[0] == 2
    Path("sites.csv").write_text("name,peak\na,1\na,2\na,3\na,5\n")
    code, text = run()
    assert (code, "two sites or more" in text) == (1, True)
    Path("sites.csv").write_text(f"name,peak\n{rows}site 1,text\n")
    code, text = run()
    assert (code, "rows dropped: not a number" in text and "site 1,text" in text) == (0, True)


def test_masked_values_of_a_site_are_missing() -> None:
    values = ev.GEV(100.0, 25.0, 0.1).rvs(40, rng=1)
    spoilt = np.ma.masked_array(np.append(values, 1e6), mask=[*[False] * 40, True])
    masked, plain = (ev.region({"a": own, "b": 2.0 * values + 1.0}).sites() for own in (spoilt, values))
    pd.testing.assert_frame_equal(masked, plain)


def test_growth_curves_are_multiples_of_a_positive_median() -> None:
    below = {"a": [-5.0, -4.0, -3.0, -2.0, 100.0], "b": [1.0, 2.0, 3.0, 5.0]}
    with pytest.raises(DataError, match="the median of site 'a' is -3, and growth curves are multiples of a positive"):
        ev.region(below, index="median")
    table = pd.DataFrame({"n": 30, "mean": [2.0, 3.0], "t": 0.2, "t_3": 0.1, "t_4": 0.1, "median": [0.0, 1.0]})
    assert len(ev.region(table).names) == 2
    with pytest.raises(DataError, match="the median of site '0' is 0,"):
        ev.region(table, index="median")


@pytest.mark.parametrize("t", [0.2, 0.25])
def test_a_ratio_that_is_the_same_everywhere_makes_no_site_discordant(t: float) -> None:
    """D is then that of the others: without them noise of the last digit, or a singular matrix, would count."""
    t3, t4 = np.array([[0.1, 0.12, 0.2, 0.15, 0.18, 0.22], [0.1, 0.12, 0.13, 0.14, 0.15, 0.16]])
    found = ev.region(pd.DataFrame({"n": 30, "mean": 1.0, "t": t, "t_3": t3, "t_4": t4})).discordancy()
    off = np.stack([t3 - t3.mean(), t4 - t4.mean()])
    expected = 2.0 * np.einsum("is,ij,js->s", off, np.linalg.inv(off @ off.T), off)
    np.testing.assert_allclose(found["discordancy"], expected, rtol=1e-9)
