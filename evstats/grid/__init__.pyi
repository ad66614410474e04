"""What ``evstats.grid`` offers, by name: each is imported when it is first used."""

from .blocks import block_maxima as block_maxima
from .doors import change as change
from .doors import fit as fit
from .doors import probability_ratio as probability_ratio
from .doors import return_level as return_level
from .gauges import stations as stations
from .maps import plot as plot
from .peaks import peaks_over_threshold as peaks_over_threshold
