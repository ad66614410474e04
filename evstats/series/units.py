"""The unit of a column, where its header tells."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BRACKETED = re.compile(r"[(\[]([^()\[\]]+)[)\]]\s*$")
_AFTER_COLON = re.compile(r":\s*(\S.*)$")
_LEGEND = r"^#\s+{name}\s+.*\bin (\S+)\s*$"
_SUFFIXES = {
    "m3s": "m3/s", "m3": "m3", "cms": "m3/s", "cumecs": "m3/s", "cfs": "cfs", "kcfs": "kcfs", "ft3s": "ft3/s",
    "mm": "mm", "cm": "cm", "m": "m", "km": "km", "ft": "ft", "in": "in", "inch": "in", "mmh": "mm/h", "mmd": "mm/d",
    "degc": "degC", "degf": "degF", "celsius": "degC", "kelvin": "K", "k": "K",
    "kn": "kn", "kt": "kn", "kts": "kn", "knots": "kn", "ms": "m/s", "mps": "m/s", "kmh": "km/h", "mph": "mph",
    "pa": "Pa", "hpa": "hPa", "kpa": "kPa", "mbar": "mbar", "mw": "MW", "kw": "kW",
    "usd": "USD", "eur": "EUR", "gbp": "GBP", "dkk": "DKK", "mdkk1985": "MDKK1985", "pct": "%", "percent": "%",
}  # fmt: skip
_DATUMS = {"navd88", "ngvd29", "igld85", "msl", "mllw", "mlw", "mhw", "mhhw", "asl", "nap", "evrf2007", "dvr90", "aod"}


_PLACEHOLDER = re.compile(r"[ydhs:/ .,_-]*(yy|mm|dd|hh|jj|aa)[ymdhsja:/ .,t_-]*|yr|mo|dy|hr|mn|-+", re.IGNORECASE)
_SYMBOLS = {*_SUFFIXES, *map(str.lower, _SUFFIXES.values())}
_SYMBOLS |= {*"sdhlgcfvwj%°", "deg", "degt", "°c", "°f", "kg", "ml", "ha", "mb", "sec", "min", "hour", "day", "year"}


def looks_like_unit(text: str) -> bool:
    """Whether a text is a unit, or says how a date is written.

    >>> looks_like_unit("m³/s"), looks_like_unit("YYYY-MM-DD"), looks_like_unit("[mm]"), looks_like_unit("flow")
    (True, True, True, False)
    """
    plain = text.strip("()[] ").lower().replace("³", "3").replace("²", "2")
    parts = [part for part in re.split(r"[/ *^·.\d-]+", plain) if part]
    return bool(_PLACEHOLDER.fullmatch(plain)) or (bool(parts) and all(part in _SYMBOLS for part in parts))


def unit_of(name: str, legend: Iterable[str] = ()) -> str | None:
    """The unit in a column name, or in the comment that explains the column.

    >>> unit_of("flow (m3/s)"), unit_of("discharge_m3s"), unit_of("price_usd_per_barrel"), unit_of("tmax")
    ('m3/s', 'm3/s', 'USD per barrel', None)
    >>> unit_of("stage_m_navd88")
    'm above NAVD88'
    """
    for pattern in (_BRACKETED, _AFTER_COLON):
        if match := pattern.search(name):
            return match[1].strip()
    if unit := _from_suffix(name):
        return unit
    explained = re.compile(_LEGEND.format(name=re.escape(name)))
    return next((match[1] for line in legend if (match := explained.match(line))), None)


def _from_suffix(name: str) -> str | None:
    words = name.split("_")
    for place, word in enumerate(words[1:], 1):
        if word.lower() in _SUFFIXES:
            return " ".join([_SUFFIXES[word.lower()], *map(_spelled, words[place + 1 :])])
    return None


def _spelled(word: str) -> str:
    """A word after the unit; a vertical datum as ``above NAVD88``."""
    return f"above {word.upper()}" if word.lower() in _DATUMS else word


def labelled(name: str, unit: str | None) -> str:
    """A name with its unit in brackets, once.

    >>> labelled("flow", "m3/s"), labelled("flow (m3/s)", "m3/s"), labelled("flow", None)
    ('flow (m3/s)', 'flow (m3/s)', 'flow')
    """
    if not unit or name.rstrip().endswith((f"({unit})", f"[{unit}]")):
        return name
    return f"{name} ({unit})"
