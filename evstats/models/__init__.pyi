"""What ``evstats.models`` offers, by name: each is imported when it is first used."""

from .covariates import Covariates as Covariates
from .covariates import states as states
from .designs import BLOCK_MAXIMA as BLOCK_MAXIMA
from .designs import BlockMaxima as BlockMaxima
from .designs import Design as Design
from .designs import Exceedances as Exceedances
from .designs import Largest as Largest
from .formulas import Formula as Formula
from .formulas import terms_of as terms_of
from .joining import joined as joined
from .joining import rows_of as rows_of
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
from .predictors import Predictor as Predictor
from .predictors import Predictors as Predictors
from .predictors import predictors_of as predictors_of
from .standardised import Standardised as Standardised
