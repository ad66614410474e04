"""Maximum likelihood of observations known by bounds where parameters follow covariates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evstats import newton
from evstats.arrays import Array, Places
from evstats.distributions import Gumbel
from evstats.errors import Status
from evstats.estimators.base import Estimate
from evstats.estimators.climbs import keep_higher
from evstats.estimators.lanes import LaneEstimates, as_lanes, lane_blocks, screen
from evstats.estimators.likelihood import climbed_of_points
from evstats.estimators.regression import Regression
from evstats.estimators.search import BLOCKS_AT_ONCE, climbed
from evstats.models import Model, Points, likelihood_of
from evstats.models.bounded import Observed
from evstats.models.standardised import SPARE

if TYPE_CHECKING:
    from evstats.distributions import Family as Family  # and so on: of fields that are inherited
    from evstats.estimators.base import Estimator as Estimator
    from evstats.models import Design as Design
    from evstats.models import Predictors as Predictors

#: The shapes from which the coefficients of a Gumbel are climbed on.
_SHAPES = (0.05, -0.1, -0.3)


@dataclass(frozen=True, eq=False)
class BoundedRegression(Regression):
    """An estimation of bounds, batch + (n, 2), of which some parameters follow covariates.

    A year of which no more is known than that it stayed below a level counts with the distribution of that year, so
    that the covariates of the years of a history are needed too. Every block is a point of its own.

    Examples
    --------
    >>> import evstats as ev
    >>> low, high = [31.0, 20.0, 40.0, 36.0, 28.0, 52.0, 33.0], [31.0, 25.0, 45.0, 36.0, 28.0, 52.0, 33.0]
    >>> fit = ev.fit(ev.observed(low, high, years=range(2011, 2018)), "gumbel", loc="year")
    >>> isinstance(fit.estimation, ev.estimators.BoundedRegression), fit.parameter_names
    (True, ('loc:Intercept', 'loc:year', 'log_scale:Intercept'))
    """

    has_stand_in = False

    @property
    def _observed(self) -> Observed:
        assert isinstance(self.design, Observed)
        return self.design

    @property
    def maxima(self) -> tuple[Array, Array]:
        """The bounds as those of maxima, (lanes, n, 2), and their coefficients, (p, lanes)."""
        sign, beta = self._sign, self.estimate.parameters.reshape(-1, self.model.size).T.copy()
        beta[self.model.places[0]] *= sign
        return sign * as_lanes(self.values, self.design), beta

    def points_of(self, values: Array, lanes: Places | slice = slice(None)) -> Points:
        """The points of bounds (m, n, 2) of maxima, one for each block."""
        return self._observed.points_by_block(values)

    def loglik(self) -> Array:
        """That of what is known of every block."""
        values, beta = self.maxima
        found = np.full(len(values), np.nan)
        usable = np.flatnonzero(np.ravel(self.estimate.converged))
        for block in lane_blocks(usable.size, self.length):
            some = usable[block]
            points = self.points_of(values[some], some)
            value = likelihood_of(self.model.of_lanes(some), points)(np.arange(some.size), beta[:, some]).value
            found[some] = value + points.constant
        return found.reshape(self.batch_shape)[()]

    def maximised(self) -> Estimate:
        """The coefficients at the highest maximum of the likelihood that climbs from several starts come to."""
        values, _ = self.maxima
        m, batch = len(values), self.batch_shape
        found = LaneEstimates(np.full((m, self.model.size), np.nan), self._screened(values), np.zeros(m, dtype=np.intp))
        usable = np.flatnonzero(found.status == Status.CONVERGED)
        for block in lane_blocks(usable.size, self.length, BLOCKS_AT_ONCE):
            some = usable[block]
            best = self._highest(values[some], some)
            failure = Status.NO_INTERIOR_MAXIMUM if self.model.family.has_edge else Status.NOT_CONVERGED
            found.parameters[some] = np.where(best.converged, best.parameters, np.nan).T
            found.status[some] = np.where(best.converged, Status.CONVERGED, failure)
            found.iterations[some] = best.iterations
        found.parameters[:, self.model.places[0]] *= self._sign
        return Estimate(
            found.parameters.reshape(*batch, -1), found.status.reshape(batch)[()], found.iterations.reshape(batch)[()]
        )

    def _screened(self, values: Array) -> NDArray[np.int8]:
        """The status of bounds (m, n, 2) before estimation; blocks of which only a side of a level is known do not
        count for coefficients.
        """
        status, points = screen(self.design.levels(values), at_least=3).status.copy(), self.points_of(values)
        looked = np.isin(status, (Status.CONVERGED, Status.CONSTANT_SERIES))
        status[looked & ~points.any_number] = Status.NO_NUMBERS
        counts = self.design.counts(values)
        status[(status == Status.CONVERGED) & (counts < self.model.size + SPARE)] = Status.TOO_FEW_VALUES
        return status

    def _highest(self, values: Array, lanes: Places) -> newton.Maximum:
        """From the maximum without covariates, and from that of a Gumbel with them; in the unit of the data."""
        levels, everyone = self.design.levels(values), np.arange(len(lanes))
        centre, unit = np.nanmean(levels, axis=-1), np.nanstd(levels, axis=-1)
        model, points = self.model.of_lanes(lanes), self.points_of(values, lanes).moved(centre, unit)
        likelihood = likelihood_of(model.in_unit(centre, unit), points)
        best = climbed(likelihood, everyone, _constant(model, points))
        if "shape" in model.family.parameter_names:
            straight = Model(Gumbel, model.parameters[:2])
            flat = climbed(likelihood_of(straight, points), everyone, _constant(straight, points)).parameters
            shape = model.places[model.family.parameter_names.index("shape")]
            for each in _SHAPES:
                begin = np.zeros(best.parameters.shape)
                begin[: straight.size], begin[shape.start] = flat, each
                keep_higher(best, everyone, climbed(likelihood, everyone, begin))
        beta, (loc, scale) = best.parameters, (place.start for place in model.places[:2])
        beta[model.places[0]] *= unit
        beta[loc] += centre
        beta[scale] += np.log(unit)
        return best


def _constant(model: Model, points: Points) -> Array:
    """The coefficients (p, m) at the maximum where nothing follows covariates."""
    found = climbed_of_points(model.family, points, None).parameters
    begin = np.zeros((model.size, found.shape[1]))
    for place, own, name in zip(model.places, found, model.family.parameter_names, strict=True):
        begin[place.start] = np.log(own) if name == "scale" else own
    return begin


__all__ = ["BoundedRegression"]
