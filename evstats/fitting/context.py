"""What the numbers of a fit mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Context:
    """What the numbers mean: the name and unit of the variable, and the length of a block.

    ``blocks_per_year`` is None for undated data, whose return periods count in blocks; ``observations_per_block`` None
    where it is not known; ``span`` says how many blocks there are, the first and the last. Of peaks over a threshold a
    block is a year (or the unit of time that is ``counted``), and ``exceedances`` says how many values a block has
    beyond the threshold.
    """

    name: str = "value"
    unit: str | None = None
    blocks_per_year: float | None = None
    observations_per_block: float | None = None
    notes: tuple[str, ...] = ()
    span: str | None = None
    counted: str | None = None
    exceedances: float | None = None

    @property
    def time_unit(self) -> str:
        """What return periods are counted in: ``years``, ``blocks`` or ``observations``."""
        return self.counted or ("blocks" if self.blocks_per_year is None else "years")


__all__ = ["Context"]
