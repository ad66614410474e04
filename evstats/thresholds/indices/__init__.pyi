"""What ``evstats.thresholds.indices`` offers, by name: each is imported when it is first used."""

from .base import Index as Index
from .base import OfTimes as OfTimes
from .base import Resampled as Resampled
from .dgaps import DGaps as DGaps
from .intervals import Intervals as Intervals
from .iwls import LeastSquares as LeastSquares
from .kgaps import KGaps as KGaps
from .maxima import SlidingMaxima as SlidingMaxima
from .names import INDICES as INDICES
from .runs import Runs as Runs
