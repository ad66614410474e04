"""What ``evstats.distributions`` offers, by name: each is imported when it is first used."""

from .base import Derivatives as Derivatives
from .base import Family as Family
from .gev import GEV as GEV
from .gpd import GPD as GPD
from .gpd import Exponential as Exponential
from .gpd import OfPeaks as OfPeaks
from .gumbel import Gumbel as Gumbel
from .minima import ExponentialMin as ExponentialMin
from .minima import GEVMin as GEVMin
from .minima import GPDMin as GPDMin
from .minima import GumbelMin as GumbelMin
from .mixture import Mixture as Mixture
from .mixture import TwoComponentGumbel as TwoComponentGumbel
from .names import FAMILIES as FAMILIES
from .names import PEAK_FAMILIES as PEAK_FAMILIES
from .names import PROCESSES as PROCESSES
from .names import as_family as as_family
from .names import family_named as family_named
from .names import mirror_image as mirror_image
from .peaks import ExponentialProcess as ExponentialProcess
from .peaks import GPDProcess as GPDProcess
from .peaks import PeakProcess as PeakProcess
from .proportional import PROPORTIONAL as PROPORTIONAL
from .proportional import Proportional as Proportional
