"""The mean and the standard deviation of the signed root of observations that are known by bounds, by simulation.

They depend on which blocks are known by what, and so are simulated for each record: samples of its estimate, known as
it is, fitted again. Levels have them at some variates, in between by interpolation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from evstats import noise, progress
from evstats.arrays import Array
from evstats.distributions import Family, Gumbel
from evstats.estimators import MaximumLikelihood
from evstats.intervals.asked import profiles_of
from evstats.intervals.profile import HeldParameter, Profile
from evstats.intervals.root_table import PERIODS, between, signed_root
from evstats.models import Observed
from evstats.quantities import Parameters, Quantity, ReturnLevel
from evstats.simulated import kept

REPLICATES, SEED = 400, 20_261_128
#: Of fewer samples with an estimate the root is left as it is.
_FEWEST = 50


class Record(NamedTuple):
    """What of a sample decides how others like it are drawn, as a key: bounds and perception in units of its estimate,
    as bytes, and the shape (0 of a family without one).
    """

    family: type[Family]
    bounds: bytes
    perception: bytes
    shape: float


def root_moments(profile: Profile, quantity: Quantity) -> tuple[Array, Array]:
    """Mean and standard deviation of the signed root of every row, of levels' own: positive where the estimate is
    above the truth.
    """
    design, sample = profile.sample.design, profile.sample
    assert isinstance(design, Observed)
    of_parameters = isinstance(quantity, Parameters)
    records = [_record(design, sample.fitted, lane, profile) for lane in range(len(sample.fitted))]
    each = progress.each(records, "intervals", unit="series")
    own = np.stack([_moments(record, of_parameters) for record in each])[profile.owner]  # (rows, 2, columns)
    if of_parameters:
        mean, deviation = own[:, :, profile.place if isinstance(profile, HeldParameter) else 0].T
        return mean, deviation
    return _interpolated(own, _variates(profile, quantity) if quantity.in_data_unit else profile.estimate)


def _interpolated(table: Array, variate: Array) -> tuple[Array, Array]:
    """Between the variates of a table (rows, 2, variates), at its ends beyond them."""
    (place, share), rows = between(variate), np.arange(len(table))
    low, high = table[rows, :, place], table[rows, :, place + 1]
    mean, deviation = ((1.0 - share[:, None]) * low + share[:, None] * high).T
    return mean, deviation


def _variates(profile: Profile, quantity: Quantity) -> Array:
    """The variate of each row's question: what it is of the standard Gumbel."""
    questions = profile.held.questions
    return quantity.at(Gumbel(0.0, 1.0), questions)


def _record(design: Observed, fitted: Array, lane: int, profile: Profile) -> Record:
    loc, scale = fitted[lane, :2]
    own = design.of_lanes(np.array([lane]))
    assert own.record is not None
    bounds = (own.record.reshape(own.record.shape[-2:]) - loc) / scale
    level = np.full(len(bounds), -np.inf) if own.perception is None else own.perception.reshape(-1)
    shape = float(fitted[lane, 2]) if profile.has_shape else 0.0
    return Record(profile.likelihood.model.family, bounds.tobytes(), ((level - loc) / scale).tobytes(), shape)


@kept
def _moments(record: Record, of_parameters: bool) -> Array:
    """Mean and standard deviation (2, columns) of the roots of the levels of ``VARIATES``, or of the parameters."""
    roots = _signed_roots(record, Parameters() if of_parameters else ReturnLevel(PERIODS))
    if len(roots) < _FEWEST:
        return np.stack([np.zeros(roots.shape[1]), np.ones(roots.shape[1])])
    return np.stack([np.nanmean(roots, axis=0), np.nanstd(roots, axis=0)])


def _signed_roots(record: Record, quantity: Quantity) -> Array:
    """Signed roots at the truth (samples, columns), of those with an estimate; NaN where a climb found nothing."""
    family, bounds = record.family, np.frombuffer(record.bounds).reshape(-1, 2)
    truth = family.from_parameters([0.0, 1.0, record.shape][: len(family.parameter_names)])
    design = Observed(bounds, np.frombuffer(record.perception))
    drawn = design.from_noise(truth, noise.gumbel((REPLICATES, len(bounds)), rng=SEED))
    fitted = MaximumLikelihood().estimate(family, drawn, design).parameters
    good = ~np.isnan(fitted[:, 0])
    drawn, fitted, plain = drawn[good], fitted[good], replace(design, record=None)
    answers = truth.parameters if isinstance(quantity, Parameters) else quantity(truth)
    return np.concatenate(
        [
            _roots(profile, profile.true_value(answers), record.shape).reshape(len(drawn), -1)
            for profile in profiles_of(quantity, family, drawn, fitted, plain)
        ],
        axis=-1,
    )


def _roots(profile: Profile, value: Array, shape: float) -> Array:
    loc, scale = profile.fitted[:, 0], profile.fitted[:, 1]
    start = np.stack([-loc / scale, -np.log(scale), np.full(len(value), shape)])[: profile.fitted.shape[1]]
    root = signed_root(profile, value, start)
    return np.where(np.isfinite(root), root, np.nan)


__all__ = ["REPLICATES", "SEED", "root_moments"]
