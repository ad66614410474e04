"""A span of time, as users write one: ``"7D"``, a timedelta, an offset."""

from __future__ import annotations

import warnings
from datetime import timedelta

import numpy as np
import pandas as pd


def span_of(given: object) -> pd.Timedelta | None:
    """The span of time that is written so, of any sign; None for what is none.

    A number without its unit is none: pandas takes ``"7"`` for nanoseconds.

    Examples
    --------
    >>> span_of("7D"), span_of("36h"), span_of("7"), span_of("soon")
    (Timedelta('7 days 00:00:00'), Timedelta('1 days 12:00:00'), None, None)
    """
    if not isinstance(given, (str, timedelta, np.timedelta64, pd.offsets.BaseOffset)) or _is_number(given):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            span = pd.Timedelta(given)  # type: ignore[arg-type]
    except (ValueError, TypeError, Warning):
        return None
    return None if pd.isna(span) else span


def _is_number(given: object) -> bool:
    """Whether a text is but a number."""
    if not isinstance(given, str):
        return False
    try:
        float(given)
    except ValueError:
        return False
    return True


__all__ = ["span_of"]
