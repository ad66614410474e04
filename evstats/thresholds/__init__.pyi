"""What ``evstats.thresholds`` offers, by name: each is imported when it is first used."""

from .door import peaks_over_threshold as peaks_over_threshold
from .extremal import extremal_index as extremal_index
from .indices import DGaps as DGaps
from .indices import KGaps as KGaps
from .indices import Runs as Runs
from .indices import SlidingMaxima as SlidingMaxima
from .intervals_estimator import intervals_index as intervals_index
from .intervals_estimator import run_length as run_length
from .names import CHOOSERS as CHOOSERS
from .names import Chooser as Chooser
