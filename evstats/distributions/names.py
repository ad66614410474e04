"""The families by name."""

from evstats.distributions.base import Family
from evstats.errors import ArgumentError
from evstats.registry import Registry

_GEV = "take 'gev', whose shape is minus SciPy's c"
_GPD = "take 'gpd', of peaks over a threshold"
#: Families of the field that are not here, and those of other libraries' names, with what there is in their place.
_ABSENT = {
    **dict.fromkeys(("gamma", "normal", "lognormal", "logistic", "wakeby", "genlogistic"), ""),
    **dict.fromkeys(("weibull", "weibull-max"), "take 'gev', which has it where the shape is negative"),
    "weibull-min": "take 'gev-min', which has it where the shape is negative",
    **dict.fromkeys(("frechet", "frechet-r", "invweibull"), "take 'gev', which has it where the shape is positive"),
    "genextreme": _GEV,
    **dict.fromkeys(("generalized-extreme-value", "generalised-extreme-value", "gevd"), "take 'gev'"),
    **dict.fromkeys(("gumbel-r", "ev1"), "take 'gumbel'"),
    "gumbel-l": "take 'gumbel-min'",
    **dict.fromkeys(("genpareto", "gp", "pareto", "generalized-pareto", "generalised-pareto"), _GPD),
    "pp": "take 'gpd' of peaks over a threshold, which come with their rate",
    **dict.fromkeys(("expon", "exp"), "take 'exponential', of peaks over a threshold"),
    **dict.fromkeys(("pearson3", "pearson-3", "p3"), "take 'pe3', of mean, standard deviation and skew"),
    **dict.fromkeys(("logpearson3", "log-pearson-3", "lpiii", "pearson-iii"), "take 'lp3'"),
    "kappa4": "take 'kappa'",
}

#: The families of block maxima and minima by name, as ``fit`` takes them.
FAMILIES: Registry[type[Family]] = Registry(
    "family",
    absent=_ABSENT,
    where={
        "gumbel": "evstats.distributions.gumbel:Gumbel",
        "gev": "evstats.distributions.gev:GEV",
        "gumbel-min": "evstats.distributions.minima:GumbelMin",
        "gev-min": "evstats.distributions.minima:GEVMin",
        "tcev": "evstats.distributions.two_component:TwoComponentGumbel",
        "glo": "evstats.distributions.glo:GLO",
        "gno": "evstats.distributions.gno:GNO",
        "pe3": "evstats.distributions.pe3:PE3",
        "lp3": "evstats.distributions.lp3:LogPearson3",
        "gpa": "evstats.distributions.gpa:GPA",
        "kappa": "evstats.distributions.kappa:Kappa",
    },
    aliases={"gum": "gumbel", "kap": "kappa"},  # Hosking's names
)

#: Families of peaks over a threshold, which ``fit`` takes for those and not for block maxima.
PEAK_FAMILIES: Registry[type[Family]] = Registry(
    "family",
    absent=_ABSENT,
    where={
        "gpd": "evstats.distributions.gpd:GPD",
        "exponential": "evstats.distributions.gpd:Exponential",
        "gpd-min": "evstats.distributions.minima:GPDMin",
        "exponential-min": "evstats.distributions.minima:ExponentialMin",
    },
)

#: The families of peaks in time, by the names of the families of their sizes.
PROCESSES: Registry[type[Family]] = Registry(
    "family",
    where={
        "gpd": "evstats.distributions.peaks:GPDProcess",
        "exponential": "evstats.distributions.peaks:ExponentialProcess",
        "gpd-min": "evstats.distributions.minima:GPDProcessMin",
        "exponential-min": "evstats.distributions.minima:ExponentialProcessMin",
    },
)


def as_family(family: str | type[Family]) -> type[Family]:
    """A family from its name or class.

    Parameters
    ----------
    family
        A name in ``FAMILIES``, or a class.

    Returns
    -------
    type of Family
        The class.

    Raises
    ------
    ArgumentError
        An unknown name, with the nearest known one, or another object.

    Examples
    --------
    >>> from evstats.distributions import as_family
    >>> as_family("gumbel").label
    'Gumbel'
    """
    chosen = FAMILIES[family] if isinstance(family, str) else family
    if not (isinstance(chosen, type) and issubclass(chosen, Family)):
        raise ArgumentError(
            f"family is {family!r}",
            f"expected one of {', '.join(map(repr, FAMILIES))}, or a family class.",
            argument="family",
        )
    return chosen


def family_named(name: str) -> type[Family]:
    """The family of estimation with a name: of blocks, or of peaks in time.

    Parameters
    ----------
    name
        A name in ``FAMILIES`` or ``PROCESSES``.

    Returns
    -------
    type of Family
        The class.

    Raises
    ------
    ArgumentError
        An unknown name.

    Examples
    --------
    >>> from evstats.distributions import family_named
    >>> family_named("gpd").__name__
    'GPDProcess'
    """
    return PROCESSES[name] if name in PROCESSES else FAMILIES[name]


def mirror_image(family: type[Family]) -> type[Family] | None:
    """The registered family of minima that is the mirror image of a family of maxima; None where there is none.

    Parameters
    ----------
    family
        A family of maxima.

    Returns
    -------
    type of Family or None
        The family of minima.

    Examples
    --------
    >>> import evstats as ev
    >>> ev.distributions.mirror_image(ev.GEV).__name__
    'GEVMin'
    """
    known = PEAK_FAMILIES if family.name in PEAK_FAMILIES else FAMILIES
    return next((entry for entry in known.values() if entry.minima and entry.of_maxima() is family), None)
