"""Limits of what changes between states of the covariates, and of what many states make together.

A quantity of several states is a function of the coefficients. It is held by letting one of them, the pivot, follow
from its value and all others: the implicit function theorem gives the tangents and the curvature of what is left free.
So there is a profile likelihood of it, and profile, r* and delta limits are those of any other profile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.special

from evstats import newton, noise
from evstats.arrays import Array, Mask, Places
from evstats.errors import ArgumentError, Status
from evstats.estimators import Regression, leading
from evstats.estimators.coefficient_posterior import coefficients_drawn
from evstats.estimators.lanes import lane_blocks
from evstats.estimators.search import Search, climbed, regressed
from evstats.intervals.base import Interval, Simulation, check_replicates
from evstats.intervals.bootstrap import Bootstrap
from evstats.intervals.credible import Credible
from evstats.intervals.delta import Delta
from evstats.intervals.heights import HIGHEST_VARIATE, Height, ManyStarts
from evstats.intervals.held import Held
from evstats.intervals.likelihood_ratio import LikelihoodRatio, RStar, stand_in_label
from evstats.intervals.pivots import ByPivot, ByVariate, Curves, Edge, Way
from evstats.intervals.profile import Profile
from evstats.intervals.regression import Centred, sample_of
from evstats.intervals.solving import Criterion, solve
from evstats.models import Likelihood, Points, Redrawn, likelihood_of
from evstats.models.covariates import Covariates
from evstats.quantities import Parameters
from evstats.quantities.changes import LogProbabilityRatio
from evstats.quantities.states import OfStates

#: The shapes from which a climb that is lost begins again, and from how many starts.
_SHAPES = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2)
#: Of fewer values than this a ratio of probabilities has Bartlett's correction, simulated with so many samples.
FEW, REPLICATES, SEED = 50, 300, 20_261_128
LABEL_OF_FEW = "Bartlett-corrected profile likelihood"
#: A height that is above the edge by no more than this is there.
_AT_EDGE = 1e-6


@dataclass(frozen=True, eq=False)
class HeldFunction(ManyStarts, Profile):
    """The profile of a function of the parameters in several states; a row is one series with one question."""

    curves: Curves

    def gradient(self) -> Array:
        """The derivatives of the value in the coefficients at the estimate, (p, rows); NaN where it is not finite."""
        rows = np.arange(len(self.owner))
        with np.errstate(all="ignore"):
            along, gradient, _ = self.curves.equation(rows, self.theta_hat(), self.estimate)
            return np.where(np.isfinite(self.estimate), -gradient / along, np.nan)

    @cached_property
    def edge(self) -> Array:
        """The log-likelihood per row that is reached with any value whatever, (rows,), -inf where there is none.

        Of the logarithm of a ratio of probabilities, where the upper end in both states comes down to the level: both
        probabilities go to 0 with any ratio.
        """
        if isinstance(self.curves.function, LogProbabilityRatio) and self.likelihood.model.family.has_edge:
            return Edge.heights(self.curves)
        return np.full(len(self.owner), -np.inf)

    def at(self, rows: Places, value: Array, start: Array) -> Height:
        """The profile at ``value`` (rows,), climbed from coefficients ``start`` (p, rows).

        Where a climb ends nowhere it begins again from other shapes. Where the edge is higher than what was found, it
        is the height, and there is no interior maximum. A ratio of probabilities beyond all measure is as good as
        infinite, and has the height of the farthest.
        """
        if isinstance(self.curves.function, LogProbabilityRatio):
            beyond = np.abs(value) > HIGHEST_VARIATE
            found = self._at(rows, np.clip(value, -HIGHEST_VARIATE, HIGHEST_VARIATE), start)
            return replace(found, slope=np.where(beyond, 0.0, found.slope))
        return self._at(rows, value, start)

    def _at(self, rows: Places, value: Array, start: Array) -> Height:
        found = self.climbed_anew(rows, value, start)
        edge = self.edge[rows]
        over = edge > found.value - _AT_EDGE
        return replace(found, value=np.where(over, edge, found.value), interior=found.interior & ~over)

    def _way(self, rows: Places, value: Array, start: Array) -> Way:
        if isinstance(self.curves.function, LogProbabilityRatio):
            return ByVariate.of(self.curves, rows, value, start)
        return ByPivot.of(self.curves, rows, value, start)

    def climbed(self, rows: Places, value: Array, start: Array) -> Height:
        """By its way."""
        way = self._way(rows, value, start)
        begin, longest = way.free(start)
        found = newton.maximize(way.objective, begin, max_step=longest, tolerance=1e-7, max_iterations=60)
        everything = np.arange(len(rows))
        beta = way.whole(everything, found.parameters)
        final = way.constrained(everything, beta)
        interior = found.converged & np.isfinite(final.evaluation.value)
        height = np.where(interior, final.evaluation.value, -np.inf)
        theta, flat = np.where(np.isfinite(beta), beta, start), np.zeros(len(rows))
        return Height(height, final.slope, theta, final.evaluation.hessian, final.tangents, flat, interior)

    def ways(self, rows: Places, start: Array) -> list[Array]:
        """This start, the estimate, and others with other shapes and without slopes of the scale; at shape 0 every
        observation is possible.
        """
        estimate, model = self.theta_hat()[:, rows], self.likelihood.model
        flat = np.array(estimate)
        for own in model.places[1:]:
            flat[own.start + 1 : own.stop] = 0.0
        ways = [start, estimate, flat]
        for shape in _SHAPES if self.has_shape else ():
            for other in (np.array(estimate), np.array(flat)):
                own = model.places[model.family.parameter_names.index("shape")]
                other[own] = 0.0
                other[own.start] = shape
                ways.append(other)
        return ways

    def height_from(self, rows: Places, value: Array, start: Array) -> Array:
        """The likelihood where a start is moved to the value."""
        way, everything = self._way(rows, value, start), np.arange(len(rows))
        beta = way.whole(everything, way.free(start)[0])
        with np.errstate(all="ignore"):
            found = self.likelihood(self.owner[rows], beta).value
        return np.where(np.isfinite(beta).all(axis=0), found, -np.inf)


# -- limits ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Changed:
    """What has changed between states of the covariates: estimate and limits in the quantity's own terms.

    Attributes
    ----------
    estimate, lower, upper
        Of shape batch + (questions,).
    edge
        Where any value whatever is within the limits, as of a ratio 0/0.
    interval
        The kind of limits in words.
    simulation
        The simulated samples behind the limits, None without any.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> from evstats.models import Covariates
    >>> fit = ev.fit(ev.Gumbel(100.0, 20.0).rvs(40, rng=1), "gumbel", loc="x", covariates={"x": list(range(40))})
    >>> two = Covariates.of({"x": [39.0, 0.0]})  # now, then
    >>> function = ev.quantities.LevelChange(np.array([4.6]))
    >>> moved = ev.intervals.changed(fit.estimation, two, function, ev.intervals.Delta(), 0.95)
    >>> bool(moved.lower[0] < moved.estimate[0] < moved.upper[0])
    True
    """

    estimate: Array
    lower: Array
    upper: Array
    edge: Mask
    interval: str
    simulation: Simulation | None


def changed(
    estimation: Regression, states: Covariates, function: OfStates, interval: Interval, confidence: float
) -> Changed:
    """A quantity in states of the covariates, of every series, with limits.

    Parameters
    ----------
    estimation
        Of one series or a batch.
    states
        The states, in the order that the quantity has them.
    function
        With its questions (questions,), in data units; those of minima are of the minima.
    interval
        ``ProfileLikelihood``, ``RStar`` or ``Delta``, an object.
    confidence
        How often the interval is to hold, between 0 and 1.

    Returns
    -------
    Changed
        Estimate and limits.

    Notes
    -----
    Measured at a nominal 95 % of the ratio of probabilities of the 100-year level over a record in which the location
    of a GEV rises by 0 or 1 scale, shapes -.2, 0, .2 (``tests/studies/trends_ratio.csv``): r* of 60 and 100 values .937
    to .966, of 30 values, by Bartlett's correction simulated at the estimate, .948 to .977; 1,000 records each,
    infinite and 0/0 estimates counted. Of peaks over a threshold see ``PeaksRegression``.

    Examples
    --------
    >>> import numpy as np
    >>> import evstats as ev
    >>> from evstats.models import Covariates
    >>> fit = ev.fit(ev.Gumbel(100.0, 20.0).rvs(40, rng=1), "gumbel", loc="x", covariates={"x": list(range(40))})
    >>> two = Covariates.of({"x": [39.0, 0.0]})  # now, then
    >>> changed(fit.estimation, two, ev.quantities.LevelChange(np.array([4.6])), ev.intervals.RStar(), 0.95).interval
    'r*, tangent exponential model'
    """
    if not isinstance(interval, LikelihoodRatio | Delta | Bootstrap | Credible):
        raise ArgumentError(f"the {interval.name} interval is not there for what changes between states of covariates.")
    lanes, questions = math.prod(estimation.batch_shape), len(function.question)
    found = np.full((3, lanes, questions), np.nan)
    edge = np.zeros((lanes, questions), dtype=np.bool_)
    good = np.flatnonzero(np.ravel(estimation.estimate.status) == Status.CONVERGED)
    labels: list[str] = []
    simulated = False
    for block in lane_blocks(good.size, 2 * estimation.length * questions * states.count):
        some = good[block]
        asked = Asked.of(estimation, some, states, function)
        found[0, some] = asked.told(asked.estimate).reshape(-1, questions)
        if isinstance(interval, Bootstrap | Credible):
            continue
        limits, endless, label, few = _limits(asked, interval, 0.5 * (1.0 - confidence))
        labels += label
        simulated = simulated or few
        own = np.sort(asked.told(limits), axis=0)
        found[1:, some] = own.reshape(2, -1, questions)
        edge[some] = endless.reshape(-1, questions)
    if isinstance(interval, Bootstrap):
        _bootstrapped(estimation, states, function, interval, confidence, found)
        labels.append(interval.described(estimation, Parameters()))
    elif isinstance(interval, Credible):
        _credible(estimation, states, function, confidence, found)
        labels.append(interval.described(estimation, Parameters()))
    elif isinstance(interval, LikelihoodRatio) and leading.without_maximum(estimation).any():
        _credible(leading.standing_in(estimation), states, function, confidence, found)
        labels.append(f"where there is no interior maximum, {stand_in_label(estimation)}")
    shape = (*estimation.batch_shape, questions)
    estimate, lower, upper = (own.reshape(shape) for own in found)
    simulation = Simulation(REPLICATES, SEED) if simulated else interval.simulation(estimation, Parameters())
    return Changed(estimate, lower, upper, edge.reshape(shape), "; ".join(dict.fromkeys(labels)), simulation)


@dataclass(frozen=True, eq=False)
class Asked:
    """The profile of a quantity of some series, and the way from its values to those that are told.

    Ratios of probabilities are taken the way round in which they are 1 or more: ``turn`` (rows,) is -1.0 where now and
    then have changed their places. ``estimate`` is NaN where it is 0/0, and that of the profile then infinite.
    """

    profile: HeldFunction
    estimate: Array
    turn: Array
    sign: float
    loc: Array
    scale: Array
    search: type[Search]

    @classmethod
    def of(cls, estimation: Regression, lanes: Places, states: Covariates, function: OfStates) -> Asked:
        sample = Centred.of(estimation, lanes)
        minima = estimation.family.minima
        questions = len(function.question)
        owner = np.repeat(np.arange(len(lanes)), questions)
        whole = replace(function, question=np.tile(function.question, len(lanes)))
        loc, scale = sample.loc[owner] + estimation.origins[lanes][owner], sample.scale[owner]
        counted = (whole.mirrored() if minima else whole).counted(loc, scale)
        rows_of = _rows_of(estimation, lanes, states)[..., owner]
        likelihood = likelihood_of(sample.model, sample.points)
        curves = Curves(likelihood, owner, counted, rows_of)
        family, _ = curves.families(np.arange(len(owner)), sample.beta[:, owner])
        estimate = counted.value(family)
        turn = np.ones(len(owner))
        seen = estimate
        if isinstance(counted, LogProbabilityRatio):
            # 0/0 is taken for infinite on the side of the end that is further out
            now, then = counted.ends(family)
            with np.errstate(invalid="ignore"):
                seen = np.where(np.isnan(estimate), np.where(now < then, -np.inf, np.inf), estimate)
            turn = np.where(seen < 0.0, -1.0, 1.0)
            curves = replace(curves, rows_of=np.where(turn < 0.0, rows_of[:, ::-1], rows_of))
        profile = _held(curves, sample.beta, turn * seen)
        return cls(profile, estimate * turn, turn, -1.0 if minima else 1.0, loc, scale, estimation.search)

    def told(self, values: Array) -> Array:
        """Values (..., rows) of the profile in the quantity's own terms and the unit of the data."""
        kind = self.profile.curves.function.kind
        if kind == "pure":
            return self.turn * values
        return self.sign * (self.scale * values + (self.loc if kind == "level" else 0.0))


def _rows_of(estimation: Regression, lanes: Places, states: Covariates) -> Array:
    """From the coefficients of series to the predictors in states, (k, states, p, lanes)."""
    model, given = estimation.model, estimation.rows(states)
    whole = np.zeros((len(model.parameters), states.count, model.size, len(lanes)))
    for place, (own, columns) in enumerate(zip(model.parameters, model.places, strict=True)):
        rows = given.get(own.name, np.ones((states.count, own.size)))
        if rows.ndim > 2:
            rows = rows.reshape(-1, *rows.shape[-2:])[lanes]
            whole[place, :, columns] = np.moveaxis(rows, 0, -1)
        else:
            whole[place, :, columns] = rows[..., None]
    return whole


def _limits(asked: Asked, interval: Interval, tail: float) -> tuple[Array, Mask, list[str], bool]:
    """Both ends of every row (2, rows), where they are endless for want of any, what they are called, and whether
    any are simulated.
    """
    profile, normal = asked.profile, -float(scipy.special.ndtri(tail))
    every = np.ones(len(profile.owner), dtype=np.bool_)
    if not isinstance(interval, LikelihoodRatio):  # the delta method
        _, error = profile.tangent()
        half = normal * error
        with np.errstate(invalid="ignore"):
            half = np.where(np.isinf(asked.estimate), np.inf, half)
            centre = np.where(np.isinf(asked.estimate), 0.0, asked.estimate)
        return np.stack([centre - half, centre + half]), ~every, [interval.label], False
    few = np.zeros(len(every), dtype=np.bool_)
    if isinstance(interval, RStar) and isinstance(profile.curves.function, LogProbabilityRatio):
        few = profile.count < FEW
    labels = []
    ends, endless = np.full((2, len(every)), np.nan), ~every
    if not few.all():
        own, without = _ends(asked, interval.criterion(profile, Parameters(), tail), np.full(len(every), normal), ~few)
        ends[:, ~few], endless[~few] = own[:, ~few], without[~few]
        labels.append(interval.label)
    if few.any():
        own, without = _ends_of_few(asked, normal, few)
        ends[:, few], endless[few] = own[:, few], without[few]
        labels.append(f"{LABEL_OF_FEW}; {REPLICATES:,} simulated samples, seed {SEED}")
    return ends, endless, labels, bool(few.any())


def _ends(asked: Asked, criterion: Criterion, normal: Array, wanted: Mask) -> tuple[Array, Mask]:
    """Both ends (2, rows) where they are wanted, and where any value is within them."""
    profile = asked.profile
    endless = wanted & (2.0 * (profile.best - profile.edge) <= normal**2)
    if (unknown := np.flatnonzero(np.isnan(asked.estimate) & wanted & ~endless)).size:
        far = np.full(unknown.size, HIGHEST_VARIATE)
        height = profile.at(unknown, far, profile.theta_hat()[:, unknown])
        endless[unknown] = 2.0 * (profile.best[unknown] - height.value) > normal[unknown] ** 2
    ends = solve(profile, criterion, np.repeat((wanted & ~endless)[None], 2, axis=0))
    ends[:, endless] = [[-np.inf], [np.inf]]
    return ends, endless


def _ends_of_few(asked: Asked, normal: float, few: Mask) -> tuple[Array, Mask]:
    """The same of ratios of probabilities from few values: the uncorrected root, with the likelihood ratio divided by
    its mean in samples drawn at the estimate, or where that is infinite at the uncorrected limit.
    """
    profile, normals = asked.profile, np.full(len(few), normal)
    plain = _constant(normals)
    ends, endless = _ends(asked, plain, normals, few)
    rows = np.flatnonzero(few & ~endless)
    value = np.where(np.isfinite(asked.estimate), profile.estimate, np.where(np.isfinite(ends[0]), ends[0], ends[1]))
    rows = rows[np.isfinite(value[rows])]
    if rows.size:
        there = profile.at(rows, value[rows], profile.theta_hat()[:, rows])
        normals[rows] *= np.sqrt(mean_ratios(profile, rows, value[rows], there.theta, asked.search))
        ends, endless = _ends(asked, _constant(normals), normals, few)
    return ends, endless


def _constant(normals: Array) -> Criterion:
    return lambda rows, side, value, height, root: normals[rows]


def mean_ratios(profile: HeldFunction, rows: Places, value: Array, beta: Array, search: type[Search]) -> Array:
    """The mean likelihood ratio of a value in samples drawn at coefficients (p, rows) that have it, (rows,).

    Samples without an interior maximum are left out. All rows share their noise.
    """
    n = profile.likelihood.points.x.shape[1]
    found = np.ones(len(rows))
    for block in lane_blocks(len(rows), 2 * n * REPLICATES):
        found[block] = np.nanmean(_ratios(profile, rows[block], value[block], beta[:, block], search), axis=-1)
    return found


def _ratios(profile: HeldFunction, rows: Places, value: Array, beta: Array, search: type[Search]) -> Array:
    """Likelihood ratios (rows, replicates), NaN where a sample has no interior maximum."""
    lanes, of_peaks = profile.owner[rows], bool(profile.likelihood.model.family.rates)
    likelihood, found, good = (_peaks_again if of_peaks else _maxima_again)(profile.likelihood, lanes, beta, search)
    every = np.arange(good.size)
    own, begin = np.repeat(rows, REPLICATES)[good], np.repeat(beta, REPLICATES, axis=1)[:, good]
    curves, function = profile.curves, profile.curves.function.rows(own)
    curves = Curves(likelihood, every, function, curves.rows_of[..., own])
    again = _held(curves, found, np.zeros(good.size))
    height = again.at(every, np.repeat(value, REPLICATES)[good], begin)
    ratios = np.full(len(rows) * REPLICATES, np.nan)
    ratios[good] = np.maximum(2.0 * (again.best - height.value), 0.0)
    return ratios.reshape(len(rows), REPLICATES)


def _maxima_again(
    likelihood: Likelihood, lanes: Places, beta: Array, search: type[Search]
) -> tuple[Likelihood, Array, Places]:
    """Samples drawn anew from coefficients (p, rows) of some samples: of those that have an estimate the likelihood,
    the estimates (p, good), and their places among all.
    """
    points, n = likelihood.points, likelihood.points.x.shape[1]
    theta = (np.asarray(own)[:, None] for own in likelihood.model.predicted(beta, lanes).theta)
    drawn = likelihood.model.family.trial(*theta).from_gumbel(noise.gumbel((REPLICATES, n), rng=SEED))
    drawn = np.where(points.rows(lanes).events[:, None] > 0.0, drawn, np.nan).reshape(-1, n)
    model = likelihood.model.of_lanes(np.repeat(lanes, REPLICATES))
    estimates = regressed(model, drawn, search)
    good = np.flatnonzero(estimates.status == Status.CONVERGED)
    again = likelihood_of(model.of_lanes(good), Points.of_maxima(drawn[good]))
    return again, estimates.parameters[good].T, good


def _peaks_again(
    likelihood: Likelihood, lanes: Places, beta: Array, search: type[Search]
) -> tuple[Likelihood, Array, Places]:
    """The same of peaks over a threshold, drawn where they were."""
    owner = np.repeat(lanes, REPLICATES)
    model = likelihood.model.of_lanes(owner)
    points, begin = likelihood.points, np.repeat(beta, REPLICATES, axis=1)
    given = np.zeros((len(lanes), REPLICATES, points.x.shape[1]))
    for row, lane in zip(given, lanes, strict=True):  # of a series in a batch the same as alone
        there = np.broadcast_to(points.used, points.x.shape)[lane]
        row[:, there] = noise.gumbel((REPLICATES, int(there.sum())), rng=SEED)
    drawn = Redrawn.of(model, points.rows(owner), begin, given.reshape(len(owner), -1))
    found = climbed(drawn.likelihood(model), np.arange(len(owner)), begin)
    good = np.flatnonzero(found.converged)
    return drawn.rows(good).likelihood(model.of_lanes(good)), found.parameters[:, good], good


def _held(curves: Curves, beta: Array, estimate: Array) -> HeldFunction:
    """The profile of a quantity of samples with the coefficients (p, m)."""
    likelihood, owner = curves.likelihood, curves.owner
    sample = sample_of(likelihood, beta)
    best = likelihood(np.arange(beta.shape[1]), beta).value
    nothing = Held(likelihood.model.family.of_state(), None, np.empty(0), None)
    fitted, nowhere = sample.fitted[owner], sample.fallback[owner]
    return HeldFunction(sample, owner, nothing, fitted, best[owner], estimate, nowhere, curves)


def _bootstrapped(
    estimation: Regression, states: Covariates, function: OfStates, interval: Bootstrap, confidence: float, found: Array
) -> None:
    """Put the limits of the bootstrap into ``found`` (3, lanes, questions); replicates of 0/0 are left out."""
    check_replicates(interval.replicates, confidence)
    for lane, refitted in interval.refits(estimation):
        replicated = _replicated(refitted, refitted.maxima[1], states, function)
        found[1:, lane] = np.sort(interval.limits_of_replicates(found[0, lane], replicated, confidence), axis=0)


def _credible(estimation: Regression, states: Covariates, function: OfStates, confidence: float, found: Array) -> None:
    """Put the quantiles of posterior draws into ``found`` (3, lanes, questions); draws of 0/0 are left out."""
    tail = 0.5 * (1.0 - confidence)
    for lane, sample in coefficients_drawn(estimation):
        one, beta = sample.regression, np.array(sample.standard.T)
        beta[one.model.places[0]] *= -1.0 if one.family.minima else 1.0
        drawn = _replicated(one, beta, states, function)
        for column, own in enumerate(drawn.T):
            if (known := own[~np.isnan(own)]).size:
                found[1:, lane, column] = np.quantile(known, [tail, 1.0 - tail], method="inverted_cdf")


def _replicated(estimation: Regression, beta: Array, states: Covariates, function: OfStates) -> Array:
    """The quantity of many coefficients of maxima (p, many), NaN where there are none, in its own terms: (many,
    questions).
    """
    minima, many, origin = estimation.family.minima, beta.shape[1], float(estimation.origins[0])
    sign = -1.0 if minima and function.kind != "pure" else 1.0
    lanes = np.arange(many) if estimation.batch_shape else np.zeros(many, dtype=np.intp)
    eta = np.einsum("kspr,pr->ksr", _rows_of(estimation, lanes, states), beta)
    links = (own.link for own in estimation.model.parameters)
    theta = [link.inverse(own) for link, own in zip(links, eta, strict=True)]
    known = np.flatnonzero(np.isfinite(beta).all(axis=0))
    family = estimation.model.family.trial(*(own[:, known] for own in theta))
    found = np.full((many, len(function.question)), np.nan)
    for column, question in enumerate(function.question):
        asked = replace(function, question=np.full(known.size, question))
        asked = (asked.mirrored() if minima else asked).counted(np.full(known.size, origin), np.ones(known.size))
        found[known, column] = sign * (asked.value(family) + (origin if function.kind == "level" else 0.0))
    return found


__all__ = ["Changed", "HeldFunction", "changed"]
