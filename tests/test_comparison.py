"""compare(): families side by side, with the tests of Gumbel against GEV."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import evstats as ev
from evstats import goodness
from evstats.errors import ArgumentError

TESTS = ["lr_statistic", "lr_p_value", "score_p_value"]


def floods(n: int = 40) -> NDArray[np.float64]:
    return ev.Gumbel(100.0, 20.0).rvs(n, rng=5)


def test_tests_of_gumbel_stand_in_the_row_of_gev(annual_maxima: dict[str, NDArray[np.float64]]) -> None:
    table = ev.compare(annual_maxima["port_pirie"], details=True)
    tests = goodness.zero_shape_tests(ev.fit(annual_maxima["port_pirie"]).estimation)
    assert table.loc["gev", TESTS].tolist() == pytest.approx(
        [tests.lr_statistic, tests.lr_p_value, tests.score_p_value]
    )
    assert table.loc["gev", "lr_statistic"] == pytest.approx(
        2 * (table.loc["gev", "loglik"] - table.loc["gumbel", "loglik"])
    )
    assert table.loc["gumbel", TESTS].isna().all()
    assert table.attrs["power"] == goodness.power_sentence(65)
    assert table.attrs["period"] == 100.0


def test_no_tests_without_a_gev() -> None:
    table = ev.compare(floods(), ["gumbel"], details=True)
    assert table[TESTS].isna().all(axis=None)
    assert "power" not in table.attrs


def test_a_gev_without_an_estimate_is_tested_all_the_same() -> None:
    left_skewed = -np.sort(np.random.default_rng(4).exponential(size=30))
    table = ev.compare(left_skewed, ["gumbel", "gev"], details=True)
    assert table.loc["gev", "status"] == "no_interior_maximum"
    assert np.isnan(table.loc["gev", "loglik"])
    assert table.loc["gev", "lr_p_value"] < 0.01


def test_minima_and_other_methods_have_the_same_tests() -> None:
    x = floods()
    maxima = ev.compare(x, details=True)
    minima = ev.compare(-x, ["gumbel-min", "gev-min"], method="lmoments", details=True)
    np.testing.assert_allclose(minima.loc["gev-min", TESTS].astype(float), maxima.loc["gev", TESTS].astype(float))


def test_columns_and_classes() -> None:
    table = ev.compare(floods(), [ev.Gumbel, ev.GEV])
    assert list(table.index) == ["gumbel", "gev"]
    assert list(table.columns) == ["delta_aicc", "lr_p_value", "level", "lower", "upper", "status"]
    details = ev.compare(floods(), [ev.Gumbel, ev.GEV], details=True)
    assert {"parameters", "loglik", "aic", "aicc", "bic", *TESTS} == set(details.columns) - set(table.columns) | {
        "lr_p_value"
    }
    pd.testing.assert_frame_equal(details[list(table.columns)], table)
    assert table["delta_aicc"].min() == 0.0


def test_a_line_of_80_characters_holds_the_usual_columns() -> None:
    with pd.option_context("display.width", 80, "display.max_columns", 0):
        shown = repr(ev.compare(floods()))
    assert "..." not in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ("families", "words"), [("gumbel", "sequence"), ([], "sequence"), (["gumble"], "Did you mean 'gumbel'")]
)
def test_families_that_cannot_be_compared(families: list[str], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        ev.compare(floods(), families)


def test_a_batch_cannot_be_compared() -> None:
    with pytest.raises(ArgumentError, match="one series"):
        ev.compare(floods().reshape(2, 20))
