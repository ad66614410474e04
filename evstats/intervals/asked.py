"""The profiles by which what is asked of samples is answered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evstats.arrays import Array
from evstats.distributions import Family
from evstats.intervals.held import Held
from evstats.intervals.peak_profile import PeakProfile
from evstats.intervals.premium_profile import PremiumProfile
from evstats.intervals.profile import HeldParameter, Profile
from evstats.intervals.samples import Sample
from evstats.models import BLOCK_MAXIMA, Design
from evstats.quantities import Parameters, PeakRate, PurePremium, Quantity


def profiles_of(
    quantity: Quantity, family: type[Family], values: Array, fitted: Array, design: Design = BLOCK_MAXIMA
) -> list[Profile]:
    """The profiles of a quantity for m series of maxima (m, *sample) with estimates (m, k), NaN where there is none.

    One profile for all questions, its rows series-major; for the parameters, one profile each. ``family`` is that of
    the data, of maxima or minima; ``values``, ``fitted`` and ``design`` are those of maxima.
    """
    extreme: type[Family] = family.of_maxima()
    sample = (
        Sample.of_peaks(extreme, design.points(values), fitted)
        if family.rates
        else Sample.of_maxima(extreme, design.points(values), fitted)
    )
    if design.bounded:
        sample = replace(sample, design=design)
    return profiles_at(quantity, sample, minima=family.minima)


def profiles_at(quantity: Quantity, sample: Sample, *, minima: bool = False) -> list[Profile]:
    """The same of any samples at their estimates; of samples of -x where the data are minima."""
    fitted, lanes, family = sample.fitted, np.arange(len(sample.fitted)), sample.likelihood.model.family.of_state()
    best = np.where(sample.fallback, sample.at_edge, sample.likelihood(lanes, sample.estimate).value)
    if isinstance(quantity, Parameters | PeakRate):
        location = Held(family, None, np.empty(0), None)
        common = sample, lanes, location, fitted, best
        standard = np.zeros(fitted.T.shape)
        standard[2:] = fitted[:, 2:].T
        return [
            HeldParameter(*common, standard[place], sample.fallback, place)
            if place
            else Profile(*common, standard[0], sample.fallback)
            for place in (family.told() if isinstance(quantity, Parameters) else family.rates)
        ]
    owner, questions = np.repeat(lanes, len(quantity.questions)), np.tile(quantity.questions, len(lanes))
    fitted = fitted[owner]
    if isinstance(quantity, PurePremium):
        attachment = np.tile(quantity.attachment, len(lanes))
        held_layer = Held(family, quantity, questions, (attachment - fitted[:, 0]) / fitted[:, 1])
        layers = PremiumProfile(sample, owner, held_layer, fitted, best[owner], np.empty(0), sample.fallback[owner])
        return [layers.estimated()]
    level = None if quantity.in_data_unit else ((-questions if minima else questions) - fitted[:, 0]) / fitted[:, 1]
    held_level = Held(family, quantity, questions, level)
    estimate = held_level.value_at(fitted[:, 2:].T)
    profile = PeakProfile if family.given else Profile
    return [profile(sample, owner, held_level, fitted, best[owner], estimate, sample.fallback[owner])]
