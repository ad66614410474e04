"""What a way to choose a threshold is given and what it gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from evstats import noise
from evstats.arrays import Array, Places
from evstats.errors import ArgumentError
from evstats.notes import Note
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from evstats.thresholds.candidates import Candidates
    from evstats.thresholds.excesses import Excesses


@dataclass(frozen=True, eq=False)
class Verdict:
    """The candidates in order of preference, the chosen one first, and what the choice rests on.

    ``order`` (r,) holds the places of those that are eligible; ``columns`` arrays (k,) of all candidates by name.

    Attributes
    ----------
    order
        The places (r,) of the candidates that are eligible, the chosen one first.
    columns
        Arrays (k,) of all candidates by name, which become columns of the table.
    notes
        How it was chosen.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats.thresholds import Verdict
    >>> Verdict(np.array([2, 0, 1]), {"off": np.array([3.0, 4.0, 1.0])}).order
    array([2, 0, 1])
    """

    order: Places
    columns: dict[str, Array]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, eq=False)
class Tried:
    """Candidates as a method judged them, and the random state that it drew from.

    ``shares`` are those of the candidates among repeated choices, by what repeats them, kept once they are known.
    """

    candidates: Candidates
    method: ThresholdMethod
    verdict: Verdict
    rng: noise.RandomState = None
    shares: dict[tuple[int, int, int], Array] = field(default_factory=dict, init=False, repr=False)


@dataclass(frozen=True)
class ThresholdMethod(ABC):
    """A way to choose one of candidate thresholds.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.thresholds import METHODS, ThresholdMethod
    >>> isinstance(ev.ForwardStop(), ThresholdMethod), sorted(METHODS)
    (True, ['cross-validation', 'eqd', 'forward-stop', 'score'])
    """

    name: ClassVar[str]
    label: ClassVar[str]
    #: The column of the verdict that shows how the candidates compare.
    criterion: ClassVar[str]
    #: Whether random numbers enter.
    drawn: ClassVar[bool] = False
    #: Whether it can choose in many samples at once, which is what an interval needs that repeats the choice.
    repeats: ClassVar[bool] = False

    @abstractmethod
    def judged(self, candidates: Candidates, rng: noise.RandomState = None) -> Verdict:
        """The verdict on all candidates.

        Parameters
        ----------
        candidates
            The samples of excesses, one for each threshold.
        rng
            None for fresh noise, an integer, ``SeedSequence`` or ``Generator``.

        Returns
        -------
        Verdict
            The candidates in order of preference.
        """

    def repeated(self, samples: Iterable[Excesses], rng: noise.RandomState = None) -> Places:
        """Which candidate each of m samples chooses, of a method that ``repeats``.

        Parameters
        ----------
        samples
            The excesses of each candidate in turn, of all m samples.
        rng
            None for fresh noise, an integer, ``SeedSequence`` or ``Generator``.

        Returns
        -------
        Places
            (m,), -1 where a sample can judge none.
        """
        raise NotImplementedError


def check_share(value: float, name: str) -> None:
    """An error unless an argument lies between 0 and 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0.0 < value < 1.0:
        raise ArgumentError(Text(Setting(name), f" is {value!r}"), "expected a number between 0 and 1, such as 0.05.")


__all__ = ["ThresholdMethod", "Tried", "Verdict", "check_share"]
