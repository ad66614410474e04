"""What an interval is given and what it gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from evstats.errors import ArgumentError
from evstats.estimators import Estimation
from evstats.quantities import Quantity

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answer:
    """The plain arrays under a table: estimate, lower and upper, each of shape batch + (questions,)."""

    quantity: Quantity
    estimate: Array
    lower: Array
    upper: Array
    interval: str
    confidence: float


@dataclass(frozen=True)
class Interval(ABC):
    """A confidence interval for any quantity of a fitted distribution."""

    name: ClassVar[str]
    label: ClassVar[str]

    @abstractmethod
    def __call__(self, estimation: Estimation, quantity: Quantity, confidence: float) -> tuple[Array, Array]:
        """Lower and upper limits, each of shape batch + (questions,); NaN where a lane has none."""


def check_confidence(confidence: float) -> float:
    """A confidence level strictly between 0 and 1."""
    try:
        level = float(confidence)
    except (TypeError, ValueError):
        level = np.nan
    if not 0.0 < level < 1.0:
        hint = f" Did you mean {level / 100:g}?" if 50 <= level < 100 else ""
        raise ArgumentError(f"confidence is {confidence!r}; expected a number between 0 and 1, such as 0.95.{hint}")
    return level
