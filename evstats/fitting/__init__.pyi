"""What ``evstats.fitting`` offers, by name: each is imported when it is first used."""

from .fitted import Fit as Fit
from .fitted import fit as fit
