"""Predictors: formulas and arrays of several parameters over the same blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from evstats.errors import ArgumentError, DataError, EvstatsError
from evstats.models import Predictors, predictors_of, states

N = 40
YEARS = pd.Index(range(1961, 1961 + N), name="year")
FLOODS = pd.Series(np.linspace(100.0, 200.0, N), index=YEARS, name="flow")
INDICES = pd.DataFrame(
    {"gmst": np.linspace(0.0, 1.0, 60) ** 2, "nino": np.sin(np.arange(60.0))}, index=range(1951, 2011)
)


def made(covariates: Any = INDICES, missing: str = "raise", **asked: Any) -> Predictors:
    return predictors_of(asked, FLOODS, (N,), covariates, missing)


def test_each_parameter_has_its_own_columns_over_the_same_blocks() -> None:
    found = made(loc="year + nino", scale="gmst", shape="1")
    assert list(found.by_parameter) == ["loc", "scale"]
    assert found.by_parameter["loc"].names == ("Intercept", "year", "nino")
    assert found.by_parameter["scale"].standardised.design.shape == (N, 2)
    assert found.names == ("year", "nino", "gmst")
    np.testing.assert_array_equal(found.covariates.columns["gmst"], INDICES["gmst"].loc[1961:2000])


def test_new_states_are_in_the_same_standard_form() -> None:
    own = made(loc="year + poly(gmst, 2)").by_parameter["loc"]
    frame = pd.DataFrame({"year": YEARS, "gmst": INDICES["gmst"].loc[1961:2000].to_numpy()})
    np.testing.assert_allclose(own.rows(states(frame, ["year", "gmst"]), "loc"), own.standardised.design, atol=1e-8)


def test_blocks_without_a_value_are_left_out_of_every_predictor() -> None:
    gaps = INDICES.drop(index=[1970, 1980])
    with pytest.raises(DataError, match="the covariate 'nino' has no value for 2 of 40 blocks: blocks 1970, 1980"):
        made(gaps, loc="nino")
    found = made(gaps, "drop", loc="nino", scale=np.arange(float(N)))
    kept = found.covariates.kept
    assert kept is not None
    assert kept.sum() == 38
    for own in found.by_parameter.values():
        assert own.standardised.design.shape == (38, 2)
    means = found.by_parameter["scale"].standardised.means
    np.testing.assert_allclose(means, [np.arange(float(N))[kept].mean()])
    assert [getattr(note, "code", "") for note in found.notes] == ["covariates_missing"]


def test_gaps_in_what_is_not_used_are_no_matter() -> None:
    assert made(INDICES.assign(gmst=np.nan), loc="nino").covariates.count == N


def test_the_year_needs_no_table() -> None:
    assert made(None, loc="year").names == ("year",)
    assert not made(None, loc="1", scale=None).by_parameter


def test_errors_bear_the_name_of_the_parameter() -> None:
    cases: dict[str, tuple[type[EvstatsError], dict[str, Any]]] = {
        "loc: unknown covariate 'nina'": (ArgumentError, {"loc": "nina"}),
        "scale: the formula 'year**2' has a power outside": (ArgumentError, {"scale": "year**2", "loc": "gmst"}),
        "loc: the term I(year * 2) of the formula": (DataError, {"loc": "year + gmst + I(year*2)"}),
        "shape: the design has shape (3,)": (ArgumentError, {"shape": [1.0, 2.0, 3.0], "loc": "nino"}),
        "covariates are given and no formula uses them; write for example loc='gmst'.": (ArgumentError, {"loc": "1"}),
    }
    for beginning, (kind, asked) in cases.items():
        with pytest.raises(kind) as caught:
            made(**asked)
        assert str(caught.value).startswith(beginning)


def test_states_outside_the_fitted_ones_are_said() -> None:
    found = made(loc="gmst + nino")
    inside = states({"gmst": 0.4, "nino": 0.0}, found.names)
    assert found.outside(inside) == ()
    (note,) = found.outside(states({"gmst": 3.0, "nino": 0.0}, found.names))
    assert note == "gmst = 3 lies outside the fitted 0.02873 to 0.6897."
    assert INDICES["gmst"].loc[[1961, 2000]].tolist() == pytest.approx([note.values["low"], note.values["high"]])


def test_and_combinations_that_never_came_together() -> None:
    x = np.linspace(0.0, 1.0, N)
    found = made({"x": x, "z": x + 0.01 * np.sin(np.arange(N))}, loc="x + z")
    (note,) = found.outside(states({"x": 0.2, "z": 0.8}, found.names))
    assert note == "The values asked of x, z lie each within the fitted ones, but far from any that came together."
    assert found.outside(states({"x": 0.5, "z": 0.5}, found.names)) == ()


def test_the_columns_of_an_array_are_covariates_of_their_own() -> None:
    found = made(None, loc=np.arange(float(N)), scale="year")
    assert found.names == ("year", "loc:x1")
    asked = states({"year": 1961.0, "loc:x1": 39.0}, found.names)
    rows = found.rows(asked)
    np.testing.assert_allclose(rows["loc"][0], found.by_parameter["loc"].standardised.design[-1])
    np.testing.assert_allclose(rows["scale"][0], found.by_parameter["scale"].standardised.design[0])
    with pytest.raises(ArgumentError, match=r"at gives no loc:x1; write for example at={'year': ..., 'loc:x1': ...}"):
        states({"year": 2000.0}, found.names)


def test_many_series_share_a_design_or_have_their_own() -> None:
    shared = predictors_of({"loc": "year"}, FLOODS, (7, N), None)
    assert shared.by_parameter["loc"].standardised.design.shape == (N, 2)
    own = predictors_of({"loc": np.random.default_rng(1).normal(size=(7, N, 2))}, np.ones((7, N)), (7, N), None)
    assert own.by_parameter["loc"].standardised.design.shape == (7, N, 3)
