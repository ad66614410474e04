"""What ``evstats.noise`` offers, by name: each is imported when it is first used."""

from .libraries import generator_beside as generator_beside
from .libraries import gumbel_like as gumbel_like
from .pool import NoisePool as NoisePool
from .streams import SEEDS as SEEDS
from .streams import AliasUrn as AliasUrn
from .streams import Foreign as Foreign
from .streams import Generator as Generator
from .streams import RandomState as RandomState
from .streams import Shape as Shape
from .streams import exponential as exponential
from .streams import generator as generator
from .streams import gumbel as gumbel
from .streams import lengths_of as lengths_of
from .streams import recorded as recorded
from .streams import spawn as spawn
