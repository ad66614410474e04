"""How the temperature of a relaxed draw falls during training: callable objects, from start to end in so many steps.

A high temperature gives smooth draws with gradients of low variance that are biased for the discrete choice, a low one
the reverse; annealing starts high and ends near the choice that is meant.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from numbers import Real

from evstats.errors import ArgumentError

__all__ = ["CosineSchedule", "ExponentialSchedule", "LinearSchedule", "Schedule"]


@dataclass(frozen=True)
class Schedule(ABC):
    """A temperature that falls (or rises) from ``start`` at step 0 to ``end`` at step ``steps``, and stays there.

    Parameters
    ----------
    start, end
        Temperatures above 0.
    steps
        Number of steps between them, at least 1.
    """

    start: float = 1.0
    end: float = 0.1
    steps: int = 10_000

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            value = getattr(self, name)
            if not (isinstance(value, Real) and 0 < float(value) < math.inf):
                raise ArgumentError(f"{name} is {value!r}", "expected a temperature above 0.")
        if not (isinstance(self.steps, Real) and float(self.steps) >= 1):
            raise ArgumentError(f"steps is {self.steps!r}", "expected 1 or more.")

    def __call__(self, step: float) -> float:
        """The temperature at a step, counted from 0."""
        if not step >= 0:
            raise ArgumentError(f"step is {step}", "expected 0 or more.")
        return self.end if step >= self.steps else self._between(step / self.steps)

    @abstractmethod
    def _between(self, done: float) -> float:
        """The temperature when that part of the way is done, from 0 to 1."""


class ExponentialSchedule(Schedule):
    """Falls by the same factor at every step (Jang et al. 2017): ``start * (end/start)**(step/steps)``.

    Examples
    --------
    >>> from evstats import sampling
    >>> round(sampling.ExponentialSchedule(start=1.0, end=0.01, steps=100)(50), 12)
    0.1
    """

    def _between(self, done: float) -> float:
        return self.start * (self.end / self.start) ** done


class LinearSchedule(Schedule):
    """Falls by the same amount at every step.

    Examples
    --------
    >>> from evstats import sampling
    >>> round(sampling.LinearSchedule(start=1.0, end=0.5, steps=100)(50), 12)
    0.75
    """

    def _between(self, done: float) -> float:
        return self.start + (self.end - self.start) * done


class CosineSchedule(Schedule):
    """Falls slowly at both ends, along half a cosine.

    Examples
    --------
    >>> from evstats import sampling
    >>> round(sampling.CosineSchedule(start=1.0, end=0.5, steps=100)(50), 12)
    0.75
    """

    def _between(self, done: float) -> float:
        return self.end + (self.start - self.end) * (1.0 + math.cos(math.pi * done)) / 2.0
