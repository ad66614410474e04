"""Models with covariates of the books and of R's manuals: textbook optima, estimates and standard errors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from textbook import covariate_covariance, covariate_optimum

import evstats as ev

Array = NDArray[np.float64]


class Case(NamedTuple):
    """A file of the reference series, its columns of times and values, and what is asked; the log-likelihood as
    published, where it is."""

    file: str
    time: str
    value: str
    asked: Mapping[str, str]
    minima: bool = False
    published: float | None = None
    rows: slice = slice(None)
    scale: float = 1.0


# Coles (2001), sections 3.5.3 and 6.3, one value a year: Venice 1931 to 1981. Katz, Parlange and Naveau (2002): rain at
# Fort Collins, the Potomac. Port Jervis's winters with the Arctic oscillation (Wettstein and Mearns 2002), as in the
# manual of extRemes.
CASES = {
    "venice": Case("mev_venice", "year", "r1", {}, published=-222.7, rows=slice(1931, 1981)),
    "venice, time": Case("mev_venice", "year", "r1", {"loc": "time"}, published=-216.1, rows=slice(1931, 1981)),
    "venice, time in the scale": Case("mev_venice", "year", "r1", {"loc": "time", "scale": "time"}),
    "port jervis, AO": Case("extRemes_PORTw", "Year", "TMX1", {"loc": "AOindex"}),
    "port jervis, AO in both": Case("extRemes_PORTw", "Year", "TMX1", {"loc": "AOindex", "scale": "AOindex"}),
    "port jervis, minima": Case("extRemes_PORTw", "Year", "TMN0", {"loc": "AOindex"}, minima=True),
    "phoenix, minima": Case("extRemes_HEAT", "Year", "Tmin", {"loc": "time"}, minima=True),
    "phoenix": Case("extRemes_HEAT", "Year", "Tmax", {"loc": "time", "scale": "time"}),
    "potomac": Case("extRemes_Potomac", "Year", "Flow", {"loc": "time"}),
    "potomac, shape": Case("extRemes_Potomac", "Year", "Flow", {"loc": "time", "shape": "time"}),
    "fort collins, rain": Case("extRemes_ftcanmax", "Year", "Prec", {"loc": "time"}),
    "fort collins, square": Case("extRemes_ftcanmax", "Year", "Prec", {"loc": "time + I(time**2)"}),
    "fort collins, three": Case("extRemes_ftcanmax", "Year", "Prec", {"loc": "time", "scale": "time", "shape": "time"}),
    "lowestoft": Case("eva_lowestoft", "year", "X1", {"loc": "time"}),
}


@pytest.mark.parametrize("name", list(CASES))
def test_the_textbook_optimum(name: str, reference_data: Path) -> None:
    case = CASES[name]
    table = pd.read_csv(reference_data / f"{case.file}.csv", index_col=case.time).loc[case.rows]
    table = table[table[case.value].notna()].copy()
    table["time"] = table.index.to_numpy(dtype=float)
    sign = -1.0 if case.minima else 1.0
    x, family = table[case.value].to_numpy(dtype=float), "gev-min" if case.minima else "gev"
    fit = ev.fit(table[case.value], family, covariates=table if case.asked else None, **dict(case.asked))
    designs = [_design(table, case.asked.get(name, "1")) for name in ("loc", "scale", "shape")]
    best = covariate_optimum(sign * x, [design for design, _ in designs])
    assert float(fit.loglik) == pytest.approx(best.loglik, abs=1e-6)
    if case.published is not None:
        assert round(float(fit.loglik), 1) == case.published
    if not case.asked:
        return
    # the coefficients of the centred columns, as combinations of those of the columns as they are
    size = np.sqrt(np.diag(covariate_covariance(best.parameters, sign * x, [design for design, _ in designs])))
    own, place = fit.params, 0
    for at, (design, raw) in enumerate(designs):
        for column in range(1, design.shape[1]):
            if raw.shape[1] > 2:
                continue  # of a square the columns mix
            row = own.iloc[place + column]
            turn = (sign if at == 0 else 1.0) / raw[:, column].std()
            error = abs(turn) * size[place + column]
            assert row["estimate"] == pytest.approx(turn * best.parameters[place + column], abs=1e-3 * error)
            assert row["std_error"] == pytest.approx(error, rel=1e-3)
        place += design.shape[1]


def _design(table: pd.DataFrame, formula: str) -> tuple[Array, Array]:
    """Columns of a formula, of unit variance and as they are."""
    columns = [np.ones(len(table))]
    for term in formula.split(" + ") if formula != "1" else ():
        values = table["time" if "time" in term else term].to_numpy(dtype=float)
        columns.append((values - values.mean()) ** 2 if "**2" in term else values)
    scaled = [columns[0], *((own - own.mean()) / own.std() for own in columns[1:])]
    return np.column_stack(scaled), np.column_stack(columns)
