"""What ``evstats.intervals`` offers, by name: each is imported when it is first used."""

from .base import Answer as Answer
from .base import Claim as Claim
from .base import Interval as Interval
from .base import Simulation as Simulation
from .base import check_confidence as check_confidence
from .bootstrap import Bootstrap as Bootstrap
from .bulletin import Bulletin as Bulletin
from .changes import Changed as Changed
from .changes import changed as changed
from .credible import Credible as Credible
from .delta import Delta as Delta
from .dependence import Dependent as Dependent
from .exact import Exact as Exact
from .likelihood_ratio import Bartlett as Bartlett
from .likelihood_ratio import Calibrated as Calibrated
from .likelihood_ratio import ProfileLikelihood as ProfileLikelihood
from .likelihood_ratio import RStar as RStar
from .names import INTERVALS as INTERVALS
from .names import chosen as chosen
from .names import has_interval as has_interval
from .names import resolved as resolved
from .predictive import has_predictive as has_predictive
from .predictive import predictive_levels as predictive_levels
from .regression import coefficients as coefficients
from .severini import Severini as Severini
