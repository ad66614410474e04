"""Files as agencies and programs write them: what is read is what the rows of data say, whatever stands around them.

The values are made up; the layouts are those of the agencies. Every text is read without an option unless one is
named, and compared with the numbers it was made of.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from evstats.errors import ArgumentError, DataError
from evstats.extremes.blocks import block_maxima
from evstats.reading.reader import read_series
from evstats.reading.records import Record

DAYS = pd.date_range("1996-01-01", "1997-12-31")
RAIN = pd.Series(np.round(np.random.default_rng(1).gamma(0.4, 9.0, len(DAYS)), 1), DAYS)
HOURS = pd.date_range("2001-02-27 01:00", periods=96, freq="h")
LEVEL = pd.Series(np.round(3 + np.random.default_rng(2).normal(size=96), 2), HOURS)
YEARS = range(1961, 1991)
PEAKS = pd.Series(
    np.round(np.random.default_rng(3).gumbel(100, 30, 30), 1), [pd.Timestamp(f"{y}-01-01") for y in YEARS]
)


def read(text: str | bytes, **options: object) -> Record:
    return read_series(io.BytesIO(text.encode() if isinstance(text, str) else text), **options)


def rows(series: pd.Series, line: str, **written: Callable[[float], str]) -> str:
    """A line for every value: ``{t:%Y-%m-%d},{v}``."""
    show = written.get("show", str)
    return "".join(line.format(t=time, v=show(value)) + "\n" for time, value in series.items())


def comma(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


EHYD = """\
Messstelle:                ;Oberdorf
HZB-Nummer:                ;110304
DBMS-Nummer:               ;6005301
Höhe:
 gültig seit:              ;Höhe [m ü.A.]:
  01.08.1921               ;681
  01.01.1996               ;957
Geographische Koordinaten (Referenzellipsoid: Bessel 1841):
 gültig seit:              ;Länge (Grad,Min,Sek):    ;Breite  (Grad,Min,Sek):
  01.01.1996               ;15 00 01                 ;48 23 22
Zugeordnete Messcodes:
 gültig seit: ;gültig bis:  ;Messcode:                           ;Entstehungsart:
  01.01.1953;   30.03.2004;  Nh/Schwimmer (Heber);                digitalisiert
  30.03.2004;              ; Nh/elekt.Waage, 500 cm², beh.;       Datensammler -> DFÜ
Exportzeitreihe:           ;Niederschlag,I,Sum,T,1,O,Z,0,,,
Exportzeitraum:            ;01.01.1996 07:00; bis ;01.01.1998 07:00
Werteformat:               ;1 Nachkommastellen
Einheit:                   ;mm
Werte:
"""
NRFA = """\
file,timestamp,2023-08-22T14:39:12
database,id,nrfa-public-30
database,name,UK National River Flow Archive
station,id,39001
station,name,Somewhere at Bridge
station,gridReference,TQ177698
station,descriptionSummary,"Ultrasonic station, commissioned in 1974"
dataType,id,gdf
dataType,units,m3/s
dataType,period,day (0900-0900)
data,first,1996-01-01
data,last,1997-12-31
"""
CANADA = """\
"Station Name","OTTAWA CDA"
"Province","ONTARIO"
"Latitude","45.38"
"Longitude","-75.72"
"Elevation","79.20"
"Climate Identifier","6105976"
"WMO Identifier","71063"

"Legend"
"A","Accumulated"
"E","Estimated"
"M","Missing"
"[empty]","No data available"

"Date/Time","Year","Month","Day","Data Quality","Total Precip (mm)","Total Precip Flag"
"""
KNMI_OLD = """\
BRON: KONINKLIJK NEDERLANDS METEOROLOGISCH INSTITUUT (KNMI)
Opmerking: door stationsverplaatsingen zijn deze tijdreeksen mogelijk inhomogeen!

STN      LON(east)   LAT(north)     ALT(m)  NAME
260:         5.177       52.101       1.90  DE BILT

YYYYMMDD = Datum (YYYY=jaar MM=maand DD=dag) / Date (YYYY=year MM=month DD=day)
FHX      = Hoogste uurgemiddelde windsnelheid (in 0.1 m/s) / Maximum hourly mean windspeed (in 0.1 m/s)

# STN,YYYYMMDD,  FHX

"""
KNMI_NEW = """\
# BRON: KONINKLIJK NEDERLANDS METEOROLOGISCH INSTITUUT (KNMI)
# Opmerking: door stationsverplaatsingen zijn deze tijdreeksen mogelijk inhomogeen!
#
# STN         LON(east)   LAT(north)  ALT(m)      NAME
# 260         5.180       52.100      1.90        De Bilt
#
# FHX         : Hoogste uurgemiddelde windsnelheid (in 0.1 m/s)
#
# STN,YYYYMMDD,  FHX
#
"""
KNMI_HOURS = """\
# Source: ROYAL NETHERLANDS METEOROLOGICAL INSTITUTE (KNMI)
#
# YYYYMMDD = date (YYYY=year,MM=month,DD=day);
# HH       = time (HH uur/hour, UT. 12 UT=13 MET, 14 MEZT. Hourly division 05 runs from 04.00 UT to 5.00 UT;
#
# STN,YYYYMMDD,   HH,   FX
#
"""
GRDC = """\
# Title:                 GRDC STATION DATA FILE
#                        --------------
# Format:                DOS-ASCII
# Field delimiter:       ;
# missing values are indicated by -999.000
#
# GRDC-No.:              6335020
# Latitude (DD):       51.7574
# Catchment area (km2):      159300.0
# Time series:           1996-01 - 1997-12
# Data Set Content:      MEAN DAILY DISCHARGE (Q)
#                        --------------------
# Unit of measure:                  m3/s
# Table Header:
#     YYYY-MM-DD - Date
#     hh:mm      - Time
#     Value   - original (provided) data
# Data lines: 731
# DATA
YYYY-MM-DD;hh:mm; Value
"""
POWER = """\
-BEGIN HEADER-
NASA/POWER CERES/MERRA2 Native Resolution Daily Data
Dates (month/day/year): 01/01/1996 through 12/31/1997
Location: Latitude  48.2   Longitude 16.37
Elevation from MERRA-2: Average for 0.5 x 0.625 degree lat/lon region = 285.13 meters
Value for missing model data cannot be computed: -999
Parameter(s):
PRECTOTCORR     MERRA-2 Precipitation Corrected (mm/day)
-END HEADER-
"""
METEO = """\
latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation
52.54833,13.407822,38.0,0,GMT,GMT

time,precipitation_sum (mm)
"""
BOM = """\
#Station number: 410730
#Station name: Cotter at Gingera
#Datum: local
#Latitude: -35.588
#Data from 1996 to 1997, downloaded 2023-05-01
#Timestamp,Value,Quality Code,Interpolation Type
"""
WISKI = """\
#ZRXPVERSION2300.100|*|ZRXPCREATORKiIOSystem.ZRXPV2R2_E|*|
#SNAMEOberdorf|*|SANR6005301|*|SWATERBach|*|CNRW|*|CNAMEAbfluss|*|
#TSPATH/5301/Q/Tag.Mittel|*|TZUTC+1|*|RINVAL-777|*|CUNITm3/s|*|
"""
BANQUE = """\
Code station;Y321002101
Libellé;La Rivière à Ville
Surface (km²);1 250
Période;01/01/1996;31/12/1997

Date;Débit (m3/s)
"""
SPREADSHEET = """\
Rainfall report 1996 to 1997;;
Station 4711;957 m;
;;
Datum;Regen [mm];Bemerkung
"""

ABOVE = {
    "eHYD": (EHYD.encode("latin-1") + rows(RAIN, "{t:%d.%m.%Y 07:00:00}   ;     {v}", show=comma).encode("latin-1"), 7),
    "eHYD without a time of day": (EHYD + rows(RAIN, "{t:%d.%m.%Y}   ;     {v}", show=comma), 0),
    "NRFA": (NRFA + rows(RAIN, "{t:%Y-%m-%d},{v}"), 0),
    "Environment Canada": (CANADA + rows(RAIN, '"{t:%Y-%m-%d}","{t:%Y}","{t:%m}","{t:%d}","‡","{v}",""'), 0),
    "KNMI, introduction in the text": (KNMI_OLD + rows(RAIN, "  260,{t:%Y%m%d},{v:>5}"), 0),
    "KNMI, introduction in comments": (KNMI_NEW + rows(RAIN, "  260,{t:%Y%m%d},{v:>5}"), 0),
    "GRDC": (GRDC + rows(RAIN, "{t:%Y-%m-%d};--:--;{v:>11}"), 0),
    "POWER, year month day": (POWER + "YEAR,MO,DY,PRECTOTCORR\n" + rows(RAIN, "{t:%Y},{t.month},{t.day},{v}"), 0),
    "POWER, day of the year": (POWER + "YEAR,DOY,PRECTOTCORR\n" + rows(RAIN, "{t:%Y},{t.day_of_year},{v}"), 0),
    "Open-Meteo": (METEO + rows(RAIN, "{t:%Y-%m-%d},{v}"), 0),
    "Bureau of Meteorology": (BOM + rows(RAIN, "{t:%Y-%m-%d}T09:00:00.000+10:00,{v},10,603"), 9),
    "WISKI": (WISKI + rows(RAIN, "{t:%Y%m%d}000000 {v} 40"), 0),
    "Banque Hydro": (BANQUE + rows(RAIN, "{t:%d/%m/%Y};{v}", show=comma), 0),
    "a spreadsheet": (SPREADSHEET + rows(RAIN, "{t:%d.%m.%Y};{v};", show=comma), 0),
    "key and value": ("Station: 4711\nHeight: 957\nBegin: 1921-08-01\n\n" + rows(RAIN, "{t:%Y-%m-%d} {v}"), 0),
}  # fmt: skip


@pytest.mark.parametrize(("text", "hour"), ABOVE.values(), ids=ABOVE.keys())
def test_metadata_above_the_data_is_no_data(text: str | bytes, hour: int) -> None:
    record = read(text)
    expected = RAIN.set_axis(RAIN.index + pd.Timedelta(hours=hour))
    assert record.audit.rows_read == record.audit.rows_kept == len(RAIN)
    np.testing.assert_array_equal(record.series.to_numpy(), expected.to_numpy())
    assert record.series.index.equals(expected.index.as_unit(record.series.index.unit))


def test_hours_from_1_to_24() -> None:
    shown = [(t - pd.Timedelta(hours=1), v) for t, v in LEVEL.items()]
    lines = "".join(f"  260,{t:%Y%m%d},{t.hour + 1:5d},{v:5}\n" for t, v in shown)
    record = read(KNMI_HOURS + lines)
    np.testing.assert_array_equal(record.series.to_numpy(), LEVEL.to_numpy())
    assert record.series.index.equals(LEVEL.index.as_unit(record.series.index.unit))
    assert record.audit.time_column == "YYYYMMDD + HH"


def test_names_and_units_are_those_above_the_data() -> None:
    assert read(ABOVE["Environment Canada"][0]).audit.unit == "mm"
    assert read(ABOVE["a spreadsheet"][0]).series.name == "Regen [mm]"
    assert read(ABOVE["Banque Hydro"][0]).audit.unit == "m3/s"
    assert read(ABOVE["KNMI, introduction in the text"][0]).series.name == "FHX"
    assert read(ABOVE["NRFA"][0]).series.name == "column 2"


def test_where_the_table_begins_is_said() -> None:
    notes = read(ABOVE["eHYD"][0]).audit.notes
    assert f"The text above the table was skipped; the table begins in line {EHYD.count(chr(10)) + 1}." in notes


#: What must not be taken for metadata: rows of data that look otherwise at the beginning of the table.
DATA_FIRST = {
    "a note after the first row": "date,flow\n1996-01-01,1.5\nsensor replaced\n1996-01-02,2.5\n1996-01-03,3.5\n",
    "a first row without its time": "time,flow\n1996-01-01,1.5\n1996-01-01 12:00,2.5\n1996-01-02 00:00,3.5\n",
    "a first value that is a word": "date;flow\n1995-12-31;Lücke\n1996-01-01;1.5\n1996-01-02;2.5\n1996-01-03;3.5\n",
    "a gap in the beginning": "date,flow\n1971-01-01,1.5\n1996-01-01,2.5\n1996-01-02,3.5\n",
    "the header once more": "date,flow\ndate,flow\n1996-01-01,1.5\n1996-01-02,2.5\n1996-01-03,3.5\n",
    "no header": "1996-01-01,1.5\n1996-01-02,2.5\n1996-01-03,3.5\n",
}


@pytest.mark.parametrize("text", DATA_FIRST.values(), ids=DATA_FIRST.keys())
def test_first_rows_of_data_are_no_metadata(text: str) -> None:
    assert read(text).series.tolist() == [1.5, 2.5, 3.5]


FOOTERS = {
    "notes": "\nQuelle: Hydrographischer Dienst\nStand: 01.03.2020\n* geschätzt\n** vorläufig\nAngaben ohne Gewähr\n",
    "statistics": "\nMean;12.5\nMax;45\nMin;1\nStd;4\nCount;3\n",
    "another table": "\nMonth;Mean;Max;Min\n1;2;3;1\n2;2;3;1\n3;2;3;1\n4;2;3;1\n5;2;3;1\n",
}


@pytest.mark.parametrize("below", FOOTERS.values(), ids=FOOTERS.keys())
def test_text_below_the_table_is_skipped_and_said(below: str) -> None:
    record = read("date;flow\n2001-02-13;1.5\n2001-02-14;2.5\n2001-02-15;3.5\n" + below)
    assert record.series.tolist() == [1.5, 2.5, 3.5]
    assert record.audit.rows_read == 3
    (note,) = [note for note in record.audit.notes if getattr(note, "code", "") == "below_the_table"]
    assert note.values["line"] == 6


def test_rows_that_run_on_are_no_footer() -> None:
    last = "2001-02-16;M\n2001-02-17;-\n2001-02-18;\n2001-02-19;ice\n"
    record = read("date;flow\n2001-02-13;1.5\n2001-02-14;2.5\n2001-02-15;3.5\n" + last * 1)
    assert (record.audit.rows_read, record.audit.rows_kept) == (7, 3)


# -- sections ----------------------------------------------------------------------------------------------------------

WATER_YEARS = range(1961, 1991)
AMAX = pd.Series(
    np.round(np.random.default_rng(4).gumbel(100, 30, 30), 3),
    [pd.Timestamp(year - 1, 10, 2) + pd.Timedelta(days=11 * (year % 31)) for year in WATER_YEARS],
)


def winfap(details: str = "Year Type,Water Year,10", before: str = "", after: str = "", show: str = "%d %b %Y") -> str:
    values = "".join(f"{t:{show}}, {v:.3f}, {v / 100:.3f}\n" for t, v in AMAX.items())
    return (
        f"[STATION NUMBER]\n39001\n[END]\n[AM Details]\n{details}\n[END]\n{before}[AM Values]\n{values}[END]\n{after}"
    )


def test_annual_maxima_of_winfap_are_one_a_water_year() -> None:
    found = block_maxima(read(winfap()))
    assert found.block == "water-year (Oct-Sep)"
    assert list(found.blocks) == list(WATER_YEARS)
    np.testing.assert_array_equal(found.values, AMAX.to_numpy())


REJECTED = {
    "one a line": ("[AM Rejected]\n1963\n1976\n[END]\n", "", [1964, 1977]),
    "each year twice": ("[AM Rejected]\n1963,1963\n1976,1976\n[END]\n", "", [1964, 1977]),
    "an interval": ("[AM Rejected]\n1974,1976\n[END]\n", "", [1975, 1976, 1977]),
    "all in one line": ("[AM Rejected]\n1963,1963,1976,1976\n[END]\n", "", [1964, 1977]),
    "behind the values": ("", "[AM Rejected]\n1963\n[END]\n", [1964]),
    "by dates": ("[AM Rejected]\n01 Oct 1962, 30 Sep 1964\n[END]\n", "", [1963, 1964]),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "gone"), REJECTED.values(), ids=REJECTED.keys())
def test_rejected_years_are_dropped_and_named(before: str, after: str, gone: list[int]) -> None:
    record = read(winfap(before=before, after=after))
    assert list(block_maxima(record).blocks) == [year for year in WATER_YEARS if year not in gone]
    assert record.audit.dropped == len(gone)
    assert all("rejected by the file" in finding.reason for finding in record.audit.findings)
    assert any("The file rejects" in note for note in record.audit.notes)


def test_what_is_not_rejected_stays() -> None:
    for sections in ("[AM Rejected]\n[END]\n", "[AM Suitability]\n1963\n[END]\n", "[Comments]\nrejected 1963\n[END]\n"):
        assert len(read(winfap(before=sections)).series) == 30


@pytest.mark.parametrize(
    ("details", "block"),
    [
        ("Year Type,Water Year,Oct", "water-year (Oct-Sep)"),
        ("Year Type, Water Year, 7", "water-year (Jul-Jun)"),
        ("Year Type,Calendar Year,1", "year"),
        ("Nothing,said", "water-year (Oct-Sep)"),  # the years that hold one value each
    ],
)
def test_the_years_a_file_counts_in_are_the_blocks(details: str, block: str) -> None:
    assert block_maxima(read(winfap(details))).block == block
    assert block_maxima(read(winfap(details)), "10YS").block == "10YS"


def test_other_files_of_winfap() -> None:
    peaks = winfap("Record Period,01 Oct 1960,30 Sep 1990", before="[POT Gaps]\n01 Jan 1970,28 Feb 1970\n[END]\n")
    assert len(read(peaks.replace("[AM ", "[POT ")).series) == 30
    assert len(read(winfap(show="%Y-%m-%d %H:%M:%SZ")).series) == 30
    catchment = (
        "[FILE FORMAT]\nTYPE,CD3\n[END]\n[DESCRIPTORS]\nDTM AREA,123.4\nBFIHOST,0.52\nSAAR,742\nFARL,0.95\n[END]\n"
    )
    with pytest.raises(DataError, match="has the sections 'FILE FORMAT', 'DESCRIPTORS', none of which holds rows with"):
        read(catchment)


# -- encodings, skipped lines -------------------------------------------------------------------------------------

EURO = "Datum;Betrag €\n" + rows(PEAKS, "{t:%Y-%m-%d};{v}", show=comma)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings_that_are_found(encoding: str) -> None:
    record = read(EURO.encode(encoding))
    assert record.series.name == "Betrag €"
    assert record.series.tolist() == PEAKS.tolist()
    assert any("it was read as Windows-1252" in note for note in record.audit.notes) == (encoding == "cp1252")


@pytest.mark.parametrize("encoding", ["iso8859-15", "cp850", "mac-roman"])
def test_encodings_that_are_named(encoding: str) -> None:
    text = EURO if encoding != "cp850" else EURO.replace("€", "£")
    assert read(text.encode(encoding), encoding=encoding).series.name == text.split(";")[1].split("\n")[0]


@pytest.mark.parametrize("wrong", ["ascii", "utf-8", "utf-16", "utf-32"])
def test_a_wrong_encoding_is_one_sentence(wrong: str) -> None:
    with pytest.raises(DataError, match=f"is not {wrong} text; leave the encoding out") as error:
        read((EURO + " " * (len(EURO) % 2)).encode("cp1252"), encoding=wrong)
    assert "\n" not in str(error.value)


def test_lines_are_skipped_as_asked_and_keep_their_numbers() -> None:
    text = "2001-01-01,99\n2001-01-02,98\ndate,flow\n2001-02-13,1.5\n2001-02-14,M\n2001-02-15,3.5\n"
    record = read(text, skip=2)
    assert record.series.tolist() == [1.5, 3.5]
    assert record.audit.findings[0].line == 5
    assert any("The first 2 lines were skipped, as asked." in note for note in record.audit.notes)
    assert read(text, skip=3).series.tolist() == [1.5, 3.5]


@pytest.mark.parametrize(
    ("skip", "error"), [(-1, ArgumentError), (1.5, ArgumentError), (True, ArgumentError), (9, DataError)]
)
def test_lines_that_cannot_be_skipped(skip: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="skip"):
        read("date,flow\n2001-02-13,1.5\n2001-02-14,2.5\n", skip=skip)
