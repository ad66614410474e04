"""Small files as agencies, vendors and programs export them, with the series that plain pandas finds in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

DAYS = pd.date_range("1999-09-20", periods=450)
YEARS = np.arange(1960, 2000)
RNG = np.random.default_rng(11)
FLOW = np.round(RNG.gamma(2.0, 40.0, DAYS.size) + 5.0, 1)
RAIN = np.round(np.where(RNG.random(DAYS.size) < 0.6, 0.0, RNG.gamma(0.8, 9.0, DAYS.size)), 1)
WARM = np.round(15 - 12 * np.cos(2 * np.pi * np.arange(DAYS.size) / 365.25) + RNG.normal(0, 4, DAYS.size), 1)
LEVEL = np.round(2 + 0.8 * RNG.standard_normal(DAYS.size), 3)
PRICE = np.round(100 * np.exp(np.cumsum(RNG.normal(0, 0.01, DAYS.size))), 2)
PEAKS = np.round(RNG.gumbel(100, 30, YEARS.size), 1)


@dataclass(frozen=True)
class Export:
    """A text, the options to read it with and the values that a careful person takes from it, in order of time."""

    text: str
    values: Any
    options: dict[str, Any] = field(default_factory=dict)
    column: str | None = None


@dataclass(frozen=True)
class Refused:
    """A text that can be read in two ways, what the refusal has to say, and the choices it offers with their values."""

    text: str
    says: tuple[str, ...]
    choices: tuple[tuple[dict[str, Any], Any], ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


def csv(columns: dict[str, Any], sep: str = ",", **options: Any) -> str:
    """A table as pandas writes it."""
    return pd.DataFrame(columns).to_csv(index=False, sep=sep, **options)


def stacked(*parts: dict[str, Any]) -> dict[str, Any]:
    """Tables of several series one after the other."""
    return dict(pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True))


def by_time(columns: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    """The same with the rows of one time together."""
    return dict(pd.DataFrame(columns).sort_values(keys, kind="stable", ignore_index=True))


ISO = DAYS.strftime("%Y-%m-%d")
DIGITS = DAYS.strftime("%Y%m%d")
N = DAYS.size
WATER_YEAR = DAYS.year + (DAYS.month >= 10)
ONES = np.ones(N, dtype=int)

# -- case 02: years, running numbers, Julian days, month and day numbers -------------------------------------------

NEVER: dict[str, Export] = {
    "waterYear": Export(csv({"agency_cd": "USGS", "site_no": "01491000", "Date": ISO, "waterYear": WATER_YEAR,
                             "Flow": FLOW, "Flow_cd": "A"}), FLOW),
    "WY last": Export(csv({"date": ISO, "q": FLOW, "WY": WATER_YEAR}), FLOW),
    "hydro_year first": Export(csv({"hydro_year": WATER_YEAR, "date": ISO, "rain_mm": RAIN}), RAIN),
    "wyear, month, day": Export(csv({"date": ISO, "wyear": WATER_YEAR, "month": DAYS.month, "day": DAYS.day,
                                     "stage": LEVEL}), LEVEL),
    "season of a year": Export(csv({"Fecha": ISO, "season": DAYS.year, "Caudal": FLOW}, sep=";"), FLOW),
    "a year under no known name": Export(csv({"date": ISO, "HYR": WATER_YEAR, "x": FLOW}), FLOW),
    "water month": Export(csv({"date": ISO, "wm": (DAYS.month + 2) % 12 + 1, "x": FLOW}), FLOW),
    "quarter and weekday": Export(csv({"date": ISO, "q": DAYS.quarter, "w": DAYS.day_of_week, "x": FLOW}), FLOW),
    "pandas index": Export(pd.DataFrame({"date": ISO, "flow": FLOW}).to_csv(), FLOW),
    "pandas index after dropna": Export(
        pd.DataFrame({"date": ISO, "flow": FLOW}).drop(index=[3, 4, 50, 77]).to_csv(), np.delete(FLOW, [3, 4, 50, 77])),
    "id from a database": Export(csv({"id": 88_000 + np.arange(N), "date": ISO, "flow": FLOW}), FLOW),
    "OBJECTID backwards": Export(csv({"OBJECTID": np.arange(N)[::-1], "date": ISO, "flow": FLOW}), FLOW),
    "a counter by its cells": Export(csv({"date": ISO, "zz": np.arange(N) + 41, "flow": FLOW}), FLOW),
    "a counter that begins again": Export(
        csv({"date": ISO, "k": np.concatenate([np.arange(225), np.arange(225)]), "flow": FLOW}), FLOW),
    "a day of the water year": Export(
        csv({"date": ISO, "dwy": (DAYS - pd.to_datetime([f"{y - 1}-10-01" for y in WATER_YEAR])).days + 1,
             "flow": FLOW}), FLOW),
    "doy": Export(csv({"date": ISO, "DOY": DAYS.day_of_year, "flow": FLOW}), FLOW),
    "Julian day": Export(csv({"date": ISO, "JD": DAYS.to_julian_date() + 0.5, "flow": FLOW}), FLOW),
    "decimal year": Export(
        csv({"date": ISO, "decimal": np.round(DAYS.year + (DAYS.day_of_year - 1) / 365.25, 4), "flow": FLOW}), FLOW),
    "seconds since 1970": Export(
        csv({"date": ISO, "epoch": DAYS.astype("datetime64[s]").astype(int), "flow": FLOW}), FLOW),
    "spreadsheet days beside dates": Export(csv({"date": ISO, "serial": np.arange(N) + 36423, "flow": FLOW}), FLOW),
    "the date twice": Export(csv({"date": ISO, "flow": FLOW, "AAAAMMJJ": DIGITS}), FLOW),
    "two years": Export(csv({"year": YEARS, "water_year": YEARS + 1, "peak": PEAKS}), PEAKS),
    "rank and probability": Export(
        csv({"year": YEARS, "peak": PEAKS, "rank": pd.Series(PEAKS).rank(ascending=False).astype(int),
             "return period": 41 / pd.Series(PEAKS).rank(ascending=False)}), PEAKS),
    "month of the peak": Export(csv({"year": YEARS, "peak": PEAKS, "month": RNG.integers(1, 13, YEARS.size)}), PEAKS,
                                {"time": "year"}),
}  # fmt: skip

# -- case 05: a key column splits the table ------------------------------------------------------------------------

_GHCN = stacked(*(
    {"STATION": f"USC0011111{i}", "NAME": f"TOWN {i}, US", "DATE": ISO, "PRCP": np.round(RAIN * (1 + i / 3), 1)}
    for i in range(3)
))  # fmt: skip
_LONG = by_time(stacked(
    {"station": "ASN1", "date": ISO, "element": "TMAX", "value": WARM, "mflag": ""},
    {"station": "ASN1", "date": ISO, "element": "PRCP", "value": RAIN, "mflag": ""},
), ["date"])  # fmt: skip
_HYDAT = stacked(
    {"ID": "05AA008", "PARAM": 1, "Date": ISO, "Value": FLOW, "SYM": np.where(LEVEL > 2, "A", "")},
    {"ID": "05AA008", "PARAM": 2, "Date": ISO, "Value": LEVEL, "SYM": ""},
)
_GRID = by_time(stacked(*(
    {"time": ISO, "latitude": lat, "longitude": lon, "tp": np.round(RAIN + 2 * lat + lon, 2)}
    for lat in (47.25, 47.5) for lon in (8.0, 8.25)
)), ["time"])  # fmt: skip
_MEMBERS = by_time(
    stacked(*({"valid_time": ISO, "number": k, "t2m": np.round(WARM + k / 7, 2)} for k in range(5))), ["valid_time"]
)
_RCP = stacked(
    *({"scenario": s, "date": ISO, "pr": np.round(RAIN * f, 2)} for s, f in (("rcp45", 1.1), ("rcp85", 1.3)))
)
_EXPVER = stacked(*(
    {"valid_time": ISO, "expver": v, "tp": np.round(RAIN * f, 2)} for v, f in (("0001", 1.0), ("0005", 1.02))
))  # fmt: skip
_NAMELESS = by_time(stacked(*(
    {"dag": ISO, "plaats": p, "stand": LEVEL + i}
    for i, p in enumerate(("Lobith", "Pannerden", "Tiel")))), ["dag"])  # fmt: skip
_STAGGERED = stacked(*(
    {"well": w, "date": ISO[a:b], "head": LEVEL[a:b] + i}
    for i, (w, a, b) in enumerate(((7, 0, 250), (8, 150, 400), (9, 350, 450)))))  # fmt: skip
_TICKERS = by_time(stacked(*(
    {"Date": ISO, "Name": t, "close": np.round(PRICE * f, 2)}
    for t, f in (("ABC", 1), ("XYZ", 0.4)))), ["Date"])  # fmt: skip
_DEPTHS = by_time(stacked(*(
    {"time": ISO, "depth": d, "temp": np.round(WARM - d / 5, 2)} for d in (0.5, 2.5, 10.0))), ["time"])  # fmt: skip
_BUOY_YEARS = {"station_id": np.where(np.arange(N) < 225, 46001, 46002), "time": ISO, "hs": LEVEL}

KEYS: dict[str, Refused] = {
    "stations": Refused(
        csv(_GHCN, quoting=1), ("STATION holds 3 stations", "USC00111110, USC00111111", "--where STATION=USC00111110"),
        (({"where": {"STATION": "USC00111111"}}, np.round(RAIN * 4 / 3, 1)),)),
    "elements": Refused(csv(_LONG), ("element holds 2 elements (", "--where element="),
                        (({"where": {"element": "TMAX"}}, WARM), ({"where": {"element": "PRCP"}}, RAIN))),
    "parameters by number": Refused(csv(_HYDAT), ("PARAM holds 2 elements (1, 2)", "--where PARAM=1"),
                                    (({"where": {"PARAM": 1}}, FLOW), ({"where": {"PARAM": "02"}}, LEVEL))),
    "cells of a grid": Refused(
        csv(_GRID), ("latitude holds 2 values (47.25, 47.5)", "longitude holds 2 values", "--where latitude=47.25"),
        (({"where": {"latitude": 47.5, "longitude": "8"}}, np.round(RAIN + 95 + 8, 2)),)),
    "members": Refused(csv(_MEMBERS), ("number holds 5 values", "--where number=0"),
                       (({"where": {"number": 3}}, np.round(WARM + 3 / 7, 2)),)),
    "scenarios": Refused(csv(_RCP), ("scenario holds 2 scenarios (rcp45, rcp85)",),
                         (({"where": {"scenario": "rcp85"}}, np.round(RAIN * 1.3, 2)),)),
    "versions of a reanalysis": Refused(csv(_EXPVER), ("expver holds 2",),
                                        (({"where": {"expver": "0001"}}, np.round(RAIN, 2)),)),
    "a place under no known name": Refused(csv(_NAMELESS), ("plaats holds 3 values (Lobith, Pannerden, Tiel)",),
                                           (({"where": {"plaats": "Tiel"}}, LEVEL + 2),)),
    "wells that overlap in part": Refused(csv(_STAGGERED), ("well holds 3",),
                                          (({"where": {"well": 9}}, LEVEL[350:450] + 2),)),
    "tickers": Refused(csv(_TICKERS), ("Name holds 2 values (ABC, XYZ)",), (({"where": {"Name": "ABC"}}, PRICE),)),
    "depths": Refused(csv(_DEPTHS), ("depth holds 3 values (0.5, 2.5, 10.0)",),
                      (({"value": "temp", "where": {"depth": 10}}, np.round(WARM - 2, 2)),), {"value": "temp"}),
    "one station after the other": Refused(csv(_BUOY_YEARS), ("station_id holds 2 stations",),
                                           (({"where": {"station_id": 46001}}, LEVEL[:225]),
                                            ({"where": {"station_id": "*"}}, LEVEL))),
}  # fmt: skip

_LOSS_DAYS = np.sort(RNG.choice(DAYS, 200))
_LOSSES = np.round(RNG.pareto(1.5, 200) + 1, 3)


def _sorted_with_ties(days: Any, values: Any) -> Any:
    frame = pd.DataFrame({"day": days, "value": values}).drop_duplicates()
    return frame.sort_values("day", kind="stable")["value"].to_numpy()


NO_KEY: dict[str, Export] = {
    "a list of losses": Export(csv({"date": _LOSS_DAYS, "loss": _LOSSES}), _sorted_with_ties(_LOSS_DAYS, _LOSSES)),
    "losses with a cause": Export(
        csv({"date": _LOSS_DAYS, "cause": RNG.choice(["wind", "water", "hail", "fire"], 200), "loss": _LOSSES}),
        _sorted_with_ties(_LOSS_DAYS, _LOSSES)),
    "losses with a claim number": Export(
        csv({"claim_id": RNG.permutation(np.arange(10_000))[:200], "date": _LOSS_DAYS, "loss": _LOSSES}),
        _sorted_with_ties(_LOSS_DAYS, _LOSSES)),
    "losses in parts, one chosen": Export(
        csv({"date": _LOSS_DAYS, "building": np.round(_LOSSES * 0.7, 3), "contents": np.round(_LOSSES * 0.3, 1),
             "total": _LOSSES}), _sorted_with_ties(_LOSS_DAYS, _LOSSES), {"value": "total"}),
    "a station that never changes": Export(csv({"STN": 260, "YYYYMMDD": DIGITS, "FX": FLOW}), FLOW),
    "a station renamed": Export(
        csv({"STATION": "X1", "STATION_NAME": np.where(np.arange(N) < 200, "MILL", "NEW MILL"), "DATE": ISO,
             "PRCP": RAIN}), RAIN),
    "a gauge that moved": Export(
        csv({"site": "X1", "lat": np.where(np.arange(N) < 200, 47.1, 47.2), "lon": 8.5,
             "elev": np.where(np.arange(N) < 200, 410, 433), "date": ISO, "rain": RAIN}), RAIN),
    "a quality that changes": Export(
        csv({"date": ISO, "rain": RAIN, "quality": RNG.integers(1, 4, N)}), RAIN),
    "a new version of the reanalysis at the end": Export(
        csv({"valid_time": ISO, "expver": np.where(np.arange(N) < 400, "0001", "0005"), "tp": RAIN}), RAIN),
    "a few corrected rows": Export(
        csv(stacked({"date": ISO, "version": 1, "flow": FLOW},
                    {"date": ISO[5:8], "version": 2, "flow": FLOW[5:8] + 1})),
        np.concatenate([FLOW[:5], np.column_stack([FLOW[5:8], FLOW[5:8] + 1]).ravel(), FLOW[8:]])),
}  # fmt: skip

# -- case 07: observed before predicted; prices ----------------------------------------------------------------------

_OHLC = {"Open": np.round(PRICE * 0.99, 2), "High": np.round(PRICE * 1.02, 2), "Low": np.round(PRICE * 0.97, 2)}
_VOLUME = RNG.integers(1_000_000, 9_000_000, N)
_ADJUSTED = np.round(PRICE * 0.8, 4)
US = DAYS.strftime("%m/%d/%Y")


def _german(values: Any) -> list[str]:
    return [f"{x:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".") for x in values]


OBSERVED: dict[str, Export] = {
    "tides": Export(
        csv({"Date": DAYS.strftime("%Y/%m/%d"), "Time (GMT)": "00:00", "Predicted (ft)": LEVEL + 0.1,
             "Preliminary (ft)": "-", "Verified (ft)": LEVEL}, quoting=1), LEVEL),
    "tides with preliminary ones": Export(
        csv({"Date Time": ISO, "Prediction": LEVEL + 0.1, "Preliminary": LEVEL + 0.01, "Verified": LEVEL}), LEVEL),
    "a model beside": Export(csv({"date": ISO, "qsim": FLOW * 1.1, "qobs": FLOW}), FLOW),
    "a simulation first": Export(
        csv({"Date": ISO, "Simulated flow (cfs)": FLOW + 3, "Observed flow (cfs)": FLOW}), FLOW),
    "a forecast and a normal": Export(
        csv({"Datum": ISO, "Vorhersage": WARM + 1, "Normal": WARM - 1, "Temperatur": WARM}, sep=";"), WARM),
    "only predicted": Export(csv({"date": ISO, "predicted": LEVEL}), LEVEL),
    "sigma and flags of a tide gauge": Export(
        csv({"Date Time": DAYS.strftime("%Y-%m-%d %H:%M"), " Water Level": LEVEL, " Sigma": np.abs(LEVEL) / 100,
             " O or I (for verified)": RNG.integers(0, 2, N), " F": 0, " R": 0, " L": 0, " Quality ": "v"}), LEVEL),
    "a vendor, adjusted": Export(
        csv({"Date": ISO, **_OHLC, "Close": PRICE, "Adj Close": _ADJUSTED, "Volume": _VOLUME}), _ADJUSTED),
    "a vendor, unadjusted": Export(csv({"Date": ISO, **_OHLC, "Close": PRICE, "Volume": _VOLUME}), PRICE),
    "camel case": Export(
        csv({"date": ISO, "close": PRICE, **{k.lower(): v for k, v in _OHLC.items()}, "volume": _VOLUME,
             "adjClose": _ADJUSTED, "adjHigh": _ADJUSTED, "adjLow": _ADJUSTED, "adjOpen": _ADJUSTED,
             "adjVolume": _VOLUME, "divCash": 0.0, "splitFactor": 1.0}), _ADJUSTED),
    "closing price and dollars": Export(
        csv({"Date": US, "Close/Last": [f"${x:.2f}" for x in PRICE], "Volume": _VOLUME,
             **{k: [f"${x:.2f}" for x in v] for k, v in _OHLC.items()}}), PRICE),
    "price, open, high, low": Export(
        csv({"Date": US, "Price": [f"{x:,.2f}" for x in PRICE * 20], **_OHLC, "Vol.": "1.2M", "Change %": "0.5%"},
            quoting=1), np.round(PRICE * 20, 2)),
    "the last price in German": Export(
        csv({"Datum": DAYS.strftime("%d.%m.%Y"), "Zuletzt": _german(PRICE * 90), "Eröffn.": _german(PRICE * 89),
             "Hoch": _german(PRICE * 92), "Tief": _german(PRICE * 88), "Vol.": "", "+/- %": "0,12%"}, quoting=1),
        np.round(PRICE * 90, 2)),
    "quantmod": Export(
        csv({"Index": ISO, **{f"SPY.{k}": v for k, v in _OHLC.items()}, "SPY.Close": PRICE, "SPY.Volume": _VOLUME,
             "SPY.Adjusted": _ADJUSTED}), _ADJUSTED),
    "an exchange with its turnover called value": Export(
        csv({"DATE": ISO, "SERIES": "EQ", **{k.upper(): v for k, v in _OHLC.items()}, "PREV. CLOSE": PRICE - 1,
             "LTP": PRICE + 0.1, "CLOSE": PRICE, "VWAP": PRICE + 0.2, "VOLUME": _VOLUME, "VALUE": _VOLUME * 100.0,
             "NO OF TRADES": _VOLUME // 100, "SYMBOL": "SBIN"}), PRICE),
    "close and volume": Export(csv({"timestamp": ISO, "close": PRICE, "volume": _VOLUME}), PRICE),
    "value with bounds": Export(csv({"date": ISO, "value": FLOW, "lower": FLOW - 2, "upper": FLOW + 2}), FLOW),
    "USGS peaks": Export(
        csv({"agency_cd": "USGS", "site_no": "01594440", "peak_dt": [f"{y}-03-22" for y in YEARS], "peak_va": PEAKS,
             "peak_cd": 5, "gage_ht": PEAKS / 10, "gage_ht_cd": ""}, sep="\t"), PEAKS),
}  # fmt: skip

# -- cases 09 and 08: labels, qualities, directions; marks of a header -----------------------------------------------

LABELS: dict[str, Export] = {
    "Meteo-France": Export(
        csv({"NUM_POSTE": "01014002", "NOM_USUEL": "VILLE", "LAT": 46.0, "LON": 5.9, "ALTI": 330, "date": ISO,
             "RR": RAIN, "QRR": RNG.choice([1, 9], N)}, sep=";"), RAIN),
    "ECA&D": Export(
        csv({"STAID": 42, "SOUID": 100042, "DATE": ISO, "TX": WARM, "Q_TX": RNG.choice([0, 1, 9], N)}), WARM),
    "quality levels of the DWD": Export(
        csv({"STATIONS_ID": 3987, "MESS_DATUM": DIGITS, "QN_6": RNG.choice([3, 5, 10], N), "RS": RAIN,
             "RSF": RNG.choice([0, 6, 8], N), "eor": "eor"}, sep=";"), RAIN),
    "KNMI": Export(csv({"STN": 260, "YYYYMMDD": DIGITS, "RH": (RAIN * 10).astype(int)}), (RAIN * 10).astype(int)),
    "USGS daily values": Export(
        csv({"agency_cd": "USGS", "site_no": "01491000", "datetime": ISO, "12345_00060_00003": FLOW,
             "12345_00060_00003_cd": "A:e"}, sep="\t"), FLOW),
    "flags as numbers": Export(csv({"date": ISO, "flow": FLOW, "flow_flag": RNG.integers(0, 100, N)}), FLOW),
    "quality bits": Export(csv({"date": ISO, "hs": LEVEL, "hs_QC": RNG.integers(0, 65536, N)}), LEVEL),
    "a quality and a q": Export(
        csv({"time": ISO, "tp": RAIN, "tp_q": RNG.integers(0, 3, N), "expver": 1, "number": 0}), RAIN),
    "a switch": Export(csv({"date": ISO, "flow": FLOW, "ice": (LEVEL > 2.5).astype(int)}), FLOW),
    "days of accumulation": Export(
        csv({"Product code": "IDCJAC0009", "Bureau of Meteorology station number": "086071", "Year": DAYS.year,
             "Month": DAYS.month, "Day": DAYS.day, "Rainfall amount (millimetres)": RAIN,
             "Period over which rainfall was measured (days)": RNG.integers(1, 4, N), "Quality": "Y"}), RAIN),
    "a direction": Export(csv({"time": ISO, "wind_dir": RNG.integers(0, 361, N), "gust (m/s)": FLOW}), FLOW),
    "how many observations": Export(csv({"date": ISO, "n_obs": RNG.integers(20, 25, N), "tmax": WARM}), WARM),
    "GSOD attributes": Export(
        csv({"STATION": 72287493134, "DATE": ISO, "LATITUDE": 34.02, "LONGITUDE": -118.29, "MXSPD": FLOW / 10,
             "MXSPD_ATTRIBUTES": RNG.integers(4, 25, N), "FRSHTT": "010000"}), FLOW / 10),
    "a completeness": Export(
        csv({"measure": "http://example.org/m/1", "dateTime": DAYS.strftime("%Y-%m-%dT%H:%M:%S"), "date": ISO,
             "value": FLOW, "completeness": RNG.integers(90, 101, N), "quality": "Good", "qcode": ""}), FLOW),
}  # fmt: skip

_BUOY = {"#YY": DAYS.year, "MM": DAYS.strftime("%m"), "DD": DAYS.strftime("%d"), "hh": "00", "mm": "50",
         "WDIR": RNG.integers(0, 361, N), "WSPD": np.round(FLOW / 10, 1), "GST": np.round(FLOW / 8, 1)}  # fmt: skip
_WAVES = np.where(np.arange(N) % 9 == 4, 99.00, np.round(np.abs(LEVEL) + 1, 2))
_SEEN = np.where(np.arange(N) % 9 == 4, np.nan, np.round(np.abs(LEVEL) + 1, 2))
_SEEN = _SEEN[~np.isnan(_SEEN)]

TWO: dict[str, Refused] = {
    "quality levels, wind and rain": Refused(
        csv({"STATIONS_ID": 3987, "MESS_DATUM": DIGITS, "QN_3": 10, "FX": FLOW, "FM": FLOW / 3, "QN_4": 5, "RSK": RAIN,
             "RSKF": RNG.choice([0, 6], N), "eor": "eor"}, sep=";"), ("'FX'", "'RSK'", "value='FX' (--value FX)"),
        (({"value": "RSK"}, RAIN), ({"value": "FX"}, FLOW))),
    "a buoy": Refused(
        csv(_BUOY | {"WVHT": [f"{x:.2f}" for x in _WAVES], "DPD": "99.00"}, sep=" "), ("'WVHT'", "'GST'"),
        (({"value": "WVHT"}, _SEEN),)),
    "flow and stage": Refused(csv({"date": ISO, "flow": FLOW, "stage": LEVEL}), ("'flow', 'stage'", "--value flow"),
                              (({"value": "stage"}, LEVEL),)),
    "min and max": Refused(csv({"date": ISO, "min": np.floor(WARM), "max": np.ceil(WARM + 5)}), ("'min', 'max'",)),
    "whole min and max within the minutes": Refused(
        csv({"date": ISO, "min": np.abs(np.floor(WARM)).astype(int), "max": np.abs(np.ceil(WARM)).astype(int) + 5}),
        ("'min', 'max'",)),
    "two observed": Refused(csv({"date": ISO, "P": RAIN, "Qobs": FLOW, "Qsim": FLOW + 1}), ("'P', 'Qobs'",),
                            (({"value": "Qobs"}, FLOW),)),
    "all of a station": Refused(
        csv({"STATION": "X", "DATE": ISO, "PRCP": RAIN, "PRCP_ATTRIBUTES": ",,W", "TMAX": WARM + 8, "TMIN": WARM}),
        ("'PRCP', 'TMAX', 'TMIN'",)),
    "members side by side": Refused(csv({"time": ISO, **{f"m{k}": RAIN + k for k in range(20)}}), ("and 8 more",)),
    "closes of two shares": Refused(
        csv({"Date": ISO, "Close AAPL": PRICE, "Close MSFT": PRICE * 2, "Volume AAPL": _VOLUME, "Volume MSFT": 7}),
        ("'Close AAPL', 'Close MSFT'",)),
    "r largest": Refused(csv({"year": YEARS, "r1": PEAKS, "r2": PEAKS - 5, "r3": PEAKS - 9}), ("'r1', 'r2', 'r3'",)),
    "high and low": Refused(csv({"date": ISO, "High": WARM + 8, "Low": WARM}), ("'High', 'Low'",)),
    "a name with blanks": Refused(
        csv({"date": ISO, "Max Temp (°C)": WARM + 8, "Min Temp (°C)": WARM}), ("--value 'Max Temp (°C)'",)),
    "an order that means nothing": Refused(
        csv({"date": ISO, "level": LEVEL + 0.3, "flow": FLOW}), ("'level', 'flow'",)),
    "only ids and years": Refused(
        csv({"date": ISO, "waterYear": WATER_YEAR, "id": np.arange(N)}),
        ("no column can be the value", "'waterYear' (a year)", "'id' (a number that names the row)")),
}  # fmt: skip

# -- cases 08 and 14: numbers that mark missing values ---------------------------------------------------------------


def marked(values: Any, mark: Any, every: int = 45) -> list[Any]:
    """The values with a mark in the place of some."""
    return [mark if i % every == 7 else x for i, x in enumerate(values)]


def unmarked(values: Any, every: int = 45) -> Any:
    """The values that are left."""
    return np.array([x for i, x in enumerate(values) if i % every != 7])


FILLS = ("1e20", "1.e+20", "9.96921e+36", "9.969209968386869e+36", "-9e33", "9e33", "32767", "-32767", "-32768",
         "-9.99e8", "-999000000", "-9999", "-99999", "1.0e+30", "-1e34", "1e30", "-3.4028235e+38", "-999.9", "-99.90",
         "-2147483648", "2147483647", "65535", "1.7976931348623157e+308")  # fmt: skip

# -- cases 13 and 20: parts of dates, notation -----------------------------------------------------------------------

_PNL = np.round(np.random.default_rng(3).normal(0, 60_000, N)).astype(int)


def accounted(values: Any, template: str = "({})") -> list[str]:
    """Negative numbers in brackets."""
    return [template.format(f"{-x:,}") if x < 0 else f"{x:,}" for x in values]


NOTATION: dict[str, Export] = {
    "brackets": Export(csv({"date": ISO, "pnl": accounted(_PNL)}, quoting=1), _PNL),
    "dollars in brackets": Export(
        csv({"date": ISO, "pnl": [f"(${-x:,.2f})" if x < 0 else f"${x:,.2f}" for x in _PNL]}, quoting=1), _PNL),
    "a dollar before the bracket": Export(
        csv({"date": ISO, "pnl": [f"$({-x:,.2f})" if x < 0 else f"$ {x:,.2f}" for x in _PNL]}, quoting=1), _PNL),
    "a minus before the dollar": Export(
        csv({"date": ISO, "pnl": [f"-${-x:,.2f}" if x < 0 else f"${x:,.2f}" for x in _PNL]}, quoting=1), _PNL),
    "a minus behind": Export(csv({"date": ISO, "pnl": [f"{-x}-" if x < 0 else f"{x}" for x in _PNL]}), _PNL),
    "euros": Export(
        csv({"Datum": ISO, "Betrag": [f"{x} €" for x in _german(FLOW * 500)]}, sep=";"), np.round(FLOW * 500, 2)),
    "ISO currency": Export(
        csv({"date": ISO, "loss": [f"USD {x:,.2f}" for x in FLOW * 500]}, quoting=1), np.round(FLOW * 500, 2)),
    "Swiss": Export(
        csv({"date": ISO, "CHF": [f"{x:,.2f}".replace(",", "'") for x in FLOW * 500]}), np.round(FLOW * 500, 2)),
    "thin spaces": Export(
        csv({"date": ISO, "x": [f"{x:,.1f}".replace(",", "\u2009") for x in FLOW * 500]}), np.round(FLOW * 500, 1)),
    "percent": Export(csv({"date": ISO, "x": [f"{x} %" for x in LEVEL]}), LEVEL),
    "units behind": Export(csv({"date": ISO, "Q": [f"{x} m3/s" for x in FLOW]}), FLOW),
    "metres behind": Export(csv({"date": ISO, "W": [f"{x:.3f} m" for x in LEVEL]}), LEVEL),
    "decimal comma": Export(csv({"Datum": ISO, "Wert": [f"{x:.1f}".replace(".", ",") for x in FLOW]}, sep=";"), FLOW),
    "German millions": Export(
        csv({"Datum": ISO, "Schaden": [f"{int(x * 90_000):,}".replace(",", ".") for x in FLOW]}, sep=";"),
        [int(x * 90_000) for x in FLOW]),
    "rain called mm": Export(csv({"year": YEARS, "mm": PEAKS}), PEAKS),
    "whole rain called mm": Export(csv({"year": YEARS, "mm": np.round(PEAKS).astype(int)}), np.round(PEAKS)),
    "flow called cfs": Export(csv({"Year": YEARS, "cfs": PEAKS}), PEAKS),
    "flow called m3/s": Export(csv({"date": ISO, "m3/s": FLOW}), FLOW),
    "rain in inches": Export(csv({"date": ISO, "inches": np.round(RAIN / 25.4, 2)}), np.round(RAIN / 25.4, 2)),
    "month and mm": Export(csv({"year": np.repeat(YEARS, 12), "month": np.tile(np.arange(1, 13), YEARS.size),
                                "mm": np.arange(480) * 7 % 101 + 0.5}), np.arange(480) * 7 % 101 + 0.5),
}  # fmt: skip

Reader = Callable[..., Any]
