"""The K-gaps model: times between exceedances beyond K are exponential or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc

from evstats.arrays import Array
from evstats.errors import unknown_name, whole_number, yes_or_no
from evstats.habits import knowing_their_names
from evstats.notes import Note
from evstats.thresholds.indices.base import OfTimes, Resampled, parted
from evstats.thresholds.spacings import Spacings, Stretches

LARGEST = 20
"""The largest K that ``"auto"`` tries."""

REJECTED = 0.05
"""A K is passed over where the information matrix test has a smaller p-value."""


@knowing_their_names
@dataclass(frozen=True)
class KGaps(OfTimes):
    """The extremal index by maximum likelihood in the K-gaps model.

    The part of a time beyond K, times the share of observations above, is 0 with probability 1 - index, else
    exponential with mean 1/index. K must reach over the holes in clusters. Clusters come by chance within K of one
    another, so that the estimate is too low, the more the larger K and the lower the threshold (of independent
    observations .95 with K = 1 and 5 % above, .81 with K = 5); the interval allows for that, and may begin at the
    estimate.

    Nominal 95 % intervals held the index of max-autoregressive series (.3, .6 and 1, which are independent) in .950,
    .965 and .970 of 200 series of 5,000 values above their 95 % quantile, in .905, .945 and .935 of series of 2,000
    above their 98 % quantile (40 exceedances); of a Cauchy autoregression (.5) in .940 and .940. Of moving maxima with
    holes in their clusters (.5) they held it in 0 and .035 with K = 1, in .935 and .975 with K = 5, in .910 and .770
    with ``"auto"``; of squared ARCH(1), whose clusters at such thresholds are larger than in the limit (.612), in .430
    and .885 (``tests/studies/extremal_index.py``).

    Parameters
    ----------
    k
        K in observations, 0 or more, or ``"auto"``: the smallest, from 1 to 20, that the information matrix test does
        not reject at 5 %.
    censored
        Whether the times before the first and after the last exceedance of a stretch without gaps, which are
        known to be longer, count too.

    References
    ----------
    - Süveges, M. and Davison, A. C. (2010). Model misspecification in peaks over threshold analysis. Annals of
      Applied Statistics 4, 203-221.
    - Attalides, N. (2015). Threshold-based extreme value modelling. PhD thesis, University College London, equation
      4.3 (censored times).

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> fresh = -ev.Gumbel(0.0, 1.0).rvs(2001, rng=1)
    >>> pairs = np.minimum(fresh[1:], fresh[:-1])  # low ones come in pairs
    >>> ev.extremal_index(pairs, "95%", method=ev.KGaps(1), kind="min")["estimate"].round(1).item()
    0.5
    """

    k: int | str = 1
    censored: bool = True

    name = "kgaps"

    def __post_init__(self) -> None:
        yes_or_no(self.censored, "censored")
        if not isinstance(self.k, str):
            whole_number(self.k, "k", least=0)
        elif self.k != "auto":
            raise unknown_name("k", self.k, ["auto"])

    def resampled(self, series: Stretches, spacings: Spacings) -> Resampled:
        """Weights on the clusters, at the K that was chosen."""
        settled = self.settled(spacings)
        found = super(KGaps, settled).resampled(series, spacings)
        if settled is self or not found.notes:
            return found
        return replace(found, notes=(Note("no_k_gaps", largest=LARGEST, threshold=spacings.threshold),))

    def settled(self, spacings: Spacings) -> KGaps:
        """The same with a number for K: the first that is not rejected, or that which is rejected the least.

        Parameters
        ----------
        spacings
            The times between exceedances of a threshold.

        Returns
        -------
        KGaps
            The K that is taken.
        """
        if not isinstance(self.k, str):
            return self
        tried = [replace(self, k=k) for k in range(1, LARGEST + 1)]
        p_values = [one.p_value(spacings) for one in tried]
        return next((one for one, p in zip(tried, p_values, strict=True) if p >= REJECTED), tried[np.argmax(p_values)])

    def terms(self, spacings: Spacings) -> Array:
        """Whether the gap is 0; whether it is longer, a half where it is censored; and the gap."""
        gap = np.maximum(spacings.times - self._k, 0.0)
        weight = np.where(spacings.whole, 1.0, 0.5 if self.censored else 0.0)
        return np.stack([spacings.whole & (gap == 0.0), weight * (gap > 0.0), np.ceil(weight) * gap], axis=-1)

    def of_sums(self, sums: Array, share: Array | float) -> Array:
        """The root of the likelihood equation."""
        zeros, longer, total = np.moveaxis(sums, -1, 0)
        total = total * share
        b = zeros + 2.0 * longer + total
        root = np.sqrt(np.maximum(b * b - 8.0 * longer * total, 0.0))
        return np.minimum(1.0, 4.0 * longer / (b + root))

    def p_value(self, spacings: Spacings) -> float:
        """The p-value of the information matrix test of Süveges and Davison (2010).

        Small where the model does not hold; 0 where there is but one cluster.

        Parameters
        ----------
        spacings
            The times between exceedances of a threshold.

        Returns
        -------
        float
            Between 0 and 1.
        """
        index = float(self.of_sums(self.terms(spacings).sum(axis=0), spacings.share))
        if not index > 0.0:
            return 0.0
        gap = spacings.share * np.maximum(spacings.times - self._k, 0.0)
        counted = spacings.whole | (self.censored & (gap > 0.0))
        gap, events = gap[counted], np.where(spacings.whole, 2.0, 1.0)[counted]
        longer = gap > 0.0
        alone = 1.0 / (1.0 - index) if index < 1.0 else 0.0  # no gap is 0 where the index is 1
        score = np.where(longer, events / index, -alone) - gap
        information = np.where(longer, events / index**2, alone**2)
        excess = score**2 - information
        slope = 2.0 * events * gap / index**2 - np.where(longer, (events**2 - events) * 2.0 / index**3, 0.0)
        variance = np.mean((excess - slope.mean() * score / information.mean()) ** 2)
        return float(chdtrc(1.0, gap.size * excess.mean() ** 2 / variance)) if variance > 0.0 else 0.0

    def clusters(self, spacings: Spacings) -> int:
        """The clusters that gaps longer than 0 part."""
        return spacings.count(self._k)

    def told(self, spacings: Spacings) -> tuple[Mapping[str, float], tuple[Note, ...]]:
        """K and the p-value of the information matrix test; that the model is rejected."""
        p = self.p_value(spacings)
        about = {"threshold": spacings.threshold, "exceedances": spacings.exceedances}
        notes = () if p >= REJECTED else (Note("k_gaps_rejected", k=self._k, p=p, **about),)
        return {"k": self._k, "p_value": p}, notes

    def freed(self, spacings: Spacings) -> Callable[[Array], Array]:
        """Limits freed of clusters within K of one another."""

        def estimated(apart: Array, index: Array) -> Array:
            return self.of_sums(np.stack([1.0 - apart, apart, apart / index], axis=-1), 1.0)

        return parted(spacings.share, self._k, estimated)

    @property
    def _k(self) -> int:
        assert not isinstance(self.k, str)  # ``settled`` has seen to that
        return self.k


__all__ = ["LARGEST", "REJECTED", "KGaps"]
