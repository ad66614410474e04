"""What ``evstats.grid`` offers, by name: each is imported when it is first used."""

from .blocks import block_maxima as block_maxima
from .doors import fit as fit
from .doors import return_level as return_level
