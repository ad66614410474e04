"""What ``evstats.fitting`` offers, by name: each is imported when it is first used."""

from .causes import Combined as Combined
from .causes import combine as combine
from .curves import IDF as IDF
from .fitted import Fit as Fit
from .fitted import fit as fit
from .low_flows import LowFlows as LowFlows
from .low_flows import fit_low_flows as fit_low_flows
