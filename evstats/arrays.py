"""What arrays are called in signatures, by what they hold."""

from __future__ import annotations

import sys
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: Numbers, in any unit.
Array: TypeAlias = NDArray[np.float64]
#: Which of many.
Mask: TypeAlias = NDArray[np.bool_]
#: Places among others: of lanes in a batch, of rows in a table.
Places: TypeAlias = NDArray[np.intp]
#: Whole numbers, such as ticks and days.
Ints: TypeAlias = NDArray[np.int64]


def is_tensor(array: Any) -> bool:
    """Whether it is PyTorch's, which is not imported for the answer; ``torch.compile`` can follow it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(array, torch.Tensor)


def each_by_columns(values: Array, columns: Array) -> Array:
    """Sums of samples (m, n) weighted by columns (n, p), (p, m): of each sample as of it alone, to the last bit.

    A product of matrices sums in an order that depends on how many samples there are.
    """
    return np.stack([np.vecdot(values, column) for column in np.ascontiguousarray(columns.T)])


def each_combined(beta: Array, columns: Array) -> Array:
    """Columns (n, p) with coefficients (p, m), (m, n): of each sample as of it alone, to the last bit."""
    found = beta[0][:, None] * columns[:, 0]
    for own, column in zip(beta[1:], columns.T[1:], strict=True):
        found += own[:, None] * column
    return found


__all__ = ["Array", "Ints", "Mask", "Places", "each_by_columns", "each_combined", "is_tensor"]
