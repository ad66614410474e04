"""Odd files: each is read as its author meant it, with every touched row in the audit, or refused in one clear line."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from evstats.errors import ArgumentError, DataError
from evstats.extremes.blocks import block_maxima
from evstats.reading.reader import read_series
from evstats.reading.records import Record


def read(text: str, **options: object) -> Record:
    return read_series(io.StringIO(text), **options)


def stamps(record: Record) -> list[str]:
    return [str(stamp) for stamp in record.series.index]


DAYS = ["2001-02-13 00:00:00", "2001-02-14 00:00:00", "2001-02-15 00:00:00"]

SAME = {
    "comma": "date,flow\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "tab": "date\tflow\n2001-02-13\t1.5\n2001-02-14\t2.5\n2001-02-15\t3.5\n",
    "semicolon and decimal comma": "date;flow\n2001-02-13;1,5\n2001-02-14;2,5\n2001-02-15;3,5\n",
    "blanks between columns": "date flow\n2001-02-13   1.5\n2001-02-14   2.5\n2001-02-15   3.5\n",
    "a bar": "date|flow\n2001-02-13|1.5\n2001-02-14|2.5\n2001-02-15|3.5\n",
    "byte-order mark": "\ufeffdate,flow\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "windows line ends": "date,flow\r\n2001-02-13,1.5\r\n2001-02-14,2.5\r\n2001-02-15,3.5\r\n",
    "old mac line ends": "date,flow\r2001-02-13,1.5\r2001-02-14,2.5\r2001-02-15,3.5\r",
    "comments": "# from a gauge\ndate,flow\n2001-02-13,1.5\n# checked\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "names in a comment": "# date,flow\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "blank lines": "\n\ndate,flow\n2001-02-13,1.5\n\n2001-02-14,2.5\n2001-02-15,3.5\n\n\n",
    "a title above": "River Test\n\ndate,flow\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "quotes": '"date","flow"\n"2001-02-13","1.5"\n"2001-02-14","2.5"\n"2001-02-15","3.5"\n',
    "blanks behind the separator": "date, flow\n2001-02-13, 1.5\n2001-02-14, 2.5\n2001-02-15, 3.5\n",
    "a separator at the end": "date,flow,\n2001-02-13,1.5,\n2001-02-14,2.5,\n2001-02-15,3.5,\n",
    "a separator at the end of rows only": "date,flow\n2001-02-13,1.5,\n2001-02-14,2.5,\n2001-02-15,3.5,\n",
    "row names as R writes them": '"date","flow"\n"1",2001-02-13,1.5\n"2",2001-02-14,2.5\n"3",2001-02-15,3.5\n',
    "a note of two lines": 'date,flow,note\n2001-02-13,1.5,"ice,\nthen rain"\n2001-02-14,2.5,\n2001-02-15,3.5,\n',
    "slashes, year first": "date,flow\n2001/02/13,1.5\n2001/02/14,2.5\n2001/02/15,3.5\n",
    "day first": "date,flow\n13/02/2001,1.5\n14/02/2001,2.5\n15/02/2001,3.5\n",
    "month first": "date,flow\n02/13/2001,1.5\n02/14/2001,2.5\n02/15/2001,3.5\n",
    "points in dates": "date,flow\n13.02.2001,1.5\n14.02.2001,2.5\n15.2.2001,3.5\n",
    "names of months": "date,flow\n13-Feb-2001,1.5\n14-Feb-2001,2.5\n15-Feb-2001,3.5\n",
    "long names of months": "date,flow\n13 February 2001,1.5\n14 February 2001,2.5\n15 February 2001,3.5\n",
    "American names of months": 'date,flow\n"Feb 13, 2001",1.5\n"Feb 14, 2001",2.5\n"Feb 15, 2001",3.5\n',
    "digits only": "date,flow\n20010213,1.5\n20010214,2.5\n20010215,3.5\n",
    "day of the year": "year,doy,flow\n2001,44,1.5\n2001,45,2.5\n2001,46,3.5\n",
    "year, month, day": "year,month,day,flow\n2001,2,13,1.5\n2001,2,14,2.5\n2001,2,15,3.5\n",
    "spreadsheet days": "date,flow\n36935,1.5\n36936,2.5\n36937,3.5\n",
    "Unix seconds": "timestamp,flow\n982022400,1.5\n982108800,2.5\n982195200,3.5\n",
    "time zone UTC": "date,flow\n2001-02-13T00:00:00Z,1.5\n2001-02-14T00:00:00Z,2.5\n2001-02-15T00:00:00Z,3.5\n",
    "one offset": "date,flow\n2001-02-13T00:00+01:00,1.5\n2001-02-14T00:00+01:00,2.5\n2001-02-15T00:00+01:00,3.5\n",
    "value before time": "flow,date\n1.5,2001-02-13\n2.5,2001-02-14\n3.5,2001-02-15\n",
    "a counter before": "n,date,flow\n1,2001-02-13,1.5\n2,2001-02-14,2.5\n3,2001-02-15,3.5\n",
    "a station number": "site,date,flow\n0159,2001-02-13,1.5\n0159,2001-02-14,2.5\n0159,2001-02-15,3.5\n",
    "currency": "date,flow\n2001-02-13,$1.5\n2001-02-14,$2.5\n2001-02-15,$3.5\n",
    "percent": "date,flow\n2001-02-13,1.5%\n2001-02-14,2.5 %\n2001-02-15,3.5%\n",
    "a stray quotation mark": 'date,flow,note\n2001-02-13,1.5,5" pipe\n2001-02-14,2.5,\n2001-02-15,3.5,"x\n',
    "quotes and blanks": '"date" "flow"\n"2001-02-13"  1.5\n"2001-02-14"  2.5\n"2001-02-15"  3.5\n',
    "a line of units": "date,flow\nYYYY-MM-DD,m3/s\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "unsorted": "date,flow\n2001-02-14,2.5\n2001-02-13,1.5\n2001-02-15,3.5\n",
    "backwards": "date,flow\n2001-02-15,3.5\n2001-02-14,2.5\n2001-02-13,1.5\n",
    "repeated row": "date,flow\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "repeated header": "date,flow\n2001-02-13,1.5\n2001-02-14,2.5\ndate,flow\n2001-02-15,3.5\n",
    "header twice": "date,flow\ndate,flow\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "a blank line hides a long row": "date,flow\n2001-02-13,1.5\n2001-02-14,2.5\n\n2001-02-16,1,2\n2001-02-15,3.5\n",
    "empty value": "date,flow\n2001-02-12,\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "-999": "date,flow\n2001-02-12,-999\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "-9999.0": "date,flow\n2001-02-12,-9999.0\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "a point": "date,flow\n2001-02-12,.\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "M": "date,flow\n2001-02-12,M\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "T": "date,flow\n2001-02-12,T\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "NaN": "date,flow\n2001-02-12,NaN\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "text for a value": "date,flow\n2001-02-12,Ice\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "a qualified value": "date,flow\n2001-02-12,1.2e\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "a total below": "date,flow\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\nTotal,7.5\n",
    "half a last row": "date,flow\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n2001-02-1",
    "too many fields in a row": "date,flow\n2001-02-12,1,7\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
    "no such day": "date,flow\n2001-02-29,9\n2001-02-13,1.5\n2001-02-14,2.5\n2001-02-15,3.5\n",
}  # fmt: skip


@pytest.mark.parametrize("text", SAME.values(), ids=SAME.keys())
def test_every_way_of_writing_the_same_series(text: str) -> None:
    record = read(text)
    assert stamps(record) == DAYS
    assert record.series.tolist() == [1.5, 2.5, 3.5]
    assert record.series.name == "flow"
    assert record.series.dtype == np.float64
    audit = record.audit
    assert audit.rows_read == audit.rows_kept + audit.dropped + audit.merged
    assert sum(audit.counts.values()) == len(audit.findings)


ROWS = {
    "header twice": (2, "dropped", "repeated header", "date,flow"),
    "a blank line hides a long row": (5, "dropped", "more fields (3)", "2001-02-16,1,2"),
    "repeated row": (4, "merged", "same time and value", "2001-02-14,2.5"),
    "repeated header": (4, "dropped", "repeated header", "date,flow"),
    "unsorted": (3, "reinterpreted", "sorted by time", "2001-02-13,1.5"),
    "empty value": (2, "dropped", "missing value", "2001-02-12,"),
    "-999": (2, "dropped", "missing value, marked -999", "2001-02-12,-999"),
    "a point": (2, "dropped", "missing value, marked '.'", "2001-02-12,."),
    "M": (2, "dropped", "missing value, marked 'M'", "2001-02-12,M"),
    "T": (2, "dropped", "trace amount (T)", "2001-02-12,T"),
    "text for a value": (2, "dropped", "not a number", "2001-02-12,Ice"),
    "a qualified value": (2, "dropped", "not a number", "2001-02-12,1.2e"),
    "a total below": (5, "dropped", "not a date", "Total,7.5"),
    "half a last row": (5, "dropped", "fewer fields (1) than the header (2)", "2001-02-1"),
    "too many fields in a row": (2, "dropped", "more fields (3) than the header (2)", "2001-02-12,1,7"),
    "no such day": (2, "dropped", "date does not exist", "2001-02-29,9"),
}


@pytest.mark.parametrize(("case", "expected"), ROWS.items(), ids=ROWS.keys())
def test_every_touched_row_is_in_the_audit(case: str, expected: tuple[int, str, str, str]) -> None:
    (finding,) = read(SAME[case]).audit.findings
    line, action, reason, text = expected
    assert (finding.line, finding.action, finding.text) == (line, action, text)
    assert reason in finding.reason


def test_lines_are_counted_with_comments_blank_lines_and_quoted_line_breaks() -> None:
    text = (
        '# a\n\ndate,flow,note\n# b\n2001-02-13,1.5,"two\nlines"\n2001-02-14,ice,\n2001-02-15,3.5,\n2001-02-16,4.5,\n'
    )
    (finding,) = read(text).audit.findings
    assert (finding.line, finding.text) == (7, "2001-02-14,ice,")


NOTES = {
    "byte-order mark": "Time is taken from 'date'",
    "day first": "Dates are read day first, as line 2 (13/02/2001) shows",
    "month first": "Dates are read month first",
    "semicolon and decimal comma": "The comma is read as the decimal mark, as line 2 shows",
    "currency": "left out of 3 values, such as '$1.5'",
    "spreadsheet days": "spreadsheet day numbers",
    "one offset": "UTC offset +01:00",
    "backwards": "run backwards in time",
    "a title above": "The text above the table was skipped; the table begins in line 3.",
    "half a last row": "ends without a line break",
    "a line of units": "holds units, not data",
}


@pytest.mark.parametrize(("case", "sentence"), NOTES.items(), ids=NOTES.keys())
def test_what_was_guessed_is_said(case: str, sentence: str) -> None:
    assert any(sentence in note for note in read(SAME[case]).audit.notes)


REFUSED = {
    "nothing": ("", "is empty; pass a file with a header line"),
    "line breaks only": ("\n\n  \n", "is empty"),
    "comments only": ("# one\n# two\n", "comments only"),
    "header only": ("date,flow\n", "has a header but no rows: date, flow"),
    "no numbers": ("date,name\n2001-02-13,a\n2001-02-14,b\n", "no numeric column: the columns are 'date', 'name'"),
    "no values at all": ("date,flow\n2001-02-13,\n2001-02-14,NA\n", "every cell of 'flow' is empty or marked missing"),
    "sentinels only": (
        "date,flow\n2001-02-13,-999\n2001-02-14,-999\n",
        "every cell of 'flow' is empty or marked missing",
    ),
    "dates only": ("date\n2001-02-13\n2001-02-14\n", "no value column beside the time column 'date'"),
    "open order": ("date,flow\n01/02/2001,1\n02/02/2001,2\n", "day and month cannot be told apart in column 'date'"),
    "open order with points": ("date,flow\n01.02.2001,1\n02.02.2001,2\n", "--dayfirst"),
    "both orders": ("date,flow\n13/02/2001,1\n02/14/2001,2\n03/03/2001,3\n", "line 2 has '13/02/2001', line 3 has"),
    "two formats": ("date,flow\n2001-02-13,1\n14/02/2001,2\n2001-02-15,3\n", "line 2 has '2001-02-13', line 3 has"),
    "no real day and another format": ("date,f\n2001-02-30,1\n2001-02-31,2\n13/02/2001,3\n", "mixes date formats"),
    "years of two digits": ("date,flow\n13/02/01,1\n14/02/01,2\n", "years of two digits (line 2: '13/02/01')"),
    "words for dates": ("date,flow\nweek 3,1\nweek 4,2\nweek 5,3\n", "'week 3', which is not a date"),
    "1e400": ("date,flow\n2001-02-13,1\n2001-02-14,1e400\n", "beyond the largest float64 in line 3"),
    "inf": ("date,flow\n2001-02-13,1\n2001-02-14,inf\n2001-02-15,-inf\n", "in line 3 ('2001-02-14,inf'; 2 in all)"),
    "open comma": ("date;flow\n2001-02-13;1,234\n2001-02-14;2,345\n", "'1,234' in line 2, where the comma may be"),
    "comma and point": ("date;flow\n2001-02-13;1,5\n2001-02-14;2.5\n2001-02-15;3,5\n", "a decimal comma in line 2"),
    "decimal comma in commas": (
        "date,flow\n2001-02-13,1,5\n2001-02-14,2,5\n",
        "names 2 columns (date, flow), but line 2",
    ),
    "decimal comma alone": ("flow\n1,5\n2,5\n3,5\n", "the comma may separate two columns or be a decimal mark"),
    "mostly text": (
        "date,flow\n" + "2001-02-13,ice\n" * 5 + "2001-02-14,1\n" * 6,
        "holds text where numbers are expected, in 5 of 11 rows; the first is 'ice' in line 2",
    ),
    "ragged": ("date,flow\n2001-02-13,1\n2001-02-14,2\n2001-02-15,3,4\n2001-02-16,4,5\n", "another number of fields"),
    "open quote": ('date,note,flow\n2001-02-13,a,1\n2001-02-14,"b,2\n2001-02-15,c,3\n', "opened in line 3 is never"),
    "JSON": ('{"date": ["2001-02-13"], "flow": [1]}', "is JSON, not a table"),
    "a web page": ("<!DOCTYPE html>\n<html><body>404</body></html>\n", "is a web page"),
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_meant_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(DataError) as error:
        read(text)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_dayfirst_settles_the_order_and_is_held_to() -> None:
    text = "date,flow\n01/02/2001,1\n02/02/2001,2\n"
    assert stamps(read(text, dayfirst=True))[0] == "2001-02-01 00:00:00"
    assert stamps(read(text, dayfirst=False))[0] == "2001-01-02 00:00:00"
    with pytest.raises(DataError, match=r"line 3 has '02/14/2001'.*dayfirst=False"):
        read("date,flow\n01/02/2001,1\n02/14/2001,2\n", dayfirst=True)


@pytest.mark.parametrize(
    ("options", "values"), [({"decimal": ","}, [1.234, 2.345]), ({"thousands": ","}, [1234.0, 2345.0])]
)
def test_the_mark_of_an_open_comma_can_be_named(options: dict[str, str], values: list[float]) -> None:
    assert read("date;flow\n2001-02-13;1,234\n2001-02-14;2,345\n", **options).series.tolist() == values


def test_thousands_marks_that_settle_themselves_are_read_and_noted() -> None:
    record = read('date,flow\n2001-02-13,"1,234.5"\n2001-02-14,"2,345"\n2001-02-15,12.5\n')
    assert record.series.tolist() == [1234.5, 2345.0, 12.5]
    assert any("thousands mark in 2 values" in note for note in record.audit.notes)


def test_a_point_is_a_thousands_mark_beside_a_decimal_comma() -> None:
    assert read("date;flow\n2001-02-13;1.234,5\n2001-02-14;2.345\n", decimal=",").series.tolist() == [1234.5, 2345.0]


def test_a_value_as_low_as_the_sentinel_is_kept_and_reported() -> None:
    record = read("date,level\n2001-02-13,-1500\n2001-02-14,-999\n2001-02-15,300\n")
    assert record.series.tolist() == [-1500.0, -999.0, 300.0]
    (finding,) = record.audit.findings
    assert (finding.line, finding.action) == (3, "noted")
    assert any("na_values=[-999]" in note for note in record.audit.notes)
    assert read("date,level\n2001-02-13,-1500\n2001-02-14,-999\n", na_values=[-999]).series.tolist() == [-1500.0]


def test_a_high_mark_is_never_dropped_unasked() -> None:
    text = "date,level\n2001-02-13,1\n2001-02-14,9999\n2001-02-15,9999\n"
    with pytest.raises(DataError, match=r"'level' holds 9999 2 times, first in line 3, .* na_values=\[9999\]"):
        read(text)
    assert read(text, na_values=[9999]).series.tolist() == [1.0]
    assert read(text, na_values="none").series.max() == 9999.0


def test_differing_values_at_one_time_are_all_kept_and_noted() -> None:
    record = read("date,loss\n2001-02-13,1\n2001-02-13,2\n2001-02-14,3\n")
    assert record.series.tolist() == [1.0, 2.0, 3.0]
    assert record.audit.counts == {("noted", "another value at the same time; both kept"): 2}


def test_changing_offsets_lose_no_hour() -> None:
    text = (
        "time,level\n2001-10-28T01:00+02:00,1\n2001-10-28T02:00+02:00,2\n"
        "2001-10-28T02:00+01:00,3\n2001-10-28T03:00+01:00,4\n"
    )
    record = read(text)
    assert stamps(record)[0] == "2001-10-27 23:00:00"
    assert record.series.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert record.series.index.is_unique
    assert any("converted to UTC" in note for note in record.audit.notes)


def test_hour_24_and_day_00_are_reinterpreted_and_reported() -> None:
    record = read("time,level\n2001-02-28 23:00,1\n2001-02-28 24:00,2\n2001-03-01 01:00,3\n")
    assert stamps(record)[1] == "2001-03-01 00:00:00"
    assert record.audit.findings[0].action == "reinterpreted"
    peaks = read("date,peak\n1936-03-00,5\n1937-04-02,6\n1938-04-02,7\n")
    assert stamps(peaks)[0] == "1936-03-01 00:00:00"
    assert peaks.audit.findings[0].line == 2


def test_a_date_without_its_midnight_is_read_and_noted() -> None:
    record = read("time,level\n2001-02-28,1\n2001-02-28 12:00,2\n2001-03-01 00:00,3\n2001-03-01 12:00,4\n")
    assert record.series.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert any("another precision" in note for note in record.audit.notes)


def test_date_and_time_of_day_in_two_columns() -> None:
    record = read("date,time,level\n2001-02-28,23:00,1\n2001-03-01,00:00,2\n")
    assert stamps(record) == ["2001-02-28 23:00:00", "2001-03-01 00:00:00"]
    assert record.audit.time_column == "date + time"


def test_date_and_hour_and_the_buoy_format() -> None:
    assert stamps(read("date,hour,level\n2001-02-28,23,1\n2001-03-01,0,2\n"))[0] == "2001-02-28 23:00:00"
    buoy = read("#YY  MM DD hh mm WVHT\n#yr  mo dy hr mn    m\n2005 01 01 00 50  1.20\n2005 01 01 01 50  1.30\n")
    assert stamps(buoy) == ["2005-01-01 00:50:00", "2005-01-01 01:50:00"]
    assert (buoy.series.name, buoy.audit.unit) == ("WVHT", "m")


def test_years_months_and_plain_values() -> None:
    years = read("year,peak\n1918,6.05\n1919,2.67\n")
    assert stamps(years) == ["1918-01-01 00:00:00", "1919-01-01 00:00:00"]
    assert stamps(read("1918,6.05\n1919,2.67\n1920,3.5\n")) == [f"{year}-01-01 00:00:00" for year in (1918, 1919, 1920)]
    assert stamps(read("month,flow\n2001-02,1\n2001-03,2\n", time="month"))[1] == "2001-03-01 00:00:00"
    plain = read("flow\n6.05\n2.67\n\n3.5\n")
    assert isinstance(plain.series.index, pd.RangeIndex)
    assert plain.audit.time_column is None
    assert read("1.5\n2.5\n").series.tolist() == [1.5, 2.5]


def test_values_that_could_be_years_are_values() -> None:
    assert read("flow\n1800\n1850\n1900\n").series.tolist() == [1800.0, 1850.0, 1900.0]
    assert read("flow,temp\n1900,5\n1850,6\n1870,7\n", value="flow").series.tolist() == [1900.0, 1850.0, 1870.0]


def test_an_undated_row_dropped_leaves_its_place_open() -> None:
    assert read("flow\n1.5\nM\n2.5\n3.5\n").series.index.tolist() == [0, 2, 3]


def test_no_header_is_said() -> None:
    record = read("2001-02-13,1.5\n2001-02-14,2.5\n")
    assert record.series.name == "column 2"
    assert any("no header line" in note for note in record.audit.notes)


def test_unknown_columns_are_named_with_the_nearest() -> None:
    with pytest.raises(ArgumentError, match=r"unknown column 'flo'; known: 'date', 'flow'\. Did you mean 'flow'\?"):
        read(SAME["comma"], value="flo")
    with pytest.raises(ArgumentError, match="time and value are both 'date'"):
        read(SAME["comma"], time="date", value="date")
    with pytest.raises(DataError, match=r"column 'flow' holds no dates: line 2 has '1\.5'"):
        read(SAME["comma"], time="flow", value="date")


def test_the_other_numeric_columns_are_reported() -> None:
    (note,) = (n for n in read("date,predicted,verified\n2001-02-13,1,2\n2001-02-14,3,4\n").audit.notes if "value" in n)
    assert note == "The value is taken from 'verified', not from 'predicted' (predicted)."
    with pytest.raises(DataError, match="2 columns could be the value: 'low', 'high'"):
        read("date,low,high\n2001-02-13,1,2\n2001-02-14,3,4\n")
    assert read("date,low,high\n2001-02-13,1,2\n2001-02-14,3,4\n", value="high").series.tolist() == [2.0, 4.0]


def test_gaps_are_reported_and_not_filled() -> None:
    record = read("date,flow\n2001-02-13,1\n2001-02-14,2\n2001-02-20,3\n2001-02-21,4\n")
    assert len(record.series) == 4
    assert any("5 timestamps without a value at a step of 1 day" in note for note in record.audit.notes)


def test_one_gap_and_one_step_back_are_singular() -> None:
    notes = read("date,flow\n2001-02-14,2\n2001-02-13,1\n2001-02-16,3\n2001-02-17,4\n").audit.notes
    assert any("1 timestamp without a value at a step of 1 day" in note for note in notes)
    assert any("(1 step back, the first at line 3)" in note for note in notes)


def test_rows_not_taken_are_told_by_reason_with_the_first() -> None:
    days = pd.date_range("2001-01-01", periods=60)
    rows = [f"{day.date()},{place + 0.5}" for place, day in enumerate(days)]
    rows[3], rows[5], rows[9] = f"{days[3].date()},>125.47", f"{days[5].date()},Ice", f"{days[9].date()},>97"
    record = read("\n".join(["date,flow", *rows, rows[20]]) + "\n")
    assert record.audit.row_notes == (
        "2 of 61 rows reinterpreted: greater than a number ('>'), which is taken for the value (ev.read_peaks "
        "takes it for a bound, as commands of block extremes do); first line 5: '2001-01-04,>125.47'.",
        "1 of 61 rows dropped: not a number; first line 7: '2001-01-06,Ice'.",
        "1 of 61 rows reinterpreted: earlier than the row before; sorted by time; first line 62: '2001-01-21,20.5'.",
        "1 of 61 rows merged: same time and value as another row; first line 62: '2001-01-21,20.5'.",
    )
    assert set(record.audit.row_notes) <= set(block_maxima(record, 10).notes)


def test_rows_of_a_table_are_told_by_row() -> None:
    *_, note = read_series(pd.Series([1.0, np.nan, 3.0])).audit.row_notes
    assert note.startswith("1 of 3 rows dropped: missing value; first row 2: ")


def test_weekends_are_no_gaps_in_a_series_of_working_days() -> None:
    days = pd.bdate_range("2001-01-01", periods=20)
    record = read_series(pd.Series(np.arange(20.0), days))
    assert not any("without a value" in note for note in record.audit.notes)


def test_repeated_and_empty_column_names_stay_apart() -> None:
    record = read("date,flow,flow,\n2001-02-13,1,2,3\n2001-02-14,3,4,5\n", value="flow (2)")
    assert record.series.tolist() == [2.0, 4.0]


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("flow (m3/s)", "m3/s"), ("flow [m3/s]", "m3/s"), ("discharge_m3s", "m3/s"), ("discharge:cfs", "cfs"),
        ("price_usd_per_barrel", "USD per barrel"), ("tmax_degF", "degF"), ("flow", None), ("$ <script>", None),
    ],
)  # fmt: skip
def test_the_unit_comes_from_the_header(header: str, unit: str | None) -> None:
    record = read(f"date,{header}\n2001-02-13,1\n2001-02-14,2\n")
    assert record.audit.unit == unit
    assert record.series.name == header


@pytest.mark.parametrize("options", [{"decimal": "x"}, {"decimal": ",", "thousands": ","}, {"separator": "<>"}])
def test_senseless_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ArgumentError):
        read(SAME["comma"], **options)


@pytest.mark.parametrize("name", ["Uhrzeit", "heure", "when"])
def test_a_clock_beside_the_date_belongs_to_the_time(name: str) -> None:
    rows = [f"{day}.01.2001;{hour:02d}:00;{day},{hour}" for day in (14, 15) for hour in (0, 12)]
    record = read(f"Datum;{name};Hs [m]\n" + "\n".join(rows) + "\n")
    assert record.audit.time_column == f"Datum + {name}"
    assert record.series.index[1] == pd.Timestamp("2001-01-14 12:00")
    assert record.audit.rows_kept == 4
    assert record.audit.unit == "m"


def test_a_column_that_is_always_the_same_is_not_the_value() -> None:
    lines = [f"    42,100042,{year}0101,{250 + year % 7:5d},    0" for year in range(1961, 1990)]
    record = read("STAID, SOUID,    DATE,   TX, Q_TX\n" + "\n".join(lines) + "\n")
    assert record.audit.value_column == "TX"
    assert record.audit.time_column == "DATE"
    assert record.series.iloc[0] == 251.0
    constant = read("year,flow\n1990,3.5\n1991,3.5\n1992,3.5\n")
    assert constant.audit.value_column == "flow"


def test_an_introduction_full_of_commas_is_skipped() -> None:
    """The head of the files of the European Climate Assessment & Dataset."""
    introduction = (
        "EUROPEAN CLIMATE ASSESSMENT & DATASET (ECA&D), file created on: 12-10-2023\n\n"
        "Klein Tank, A.M.G. and Coauthors, 2002. Daily dataset of 20th-century surface\n"
        "Int. J. of Climatol., 22, 1441-1453.\n\nFILE FORMAT (MISSING VALUE CODE IS -9999):\n\n"
        "01-06 STAID: Station identifier\n08-13 SOUID: Source identifier\n15-22 DATE : Date YYYYMMDD\n"
        "24-28 TX   : Maximum temperature in 0.1 degC\n30-34 Q_TX : quality code (0='valid'; 9='missing')\n\n"
        "This is the blended series of station SOMEWHERE, LAND (STAID: 1)\n\nSTAID, SOUID,    DATE,   TX, Q_TX\n"
    )
    days = pd.date_range("2001-01-01", periods=60)
    rows = [f"     1, 35381,{day:%Y%m%d},{-9999 if i == 7 else 20 + i % 9:5d},    0" for i, day in enumerate(days)]
    record = read(introduction + "\n".join(rows) + "\n")
    assert (record.audit.time_column, record.audit.value_column) == ("DATE", "TX")
    assert record.audit.rows_read == 60
    assert record.audit.dropped == 1
    assert record.series.iloc[0] == 20.0


def test_99_that_looks_like_a_mark_is_refused() -> None:
    rows = [
        f"{day:%Y-%m-%d},{99.0 if i % 20 == 0 else 1.0 + i % 7:.2f}"
        for i, day in enumerate(pd.date_range("2001", periods=90))
    ]
    with pytest.raises(DataError, match="'WVHT' holds 99 5 times, first in line 2, far from all other values"):
        read("date,WVHT\n" + "\n".join(rows) + "\n")


@pytest.mark.parametrize("flawed", ["Total,9", "n/a,2", "2001-02-1,"])
def test_rows_in_no_order_before_a_flawed_one_are_data(flawed: str) -> None:
    days = pd.date_range("2001-01-01", periods=30).strftime("%Y-%m-%d").to_numpy()
    rows = [f"{days[7 * i % 30]},{i}.5" for i in range(30)]
    record = read_series(io.StringIO("\n".join(["date,flow", *rows[:3], flawed, *rows[3:]]) + "\n"))
    assert (record.audit.rows_read, record.audit.rows_kept, record.audit.value_column) == (31, 30, "flow")
