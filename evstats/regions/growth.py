"""A growth curve of a region: levels at its sites and where there is no gauge, with bounds by simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from evstats import noise
from evstats.arrays import Array, Mask
from evstats.distributions import Family, Kappa
from evstats.errors import ArgumentError, DataError, check_confidence, whole_number
from evstats.habits import methods_knowing_their_names
from evstats.notes import Note
from evstats.quantities import ReturnLevel
from evstats.regions.simulation import FEWEST_REPLICATES, RegionalMoments, Simulated, simulated
from evstats.regions.sites import Sites, family_of, fitted_parameters

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray as NDArray  # of fields that are inherited

#: Regions simulated for bounds.
_REPLICATES = 1_000


@methods_knowing_their_names
@dataclass(frozen=True, eq=False, repr=False)
class Region(Sites):
    """Sites that may have one growth curve, with the tests of whether they have.

    :meth:`Sites.discordancy`, :meth:`Sites.heterogeneity` and :meth:`Sites.goodness_of_fit` say whether they have one
    and of which family, :meth:`fit` gives it.

    Examples
    --------
    >>> import evstats as ev
    >>> region = ev.region({f"site {i}": ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=i) for i in range(6)})
    >>> region, bool(region.discordancy()["discordant"].any())
    (Region(6 sites, 240 values), False)
    """

    def fit(self, family: str | type[Family]) -> RegionalFit:
        """A growth curve of a family, by the regional L-moments: one for all sites but for the index flood.

        Parameters
        ----------
        family
            ``"glo"``, ``"gev"``, ``"gno"``, ``"pe3"``, ``"gpa"``, ``"gum"`` or ``"kap"``, or their names here.

        Returns
        -------
        RegionalFit
            Growth curve and return levels of its sites.

        Raises
        ------
        DataError
            A family that cannot have the regional L-moments.

        Examples
        --------
        >>> import evstats as ev
        >>> region = ev.region({f"site {i}": ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=i) for i in range(6)})
        >>> region.fit("glo")
        RegionalFit(GLO(loc=0.937059, scale=0.12664, shape=0.275889), 6 sites)
        """
        return RegionalFit.of(self, family_of(family))


@methods_knowing_their_names
@dataclass(frozen=True, eq=False)
class RegionalFit:
    """One growth curve for all sites of a region: levels are the index flood of a site times the curve.

    Attributes
    ----------
    region
        The sites.
    distribution
        Of a site divided by its mean; the growth curve in multiples of the region's index.

    Examples
    --------
    >>> import evstats as ev
    >>> region = ev.region({f"site {i}": ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=i) for i in range(6)})
    >>> region.fit("gev").return_level([100], index=42.0, replicates=100).round(0)
                   estimate  lower  upper
    return_period
    100.0              86.0   78.0  102.0
    """

    region: Region
    distribution: Family

    @classmethod
    def of(cls, region: Region, family: type[Family]) -> RegionalFit:
        """The curve with the regional L-moments.

        Parameters
        ----------
        region
            The sites.
        family
            The family, a class.

        Returns
        -------
        RegionalFit
            The curve.

        Raises
        ------
        DataError
            A family that cannot have the regional L-moments.
        """
        found = fitted_parameters(family, region.average)
        if np.isnan(found).any():
            t, t3, t4 = region.average
            raise DataError(
                f"no {family.label} distribution has the regional L-moments t = {t:.3f}, t_3 = {t3:.3f}, "
                f"t_4 = {t4:.3f}",
                "take another family.",
            )
        return cls(region, family.from_parameters(found))

    def __repr__(self) -> str:
        return f"RegionalFit({self.distribution!r}, {len(self.region.names)} sites)"

    @property
    def family(self) -> type[Family]:
        """Of the growth curve."""
        return type(self.distribution)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the fit."""
        moments = self.region.average
        if self.family is Kappa and self.distribution.parameters[3] == -1.0:
            return (Note("kappa_is_glo", t3=float(moments.t_3), t4=float(moments.t_4)),)
        return ()

    @cached_property
    def _unit(self) -> float:
        """The index of the curve whose mean is 1."""
        return float(self.distribution.ppf(0.5)) if self.region.index == "median" else 1.0

    def growth_curve(
        self,
        periods: ArrayLike,
        *,
        confidence: float = 0.95,
        correlation: float = 0.0,
        replicates: int = _REPLICATES,
        rng: noise.RandomState = 1,
    ) -> pd.DataFrame:
        """The growth curve, in multiples of the index, with bounds.

        Parameters
        ----------
        periods
            Return periods T > 1, in blocks.
        confidence
            Of the bounds.
        correlation
            Between any two sites in the same year, from 0 up to 1: years that sites share make the region
            smaller than its number of values, and the bounds wider.
        replicates, rng
            Regions simulated with the fitted curve at every site, and their random state.

        Returns
        -------
        DataFrame
            Index ``return_period``: ``estimate, lower, upper``. The bounds come from the errors of the curves of
            simulated regions (Hosking and Wallis 1997, section 6.4), studentised; they hold for a homogeneous region
            whose family is true, and take bias into account, so that of short heavy-tailed records they may lie above
            the estimate. Measured at a nominal 95 % over 400 regions each (``tests/studies/regions.csv``): .92 to .97,
            at a nominal 90 % .85 to .93, of sites with a correlation of .4 that was told too; untold .83 and .77.
        """
        asked, again = ReturnLevel(periods), self._again(correlation, replicates, rng)
        estimate = asked(self.distribution) / self._unit
        bounds = again.bounds(estimate, 1.0, _curves, asked, confidence)
        return _table(asked, estimate, bounds, confidence, (*self.notes, _told(replicates, correlation)))

    def return_level(
        self,
        periods: ArrayLike,
        *,
        site: str | None = None,
        index: float | None = None,
        confidence: float = 0.95,
        correlation: float = 0.0,
        replicates: int = _REPLICATES,
        rng: noise.RandomState = 1,
    ) -> pd.DataFrame:
        """Return levels at a site of the region, or at an ungauged one with a known index flood.

        Parameters
        ----------
        periods
            Return periods T > 1, in blocks.
        site
            The name of a site; its index flood is that of its record.
        index
            The index flood of a place without a record, in the unit of the data: a mean, or a median where the
            region's index is one. The bounds take it as known.
        confidence, correlation, replicates, rng
            As of :meth:`growth_curve`.

        Returns
        -------
        DataFrame
            Index ``return_period``: ``estimate, lower, upper``.
        """
        if (site is None) == (index is None):
            raise ArgumentError(
                "a level is that of a site or of an index flood", "give one of the two.", argument="site"
            )
        asked, again = ReturnLevel(periods), self._again(correlation, replicates, rng)
        curve = asked(self.distribution) / self._unit
        notes = [*self.notes, _told(replicates, correlation)]
        function: Estimates = _curves
        if index is None:
            place = self._place(site)
            value = float(self.region.index_values[place])
            unit, function = value / self._unit, partial(_levels, place=place)
        else:
            unit = value = _positive(index)
            notes.append(Note("bounds_without_index", value=value))
        estimate = value * curve
        bounds = again.bounds(estimate, unit, function, asked, confidence)
        return _table(asked, estimate, bounds, confidence, notes)

    def _place(self, site: str | None) -> int:
        if str(site) not in self.region.names:
            raise ArgumentError(
                f"there is no site {site!r} in the region",
                f"its sites are {', '.join(map(repr, self.region.names[:8]))}"
                f"{', ...' if len(self.region.names) > 8 else ''}.",
                argument="site",
            )
        return self.region.names.index(str(site))

    def _again(self, correlation: float, replicates: int, rng: noise.RandomState) -> _Again:
        whole_number(replicates, "replicates", least=FEWEST_REPLICATES)
        if not 0.0 <= correlation < 1.0:
            raise ArgumentError(
                f"correlation is {correlation!r}", "expected a number from 0 up to 1.", argument="correlation"
            )
        return _Again(self, correlation, replicates, int(noise.generator(rng).integers(2**62)))


@dataclass(frozen=True, eq=False)
class _Again:
    """Simulations of a region, all from one seed, with its own curve or one beside it at all sites."""

    fit: RegionalFit
    correlation: float
    replicates: int
    seed: int

    def bounds(
        self, estimate: Array, unit: float, function: Estimates, asked: ReturnLevel, confidence: float
    ) -> tuple[Array, Array]:
        """Limits of what was estimated in this unit, (periods,) each, by a studentised parametric bootstrap.

        Hosking and Wallis (1997, section 6.4) divide by the quantiles of estimated over true curve in regions that have
        the fitted curve. Here the L-moments of those regions are first corrected for their bias in small samples, and
        the errors are measured against a spread that grows with the L-skewness which each region shows.
        """
        positive = estimate > 0.0
        errors, skew = self._errors(self._truth, function, asked, positive)
        aside = float(skew.std())
        spreads = [
            np.nanstd(
                self._errors(self._truth._replace(t_3=self._truth.t_3 + off), function, asked, positive)[0], axis=0
            )
            for off in (-aside, aside)
        ]
        with np.errstate(all="ignore"):
            slope = np.nan_to_num(np.log(spreads[1] / spreads[0]) / (2.0 * aside))
            off = np.clip(skew - self.fit.region.average.t_3, -_FARTHEST * aside, _FARTHEST * aside)
            pivots = errors * np.exp(-slope * off[:, None])
        tail = 0.5 * (1.0 - check_confidence(confidence))
        low, high = np.nanquantile(pivots, [tail, 1.0 - tail], axis=0)
        lower, upper = (np.where(positive, estimate * np.exp(-end), estimate - unit * end) for end in (high, low))
        return lower, upper

    @cached_property
    def _truth(self) -> RegionalMoments:
        """The regional L-moments less their bias, as it is in regions that have them."""
        region = self.fit.region
        found = self._drawn(region.average).averages(region.n)
        pairs = zip(region.average, found, (1e-3, -0.95, -0.2), strict=True)
        return RegionalMoments(*(np.clip(2.0 * own - part.mean(), low, 0.95) for own, part, low in pairs))

    def _curve(self, moments: RegionalMoments) -> Family:
        return self.fit.family.from_parameters(fitted_parameters(self.fit.family, moments))

    def _drawn(self, moments: RegionalMoments) -> Simulated:
        return simulated(self._curve(moments), self.fit.region.n, self.replicates, self.seed, self.correlation)

    def _errors(
        self, moments: RegionalMoments, function: Estimates, asked: ReturnLevel, positive: Mask
    ) -> tuple[Array, Array]:
        """Errors of the estimates of simulated regions, of positive ones in the logarithm, (replicates, periods), and
        the L-skewness of each.
        """
        region, again = self.fit.region, self._drawn(moments)
        averages = again.averages(region.n)
        found, truth = function(self._curve(averages), self._curve(moments), again, asked, region.index == "median")
        with np.errstate(all="ignore"):
            return np.where(positive, np.log(found / truth), found - truth), averages.t_3


#: How many standard deviations off the L-skewness changes what the spread is taken for.
_FARTHEST = 2.5
#: Of curves fitted in simulated regions, the true one, and the regions: estimates (replicates, periods) and the truth.
Estimates = Callable[[Family, Family, Simulated, ReturnLevel, bool], tuple[Array, Array]]


def _curves(found: Family, truth: Family, again: Simulated, asked: ReturnLevel, median: bool) -> tuple[Array, Array]:
    """Growth curves."""
    units = (found.ppf(0.5)[:, None], truth.ppf(0.5)) if median else (1.0, 1.0)
    return asked(found) / units[0], asked(truth) / units[1]


def _levels(
    found: Family, truth: Family, again: Simulated, asked: ReturnLevel, median: bool, *, place: int
) -> tuple[Array, Array]:
    """Levels at a site: its index times the growth curve; the truth has mean 1."""
    index = (again.medians if median else again.means)[:, place, None]
    return index * _curves(found, truth, again, asked, median)[0], asked(truth)


def _table(
    asked: ReturnLevel, estimate: Array, bounds: tuple[Array, Array], confidence: float, notes: Sequence[str]
) -> pd.DataFrame:
    import pandas as pd

    columns = {"estimate": estimate, "lower": bounds[0], "upper": bounds[1]}
    table = pd.DataFrame(columns, index=pd.Index(asked.questions, name="return_period"))
    table.attrs |= {"notes": tuple(notes), "confidence": confidence, "interval": "simulated regions"}
    return table


def _told(replicates: int, correlation: float) -> Note:
    return Note("bounds_simulated", replicates=replicates, correlation=correlation)


def _positive(index: float) -> float:
    if isinstance(index, bool) or not isinstance(index, (int, float, np.number)) or not 0.0 < index < np.inf:
        raise ArgumentError(f"index is {index!r}", "expected a positive index flood.")
    return float(index)
