"""Answers as pandas tables: plain columns, the question in the index, units and the interval in ``attrs``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from evstats.intervals import Answer


def answer_table(answer: Answer, status: NDArray[Any], attrs: Mapping[str, Any]) -> pd.DataFrame:
    """Columns ``estimate, lower, upper``; one row per question, or per series and question for a batch.

    ``status`` holds the label of each lane, shape batch + (questions,); it becomes a column of a batch's table.
    """
    columns = {"estimate": answer.estimate, "lower": answer.lower, "upper": answer.upper}
    return long_table(columns, answer.quantity.questions, answer.quantity.asked, status, attrs)


def long_table(
    columns: Mapping[str, NDArray[Any]],
    questions: Sequence[Any] | NDArray[Any],
    asked: str,
    status: NDArray[Any] | None = None,
    attrs: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Arrays of shape batch + (questions,) as a table: series-major, every row present, the batch index first."""
    import pandas as pd

    shape = next(iter(columns.values())).shape
    batch = shape[:-1]
    index: pd.Index[Any] = pd.Index(questions, name=asked)
    if batch:
        names = ["series"] if len(batch) == 1 else [f"series_{axis}" for axis in range(len(batch))]
        index = pd.MultiIndex.from_product([*map(range, batch), questions], names=[*names, asked])
    frame = pd.DataFrame({name: np.asarray(array).reshape(-1) for name, array in columns.items()}, index=index)
    if batch and status is not None:
        frame["status"] = np.broadcast_to(status, shape).reshape(-1)
    frame.attrs.update(attrs or {})
    return frame


__all__ = ["answer_table", "long_table"]
