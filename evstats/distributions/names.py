"""The families by name."""

from evstats.distributions.base import Family
from evstats.errors import ArgumentError
from evstats.registry import Registry

#: Families of the field that are not here.
_ABSENT = {"gpd", "gpa", "exponential", "lp3", "pe3", "glo", "gno", "kappa", "kap", "dgev", "weibull", "frechet"}
_ABSENT |= {"gamma", "normal", "lognormal", "logistic", "wakeby"}

FAMILIES: Registry[type[Family]] = Registry(
    "family",
    absent=_ABSENT,
    where={
        "gumbel": "evstats.distributions.gumbel:Gumbel",
        "gev": "evstats.distributions.gev:GEV",
        "gumbel-min": "evstats.distributions.minima:GumbelMin",
        "gev-min": "evstats.distributions.minima:GEVMin",
        "tcev": "evstats.distributions.mixture:TwoComponentGumbel",
    },
)


def as_family(family: str | type[Family]) -> type[Family]:
    """A family from its name or class."""
    chosen = FAMILIES[family] if isinstance(family, str) else family
    if not (isinstance(chosen, type) and issubclass(chosen, Family)):
        raise ArgumentError(
            f"family is {family!r}",
            f"expected one of {', '.join(map(repr, FAMILIES))}, or a family class.",
            argument="family",
        )
    return chosen


def mirror_image(family: type[Family]) -> type[Family] | None:
    """The registered family of minima that is the mirror image of a family of maxima; None where there is none."""
    return next((entry for entry in FAMILIES.values() if entry.minima and entry.of_maxima() is family), None)
