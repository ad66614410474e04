"""What was fitted and how well: the facts of a fit, and what the data say of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from evstats import quantities, remarks
from evstats.arrays import Array
from evstats.distributions import Family
from evstats.errors import ArgumentError, FitError, Status
from evstats.estimators import Estimation, Estimator, ExpectedMoments
from evstats.estimators.expected_moments import Told
from evstats.estimators.low_outliers import LowOutliers
from evstats.extremes.peak_records import Peaks
from evstats.extremes.records import Extremes
from evstats.fitting import answers
from evstats.fitting.context import Context
from evstats.habits import knows_their_attributes, methods_knowing_their_names
from evstats.models import Exceedances
from evstats.notes import Note
from evstats.text.arguments import Setting, Text

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd

    from evstats.estimators import Regression
    from evstats.remarks.evidence import Evidence


@methods_knowing_their_names
@knows_their_attributes("fit")
@dataclass(frozen=True, eq=False, repr=False)
class Fitted:
    """What was fitted: data, family, estimator and estimate."""

    estimation: Estimation
    context: Context = field(default_factory=Context)
    extremes: Extremes | None = None
    peaks: Peaks | None = None

    @property
    def family(self) -> type[Family]:
        """The fitted family, a class; of peaks that of their sizes."""
        return self.estimation.family.sizes_of()

    @property
    def of_peaks(self) -> bool:
        """Whether peaks over a threshold were fitted, and not block maxima."""
        return bool(self.estimation.family.rates)

    @property
    def single_observations(self) -> float | None:
        """How many observations a year has, of peaks among which is every one beyond the threshold; None of others.

        Where it is known, the risk of a single observation can be asked for.
        """
        design, observations, beyond = (
            self.estimation.design,
            self.context.observations_per_block,
            self.context.exceedances,
        )
        if not isinstance(design, Exceedances) or observations is None or beyond is None:
            return None
        return observations if bool(np.isclose(beyond, self.n / np.asarray(design.years)).all()) else None

    @property
    def has_covariates(self) -> bool:
        """Whether parameters follow covariates, so that questions are asked in a state of them (``at=``)."""
        return self.estimation.has_covariates

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The parameters that were estimated; of peaks without their rate, which is ``rate``.

        With covariates the coefficients: ``loc:Intercept``, ``loc:year``, ``log_scale:Intercept`` ...
        """
        return self.estimation.told_names

    @property
    def method(self) -> Estimator:
        """The estimator."""
        return self.estimation.estimator

    @property
    def distribution(self) -> Family:
        """The fitted distribution, of peaks that of a peak; parameters are NaN where a series failed.

        Parameters have the batch shape, with covariates that of every block, batch + (n,).
        """
        return self.estimation.distribution.stated

    @property
    def values(self) -> Array:
        """The observations, shape batch + (n,), in original units; NaN for missing ones and those known by bounds."""
        return self.estimation.numbers

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the batch; ``()`` for one series."""
        return self.estimation.batch_shape

    @property
    def status(self) -> Any:
        """How each fit ended: a ``Status``, or for a batch an array of their integer values."""
        return self.estimation.estimate.status if self.batch_shape else Status(int(self.estimation.estimate.status))

    @property
    def converged(self) -> Any:
        """Whether each series has an estimate: a bool, or an array of the batch shape."""
        return self.estimation.estimate.converged if self.batch_shape else bool(self.estimation.estimate.converged)

    @property
    def n(self) -> Any:
        """Number of observations: an int, or an array of the batch shape."""
        return self.estimation.counts if self.batch_shape else int(self.estimation.counts)

    @property
    def name(self) -> str:
        """Name of the variable."""
        return self.context.name

    @property
    def unit(self) -> str | None:
        """Unit of the variable, None where it is not known."""
        return self.context.unit

    @property
    def blocks_per_year(self) -> float | None:
        """Blocks in a year, None for undated data."""
        return self.context.blocks_per_year

    @property
    def time_unit(self) -> str:
        """What return periods are counted in: ``years`` or ``blocks``."""
        return self.context.time_unit

    def __repr__(self) -> str:
        if self.batch_shape:
            good = int(np.sum(self.converged))
            return f"Fit({self.family.label} by {self.method.label}, batch {self.batch_shape}, {good} converged)"
        return f"Fit({self.estimation.in_words}, n={self.n})"

    def __getitem__(self, index: Any) -> Self:
        """One series, or part, of a batch: ``fit[3]``."""
        if not self.batch_shape:
            raise ArgumentError("this fit is of a single series; there is nothing to index.")
        part = self.estimation.part(index)
        if not part.batch_shape and part.estimate.status != Status.CONVERGED:
            if part.has_covariates:
                from evstats.fitting.covariates import without_estimate

                raise without_estimate(cast("Regression", part), f"series {index} has no estimate. ")
            status = Status(int(part.estimate.status))
            raise FitError.of(status, f"series {index} has no estimate. ", of_peaks=self.of_peaks)
        return replace(self, estimation=part, extremes=None, peaks=None)

    @property
    def _process(self) -> Any:
        """The fitted process of peaks."""
        return self.estimation.distribution

    @property
    def _exceedances(self) -> Exceedances:
        """The design of peaks: their threshold and years."""
        design = self.estimation.design
        assert isinstance(design, Exceedances)
        return design

    def _refuse_covariates(self, what: str) -> None:
        if self.has_covariates:
            raise ArgumentError(
                f"{what} is not there for a fit with covariates",
                Text(
                    "ask for return_level, return_period or exceedance_probability in a state of them (",
                    Setting("at"),
                    ").",
                ),
            )

    def _refuse_blocks(self, what: str) -> None:
        if not self.of_peaks:
            raise ArgumentError(
                f"{what} is of peaks over a threshold, and this fit is of block maxima",
                "take peaks_over_threshold(...) and fit those.",
            )


class Facts(Fitted):
    """What follows from data, family, estimator and estimate alone, and what the data say of the fit."""

    @property
    def loglik(self) -> Any:
        """Unpenalised log-likelihood at the estimate, of shape batch; -inf if an observation lies outside the support.

        Of peaks it is that of their sizes, and of the years they are in where the rate follows covariates, given their
        number.
        """
        whole = self.estimation.loglik()
        if not self.of_peaks:
            return whole
        log_rate = self.estimation.log_rate
        return (whole - self.n * log_rate + np.exp(log_rate) * self._exceedances.years)[()]

    @property
    def point_process_loglik(self) -> Any:
        """Log-likelihood of sizes and number of peaks together: that of the Poisson process (Coles 2001, equation 7.9).

        Raises
        ------
        ArgumentError
            A fit of block maxima.
        """
        self._refuse_blocks("point_process_loglik")
        return self.estimation.loglik()

    @property
    def threshold(self) -> Any:
        """What the peaks lie beyond: a number, or one for each series of a batch.

        Raises
        ------
        ArgumentError
            A fit of block maxima.
        """
        self._refuse_blocks("threshold")
        return self._exceedances.threshold

    @property
    def annual_maximum(self) -> Family:
        """The distribution of the largest peak of a year (of minima the smallest), a GEV or Gumbel: the same model.

        Raises
        ------
        ArgumentError
            A fit of block maxima.
        """
        self._refuse_blocks("annual_maximum")
        return self._process.annual_maximum

    @property
    def low_outliers(self) -> LowOutliers:
        """Potentially influential low peaks of a fit by expected moments.

        They are known only to lie below the smallest peak that is none: ``count``, ``threshold`` (0.0 without any), and
        where it was asked for the multiple Grubbs-Beck test's ``statistics`` and ``p_values`` of the smaller half of
        the peaks, in rising order.

        Raises
        ------
        ArgumentError
            A fit by another method; a batch.

        Examples
        --------
        >>> import evstats as ev
        >>> peaks = [7.0, 610, 645, 725, 716, 784, 782, 833, 888, 922, 958, 991]
        >>> ev.fit(peaks, "lp3").low_outliers.count
        1
        """
        return self.told.low_outliers

    @cached_property
    def told(self) -> Told:
        """What a fit by expected moments tells of one series beside its estimate.

        ``years`` and ``measured`` peaks, ``station_skew`` and ``station_mse``, ``low_outliers``.

        Raises
        ------
        ArgumentError
            A fit by another method; a batch.
        """
        if not isinstance(self.method, ExpectedMoments):
            raise ArgumentError(
                f"low outliers and station skew are of a fit by expected moments, not by {self.method.label}",
                Text("fit ", Setting("family", "lp3"), ", ", Setting("method", "expected-moments"), "."),
            )
        if self.batch_shape:
            raise ArgumentError("this is a batch of series", "take one, as in fit[0].")
        return self.method.told(self.estimation)

    @property
    def aic(self) -> Any:
        """Akaike's criterion 2k - 2 loglik; NaN unless fitted by plain maximum likelihood."""
        return self._criterion(2.0)

    @property
    def aicc(self) -> Any:
        """AIC corrected for small samples (Hurvich and Tsai 1989); inf for n <= k + 1."""
        k, n = self.estimation.counted, np.asarray(self.n, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            correction = np.where(n > k + 1, 2.0 * k * (k + 1) / (n - k - 1), np.inf)
        return (self.aic + correction)[()]

    @property
    def bic(self) -> Any:
        """Schwarz's criterion k log n - 2 loglik; NaN unless fitted by plain maximum likelihood."""
        return self._criterion(np.log(self.n))

    def _criterion(self, price: Any) -> Any:
        value = price * self.estimation.counted - 2.0 * self.loglik
        return value if self.method.maximises_likelihood else np.full(self.batch_shape, np.nan)[()]

    @property
    def covariance(self) -> Array:
        """Covariance of the parameters, shape batch + (k, k): observed information, or parametric bootstrap.

        With covariates that of the coefficients.
        """
        return self.estimation.told_covariance()

    @property
    def criteria_note(self) -> str | None:
        """What to know beside ``aic``, ``aicc`` and ``bic``: why they are NaN, or None where they are not."""
        return None if self.method.maximises_likelihood else Note("no_criteria")

    @cached_property
    def evidence(self) -> Evidence:
        """What the data say of the fit: tests and second fits, each made when first asked for, once."""
        self._refuse_covariates("evidence")
        return self._evidence

    @cached_property
    def _evidence(self) -> Evidence:
        return remarks.evidence.Evidence(self.estimation)

    @cached_property
    def reference_fit(self) -> Self:
        """The fit to compare this one with, by maximum likelihood of the same data.

        Of a GEV the Gumbel, whose narrower intervals hold if the data are Gumbel, of all others the GEV, which assumes
        less.

        A GEV without an interior maximum is what leads unasked; in a batch it has no estimate there (status
        ``no_interior_maximum``), but intervals.
        """
        self._refuse_covariates("reference_fit")
        return replace(self, estimation=self.evidence.reference)

    def beside(self) -> Self:
        """The same as ``reference_fit``."""
        return self.reference_fit

    def goodness_of_fit(self) -> pd.DataFrame:
        """Tests of the family whose p-values know that its parameters were estimated: ``test, statistic, p_value``.

        Examples
        --------
        >>> import evstats as ev
        >>> ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8], "gumbel").goodness_of_fit().round(2)
                                   test  statistic  p_value
        0              anderson-darling       0.28     0.69
        1              cramer-von-mises       0.04     0.68
        2            kolmogorov-smirnov       0.15     0.80
        3  probability-plot-correlation       0.02     0.80
        """
        return answers.tests_table(self._evidence)

    def residuals(self) -> Any:
        """The residual of every value: standard Gumbel if the fit is true.

        It is the reduced variate under the fitted distribution.

        Returns
        -------
        Series
            Of one series, by the labels of its blocks or peaks, or their places from 0; NaN of a missing value. Of
            minima those of the mirror image, so that the smallest value has the largest residual.
        DataFrame
            Of the r largest values of each block, those of the steps from each to the next, columns from 1.
        ndarray
            Of a batch, batch + (n,), or batch + (n, r).

        References
        ----------
        - Coles (2001), section 6.2.3.

        Examples
        --------
        >>> import evstats as ev
        >>> import pandas as pd
        >>> rising = pd.Series([31.0, 45.2, 28.9, 39.4, 52.1, 43.3, 48.0, 61.2], index=range(2011, 2019))
        >>> ev.fit(rising, "gumbel", loc="year").residuals().round(2).head(2).to_dict()
        {2011: 0.65, 2012: 2.58}
        """
        found = self.estimation.residuals()
        if self.batch_shape:
            return found
        import pandas as pd

        if found.ndim > 1:
            return pd.DataFrame(found, index=self._block_labels, columns=pd.RangeIndex(1, found.shape[1] + 1, name="r"))
        return pd.Series(found, index=self._block_labels, name="residual")

    @property
    def _block_labels(self) -> Any:
        """What the values of one series are called."""
        import pandas as pd

        n = self.values.shape[-1]
        own: Any = self.estimation.labels
        if own is None and self.extremes is not None:
            own = self.extremes.blocks
        if own is None and self.peaks is not None:
            own = self.peaks.dates
        return pd.RangeIndex(n) if own is None or len(own) != n else pd.Index(np.asarray(own).tolist())

    def stationarity(self) -> pd.DataFrame:
        """Trend, change and dependence in the order of the observations, before anything is fitted.

        Returns
        -------
        DataFrame
            ``test, statistic, p_value``, as of ``ev.stationarity``.
        """
        if self.peaks is not None and self.peaks.dates is not None:
            return remarks.independence.stationarity(self.peaks.to_frame().set_index("date")["value"])
        return remarks.independence.stationarity(self.values if self.extremes is None else self.extremes.numbers())

    @property
    def rate(self) -> pd.DataFrame:
        """Peaks a year with their exact Poisson interval (95 %): columns ``estimate, lower, upper``, one row a series.

        Over all years; where it follows covariates ``rate_at`` is that of a state.

        Raises
        ------
        ArgumentError
            A fit of block maxima.

        References
        ----------
        - Garwood, F. (1936). Biometrika 28, 437-442.
        """
        self._refuse_blocks("rate")
        count, years = np.asarray(self.n, dtype=np.float64)[..., None], np.asarray(self._years)[..., None]
        lower, upper = quantities.poisson_limits(count, 0.95)
        columns = {"estimate": count / years, "lower": lower / years, "upper": upper / years}
        attrs = {"name": self.name, "unit": f"peaks a {self.time_unit.removesuffix('s')}", "confidence": 0.95}
        return answers.long_table(columns, ["rate"], "parameter", self._labels(1), attrs)

    @property
    def _years(self) -> Any:
        """Years of record: the blocks by their number a year, or the years observed."""
        return self._exceedances.years if self.of_peaks else self.n / self._lambda

    @property
    def _lambda(self) -> float:
        return 1.0 if self.blocks_per_year is None else self.blocks_per_year

    def _labels(self, questions: int) -> NDArray[Any]:
        labels = np.array([status.label for status in Status])
        status = np.asarray(self.estimation.estimate.status)
        return np.repeat(np.asarray(labels[status])[..., None], questions, axis=-1)
