"""Where a series can come from: paths, compressed files, streams, pandas objects and arrays; and what is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evstats.errors import ArgumentError, DataError
from evstats.reading.reader import read_series

TEXT = "date,flow\n2001-02-13,1.5\n2001-02-14,2.5\n"
DAYS = pd.DatetimeIndex(["2001-02-13", "2001-02-14"])


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_a_path_compressed_or_not(tmp_path: Path, compress: object) -> None:
    path = tmp_path / "flow.csv"
    path.write_bytes(compress(TEXT.encode()))
    for source in (path, str(path)):
        assert read_series(source).series.tolist() == [1.5, 2.5]
    assert read_series(path).audit.source == str(path)


@pytest.mark.parametrize(
    "stream", [io.StringIO(TEXT), io.BytesIO(TEXT.encode()), io.BytesIO(gzip.compress(TEXT.encode()))]
)
def test_a_stream_of_text_or_bytes(stream: object) -> None:
    assert read_series(stream).series.tolist() == [1.5, 2.5]


def test_open_files_in_either_mode(tmp_path: Path) -> None:
    path = tmp_path / "flow.csv"
    path.write_text(TEXT)
    for mode in ("r", "rb"):
        with path.open(mode) as file:
            assert read_series(file).audit.source == str(path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1", "utf-8"])
def test_encodings(encoding: str) -> None:
    record = read_series(io.BytesIO("date,Abfluß\n2001-02-13,1.5\n2001-02-14,2.5\n".encode(encoding)))
    assert record.series.name == "Abfluß"
    assert any("Windows-1252" in note for note in record.audit.notes) == (encoding == "latin-1")


def test_an_encoding_can_be_named_and_must_fit() -> None:
    data = "date,Fluß\n2001-02-13,1.5\n2001-02-14,2\n".encode("cp850")
    assert read_series(io.BytesIO(data), encoding="cp850").series.name == "Fluß"
    with pytest.raises(DataError, match="is not ascii text; leave the encoding out"):
        read_series(io.BytesIO(data), encoding="ascii")
    with pytest.raises(ArgumentError, match="unknown encoding 'latin-9000'"):
        read_series(io.BytesIO(data), encoding="latin-9000")


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return content.getvalue()


NOT_TABLES = {
    "half an xlsx": (b"PK\x03\x04rest", "zip archive or spreadsheet (.xlsx, .ods), damaged or cut short; fetch it"),
    "ods": (zipped("mimetype", "content.xml"), "zip archive or spreadsheet (.ods, .xlsb); unpack it, or open the"),
    "zip": (zipped("flow.csv"), "zip archive or spreadsheet (.ods, .xlsb); unpack it"),
    "xls": (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
    "png": (b"\x89PNG\r\n\x1a\n", "PNG image"),
    "pdf": (b"%PDF-1.7", "PDF document"),
    "half a parquet": (b"PAR1\x00", "a Parquet file that cannot be read"),
    "half a netcdf": (b"CDF\x01", "a NetCDF file that cannot be read"),
    "netcdf, CDF-5": (b"CDF\x05", "a NetCDF file of the CDF-5 format; rewrite it with nccopy -k nc4 first"),
    "numpy": (b"\x93NUMPY", "numpy.load"),
    "zeros": (b"date,flow\n2001-02-13,\x00\x00\x00", "holds NUL bytes, so it is binary or damaged"),
    "half a gz": (gzip.compress(TEXT.encode() * 50)[:40], "compressed but damaged or cut short"),
    "an empty gz": (gzip.compress(b""), "is empty"),
    "nothing": (b"", "is empty"),
}


@pytest.mark.parametrize(("content", "sentence"), NOT_TABLES.values(), ids=NOT_TABLES.keys())
def test_files_that_are_no_text_are_named_for_what_they_are(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "flow.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as error:
        read_series(path)
    assert sentence in str(error.value)
    assert str(path) in str(error.value)


def test_a_missing_file_suggests_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "river_flow.csv").write_text(TEXT)
    with pytest.raises(DataError, match=r"river_flo\.csv does not exist \(did you mean '.*river_flow\.csv'\?\)"):
        read_series(tmp_path / "river_flo.csv")
    with pytest.raises(DataError, match="there is no folder"):
        read_series(tmp_path / "nowhere" / "river_flow.csv")


def test_a_directory_suggests_a_table_in_it(tmp_path: Path) -> None:
    (tmp_path / "river_flow.csv").write_text(TEXT)
    with pytest.raises(DataError, match=r"is a directory; pass one file in it, such as '.*river_flow\.csv'"):
        read_series(tmp_path)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [(TEXT, r"pass io.StringIO\(text\)"), ("https://a.org/b.csv", "is a URL"), (3, "cannot read from a int")],
)
def test_other_sources_are_refused(source: object, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        read_series(source)


@pytest.mark.parametrize(
    "values",
    [
        np.array([1, 250], dtype=np.uint8),
        pd.array([1, 250], dtype="Int64"),
        pd.array([1.0, 250.0], dtype="Float32"),
        np.array([1, 250], dtype=object),
    ],
    ids=str,
)
def test_a_series_of_any_real_type(values: object) -> None:
    record = read_series(pd.Series(values, index=DAYS, name="flow"))
    assert record.series.tolist() == [1.0, 250.0]
    assert record.series.dtype == np.float64
    assert record.series.index.equals(DAYS)
    assert record.series.name == "flow"


def test_missing_values_of_a_nullable_series_are_dropped_by_row() -> None:
    record = read_series(pd.Series(pd.array([1, None], dtype="Int64"), index=DAYS))
    assert record.series.tolist() == [1.0]
    (finding,) = record.audit.findings
    assert (finding.line, finding.reason) == (2, "missing value")


def test_a_frame_with_its_time_in_a_column_or_in_the_index() -> None:
    frame = pd.DataFrame({"when": DAYS, "flow": [1.5, 2.5]})
    for table in (frame, frame.set_index("when"), frame.astype({"when": str})):
        record = read_series(table)
        assert record.series.index.equals(DAYS)
        assert record.audit.value_column == "flow"


def test_periods_years_and_plain_rows_as_index() -> None:
    assert (
        read_series(pd.Series([1.0, 2.0], pd.period_range("2001-02", periods=2, freq="M"))).series.index[1].month == 3
    )
    assert read_series(pd.Series([1.0, 2.0], [1918, 1919])).series.index[0] == pd.Timestamp("1918-01-01")
    assert read_series(pd.Series([1.0, 2.0])).series.index.tolist() == [0, 1]


def test_aware_times_keep_their_clock_where_it_does_not_change() -> None:
    summer = pd.date_range("2001-10-28", periods=6, freq="h", tz="Europe/Berlin")
    record = read_series(pd.Series(np.arange(6.0), summer))
    assert record.series.index.is_unique
    assert len(record.series) == 6
    assert record.series.index[0] == pd.Timestamp("2001-10-27 22:00")
    winter = read_series(pd.Series([1.0, 2.0], DAYS.tz_localize("Europe/Berlin")))
    assert winter.series.index.equals(DAYS)


def test_arrays_masked_or_not() -> None:
    masked = np.ma.array([1.0, 1e9, 3.0], mask=[False, True, False])
    record = read_series(masked)
    assert record.series.tolist() == [1.0, 3.0]
    assert record.series.index.tolist() == [0, 2]
    with pytest.raises(DataError, match=r"array of shape \(3, 1\)"):
        read_series(np.ones((3, 1)))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([1 + 2j, 2j], "is of type complex128, expected real numbers"),
        ([True, False], "is of type bool"),
        (["1.5", [2.5]], "has \\[2.5\\] \\(list\\) in row 2"),
        ([1.5, True], "has True \\(bool\\) in row 2"),
        ([DAYS[0], DAYS[1]], "no value column|is of type datetime64"),
        ([1.5, np.inf], "beyond the largest float64 in row 2"),
    ],
)
def test_values_that_are_no_real_numbers_are_refused(values: list[object], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read_series(pd.Series(values, index=DAYS, name="flow"), value="flow")


def test_tables_with_levels_or_repeated_names_are_refused() -> None:
    with pytest.raises(DataError, match="several index levels"):
        read_series(pd.DataFrame([[1.0]], columns=pd.MultiIndex.from_tuples([("a", "b")])))
    with pytest.raises(DataError, match="two columns are called 'a'"):
        read_series(pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]))
    with pytest.raises(DataError, match="no rows"):
        read_series(pd.Series([], dtype=float))


def test_the_source_is_left_as_it_was() -> None:
    frame = pd.DataFrame(
        {"flow": [2.5, np.nan, 1.5]}, index=pd.DatetimeIndex(["2001-02-14", "2001-02-15", "2001-02-13"])
    )
    before = frame.copy()
    read_series(frame)
    pd.testing.assert_frame_equal(frame, before)
