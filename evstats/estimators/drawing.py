"""Draws of a posterior density: exact ones where it can be enclosed, else those of adaptive chains."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evstats import montecarlo
from evstats.arrays import Array
from evstats.errors import DataError

if TYPE_CHECKING:
    from evstats.montecarlo import Chains
    from evstats.noise import Generator

#: So many dimensions are drawn exactly at most; a box holds less and less of what it encloses.
_MOST_EXACT = 4
#: Powers of the ratio of uniforms: the second closes the box of heavier tails.
_POWERS = (0.5, 1.0)
_CHAINS, _WARMUP, _THIN = 32, 2000, 5


class Drawn(NamedTuple):
    """Draws (draws, dim), how they were made, and the chains that they are of, if any."""

    points: Array
    how: str
    chains: Chains | None


def drawn(
    log_density: Callable[[Array], Array],
    start: Array,
    draws: int,
    random: Generator,
    *,
    proper: bool,
    names: tuple[str, ...],
) -> Drawn:
    """Draws of a density of which ``start`` (dim,) is a likely place, and which may not have an integral.

    Exact and independent ones up to four dimensions, by the ratio of uniforms; beyond, and where its box does not
    close, of 32 adaptive chains. Of a density that is not known to be proper an open box is an error: chains would walk
    it without a word.
    """
    for power in _POWERS if start.size <= _MOST_EXACT else ():
        try:
            found = montecarlo.ratio_of_uniforms(log_density, start, draws, r=power, rng=random)
        except DataError as error:
            if power == _POWERS[-1] and not proper:
                raise DataError(
                    f"the posterior under this prior cannot be drawn from exactly and may be improper ({error}) "
                    "Take a prior that falls off faster; if it is proper, draw from the posterior with "
                    "montecarlo.metropolis."
                ) from error
        else:
            return Drawn(found.draws, "ratio of uniforms", None)
    spread = start + 0.05 * random.standard_normal((_CHAINS, start.size))
    spread[~np.isfinite(log_density(spread))] = start
    each = max(-(-draws // _CHAINS), 4)
    chains = montecarlo.metropolis(log_density, spread, each, warmup=_WARMUP, thin=_THIN, names=names, rng=random)
    return Drawn(chains.flat[:draws], "adaptive Metropolis", chains)
