"""What ``evstats.models`` offers, by name: each is imported when it is first used."""

from .designs import BLOCK_MAXIMA as BLOCK_MAXIMA
from .designs import BlockMaxima as BlockMaxima
from .designs import Design as Design
from .designs import Exceedances as Exceedances
from .designs import Largest as Largest
from .likelihood import ConstantLikelihood as ConstantLikelihood
from .likelihood import Likelihood as Likelihood
from .likelihood import PeaksLikelihood as PeaksLikelihood
from .likelihood import Pointwise as Pointwise
from .likelihood import likelihood_of as likelihood_of
from .model import IDENTITY as IDENTITY
from .model import LOG as LOG
from .model import Link as Link
from .model import Model as Model
from .model import Parameter as Parameter
from .points import Points as Points
from .points import filled as filled
