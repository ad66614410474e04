"""What ``evstats.regions`` offers, by name: each is imported when it is first used."""

from .growth import RegionalFit as RegionalFit
from .sites import FAMILIES as FAMILIES
from .sites import Region as Region
from .given import region as region
