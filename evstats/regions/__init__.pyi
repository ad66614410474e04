"""What ``evstats.regions`` offers, by name: each is imported when it is first used."""

from .given import region as region
from .growth import Region as Region
from .growth import RegionalFit as RegionalFit
from .sites import FAMILIES as FAMILIES
from .sites import Sites as Sites
