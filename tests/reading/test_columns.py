"""Which column is the value, which columns split the table, and what a cell means: against plain pandas, or refused."""

from __future__ import annotations

import io
import random
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import exports
from reading.exports import DAYS, FLOW, ISO, LEVEL, RAIN, WARM, Export, csv, marked, unmarked

from evstats.errors import ArgumentError, DataError
from evstats.extremes.blocks import block_maxima
from evstats.reading.reader import read_series
from evstats.reading.records import Record

READ = exports.NEVER | exports.NO_KEY | exports.OBSERVED | exports.LABELS | exports.NOTATION
REFUSED = exports.KEYS | exports.TWO


def read(text: str, **options: object) -> Record:
    return read_series(io.StringIO(text), **options)


@pytest.mark.parametrize("export", READ.values(), ids=READ.keys())
def test_what_can_be_read_in_one_way_is_what_plain_pandas_reads(export: Export) -> None:
    record = read(export.text, **export.options)
    np.testing.assert_allclose(record.series.to_numpy(), np.asarray(export.values, dtype=float), rtol=1e-12)


@cache
def first_refusal(name: str) -> DataError | None:
    """What is said of a table without more options than it comes with."""
    return refusal(REFUSED[name].text, REFUSED[name].options)


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_be_read_in_two_ways_is_refused_and_the_advice_leads_on(name: str) -> None:
    refused, sentence = REFUSED[name], str(first_refusal(name))
    assert all(part in sentence for part in refused.says), sentence
    assert "\n" not in sentence
    for options, values in refused.choices:
        np.testing.assert_allclose(read(refused.text, **options).series.to_numpy(), values, rtol=1e-12)


@pytest.mark.parametrize("name", REFUSED)
def test_the_advice_of_a_refusal_followed_to_the_end_gives_one_value_a_time(name: str) -> None:
    refused = REFUSED[name]
    options: dict[str, Any] = dict(refused.options)
    for step in range(4):
        said = refusal(refused.text, options) if step else first_refusal(name)
        if said is None:
            break
        advice, *_more = (setting for setting in said.settings if setting.name in ("value", "where"))
        options[advice.name] = options.get("where", {}) | advice.value if advice.name == "where" else advice.value
    assert read(refused.text, **options).series.index.is_unique


def refusal(text: str, options: dict[str, Any]) -> DataError | None:
    try:
        read(text, **options)
    except DataError as error:
        return error
    return None


VALUES = (
    "flow", "Q", "Qmax", "H", "Hs", "Hm0", "Tp", "level", "stage", "gage_ht", "precip", "RR", "TX", "FX", "PM10",
    "NO", "NO2", "NO_ugm3", "max_gust_kmh", "slp", "skew_surge", "loss", "claim amount", "pnl", "return", "price",
    "close", "index", "AO index", "SPI", "t2m", "tp", "u10", "sd", "e", "ro", "x", "y", "V1", "S", "demand", "MW",
    "magnitude", "depth", "height", "elevation", "count", "deaths", "number", "tide", "WL", "gauge", "Pegel",
    "station pressure", "max 1 day rain", "7-day low flow", "Q_100", "100-year level", "rain_day",
    "rainfall per day (mm)", "humidity", "liquid", "heat index", "low", "high", "last", "River flow",
    "Parameter value", "Wasserstand", "flow no", "volume", "Temperature quality", "air quality index", "type",
    "number of deaths", "period", "wave period", "hour rainfall", "Kp", "season mean", "error", "std", "rank sum",
    "min", "mm", "Date loss",
)  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_a_column_of_any_measured_thing_can_be_the_value(name: str) -> None:
    """Beside a constant, a counter and a quality mark, whatever its name; as whole numbers too."""
    beside = {"agency": "A", "id": np.arange(200) + 40, "date": ISO[:200], "qc": np.arange(200) * 7 % 3}
    for values in (FLOW[:200], np.round(FLOW[:200]).astype(int)):
        record = read(csv(beside | {name: values}, sep="\t"))
        assert record.audit.value_column == name
        np.testing.assert_array_equal(record.series, values)


# -- key columns -------------------------------------------------------------------------------------------------------

STATIONS = csv({"station": np.repeat(["A1", "A2", "B7"], 450), "no": np.repeat(["01", "2", "03"], 450),
                "date": [*ISO] * 3, "flow": np.concatenate([FLOW, FLOW + 1, FLOW + 2])})  # fmt: skip


def test_rows_not_chosen_are_counted_and_not_told_one_by_one() -> None:
    audit = read(STATIONS, where={"station": "A2"}).audit
    assert (audit.rows_read, audit.rows_kept, audit.not_chosen) == (1350, 450, 900)
    assert audit.rows_read == audit.rows_kept + audit.dropped + audit.merged + audit.not_chosen
    assert audit.findings == ()
    (note,) = (note for note in audit.notes if note.code == "rows_chosen")
    assert note == "Only rows with station = A2 are read: 450 of 1,350."


@pytest.mark.parametrize(
    ("where", "first"),
    [
        ({"station": "A1"}, FLOW[0]), ({"no": 1}, FLOW[0]), ({"no": "1.0"}, FLOW[0]), ({"no": "02"}, FLOW[0] + 1),
        ({"station": ["B7"], "no": 3}, FLOW[0] + 2), ({"station": " A2 "}, FLOW[0] + 1),
    ],
)  # fmt: skip
def test_values_are_compared_as_text_and_else_as_numbers(where: dict[str, object], first: float) -> None:
    assert read(STATIONS, where=where).series.iloc[0] == pytest.approx(first)


def test_several_values_and_all_of_them() -> None:
    two = read(STATIONS, where={"station": ["A1", "B7"]})
    assert len(two.series) == 900
    every = read(STATIONS, where={"station": "*"})
    assert len(every.series) == 1350
    assert any(note.code == "every_row_chosen" for note in every.audit.notes)


@pytest.mark.parametrize(
    ("where", "error", "sentence"),
    [
        ({"statio": "A1"}, ArgumentError, "unknown column 'statio'.*Did you mean 'station'"),
        ({"station": "A3"}, ArgumentError, r"'station' has no 'A3' \(where=, --where\); it holds A1, A2, B7\. Did you"),
        ({"date": "1999-09-20"}, ArgumentError, "'date' is the time column"),
        ({"flow": 3}, ArgumentError, "'flow' is the value column"),
        ("station=A1", ArgumentError, r"a mapping of columns to values, .*--where STATION=USC001"),
        ({"station": "A1", "no": "2"}, DataError, "no row holds station = A1 and no = 2"),
    ],
)
def test_a_choice_that_cannot_be_met_is_refused(where: object, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        read(STATIONS, where=where)


def test_frames_in_memory_are_split_by_keys_as_files_are() -> None:
    frame = pd.DataFrame({"lat": np.float32(47.2), "member": np.repeat([1, 2], 450), "date": [*DAYS] * 2,
                          "flow": [*FLOW, *FLOW + 1]})  # fmt: skip
    with pytest.raises(DataError, match=r"member holds 2 members \(1, 2\)"):
        read_series(frame)
    np.testing.assert_array_equal(read_series(frame, where={"member": 2, "lat": 47.2}).series, FLOW + 1)
    indexed = frame.set_index("date").rename(columns={"member": "x"})
    with pytest.raises(DataError, match=r"x holds 2 values \(1, 2\)"):
        read_series(indexed)


def test_undated_rows_are_placed_among_those_chosen() -> None:
    text = "site,loss\n" + "".join(f"{'ab'[i % 2]},{i + 0.5}\n" for i in range(20))
    assert read(text, where={"site": "b"}).series.index.tolist() == list(range(10))


def test_a_key_beyond_the_sample_is_seen() -> None:
    """Of a long file the roles are told from a sample; the keys are looked at throughout."""
    rows = "".join(f"X,{day:%Y-%m-%d},{i % 97}.5\n" for i, day in enumerate(pd.date_range("1950", periods=20_000)))
    assert len(read(f"station,date,flow\n{rows}").series) == 20_000
    with pytest.raises(DataError, match=r"station holds 2 stations \(X, Y\)"):
        read(f"station,date,flow\n{rows}Y,2004-10-05,7.5\nY,2004-10-06,7.5\n")


# -- numbers that mark missing values ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", exports.FILLS)
def test_fill_values_are_missing_values(mark: str) -> None:
    record = read(csv({"time": ISO, "tp": marked(RAIN, mark)}))
    np.testing.assert_array_equal(record.series, unmarked(RAIN))
    assert record.audit.dropped == 10


@pytest.mark.parametrize("mark", [9.96921e36, 1e20, -9999.0, -999.9, 32767.0, -9e33, np.float32(1e30)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fill_values_in_memory_are_missing_values(mark: float, dtype: type[np.floating]) -> None:
    values = np.array(marked(RAIN, mark), dtype=dtype)
    frame = pd.DataFrame({"tp": values}, index=DAYS)
    for data in (frame, frame["tp"], values):
        series = read_series(data).series
        np.testing.assert_allclose(series, unmarked(RAIN), rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        (FLOW * 140, 32767.0),  # up to 40,000: inside the range
        (LEVEL * 1000 - 2000, -999.0),
        (np.round(FLOW / 4), 99.0),
        (WARM * 3, 99.9),
        (FLOW * 1e18, 1e20),  # all are as large
    ],
)
def test_a_number_like_a_mark_within_the_range_is_a_value(values: np.ndarray, kept: float) -> None:
    values = values.copy()
    values[[100, 300]] = kept
    record = read(csv({"date": ISO, "flow": values}))
    np.testing.assert_allclose(record.series, values)


@pytest.mark.parametrize(
    ("values", "mark"),
    [(RAIN, 999), (RAIN, 9999.0), (WARM, 99.9), (np.abs(LEVEL), 99.0), (FLOW * 20, 32767), (WARM - 75, -99)],
)
def test_a_mark_that_would_be_the_extreme_is_refused(values: np.ndarray, mark: float) -> None:
    text = csv({"date": ISO, "x": marked(values, mark)})
    with pytest.raises(DataError) as error:
        read(text)
    sentence = str(error.value)
    assert f"holds {mark:g} 10 times, first in line 9, far from all other values" in sentence
    assert f"na_values=[{mark:g}]" in sentence
    np.testing.assert_array_equal(read(text, na_values=[mark]).series, unmarked(values))
    assert len(read(text, na_values="none").series) == len(values)


def test_nothing_is_a_mark_where_that_is_said() -> None:
    text = csv({"date": ISO, "x": marked(FLOW, "-999")})
    assert read(text, na_values="none").series.min() == -999.0
    assert read(text, na_values=["none", -999]).series.min() > 0


def test_marks_that_a_header_is_known_for() -> None:
    days = csv({"STATION": 1, "DATE": ISO, "WDSP": 5.5, "MXSPD": marked(FLOW / 10, 999.9), "SNDP": 999.9,
                "GUST": marked(FLOW / 8, 999.9), "PRCP": marked(RAIN / 25, 99.99)})  # fmt: skip
    for column, values in (("MXSPD", FLOW / 10), ("GUST", FLOW / 8), ("PRCP", RAIN / 25)):
        record = read(days, value=column)
        np.testing.assert_allclose(record.series, unmarked(values))
        assert "in files with such a header" in record.audit.findings[0].reason


# -- notation ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("(142,282.5)", -142282.5), ("($1,234.50)", -1234.5), ("$(1,234.50)", -1234.5), ("-$1,234.50", -1234.5),
        ("$-1,234.50", -1234.5), ("123.5-", -123.5), ("−5.5", -5.5), ("USD 12.5", 12.5), ("12.5 EUR", 12.5),
        ("1'234.5", 1234.5), ("1 234.5", 1234.5), ("1\u202f234.5", 1234.5), ("12.5 m3/s", 12.5), ("12.5m³/s", 12.5),
        ("12.5 %", 12.5), ("12.5 m", 12.5), ("1.5e3 cfs", 1500.0), ("+7.5", 7.5), (".5", 0.5), ("(0.5 %)", -0.5),
    ],
)  # fmt: skip
def test_a_number_in_other_dress_is_read(cell: str, number: float) -> None:
    rows = f'2001-02-12;1,234.5\n2001-02-13;"{cell}"\n2001-02-14;3.5\n'
    assert read(f"date;x\n{rows}").series.tolist() == [1234.5, number, 3.5]


@pytest.mark.parametrize(
    "cell", ["1.2e", "(5", "5)", "(-5)", "-(-5)", "12.5 A", "1.2K", "3.4M", "12-13", "5 apples", "--5"]
)
def test_a_number_with_anything_else_is_none(cell: str) -> None:
    record = read(f"date,x\n2001-02-12,1.5\n2001-02-13,{cell}\n2001-02-14,3.5\n2001-02-15,2.5\n")
    assert record.series.tolist() == [1.5, 3.5, 2.5]
    assert record.audit.counts == {("dropped", "not a number"): 1}


@pytest.mark.parametrize(
    ("cell", "sign"), [("<0.1", "<"), ("< 0.1", "<"), (">500", ">"), ("≥500", ">"), ("<=0.1", "<")]
)
def test_censored_cells_are_named(cell: str, sign: str) -> None:
    record = read(f"date,x\n2001-02-12,1.5\n2001-02-13,{cell}\n2001-02-14,3.5\n2001-02-15,2.5\n")
    ((_, reason),) = record.audit.counts
    assert f"('{sign}')" in reason


def test_what_was_left_out_is_said() -> None:
    notes = read(csv({"date": ISO[:3], "pnl": ["(1.5)", "2.5-", "$3.5"]})).audit.notes
    said = {note.code: note for note in notes}
    assert said["minus_signs"].values["count"] == 2
    assert said["signs_left_out"].values["first"] == "$3.5"


def test_two_units_in_one_column_are_refused() -> None:
    with pytest.raises(DataError, match=r"'Q' mixes units: line 2 has '1\.5 m3/s', line 4 has '90 cfs'"):
        read("date,Q\n2001-02-12,1.5 m3/s\n2001-02-13,2.5 m3/s\n2001-02-14,90 cfs\n")


def test_a_point_that_may_group_thousands_is_asked_about() -> None:
    text = "Datum;Schaden\n2001-02-12;39.500\n2001-02-13;521\n2001-02-14;4.250\n"
    with pytest.raises(DataError, match=r"'39\.500' beside whole numbers.*thousands='\.' \(--thousands '\.'\)"):
        read(text)
    assert read(text, thousands=".").series.tolist() == [39500.0, 521.0, 4250.0]
    assert read(text, decimal=".").series.tolist() == [39.5, 521.0, 4.25]


# -- units -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("mm", "mm"), ("Flow, cfs", "cfs"), ("Q in m³/s", "m³/s"), ("Discharge (cfs) daily mean", "cfs"), ("Hs/m", "m"),
        ("temp_c", "degC"), ("precip.mm", "mm"), ("Max Temp (°C)", "°C"), ("Level - m", "m"), ("Rain {mm}", "mm"),
        ("flow (2)", None), ("Temperature (max)", None), ("Wind (10 m)", None), ("peak_va", None), ("login", None),
        ("Close", None), ("max_1_day", None), ("QN_3", None), ("Total in", None),
    ],
)  # fmt: skip
def test_units_in_names(name: str, unit: str | None) -> None:
    assert read(csv({"date": ISO, name: FLOW}, sep="\t")).audit.unit == unit


def test_a_unit_beside_the_numbers_or_as_asked() -> None:
    text = csv({"date": ISO, "Q": [f"{x} cfs" for x in FLOW]})
    assert read(text).audit.unit == "cfs"
    assert read(text, unit="m3/s").audit.unit == "m3/s"


def test_the_name_of_a_series_has_its_unit() -> None:
    series = pd.Series(WARM, DAYS, name="tmax_degC")
    assert block_maxima(series, "month").unit == "degC"
    assert block_maxima(series, "month", unit="K").unit == "K"
    assert block_maxima(series.rename("tmax"), "month").unit is None


# -- what must not matter ----------------------------------------------------------------------------------------------

_FURTHER = {
    "a constant": lambda n: np.full(n, 0.5),
    "a whole constant": lambda n: np.full(n, 7),
    "agency": lambda n: ["USGS"] * n,
    "remark": lambda n: ["abcd"[i * 7 % 4] for i in range(n)],
    "quality": lambda n: [i * 5 % 3 for i in range(n)],
    "id": lambda n: 1000 + np.arange(n),
    "lfd": lambda n: np.arange(1, n + 1),
    "k": lambda n: np.arange(n)[::-1],
    "waterYear": lambda n: (DAYS.year + (DAYS.month >= 10))[:n],
    "month": lambda n: DAYS.month[:n],
    "zz": lambda n: DAYS.day_of_year[:n],
    "flow_cd": lambda n: ["A"] * n,
    "nothing": lambda n: [""] * n,
}  # fmt: skip


@given(
    st.lists(st.floats(-50, 5000).map(lambda x: round(x, 2)), min_size=20, max_size=60),
    st.permutations(sorted(_FURTHER)).flatmap(lambda names: st.integers(0, len(names)).map(lambda k: names[:k])),
    st.randoms(use_true_random=False),
)
@settings(max_examples=25)
def test_further_columns_in_any_order_never_change_the_series(
    values: list[float], further: list[str], order: random.Random
) -> None:
    columns = {"date": ISO[: len(values)], "flow": values} | {name: _FURTHER[name](len(values)) for name in further}
    names = list(columns)
    order.shuffle(names)
    expected = read(csv({"date": columns["date"], "flow": values}), na_values="none").series
    found = read(csv({name: columns[name] for name in names}), na_values="none").series
    pd.testing.assert_series_equal(found, expected)


@given(st.permutations(["STATIONS_ID", "QN_3", "FX", "QN_4", "RSK", "eor"]))
@settings(max_examples=10)
def test_a_refusal_does_not_hang_on_the_order_either(names: list[str]) -> None:
    columns = {"STATIONS_ID": 3987, "QN_3": 10, "FX": FLOW[:200], "QN_4": 3, "RSK": RAIN[:200], "eor": "eor"}
    with pytest.raises(DataError, match=r"'FX', 'RSK'|'RSK', 'FX'"):
        read(csv({"MESS_DATUM": ISO[:200]} | {name: columns[name] for name in names}))
