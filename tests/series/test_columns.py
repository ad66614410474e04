"""Which column is the value, which columns split the table, and what a cell means: against plain pandas, or refused."""

from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pytest
from series.exports import (
    DAYS, FILLS, FLOW, ISO, KEYS, LABELS, LEVEL, NEVER, NO_KEY, NOTATION, OBSERVED, RAIN, TWO, WARM, Export, Refused, csv,
    marked, unmarked,
)  # fmt: skip

from evstats.errors import ArgumentError, DataError
from evstats.series.reading import read_series
from evstats.series.records import Record

READ = NEVER | NO_KEY | OBSERVED | LABELS | NOTATION


def read(text: str, **options: object) -> Record:
    return read_series(io.StringIO(text), **options)


@pytest.mark.parametrize("export", READ.values(), ids=READ.keys())
def test_what_can_be_read_in_one_way_is_what_plain_pandas_reads(export: Export) -> None:
    record = read(export.text, **export.options)
    np.testing.assert_allclose(record.series.to_numpy(), np.asarray(export.values, dtype=float), rtol=1e-12)


@pytest.mark.parametrize("refused", (KEYS | TWO).values(), ids=(KEYS | TWO).keys())
def test_what_can_be_read_in_two_ways_is_refused_and_the_advice_leads_on(refused: Refused) -> None:
    with pytest.raises(DataError) as error:
        read(refused.text, **refused.options)
    sentence = str(error.value)
    assert all(part in sentence for part in refused.says), sentence
    assert "\n" not in sentence
    for options, values in refused.choices:
        np.testing.assert_allclose(read(refused.text, **options).series.to_numpy(), values, rtol=1e-12)
