"""GLO, GNO, GPA, PE3 and kappa: against quadrature, differences and SciPy; fitted, asked and refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtr
from toys import REGIONAL

import evstats as ev
from evstats.cli import app
from evstats.distributions import FAMILIES, GEV, GLO, GNO, GPA, PE3, Family, Kappa
from evstats.errors import ArgumentError, FitError

Array = NDArray[np.float64]
MEMBERS: list[Family] = [
    *(family(1.0, 2.0, shape) for family in (GLO, GNO, GPA) for shape in (-0.12, 0.0, 1e-9, 0.04, 0.25)),
    *(PE3(1.0, 2.0, skew) for skew in (-1.2, 0.0, 1e-4, 0.02, 0.6, 1.8)),
    *(Kappa(1.0, 2.0, shape, h) for shape, h in ((0.15, -0.5), (-0.2, 0.4), (0.1, 0.0), (0.0, 0.3), (0.0, 0.0))),
]
EVERY = pytest.mark.parametrize("member", MEMBERS, ids=repr)


def gauss(*ends: float) -> tuple[Array, Array]:
    """Nodes and weights of Gauss and Legendre with 24 nodes from each end to the next."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    middle, half = 0.5 * (np.add(ends[1:], ends[:-1])), 0.5 * np.diff(ends)
    return (middle[:, None] + half[:, None] * nodes).ravel(), np.outer(half, weights).ravel()


G, WEIGHTS = gauss(*np.arange(-3.7, 12.0, 0.5), *np.arange(12.0, 121.0, 4.0))


def average(member: Family, of: Any) -> float:
    return float(of(member.from_gumbel(G), np.exp(-np.exp(-G))) @ (WEIGHTS * np.exp(-G - np.exp(-G))))


@EVERY
def test_moments_and_lmoments_are_those_of_the_quantiles(member: Family) -> None:
    mean = average(member, lambda x, u: x)
    variance = average(member, lambda x, u: (x - mean) ** 2)
    third = average(member, lambda x, u: (x - mean) ** 3)
    assert float(member.mean()) == pytest.approx(mean, abs=1e-9)
    assert float(member.var()) == pytest.approx(variance, rel=1e-8)
    assert float(member.skew()) == pytest.approx(third / variance**1.5, abs=1e-7)
    assert float(member.entropy()) == pytest.approx(average(member, lambda x, u: -member.logpdf(x)), abs=1e-7)
    beyond = tail_mean(member, 0.8)
    assert float(member.mean_beyond(0.8)) == pytest.approx(beyond, rel=1e-8)
    weights = (lambda u: 2 * u - 1, lambda u: 6 * u * u - 6 * u + 1, lambda u: 20 * u**3 - 30 * u * u + 12 * u - 1)
    l2, l3, l4 = (average(member, lambda x, u, w=w: x * w(u)) for w in weights)
    found = [float(part) for part in member.lmoments()]
    np.testing.assert_allclose(found, [mean, l2, l3 / l2, l4 / l2], atol=5e-9)
    again = type(member).from_lmoments(*map(np.asarray, found[: 2 + member.lmoment_ratios]))
    np.testing.assert_allclose(again, member.parameters, atol=1e-8)


def tail_mean(member: Family, p: float) -> float:
    g, weights = gauss(*np.linspace(-np.log(-np.log(p)), 12.0, 25), *np.arange(16.0, 121.0, 4.0))
    return float(member.from_gumbel(g) @ (weights * np.exp(-g - np.exp(-g)))) / (1.0 - p)


@EVERY
def test_probabilities_quantiles_and_density_belong_together(member: Family) -> None:
    p = np.array([1e-9, 0.01, 0.3, 0.7, 0.99, 1.0 - 1e-9])
    x = member.ppf(p)
    np.testing.assert_allclose(member.cdf(x), p, rtol=1e-6)
    np.testing.assert_allclose(member.sf(member.isf(p)), p, rtol=1e-5)
    x, step = member.ppf(np.array([0.05, 0.3, 0.7, 0.95])), 1e-4
    np.testing.assert_allclose(member.pdf(x), (member.cdf(x + step) - member.cdf(x - step)) / (2 * step), rtol=1e-6)
    low, high = member.support()
    assert (member.pdf(np.array([low - 1.0, high + 1.0])) == 0.0).all()
    assert np.isnan(member.logpdf(np.nan))
    far = member.isf(np.array([1e-12, 1e-100, 1e-300]))
    assert (np.diff(far) >= 0.0).all()


@EVERY
def test_derivatives_are_those_of_differences(member: Family) -> None:
    x, step = member.ppf(np.array([0.05, 0.3, 0.7, 0.97])), 2e-4
    found, parameters = member.derivatives(x), member.parameters
    np.testing.assert_allclose(found.logpdf, member.logpdf(x), rtol=1e-7, atol=1e-8)
    for i, unit in enumerate(step * np.eye(len(parameters))):
        up, down = (type(member).from_parameters(parameters + sign * unit) for sign in (1.0, -1.0))
        np.testing.assert_allclose(
            found.gradient[i], (up.logpdf(x) - down.logpdf(x)) / (2 * step), rtol=1e-4, atol=2e-5
        )
        for j in range(i, len(parameters)):
            slopes = [each.derivatives(x).gradient[j] for each in (up, down)]
            np.testing.assert_allclose(found.hessian[i][j], (slopes[0] - slopes[1]) / (2 * step), rtol=2e-3, atol=2e-4)


def test_the_kappa_family_holds_the_others() -> None:
    x = np.linspace(0.5, 9.0, 12)
    for h, family in ((-1.0, GLO), (0.0, GEV), (1.0, GPA)):
        for shape in (-0.1, 0.2):
            kappa, other = Kappa(0.4, 1.5, shape, h), family(0.4, 1.5, shape)
            np.testing.assert_allclose(kappa.logpdf(x), other.logpdf(x), rtol=1e-9)
            np.testing.assert_allclose(kappa.lmoments(), other.lmoments(), atol=1e-10)


def test_scipy_agrees_where_it_has_the_family() -> None:
    x = np.linspace(0.8, 9.0, 12)
    for member in (Kappa(0.4, 1.5, 0.1, 0.3), PE3(1.0, 2.0, 0.7), GPA(0.5, 1.0, 0.2)):
        frozen = member.to_scipy()
        np.testing.assert_allclose(member.cdf(x), frozen.cdf(x), rtol=1e-9)
        np.testing.assert_allclose(type(member).from_scipy(frozen).parameters, member.parameters)
    z = np.linspace(-6.0, 6.0, 13)
    np.testing.assert_allclose(GNO(0.0, 1.0, 0.0).cdf(z), ndtr(z), rtol=1e-12)
    np.testing.assert_allclose(PE3(0.0, 1.0, 0.0).cdf(z), ndtr(z), rtol=1e-7)
    with pytest.raises(ArgumentError, match="SciPy has no GLO"):
        GLO(0.0, 1.0, 0.1).to_scipy()
    with pytest.raises(ArgumentError, match="SciPy has no GNO"):
        GNO.from_scipy(None)


def test_batches_give_what_each_member_gives() -> None:
    for family in (GLO, GNO, GPA, PE3):
        batch = family(np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([-0.2, 0.3]))
        x = np.array([0.1, 1.1, 2.0])
        both = batch[:, None].reduced_derivatives(x)
        for i in range(2):
            np.testing.assert_array_equal(batch[:, None].cdf(x)[i], batch[i].cdf(x))
            np.testing.assert_array_equal(both.y[i], batch[i].reduced_derivatives(x).y)
        np.testing.assert_array_equal(batch.rvs(5, rng=1).shape, (2, 5))
        with pytest.raises(ArgumentError, match="extreme of several blocks"):
            batch.power(2.0)


# ---------------------------------------------------------------- fitted

TRUTH = {"glo": GLO(100.0, 20.0, 0.15), "gno": GNO(100.0, 30.0, 0.3), "pe3": PE3(100.0, 30.0, 0.8)}
TRUTH |= {"gpa": GPA(50.0, 60.0, -0.1), "kappa": Kappa(100.0, 25.0, 0.05, -0.4)}
METHODS = {"glo": ("mle", "moments", "lmoments", "bayes"), "gno": ("mle", "moments", "lmoments")}
METHODS |= {"pe3": ("mle", "moments", "lmoments"), "gpa": ("moments", "lmoments"), "kappa": ("mle", "lmoments")}


@pytest.mark.parametrize(("name", "method"), [(name, how) for name in REGIONAL for how in METHODS[name]])
def test_fits_are_near_the_truth_in_any_unit_alone_and_in_a_batch(name: str, method: str) -> None:
    truth = TRUTH[name]
    x = truth.rvs((2, 400), rng=5)
    both, alone = ev.fit(x, name, method=method), ev.fit(x[1], name, method=method)
    level = float(alone.distribution.isf(0.02))
    assert level == pytest.approx(float(truth.isf(0.02)), rel=0.16)
    assert float(both.distribution.isf(0.02)[1]) == pytest.approx(level, rel=1e-7)
    moved = ev.fit(1e-3 * x[1] - 7.0, name, method=method)
    assert float(moved.distribution.isf(0.02)) == pytest.approx(1e-3 * level - 7.0, rel=1e-6)


@pytest.mark.parametrize("name", ["glo", "gno", "pe3"])
def test_likelihood_is_highest_at_its_estimate(name: str) -> None:
    x = TRUTH[name].rvs(150, rng=7)
    fit = ev.fit(x, name)
    gradient = np.array([part.sum() for part in fit.distribution.derivatives(x).gradient])
    assert (np.abs(gradient * np.sqrt(np.diag(fit.covariance))) < 1e-5).all()
    assert fit.loglik > float(FAMILIES[name].from_parameters(ev.fit(x, name, method="lmoments").distribution.parameters)
                              .logpdf(x).sum())  # fmt: skip


@pytest.mark.parametrize("name", ["glo", "gno", "pe3", "kappa"])
def test_every_quantity_has_its_intervals(name: str) -> None:
    fit = ev.fit(TRUTH[name].rvs(120, rng=3), name)
    for interval in ("rstar", "delta", "profile") if name != "kappa" else ("delta",):
        table = fit.return_level([5, 100], interval=interval)
        assert (table["lower"] < table["estimate"]).all()
        assert (table["estimate"] < table["upper"]).all()
    back = fit.return_period(float(fit.distribution.isf(0.01)), interval="delta")
    assert back["lower"].item() < 100.0 < back["upper"].item()
    risk = fit.expected_shortfall([0.95], interval="delta")
    assert risk["lower"].item() < risk["estimate"].item() < risk["upper"].item()


@pytest.mark.parametrize("name", REGIONAL)
def test_a_fit_by_lmoments_is_shown_tested_and_stored(name: str) -> None:
    fit = ev.fit(TRUTH[name].rvs(60, rng=2), name, method="lmoments")
    assert fit.family.label in str(fit.summary())
    table = fit.return_level([10, 100])
    assert (table["lower"] < table["upper"]).all()
    again = ev.Fit.from_dict(json.loads(json.dumps(fit.to_dict(), allow_nan=False)))
    assert again.distribution == fit.distribution


def test_a_shape_that_is_no_xi_is_not_called_one() -> None:
    text = str(ev.fit(TRUTH["pe3"].rvs(60, rng=2), "pe3").summary())
    assert "genextreme" not in text
    assert "shape is the skewness" in " ".join(text.split())


def test_what_is_not_there_is_refused_in_words() -> None:
    x = TRUTH["glo"].rvs(60, rng=1)
    refused: dict[str, Any] = {
        "the kappa distribution has four parameters, which moments cannot find": lambda: ev.fit(
            x, "kappa", method="moments"
        ),
        "the flat prior says nothing of shape, which PE3 has": lambda: ev.fit(x, "pe3", method="bayes"),
        "the flat prior says nothing of h, which Kappa has": lambda: ev.fit(x, "kappa", method="bayes"),
        "which GLO": lambda: ev.fit(x, "glo").predictive_level([0.01]),
    }
    with pytest.raises(FitError, match="fit by L-moments"):
        ev.fit(x, "gpa")
    for words, call in refused.items():
        with pytest.raises(ArgumentError, match=words):
            call()


def test_the_command_line_knows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{1900 + i},{value:.4f}\n" for i, value in enumerate(TRUTH["glo"].rvs(80, rng=3)))
    Path("maxima.csv").write_text("year,flow\n" + rows)
    for options in (["levels", "--family", "glo"], ["fit", "--family", "gpa", "--method", "lmoments"]):
        with pytest.raises(SystemExit) as left:
            app([options[0], "maxima.csv", *options[1:]])
        shown = capsys.readouterr()
        assert left.value.code == 0, shown.err
        assert options[2].upper() in shown.out
