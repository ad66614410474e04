"""Standard errors of a GEV near shape -1/2: there above it, and below none, with a note that says why (Smith 1985)."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import evstats as ev
from evstats.distributions import GEV, GEVMin
from evstats.notes import as_note

Array = NDArray[np.float64]
MLE = ev.MaximumLikelihood()
LEVELS = ev.ReturnLevel([2.0, 100.0])
#: Series of 80 whose estimated shapes lie on either side of -1/2.
SERIES = GEV(100.0, 20.0, -0.5).rvs((400, 80), rng=12)
SHAPES = MLE.estimate(GEV, SERIES).parameters[:, 2]
ABOVE, BELOW = (SHAPES > -0.5) & (SHAPES < -0.47), (SHAPES <= -0.5) & (SHAPES > -0.53)


def nearest(side: NDArray[np.bool_]) -> Array:
    """The series on one side whose shape is nearest to -1/2."""
    return SERIES[np.where(side, np.abs(SHAPES + 0.5), np.inf).argmin()]


@pytest.mark.parametrize("shape", [-0.501, -0.5, -0.4999, -0.49, -0.45])
@pytest.mark.parametrize("family", [GEV, GEVMin])
def test_the_covariance_ends_at_minus_one_half(family: type[ev.GEV | GEVMin], shape: float) -> None:
    x = family(100.0, 20.0, shape).ppf((np.arange(60) + 0.5) / 60)
    covariance = MLE.covariance(family, np.array([[100.0, 20.0, shape]]), x[None])[0]
    if shape <= -0.5:
        assert np.isnan(covariance).all()
    else:
        wanted = np.linalg.inv(-second_differences(family, np.array([100.0, 20.0, shape]), x))
        np.testing.assert_allclose(covariance, wanted, rtol=1e-4)
        assert (np.linalg.eigvalsh(covariance) > 0.0).all()


def second_differences(family: type[ev.GEV | GEVMin], at: Array, x: Array) -> Array:
    """The Hessian of the log-likelihood by central differences."""
    steps = np.diag([1e-3, 1e-3, 5e-6])

    def height(point: Array) -> float:
        return float(family.from_parameters(point).logpdf(x).sum())

    return np.array(
        [
            [
                sum(s * t * height(at + s * a + t * b) for s in (1, -1) for t in (1, -1)) / (4.0 * a.sum() * b.sum())
                for a in steps
            ]
            for b in steps
        ]
    )


def test_errors_and_limits_of_the_delta_method_are_there_above_and_only_there() -> None:
    assert min(ABOVE.sum(), BELOW.sum()) > 20
    fits = ev.fit(SERIES[ABOVE | BELOW], "gev")
    above = fits.distribution.shape > -0.5
    there = np.isfinite(fits.covariance).all(axis=(-2, -1))
    np.testing.assert_array_equal(there, above)
    np.testing.assert_array_equal(np.isnan(fits.covariance).all(axis=(-2, -1)), ~above)
    for quantity in (LEVELS, ev.ReturnPeriod([110.0]), ev.ExpectedShortfall([0.9]), ev.Parameters()):
        answer = fits.evaluate(quantity, "delta")
        for limit in (answer.lower, answer.upper):
            np.testing.assert_array_equal(np.isfinite(limit).all(axis=-1), above)
            np.testing.assert_array_equal(np.isnan(limit).all(axis=-1), ~above)


def test_errors_near_the_border_are_like_those_farther_away() -> None:
    """Nothing explodes on the way to it: scaled errors of series just above and farther above have one size."""
    near, far = ((low < SHAPES) & (high > SHAPES) for low, high in ((-0.5, -0.48), (-0.45, -0.4)))
    errors = [
        np.median(np.sqrt(ev.fit(SERIES[side], "gev").covariance.diagonal(axis1=-2, axis2=-1)), axis=0)
        for side in (near, far)
    ]
    np.testing.assert_allclose(errors[0], errors[1], rtol=0.35)


def test_a_series_without_errors_says_why_and_still_has_the_interval_that_holds() -> None:
    below, above = ev.fit(nearest(BELOW), "gev"), ev.fit(nearest(ABOVE), "gev")
    codes = [{as_note(note).code for note in fit.notes} for fit in (below, above)]
    assert "no_standard_errors_of_shape" in codes[0]
    assert "no_standard_errors_of_shape" not in codes[1]
    assert below.return_level([100], interval="delta")[["lower", "upper"]].isna().all(axis=None)
    one, other = (fit.return_level([100], interval="delta")["estimate"].iloc[0] for fit in (below, above))
    assert np.isfinite([one, other]).all()
    for fit in (below, above):
        table = fit.return_level([100])
        assert table.attrs["interval"].startswith("r*")
        assert np.isfinite(table).all(axis=None)
        assert (table["lower"] < table["estimate"]).all()


def test_a_skewness_beyond_which_the_theory_fails_is_named_and_not_the_information() -> None:
    """The observed information of this sample is positive definite; the density of LP3 ends too abruptly at 1.84."""
    fit = ev.fit(ev.GEV(100.0, 30.0, 0.2).rvs(40, rng=37), "lp3", method="mle")
    assert fit.distribution.shape == pytest.approx(1.8439, abs=1e-4)
    (note,) = (note for note in map(as_note, fit.notes) if note.code.startswith("no_standard_errors"))
    assert (note.code, note.subject) == ("no_standard_errors_at_end", "LP3")
    profile = fit.return_level([100], interval="profile")
    assert profile[["lower", "upper"]].isna().all(axis=None)
    assert [as_note(note).code for note in profile.attrs["notes"]] == ["no_standard_errors_at_end", "no_limit"]
    assert "interval='rstar' does without it" in profile.attrs["notes"][1]
    report = ev.make_report(fit, interval="profile")
    assert "hangs_on_largest" not in {as_note(note).code for note in report.cautions}
    assert np.isfinite(fit.return_level([100])).all(axis=None)
