"""Prior densities for Bayesian fits, and the sample sizes from which on they give a proper posterior."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from evstats.arrays import Array, Places
from evstats.distributions import Family
from evstats.errors import ArgumentError, DataError, unknown_name
from evstats.models.penalties import JeffreysFactor, MartinsStedinger, MaximalDataInformation, NormalDensity, Penalty
from evstats.registry import Registry
from evstats.text.arguments import Setting, Text

#: Widths of the weak prior: of locations and log scales in standard deviations of the data, and of a shape.
LOCATION, HALF, LOG_SCALE, SHAPE = 5.0, math.log(0.5), 1.0, 0.3
#: Takes parameters in the family's order and the data's unit, (..., k), to the log of a prior density, shape (...).
PriorFunction = Callable[[Array], ArrayLike]


def log_normal(x: Array, mean: float, width: float) -> Array:
    """Log-density of independent normal variables along the last axis."""
    return np.asarray(np.sum(-0.5 * ((x - mean) / width) ** 2 - math.log(width * math.sqrt(2.0 * math.pi)), axis=-1))


def of_peaks(family: type[Family]) -> bool:
    """Whether a family is one of peaks over a threshold, in time or by size: its location is given."""
    return bool(family.rates) or not family.locations


class Prior:
    """A prior density 1/scale times a function of the shape: flat in location and in the logarithm of the scale.

    Examples
    --------
    >>> from evstats.estimators import PRIORS, Prior
    >>> all(issubclass(kind, Prior) for kind in PRIORS.values()), list(PRIORS)[:3]
    (True, ['flat', 'mdi', 'beta'])
    """

    name: ClassVar[str]
    #: Fewest values from which the posterior of a family with a shape is proper; of peaks always three.
    least_with_shape: ClassVar[int] = 3
    #: Shapes lie above.
    lowest_shape: ClassVar[float] = -1.0
    #: Whether a family without a shape has no use for it.
    of_shape: ClassVar[bool] = False

    @property
    def penalty(self) -> Penalty | None:
        """The shape's factor as a penalty on the likelihood; None where it is constant, or none of the shape alone."""
        return None

    @property
    def peak_penalty(self) -> Penalty | None:
        """The shape's factor for peaks over a threshold."""
        return self.penalty

    def weighs_peaks(self, has_shape: bool) -> bool:
        """Whether ``log_of_peaks`` is not constant.

        Parameters
        ----------
        has_shape
            Whether the family has a shape.

        Returns
        -------
        bool
            Whether the prior moves the posterior.
        """
        return has_shape and self.peak_penalty is not None

    def log_of_peaks(self, scale: Array, shape: Array | None) -> Array:
        """The logarithm of the density of peaks' parameters times scale, which is in units of the mean excess.

        Parameters
        ----------
        scale
            In units of the mean excess, an array of any shape.
        shape
            Of the same shape, or None.

        Returns
        -------
        Array
            -inf where the prior has no mass.
        """
        if shape is None or self.peak_penalty is None:
            return np.zeros(np.shape(scale))
        return np.where(shape > self.lowest_shape, self.peak_penalty.log_penalty(shape).value, -np.inf)

    def check(self, family: type[Family], counts: Places | int) -> None:
        """Raise where the posterior of so many values would be improper.

        Parameters
        ----------
        family
            The family, a class.
        counts
            How many values each sample has.

        Raises
        ------
        ArgumentError
            An improper posterior, with the prior to take instead.
        """
        if len(family.scales) > 1:
            raise ArgumentError(
                f"the {self.name} prior gives {family.label} an improper posterior: where its second population lies "
                "far below the data the likelihood no longer falls, and neither does the prior.",
                Text("Use ", Setting("prior", "weak"), ", or a proper prior of your own."),
            )
        _refuse_other_shapes(self.name, family)
        if "shape" not in family.parameter_names:
            if self.of_shape:
                raise ArgumentError(
                    Text(Setting("prior", self.name), f" is a prior of the shape, and {family.label} has none"),
                    Text("use ", Setting("prior", "flat"), "."),
                )
            return
        if of_peaks(family):
            return
        fewest = np.min(counts, initial=self.least_with_shape)
        if fewest < self.least_with_shape:
            raise DataError(
                f"the {self.name} prior gives {family.label} an improper posterior from {fewest} values; it takes "
                f"{self.least_with_shape} or more."
            )

    def log_shape(self, shape: Array) -> Array:
        """The logarithm of the shape's factor; -inf at or below -1, where the likelihood is unbounded.

        Parameters
        ----------
        shape
            An array of any shape.

        Returns
        -------
        Array
            Of that shape.
        """
        value = np.zeros(np.shape(shape)) if self.penalty is None else self.penalty.log_penalty(shape).value
        return np.where(shape > -1.0, value, -np.inf)


def _refuse_other_shapes(prior: str, family: type[Family]) -> None:
    """Raise for a family with shapes of which a named prior knows nothing."""
    known = {family.parameter_names[place] for place in (*family.locations, *family.scales)}
    known |= {"shape"} if family.shape_is_xi else set()
    if others := [name for name in family.parameter_names if name not in known]:
        raise ArgumentError(
            f"the {prior} prior says nothing of {' and '.join(others)}, which {family.label} has",
            "pass a proper prior of your own, a function of the parameters.",
            argument="prior",
        )


@dataclass(frozen=True)
class Flat(Prior):
    """The flat prior: in location, log scale and shape, for shapes above -1; proper from 4 values on.

    References
    ----------
    - Northrop, P. J. and Attalides, N. (2016). Statistica Sinica 26, 721-743.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.estimators import Flat
    >>> floods = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8]
    >>> fit = ev.fit(floods, "gev", method=ev.Bayes(Flat(), rng=1))
    >>> fit.return_level([100]).round(0)
                   estimate  lower   upper
    return_period
    100.0              65.0   52.0  5607.0
    """

    name = "flat"
    least_with_shape = 4


@dataclass(frozen=True)
class MDI(Prior):
    """The maximal data information prior, density exp(-gamma xi)/scale, truncated at xi >= -1; exp(-xi)/scale of peaks.

    Without the truncation it is improper and so is every posterior, however many values there are (Northrop and
    Attalides 2016).

    References
    ----------
    - Beirlant, J., Goegebeur, Y., Segers, J. and Teugels, J. (2004). Statistics of Extremes. Wiley, section 11.3.1.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.estimators import MDI
    >>> floods = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8]
    >>> fit = ev.fit(floods, "gev", method=ev.Bayes(MDI(), rng=1))
    >>> fit.return_level([100]).round(0)
                   estimate  lower   upper
    return_period
    100.0              58.0   52.0  1482.0
    """

    name = "mdi"

    @property
    def penalty(self) -> Penalty | None:
        """The factor exp(-gamma xi), gamma Euler's constant."""
        return MaximalDataInformation()

    @property
    def peak_penalty(self) -> Penalty | None:
        """The factor exp(-xi)."""
        return MaximalDataInformation(1.0)


@dataclass(frozen=True)
class Beta(Prior):
    """The geophysical prior of Martins and Stedinger (2000) for the shape, a beta density on (-0.5, 0.5); 1/scale.

    Parameters
    ----------
    p, q
        Of the beta density, as in ``MartinsStedinger``.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.estimators import Beta
    >>> floods = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8]
    >>> fit = ev.fit(floods, "gev", method=ev.Bayes(Beta(9.0, 6.0), rng=1))
    >>> -0.5 < float(fit.distribution.shape) < 0.5
    True
    """

    p: float = 9.0
    q: float = 6.0

    name = "beta"
    of_shape = True

    def __post_init__(self) -> None:
        MartinsStedinger(self.p, self.q)

    @property
    def penalty(self) -> Penalty | None:
        """The beta density."""
        return MartinsStedinger(self.p, self.q)


@dataclass(frozen=True)
class NormalShape(Prior):
    """The normal prior of the shape, mean 0 and above -1, flat in location and log scale; proper from 3 values on.

    Of a GEV everything under this prior but the posterior's draws is quadrature, for many series at once. Where the
    likelihood has no interior maximum it stands in for it.

    Parameters
    ----------
    sd
        Standard deviation of the shape.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.estimators import NormalShape
    >>> floods = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8]
    >>> fit = ev.fit(floods, "gev", method=ev.Bayes(NormalShape(), rng=1))
    >>> fit.return_level([100]).round(0)
                   estimate  lower  upper
    return_period
    100.0              64.0   52.0  129.0
    """

    sd: float = 0.2

    name = "normal"
    of_shape = True

    def __post_init__(self) -> None:
        if not 0.0 < self.sd <= 1.0:
            raise ArgumentError(f"sd is {self.sd!r}", "expected a standard deviation of the shape in (0, 1].")

    @property
    def penalty(self) -> Penalty | None:
        """The normal density."""
        return NormalDensity(self.sd)


@dataclass(frozen=True)
class Weak(Prior):
    """The weak prior: wide normal densities for every location and log scale; proper for two populations too.

    In units of the data's standard deviation s about their mean m: locations normal with mean m and standard deviation
    5 s, log scales with mean log(s/2) and standard deviation 1; a shape, if there is one, with mean 0 and standard
    deviation 0.3. It uses the data's size twice, which is harmless for widths so far beyond it.

    Of peaks over a threshold the log scale is normal about the logarithm of the mean excess, with standard deviation 1,
    the shape as above.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.estimators import Weak
    >>> floods = [31.0, 45.2, 28.9, 39.4, 52.1, 33.3, 36.0, 41.7, 30.2, 48.8]
    >>> fit = ev.fit(floods, "gev", method=ev.Bayes(Weak(), rng=1))
    >>> fit.return_level([100]).round(0)
                   estimate  lower  upper
    return_period
    100.0              64.0   51.0  168.0
    """

    name = "weak"

    def check(self, family: type[Family], counts: Places | int) -> None:
        """Proper for every family without shapes of its own."""
        _refuse_other_shapes(self.name, family)

    def weighs_peaks(self, has_shape: bool) -> bool:
        """Always."""
        return True

    def log_of_peaks(self, scale: Array, shape: Array | None) -> Array:
        """Normal in log scale and shape."""
        value = -0.5 * np.log(scale) ** 2
        return value if shape is None else value - 0.5 * (shape / SHAPE) ** 2


class OfPeaks(Prior):
    """A prior of peaks over a threshold only."""

    def check(self, family: type[Family], counts: Places | int) -> None:
        """Refuse block maxima."""
        if not of_peaks(family):
            raise ArgumentError(
                Text(Setting("prior", self.name), f" is for peaks over a threshold, not for {family.label}"),
                Text("use ", Setting("prior", "mdi"), "."),
            )
        super().check(family, counts)


@dataclass(frozen=True)
class Jeffreys(OfPeaks):
    """Jeffreys' prior of the GPD, 1/(scale (1 + xi) (1 + 2 xi)^(1/2)) for shapes above -1/2; of peaks only.

    References
    ----------
    - Castellanos, M. E. and Cabras, S. (2007). Journal of Statistical Planning and Inference 137, 473-483.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.estimators import Jeffreys
    >>> peaks = ev.as_peaks(ev.GPD(60.0, 12.0, 0.1).rvs(40, rng=1), threshold=60.0, years=20)
    >>> fit = ev.fit(peaks, "gpd", method=ev.Bayes(Jeffreys(), rng=1))
    >>> fit.return_level([100]).round(0)
                   estimate  lower   upper
    return_period
    100.0             256.0  152.0  1376.0
    """

    name = "jeffreys"
    lowest_shape = -0.5

    @property
    def peak_penalty(self) -> Penalty | None:
        """1/((1 + xi) (1 + 2 xi)^(1/2))."""
        return JeffreysFactor()


@dataclass(frozen=True)
class Fiducial(OfPeaks):
    """The generalised fiducial distribution of peaks over a threshold; there for no block maxima.

    Not a prior, which knows no data, but the density (J'J)^(1/2) in its place, J the derivatives of the peaks in scale
    and shape when the noise behind them is held. Its intervals and predictions hold as often as they say more nearly
    than those of any prior here, and it is what stands for peaks unasked: nominal 95 % intervals of the 100-year level
    held .944 to .959 (20 to 200 peaks, two a year, shapes -.2 to .2, 8,000 records each), under the mdi prior .935 to
    .949, flat .939 to .950, Jeffreys' .910 to .961 (``tests/studies/peaks_credible.csv``). For the exponential
    distribution it is 1/scale.

    References
    ----------
    - Wandler, D. V. and Hannig, J. (2012). Extremes 15, 67-87.

    Examples
    --------
    >>> import evstats as ev
    >>> from evstats.estimators import Fiducial
    >>> peaks = ev.as_peaks(ev.GPD(60.0, 12.0, 0.1).rvs(40, rng=1), threshold=60.0, years=20)
    >>> fit = ev.fit(peaks, "gpd", method=ev.Bayes(Fiducial(), rng=1))
    >>> fit.return_level([100]).round(0)
                   estimate  lower   upper
    return_period
    100.0             256.0  150.0  1462.0
    """

    name = "fiducial"


@dataclass(frozen=True)
class CoefficientPriors:
    """Independent priors of the coefficients of a fit with covariates, flat in those that have none.

    Parameters
    ----------
    by_name
        Distributions with a ``logpdf``, such as those of SciPy, by the names of coefficients as ``fit.params``
        has them: ``{"loc:gmst": scipy.stats.norm(0.0, 2.0)}``.

    Examples
    --------
    >>> from scipy.stats import norm
    >>> import evstats as ev
    >>> x = ev.Gumbel(100.0, 20.0).rvs(40, rng=1)
    >>> prior = {"loc:x": norm(0.0, 2.0)}
    >>> fit = ev.fit(x, "gumbel", loc="x", covariates={"x": list(range(40))}, method="bayes", prior=prior, rng=1)
    >>> fit.coefficient_posterior().limits(0.95)[0].shape
    (3,)
    """

    by_name: Mapping[str, Any]

    def __post_init__(self) -> None:
        for name, own in self.by_name.items():
            if not callable(getattr(own, "logpdf", None)):
                raise ArgumentError(
                    f"the prior of {name!r} is {own!r}",
                    "expected a distribution with a logpdf, such as scipy.stats.norm(0.0, 1.0).",
                    argument="prior",
                )

    def of(self, names: tuple[str, ...]) -> PriorFunction:
        """The log-density of coefficients with these names, (..., p).

        Parameters
        ----------
        names
            Of the coefficients.

        Returns
        -------
        callable
            From coefficients (..., p) to log-densities (...).

        Raises
        ------
        ArgumentError
            A prior of a coefficient that is not there.
        """
        for name in self.by_name:
            if name not in names:
                raise unknown_name("prior", name, names)
        places = [(names.index(name), own) for name, own in self.by_name.items()]

        def density(coefficients: Array) -> Array:
            nothing = np.zeros(coefficients.shape[:-1])
            return nothing + sum(own.logpdf(coefficients[..., place]) for place, own in places)

        return density


#: The priors by name, as ``fit(prior=)`` takes them.
PRIORS: Registry[type[Prior]] = Registry(
    "prior", {prior.name: prior for prior in (Flat, MDI, Beta, NormalShape, Weak, Jeffreys, Fiducial)}
)


def prior_of(prior: Any) -> Prior | CoefficientPriors | PriorFunction:
    """A prior by name, a prior, priors by the names of coefficients, or a callable as it is."""
    if isinstance(prior, CoefficientPriors):
        return prior
    if isinstance(prior, Mapping):
        return CoefficientPriors(prior)
    if isinstance(prior, str):
        return PRIORS[prior]()
    if isinstance(prior, type) and issubclass(prior, Prior):
        return prior()
    if isinstance(prior, Prior):
        return prior
    if callable(prior):
        return prior
    expected = f"expected {', '.join(map(repr, PRIORS))}, a Prior or a callable."
    raise ArgumentError(Text(Setting("prior"), f" is {prior!r}"), expected)
