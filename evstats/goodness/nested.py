"""Models by their designs, and what is simulated of them in standard units: nested likelihoods, and residuals.

A model whose location has an identity link, with a constant, and whose scale a logarithmic one stays itself when data
are shifted by any combination of the columns of the location and multiplied by any number. The likelihood
ratio of two such models, one within the other, therefore has a distribution that depends on the slopes of the scale and
on the shape of the null alone, whatever its location follows; of a Gumbel with a constant scale on the designs only. So
it is simulated on a lattice of these coefficients, for each corner when it is first needed, and read between them: all
series with the same designs share it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import chdtrc

from evstats import noise, progress
from evstats.arrays import Array, Mask, Places
from evstats.distributions import Family
from evstats.errors import ArgumentError, unknown_name
from evstats.estimators import Estimation, MaximumLikelihood, PeaksRegression, Regression
from evstats.estimators.lanes import lane_blocks
from evstats.estimators.search import BLOCKS_AT_ONCE, regressed
from evstats.goodness.nulls import SEED
from evstats.models import Model, Points, likelihood_of
from evstats.simulated import kept

#: Samples at each corner that a series is read between, by how many coefficients the distribution depends on: of none,
#: one, two, and of more.
REPLICATES = (20_000, 4_000, 2_000, 1_000)
#: Distances between the corners: of the shape, and in the standard form of designs of slopes of scale and shape.
SHAPE_STEP, SCALE_SLOPE_STEP, SHAPE_SLOPE_STEP = 0.2, 0.125, 0.1
#: Shapes beyond this are read at it.
WIDEST_SHAPE = 0.6
#: Series with gaps have the null of their own gaps, unless there are more kinds of gaps than this; then those with
#: equally many values share that of the first of them. Of 30 values out of 40 the factor differs by less than 0.01 for
#: the year, and by 0.05 for a covariate as skewed as the lognormal.
MOST_PATTERNS = 12
#: Samples of each series whose model does not move with its data.
BOOTSTRAPPED = 999


@dataclass(frozen=True)
class Form:
    """A family of maxima and the designs of its parameters over n blocks: a model that can be looked up.

    ``columns`` are names of parameters with the bytes of their designs (n, p).
    """

    family: type[Family]
    n: int
    columns: tuple[tuple[str, bytes], ...] = ()

    @classmethod
    def of(cls, estimation: Estimation, lane: int, rows: Places) -> Form:
        """The form of one series of an estimation, over some of its blocks."""
        designs = {}
        if isinstance(estimation, Regression):
            model = estimation.model.of_lanes(np.array([lane]))
            designs = {own.name: own.design for own in model.parameters if own.design is not None}
        columns = ((name, np.ascontiguousarray(own.reshape(-1, own.shape[-1])[rows])) for name, own in designs.items())
        return cls(estimation.family.of_maxima(), rows.size, tuple((name, own.tobytes()) for name, own in columns))

    @cached_property
    def model(self) -> Model:
        """The model, its designs over all blocks."""
        model = Model.constant(self.family)
        for name, own in self.columns:
            model = model.with_design(name, np.frombuffer(own).reshape(self.n, -1))
        return model

    def distribution(self, beta: Array) -> Family:
        """The distributions at every block, (m, n), of coefficients (m, p)."""
        theta = self.model.theta(beta.T, np.arange(len(beta)))
        return self.family.from_parameters(np.stack(np.broadcast_arrays(*theta), axis=-1))

    def estimated(self, x: Array) -> Array:
        """Coefficients (m, p) of samples of maxima (m, n), NaN without an estimate."""
        if not self.columns:
            return self.model.coefficients(MaximumLikelihood().estimate(self.family, x).parameters).T
        return regressed(self.model, x, thorough=False).parameters

    def loglik(self, x: Array) -> Array:
        """The highest log-likelihood of samples of maxima (m, n); NaN without an estimate."""
        beta = self.estimated(x)
        value = likelihood_of(self.model, Points.of_maxima(x))(np.arange(len(x)), beta.T).value
        return np.where(np.isnan(beta[:, 0]), np.nan, value)

    @property
    def nuisance(self) -> tuple[int, ...]:
        """The places of the coefficients on which the distribution of statistics depends: slopes of the scale, and
        those of the shape.
        """
        _, scale, *shape = self.model.places
        return (*range(scale.start + 1, scale.stop), *(place for own in shape for place in range(own.start, own.stop)))

    @property
    def steps(self) -> Array:
        """The distances between the corners of the lattice, of each of ``nuisance``."""
        _, scale, *shape = self.model.places
        found = [SCALE_SLOPE_STEP] * (scale.stop - scale.start - 1)
        return np.array(found + [own for each in shape for own in _steps_of_shape(each.stop - each.start)])

    def standard(self, nuisance: Array) -> Array:
        """Coefficients (p,) with these, the location 0 and the scale 1 in the middle of the design."""
        beta = np.zeros(self.model.size)
        beta[list(self.nuisance)] = nuisance
        return beta

    @property
    def replicates(self) -> int:
        """Samples at each corner; fewest where the shape follows covariates, which takes long."""
        several = any(name == "shape" for name, _ in self.columns)
        return REPLICATES[-1 if several else min(len(self.nuisance), len(REPLICATES) - 1)]

    def samples(self, corner: tuple[int, ...], replicates: int) -> Iterator[Array]:
        """Samples (rows, n) in standard units at a corner of the lattice."""
        fitted = self.distribution(self.standard(self.steps * corner)[None])
        random = noise.generator([SEED, *(2 * abs(own) + (own < 0) for own in corner)])
        whole = noise.gumbel((replicates, self.n), rng=random)
        for block in lane_blocks(replicates, self.n, BLOCKS_AT_ONCE):
            yield fitted.from_gumbel(whole[block])


@dataclass(frozen=True, eq=False)
class RatioTest:
    """The likelihood-ratio test of every series, (lanes,), NaN where one of the two has no estimate.

    Attributes
    ----------
    statistic, p_value
        Of the test.
    df
        How many coefficients the null lacks.
    factor
        The mean of the statistic under the null over df (Bartlett's factor), by simulation.
    without
        The share of simulated samples that have no estimate under one of the two, which count for nothing else.
    replicates
        How many were simulated at each corner, 0 for the chi-square.

    Examples
    --------
    >>> import evstats as ev
    >>> floods = ev.Gumbel(100.0, 20.0).rvs(40, rng=1)
    >>> null, full = ev.fit(floods, "gumbel"), ev.fit(floods, "gumbel", loc="x", covariates={"x": list(range(40))})
    >>> ev.goodness.ratio_test(null.estimation, full.estimation, "chi-square").statistic.round(2)
    array([1.03])
    """

    statistic: Array
    p_value: Array
    df: int
    factor: Array
    without: Array
    replicates: int


#: What the statistic of a likelihood-ratio test can be compared with, by name.
REFERENCES = ("bartlett", "simulated", "chi-square")


def ratio_test(null: Estimation, full: Estimation, reference: str = "bartlett") -> RatioTest:
    """The test of an estimation within another of the same values, by one of ``REFERENCES``.

    Parameters
    ----------
    null
        The estimation with fewer coefficients.
    full
        That which contains it.
    reference
        What the statistic is compared with, one of ``REFERENCES``.

    Returns
    -------
    RatioTest
        One test a series.

    Raises
    ------
    ArgumentError
        An unknown reference, or a full model that has no more coefficients than the null.

    Examples
    --------
    >>> import evstats as ev
    >>> floods = ev.Gumbel(100.0, 20.0).rvs(40, rng=1)
    >>> null, full = ev.fit(floods, "gumbel"), ev.fit(floods, "gumbel", loc="x", covariates={"x": list(range(40))})
    >>> test = ev.goodness.ratio_test(null.estimation, full.estimation, "chi-square")
    >>> test.df, test.p_value.round(2)
    (1, array([0.31]))
    """
    if reference not in REFERENCES:
        raise unknown_name("reference", reference, REFERENCES)
    df = full.counted - null.counted
    if df < 1:
        raise ArgumentError(
            f"the full model has {full.counted} coefficients and the null {null.counted}",
            "give that with fewer first, which the other contains.",
        )
    statistic = np.ravel(np.maximum(2.0 * (np.asarray(full.loglik()) - np.asarray(null.loglik())), 0.0))
    if reference == "chi-square":
        return RatioTest(statistic, chdtrc(df, statistic), df, np.ones(statistic.size), np.zeros(statistic.size), 0)
    mean, p_value, without, replicates = _simulated(null, full, statistic)
    if reference == "bartlett":
        p_value = chdtrc(df, statistic / (mean / df))
    return RatioTest(statistic, p_value, df, mean / df, without, replicates)


def _simulated(null: Estimation, full: Estimation, statistic: Array) -> tuple[Array, Array, Array, int]:
    """The mean of each statistic (lanes,) under the null, its p-value, the share of samples without one, and how many
    were simulated.

    Where scale and shape of the null are constant, by its designs and its fitted shape; where they follow covariates,
    by their fitted slopes too: a parametric bootstrap in standard units, read from a lattice that series share. A model
    that does not move with its data so (location and scale in one proportion) has a parametric bootstrap of its own,
    and so have peaks over a threshold, and observations known by bounds.
    """
    found, most = np.full((3, statistic.size), np.nan), 0
    if full.design.bounded or isinstance(full, PeaksRegression):
        ratios_of = _ratios_of if full.design.bounded else _ratios_of_peaks
        known = np.flatnonzero(~np.isnan(statistic)).tolist()
        for lane in progress.each(known, "null distributions", unit="series") if len(known) > 1 else known:
            found[:, lane] = _read(*ratios_of(null, full, lane), statistic[lane])
        return *found, BOOTSTRAPPED
    for lanes, rows in alike((null, full), ~np.isnan(statistic)):
        if not (moves(null) and moves(full)):
            for lane in progress.each(lanes, "null distributions", unit="series"):
                found[:, lane] = _read(*_ratios_of(null, full, int(lane)), statistic[lane])
            most = BOOTSTRAPPED
            continue
        inner, outer = (Form.of(one, int(lanes[0]), rows) for one in (null, full))
        found[:, lanes] = 0.0
        for corner, some, weight in corners(inner, nuisance_of(null, inner, lanes)):
            simulated = simulated_ratios(inner, outer, corner, inner.replicates)
            found[:, lanes[some]] += weight * _read(*simulated, statistic[lanes[some]])
        most = max(most, inner.replicates)
    return *found, most


def _read(ratios: Array, without: Array, statistic: Array) -> Array:
    """Mean, p-values and share without an estimate (3, lanes), of simulated ratios in rising order."""
    beyond = ratios.size - np.searchsorted(ratios, statistic)
    p_value = (1.0 + beyond) / (1.0 + ratios.size)
    return np.stack(np.broadcast_arrays(ratios.mean(), p_value, without))


def _ratios_of(null: Estimation, full: Estimation, lane: int) -> tuple[Array, Array]:
    """The likelihood ratios of samples of the null as it is fitted to one series."""
    inner, outer = null.lane(lane), full.lane(lane)
    shape = inner.design.noise_shape(inner.distribution, inner.values)
    x = inner.drawn(noise.gumbel((BOOTSTRAPPED, *shape), rng=SEED))
    return _in_order(2.0 * (outer.again(x).loglik() - inner.again(x).loglik()))


def _ratios_of_peaks(all_null: Estimation, all_full: Estimation, lane: int) -> tuple[Array, Array]:
    """The likelihood ratios of samples of the null with the covariates that the peaks have where they were."""
    null, full = all_null.lane(lane), all_full.lane(lane)
    assert isinstance(full, PeaksRegression)
    inner = replace(null, design=full.design) if isinstance(null, PeaksRegression) else None
    if inner is None:  # of a series of a batch at its peaks alone
        values = null.values if null.values.shape == full.values.shape else null.values[~np.isnan(null.values)]
        inner = PeaksRegression.of_constant(replace(null, values=values), full.design)
    drawn = inner.redrawn(noise.gumbel((BOOTSTRAPPED, full.noise_size), rng=SEED))
    small = inner.fitted_to(drawn, inner.estimate.parameters)
    large = full.fitted_to(drawn, full.containing(inner))
    return _in_order(np.where(small.converged & large.converged, 2.0 * (large.value - small.value), np.nan))


@kept
def simulated_ratios(null: Form, full: Form, corner: tuple[int, ...], replicates: int) -> tuple[Array, Array]:
    """The likelihood ratios of samples of the null, in rising order, and the share of samples without one."""
    return _in_order(
        np.concatenate([2.0 * (full.loglik(x) - null.loglik(x)) for x in null.samples(corner, replicates)])
    )


def _in_order(ratios: Array) -> tuple[Array, Array]:
    known = np.sort(np.maximum(ratios[~np.isnan(ratios)], 0.0))
    return known, np.asarray(1.0 - known.size / ratios.size)


def corners(form: Form, nuisance: Array) -> Iterator[tuple[tuple[int, ...], Places, Array]]:
    """The corners of the lattice around coefficients (lanes, d), each with the lanes it counts for and its weights."""
    position = nuisance / form.steps
    below = np.floor(position).astype(int)
    share = position - below
    for above in itertools.product((0, 1), repeat=nuisance.shape[1]):
        weight = np.prod(np.where(above, share, 1.0 - share), axis=1)
        some = np.flatnonzero(weight > 0.0)
        corner, owner = np.unique(below[some] + above, axis=0, return_inverse=True)
        for place, own in enumerate(corner):
            lanes = some[owner.ravel() == place]
            yield tuple(map(int, own)), lanes, weight[lanes]


def alike(models: Sequence[Estimation], usable: Mask) -> Iterator[tuple[Places, Places]]:
    """Lanes of estimations of the same values that share designs and gaps, and the blocks that have values."""
    n = models[0].values.shape[-1]
    present, some = ~np.isnan(models[0].values.reshape(-1, n)), np.flatnonzero(usable)
    keys = present[some]
    if any(map(_own_designs, models)):
        keys = some[:, None]
    elif len(np.unique(keys, axis=0)) > MOST_PATTERNS:
        keys = keys.sum(axis=1, keepdims=True)
    _, first, owner = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    for place in progress.each(range(first.size), "null distributions", unit="designs"):
        yield some[owner.ravel() == place], np.flatnonzero(present[some[first[place]]])


def moves(estimation: Estimation) -> bool:
    """Whether the model stays itself when its data are shifted and multiplied."""
    family = estimation.model.family if isinstance(estimation, Regression) else estimation.family.of_maxima()
    return family.parameter_names[:2] == ("loc", "scale") and family.parameter_names[2:] in ((), ("shape",))


def nuisance_of(estimation: Estimation, form: Form, lanes: Places) -> Array:
    """The fitted coefficients (lanes, d) that matter, shapes no wider than there are corners for."""
    beta = estimation.estimate.parameters.reshape(-1, estimation.estimate.parameters.shape[-1])[lanes]
    found, shapes = beta[:, list(form.nuisance)], form.steps == SHAPE_STEP
    return np.where(shapes, np.clip(found, -WIDEST_SHAPE, WIDEST_SHAPE), found)


def _steps_of_shape(size: int) -> list[float]:
    return [SHAPE_STEP, *[SHAPE_SLOPE_STEP] * (size - 1)]


def _own_designs(estimation: Estimation) -> bool:
    """Whether every series of a batch has covariates of its own."""
    if not isinstance(estimation, Regression):
        return False
    return any(own.design is not None and own.design.ndim > 2 for own in estimation.model.parameters)


__all__ = ["REFERENCES", "Form", "RatioTest", "alike", "corners", "moves", "nuisance_of", "ratio_test"]
