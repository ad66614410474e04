"""The families of distributions, one file each, and the registry of their names."""

from evstats.distributions.base import Derivatives, Family
from evstats.distributions.gev import GEV
from evstats.distributions.gumbel import Gumbel
from evstats.distributions.minima import GEVMin, GumbelMin
from evstats.distributions.mixture import Mixture, TwoComponentGumbel
from evstats.registry import Registry

FAMILIES: Registry[type[Family]] = Registry(
    "family", {family.name: family for family in (Gumbel, GEV, GumbelMin, GEVMin, TwoComponentGumbel)}
)

__all__ = ["FAMILIES", "GEV", "Derivatives", "Family", "GEVMin", "Gumbel", "GumbelMin", "Mixture", "TwoComponentGumbel"]
