"""The times between exceedances of a threshold, stretch by stretch of a record without gaps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array, Mask, Places
from evstats.thresholds.intervals_estimator import intervals_index, run_length


@dataclass(frozen=True, eq=False)
class Stretches:
    """Observations in order of time, cut into stretches without gaps.

    ``values`` (n,) are such that high ones are extreme; ``starts`` (s,) says where each stretch begins.
    """

    values: Array
    starts: Places

    @classmethod
    def of(cls, values: ArrayLike, gaps: ArrayLike = ()) -> Stretches:
        """Observations with missing ones after the positions ``gaps``."""
        x = np.asarray(values, dtype=np.float64)
        after = np.asarray(gaps, dtype=np.intp) + 1
        return cls(x, np.union1d([0], after[(after > 0) & (after < x.size)]).astype(np.intp))

    @cached_property
    def lengths(self) -> Places:
        """The observations (s,) of each stretch."""
        return np.diff(self.starts, append=self.values.size)

    @cached_property
    def stretch(self) -> Places:
        """The stretch (n,) of each observation."""
        return np.repeat(np.arange(self.starts.size), self.lengths)


@dataclass(frozen=True, eq=False)
class Spacings:
    """The times between exceedances of a threshold, in observations, in order of time.

    In each stretch that holds an exceedance: the time from its first observation to the first exceedance, from each
    exceedance to the next, and from the last one to its last observation. The first and the last are censored: what
    was before and after is not known. Times across a gap are none.

    Attributes
    ----------
    times
        (m,) in observations, 1 for neighbours.
    whole
        (m,) whether it is the time from an exceedance to the next, which is known; the others are censored.
    last
        (m,) whether it is the time after the last exceedance of a stretch.
    before
        (m,) the number of the exceedance that the time follows; of the first of a stretch, that it leads to.
    first
        (N,) whether an exceedance is the first of its stretch.
    observations
        Their number, n.
    threshold
        What is exceeded.
    """

    times: Array
    whole: Mask
    last: Mask
    before: Places
    first: Mask
    observations: int
    threshold: float

    @classmethod
    def of(cls, series: Stretches, threshold: float) -> Spacings:
        """The times between the values that exceed a threshold, of which there must be one at least."""
        at = np.flatnonzero(series.values > threshold)
        stretch = series.stretch[at]
        first = np.append(True, stretch[1:] > stretch[:-1])
        ends = np.append(np.flatnonzero(first)[1:], at.size) - 1  # the last exceedance of each stretch
        here = stretch[first]
        since = np.where(first, at - series.starts[stretch], np.diff(at, prepend=at[0]))
        until = series.starts[here] + series.lengths[here] - 1 - at[ends]
        number = np.arange(at.size)
        return cls(
            times=np.insert(since, ends + 1, until).astype(np.float64),
            whole=np.insert(~first, ends + 1, False),
            last=np.insert(np.zeros(at.size, dtype=bool), ends + 1, True),
            before=np.insert(np.where(first, number, number - 1), ends + 1, ends),
            first=first,
            observations=series.values.size,
            threshold=threshold,
        )

    @property
    def exceedances(self) -> int:
        """The number of exceedances, N."""
        return self.first.size

    @property
    def share(self) -> float:
        """The share of observations that exceed."""
        return self.exceedances / self.observations

    @property
    def between(self) -> Array:
        """The times from an exceedance to the next that are known."""
        return self.times[self.whole]

    @cached_property
    def run(self) -> int:
        """The run length of intervals declustering: a longer time parts clusters."""
        return run_length(self.between, intervals_index(self.between))

    def clusters(self, run: int) -> Places:
        """The cluster (N,) of each exceedance: a new one after a time longer than a run, and in each stretch."""
        begins = np.array(self.first)
        begins[~self.first] = self.between > run
        return np.cumsum(begins) - 1

    def count(self, run: int) -> int:
        """The number of clusters."""
        return int(self.clusters(run)[-1]) + 1


__all__ = ["Spacings", "Stretches"]
