"""What a report is of: the extremes of blocks, or the peaks over a threshold, each with its words and parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evstats.report.subject import Moving, Subject, takes_losses
from evstats.report.subject_blocks import OfBlocks, OfMovingBlocks
from evstats.report.subject_losses import OfLosses
from evstats.report.subject_peaks import OfMovingPeaks, OfPeaks

if TYPE_CHECKING:
    from evstats.fitting import Fit


def subject_of(fit: Fit) -> Subject:
    """What a fit is of; that values are losses is told by the notes on the data."""
    if fit.has_covariates:
        return moving_of(fit)
    if fit.of_peaks and takes_losses(fit) and not fit.family.minima:
        return OfLosses(fit)
    return OfPeaks(fit) if fit.of_peaks else OfBlocks(fit)


def moving_of(fit: Fit) -> Moving:
    """What a fit with covariates is of."""
    return OfMovingPeaks(fit) if fit.of_peaks else OfMovingBlocks(fit)
