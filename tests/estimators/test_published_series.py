"""Every published series of annual extremes beside the checkout: the textbook optimum, estimates and standard errors.

R's ismev, evd and extRemes stop short of the optimum or fail on six of these, all of them river flows of 1e4 to 1e5.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import textbook
from numpy.typing import NDArray

from evstats.distributions import GEV, Gumbel
from evstats.errors import Status
from evstats.estimators import Estimation, MaximumLikelihood

Array = NDArray[np.float64]
FLOWS = [f"lmomco_USGSsta{site}peaks" for site in ("01515000", "02366500", "08151500", "09442000", "14321000")]
NWIS_FLOWS = [f"lmomco_USGSsta{site}peaks" for site in ("05405000", "08167000", "08190000")]
WIND_SITES = ("Montgomery", "Jacksonville", "Key West", "Tampa", "Macon", "Savannah", "Cape Hatteras", "Wilmington")
WIND_SITES += ("Brownsville", "Corpus Christi", "Port Arthur", "Norfolk")
RAINS = [f"lmomco_{place}precip" for place in ("amarillo", "canyon", "claude", "hereford", "tulia6E", "tulia", "vega")]


def column(file: str, name: str, sign: float = 1.0) -> Callable[[Path], Array]:
    def read(folder: Path) -> Array:
        values = pd.to_numeric(pd.read_csv(folder / f"{file}.csv")[name], errors="coerce").to_numpy(dtype=float)
        return sign * values[~np.isnan(values)]

    return read


def wind_at(site: str) -> Callable[[Path], Array]:
    def read(folder: Path) -> Array:
        table = pd.read_csv(folder / "lmomRFA_Maxwind.csv")
        return table["value"][table["site"].str.contains(site)].to_numpy(dtype=float)

    return read


SERIES: dict[str, Callable[[Path], Array]] = {
    "Fort Collins rain": column("eva_fortmax", "X1"),
    "Fort Collins rain 1/100 in": column("extRemes_ftcanmax", "Prec"),
    "Lowestoft sea level": column("eva_lowestoft", "X1"),
    "Nidd": column("evir_nidd.annual", "value"),
    "Phoenix maximum": column("extRemes_HEAT", "Tmax"),
    "Phoenix minimum": column("extRemes_HEAT", "Tmin", -1.0),
    "Port Jervis maximum": column("extRemes_PORTw", "TMX1"),
    "Port Jervis minimum": column("extRemes_PORTw", "TMN0", -1.0),
    "Sept-Iles maximum": column("extRemes_SEPTsp", "TMX1"),
    "Sept-Iles minimum": column("extRemes_SEPTsp", "TMN0", -1.0),
    "Salt River": column("extRemes_Peak", "Flow"),
    "Potomac": column("extRemes_Potomac", "Flow"),
    "Eskdalemuir rain": column("mev_eskrain", "value"),
    "Venice": column("mev_venice", "r1"),
    **{name: column(name, "Streamflow") for name in FLOWS},
    **{name: column(name, "peak_va") for name in NWIS_FLOWS},
    **{name: column(name, "DEPTH") for name in RAINS},
    **{f"wind {site}": wind_at(site) for site in WIND_SITES},
}


def fitted(family: type[GEV] | type[Gumbel], x: Array) -> Estimation:
    method = MaximumLikelihood()
    return Estimation(family, method, x, method.estimate(family, x))


def test_there_are_as_many_series_as_promised() -> None:
    assert len(SERIES) >= 41


@pytest.mark.parametrize("name", SERIES)
def test_gev_reaches_the_textbook_optimum(name: str, reference_data: Path) -> None:
    x = SERIES[name](reference_data)
    found, reference = fitted(GEV, x), textbook.interior_maximum(x)
    if reference is None:
        assert found.estimate.status == Status.NO_INTERIOR_MAXIMUM
        return
    assert found.estimate.status == Status.CONVERGED
    assert textbook.gev_loglik(found.estimate.parameters, x) >= reference.loglik - 1e-6
    exact = textbook.refine(reference.parameters, x)
    assert float(found.loglik()) == pytest.approx(exact.loglik, abs=1e-6)
    off = (found.estimate.parameters - exact.parameters) / exact.std_error
    np.testing.assert_allclose(off, 0.0, atol=1e-4)
    if exact.parameters[2] > -0.5:
        error = np.sqrt(np.diag(found.covariance()))
        np.testing.assert_allclose(error, exact.std_error, rtol=1e-4)
    else:
        assert np.isnan(found.covariance()).all()


@pytest.mark.parametrize("name", ["Nidd", "Salt River", "Potomac", "Venice", *FLOWS, *NWIS_FLOWS])
def test_gumbel_reaches_the_textbook_optimum(name: str, reference_data: Path) -> None:
    x = SERIES[name](reference_data)
    found = fitted(Gumbel, x)
    exact = textbook.refine(found.estimate.parameters, x)
    assert float(found.loglik()) == pytest.approx(exact.loglik, abs=1e-6)
    np.testing.assert_allclose((found.estimate.parameters - exact.parameters) / exact.std_error, 0.0, atol=1e-4)
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance())), exact.std_error, rtol=1e-4)


@pytest.mark.parametrize("file", ["SpatialExtremes_wind_nl", "SpatialExtremes_rain_swiss"])
def test_stations_of_a_network_in_one_batch(file: str, reference_data: Path) -> None:
    """Of all in the batch every second is compared with the textbook."""
    table = pd.read_csv(reference_data / f"{file}.csv", skipinitialspace=True).drop(columns="year")
    stations = table.to_numpy(dtype=float).T
    stations = stations[np.count_nonzero(~np.isnan(stations), axis=1) >= 15]
    found = fitted(GEV, stations)
    for lane in range(0, len(stations), 2):
        row = stations[lane]
        x = row[~np.isnan(row)]
        reference = textbook.interior_maximum(x)
        assert (found.estimate.status[lane] == Status.CONVERGED) == (reference is not None), lane
        if reference is not None:
            reached = textbook.gev_loglik(found.estimate.parameters[lane], x)
            assert reached >= reference.loglik - 1e-6
            assert float(found.loglik()[lane]) == pytest.approx(reached, abs=1e-8)
