"""ForwardStop: tests of fit at rising thresholds, stopped so that few of the rejections are false."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evstats import noise
from evstats.arrays import Array
from evstats.habits import knowing_their_names
from evstats.notes import Note
from evstats.thresholds.anderson_darling import anderson_darling_tests
from evstats.thresholds.choices.base import ThresholdMethod, Verdict, check_share

if TYPE_CHECKING:
    from evstats.thresholds.candidates import Candidates


@knowing_their_names
@dataclass(frozen=True)
class ForwardStop(ThresholdMethod):
    """Choice of the lowest threshold that is not rejected by the Anderson-Darling tests of it and of all lower ones.

    The first m thresholds are rejected, m the largest number for which the mean of -log(1 - p) over them is at most
    ``rate``: so the false among the rejections are, on average, at most that share (G'Sell et al. 2016), where the
    tests are independent. Nested samples are not: one small p-value high up can push the choice far out, and a true
    threshold at 1 (scale 0.5) is found with a root mean square error of 0.18 and 0.35 (tests/studies).

    Parameters
    ----------
    rate
        Of false discoveries.

    References
    ----------
    - Bader, B., Yan, J. and Zhang, X. (2018). Automated threshold selection for extreme value analysis via ordered
      goodness-of-fit tests with adjustment for false discovery rate. Annals of Applied Statistics 12, 310-329.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.GPD(0.0, 1.0, 0.1).rvs(500, rng=1)
    >>> ev.choose_threshold(losses, [0.5, 1.0, 1.5], method=ev.ForwardStop(), separation=None).threshold
    0.5
    """

    rate: float = 0.1

    name, label, criterion = "forward-stop", "ForwardStop on Anderson-Darling tests", "forward_stop"

    def __post_init__(self) -> None:
        check_share(self.rate, "rate")

    def judged(self, candidates: Candidates, rng: noise.RandomState = None) -> Verdict:
        """Those that are not rejected, the lowest first; where all are, the highest."""
        statistics, p = anderson_darling_tests(candidates)
        stop = forward_stop(p)
        columns = {"anderson_darling": statistics, "anderson_darling_p": p, "forward_stop": stop}
        rejected = np.flatnonzero(stop <= self.rate)
        first = int(rejected[-1]) + 1 if rejected.size else 0
        usable = np.flatnonzero(~np.isnan(p))
        if (left := usable[usable >= first]).size:
            return Verdict(left, columns)
        return Verdict(usable[-1:], columns, (Note("every_candidate_rejected", self.label),))


def forward_stop(p: Array) -> Array:
    """Mean of -log(1 - p) over each threshold and those below; NaN where there is no p-value, which counts as none."""
    there = ~np.isnan(p)
    steps = np.cumsum(np.where(there, -np.log1p(-np.minimum(np.where(there, p, 0.0), 1.0 - 1e-16)), 0.0))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(there, steps / np.maximum(np.cumsum(there), 1), np.nan))


__all__ = ["ForwardStop", "forward_stop"]
