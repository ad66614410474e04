"""Answers as pandas tables: plain columns, the question in the index, units and the interval in ``attrs``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evstats import goodness

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from evstats.intervals import Answer
    from evstats.remarks.evidence import Evidence


def answer_table(
    answer: Answer, status: NDArray[Any], attrs: Mapping[str, Any], states: pd.Index[Any] | None = None
) -> pd.DataFrame:
    """Columns ``estimate, lower, upper``; one row per question, or per series and question for a batch.

    ``states`` calls the last axis of the batch, where that is of states of covariates.

    ``status`` holds the label of each lane, shape batch + (questions,); it becomes a column of a batch's table.
    """
    columns = {"estimate": answer.estimate, "lower": answer.lower, "upper": answer.upper}
    return long_table(columns, answer.quantity.questions, answer.quantity.asked, status, attrs, states)


def long_table(
    columns: Mapping[str, NDArray[Any]],
    questions: Sequence[Any] | NDArray[Any],
    asked: str,
    status: NDArray[Any] | None = None,
    attrs: Mapping[str, Any] | None = None,
    states: pd.Index[Any] | None = None,
) -> pd.DataFrame:
    """Arrays of shape batch + (questions,) as a table: series-major, every row present, the batch index first."""
    import pandas as pd

    shape = next(iter(columns.values())).shape
    batch = shape[:-1]
    index: pd.Index[Any] = pd.Index(questions, name=asked)
    if batch:
        series = batch if states is None else batch[:-1]
        names = ["series"] if len(series) == 1 else [f"series_{axis}" for axis in range(len(series))]
        last = [index] if states is None else [states, index]
        names += [str(own.name) for own in last]
        index = pd.MultiIndex.from_product([*map(range, series), *last], names=names)
    frame = pd.DataFrame({name: np.asarray(array).reshape(-1) for name, array in columns.items()}, index=index)
    if batch[: None if states is None else -1] and status is not None:
        frame["status"] = np.broadcast_to(status, shape).reshape(-1)
    frame.attrs.update(attrs or {})
    return frame


def tests_table(evidence: Evidence) -> pd.DataFrame:
    """The tests of fit: ``test, statistic, p_value``, of a batch by series."""
    statistic, p_value = evidence.tests_of_fit
    attrs, tests = {"replicates": goodness.replicates(evidence.estimation), "seed": goodness.SEED}, list(goodness.TESTS)
    # of peaks the exponential is tested here, which no other family stands beside
    if evidence.estimation.family.rates and not evidence.estimation.has_covariates:
        zero = evidence.zero_shape
        statistic = np.concatenate([statistic, np.asarray(zero.lr_statistic)[..., None]], axis=-1)
        p_value = np.concatenate([p_value, np.asarray(zero.lr_p_value)[..., None]], axis=-1)
        tests.append("shape = 0")
    table = long_table({"statistic": statistic, "p_value": p_value}, tests, "test", attrs=attrs)
    return table.reset_index("test" if statistic.ndim > 1 else None)


__all__ = ["answer_table", "long_table", "tests_table"]
