"""What ``evstats.thresholds`` offers, by name: each is imported when it is first used."""

from . import indices as indices
from .choices.base import ThresholdMethod as ThresholdMethod
from .choices.base import Verdict as Verdict
from .choices.cross_validation import CrossValidation as CrossValidation
from .choices.discrepancy import ExpectedQuantileDiscrepancy as ExpectedQuantileDiscrepancy
from .choices.forward_stop import ForwardStop as ForwardStop
from .choices.names import METHODS as METHODS
from .choices.score_test import ScoreTest as ScoreTest
from .choosing import Choice as Choice
from .choosing import choose_threshold as choose_threshold
from .chosen_anew import ThresholdBootstrap as ThresholdBootstrap
from .diagnostics import diagnostics_of_peaks as diagnostics_of_peaks
from .diagnostics import threshold_diagnostics as threshold_diagnostics
from .door import peaks_over_threshold as peaks_over_threshold
from .extremal import extremal_index as extremal_index
from .indices import DGaps as DGaps
from .indices import KGaps as KGaps
from .indices import Runs as Runs
from .indices import SlidingMaxima as SlidingMaxima
from .names import CHOOSERS as CHOOSERS
from .names import Chooser as Chooser
from .names import Chosen as Chosen
