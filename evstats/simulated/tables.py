"""The tables shipped beside this module: null distributions that take minutes to simulate.

``python tests/studies/shipped_tables.py`` makes them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np

from evstats.arrays import Array


@cache
def shipped_table(name: str) -> Mapping[str, Array]:
    """The arrays of a table by their names, read once; there are three tables."""
    with files("evstats.simulated").joinpath(f"{name}.npz").open("rb") as file, np.load(file) as stored:
        arrays = {key: np.asarray(stored[key], dtype=np.float64) for key in stored.files}
    for array in arrays.values():
        array.flags.writeable = False
    return MappingProxyType(arrays)
