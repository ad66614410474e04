"""What ``evstats.fitting`` offers, by name: each is imported when it is first used."""

from .causes import Combined as Combined
from .causes import combine as combine
from .fitted import Fit as Fit
from .fitted import fit as fit
