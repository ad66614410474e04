"""The one door to random numbers: standard Gumbel and exponential noise."""

from evstats.noise.streams import (
    SEEDS,
    AliasUrn,
    AnyArray,
    Foreign,
    Generator,
    NoisePool,
    RandomState,
    Shape,
    exponential,
    generator,
    generator_beside,
    gumbel,
    gumbel_like,
    lengths_of,
    recorded,
    spawn,
)

__all__ = [
    "SEEDS",
    "AliasUrn",
    "AnyArray",
    "Foreign",
    "Generator",
    "NoisePool",
    "RandomState",
    "Shape",
    "exponential",
    "generator",
    "generator_beside",
    "gumbel",
    "gumbel_like",
    "lengths_of",
    "recorded",
    "spawn",
]
