"""What may be observations: numbers, with NaN for what is missing."""

from __future__ import annotations

from typing import Any

import numpy as np

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError
from evstats.estimators.lanes import BLOCK
from evstats.reading.containers import refuse_batch, refuse_path


def as_observations(data: Any) -> Array:
    """Values of an array-like, shape batch + (n,), as float64 with NaN for missing and masked entries.

    Parameters
    ----------
    data
        Numbers in any array-like, masked arrays included.

    Returns
    -------
    Array
        Of shape batch + (n,).

    Raises
    ------
    ArgumentError
        For a DataFrame or a labelled array of several dimensions: which axis holds the observations would be a guess.
    DataError
        Boolean, complex or text values; a path, whose file has to be read first.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.estimators.as_observations([1, float("nan"), 3])
    array([ 1., nan,  3.])
    """
    if hasattr(data, "columns"):
        raise ArgumentError(
            "data is a DataFrame",
            "pass one of its columns, or an array whose last axis holds the observations "
            "(frame.to_numpy().T for one series per column).",
        )
    refuse_path(data)
    refuse_batch(data)
    array = data if isinstance(data, np.ma.MaskedArray) else np.asarray(_without_na(data))
    if array.dtype.kind not in "iuf":
        _refuse_none(array)
        raise DataError(
            f"the values are of type {_kind(array)}; expected real numbers.", "Convert or correct them first."
        )
    if array.ndim == 0:
        raise DataError("data is a single number", "expected a series of block maxima.")
    values = np.asarray(array, dtype=np.float64)
    if isinstance(array, np.ma.MaskedArray):
        return np.where(np.ma.getmaskarray(array), np.nan, values)
    return values


def refuse_infinite(values: Array) -> None:
    """A DataError that names the first infinite value, if there is one; looks block by block.

    Parameters
    ----------
    values
        The data.

    Raises
    ------
    DataError
        Names the place of the first infinite value.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> ev.estimators.refuse_infinite(np.array([1.0, np.nan, 3.0]))
    """
    flat = values.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        infinite = np.isinf(flat[start : start + BLOCK])
        if infinite.any():
            index = np.unravel_index(start + int(np.argmax(infinite)), values.shape)
            where = f"position {index[0]}" if values.ndim == 1 else f"index {tuple(map(int, index))}"
            raise DataError(f"the values contain an infinite number at {where}", "correct or remove it.")


def _refuse_none(array: Any) -> None:
    """A DataError that names the first place where there is no value, where one is marked by None."""
    if array.dtype.kind != "O":
        return
    for place, value in np.ndenumerate(array):
        if value is None:
            where = f"position {place[0]}" if array.ndim == 1 else f"index {place}"
            raise DataError(
                f"the values contain None at {where}",
                "write nan where a value is missing, or take ev.observed where it is known to lie within limits.",
            )


def _without_na(data: Any) -> Any:
    """A pandas nullable column as float64 with NaN; anything else as it is."""
    kind = getattr(getattr(data, "dtype", None), "kind", None)
    if hasattr(data, "isna") and kind in ("i", "u", "f"):
        return data.to_numpy(dtype=np.float64, na_value=np.nan)
    return data


def _kind(array: Any) -> str:
    names = {"b": "boolean", "c": "complex", "U": "string", "S": "bytes", "M": "datetime", "m": "time difference"}
    return names.get(array.dtype.kind, str(array.dtype))
