"""A region: the L-moments of its sites, and what they say of it, discordancy, heterogeneity and goodness of fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evstats import noise
from evstats.arrays import Array
from evstats.distributions import FAMILIES as _KNOWN
from evstats.distributions import Family, Kappa
from evstats.errors import ArgumentError, whole_number
from evstats.notes import Note
from evstats.regions.simulation import FEWEST_REPLICATES, RegionalMoments, simulated, weighted

if TYPE_CHECKING:
    import pandas as pd


#: The families of growth curves, by Hosking's names; those of three parameters are tested.
FAMILIES = {"glo": "glo", "gev": "gev", "gno": "gno", "pe3": "pe3", "gpa": "gpa", "gum": "gumbel", "kap": "kappa"}
_TESTED = ("glo", "gev", "gno", "pe3", "gpa")
#: Critical values of the discordancy of 5 to 14 sites, and of more (Hosking and Wallis 1997, table 3.1).
_CRITICAL = (1.333, 1.648, 1.917, 2.140, 2.329, 2.491, 2.632, 2.757, 2.869, 2.971)
_CRITICAL_OF_MORE = 3.0
#: A ratio that differs from site to site by so little, squared and beside the others, is the same at all.
_SAME = 1e-12
#: What |Z| is accepted, and of what H a region is possibly, and definitely, heterogeneous.
ACCEPTED_Z = 1.64
_POSSIBLY, _DEFINITELY = 1.0, 2.0


class _KappaFit(NamedTuple):
    """The kappa distribution of regional L-moments, and whether there was one."""

    distribution: Kappa
    found: bool


@dataclass(frozen=True, eq=False)
class Sites:
    """Sites with the L-moments of their block maxima, and whether they are alike.

    Attributes
    ----------
    names
        Of the sites, (sites,).
    n, mean, t, t_3, t_4
        Number of values, mean, L-CV, L-skewness and L-kurtosis of every site, (sites,).
    median
        Of every site; NaN where it is not known.
    index
        What growth curves are multiples of, ``"mean"`` or ``"median"``.
    values
        Of every site, (n,) each; empty where only L-moments were given.

    Examples
    --------
    >>> import evstats as ev
    >>> region = ev.region({f"site {i}": ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=i) for i in range(6)})
    >>> isinstance(region, ev.regions.Sites), round(float(region.average.t), 2)
    (True, 0.14)
    """

    names: tuple[str, ...]
    n: NDArray[np.intp]
    mean: Array
    t: Array
    t_3: Array
    t_4: Array
    median: Array
    index: str = "mean"
    values: tuple[Array, ...] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.names)} sites, {int(self.n.sum()):,} values)"

    @cached_property
    def average(self) -> RegionalMoments:
        """Regional L-CV, L-skewness and L-kurtosis: those of the sites, weighted by n (equation 6.1)."""
        return RegionalMoments(*(weighted(part, self.n)[()] for part in (self.t, self.t_3, self.t_4)))

    @property
    def index_values(self) -> Array:
        """The index flood of every site, (sites,)."""
        return self.median if self.index == "median" else self.mean

    def sites(self) -> pd.DataFrame:
        """The sites with their L-moments, index ``site``."""
        import pandas as pd

        columns = {"n": self.n, "mean": self.mean, "t": self.t, "t_3": self.t_3, "t_4": self.t_4}
        return pd.DataFrame(columns, index=pd.Index(self.names, name="site"))

    def discordancy(self) -> pd.DataFrame:
        """How far the L-moment ratios of every site lie from those of all, in the units of their covariance.

        Returns
        -------
        DataFrame
            Index ``site``: ``discordancy`` D (Hosking and Wallis 1997, equation 3.3), ``critical``, its critical value,
            and ``discordant``. Of four sites or fewer D tells nothing: ``critical`` is NaN.
        """
        import pandas as pd

        number = len(self.names)
        u = np.stack([self.t, self.t_3, self.t_4], axis=-1)
        off = u - u.mean(axis=0)
        if number > 4:
            inverse = np.linalg.pinv(off.T @ off, rcond=_SAME, hermitian=True)
            d = number / 3.0 * np.sum(off * (off @ inverse), axis=-1)
        else:
            d = np.full(number, np.nan)
        critical = np.nan if number < 5 else _CRITICAL[number - 5] if number < 15 else _CRITICAL_OF_MORE
        table = pd.DataFrame(
            {"discordancy": d, "critical": critical, "discordant": d >= critical},
            index=pd.Index(self.names, name="site"),
        )
        table.attrs["notes"] = tuple(_of_discordancy(table))
        return table

    def heterogeneity(self, replicates: int = 500, rng: noise.RandomState = 1) -> pd.DataFrame:
        """How much more the sites differ than those of a homogeneous region would by chance.

        Parameters
        ----------
        replicates
            Regions that are simulated from the kappa distribution of the regional L-moments, with the numbers
            of values that there are, independent from site to site.
        rng
            Random state.

        Returns
        -------
        DataFrame
            Index ``test``: H1 of the L-CV, H2 of L-CV and L-skewness, H3 of L-skewness and L-kurtosis (``statistic``),
            and a ``verdict`` (Hosking and Wallis 1997, section 4.3.3: below 1 acceptably homogeneous, from 1 on
            possibly, from 2 on definitely heterogeneous). H2 and H3 have little power: H1 decides.
        """
        import pandas as pd

        whole_number(replicates, "replicates", least=FEWEST_REPLICATES)
        of_sites = np.array([self.t, self.t_3, self.t_4])
        observed = _dispersions(of_sites[:, None], self.n)[:, 0]
        drawn = _dispersions(self._of_kappa(replicates, rng), self.n)
        statistic = (observed - drawn.mean(axis=-1)) / drawn.std(axis=-1, ddof=1)
        verdict = [_verdict(value) for value in statistic]
        index = pd.Index(["H1", "H2", "H3"], name="test")
        table = pd.DataFrame({"statistic": statistic, "verdict": verdict}, index=index)
        notes = self._kappa_notes()
        if statistic[0] >= _DEFINITELY:
            notes.append(Note("region_heterogeneous", value=statistic[0]))
        table.attrs["notes"] = tuple(notes)
        return table

    def goodness_of_fit(self, replicates: int = 500, rng: noise.RandomState = 1) -> pd.DataFrame:
        """How far the regional L-kurtosis is from that of each family of three parameters.

        Parameters
        ----------
        replicates, rng
            As of :meth:`heterogeneity`; bias and standard deviation of the regional L-kurtosis are those
            of the simulated regions.

        Returns
        -------
        DataFrame
            Index ``family`` (``glo gev gno pe3 gpa``): ``statistic`` Z, and whether the family is ``accepted``, |Z| <=
            1.64 (Hosking and Wallis 1997, equations 5.3 to 5.6).
        """
        import pandas as pd

        whole_number(replicates, "replicates", least=FEWEST_REPLICATES)
        t, t3, t4 = self.average
        drawn = weighted(self._of_kappa(replicates, rng)[2], self.n)
        bias = np.mean(drawn - t4)
        spread = np.sqrt((np.sum((drawn - t4) ** 2) - replicates * bias**2) / (replicates - 1))
        statistic = []
        for name in _TESTED:
            fitted = _KNOWN[name].from_parameters(_KNOWN[name].from_lmoments(*np.array([1.0, t, t3])))
            statistic.append(float((fitted.lmoments()[3] - t4 + bias) / spread))
        index = pd.Index(_TESTED, name="family")
        table = pd.DataFrame({"statistic": statistic, "accepted": np.abs(statistic) <= ACCEPTED_Z}, index=index)
        table.attrs["notes"] = tuple(self._kappa_notes())
        return table

    @cached_property
    def _kappa(self) -> _KappaFit:
        found = fitted_parameters(Kappa, self.average)
        return _KappaFit(Kappa.from_parameters(found), bool(found[3] > -1.0))

    def _kappa_notes(self) -> list[Note]:
        if self._kappa.found:
            return []
        return [Note("kappa_is_glo", t3=float(self.average.t_3), t4=float(self.average.t_4))]

    def _of_kappa(self, replicates: int, rng: noise.RandomState) -> Array:
        """L-CV, L-skewness and L-kurtosis of simulated homogeneous regions, (3, replicates, sites)."""
        return simulated(self._kappa.distribution, self.n, replicates, rng).ratios


def family_of(family: str | type[Family]) -> type[Family]:
    """A family of growth curves, by Hosking's name for it or its own."""
    name = family.strip().lower() if isinstance(family, str) else getattr(family, "name", None)
    name = FAMILIES.get(str(name), name)
    if name not in FAMILIES.values():
        raise ArgumentError(
            f"family {getattr(family, 'name', family)!r} is not there for regions",
            f"expected one of {', '.join(map(repr, FAMILIES))}.",
            argument="family",
        )
    return _KNOWN[str(name)]


def fitted_parameters(family: type[Family], moments: RegionalMoments) -> Array:
    """Parameters of growth curves of mean 1 with these L-moment ratios, (..., k).

    Of the kappa family the generalised logistic distribution where no member has them, which is that of h = -1.
    """
    t, t3, t4 = (np.asarray(part, dtype=np.float64) for part in moments)
    ratios = (t3, t4)[: family.lmoment_ratios]
    found = family.from_lmoments(np.ones_like(t), t, *ratios)
    if family is not Kappa:
        return found
    glo = _KNOWN["glo"].from_lmoments(np.ones_like(t), t, t3)
    instead = np.concatenate([glo, np.full((*t.shape, 1), -1.0)], axis=-1)
    return np.where(np.isnan(found).any(axis=-1, keepdims=True), instead, found)


def _of_discordancy(table: pd.DataFrame) -> list[Note]:
    if len(table) < 5:
        return [Note("few_sites", count=len(table))]
    found = [str(name) for name in table.index[table["discordant"]]]
    if not found:
        return []
    return [Note("site_discordant", ", ".join(found), count=len(found), least=table["critical"].iloc[0])]


def _dispersions(ratios: Array, n: NDArray[np.intp]) -> Array:
    """V1, V2 and V3 of regions (3, replicates, sites): weighted spreads about the regional average (equations 4.4 to
    4.7), (3, replicates).
    """
    t, t3, t4 = (part - weighted(part, n)[..., None] for part in ratios)
    return np.stack(
        [
            np.sqrt(weighted(t * t, n)),
            weighted(np.hypot(t, t3), n),
            weighted(np.hypot(t3, t4), n),
        ]
    )


def _verdict(h: float) -> str:
    if h < _POSSIBLY:
        return "acceptably homogeneous"
    return "possibly heterogeneous" if h < _DEFINITELY else "definitely heterogeneous"
