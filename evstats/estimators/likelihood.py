"""Maximum likelihood, with or without a penalty on the shape."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evstats import newton
from evstats.arrays import Array, Mask, Places
from evstats.distributions import PROCESSES, Family
from evstats.errors import ArgumentError, Status
from evstats.estimators.base import Estimate, Estimator, points_of
from evstats.estimators.climbs import is_ordinary, keep_higher, max_step, standardisation
from evstats.estimators.lanes import LaneEstimates, lane_blocks, screen
from evstats.estimators.ordered import sample_lmoments
from evstats.habits import knowing_their_names
from evstats.models import BLOCK_MAXIMA, BlockMaxima, Design, Likelihood, Model, Points, filled, likelihood_of
from evstats.models.penalties import Penalty
from evstats.text.arguments import Setting, Text

#: A climb from a point of the searched profile, one point of its grid from the maximum at most, gains no more than
#: this, and this for each observation.
_MOST_GAINED, _MOST_GAINED_EACH = 1.0, 0.05
#: The shapes that climbs begin from where some peaks are known only to lie above a limit.
_SHAPES_OF_LIMITED = (0.2, 0.6, -0.2, 1.2)


@knowing_their_names
@dataclass(frozen=True)
class MaximumLikelihood(Estimator):
    """Maximum likelihood: the highest interior local maximum, with shape > -1.

    The likelihood of a GEV is unbounded for shapes below -1 (and above, where the lower endpoint meets the smallest
    value), so its maximum-likelihood estimate is a local one. A safeguarded Newton search with analytic derivatives
    starts from the L-moment estimate; in small or awkward samples every local maximum of the profile likelihood is
    found first and the highest taken. A series without one ends with the status ``no_interior_maximum``.

    Parameters
    ----------
    penalty
        A ``Penalty`` on the shape, such as ``MartinsStedinger()`` or ``ColesDixon()``; None for plain likelihood.

    References
    ----------
    - Prescott, P. and Walden, A. T. (1980). Biometrika 67, 723-724 (derivatives of the likelihood).
    - Smith, R. L. (1985). Biometrika 72, 67-90 (regularity: shape > -0.5 for standard errors, > -1 for a maximum).

    Examples
    --------
    >>> import evstats as ev
    >>> fit = ev.fit([3.0, 4.0, 5.5, 4.2, 3.9], "gumbel", method=ev.MaximumLikelihood())
    >>> round(float(fit.distribution.loc), 4)
    3.7376
    """

    literature = (
        "Prescott, P. and Walden, A. T. (1980). Biometrika 67, 723-724 (derivatives of the likelihood).",
        "Smith, R. L. (1985). Biometrika 72, 67-90 (regularity: shape > -0.5 for standard errors, > -1 for a maximum).",
    )

    penalty: Penalty | None = None

    name = "mle"

    @property
    def label(self) -> str:  # type: ignore[override]
        """``"maximum likelihood"``, with the penalty where there is one."""
        return "maximum likelihood" if self.penalty is None else f"maximum likelihood with {self.penalty.label}"

    def __post_init__(self) -> None:
        if self.penalty is not None and not isinstance(self.penalty, Penalty):
            raise ArgumentError(
                f"penalty is {self.penalty!r}", "expected a Penalty such as MartinsStedinger(), or None."
            )

    @property
    def maximises_likelihood(self) -> bool:
        """Whether the likelihood itself is maximised, not a penalised one."""
        return self.penalty is None

    def estimate_coefficients(self, regression: Any) -> Estimate:
        """At the highest interior maximum of the plain likelihood."""
        found: Estimate = super().estimate_coefficients(regression) if self.penalty else regression.maximised()
        return found

    def estimate_lanes(self, family: type[Family], x: Array) -> LaneEstimates:
        """Parameters at the highest interior maximum of each lane's likelihood."""
        if self.penalty is not None and "shape" not in family.parameter_names:
            raise ArgumentError(f"{family.label} has no shape parameter, so a penalty on the shape has no meaning.")
        screened = screen(x, at_least=3)
        k = len(family.parameter_names)
        result = LaneEstimates(np.full((len(x), k), np.nan), screened.status.copy(), np.zeros(len(x), dtype=np.intp))
        usable = screened.status == Status.CONVERGED
        if not usable.any():
            return result
        if not usable.all():
            x, screened = x[usable], screened.only(usable)
        shift, spread = screened.low[:, None], (screened.high - screened.low)[:, None]
        z = x - shift
        z *= 1.0 / spread
        present = screened.present
        if present is not None:
            z = np.where(present > 0, z, 0.0)
        if family.maximizes_likelihood:
            parameters, converged, iterations = family.maximize_likelihood(z, present)
            failure = Status.NOT_CONVERGED if len(family.scales) == 1 else Status.ONE_POPULATION
        else:
            parameters, converged, iterations = self._search(family, z, present)
            failure = Status.NO_INTERIOR_MAXIMUM if family.has_edge else family.no_maximum
        parameters = family.rescaled(parameters, shift[:, 0], spread[:, 0])
        result.parameters[usable] = np.where(converged, parameters, np.nan).T
        result.status[usable] = np.where(converged, Status.CONVERGED, failure)
        result.iterations[usable] = iterations
        return result

    def estimate_excesses(self, family: type[Family], excesses: Array) -> LaneEstimates:
        """Parameters at the highest interior maximum of each sample's likelihood."""
        from evstats.estimators.excesses import gpd_maxima, penalised_maxima

        if self.penalty is not None and "shape" not in family.parameter_names:
            raise ArgumentError(f"{family.label} has no shape parameter, so a penalty on the shape has no meaning.")
        screened = screen(excesses, at_least=3)
        usable, k = np.flatnonzero(screened.status == Status.CONVERGED), len(family.parameter_names)
        result = LaneEstimates(
            np.full((len(excesses), k), np.nan), screened.status.copy(), np.zeros(len(excesses), dtype=np.intp)
        )
        if not usable.size:
            return result
        y, count = np.nan_to_num(excesses[usable]), screened.number[usable]
        if "shape" not in family.parameter_names:
            result.parameters[usable, 0] = y.sum(axis=-1) / count
            return result
        found = (
            gpd_maxima(y, count)
            if self.penalty is None
            else penalised_maxima(PROCESSES[family.name], y, count, self.penalty)
        )
        result.parameters[usable] = np.where(found.converged, np.stack([found.scale, found.shape]), np.nan).T
        result.status[usable] = np.where(found.converged, Status.CONVERGED, Status.NO_INTERIOR_MAXIMUM)
        result.iterations[usable] = found.iterations
        return result

    def estimate_points(self, family: type[Family], design: Design, x: Array) -> LaneEstimates:
        """Parameters at a maximum of the likelihood of the points of samples (m, *sample).

        One Newton search; whether the likelihood has another maximum is not looked at.

        Of families with one location, one scale and at most a shape, and of peaks over a threshold.
        """
        if family.rates and design.bounded:
            return self._of_limited(family, design, x)
        if family.rates:
            return super().estimate_points(family, design, x)
        if not set(family.parameter_names) <= {"loc", "scale", "shape"}:
            raise ArgumentError(
                f"{family.label} is for block maxima, not for {design.label}",
                Text("fit ", Setting("family", "gev"), " or ", Setting("family", "gumbel"), "."),
            )
        values, points = design.levels(x), design.points(x)
        status = screen(values, at_least=3).status.copy()
        if design.bounded:
            status[np.isin(status, (Status.CONVERGED, Status.CONSTANT_SERIES)) & ~points.any_number] = Status.NO_NUMBERS
        k, usable = len(family.parameter_names), status == Status.CONVERGED
        result = LaneEstimates(np.full((len(x), k), np.nan), status, np.zeros(len(x), dtype=np.intp))
        if not usable.any():
            return result
        lanes = np.flatnonzero(usable)
        centre, unit = np.nanmean(values[lanes], axis=-1), np.nanstd(values[lanes], axis=-1)
        found = climbed_of_points(family, points.rows(lanes).moved(centre, unit), self.penalty)
        parameters = family.rescaled(found.parameters, centre, unit)
        failure = Status.NO_INTERIOR_MAXIMUM if family.has_edge else family.no_maximum
        result.parameters[lanes] = np.where(found.converged, parameters, np.nan).T
        result.status[lanes] = np.where(found.converged, Status.CONVERGED, failure)
        result.iterations[lanes] = found.iterations
        return result

    def _of_limited(self, family: type[Family], design: Design, x: Array) -> LaneEstimates:
        """The same of peaks of which some are known only to lie above a limit: the highest maximum that climbs from
        several shapes come to.
        """
        points, status = design.points(x), screen(design.levels(x), at_least=3).status.copy()
        status[np.isin(status, (Status.CONVERGED, Status.CONSTANT_SERIES)) & ~points.any_number] = Status.NO_NUMBERS
        k, lanes = len(family.parameter_names), np.flatnonzero(status == Status.CONVERGED)
        result = LaneEstimates(np.full((len(x), k), np.nan), status, np.zeros(len(x), dtype=np.intp))
        if not lanes.size:
            return result
        some, model = points.rows(lanes), Model.constant(family)
        threshold = some.x[:, -1]
        unit = np.nanmean(design.levels(x)[lanes], axis=-1) - threshold
        likelihood = likelihood_of(model, some.moved(threshold, unit), self.penalty)
        log_rate = np.log(some.counts / some.exposure.sum(axis=-1))
        shapes = _SHAPES_OF_LIMITED if "shape" in family.parameter_names else (0.0,)
        best: newton.Maximum | None = None
        for shape in shapes:
            start = np.stack([np.full(lanes.size, -shape), log_rate, np.full(lanes.size, shape)])[: model.size]
            found = newton.maximize(likelihood, start, max_step=np.array([0.7, 0.7, 0.4])[: model.size])
            if best is None:
                best = found
            else:
                keep_higher(best, np.arange(lanes.size), found)
        assert best is not None
        log_scale, *others = best.parameters
        parameters = np.stack([threshold, np.exp(log_scale) * unit, *others], axis=-1)
        result.parameters[lanes] = np.where(best.converged[:, None], parameters, np.nan)
        result.status[lanes] = np.where(best.converged, Status.CONVERGED, Status.NO_INTERIOR_MAXIMUM)
        result.iterations[lanes] = best.iterations
        return result

    def covariance(
        self, family: type[Family], parameters: Array, values: Array, design: Design = BLOCK_MAXIMA
    ) -> Array:
        """Inverse observed information (of the penalised likelihood, if there is a penalty), shape (m, k, k).

        NaN for shapes at or below -0.5, where the maximum-likelihood estimator is not asymptotically normal.
        """
        k = parameters.shape[-1]
        free = [place for place in range(k) if place not in family.given]
        with np.errstate(invalid="ignore"):
            hessian = _hessian(family, parameters, values, design)[np.ix_(free, free)]
            if self.penalty is not None:
                hessian[-1, -1] += self.penalty.log_penalty(parameters[:, -1]).second
        units = np.eye(len(free))
        columns = [newton.ascent_step(np.repeat(unit[:, None], len(values), axis=1), hessian) for unit in units]
        covariance = np.zeros((len(values), k, k))  # nothing varies in what is given
        covariance[np.ix_(range(len(values)), free, free)] = np.moveaxis(
            np.stack([column for column, _ in columns]), -1, 0
        )
        covariance = 0.5 * (covariance + np.swapaxes(covariance, -1, -2))
        with np.errstate(invalid="ignore"):
            valid = columns[0][1] & np.isfinite(covariance).all(axis=(1, 2)) & family.regular(parameters)
        return np.where(valid[:, None, None], covariance, np.nan)

    def _search(self, family: type[Family], x: Array, present: Array | None) -> tuple[Array, Mask, Places]:
        """Newton from the L-moment start; where that fails or cannot be trusted, from every maximum of the profile."""
        centre, unit = standardisation(x, present)
        z = (x - centre[:, None]) / unit[:, None]
        points = Points.of_maxima(z if present is None else np.where(present > 0, z, np.nan))
        problem = _Search(likelihood_of(Model.constant(family), points, self.penalty))
        l1, l2, t3, t4 = problem.lmoments()
        start = problem.start(l1, l2, t3)
        best = problem.climb(np.arange(len(x)), start)
        doubtful = ~best.converged | ~is_ordinary(problem.likelihood.counts(), t3, t4)
        lanes = np.flatnonzero(doubtful)
        for chunk in lane_blocks(lanes.size, x.shape[-1], blocks=4):
            problem.improve(best, lanes[chunk])
        if self.penalty is not None and self.penalty.kink is not None:
            problem.try_kink(best, start, self.penalty.kink)
        parameters = best.parameters
        parameters[0] = parameters[0] * unit + centre
        parameters[1] *= unit
        return parameters, best.converged, best.iterations


def _hessian(family: type[Family], parameters: Array, values: Array, design: Design) -> Array:
    """Of the log-likelihood in the parameters, (k, k, m), at its maximum if the data are not block maxima."""
    if isinstance(design, BlockMaxima):
        missing = np.isnan(values)
        present = (~missing).astype(np.float64) if missing.any() else None
        x = values if present is None else filled(values, present)
        return family.from_parameters(parameters).summed_derivatives(x, present).hessian
    sign, model = -1.0 if family.minima else 1.0, Model.constant(family.of_maxima())
    theta = np.array(parameters)
    theta[:, 0] *= sign
    points = points_of(family, values, design)
    if family.given:  # the threshold, from which the likelihood counts
        points = replace(points, x=points.x - theta[:, :1])
    found = Likelihood(model, points)(np.arange(len(values)), model.coefficients(theta))
    slopes = np.ones_like(theta.T)  # of the coefficients in the parameters
    slopes[list(family.scales)] = 1.0 / theta.T[list(family.scales)]
    slopes[0] = sign
    estimated = [place for place, own in enumerate(model.parameters) if own.size]
    hessian = np.zeros((len(slopes), *slopes.shape))
    hessian[np.ix_(estimated, estimated)] = found.hessian
    return hessian * slopes[:, None] * slopes


def climbed_of_points(family: type[Family], points: Points, penalty: Penalty | None) -> newton.Maximum:
    """A maximum of the likelihood of standardised points.

    The start is a Gumbel, which has no ends, whose location follows from its scale: as many events are expected as
    there are.
    """
    scale, number = np.full(len(points.x), np.sqrt(6.0) / np.pi), points.counts
    exposed = points.exposure + points.passed
    with np.errstate(all="ignore"):
        loc = scale * np.log(number / (exposed * np.exp(-points.x / scale[:, None])).sum(axis=-1))
    start = np.zeros((len(family.parameter_names), len(loc)))
    start[:2] = loc, np.log(scale)
    found = newton.maximize(likelihood_of(Model.constant(family), points, penalty), start, max_step=max_step(family))
    found.parameters[1] = np.exp(found.parameters[1])
    return found


@dataclass(frozen=True)
class _Search:
    """The way to the maximum of a (penalised) likelihood of standardised block maxima with constant parameters."""

    likelihood: Likelihood

    @property
    def x(self) -> Array:
        """The observations (m, n), with a value of its lane in place of a missing one."""
        return self.likelihood.points.x

    def lmoments(self) -> tuple[Array, Array, Array, Array]:
        """L-moments l1 and l2, L-skewness and L-kurtosis of each lane."""
        filled = np.where(self.likelihood.points.used, self.x, np.nan)
        l1, l2, l3, l4, _ = sample_lmoments(np.sort(filled, axis=-1), orders=4)
        return l1, l2, l3 / l2, l4 / l2

    @property
    def family(self) -> type[Family]:
        """Of maxima."""
        return self.likelihood.model.family

    def start(self, l1: Array, l2: Array, t3: Array) -> Array:
        """The family's start of the search, with the scale as its logarithm."""
        start = self.family.likelihood_start(l1, l2, t3, self.x.min(axis=-1), self.x.max(axis=-1))
        with np.errstate(invalid="ignore", divide="ignore"):
            start[1] = np.log(start[1])
        return start

    def climb(self, lanes: Places, start: Array) -> newton.Maximum:
        """Newton from ``start`` (k, m); parameters come back with the scale itself."""
        longest = max_step(self.family)
        found = newton.maximize(lambda active, point: self.likelihood(lanes[active], point), start, max_step=longest)
        found.parameters[1] = np.exp(found.parameters[1])
        return found

    def improve(self, best: newton.Maximum, lanes: Places) -> None:
        """Put into ``best`` the highest interior maximum reachable from any local maximum of the profile likelihood.

        Starts far below what is reached already are left out: a climb from a point of the profile gains little.
        """
        points, penalty = self.likelihood.points.rows(lanes), self.likelihood.penalty
        known = np.where(best.converged[lanes], best.value[lanes], -np.inf)
        owner, starts = self.family.likelihood_starts(
            points.x, points.present, None if penalty is None else lambda shape: penalty.log_penalty(shape).value, known
        )
        starts[1] = np.log(starts[1])
        gain = _MOST_GAINED + _MOST_GAINED_EACH * self.likelihood.counts()[lanes[owner]]
        with np.errstate(invalid="ignore"):
            worth = ~(self.likelihood(lanes[owner], starts).value < known[owner] - gain)
        owner, starts = owner[worth], starts[:, worth]
        keep_higher(best, lanes[owner], self.climb(lanes[owner], starts))

    def try_kink(self, best: newton.Maximum, start: Array, kink: float) -> None:
        """Where the likelihood rises up to the kink of the penalty and falls beyond it, the maximum sits on it."""
        penalty = self.likelihood.penalty
        assert penalty is not None

        def at_kink(lanes: Places, point: Array) -> newton.Evaluation:
            full = self.likelihood(lanes, np.concatenate([point, np.full((1, point.shape[1]), kink)]))
            return newton.Evaluation(full.value, full.gradient[:-1], full.hessian[:-1, :-1])

        everyone = np.arange(len(self.x))
        found = newton.maximize(at_kink, start[:-1], max_step=max_step(self.family)[:-1])
        point = np.concatenate([found.parameters, np.full((1, len(self.x)), kink)])
        slope = replace(self.likelihood, penalty=None)(everyone, point).gradient[-1]
        left, right = penalty.slopes_at_kink()
        point[1] = np.exp(point[1])
        on_kink = found.converged & (slope + left >= 0.0) & (slope + right <= 0.0)
        keep_higher(best, everyone, newton.Maximum(point, found.value, on_kink, found.iterations))
