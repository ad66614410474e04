"""What ``evstats.models`` offers, by name: each is imported when it is first used."""

from .likelihood import ConstantLikelihood as ConstantLikelihood
from .likelihood import Likelihood as Likelihood
from .likelihood import Pointwise as Pointwise
from .likelihood import likelihood_of as likelihood_of
from .model import IDENTITY as IDENTITY
from .model import LOG as LOG
from .model import Link as Link
from .model import Model as Model
from .model import Parameter as Parameter
from .points import Points as Points
from .points import filled as filled
