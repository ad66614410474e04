"""What ``evstats.quantities`` offers, by name: each is imported when it is first used."""

from .base import Quantity as Quantity
from .base import as_probabilities as as_probabilities
from .base import as_questions as as_questions
from .base import positive_years as positive_years
from .changes import DesignLife as DesignLife
from .changes import EventChange as EventChange
from .changes import LevelChange as LevelChange
from .changes import LogProbabilityRatio as LogProbabilityRatio
from .changes import LogRatioByRate as LogRatioByRate
from .changes import LogWaitingTime as LogWaitingTime
from .changes import OfStates as OfStates
from .counts import poisson_limits as poisson_limits
from .levels import ExceedanceProbability as ExceedanceProbability
from .levels import ReturnLevel as ReturnLevel
from .levels import ReturnPeriod as ReturnPeriod
from .levels import annual_exceedance_probability as annual_exceedance_probability
from .parameters import Parameters as Parameters
from .peaks import PeakExpectedShortfall as PeakExpectedShortfall
from .peaks import PeakLevel as PeakLevel
from .peaks import PeakPeriod as PeakPeriod
from .peaks import PeakRate as PeakRate
from .peaks import PeakValueAtRisk as PeakValueAtRisk
from .risk import ExpectedShortfall as ExpectedShortfall
from .risk import ValueAtRisk as ValueAtRisk
