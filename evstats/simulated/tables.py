"""The tables shipped beside this module: null distributions that take minutes to simulate.

``tests_of_fit`` is made by ``python -m evstats.goodness.make_tables``, ``few_values`` and ``signed_root`` by
``python -m evstats.intervals.few_values`` and ``python -m evstats.intervals.calibration``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FOLDER = Path(__file__).parent


@cache
def shipped_table(name: str) -> Mapping[str, Array]:
    """The arrays of a table by their names, read once; there are three tables."""
    with files("evstats.simulated").joinpath(f"{name}.npz").open("rb") as file, np.load(file) as stored:
        arrays = {key: np.asarray(stored[key], dtype=np.float64) for key in stored.files}
    for array in arrays.values():
        array.flags.writeable = False
    return MappingProxyType(arrays)


def write_table(name: str, arrays: Mapping[str, NDArray[np.floating]], folder: Path = FOLDER) -> None:
    """Write a table into a folder, by default the package's own."""
    np.savez_compressed(folder / f"{name}.npz", **arrays)  # type: ignore[arg-type]
