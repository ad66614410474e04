"""What arrays are called in signatures, by what they hold."""

from __future__ import annotations

from typing import TypeAlias

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

__all__ = ["Array", "Ints", "Mask", "Places"]
