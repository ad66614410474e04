"""The expected moments algorithm of Bulletin 17C, for log-Pearson type III."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats.arrays import Array, Mask, Places
from evstats.distributions import PE3, Family
from evstats.errors import ArgumentError, DataError, Status, real_number
from evstats.estimators.base import Estimation, Estimator
from evstats.estimators.censored_moments import (
    Censored,
    Moments,
    Watch,
    covariance,
    expected_moments,
    skew_error,
)
from evstats.estimators.lanes import LaneEstimates, as_lanes, lane_status
from evstats.estimators.low_outliers import LowOutliers, low_counts, multiple_grubbs_beck
from evstats.habits import knowing_their_names
from evstats.models.bounded import Bounds, Observed
from evstats.models.designs import BLOCK_MAXIMA, Design
from evstats.text.arguments import Setting, Text

#: Years of peaks that the Bulletin asks for, and measured peaks without which there are no three moments.
FEWEST, FEWEST_MEASURED = 10, 3


class Years(NamedTuple):
    """What is known of the years of m samples of logarithms, (m, n) each: bounds, equal where a peak was measured and
    -inf where it was zero, NaN where nothing is known; and the level from which on a peak would have been measured.
    """

    low: Array
    high: Array
    seen_from: Array

    @classmethod
    def of(cls, values: Array, design: Design) -> Years:
        """Of samples (m, *sample)."""
        low, high = Bounds.of(values) if design.bounded else (values, values)
        unknown = np.isnan(low) | np.isposinf(low) | (np.isneginf(low) & np.isposinf(high))
        level = design.perception if isinstance(design, Observed) else None
        seen = np.broadcast_to(-np.inf if level is None else level, low.shape)
        return cls(*(np.where(unknown, np.nan, own) for own in (low, high, seen)))

    @property
    def measured(self) -> Mask:
        """Of which years the peak is a number."""
        return np.asarray(self.low == self.high)

    @property
    def at_gauge(self) -> Mask:
        """Of which of these it was measured whatever it was: not above a level that most peaks do not reach, as those
        of years of history are.
        """
        measured = self.measured
        if not measured.size:
            return measured
        ordered = np.sort(np.where(measured, self.low, np.nan), axis=-1)
        half = np.maximum(np.count_nonzero(measured, axis=-1, keepdims=True) - 1, 0) // 2
        return np.asarray(measured & ~(self.seen_from > np.take_along_axis(ordered, half, axis=-1)))

    def above(self, threshold: Array) -> Years:
        """The same where all that lies below a threshold (m, 1) is known only to do so; -inf for none."""
        with np.errstate(invalid="ignore"):
            low = self.high < threshold
        return Years(
            np.where(low, -np.inf, self.low),
            np.where(low, threshold, self.high),
            np.maximum(self.seen_from, threshold),
        )


class Looked(NamedTuple):
    """What the algorithm is given of m samples, and what follows before its last step.

    Attributes
    ----------
    data, seen_from
        The years, without low outliers.
    low, threshold
        How many low outliers, and the logarithm of the smallest peak that is none, -inf without any.
    station, error
        Moments of the station alone, and the mean square error of its skew.
    weight
        Years that the regional skew counts for.
    """

    data: Censored
    seen_from: Array
    low: Places
    threshold: Array
    station: Moments
    error: Array
    weight: Array


@knowing_their_names
@dataclass(frozen=True)
class ExpectedMoments(Estimator):
    """Bulletin 17C: moments of the logarithms, those of what is known by bounds expected by the distribution itself.

    The default method of the family ``lp3``, which alone has it (or ``pe3``, of logarithms). Bounds, years of history
    and thresholds of perception count for what they say; peaks that are potentially influential low ones are known only
    to lie below the smallest that is none, and flows of zero are always such.

    Parameters
    ----------
    regional_skew, regional_mse
        The skew of the region and its mean square error, both or neither: the skew is then
        that of both, weighted by their errors.
    low_outliers
        ``"mgbt"``, the multiple Grubbs-Beck test of the peaks measured at the gauge; a flow below which
        peaks count as low; or None.

    Notes
    -----
    A regional skew counts for n MSE(G)/MSE(G_R) years, as in the Bulletin and PeakFQ up to 7.4; PeakFQ 8.1 multiplies
    that by a ratio of determinants. MSE(G) is Bulletin 17B's for so many years (at most 150), times the ratio of the
    algorithm's asymptotic variances with what is censored and without, where that are years of history.

    Measured beside maximum likelihood, skews -0.3, 0 and 0.3 and a standard deviation of 0.25 of log10, 1,000 records
    each (``tests/studies/bulletin_errors.csv``), the root mean square error of log10 of the 100-year flow is from 40
    years .081 to .120 (by likelihood .099 to .140), from 30 and a hundred of history .053 to .079 (.055 to .082).

    References
    ----------
    - England, J. F. et al. (2019). Guidelines for determining flood flow frequency, Bulletin 17C. U.S. Geological
      Survey Techniques and Methods 4-B5, appendices 6 and 7.
    - Cohn, T. A., Lane, W. L. and Baier, W. G. (1997). Water Resources Research 33, 2089-2096.

    Examples
    --------
    >>> import evstats as ev
    >>> peaks = [2080.0, 1670, 1480, 2940, 1560, 2380, 2720, 2860, 2620, 1710, 1370, 2180, 1160, 2780]
    >>> fit = ev.fit(peaks, "lp3", method=ev.ExpectedMoments(regional_skew=0.44, regional_mse=0.078))
    >>> fit.distribution
    LogPearson3(loc=3.30536, scale=0.134098, shape=0.305241)
    """

    regional_skew: float | None = None
    regional_mse: float | None = None
    low_outliers: str | float | None = "mgbt"

    name = "expected-moments"
    label = "expected moments"
    literature = (
        "England, J. F. et al. (2019). Guidelines for determining flood flow frequency, Bulletin 17C. U.S. Geological "
        "Survey Techniques and Methods 4-B5, appendices 6 and 7.",
        "Cohn, T. A., Lane, W. L. and Baier, W. G. (1997). Water Resources Research 33, 2089-2096.",
    )
    takes_zeros, tells_aep = True, True
    shares_null, by_block = False, False
    blocks_at_once = 16

    def __post_init__(self) -> None:
        _check_region(self.regional_skew, self.regional_mse)
        asked = self.low_outliers
        if isinstance(asked, str):
            if asked != "mgbt":
                raise ArgumentError(
                    Text(Setting("low_outliers", asked), " is no test"), "give 'mgbt', a flow, or None for none."
                )
        elif asked is not None and not (isinstance(asked, (int, float, np.number)) and asked > 0.0):
            raise ArgumentError(
                Text(Setting("low_outliers", asked), " is no flow"), "give a number above 0, or 'mgbt'."
            )

    # -- estimates -----------------------------------------------------------------------------------------------------

    def estimate_lanes(self, family: type[Family], x: Array) -> LaneEstimates:
        """Mean, standard deviation and skewness of logarithms (m, n), -inf of zeros."""
        return self.estimate_points(family, BLOCK_MAXIMA, x)

    def estimate_points(self, family: type[Family], design: Design, x: Array) -> LaneEstimates:
        """The same of samples (m, *sample) of which some are known by bounds."""
        self._refuse(family)
        if not (design.bounded or design is BLOCK_MAXIMA):
            return super().estimate_points(family, design, x)
        look = self.looked(x, design)
        status = _status(look.data, x)
        found = self._weighted(look)
        parameters = np.stack(found[:3], axis=-1)
        failed = (status == Status.CONVERGED) & ~(look.station.converged & found.converged)
        status = np.where(failed, np.int8(Status.NOT_CONVERGED), status).astype(np.int8)
        parameters[status != Status.CONVERGED] = np.nan
        return LaneEstimates(parameters, status, np.zeros(len(x), dtype=np.intp))

    def covariance(
        self, family: type[Family], parameters: Array, values: Array, design: Design = BLOCK_MAXIMA
    ) -> Array:
        """The asymptotic covariance of the algorithm's estimates, (m, 3, 3) (Cohn, Lane and Stedinger 2001)."""
        found = np.full((len(parameters), 3, 3), np.nan)
        there = ~np.isnan(parameters[:, 0])
        if there.any():
            watch = self.watched(values[there], design.of_lanes(np.flatnonzero(there)))
            found[there] = covariance(watch, Moments.of(parameters[there]))
        return found

    @staticmethod
    def _refuse(family: type[Family]) -> None:
        if family is not PE3:
            raise ArgumentError(
                f"expected moments are for the log-Pearson type III distribution, not for {family.label}",
                Text("fit ", Setting("family", "lp3"), ", or by maximum likelihood (", Setting("method", "mle"), ")."),
            )

    # -- what it rests on ----------------------------------------------------------------------------------------------

    def looked(self, x: Array, design: Design) -> Looked:
        """Low outliers and moments of the station, of logarithms (m, *sample).

        Parameters
        ----------
        x
            Logarithms (m, *sample).
        design
            What kind of data they are.

        Returns
        -------
        Looked
            What is known of the years, low outliers and moments of each sample.
        """
        years = Years.of(x, design)
        count, threshold = self._low(years)
        kept = years.above(threshold[:, None])
        data = Censored.of(kept.low, kept.high)
        station = expected_moments(data)
        error = _station_error(station, kept.seen_from, data.years, np.isfinite(threshold))
        with np.errstate(invalid="ignore"):
            weight = 0.0 * data.years if self.regional_mse is None else data.years * error / self.regional_mse
        return Looked(data, kept.seen_from, count, threshold, station, error, weight)

    def _weighted(self, look: Looked) -> Moments:
        if self.regional_skew is None:
            return look.station
        return expected_moments(look.data, self.regional_skew, look.weight)

    def watched(self, x: Array, design: Design) -> Watch:
        """From which level on peaks were seen, of logarithms (m, *sample), and what the regional skew counts for.

        Parameters
        ----------
        x
            Logarithms (m, *sample).
        design
            What kind of data they are.

        Returns
        -------
        Watch
            Of each sample.
        """
        if self.regional_mse is None:  # without which the moments of the station need not be known
            years = Years.of(x, design)
            return Watch.of(years.above(self._low(years)[1][:, None]).seen_from)
        look = self.looked(x, design)
        return Watch.of(look.seen_from, look.weight, self.regional_mse)

    def _low(self, years: Years) -> tuple[Places, Array]:
        """How many measured peaks are low outliers, (m,), and the logarithm of the smallest that is none."""
        peaks = np.sort(np.where(years.measured, years.low, np.nan), axis=-1)
        zeros = np.count_nonzero(np.isneginf(peaks), axis=-1)
        if self.low_outliers is None:
            return zeros, _next_above(peaks, zeros)
        if isinstance(self.low_outliers, str):
            gauged = np.sort(np.where(years.at_gauge, years.low, np.nan), axis=-1)
            low = np.zeros(len(peaks), dtype=np.intp)
            sizes = np.count_nonzero(~np.isnan(gauged), axis=-1)
            for size in np.unique(sizes):
                rows = np.flatnonzero((sizes == size) & np.isfinite(gauged).any(axis=-1))
                low[rows] = low_counts(gauged[rows, :size])
            threshold = _next_above(gauged, low)
            return np.count_nonzero(peaks < threshold[:, None], axis=-1), threshold
        threshold = np.full(len(peaks), np.log10(self.low_outliers))
        low = np.count_nonzero(peaks < threshold[:, None], axis=-1)
        return low, np.where(low > 0, threshold, -np.inf)

    def tested(self, estimation: Estimation) -> Estimation:
        """The estimation with low outliers as what they count for.

        They are known to lie below the smallest peak that is none, which as their threshold is not tested itself.
        """
        x = as_lanes(estimation.values, estimation.design)
        years = Years.of(x, estimation.design)
        count, threshold = self._low(years)
        if not count.any():
            return estimation
        kept = years.above(threshold[:, None])
        batch, n = estimation.batch_shape, x.shape[1]
        at_threshold = kept.measured & (kept.low == threshold[:, None])
        pairs = np.where(at_threshold[..., None], np.nan, np.stack([kept.low, kept.high], axis=-1))
        pairs = pairs.reshape(*batch, n, 2)
        seen = np.where(np.isnan(kept.seen_from), -np.inf, kept.seen_from).reshape(*batch, n)
        return replace(
            estimation, estimator=replace(self, low_outliers=None), values=pairs, design=Observed(pairs, seen)
        )

    def told(self, estimation: Estimation) -> Told:
        """What is told of one sample beside its estimate.

        Parameters
        ----------
        estimation
            What was fitted: data, design, family, estimator and estimate.

        Returns
        -------
        Told
            Low outliers, station skew and its error.
        """
        return Told(self, estimation)


@dataclass(frozen=True, eq=False)
class Told:
    """What is told of one sample that was fitted by expected moments, beside its estimate."""

    method: ExpectedMoments
    estimation: Estimation

    @cached_property
    def look(self) -> Looked:
        """What the algorithm was given."""
        inner = self.estimation.working
        return self.method.looked(as_lanes(inner.values, inner.design), inner.design)

    @property
    def years(self) -> int:
        """Of which anything is known."""
        return int(self.look.data.years[0])

    @property
    def measured(self) -> int:
        """Of which the peak is a number and no low outlier."""
        return int(self.look.data.exact[0])

    @property
    def station_skew(self) -> float:
        """The skew without that of the region."""
        return float(self.look.station.skew[0])

    @property
    def station_mse(self) -> float:
        """Its mean square error."""
        return float(self.look.error[0])

    @cached_property
    def low_outliers(self) -> LowOutliers:
        """How many peaks are low outliers and the smallest that is none, in the unit of the data (0 without any), with
        statistics and p-values of the test where it was asked for.
        """
        inner, numbers = self.estimation.working, self.estimation.numbers
        count, nothing = int(self.look.low[0]), np.zeros(0)
        threshold = self.method.low_outliers
        if isinstance(threshold, float | int):
            return LowOutliers(count, float(threshold) if count else 0.0, nothing, nothing)
        smallest = float(np.sort(numbers)[count]) if count else 0.0
        if threshold is None:
            return LowOutliers(count, smallest, nothing, nothing)
        years = Years.of(as_lanes(inner.values, inner.design), inner.design)
        found = multiple_grubbs_beck(numbers[years.at_gauge[0]])
        return LowOutliers(count, smallest, found.statistics, found.p_values)


#: Regional skews of the logarithms of floods lie between about -1 and 1.
_MOST_SKEW = 3.0


def _check_region(skew: float | None, mse: float | None) -> None:
    if (skew is None) != (mse is None):
        given, other = ("regional_skew", "regional_mse") if mse is None else ("regional_mse", "regional_skew")
        raise ArgumentError(
            Text(Setting(given), " is given without ", Setting(other), ", by which it is weighted"),
            "give both, as the report on the region has them, or neither.",
            argument=given,
        )
    for setting, own in (("regional_skew", skew), ("regional_mse", mse)):
        if own is not None:
            real_number(own, setting)
    if skew is not None and not abs(skew) <= _MOST_SKEW:
        raise ArgumentError(
            Text(
                Setting("regional_skew", skew), f" is no skew of a region's logarithms, which lie within {_MOST_SKEW:g}"
            ),
            "give that of the decimal logarithms of annual peaks.",
        )
    if mse is not None and not (np.isfinite(mse) and mse > 0.0):
        raise ArgumentError(Text(Setting("regional_mse", mse), " is no error"), "give a number above 0.")


def _next_above(ordered: Array, count: Places) -> Array:
    """The value after the so many smallest of ordered ones, (m,); -inf where the count is 0, or no value is left."""
    place = np.minimum(count, ordered.shape[-1] - 1)[:, None]
    found = np.take_along_axis(ordered, place, axis=-1)[:, 0] if ordered.shape[-1] else np.full(len(ordered), np.nan)
    return np.where((count > 0) & ~np.isnan(found), found, -np.inf)


def _station_error(station: Moments, seen_from: Array, years: Array, censored_low: Mask) -> Array:
    """The mean square error of the skews of stations, (m,)."""
    plain = skew_error(station.skew, years)
    history = np.flatnonzero(~censored_low & np.isfinite(seen_from).any(axis=-1) & station.converged)
    if history.size:
        moments = Moments.of(np.stack(station[:3], axis=-1)[history])
        seen = seen_from[history]
        whole = np.where(np.isnan(seen), np.nan, -np.inf)
        known, all_seen = (covariance(Watch.of(own), moments)[:, 2, 2] for own in (seen, whole))
        plain[history] *= known / all_seen
    return plain


def _status(data: Censored, x: Array) -> NDArray[np.int8]:
    """The status of samples (m, *sample) before the algorithm."""
    status = lane_status(data.exact, data.smallest, data.largest, at_least=FEWEST_MEASURED)
    status[np.isposinf(x.min(axis=-1, initial=np.inf) if x.ndim > 2 else x).any(axis=-1)] = Status.NOT_FINITE
    return status


def check_years(estimation: Estimation) -> None:
    """An error where one sample is too short for the Bulletin, or has too few peaks that are no low outliers."""
    method = estimation.estimator
    if not isinstance(method, ExpectedMoments) or estimation.batch_shape:
        return
    told = method.told(estimation)
    if told.years < FEWEST:
        raise DataError(
            f"there are {told.years} years of peaks; Bulletin 17C asks for at least {FEWEST}",
            Text(
                *(
                    "use a longer record, or maximum likelihood, by ev.fit or evstats levels (",
                    Setting("family", "lp3"),
                ),
                *(", ", Setting("method", "mle"), ")."),
            ),
        )
    if told.measured < FEWEST_MEASURED:
        raise DataError(
            f"{told.measured} peaks are numbers and no low outliers; three moments need at least {FEWEST_MEASURED}",
            Text("lower the threshold of low outliers (", Setting("low_outliers"), ") or use a longer record."),
        )


__all__ = ["ExpectedMoments", "Told", "check_years"]
