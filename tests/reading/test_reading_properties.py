"""What holds for every table: rows add up, the two ways of reading agree, and nothing depends on how it is written."""

from __future__ import annotations

import io
import random

import numpy as np
import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from evstats.errors import DataError
from evstats.reading.reader import read_series
from evstats.reading.records import Record

DAYS = st.dates(pd.Timestamp("1800-01-01").date(), pd.Timestamp("2150-12-31").date())
NUMBERS = st.floats(-90, 1e12, allow_nan=False)
UNSHRUNK = [Phase.explicit, Phase.generate]  # tables of 60 rows take minutes to shrink and say as much as they stand
GOOD = st.tuples(DAYS.map(str), NUMBERS.map(repr))
ODD = st.sampled_from([
    "2001-02-30,1", ",5", "2001-02-13,", "2001-02-13,-999", "2001-02-13,M", "2001-02-13,ice", "Total,9", "2001-02-1",
    "2001-02-13,1,2", "2001-02-14,7", "2001-02-14,7", "2001-02-14,8", "", "# a note", "date,flow", '2001-02-13,"4"',
])  # fmt: skip


def read(rows: list[str], **options: object) -> Record:
    return read_series(io.StringIO("date,flow\n" + "\n".join(rows) + "\n"), **options)


@given(st.lists(GOOD, min_size=20, max_size=60), st.lists(ODD, max_size=3), st.randoms(use_true_random=False))
@settings(max_examples=40, phases=UNSHRUNK)
def test_every_row_is_kept_dropped_or_merged(good: list[tuple[str, str]], odd: list[str], order: random.Random) -> None:
    rows = [",".join(row) for row in good] + odd
    order.shuffle(rows)
    record = read(rows)
    audit, series = record.audit, record.series
    assert audit.rows_read == sum(bool(row) and not row.startswith("#") for row in rows)
    assert audit.rows_read == audit.rows_kept + audit.dropped + audit.merged
    assert audit.rows_kept == len(series)
    assert series.index.is_monotonic_increasing
    assert series.notna().all()
    assert len(audit.findings) == sum(audit.counts.values())
    for finding in audit.findings:
        assert finding.text == rows[finding.line - 2]


@given(st.lists(GOOD, min_size=2, max_size=40, unique_by=lambda row: row[0]))
@settings(max_examples=40)
def test_the_values_are_those_written_to_the_last_bit(rows: list[tuple[str, str]]) -> None:
    series = read([",".join(row) for row in rows], na_values="none").series
    expected = {pd.Timestamp(day): float(number) for day, number in rows}
    assert series.to_dict() == dict(sorted(expected.items()))


@given(st.lists(GOOD, min_size=2, max_size=40))
@settings(max_examples=40)
def test_the_plain_and_the_careful_way_agree(rows: list[tuple[str, str]]) -> None:
    plain = [",".join(row) for row in rows]
    commented = [*plain[:1], "# a comment inside sends pandas the long way", *plain[1:]]
    careful, fast = (read(rows, na_values="none") for rows in (commented, plain))
    pd.testing.assert_series_equal(fast.series, careful.series)
    assert fast.audit.counts == careful.audit.counts


@given(st.text(max_size=200))
@settings(max_examples=60)
def test_any_text_is_read_or_refused_on_purpose(text: str) -> None:
    try:
        record = read_series(io.StringIO(text))
    except DataError:
        return
    assert np.isfinite(record.series.to_numpy()).all()


@given(st.lists(st.text(alphabet="0123456789.,;-/: \n\"'#aeTM", max_size=12), max_size=12).map("\n".join))
@settings(max_examples=120)
def test_any_text_that_looks_like_a_table_is_read_or_refused_on_purpose(text: str) -> None:
    try:
        record = read_series(io.StringIO(text))
    except DataError:
        return
    audit = record.audit
    assert audit.rows_read == audit.rows_kept + audit.dropped + audit.merged
