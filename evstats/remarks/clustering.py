"""How the extremes of a stationary series cluster: its extremal index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array
from evstats.errors import ArgumentError, DataError, unknown_name
from evstats.extremes.records import Extremes
from evstats.notes import Note
from evstats.text.arguments import InPython, Setting, Text, both
from evstats.text.numbers import number
from evstats.thresholds.indices.maxima import sliding_maxima
from evstats.thresholds.intervals_estimator import intervals_index

#: Blocks from which on the maxima of sliding ones tell the extremal index; of fewer, the intervals do.
ENOUGH_BLOCKS = 40

#: The share of observations above the threshold whose exceedances are clustered by the intervals between them.
SHARE_ABOVE = 0.05

#: Whether a horizon is that of a single observation.
HORIZONS = {"block": False, "observation": True}

#: An index below this is worth a caution.
CLUSTERED = 0.95

#: How often 95 % intervals of a one-day value at risk held the truth: of independent days, and of two GARCH laws with
#: (alpha, beta) = (.10, .85) and (.08, .91); 300 series of 30 years (``tests/studies/one_observation.py``).
HELD = {"independent": 0.92, "first": 0.79, "second": 0.54}


@dataclass(frozen=True)
class ExtremalIndex:
    """The extremal index of a series, 1 over the mean size of a cluster of extremes.

    Attributes
    ----------
    value
        In (0, 1]; 1 where extremes come one by one.
    block
        Observations in the blocks whose maxima it is for.
    estimator
        ``"sliding maxima"``, ``"intervals"`` or, where the value was given, ``"given"``.
    """

    value: float
    block: int
    estimator: str

    @property
    def held(self) -> tuple[float, float] | None:
        """The least and the greatest share in which nominal 95 % intervals held where days depend on one another; None
        where extremes come one by one.
        """
        return (HELD["second"], HELD["first"]) if self.value < CLUSTERED else None

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the index is, and what dependence does to an interval."""
        found = []
        if self.estimator != "given":
            code = "extremal_index" if self.estimator == "sliding maxima" else "extremal_index_by_intervals"
            found.append(Note(code, value=self.value, block=self.block, cluster=1.0 / self.value, least=ENOUGH_BLOCKS))
        if self.value < CLUSTERED:
            found.append(Note("interval_of_one_observation", value=self.value, **HELD))
        return tuple(found)


_OF_ONE = Setting("horizon", "observation")


def _is_share(given: Any) -> bool:
    """Whether it is a number above 0 and not above 1."""
    return isinstance(given, (int, float, np.number)) and not isinstance(given, bool) and 0.0 < float(given) <= 1.0


def index_for(
    horizon: str, given: float | ExtremalIndex | None, per_block: float | None, extremes: Extremes | None
) -> ExtremalIndex | None:
    """The extremal index of a single observation, given or estimated from what the extremes hold; None for a block.

    ``per_block`` is the number of observations in a block.

    Raises
    ------
    ArgumentError
        An unknown horizon, an index outside (0, 1] or for a block, and for an observation no number of
        observations in a block, or no index and no observations.
    """
    if not isinstance(horizon, str) or horizon not in HORIZONS:
        raise unknown_name("horizon", horizon, HORIZONS)
    if not isinstance(given, ExtremalIndex | None) and not _is_share(given):
        raise ArgumentError(Text(Setting("extremal_index"), f" is {given}"), "expected a number in (0, 1].")
    if not HORIZONS[horizon]:
        if given not in (None, 1.0):
            raise ArgumentError(Text(Setting("extremal_index"), " belongs to ", _OF_ONE, "; a block maximum has none."))
        return None
    if per_block is None:
        raise ArgumentError(
            Text(_OF_ONE, " needs the number of observations in a block, which is not known for these data"),
            Text.of(
                "take the maxima{} from the full series, or ask for {}.",
                *(InPython(" with block_maxima"), Setting("horizon", "block")),
            ),
        )
    if isinstance(given, ExtremalIndex):
        return given
    if given is not None:
        return ExtremalIndex(float(given), round(per_block), "given")
    if (found := None if extremes is None else of_extremes(extremes)) is None:
        raise ArgumentError(
            Text.of(
                "{} needs {}, which cannot be estimated without the observations behind these block extremes:",
                *(_OF_ONE, both("extremal_index")),
            ),
            Text(
                "give it (1 for independent observations, less where extremes cluster), or fit the Extremes of "
                "block_maxima(series, ...), which hold them.",
            ),
        )
    return found


def of_extremes(extremes: Extremes) -> ExtremalIndex | None:
    """The extremal index of the observations that extremes were taken from, None where there are none."""
    if extremes.series is None or extremes.observations_per_block is None:
        return None
    values = extremes.series.to_numpy(dtype=np.float64)
    return estimated(-values if extremes.of_minima else values, max(1, round(extremes.observations_per_block)))


def estimated(observations: ArrayLike, block: int) -> ExtremalIndex:
    """The extremal index of observations (n,) in order of time, at the length of a block.

    By the maxima of sliding blocks of that length, at which the index is wanted; the intervals between exceedances
    count clusters of any length. They are taken where the series has fewer than 40 blocks.
    """
    x = np.asarray(observations, dtype=np.float64)
    if x.size >= ENOUGH_BLOCKS * block:
        return ExtremalIndex(sliding_maxima(x, block), block, "sliding maxima")
    return ExtremalIndex(intervals(x, float(np.quantile(x, 1.0 - SHARE_ABOVE))), block, "intervals")


def intervals(x: Array, threshold: float) -> float:
    """The intervals estimator, from the times between exceedances of a threshold, at most 1.

    Raises
    ------
    DataError
        Fewer than 3 exceedances.
    """
    times = np.diff(np.flatnonzero(x > threshold))
    if times.size < 2:
        raise DataError(
            f"{np.count_nonzero(x > threshold)} of {x.size} observations exceed {number(threshold, 6)}: too few to "
            "tell how extremes cluster",
            Text("give ", both("extremal_index"), ", 1 for independent observations."),
        )
    return intervals_index(times)
