"""The states of covariates in which a fit is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from evstats.models.covariates import Covariates

if TYPE_CHECKING:
    import pandas as pd


def is_one(at: Any) -> bool:
    """Whether ``at`` is one state: a mapping of single values, or a Series."""
    if isinstance(at, Mapping):
        return all(np.ndim(value) == 0 for value in at.values())
    return not hasattr(at, "columns")


def index_of(states: Covariates, at: Any) -> pd.Index[Any]:
    """The rows of a table of answers, one for each state."""
    import pandas as pd

    if hasattr(at, "columns"):
        return pd.Index(at.index, name=at.index.name or "state")
    return pd.RangeIndex(states.count, name="state")


__all__ = ["index_of", "is_one"]
