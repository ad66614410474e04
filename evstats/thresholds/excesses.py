"""Many samples of excesses of one threshold, of different sizes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evstats.arrays import Array, Places


class Excesses(NamedTuple):
    """Samples of excesses: ``rows`` (m, n) rise, behind zeros where there are fewer, and ``number`` (m,) says how
    many there are.
    """

    rows: Array
    number: Places

    @classmethod
    def repeated(cls, rising: Array, times: Places) -> Excesses:
        """Samples in which the excesses (n,) occur so many times (m, n)."""
        number = times.sum(axis=-1)
        rows = np.zeros((len(times), int(number.max(initial=0))))
        there = np.arange(rows.shape[1]) >= rows.shape[1] - number[:, None]
        rows[there] = np.repeat(np.broadcast_to(rising, times.shape), times.ravel())
        return cls(rows, number)

    def of(self, some: slice | Places) -> Excesses:
        """Some of the samples."""
        return Excesses(self.rows[some], self.number[some])


__all__ = ["Excesses"]
