"""What a way to estimate the extremal index is: a function of weights on the clusters, or blocks, of a series.

With every weight 1 it is the estimate. With standard exponential weights it is a replicate of the Bayesian bootstrap
(Rubin 1981), all replicates at once by products of matrices; with one weight 0 it is what the jackknife asks for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from evstats.arrays import Array, Places
from evstats.notes import Note
from evstats.thresholds.spacings import Spacings, Stretches

MOST_UNITS = 1_000
"""Clusters, or groups of them, that are resampled at most."""


def as_they_are(limits: Array) -> Array:
    """Limits of what is estimated that are limits of the extremal index."""
    return limits


@dataclass(frozen=True, eq=False)
class Resampled:
    """An estimate of the extremal index as a function of weights.

    Attributes
    ----------
    units
        The number of clusters, or blocks, that are weighted.
    of
        The index (r,) of weights (r, units).
    clusters
        The number of clusters that the method counts; None where it counts none.
    columns
        What else stands in the table, by name.
    freed
        Limits of what the method estimates at a finite threshold, as limits of the extremal index.
    notes
        What to know of the estimate.

    Examples
    --------
    >>> import numpy as np
    >>> from evstats.thresholds.indices import Resampled
    >>> Resampled(4, lambda weights: weights.mean(axis=-1) / 2.0, clusters=None).estimate
    0.5
    """

    units: int
    of: Callable[[Array], Array]
    clusters: int | None
    columns: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    freed: Callable[[Array], Array] = as_they_are
    notes: tuple[Note, ...] = ()

    @property
    def estimate(self) -> float:
        """The estimate, of weights of 1."""
        return float(self.of(np.ones((1, self.units)))[0])


class Index(ABC):
    """A way to estimate the extremal index.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.thresholds.indices import INDICES, Index
    >>> isinstance(ev.KGaps(1), Index), list(INDICES)
    (True, ['kgaps', 'dgaps', 'intervals', 'runs', 'iwls', 'maxima'])
    """

    name: ClassVar[str]

    @abstractmethod
    def resampled(self, series: Stretches, spacings: Spacings) -> Resampled:
        """The estimate as a function of weights; ``spacings`` are those of a threshold.

        Parameters
        ----------
        series
            The stretches of the record without gaps.
        spacings
            The times between exceedances of a threshold.

        Returns
        -------
        Resampled
            A function of weights.
        """


@dataclass(frozen=True, eq=False)
class Clusters:
    """What is resampled: the clusters of intervals declustering, each with the time that follows it; of many, a few
    neighbours together.

    Attributes
    ----------
    number
        Of clusters, or of groups of them.
    of_time (m,)
        That of each time between exceedances.
    sizes, lengths
        (number,) exceedances and observations.
    silent
        Observations in stretches without an exceedance, which belong to none.
    """

    number: int
    of_time: Places
    sizes: Array
    lengths: Array
    silent: float

    @classmethod
    def of(cls, spacings: Spacings) -> Clusters:
        """The clusters of exceedances."""
        cluster = spacings.clusters(max(1, spacings.run))  # neighbours are never taken apart
        cluster = cluster // -(-(int(cluster[-1]) + 1) // MOST_UNITS)
        number, of_time = int(cluster[-1]) + 1, cluster[spacings.before]
        sizes = np.bincount(cluster, minlength=number).astype(np.float64)
        begun = np.bincount(cluster[spacings.first], minlength=number)  # the first observation of each stretch
        lengths = (np.bincount(of_time, spacings.times, number) + begun).astype(np.float64)
        return cls(number, of_time, sizes, lengths, float(spacings.observations - lengths.sum()))

    def share(self, weights: Array) -> Array:
        """The share (r,) of observations that exceed, of weights (r, number)."""
        return (weights @ self.sizes) / (weights @ self.lengths + self.silent)

    def summed(self, terms: Array) -> Array:
        """The sums (number, p) of what each time adds (m, p)."""
        return np.stack([np.bincount(self.of_time, column, self.number) for column in terms.T], axis=-1)


class OfTimes(Index):
    """An estimate from sums over the times between exceedances.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.thresholds.indices import OfTimes
    >>> isinstance(ev.KGaps(1), OfTimes), isinstance(ev.SlidingMaxima(30), OfTimes)
    (True, False)
    """

    @abstractmethod
    def terms(self, spacings: Spacings) -> Array:
        """What each time adds to the sums (m, p).

        Parameters
        ----------
        spacings
            The times between exceedances of a threshold.

        Returns
        -------
        Array
            (m, p).
        """

    @abstractmethod
    def of_sums(self, sums: Array, share: Array | float) -> Array:
        """The index (...,) of sums (..., p) and of the share (...,) of observations that exceed.

        Parameters
        ----------
        sums
            (..., p).
        share
            (...).

        Returns
        -------
        Array
            (...).
        """

    def resampled(self, series: Stretches, spacings: Spacings) -> Resampled:
        """Weights on the clusters."""
        clusters = Clusters.of(spacings)
        sums = clusters.summed(self.terms(spacings))

        def of(weights: Array) -> Array:
            return self.of_sums(weights @ sums, clusters.share(weights))

        columns, notes = self.told(spacings)
        return Resampled(clusters.number, of, self.clusters(spacings), columns, self.freed(spacings), notes)

    def clusters(self, spacings: Spacings) -> int:
        """The number of clusters that the method counts.

        Parameters
        ----------
        spacings
            The times between exceedances of a threshold.

        Returns
        -------
        int
            How many.
        """
        return spacings.count(spacings.run)

    def told(self, spacings: Spacings) -> tuple[Mapping[str, float], tuple[Note, ...]]:
        """What else stands in the table, and what to know of the estimate.

        Parameters
        ----------
        spacings
            The times between exceedances of a threshold.

        Returns
        -------
        tuple
            Numbers by the names of columns, and notes.
        """
        return {}, ()

    def freed(self, spacings: Spacings) -> Callable[[Array], Array]:
        """What limits of the estimate say of the index.

        Parameters
        ----------
        spacings
            The times between exceedances of a threshold.

        Returns
        -------
        callable
            From limits of what is estimated to limits of the extremal index.
        """
        return as_they_are


def parted(share: float, run: int, estimated: Callable[[Array, Array], Array]) -> Callable[[Array], Array]:
    """What limits say of the index where clusters that come within a run of one another are taken for one.

    Of two neighbouring exceedances, index * exp(-index * share * run) lie more than the run apart: clusters come at
    random, and so within the run of one another. ``estimated(apart, index)`` is what an estimate goes to where that
    share is ``apart``; it is inverted on a grid.
    """
    index = np.linspace(1e-3, 1.0, 2_000)
    apart = index * np.exp(-index * share * run)
    shown = np.maximum.accumulate(estimated(apart, index))
    return lambda limits: np.interp(limits, shown, index)


__all__ = ["MOST_UNITS", "Clusters", "Index", "OfTimes", "Resampled", "as_they_are", "parted"]
