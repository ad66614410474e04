"""The families of distributions, one file each, and the registry of their names."""

from evstats.distributions.base import Derivatives, Family
from evstats.distributions.gev import GEV
from evstats.distributions.gumbel import Gumbel
from evstats.distributions.minima import GEVMin, GumbelMin
from evstats.distributions.mixture import Mixture, TwoComponentGumbel
from evstats.errors import ArgumentError
from evstats.registry import Registry

#: Families of the field that are not here.
_ABSENT = {"gpd", "gpa", "exponential", "lp3", "pe3", "glo", "gno", "kappa", "kap", "dgev", "weibull", "frechet"}
_ABSENT |= {"gamma", "normal", "lognormal", "logistic", "wakeby"}

FAMILIES: Registry[type[Family]] = Registry(
    "family",
    {family.name: family for family in (Gumbel, GEV, GumbelMin, GEVMin, TwoComponentGumbel)},
    absent=_ABSENT,
)


def as_family(family: str | type[Family]) -> type[Family]:
    """A family from its name or class."""
    chosen = FAMILIES[family] if isinstance(family, str) else family
    if not (isinstance(chosen, type) and issubclass(chosen, Family)):
        raise ArgumentError(
            f"family is {family!r}; expected one of {', '.join(map(repr, FAMILIES))}, or a family class."
        )
    return chosen


def mirror_image(family: type[Family]) -> type[Family] | None:
    """The registered family of minima that is the mirror image of a family of maxima; None where there is none."""
    return next((entry for entry in FAMILIES.values() if entry.minima and entry.of_maxima() is family), None)


__all__ = [
    "FAMILIES",
    "GEV",
    "Derivatives",
    "Family",
    "GEVMin",
    "Gumbel",
    "GumbelMin",
    "Mixture",
    "TwoComponentGumbel",
    "as_family",
    "mirror_image",
]
