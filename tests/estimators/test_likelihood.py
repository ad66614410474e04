"""Maximum likelihood against the textbook likelihood maximised from many starts, against R and against Coles (2001)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import textbook
from golden import load
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from toys import REGIONAL

from evstats.distributions import FAMILIES, GEV, Family, GEVMin, Gumbel, GumbelMin
from evstats.errors import ArgumentError, Status
from evstats.estimators import ColesDixon, Estimation, MartinsStedinger, MaximumLikelihood, Penalty

Array = NDArray[np.float64]
EVD = load("evd")["fits"]
PUBLISHED = load("published")
#: The five units of the issue: standard, flow, height, pressure and money.
UNITS = {
    "standard": (0.0, 1.0),
    "flow": (1000.0, 300.0),
    "height": (0.03, 0.01),
    "pressure": (1e5, 1e3),
    "euro": (1e6, 4e5),
}


def estimation(family: type[Family], values: Any, penalty: Penalty | None = None) -> Estimation:
    method, values = MaximumLikelihood(penalty), np.asarray(values, dtype=float)
    return Estimation(family, method, values, method.estimate(family, values))


def std_error(found: Estimation) -> Array:
    return np.sqrt(np.diagonal(found.covariance(), axis1=-2, axis2=-1))


def assert_highest(parameters: Array, status: int, x: Array, reference: textbook.Optimum | None) -> None:
    """The estimate is an interior maximum at least as high as the reference, or there is none."""
    if status != Status.CONVERGED:
        assert status == Status.NO_INTERIOR_MAXIMUM
        assert reference is None, f"missed the maximum {reference} of {x.tolist()}"
        assert np.isnan(parameters).all()
        return
    assert parameters[2] > -1
    if reference is None:
        assert textbook.is_interior_maximum(parameters, x), f"no maximum at {parameters} for {x.tolist()}"
        return
    reached = textbook.gev_loglik(parameters, x)
    assert reached >= reference.loglik - 1e-6, f"{reached} at {parameters}, but {reference} for {x.tolist()}"


# ---------------------------------------------------------------- simulated samples in five units


def simulated(n: int, shape: float, count: int) -> Array:
    g = np.random.default_rng([n, int(1000 * shape + 2000)]).gumbel(size=(count, n))
    return g if shape == 0 else np.expm1(shape * g) / shape


def check_five_units(n: int, shape: float, count: int) -> None:
    standard = simulated(n, shape, count)
    references = [textbook.interior_maximum(x) for x in standard]
    for loc, scale in UNITS.values():
        x = loc + scale * standard
        found = estimation(GEV, x)
        for lane, reference in enumerate(references):
            if reference is not None:
                reference = textbook.Optimum(reference.parameters, reference.loglik - n * math.log(scale))
            assert_highest(found.estimate.parameters[lane], found.estimate.status[lane], x[lane], reference)
        reached = [textbook.gev_loglik(p, row) for p, row in zip(found.estimate.parameters, x, strict=True)]
        converged = found.estimate.converged
        np.testing.assert_allclose(found.loglik()[converged], np.array(reached)[converged], rtol=1e-11, atol=1e-8)


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.2])
@pytest.mark.parametrize("n", [30, 50, 100])
def test_best_optimum_in_five_units(n: int, shape: float) -> None:
    check_five_units(n, shape, 12)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.2])
@pytest.mark.parametrize("n", [30, 50, 100])
def test_best_optimum_in_five_units_at_full_size(n: int, shape: float) -> None:
    check_five_units(n, shape, 500)


@pytest.mark.parametrize("shape", [-0.6, -0.45, 0.45, 0.9, 1.4])
def test_best_optimum_for_shapes_far_from_zero(shape: float) -> None:
    for x in simulated(40, shape, 15):
        found = estimation(GEV, x)
        assert_highest(found.estimate.parameters, found.estimate.status, x, textbook.interior_maximum(x))


@settings(max_examples=15)
@given(
    st.integers(4, 25), st.sampled_from([-0.8, -0.4, 0.0, 0.3, 0.8]), st.integers(0, 10**6), st.sampled_from([0, 1, 2])
)
def test_best_optimum_of_small_and_rounded_samples(n: int, shape: float, seed: int, digits: int) -> None:
    g = np.random.default_rng(seed).gumbel(size=n)
    x = g if shape == 0 else np.expm1(shape * g) / shape
    if digits:
        x = np.round(x, digits)
    if np.ptp(x) == 0:
        return
    found = estimation(GEV, x)
    assert_highest(found.estimate.parameters, found.estimate.status, x, textbook.interior_maximum(x))


@settings(max_examples=12)
@given(st.integers(5, 60), st.integers(0, 10**6), st.floats(3, 1e4), st.sampled_from([1.0, -1.0]))
def test_best_optimum_with_an_outlier(n: int, seed: int, factor: float, side: float) -> None:
    x = np.random.default_rng(seed).gumbel(size=n)
    x[0] += side * factor
    found = estimation(GEV, x)
    assert_highest(found.estimate.parameters, found.estimate.status, x, textbook.interior_maximum(x))


@settings(max_examples=12)
@given(st.integers(8, 60), st.integers(0, 10**6), st.floats(1, 20), st.sampled_from([-0.3, 0.0, 0.4]))
def test_highest_of_several_maxima_in_two_populations(n: int, seed: int, gap: float, shape: float) -> None:
    g = np.random.default_rng(seed).gumbel(size=n)
    x = (g if shape == 0 else np.expm1(shape * g) / shape) + gap * (np.arange(n) < n // 2)
    found = estimation(GEV, x)
    assert_highest(found.estimate.parameters, found.estimate.status, x, textbook.interior_maximum(x))


#: Samples with two interior maxima, of which a climb from the moments finds the lower, and one far beyond the rest.
AWKWARD = {
    "two clusters of 27": "-0.07 0.41 -0.69 0.38 -0.35 -1.01 -0.04 -0.11 -0.91 -0.06 -0.85 0.36 2.61 16.48 15.84 13.53 "
    "14.78 18.1 13.21 20.08 17.05 13.74 14.85 14.99 17.22 23.43 14.5",
    "two clusters of 36": "-0.46 1.0 0.98 0.26 0.75 0.41 1.56 -0.07 0.11 -0.18 0.7 -0.99 0.44 1.73 0.62 -0.06 1.61 "
    "1.09 18.67 18.43 18.01 18.84 19.15 31.17 18.43 18.56 18.8 18.63 18.47 18.01 20.53 20.16 19.86 19.88 18.77 21.0",
    "one value in millions": "0.01 -0.54 1.85 -0.18 0.09 -0.54 1.5 0.12 0.9 5748477.63 0.62 -0.35 -0.06 1.02 0.36 0.29 "
    "28.0 32.5 13.92 13.61 13.82 35.03 13.85 16.33 24.89 13.78 21.77 17.68 14.63 29.15 14.16 14.34",
}


@pytest.mark.parametrize("name", AWKWARD)
def test_highest_of_several_maxima_in_awkward_samples(name: str) -> None:
    x = np.array(AWKWARD[name].split(), dtype=float)
    found = estimation(GEV, x)
    assert_highest(found.estimate.parameters, found.estimate.status, x, textbook.interior_maximum(x))


# ---------------------------------------------------------------- published fits


@pytest.mark.parametrize("name", [name for name in EVD if name in load("annual_maxima")])
def test_fits_agree_with_r_evd(name: str, annual_maxima: dict[str, Array]) -> None:
    for family, key in ((GEV, "gev"), (Gumbel, "gumbel")):
        theirs, ours = EVD[name][key], estimation(family, annual_maxima[name])
        error = np.array(theirs["std_error"])
        np.testing.assert_allclose(
            ours.estimate.parameters / error, np.array(theirs["estimate"]) / error, atol=1e-4, rtol=0
        )
        np.testing.assert_allclose(std_error(ours), error, rtol=2e-4)  # evd's Hessian is a finite difference
        assert float(ours.loglik()) == pytest.approx(theirs["loglik"], abs=1e-6)


def test_flows_in_cubic_feet_per_second_where_evd_stops_early(annual_maxima: dict[str, Array]) -> None:
    ours = estimation(GEV, 1000.0 * annual_maxima["fox_wrightstown"])
    theirs = EVD["fox_wrightstown_cfs"]
    assert theirs["default_start_loglik"] < theirs["gev"]["loglik"] - 2
    assert float(ours.loglik()) == pytest.approx(theirs["gev"]["loglik"], abs=1e-6)


@pytest.mark.parametrize("n", [10, 14, 25])
def test_a_coarse_search_finds_what_the_whole_grid_does(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit, every maximum of the grid climbed to its end; of 100,000 samples of 10 to 25 none differs."""
    from evstats import newton
    from evstats.distributions import gev
    from evstats.estimators import likelihood

    x = GEV(0.0, 1.0, np.linspace(-0.4, 0.8, 150)).rvs(n, rng=n)
    x[100:, 0] += 10.0
    found = MaximumLikelihood().estimate(GEV, x)
    monkeypatch.setattr(gev, "where_it_may_turn", lambda above, present, grid, known: (np.arange(len(above)), grid))
    monkeypatch.setattr(likelihood, "_MOST_GAINED", np.inf)
    monkeypatch.setattr(newton, "_PINNED", 0.0)
    whole = MaximumLikelihood().estimate(GEV, x)
    assert (found.status == whole.status).all()
    assert np.array_equal(found.parameters, whole.parameters, equal_nan=True)


def test_port_pirie_as_in_coles(annual_maxima: dict[str, Array]) -> None:
    ours, printed = estimation(GEV, annual_maxima["port_pirie"]), PUBLISHED["port_pirie"]
    np.testing.assert_allclose(ours.estimate.parameters, [3.875, 0.198, -0.050], atol=5e-4)
    np.testing.assert_allclose(std_error(ours), [0.028, 0.020, 0.098], atol=5e-4)
    np.testing.assert_allclose(ours.covariance(), printed["gev"]["covariance"], rtol=5e-3)
    assert float(ours.loglik()) == pytest.approx(printed["gev"]["loglik"], abs=0.005)
    assert float(ours.distribution.isf(0.01)) == pytest.approx(4.69, abs=0.005)
    assert float(ours.distribution.isf(0.1)) == pytest.approx(4.30, abs=0.005)
    gumbel = estimation(Gumbel, annual_maxima["port_pirie"])
    np.testing.assert_allclose(gumbel.estimate.parameters, printed["gumbel"]["estimate"], atol=5e-3)
    assert float(gumbel.loglik()) == pytest.approx(printed["gumbel"]["loglik"], abs=0.005)
    ismev = PUBLISHED["port_pirie_ismev"]["gev"]
    np.testing.assert_allclose(ours.estimate.parameters, ismev["estimate"], rtol=0, atol=3e-5)
    np.testing.assert_allclose(std_error(ours), ismev["std_error"], rtol=5e-4)


def test_venice_as_in_coles(data_sources: Any) -> None:
    table = np.genfromtxt(data_sources / "venice_10_largest_sea_levels.csv", delimiter=",", names=True)
    ours = estimation(GEV, table["r1_cm"][(table["year"] >= 1931) & (table["year"] <= 1981)])
    printed = PUBLISHED["venice_1931_1981"]["gev"]
    digit = np.array([0.1, 0.1, 0.001])  # the last one printed
    assert (np.abs(ours.estimate.parameters - printed["estimate"]) <= 0.51 * digit).all()
    assert (np.abs(std_error(ours) - printed["std_error"]) <= 0.51 * digit).all()
    assert float(ours.loglik()) == pytest.approx(printed["loglik"], abs=0.05)
    whole = estimation(GEV, table["r1_cm"])
    np.testing.assert_allclose(whole.estimate.parameters, EVD["venice_r1"]["gev"]["estimate"], rtol=1e-5)


def test_port_jervis_as_in_gilleland_and_katz(reference_data: Any) -> None:
    table = np.genfromtxt(reference_data / "extRemes_PORTw.csv", delimiter=",", names=True)
    ours, printed = estimation(GEV, table["TMX1"]), PUBLISHED["port_jervis_winter_maximum"]["gev"]
    np.testing.assert_allclose(ours.estimate.parameters, printed["estimate"], atol=1e-5)
    assert float(ours.loglik()) == pytest.approx(printed["loglik"], abs=1e-4)


# ---------------------------------------------------------------- digits of estimates and standard errors


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", ["port_pirie", "oxford", "fox_berlin", "fox_wrightstown"])
def test_digits_of_estimates_and_standard_errors(name: str, unit: str, annual_maxima: dict[str, Array]) -> None:
    loc, scale = UNITS[unit]
    x = loc + scale * annual_maxima[name]
    for family in (GEV, Gumbel):
        ours = estimation(family, x)
        reference = textbook.refine(ours.estimate.parameters, x)
        off = (ours.estimate.parameters - reference.parameters) / reference.std_error
        np.testing.assert_allclose(off, 0.0, atol=1e-6)
        np.testing.assert_allclose(std_error(ours), reference.std_error, rtol=1e-6)
        np.testing.assert_allclose(ours.covariance(), reference.covariance, rtol=1e-6)
        assert float(ours.loglik()) == pytest.approx(reference.loglik, abs=1e-8)


@pytest.mark.parametrize(
    "family", [own for name, own in FAMILIES.items() if len(own.scales) == 1 and name not in REGIONAL]
)
def test_minima_are_fitted_as_maxima_of_the_mirror_image(family: type[Family], annual_maxima: dict[str, Array]) -> None:
    x = annual_maxima["oxford"]
    maxima = {GumbelMin: Gumbel, GEVMin: GEV}.get(family, family)
    ours = estimation(family, -x if family.minima else x)
    theirs = estimation(maxima, x)
    sign = np.array([-1.0 if family.minima else 1.0, 1.0, 1.0])[: len(family.parameter_names)]
    np.testing.assert_allclose(ours.estimate.parameters, sign * theirs.estimate.parameters, rtol=1e-12)
    np.testing.assert_allclose(ours.covariance(), theirs.covariance() * np.outer(sign, sign), rtol=1e-9)
    assert float(ours.loglik()) == pytest.approx(float(theirs.loglik()), rel=1e-12)


# ---------------------------------------------------------------- where there is no maximum, or no standard error

LEFT_SKEWED = np.array([1.0, 8.0, 9.0, 9.5, 9.8, 9.9, 9.95, 9.99, 10.0, 10.0])


def test_no_interior_maximum_is_a_status_not_an_estimate() -> None:
    assert textbook.interior_maximum(LEFT_SKEWED) is None
    found = estimation(GEV, LEFT_SKEWED)
    assert found.estimate.status == Status.NO_INTERIOR_MAXIMUM
    assert np.isnan(found.estimate.parameters).all()
    assert np.isnan(found.loglik())
    assert np.isnan(found.covariance()).all()
    assert "L-moments" in Status.NO_INTERIOR_MAXIMUM.sentence
    assert estimation(GEV, LEFT_SKEWED, MartinsStedinger()).estimate.status == Status.CONVERGED


def test_standard_errors_end_at_shape_minus_one_half() -> None:
    x = np.concatenate([simulated(60, -0.75, 20), simulated(60, -0.25, 20)])
    found = estimation(GEV, x)
    shape = found.estimate.parameters[:, 2]
    assert (shape < -0.5).any()
    assert (shape > -0.5).any()
    np.testing.assert_array_equal(np.isnan(std_error(found)).all(axis=1), (shape <= -0.5) | np.isnan(shape))
    np.testing.assert_array_equal(np.isfinite(std_error(found)).all(axis=1), shape > -0.5)


# ---------------------------------------------------------------- penalties


def martins_stedinger(shape: float) -> float:
    if abs(shape) >= 0.5:
        return -math.inf
    return 8 * math.log(0.5 + shape) + 5 * math.log(0.5 - shape)


def coles_dixon(shape: float) -> float:
    if shape >= 1:
        return -math.inf
    return 0.0 if shape <= 0 else -(1 / (1 - shape) - 1)


@pytest.mark.parametrize(
    ("penalty", "log_penalty"), [(MartinsStedinger(), martins_stedinger), (ColesDixon(), coles_dixon)]
)
def test_penalties_are_the_published_densities(penalty: Penalty, log_penalty: Callable[[float], float]) -> None:
    shape = np.array([-0.7, -0.499, -0.3, -0.01, 0.01, 0.1, 0.3, 0.499, 0.9, 1.0, 1.2])
    ours = penalty.log_penalty(shape)
    theirs = np.array([log_penalty(value) for value in shape])
    inside = np.isfinite(theirs)
    np.testing.assert_array_equal(np.isfinite(ours.value), inside)
    assert np.ptp(ours.value[inside] - theirs[inside]) < 1e-12  # equal up to the norming constant
    step = 1e-6
    above, below = penalty.log_penalty(shape[inside] + step), penalty.log_penalty(shape[inside] - step)
    np.testing.assert_allclose(ours.first[inside], (above.value - below.value) / (2 * step), rtol=1e-3, atol=1e-8)
    np.testing.assert_allclose(ours.second[inside], (above.first - below.first) / (2 * step), rtol=1e-3, atol=1e-8)


def test_mean_of_the_martins_stedinger_density_is_a_tenth() -> None:
    shape = np.linspace(-0.5, 0.5, 20_001)[1:-1]
    density = np.exp(MartinsStedinger().log_penalty(shape).value)
    assert np.sum(density * shape) / np.sum(density) == pytest.approx(0.10, abs=1e-6)
    assert np.sum(density) * (shape[1] - shape[0]) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("penalty", "log_penalty"), [(MartinsStedinger(), martins_stedinger), (ColesDixon(), coles_dixon)]
)
@pytest.mark.parametrize("shape", [-0.3, 0.0, 0.15, 0.6])
def test_penalised_fits_reach_the_highest_penalised_likelihood(
    penalty: Penalty, log_penalty: Callable[[float], float], shape: float
) -> None:
    for x in simulated(25, shape, 12):
        ours = estimation(GEV, 1000.0 + 300.0 * x, penalty)
        reference = textbook.interior_maximum(x, log_penalty)
        assert reference is not None
        assert ours.estimate.status == Status.CONVERGED, x.tolist()
        parameters = ours.estimate.parameters
        reached = textbook.gev_loglik(parameters, 1000.0 + 300.0 * x) + log_penalty(parameters[2])
        best = reference.loglik - x.size * math.log(300.0) + log_penalty(reference.parameters[2])
        assert reached >= best - 1e-6, (x.tolist(), parameters, reference)
        unpenalised = textbook.gev_loglik(parameters, 1000.0 + 300.0 * x)
        assert float(ours.loglik()) == pytest.approx(unpenalised, rel=1e-11)


def test_a_penalty_needs_a_shape() -> None:
    with pytest.raises(ArgumentError, match="shape"):
        estimation(Gumbel, [1.0, 2.0, 4.0, 3.0], MartinsStedinger())
    with pytest.raises(ArgumentError, match="penalty"):
        MaximumLikelihood(penalty="martins")  # type: ignore[arg-type]
