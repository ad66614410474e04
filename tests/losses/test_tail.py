"""The figure of the tail: product-limit positions, the fitted number a year with its interval, and what is refused."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt

import evstats as ev

mpl.use("Agg")
LOSSES = ev.GPD(10.0, 7.0, 0.5).ppf((np.arange(60) * 37 % 60 + 0.5) / 60)
LIMITS = np.where(np.arange(60) % 3 == 0, 20.0, np.where(np.arange(60) % 3 == 1, 60.0, np.inf))
CUT, PAID = LOSSES >= LIMITS, np.minimum(LOSSES, LIMITS)


@pytest.fixture(scope="module")
def whole() -> ev.Fit:
    return ev.fit(ev.as_peaks(LOSSES, 10.0, 6.0), "gpd")


@pytest.fixture(scope="module")
def limited() -> ev.Fit:
    known = ev.observed(np.append(PAID, 5.0), np.append(np.where(CUT, np.inf, PAID), 5.0), name="claim", unit="MDKK")
    return ev.fit(ev.peaks_over_threshold(known, 10.0, separation=None, observations_per_year=61 / 6.0), "gpd")


@given(st.lists(st.floats(11.0, 900.0).map(lambda x: round(x, 3)), min_size=5, max_size=30, unique=True))
def test_without_limits_the_share_is_one_less_the_plotting_position(losses: list[float]) -> None:
    fit = ev.fit(ev.as_peaks(losses, 10.0, 4.0), "exponential")
    points, known = ev.plots.tail_points(fit), ev.plots.plotting_positions(losses)
    assert points["value"].tolist() == known["value"].tolist()
    np.testing.assert_allclose(points["survival"], 1.0 - known["probability"], rtol=1e-12)
    np.testing.assert_allclose(points["frequency"], points["survival"] * len(losses) / 4.0, rtol=1e-12)


def kaplan_meier(paid: np.ndarray, cut: np.ndarray) -> dict[float, float]:
    """The share that is larger than each loss that was not cut, by the product of those left at each."""
    share, found = 1.0, {}
    for loss in np.unique(paid[~cut]):
        share *= 1.0 - np.count_nonzero((paid == loss) & ~cut) / np.count_nonzero(paid >= loss)
        found[float(loss)] = share
    return found


def test_losses_above_a_limit_are_shared_out_as_the_product_limit_does(limited: ev.Fit) -> None:
    points = ev.plots.tail_points(limited)
    assert int(points["cut"].sum()) == int(CUT.sum())
    known = kaplan_meier(PAID, CUT)
    exact = points[~points["cut"]]
    assert exact["value"].tolist() == list(known)
    after = np.array(list(known.values()))
    before = np.append(1.0, after[:-1])
    assert ((after < exact["survival"]) & (exact["survival"] < before)).all()
    assert (np.diff(points["survival"]) <= 0.0).all()
    lump = points[points["value"] == 20.0]
    assert lump["survival"].nunique() == 1


def test_michael_and_schucany_by_hand() -> None:
    known = ev.observed([5.0, 11, 12, 13, 14, 16], [5.0, 11, np.inf, 13, 14, 16])
    fit = ev.fit(ev.peaks_over_threshold(known, 10.0, separation=None, observations_per_year=6.0), "exponential")
    points = ev.plots.tail_points(fit, a=0.5)
    first = 5.5 / 5.0 * 4.5 / 5.5
    third = first * 2.5 / 3.5
    assert points["survival"].tolist() == pytest.approx([first, first, third, third * 0.6, third * 0.6 / 3.0])
    assert points["cut"].tolist() == [False, True, False, False, False]


def test_the_curve_is_rate_times_survival_with_the_interval_of_return_periods(limited: ev.Fit) -> None:
    curve = ev.plots.tail_curve(limited, 500.0, size=9)
    rate = limited.rate["estimate"].item()
    np.testing.assert_allclose(curve["estimate"], rate * limited.distribution.sf(curve.index.to_numpy()), rtol=1e-9)
    periods = limited.return_period(curve.index[[4]])
    assert curve["lower"].iloc[4] == pytest.approx(1.0 / periods["upper"].item(), rel=1e-9)
    assert curve["upper"].iloc[4] == pytest.approx(1.0 / periods["lower"].item(), rel=1e-9)
    assert curve.index[[0, -1]].tolist() == pytest.approx([10.0, 500.0], rel=1e-4)


def test_any_unit_gives_the_same_curve(whole: ev.Fit) -> None:
    other = ev.fit(ev.as_peaks(1e6 * LOSSES, 1e7, 6.0), "gpd")
    ours, theirs = ev.plots.tail_curve(whole, size=5), ev.plots.tail_curve(other, size=5)
    np.testing.assert_allclose(theirs, ours, rtol=1e-6)
    np.testing.assert_allclose(theirs.index, 1e6 * ours.index, rtol=1e-9)


def test_what_is_drawn(limited: ev.Fit) -> None:
    ax = ev.plots.tail(limited, layers=[(30, 50), (100, np.inf)])
    labels = ax.get_legend_handles_labels()[1]
    assert f"{int(CUT.sum())} cut at their limits" in labels
    assert "50 in excess of 30 MDKK" in labels
    assert "above 100 MDKK" in labels
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_xlabel()) == ("log", "log", "claim (MDKK)")
    marks = [line for line in ax.lines if line.get_marker() == ">"]
    assert marks[0].get_xdata().tolist() == sorted(PAID[CUT])
    plt.close("all")


def test_a_tail_that_ends_is_drawn_to_its_end() -> None:
    fit = ev.fit(ev.as_peaks(ev.GPD(10.0, 7.0, -0.3).rvs(80, rng=1), 10.0, 8.0), "gpd")
    ax = ev.plots.tail(fit)
    assert all(np.isfinite(ax.get_ylim()))
    assert ax.get_ylim()[0] > 0.0
    plt.close("all")


def test_what_has_no_tail_to_draw_is_refused(whole: ev.Fit) -> None:
    with pytest.raises(ev.ArgumentError, match="these are block maxima"):
        ev.plots.tail(ev.fit(LOSSES, "gumbel"))
    with pytest.raises(ev.ArgumentError, match="logarithmic, and the threshold is -1"):
        ev.plots.tail(ev.fit(ev.as_peaks(LOSSES - 11.0, -1.0, 6.0), "gpd"))
    with pytest.raises(ev.ArgumentError, match="holds a batch"):
        ev.plots.tail(ev.fit(ev.as_peaks([LOSSES, LOSSES], 10.0, 6.0), "gpd"))
    with pytest.raises(ev.ArgumentError, match="cannot end at 9"):
        ev.plots.tail(whole, largest=9.0)
    with pytest.raises(ev.ArgumentError, match="limit is 0"):
        ev.plots.tail(whole, layers=[(20, 0)])
