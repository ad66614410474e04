"""The data-only checks: sentences with numbers, and the multiple Grubbs-Beck test against published examples."""

import bisect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evstats import noise
from evstats.estimators.low_outliers import grubbs_beck_p_value, multiple_grubbs_beck
from evstats.notes import Gravity
from evstats.remarks.checks import (
    beyond_reach,
    check_low_outliers,
    check_ties,
    check_zeros,
    data_notes,
)


def _numbers(text):
    return np.array(text.split(), dtype=float)


# Bulletin 17C (England et al. 2018), appendix 10, example 2: USGS 11274500 Orestimba Creek near Newman, California,
# water years 1932-2013, cfs. Published: 30 low outliers (12 of them zero), threshold 782 cfs, p-value 0.0007.
ORESTIMBA = _numbers("""
    4260 345 516 1320 1200 2180 3230 115 3440 3070 1880 6450 1290 5970 782 0 0 335 175 2920 3660
    147 0 16 5620 1440 10200 5380 448 0 1740 8300 156 560 128 4200 0 5080 1010 584 0 1510 922
    1010 0 0 4360 1270 5210 1130 5550 6360 991 50 6990 112 0 0 4 1260 888 4190 12 12000 3130
    3320 9470 833 2550 958 425 2790 2990 1820 1630 0 2110 310 4400 4440 0 6250
""")

# R package MGBT (W. H. Asquith), help page of MGBT(): USGS 08066300, 1966-2016, cfs. PeakFQ 7.1: threshold
# 284 cfs, 55.0 cfs censored with p = 0.0123; MGBT prints the statistics and, with the exact noncentral t, the p-values.
SITE_08066300 = _numbers("""
    3530 284 1810 9660 489 292 1000 2640 2910 1900 1120 1020 632 7160 1750 2730 1630 8210 4270 1730
    13200 2550 915 11000 2370 2230 4650 2750 1860 13700 2290 3390 5160 13200 410 1890 4120 3930
    4290 1890 1480 10300 1190 2320 2480 55 7480 351 738 2430 6700
""")
SITE_08066300_STATISTICS = _numbers("""
    -3.781980 -2.268554 -2.393569 -2.341027 -2.309990 -2.237571 -2.028614 -1.928391 -1.720404 -1.673523
    -1.727138 -1.671534 -1.661346 -1.391819 -1.293324 -1.246974 -1.276485 -1.272878 -1.280917 -1.310286
    -1.372402 -1.434898 -1.226588 -1.237743 -1.276794
""")
SITE_08066300_P_VALUES = _numbers("""
    0.01192184 0.30337879 0.08198836 0.04903091 0.02949836 0.02700114 0.07802324 0.11185553 0.31531749
    0.34257170 0.21560086 0.25950150 0.24113157 0.72747052 0.86190920 0.89914152 0.84072131 0.82381908
    0.78750571 0.70840262 0.55379730 0.40255392 0.79430336 0.75515103 0.66031442
""")

# The same help page: USGS 08385600, 1952-2015, cfs. PeakFQ 7.1 and MGBT: threshold 185 cfs, p(25 cfs) = 0.0002.
SITE_08385600 = _numbers("""
    8100 3300 680 14800 25 7310 2150 1110 5200 900 1150 1050 880 2100 2280 2620 830 4900 970 560
    790 1900 830 255 2900 2100 0 550 1200 1300 246 700 870 4350 870 435 3000 880 2650 185 620
    1650 680 22900 3290 584 7290 1690 2220 217 4110 853 275 1780 1330 3170 7070 2660
""")

# The "sweep in" example of the same page: both sweeps find two low values, threshold 3200 cfs.
SWEEP_IN = _numbers("""
    1 1 3200 5270 26300 38400 8710 23200 39300 27800 21000 21000 21500 57000 53700 5720 10700 4050
    4890 10500 26300 16600 20900 21400 10800 8910 6360
""")


def test_orestimba_creek_as_published_in_bulletin_17c():
    found = multiple_grubbs_beck(ORESTIMBA)
    assert (found.count, found.threshold) == (30, 782.0)
    assert found.p_values[29] == pytest.approx(0.0007, abs=5e-5)
    assert found.p_values.shape == found.statistics.shape == (41,)


def test_site_08066300_as_printed_by_peakfq_and_mgbt():
    found = multiple_grubbs_beck(SITE_08066300)
    assert (found.count, found.threshold) == (1, 284.0)
    assert found.p_values[0] == pytest.approx(0.0123, abs=5e-5)
    np.testing.assert_allclose(found.statistics, SITE_08066300_STATISTICS, atol=5e-6)
    np.testing.assert_allclose(found.p_values, SITE_08066300_P_VALUES, atol=0.002)


def test_a_zero_and_a_small_peak():
    found = multiple_grubbs_beck(SITE_08385600)
    assert (found.count, found.threshold) == (2, 185.0)
    assert found.p_values[1] == pytest.approx(0.0002, abs=5e-5)


def test_sweeps():
    assert multiple_grubbs_beck(SWEEP_IN).threshold == 3200.0
    assert multiple_grubbs_beck(SITE_08066300, alpha_in=0.0).count == 0
    assert multiple_grubbs_beck(SITE_08066300, alpha_out=0.0).count == 1
    assert multiple_grubbs_beck(ORESTIMBA, alpha_out=0.0).count == 12


def test_p_value_of_the_second_of_58():
    # MGBT: RthOrderPValueOrthoT(58, 2, -3.561143) = 0.001 by the exact noncentral t
    assert grubbs_beck_p_value(-3.561143, 2, 58) == pytest.approx(0.001, rel=0.15)


@pytest.mark.parametrize(("r", "n", "tolerance"), [(1, 12, 0.01), (3, 30, 0.01), (5, 50, 0.01), (25, 60, 0.01)])
def test_p_values_are_uniform_under_normality(r, n, tolerance):
    rng = np.random.default_rng(20130801)
    x = np.sort(rng.standard_normal((20_000, n)), axis=1)
    rest = x[:, r:]
    statistic = np.sort((x[:, r - 1] - rest.mean(axis=1)) / rest.std(axis=1, ddof=1))
    assert (np.diff(grubbs_beck_p_value(statistic[::100], r, n)) >= 0.0).all()  # few of them need be computed
    for level in (0.01, 0.05, 0.1, 0.5):
        below = bisect.bisect_left(statistic, level, key=lambda own: float(grubbs_beck_p_value(own, r, n)))
        assert below / len(statistic) == pytest.approx(level, abs=tolerance)


@given(st.floats(1e-12, 1e12))
def test_low_outliers_do_not_depend_on_the_unit(factor):
    found = multiple_grubbs_beck(ORESTIMBA * factor)
    assert found.count == 30
    assert found.threshold == pytest.approx(782.0 * factor)


def test_low_outliers_leave_nan_out():
    assert multiple_grubbs_beck(np.append(SITE_08066300, [np.nan, np.nan])).threshold == 284.0


def test_low_outlier_sentences():
    assert check_low_outliers(ORESTIMBA) == (
        "30 low outliers below 782 (multiple Grubbs-Beck test, n = 82): such values can steer the upper tail; "
        "see on the plot whether they do. Leaving them out biases the fit."
    )
    assert check_low_outliers(SITE_08066300).startswith("1 low outlier below 284 ")
    assert check_low_outliers(SITE_08066300[SITE_08066300 > 55]) is None
    assert check_low_outliers(SITE_08066300[:9]) is None
    assert check_low_outliers(np.linspace(-3.0, 5.0, 40)) is None
    assert check_low_outliers(np.full(30, 2.0)) is None
    assert check_low_outliers(np.repeat([0.0, 5.0], [10, 30])) is None


def test_more_zeros_than_half_are_all_low():
    values = np.concatenate([np.zeros(20), [3.0, 4.0, 5.0, 7.0, 9.0]])
    assert multiple_grubbs_beck(values).count == 20
    assert multiple_grubbs_beck(values).threshold == 3.0


def test_ties_name_the_step():
    tied = np.array([88.16, 89.06, 89.06, 91.04, 91.04, 91.04, 93.02, 93.92])
    note = check_ties(tied)
    assert note == (
        "5 of 8 values are tied (5 distinct), in steps of 0.18, 0.11 of the fitted scale: the tests of fit allow for "
        "it, and intervals, which take the values for exact, hold all the same. As bounds they are ev.observed(x - "
        "0.09, x + 0.09)."
    )
    assert (note.code, note.values["step"]) == ("rounded", 0.18)
    assert check_ties(np.array([1.5, 1.7, 2.25])) is None
    assert check_ties(np.full(10, 3.0)) is None
    assert check_ties(np.append(np.linspace(0.1, 9.7, 39), 0.1)) is None


def test_ties_that_no_step_explains():
    irregular = np.repeat(np.sqrt([2.0, 3.0, 5.0, 7.0]), 2)
    assert check_ties(irregular).code == "ties"
    assert check_ties(irregular).startswith("8 of 8 values are tied (4 distinct): ")
    assert check_ties(ORESTIMBA).code == "ties"  # twelve zeros, in whole cfs
    repeated = np.append(noise.gumbel(40, rng=1), np.full(6, 1.2345678901))
    assert check_ties(repeated).code == "ties"


def test_a_step_too_fine_to_matter_is_said_with_many_ties():
    levels = np.round(noise.gumbel(200, rng=2), 2)
    assert check_ties(levels) == (
        f"{sum((levels == level).sum() > 1 for level in levels)} of 200 values are tied ({np.unique(levels).size} "
        "distinct), in steps of 0.01 or less: for so few values too fine to matter to any test of fit."
    )


def test_steps_of_a_record_read_in_two_ways():
    x = 20.0 + 2.0 * noise.gumbel(60, rng=3)
    note = check_ties(np.concatenate([np.rint(x[:30]), np.round(x[30:], 1)]))
    assert note.code == "mixed_steps"
    assert "in several steps: 1 (about 30, the first 30 among them) and 0.1, as where" in note
    assert check_ties(np.concatenate([x[:30], np.rint(x[30:])])).values["parts"] == (
        "1 (about 30, the last 30 among them) and finer"
    )
    shuffled = np.concatenate([np.rint(x[::2]), np.round(x[1::2], 1)])[np.argsort(x)]
    assert "among them" not in check_ties(shuffled)


def test_steps_converted_and_rounded_again():
    fahrenheit = np.rint(90.0 + 4.0 * noise.gumbel(60, rng=4))
    note = check_ties(np.round((fahrenheit - 32.0) / 1.8, 1))
    assert (note.code, note.values["digit"]) == ("rounded_again", 0.1)
    assert note.values["step"] == pytest.approx(5.0 / 9.0, abs=0.003)


def test_steps_that_cost_intervals_their_coverage_are_a_caution():
    note = check_ties(np.rint(noise.gumbel(60, rng=5)))
    assert (note.code, note.gravity) == ("rounded_coarsely", Gravity.CAUTION)
    assert 0.75 < note.values["scales"] < 1.5


def test_steps_too_coarse_for_any_test_are_a_caution():
    note = check_ties(4.0 * np.rint(noise.gumbel(60, rng=5) / 4.0))
    assert (note.code, note.gravity) == ("too_coarse", Gravity.CAUTION)
    assert note.startswith("The values are in steps of 4, ")


def test_zero_sentences():
    assert check_zeros(ORESTIMBA) == (
        "12 of 82 block maxima are zero: no continuous family holds a lump at zero; fit the others alone and "
        "ask them for T' = (1 - p0) T (p0 = 0.15)."
    )
    assert check_zeros(np.array([0.0, 2.0, 3.0]), minima=True).startswith("1 of 3 block minima is zero: ")
    assert check_zeros(np.array([-1.0, 0.0, 2.0])) is None
    assert check_zeros(np.array([1.0, 2.0])) is None


def test_data_notes_gather_what_applies():
    assert [note.split(":")[0] for note in data_notes(ORESTIMBA)] == [
        "14 of 82 values are tied (70 distinct)",
        "12 of 82 block maxima are zero",
        "30 low outliers below 782 (multiple Grubbs-Beck test, n = 82)",
    ]
    assert data_notes(ORESTIMBA, minima=True)[-1].startswith("12 of 82 block minima are zero")
    assert data_notes(np.array([3.1, 4.75, 2.9, np.nan])) == ()
    assert data_notes([]) == ()
    assert data_notes([4.0]) == ()


def test_beyond_reach():
    assert beyond_reach([2, 100], 93) is None
    assert beyond_reach(279, 93) is None
    assert beyond_reach([1000, 10, 500, 500], 93) == (
        "T = 500, 1000 exceed 3 times the record of 93 (279): there the level rests on the family, not on the data."
    )
