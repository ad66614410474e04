"""Covariates in use: missing ones, constant ones, and the states in which a fit is asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import evstats as ev
from evstats.errors import ArgumentError, DataError
from evstats.models.covariates import Covariates, states, time_of_year
from evstats.text.arguments import in_options

LABELS = np.array(range(1971, 1981), dtype=object)
Z = np.arange(10.0)
GAPS = np.where(np.isin(LABELS, [1973, 1978]), np.nan, Z)
DATA = Covariates({"z": Z, "gaps": GAPS, "flat": np.full(10, 4.5)}, 10, LABELS, "block")


def test_only_what_is_used_is_looked_at() -> None:
    found = DATA.used(["z"])
    assert list(found.columns) == ["z"]
    assert (found.count, found.kept, found.notes) == (10, None, ())


def test_missing_values_are_an_error_that_names_the_blocks() -> None:
    with pytest.raises(DataError) as caught:
        DATA.used(["z", "gaps"])
    assert str(caught.value) == (
        "the covariate 'gaps' has no value for 2 of 10 blocks: blocks 1973, 1978; give them, or leave these out with "
        "missing='drop'."
    )
    assert caught.value.argument == "missing"
    assert "--missing-covariates drop" in caught.value.text.said(in_options)


def test_or_they_are_dropped_and_counted() -> None:
    found = DATA.used(["z", "gaps"], "drop")
    assert found.count == 8
    assert found.labels is not None
    assert found.labels.tolist() == [1971, 1972, 1974, 1975, 1976, 1977, 1979, 1980]
    np.testing.assert_array_equal(found.columns["z"], found.columns["gaps"])
    assert found.kept is not None
    np.testing.assert_array_equal(found.kept, ~np.isnan(GAPS))
    assert found.notes == ("2 of 10 blocks are left out, where the covariate 'gaps' has no value: blocks 1973, 1978.",)


def test_following_the_advice_gives_no_error() -> None:
    with pytest.raises(DataError) as caught:
        DATA.used(["gaps"])
    advised = next(setting.value for setting in caught.value.settings if setting.name == "missing")
    assert DATA.used(["gaps"], advised).count == 8


def test_many_blocks_are_counted_and_the_first_are_listed() -> None:
    many = Covariates({"z": np.where(Z < 7, np.nan, Z)}, 10, LABELS, "block")
    with pytest.raises(DataError, match=r"for 7 of 10 blocks: blocks 1971, 1972, 1973, 1974, 1975 and 2 more;"):
        many.used(["z"])
    unlabelled = Covariates({"z": np.where(Z == 7, np.nan, Z)}, 10, noun="value")
    with pytest.raises(DataError, match=r"for 1 of 10 values: value 7 \(counted from 0\);"):
        unlabelled.used(["z"])


@pytest.mark.parametrize("missing", ["raise", "drop"])
def test_no_value_at_all(missing: str) -> None:
    either = Covariates({"a": np.where(Z < 5, np.nan, Z), "b": np.where(Z < 5, Z, np.nan)}, 10, LABELS, "block")
    with pytest.raises(DataError, match="the covariates 'a' and 'b' have no value in common with any block"):
        either.used(["a", "b"], missing)


@pytest.mark.parametrize("value", [4.5, 0.0, -1e18, 1e-300])
def test_a_constant_covariate(value: float) -> None:
    with pytest.raises(DataError) as caught:
        Covariates({"flat": np.full(10, value)}, 10, LABELS, "block").used(["flat"])
    assert str(caught.value).startswith("the covariate 'flat' is ")
    assert str(caught.value).endswith(" everywhere; leave it out: it explains nothing.")
    assert "4.5 everywhere" in str(caught.value) or value != 4.5


def test_a_covariate_that_varies_by_its_last_digit_is_constant_and_one_in_nanoseconds_is_not() -> None:
    jitter = 1e6 * (1.0 + np.resize([0.0, np.finfo(float).eps], 10))
    with pytest.raises(DataError, match="1000000 everywhere"):
        Covariates({"z": jitter}, 10).used(["z"])
    assert Covariates({"z": 1.7e18 + 1e9 * Z}, 10).used(["z"]).count == 10


def test_it_is_constant_where_it_is_kept() -> None:
    step = Covariates({"step": np.where(Z < 5, 0.0, 1.0), "late": np.where(Z < 5, np.nan, Z)}, 10, LABELS, "block")
    with pytest.raises(DataError, match="'step' is 1 everywhere"):
        step.used(["step", "late"], "drop")


def test_unknown_names() -> None:
    with pytest.raises(
        ArgumentError, match=r"unknown covariate 'gap'; known: 'z', 'gaps', 'flat'\. Did you mean 'gaps"
    ):
        DATA.used(["gap"])
    with pytest.raises(ArgumentError, match="unknown way to treat missing covariates 'omit'; known: 'raise', 'drop'"):
        DATA.used(["z"], "omit")


# -- states ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "at",
    [
        {"gmst": 1.3, "soi": -0.5},
        pd.Series({"soi": -0.5, "gmst": 1.3}),
        pd.DataFrame({"soi": [-0.5], "gmst": [1.3]}, index=["now"]),
        {"soi": np.array([-0.5]), "gmst": 1.3, "year": 2020},
    ],
)
def test_one_state(at: Any) -> None:
    found = states(at, ["gmst", "soi"])
    assert {name: values.tolist() for name, values in found.columns.items()} == {"gmst": [1.3], "soi": [-0.5]}


def test_a_table_of_states_keeps_its_index() -> None:
    found = states(pd.DataFrame({"gmst": [0.1, 1.3], "source": ["a", "b"]}, index=["then", "now"]), ["gmst"])
    assert found.labels is not None
    assert found.labels.tolist() == ["then", "now"]
    assert found.columns["gmst"].tolist() == [0.1, 1.3]


def test_a_table_indexed_by_years_or_dates_brings_them() -> None:
    frame = pd.DataFrame({"gmst": [1.0, 1.5]}, index=[2030, 2040])
    assert states(frame, ["year", "gmst"]).columns["year"].tolist() == [2030.0, 2040.0]
    assert states(frame.assign(year=7.0), ["year", "gmst"]).columns["year"].tolist() == [7.0, 7.0]
    with pytest.raises(ArgumentError, match="at gives no time_of_year"):
        states(frame, ["time_of_year"])
    dates = frame.set_axis(pd.DatetimeIndex(["2030-07-02 12:00", "2031-01-01"], tz="Asia/Tokyo"))
    np.testing.assert_allclose(states(dates, ["time_of_year"]).columns["time_of_year"], [0.5, 0.0])


def test_a_date_gives_the_year_and_the_time_of_the_year() -> None:
    found = states({"date": ["2030-01-01", "2031-07-02 12:00"], "gmst": 1.0}, ["year", "time_of_year", "gmst"])
    assert found.columns["year"].tolist() == [2030.0, 2031.0]
    np.testing.assert_allclose(found.columns["time_of_year"], [0.0, 0.5], atol=1e-12)
    assert states({"date": "2030-07-01", "year": 1.5}, ["year"]).columns["year"].tolist() == [1.5]


def test_the_time_of_the_year_of_leap_years() -> None:
    stamps = pd.DatetimeIndex(["2000-12-31", "2001-12-31", "2000-01-01"])
    np.testing.assert_allclose(time_of_year(stamps), [365 / 366, 364 / 365, 0.0], rtol=1e-14)


BAD_STATES: dict[str, tuple[Any, str]] = {
    "none": (None, "the model has the covariates gmst, soi, and no state is given; write for example at=dict(gmst=..., "
                   "soi=...)."),
    "one less": ({"gmst": 1.0}, "at gives no soi; write for example at=dict(gmst=..., soi=...)."),
    "one more": ({"gmst": 1.0, "soi": 0.0, "nao": 2.0}, "unknown covariate 'nao'; known: 'gmst', 'soi'."),
    "missing": ({"gmst": float("nan"), "soi": 0.0}, "at gives gmst = nan; give finite numbers."),
    "text": ({"gmst": "warm", "soi": 0.0}, "the values of at are not numbers of one length; write for example "
                                           "at=dict(gmst=..., soi=...)."),
    "lengths": ({"gmst": [1.0, 2.0], "soi": [1.0, 2.0, 3.0]}, "the values of at are not numbers of one length; write "
                                                            "for example at=dict(gmst=..., soi=...)."),
    "a number": (1.3, "at is 1.3, which names no covariate; write for example at=dict(gmst=..., soi=...)."),
    "no date": ({"date": "soon", "gmst": 1.0, "soi": 0.0}, "at gives the date 'soon'; write it like '2030-07-15'."),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_STATES)
def test_what_is_no_state_is_told_what_to_write(case: str) -> None:
    at, sentence = BAD_STATES[case]
    with pytest.raises(ArgumentError) as caught:
        states(at, ["gmst", "soi"])
    assert str(caught.value) == sentence


def test_a_year_in_place_of_a_covariate_is_told_its_value_there() -> None:
    years = np.arange(1960, 2000)
    warming = np.linspace(0.1, 1.0, 40)
    heights = ev.Gumbel(10.0, 1.0).rvs(40, rng=1)
    fit = ev.fit(pd.Series(heights, years), "gumbel", loc="gmst", covariates=pd.Series(warming, years, name="gmst"))
    with pytest.raises(ArgumentError, match=r"at gives no gmst; of that year it is at=dict\(gmst=0.1\)\.$"):
        fit.return_level([10], at={"year": 1960})
    with pytest.raises(ArgumentError, match=r"then gives no gmst; of that year it is then=dict\(gmst=1\)\.$"):
        fit.change([10], then={"year": 1999.0})
    for unknown in (2030, [1960, 1961], "1960"):
        with pytest.raises(ArgumentError, match=r"at gives no gmst; write for example at=dict\(gmst=\.\.\.\)"):
            fit.return_level([10], at={"year": unknown})


def test_a_state_of_a_comparison_is_called_by_its_name() -> None:
    with pytest.raises(ArgumentError, match=r"then gives no gmst; write for example then=dict\(gmst=...\)"):
        states({}, ["gmst"], "then")
