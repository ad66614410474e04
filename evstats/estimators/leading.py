"""The default answer and its reference: the one place that decides which family, by which method, answers.

The GEV leads, by maximum likelihood. The Gumbel is its reference, on the condition that the maxima are Gumbel: its
interval is narrower, and holds only then. No test makes that choice: in records as short as they are the tests of a
Gumbel see little, and the answer of a Gumbel unless rejected holds far less often than it says (measured in
``tests/studies/headline.csv``). Where somebody names a family that one answers, and the other is the reference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeVar

import numpy as np

from evstats.arrays import Mask
from evstats.distributions import GEV, GPD, PROCESSES, Exponential, Family, Gumbel, mirror_image
from evstats.errors import FitError, Status
from evstats.estimators import Bayes, Estimation, Estimator, MaximumLikelihood, NormalShape, as_estimator
from evstats.models import BlockMaxima
from evstats.notes import Note

AnyEstimation = TypeVar("AnyEstimation", bound=Estimation)

#: The family that is fitted where none is named.
FAMILY: Final[type[Family]] = GEV

#: The family of the reference fit.
REFERENCE: Final[type[Family]] = Gumbel

#: The family that is fitted to peaks over a threshold where none is named, and that of the reference fit to them.
FAMILY_OF_PEAKS: Final[type[Family]] = GPD
REFERENCE_OF_PEAKS: Final[type[Family]] = Exponential

#: Families and methods laid side by side where everything is asked, the one that leads first.
COMPARED: Final = ((FAMILY, "mle"), (REFERENCE, "mle"), (REFERENCE, "moments"))

#: What answers where no family is named and the likelihood has no interior maximum.
FALLBACK: Final = Bayes("normal")
#: The same of peaks over a threshold; the seed makes it the same every time.
FALLBACK_OF_PEAKS: Final[Estimator] = Bayes("fiducial", rng=20_261_128)


def answering(estimation: Estimation) -> Estimation:
    """The estimation that answers where no family is named: that by the fallback for one series without an interior
    maximum, else the same.
    """
    if not falls_back(estimation):
        return estimation
    of_peaks = estimation.family.rates and not estimation.has_covariates
    return replace(estimation, estimator=FALLBACK_OF_PEAKS if of_peaks else FALLBACK).again(estimation.values)


def falls_back(estimation: Estimation) -> bool:
    """Whether plain maximum likelihood finds no interior maximum for one series of block maxima or peaks."""
    known = isinstance(estimation.design, BlockMaxima) or estimation.design.axes > 1 or bool(estimation.family.rates)
    if estimation.design.bounded and estimation.family.rates:
        return False
    return not estimation.batch_shape and known and bool(without_maximum(estimation))


def without_maximum(estimation: Estimation) -> Mask:
    """The samples for which something stands in, as their likelihood has no interior maximum; none by other methods."""
    status = np.asarray(estimation.estimate.status)
    there = estimation.estimator.maximises_likelihood and estimation.has_stand_in
    return np.asarray((status == Status.NO_INTERIOR_MAXIMUM) & there)


def by_likelihood(estimation: Estimation) -> Estimation:
    """The same family by plain maximum likelihood, whatever its status; this estimation if it is that."""
    if estimation.estimator.maximises_likelihood:
        return estimation
    return replace(estimation, estimator=MaximumLikelihood()).again(estimation.values)


def has_maximum(estimation: Estimation) -> bool:
    """Whether the likelihood of one sample has an interior maximum."""
    return bool(by_likelihood(estimation).estimate.status != Status.NO_INTERIOR_MAXIMUM)


def standing_in(estimation: AnyEstimation) -> AnyEstimation:
    """The same by the fallback, of the samples of a batch without an interior maximum, whose posteriors give limits;
    all others count as having none.
    """
    status = np.where(without_maximum(estimation), Status.CONVERGED, Status.NO_INTERIOR_MAXIMUM).astype(np.int8)
    return replace(estimation, estimator=FALLBACK, estimate=replace(estimation.estimate, status=status[()]))


def checked(estimation: Estimation) -> Estimation:
    """The same, or of one series without an estimate a ``FitError`` that names the remedy."""
    if not estimation.batch_shape and estimation.estimate.status != Status.CONVERGED:
        status = Status(int(estimation.estimate.status))
        fit = f"{estimation.family.label} by {estimation.estimator.label}: "
        raise FitError.of(status, fit, of_peaks=bool(estimation.family.rates))
    return estimation


def note_on_fallback(estimation: Estimation, by_likelihood: Estimation) -> Note | None:
    """That the fallback answered for want of an interior maximum by likelihood; None where it was another's choice."""
    if estimation.estimator not in (FALLBACK, FALLBACK_OF_PEAKS) or not falls_back(by_likelihood):
        return None
    if estimation.estimator == FALLBACK_OF_PEAKS:
        return Note("no_interior_maximum_of_peaks", estimation.family.label, minima=int(estimation.family.minima))
    return Note("no_interior_maximum", estimation.family.label, sd=NormalShape().sd)


def reference(lead: Estimation) -> Estimation:
    """The reference of the estimation that answers, by maximum likelihood: of a GEV the Gumbel, of all others
    the GEV; minima mirrored.
    """
    if lead.family.rates:
        sizes = lead.family.sizes_of()
        least = FAMILY_OF_PEAKS if sizes.of_maxima() is not FAMILY_OF_PEAKS else REFERENCE_OF_PEAKS
        process = PROCESSES[_like(sizes, least).name]
        return Estimation.of(process, MaximumLikelihood(), lead.values, lead.design)
    other = FAMILY if lead.family.of_maxima() is not FAMILY else REFERENCE
    return answering(Estimation.of(_like(lead.family, other), MaximumLikelihood(), lead.values, lead.design))


def has_reference(family: type[Family]) -> bool:
    """Whether a reference is shown wherever this family answers."""
    return family.of_maxima() in (FAMILY, REFERENCE, FAMILY_OF_PEAKS, REFERENCE_OF_PEAKS)


def compared(lead: Estimation, beside: Estimation) -> list[Estimation]:
    """The usual estimations of the same data, whatever their status, without the one that leads; ``beside`` is that of
    ``reference``, and of peaks the only one.
    """
    if lead.family.rates:
        return [beside]
    found = []
    for usual, method in COMPARED:
        family, estimator = _like(lead.family, usual), as_estimator(method)
        if estimator.maximises_likelihood and family is beside.family:
            found.append(beside)
        elif (family, estimator) != (lead.family, lead.estimator) and (
            estimator.maximises_likelihood or lead.design.axes == 1
        ):
            found.append(answering(Estimation.of(family, estimator, lead.values, lead.design)))
    return [other for other in found if (other.family, other.estimator) != (lead.family, lead.estimator)]


def _like(family: type[Family], other: type[Family]) -> type[Family]:
    """The other family, of minima where the first is."""
    return (mirror_image(other) or other) if family.minima else other
