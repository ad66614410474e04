"""The lowest threshold beyond which the shape may be constant, by the score test of Northrop and Coleman (2014)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evstats import noise
from evstats.habits import knowing_their_names
from evstats.notes import Note
from evstats.thresholds.choices.base import ThresholdMethod, Verdict, check_share
from evstats.thresholds.score import score_tests

if TYPE_CHECKING:
    from evstats.thresholds.candidates import Candidates


@knowing_their_names
@dataclass(frozen=True)
class ScoreTest(ThresholdMethod):
    """Choice of the lowest threshold at which the score test of a constant shape above it has a p-value above ``size``.

    A true threshold at 1 (scale 0.5) is found with a root mean square error of 0.10 and 0.21 (tests/studies); where
    there is none the choice is low.

    Parameters
    ----------
    size
        Of the test.

    References
    ----------
    - Northrop, P. J. and Coleman, C. L. (2014). Improved threshold diagnostic plots for extreme value analyses.
      Extremes 17, 289-303.

    Examples
    --------
    >>> import evstats as ev
    >>> losses = ev.GPD(0.0, 1.0, 0.1).rvs(500, rng=1)
    >>> ev.choose_threshold(losses, [0.5, 1.0, 1.5], method=ev.ScoreTest(), separation=None).threshold
    0.5
    """

    size: float = 0.05

    name, label, criterion = "score", "score test of a constant shape", "score_p"

    def __post_init__(self) -> None:
        check_share(self.size, "size")

    def judged(self, candidates: Candidates, rng: noise.RandomState = None) -> Verdict:
        """Those with a larger p-value, the lowest first; where there is none, the highest candidate."""
        statistics, p = score_tests(candidates)
        columns = {"score": statistics, "score_p": p}
        if (passed := np.flatnonzero(p > self.size)).size:
            return Verdict(passed, columns)
        usable = np.flatnonzero(~np.isnan(candidates.fits.shape))
        return Verdict(usable[-1:], columns, (Note("every_candidate_rejected", self.label),))


__all__ = ["ScoreTest"]
