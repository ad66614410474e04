"""Families fitted to the same data, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats import goodness
from evstats.distributions import FAMILIES, GEV, Family
from evstats.errors import ArgumentError, FitError
from evstats.estimators import Estimator
from evstats.fitting import Fit, fit
from evstats.quantities import ReturnLevel, as_questions

if TYPE_CHECKING:
    import pandas as pd


def compare(
    data: Any,
    families: Sequence[str | type[Family]] = ("gumbel", "gev"),
    *,
    method: str | Estimator = "mle",
    period: float = 100.0,
    details: bool = False,
) -> pd.DataFrame:
    """Fit several families to one series and put them in one table.

    Index ``family``; columns ``delta_aicc`` (difference from the smallest AICc), ``lr_p_value`` (likelihood-ratio test
    of Gumbel against GEV, in the row of GEV, always by maximum likelihood, two-sided and good for small samples),
    ``level``, ``lower``, ``upper`` (the return level for ``period``, with its interval) and ``status``. With
    ``details`` also ``parameters`` (their number), ``loglik``, ``aic``, ``aicc``, ``bic``, ``lr_statistic`` and
    ``score_p_value`` (Hosking's score test, likewise). A family without an estimate keeps its row, with its status.

    A large p-value is no proof of a Gumbel: ``attrs["power"]`` says how often the tests notice a GEV at this n.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.compare([31.0, 45.2, 28.9, 39.4, 52.1, 33.3], ["gumbel", "gev"])["delta_aicc"].round(1).tolist()
    [0.0, 9.7]
    """
    import pandas as pd

    if isinstance(families, (str, type)) or not families:
        raise ArgumentError("families is a sequence of names or classes, such as ['gumbel', 'gev'].")
    rows, names, fits = [], [], []
    classes = [FAMILIES[family] if isinstance(family, str) else family for family in families]
    for family in families:
        try:
            fitted = fit(data, family, method=method)
        except FitError as error:
            names.append(family if isinstance(family, str) else family.name)
            rows.append({"status": error.status.label})
            continue
        if fitted.batch_shape:
            raise ArgumentError(f"compare() is for one series; this is a batch of shape {fitted.batch_shape}.")
        fits.append(fitted)
        names.append(fitted.family.name)
        rows.append(_row(fitted, period))
    table = pd.DataFrame(rows, index=pd.Index(names, name="family"), columns=list(_COLUMNS))
    finite = table["aicc"][np.isfinite(table["aicc"])]
    table["delta_aicc"] = table["aicc"] - (finite.min() if len(finite) else np.nan)
    table.attrs["period"] = period
    _add_tests(table, fits, [family.of_maxima() is GEV for family in classes])
    return table if details else table[list(_SHORT)]


_TESTS = ("lr_statistic", "lr_p_value", "score_p_value")
_CRITERIA = ("parameters", "loglik", "aic", "aicc", "bic", "delta_aicc")
_COLUMNS = (*_CRITERIA, *_TESTS, "level", "lower", "upper", "status")
#: The columns of which a line holds all, at the usual width of 80.
_SHORT = ("delta_aicc", "lr_p_value", "level", "lower", "upper", "status")


def _row(fitted: Fit, period: float) -> dict[str, Any]:
    level = fitted.evaluate(ReturnLevel(as_questions(period, "period"), fitted.blocks_per_year or 1.0))
    return {
        "parameters": len(fitted.family.parameter_names),
        "loglik": float(fitted.loglik),
        "aic": float(fitted.aic),
        "aicc": float(fitted.aicc),
        "bic": float(fitted.bic),
        "delta_aicc": np.nan,
        "level": level.estimate[0],
        "lower": level.lower[0],
        "upper": level.upper[0],
        "status": fitted.status.label,
    }


def _add_tests(table: pd.DataFrame, fits: Sequence[Fit], with_shape: Sequence[bool]) -> None:
    """Put Gumbel against GEV into the rows of GEV; the test needs the data only, so a GEV without a fit has it too."""
    if not fits or not any(with_shape):
        return
    tests = goodness.zero_shape_tests(fits[0].estimation)
    found = [float(tests.lr_statistic), float(tests.lr_p_value), float(tests.score_p_value)]
    table.loc[list(with_shape), list(_TESTS)] = found
    table.attrs["power"] = goodness.power_sentence(fits[0].n)


__all__ = ["compare"]
