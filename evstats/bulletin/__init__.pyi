"""What ``evstats.bulletin`` offers, by name: each is imported when it is first used."""

from .frequency import Bulletin17C as Bulletin17C
from .frequency import bulletin17c as bulletin17c
