"""What ``evstats.distributions`` offers, by name: each is imported when it is first used."""

from .base import Derivatives as Derivatives
from .base import Family as Family
from .gev import GEV as GEV
from .gumbel import Gumbel as Gumbel
from .minima import GEVMin as GEVMin
from .minima import GumbelMin as GumbelMin
from .mixture import Mixture as Mixture
from .mixture import TwoComponentGumbel as TwoComponentGumbel
from .names import FAMILIES as FAMILIES
from .names import as_family as as_family
from .names import mirror_image as mirror_image
