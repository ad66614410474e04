"""Fits to draw: a year's floods, low flows, months, undated values."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from evstats.distributions import Gumbel
from evstats.extremes.blocks import block_maxima
from evstats.extremes.records import Extremes
from evstats.fitting import Fit, fit


@pytest.fixture(autouse=True, scope="module")
def _of_form(few_replicates: None) -> None:
    """What is tested here is form: few simulated samples do."""


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """No figure outlives its test."""
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def flow() -> pd.Series:
    """Thirty years of daily flow, the last water year cut short."""
    days = pd.date_range("1980-10-01", "2011-01-15", freq="D")
    series = pd.Series(Gumbel(30.0, 12.0).rvs(len(days), rng=7), index=days, name="discharge")
    series.attrs["unit"] = "m3/s"
    return series


@pytest.fixture(scope="session")
def floods(flow: pd.Series) -> Extremes:
    return block_maxima(flow, "water-year")


@pytest.fixture(scope="session")
def flood_fit(floods: Extremes) -> Fit:
    return fit(floods, "gumbel")


@pytest.fixture(scope="session")
def gev_fit(floods: Extremes) -> Fit:
    return fit(floods, "gev")


@pytest.fixture(scope="session")
def low_flow_fit(flow: pd.Series) -> Fit:
    return fit(block_maxima(flow, "water-year", kind="min"), "gumbel-min")


@pytest.fixture(scope="session")
def monthly_fit(flow: pd.Series) -> Fit:
    return fit(block_maxima(flow, "month"), "gumbel")


@pytest.fixture(scope="session")
def undated_fit() -> Fit:
    values = Gumbel(1e5, 1e3).rvs(500, rng=3)
    return fit(np.append(values, np.nan), "gumbel")


@pytest.fixture(scope="session")
def small_fit() -> Fit:
    return fit(np.array([3.1, 4.4, 3.9, 5.2, 3.6]), "gumbel")
