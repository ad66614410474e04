"""The intervals estimator: moments of the times between exceedances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from evstats.arrays import Array
from evstats.notes import Note
from evstats.thresholds.indices.base import OfTimes
from evstats.thresholds.intervals_estimator import index_of_sums, terms_of
from evstats.thresholds.spacings import Spacings


@dataclass(frozen=True)
class Intervals(OfTimes):
    """The extremal index by the intervals estimator: nothing to choose, and for few exceedances too high.

    Times across gaps and before the first and after the last exceedance are left out.

    Nominal 95 % intervals held the index of max-autoregressive series (.3, .6 and 1, which are independent) in .935,
    .920 and .960 of 200 series of 5,000 values above their 95 % quantile, in .920, .945 and .940 of series of 2,000
    above their 98 % quantile (40 exceedances); of a Cauchy autoregression (.5) in .920 and .910, of moving maxima (.5)
    in .910 and .875; of squared ARCH(1), whose clusters at such thresholds are larger than in the limit (.612), in .355
    and .800 (``tests/studies/extremal_index.py``).

    References
    ----------
    - Ferro, C. A. T. and Segers, J. (2003). Inference for clusters of extreme values. Journal of the Royal
      Statistical Society B 65, 545-556, equations 5 and 6.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> from evstats.thresholds.indices import Intervals
    >>> fresh = -ev.Gumbel(0.0, 1.0).rvs(2001, rng=1)
    >>> pairs = np.minimum(fresh[1:], fresh[:-1])  # low ones come in pairs
    >>> ev.extremal_index(pairs, "95%", method=Intervals(), kind="min")["estimate"].round(1).item()
    0.5
    """

    name = "intervals"

    def terms(self, spacings: Spacings) -> Array:
        """One, the time and its square, or what stands for them."""
        found = np.zeros((spacings.times.size, 3))
        found[spacings.whole] = terms_of(spacings.between)
        return found

    def of_sums(self, sums: Array, share: Array | float) -> Array:
        """The ratio of the moments."""
        return index_of_sums(sums)

    def told(self, spacings: Spacings) -> tuple[Mapping[str, float], tuple[Note, ...]]:
        """That an index of 1 says nothing where no time is longer than 1."""
        if spacings.between.max(initial=0.0) != 1.0:
            return {}, ()
        return {}, (Note("unbroken_exceedances", count=spacings.exceedances, threshold=spacings.threshold),)


__all__ = ["Intervals"]
