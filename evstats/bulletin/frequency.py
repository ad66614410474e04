"""The flood frequency analysis of Bulletin 17C in one call: from annual peaks and what else is known to flows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from evstats.errors import ArgumentError
from evstats.estimators import ExpectedMoments
from evstats.extremes.records import Extremes
from evstats.fitting import Fit, fit
from evstats.habits import knowing_their_names, methods_knowing_their_names
from evstats.notes import Note
from evstats.quantities import as_questions

if TYPE_CHECKING:
    import pandas as pd

#: Return periods that are told unasked, and the confidence of the Bulletin's limits.
PERIODS = (2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 200.0, 500.0)
CONFIDENCE = 0.9


@methods_knowing_their_names
@dataclass(frozen=True, eq=False)
class Bulletin17C:
    """A log-Pearson type III distribution by the expected moments algorithm, in the Bulletin's terms.

    ``make_report`` and ``plots.return_level`` take it as it is, at the Bulletin's confidence of 90 %.

    Attributes
    ----------
    fit
        The ``Fit`` that it is of, for all other questions, intervals and plots.

    Examples
    --------
    >>> import evstats as ev
    >>> found = ev.bulletin17c([310.0, 452.0, 289.0, 394.0, 521.0, 333.0, 360.0, 417.0, 302.0, 488.0])
    >>> round(found.mean, 3), round(found.skew, 2), found.low_outliers
    (2.579, 0.19, 0)
    """

    fit: Fit

    @property
    def mean(self) -> float:
        """Mean of the decimal logarithms."""
        return float(self.fit.distribution.loc)

    @property
    def std(self) -> float:
        """Standard deviation of the decimal logarithms."""
        return float(self.fit.distribution.scale)

    @property
    def skew(self) -> float:
        """Skew of the decimal logarithms: the weighted one where a regional skew is given."""
        return float(self.fit.distribution.shape)

    @property
    def station_skew(self) -> float:
        """The skew of the station alone."""
        return self.fit.told.station_skew

    @property
    def station_mse(self) -> float:
        """The mean square error of the skew of the station."""
        return self.fit.told.station_mse

    @property
    def regional_skew(self) -> float | None:
        """As it was given, or None."""
        return self.fit.told.method.regional_skew

    @property
    def regional_mse(self) -> float | None:
        """As it was given, or None."""
        return self.fit.told.method.regional_mse

    @property
    def low_outliers(self) -> int:
        """The number of potentially influential low peaks."""
        return self.fit.low_outliers.count

    @property
    def threshold(self) -> float:
        """The smallest peak that is no low outlier, 0.0 where there are none: peaks below are known only to be so."""
        return self.fit.low_outliers.threshold

    @property
    def years(self) -> int:
        """Years of which anything is known."""
        return self.fit.told.years

    @property
    def measured(self) -> int:
        """Years whose peak is a number and no low outlier."""
        return self.fit.told.measured

    @property
    def name(self) -> str:
        """Of the peaks."""
        return self.fit.name

    @property
    def unit(self) -> str | None:
        """Of the peaks."""
        return self.fit.unit

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said: of the fit, and of years that are not the Bulletin's."""
        return self.fit.notes

    def return_level(self, periods: ArrayLike = PERIODS, *, confidence: float = CONFIDENCE) -> pd.DataFrame:
        """The flows that are exceeded once in T years on average.

        Parameters
        ----------
        periods
            T in years, above 1.
        confidence
            Of the limits, those of the Bulletin: quantile and standard error together.

        Returns
        -------
        DataFrame
            Index ``return_period``; ``aep``, ``estimate``, ``lower``, ``upper``, in the unit of the peaks.

        Examples
        --------
        >>> import evstats as ev
        >>> peaks = [2080.0, 1670, 1480, 2940, 1560, 2380, 2720, 2860, 2620, 1710, 1370, 2180, 1160, 2780]
        >>> ev.bulletin17c(peaks).return_level([100]).round(2)
                        aep  estimate    lower    upper
        return_period
        100.0          0.01   3831.78  3066.46  6369.12
        """
        if (as_questions(periods, "periods") <= 1.0).any():
            raise ArgumentError("a return period of annual peaks is above 1 year", "ask for longer ones.")
        return self.fit.return_level(periods, interval="bulletin", confidence=confidence)

    def __repr__(self) -> str:
        return f"Bulletin17C({self.mean:.6f}, {self.std:.6f}, {self.skew:.6f} of {self.years} years)"


def _in_calendar_years(peaks: Extremes) -> bool:
    """Whether they were taken from a record of more than one value a year, by years from January on."""
    taken = peaks.observations_per_block is not None and peaks.observations_per_block > 1.0
    return taken and peaks.blocks_per_year == 1.0 and peaks.starts is not None and bool((peaks.starts.month == 1).all())


@knowing_their_names
def bulletin17c(
    peaks: Extremes | ArrayLike,
    *,
    regional_skew: float | None = None,
    regional_mse: float | None = None,
    low_outliers: str | float | None = "mgbt",
) -> Bulletin17C:
    """Flood frequency by Bulletin 17C: log-Pearson type III by the expected moments algorithm.

    Short for ``fit(peaks, "lp3", method=ExpectedMoments(...))`` and what the Bulletin tells of it.

    Parameters
    ----------
    peaks
        Annual maxima of flow, as of ``block_maxima``, ``read_peaks``, ``observed`` or ``with_history``, or an
        array (n,). Bounds, years of history and thresholds of perception count for what they say; a flow of zero is a
        low outlier.
    regional_skew, regional_mse
        Skew of the region and its mean square error, both or neither: the skew is then that
        of both, weighted by their errors.
    low_outliers
        ``"mgbt"``, the multiple Grubbs-Beck test; a flow below which peaks count as low; or None.

    Returns
    -------
    Bulletin17C
        With the parameters as the guidelines state them, and the ``Fit`` for all else.

    Raises
    ------
    DataError
        A negative flow; fewer than 10 years; no three peaks above the low outliers.
    FitError
        Moments that do not settle.
    ArgumentError
        A regional skew without its error, or the reverse; minima; several series.

    Notes
    -----
    See ``ExpectedMoments`` for the weighting of skews and ``intervals.Bulletin`` for the limits and what they hold.

    References
    ----------
    - England, J. F. et al. (2019). Guidelines for determining flood flow frequency, Bulletin 17C. U.S. Geological
      Survey Techniques and Methods 4-B5, appendices 6 and 7.

    Examples
    --------
    >>> import evstats as ev
    >>> peaks = [2080.0, 1670, 1480, 2940, 1560, 2380, 2720, 2860, 2620, 1710, 1370, 2180, 1160, 2780]
    >>> found = ev.bulletin17c(peaks, regional_skew=0.44, regional_mse=0.078)
    >>> round(found.skew, 3)
    0.305
    """
    if isinstance(peaks, Extremes) and (peaks.of_minima or peaks.values.ndim > 1):
        raise ArgumentError("Bulletin 17C is of the annual maxima of one series", "give those.")
    method = ExpectedMoments(regional_skew, regional_mse, low_outliers)
    found = fit(peaks, "lp3", method=method)
    if found.batch_shape:
        raise ArgumentError("Bulletin 17C is of the annual maxima of one series", "give those.")
    if found.extremes is not None and _in_calendar_years(found.extremes):
        notes = (*found.context.notes, Note("bulletin_calendar_years"))
        found = replace(found, context=replace(found.context, notes=notes))
    return Bulletin17C(found)


def asked_of(given: Fit | Bulletin17C, confidence: float | None) -> tuple[Fit, float]:
    """The fit that is asked, and how sure its limits are to be: by itself 95 %, of the Bulletin 90 %."""
    if isinstance(given, Bulletin17C):
        return given.fit, CONFIDENCE if confidence is None else confidence
    return given, _USUAL if confidence is None else confidence


_USUAL = 0.95


__all__ = ["Bulletin17C", "asked_of", "bulletin17c"]
