"""What ``evstats.fitting`` offers, by name: each is imported when it is first used."""

from .curves import IDF as IDF
from .fitted import Fit as Fit
from .fitted import fit as fit
