"""The unit of a column, where its header or its cells tell."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BRACKETED = re.compile(r"[(\[{]([^()\[\]{}]+)[)\]}]")
_AFTER_COLON = re.compile(r":\s*(\S.*)$")
_AFTER_MARK = re.compile(r"(?:,|\s-|\sin|/)\s*(\S+)$")
_LEGEND = r"^#\s+{name}\s+.*\bin (\S+)\s*$"

_SPELLED = {
    "m3/s": "m3/s m³/s m3s-1 m^3/s m3s m3sec m3/sec m³s-1 cms cumec cumecs m3.s-1",
    "ft3/s": "ft3/s ft³/s ft^3/s ft3s", "cfs": "cfs cusec cusecs", "kcfs": "kcfs", "m3": "m3 m³", "l/s": "l/s ls-1",
    "Ml/d": "ml/d ml/day mld megalitres/day", "mgd": "mgd", "km3": "km3 km³", "acre-ft": "acre-ft acft acrefeet",
    "mm": "mm millimeter millimetre millimeters millimetres", "cm": "cm centimeter centimetre centimeters centimetres",
    "m": "m meter metre meters metres", "km": "km kilometer kilometre kilometers", "ft": "ft feet foot",
    "in": "in inch inches", "mm/h": "mm/h mm/hr mmh mmhr", "mm/d": "mm/d mm/day mmd mmday", "kg m-2 s-1": "kgm-2s-1",
    "degC": "degc °c ºc celsius centigrade deg_c degree_celsius degrees_celsius degree_c degrees_c degreec",
    "degF": "degf °f ºf fahrenheit deg_f degree_fahrenheit degrees_fahrenheit degree_f degrees_f degreef",
    "K": "kelvin k",
    "kn": "kn kt kts knot knots", "m/s": "m/s ms-1 ms mps m.s-1", "km/h": "km/h kmh kph kmh-1", "mph": "mph",
    "Pa": "pa", "hPa": "hpa", "kPa": "kpa", "mbar": "mbar mb millibar", "MW": "mw", "kW": "kw", "MWh": "mwh",
    "USD": "usd us$ $ dollars dollar", "EUR": "eur € euro euros", "GBP": "gbp £", "DKK": "dkk", "CHF": "chf",
    "JPY": "jpy ¥", "SEK": "sek", "NOK": "nok", "CAD": "cad", "AUD": "aud", "INR": "inr ₹", "MDKK1985": "mdkk1985",
    "%": "% pct percent", "ug/m3": "ug/m3 µg/m3 µg/m³ ugm3", "mg/l": "mg/l mgl", "ppb": "ppb", "ppm": "ppm",
}  # fmt: skip
_KNOWN = {spelling: unit for unit, spellings in _SPELLED.items() for spelling in spellings.split()}
_CURRENCIES = {"USD", "EUR", "GBP", "DKK", "CHF", "JPY", "SEK", "NOK", "CAD", "AUD", "INR"}
#: Units that say so without a name before them: a column called ``mm``.
_ALONE = {spelling for spelling, unit in _KNOWN.items() if unit not in _CURRENCIES}
_ALONE -= {"m", "k", "in", "ms", "mb", "mw", "pa", "kw", "%", "kt"}
_DATUMS = {"navd88", "ngvd29", "igld85", "msl", "mllw", "mlw", "mhw", "mhhw", "asl", "nap", "evrf2007", "dvr90", "aod"}
#: A height above what it is counted from: ``m above NAVD88``, ``m+NAP``, ``cm (MSL)``, ``ft, station datum``.
_ABOVE_DATUM = re.compile(
    r"(?P<unit>mm|cm|dm|m|km|in|inch|inches|ft|foot|feet|met(?:er|re)s?)[\s,]*"
    r"(?:[(\[+]?\s*(?:above|over|below|rel(?:\.|ative)? to|wrt|w\.r\.t\.|re)\s.*"
    rf"|[(\[+]?\s*(?:{'|'.join(sorted(_DATUMS))}|navd ?88|ngvd ?29|igld ?85|a\.s\.l\.|amsl|lat|stnd|gd|cd|chart datum"
    r"|station datum|datum|nhn|nn|rh2000|nn2000|ods?|o\.d\.|aodn|ahd|evrs|lnw|pnp|taw)\b\.?\s*[)\]]?)",
    re.IGNORECASE,
)
_SAID_IN_BRACKETS = (
    "max maximum min minimum mean average avg daily hourly monthly annual total sum obs observed predicted verified "
    "raw gmt utc cet cest est mez mesz local lst z day days dygn døgn tag tage dag jour month monat year jahr hour"
)
_NO_UNITS = frozenset(_SAID_IN_BRACKETS.split())
_HEIGHT = re.compile(r"\d+ ?(m|ft|cm|hpa)", re.IGNORECASE)
_TEMPERATURE = re.compile(r"t(emp\w*|max|min|avg|mean|x|n|g|air)?", re.IGNORECASE)


_PLACEHOLDER = re.compile(r"[ydhs:/ .,_-]*(yy|mm|dd|hh|jj|aa)[ymdhsja:/ .,t_-]*|yr|mo|dy|hr|mn|-+", re.IGNORECASE)
_SYMBOLS = {*_KNOWN, *map(str.lower, _SPELLED)}
_MORE_SYMBOLS = "deg degt °c °f kg ml ha mb nmi sec min hour hours day days year years"
_SYMBOLS |= {*"sdhlgcfvwj%°", *_MORE_SYMBOLS.split()}


def looks_like_unit(text: str) -> bool:
    """Whether a text is a unit, or says how a date is written.

    Examples
    --------
    >>> looks_like_unit("m³/s"), looks_like_unit("YYYY-MM-DD"), looks_like_unit("[mm]"), looks_like_unit("flow")
    (True, True, True, False)
    """
    plain = text.strip("()[] ").lower().replace("³", "3").replace("²", "2")
    parts = [part for part in re.split(r"[/ *^·.\d-]+", plain) if part]
    return bool(_PLACEHOLDER.fullmatch(plain)) or (bool(parts) and all(part in _SYMBOLS for part in parts))


def unit_of(name: str, legend: Iterable[str] = ()) -> str | None:
    """The unit in a column name, or in the comment that explains the column.

    Examples
    --------
    >>> unit_of("flow (m3/s)"), unit_of("discharge_m3s"), unit_of("price_usd_per_barrel"), unit_of("tmax")
    ('m3/s', 'm3/s', 'USD per barrel', None)
    >>> unit_of("stage_m_navd88"), unit_of("Flow, cfs"), unit_of("mm"), unit_of("temp_c"), unit_of("flow (2)")
    ('m above NAVD88', 'cfs', 'mm', 'degC', None)
    """
    found = _in_brackets(name) or _behind(name) or _from_suffix(name)
    if found or name.strip().lower() in _ALONE:
        return found or known_unit(name)
    explained = re.compile(_LEGEND.format(name=re.escape(name)))
    return next((match[1] for line in legend if (match := explained.match(line))), None)


def known_unit(text: str) -> str | None:
    """The unit that is written so, None where it is not known: ``m³/s`` is ``m3/s``."""
    return _KNOWN.get(text.strip().lower())


def of_differences(unit: str | None) -> str | None:
    """The unit of differences between values, and of widths: that of heights without what they are above.

    Examples
    --------
    >>> [of_differences(unit) for unit in ("m above NAVD88", "m+NAP", "cm (MSL)", "ft NGVD 29", "degC", "mm/d", None)]
    ['m', 'm', 'cm', 'ft', 'degC', 'mm/d', None]
    """
    height = None if unit is None else _ABOVE_DATUM.fullmatch(unit.strip())
    return unit if height is None else height["unit"]


def counts_from_nothing(unit: str) -> bool:
    """Whether 0 of a unit is nothing, so that shares of a value have a meaning: not of temperatures that are counted
    from another point, nor of heights above a datum. An unknown unit is taken to.

    Examples
    --------
    >>> [counts_from_nothing(unit) for unit in ("m3/s", "K", "°C", "degF", "m above NAVD88")]
    [True, True, False, False, False]
    """
    return known_unit(unit) not in ("degC", "degF") and of_differences(unit) == unit


def unit_words() -> list[str]:
    """All spellings, the longest first."""
    return sorted(_KNOWN, key=len, reverse=True)


def _in_brackets(name: str) -> str | None:
    """What stands in brackets, unless it is a number or says what kind of value it is."""
    for inside in reversed(_BRACKETED.findall(name)):
        text = inside.strip()
        first = text.split(",")[0].strip()
        if known_unit(first):
            return first
        words = {word.strip(".") for word in text.lower().replace(",", " ").split()}
        if not (text.isdigit() or _HEIGHT.fullmatch(text) or words & _NO_UNITS):
            return text
    return None


def _behind(name: str) -> str | None:
    if match := _AFTER_COLON.search(name):
        return match[1].strip()
    last = name.split()[-1] if len(name.split()) > 1 else ""
    for text in (match[1] if (match := _AFTER_MARK.search(name)) else "", last):
        if known_unit(text) and (text.lower() in _ALONE or text in ("m", "K", "%", "$")):
            return text
    return None


def _from_suffix(name: str) -> str | None:
    words = re.split(r"[_.]", re.sub(r"(?<=[a-z])(?=(?:Mm|Cfs|Cms|Ms|Degc|DegC|DegF|Kmh)$)", "_", name))
    for place, word in enumerate(words[1:], 1):
        unit = known_unit(word) or (_degrees(words[0], word) if place == len(words) - 1 else None)
        if unit:
            return " ".join([unit, *map(_spelled, words[place + 1 :])])
    return None


def _degrees(stem: str, word: str) -> str | None:
    """The unit of ``temp_c`` or ``tmax_F``."""
    return {"c": "degC", "f": "degF"}.get(word.lower()) if _TEMPERATURE.fullmatch(stem) else None


def _spelled(word: str) -> str:
    """A word after the unit; a vertical datum as ``above NAVD88``."""
    return f"above {word.upper()}" if word.lower() in _DATUMS else word


def labelled(name: str, unit: str | None) -> str:
    """A name with its unit in brackets, once.

    Examples
    --------
    >>> labelled("flow", "m3/s"), labelled("flow (m3/s)", "m3/s"), labelled("flow", None)
    ('flow (m3/s)', 'flow (m3/s)', 'flow')
    """
    if not unit or name == unit or name.rstrip().endswith((f"({unit})", f"[{unit}]")):
        return name
    return f"{name} ({unit})"
