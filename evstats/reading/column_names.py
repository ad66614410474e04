"""The words in the names of columns, in the languages of the agencies, and what they say that a column is."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from evstats.reading.date_forms import DAY_OF_YEAR_NAMES


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


_UNIT_IN_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a column's name in lower case, without accents and without a unit in brackets.

    Examples
    --------
    >>> words_of("waterYear"), words_of("QN_3"), words_of("Adj Close"), words_of("Höchster Wert [m³/s]")
    (('water', 'year'), ('qn', '3'), ('adj', 'close'), ('hochster', 'wert'))
    """
    bare = _UNIT_IN_BRACKETS.sub(" ", name)
    plain = unicodedata.normalize("NFKD", bare if _WORD.search(bare) else name)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return tuple(_WORD.findall(_CAMEL.sub(" ", plain).lower()))


DATE_WORDS = word_set("date dates datetime datum fecha jour data yyyymmdd aaaammjj yyyymmddhh timestamp zeitstempel")
YEAR_WORDS = word_set(
    "year yr yyyy jahr annee ano anno any vuosi rok aar jaar god ev wy hy fy wateryear hydroyear hydyear hydrojahr "
    "abflussjahr wyear hyear syear wtryr season saison campaign campagne"
)
WITH_YEAR = YEAR_WORDS | word_set(
    "water hydro hydrological hydrologic hydrologique hydrologisches hydrol wtr cal calendar"
)
HOURS = (0, 24)
PART_WORDS = {
    **dict.fromkeys(
        word_set("month mon mnth monat mes mois mese maand kuukausi kk maned manad miesiac wmonth"), (1, 12)
    ),
    **dict.fromkeys(word_set("day tag dia jour giorno dag dzien paiva pv mday dom"), (1, 31)),
    **dict.fromkeys(word_set("hour hr hh stunde std heure hora ora time uhrzeit klo tm"), HOURS),
    **dict.fromkeys(word_set("minute second seconds"), (0, 60)),
    **dict.fromkeys(
        word_set("week wk woche kw semaine semana isoweek quarter qtr trimester weekday dow wochentag"), (0, 53)
    ),
    **dict.fromkeys(DAY_OF_YEAR_NAMES | word_set("julian dayofyear wday dowy julianday jd"), (0, 3_000_000)),
}
FILLER = word_set(
    "id ids no nr num number nummer numero code cd key of the local wmo name nom nombre label identifier kennung "
    "national short long official utc date calendar water hydro hydrological"
)
_KINDS = {
    "stations": word_set(
        "station stations stn stns sta site sites gauge gage pegel pegelnummer pegelname messstelle messstellennummer "
        "stationsnummer stationsname stationsid stationid stationname stationnumber siteid sitename siteno gaugeid "
        "gageid gaugename staid souid poste estacion estacao indicativo indroea stazione asema havaintoasema stacja "
        "stasjon stanice wban usaf icao buoy buoyid platform location locationid locatie usgsid river gewasser lake "
        "reservoir catchment watershed ticker isin"
    ),
    "elements": word_set(
        "element elem elements parameter parameters param params parametro parametre variable variables varname "
        "datatype characteristic quantity metric messgrosse grootheid observedproperty"
    ),
    "scenarios": word_set("scenario scenarios ssp rcp experiment gcm rcm model models"),
    "units": word_set("unit units einheit einheiten unite unites unidad unidades unita enhet jednostka uom"),
    "members": word_set("member members ens ensemble ensembles realization realisation realiz memberid variant"),
}
NUMBER_OF = re.compile(r"(number|no|num|nb|n|count) of ")
PLACE_WORDS = word_set(
    "lat latitude lon long lng longitude rlat rlon xcoord ycoord easting northing utm coord coordinate breite lange "
    "laenge geographische latitud longitud latitudine longitudine x y lambert gauss decimal degrees dec deg geo wgs "
    "wgs84 nad27 nad83"
)
SURE_PLACE = PLACE_WORDS - word_set("long x y decimal degrees dec deg geo")
IDENTIFIER = re.compile(
    r"id|ids|uid|fid|oid|gid|uuid|unnamed|rownum|rownames|rowid|lfdnr|"
    r"(?:site|station|gauge|stn|object|event|claim|point|cell|grid|loc|obs|rec|record|wmo|feature|storm|policy|loss)id"
)
NUMBER_WORDS = word_set(
    "no nr num number nummer numero code cd key n index idx row rows lfd serial seq sequence record name block"
)
QUALITY_WORDS = word_set(
    "quality jakosc laatu flag flags flagged qc qa qual "
    "qualifier qualifiers status grade validity symbol sym symbols remark remarks attribute attributes mask bits "
    "bitmask bit eor bemerkung freigabestatus plausi byte qn qb qf qk qflag mflag sflag qcode ind indicator"
)
QUALITY_STEM = re.compile(r"(?:quali|calid|kvali|kwali)\w*")
SURE_QUALITY = QUALITY_WORDS - word_set("quality qa qn qb qf qk status grade mask bit bits byte ind indicator")
LABEL_WORDS = word_set(
    "version expver revision rev run type typ class category kategorie method methode source quelle kind group gruppe "
    "zone region district provider network"
)
DIRECTION_WORDS = word_set(
    "direction dir wdir mwd winddir winddirection richtung windrichtung azimuth azimut bearing heading"
)
DIRECTION_UNITS = word_set("deg degt degrees degree ° degtrue")
SPREAD_WORDS = word_set(
    "sigma sd std stdev stddev stderr se err error errors uncertainty uncert variance rmse mse unsicherheit incertitude"
)
DERIVED = re.compile(
    r"\b(return period|recurrence( interval)?|plotting position|aep|rank|rang|exceedance prob\w*|prob(ability)?|"
    r"non ?exceedance\w*)\b"
)
COUNTED = re.compile(
    r"\b((number|no|num|n|nb|count) (of )?(obs\w*|samples?|missing|measurements|readings)|"
    r"days of accumulation.*|period over which.*|nobs|completeness|coverage|availability)\b"
)
FORECAST_WORDS = word_set(
    "predicted prediction predictions predict pred forecast forecasts forecasted fcst fcast simulated simulation sim "
    "simul modelled modeled hindcast reforecast prognose vorhersage prevision previsto pronostico expected fitted "
    "astronomical projected projection climatology climatological normal normals simuliert modelliert simule gerechnet"
)
FORECAST = re.compile(r"q?(?:sim|mod|pred|fcst|calc)|model")
PRELIMINARY_WORDS = word_set(
    "preliminary prelim provisional unverified unadjusted uncorrected raw provisoire vorlaufig vorlaeufig preliminar "
    "unchecked unvalidated rohwert rohdaten ungepruft"
)
_VALUE_WORDS = word_set(
    "value values val va wert messwert valeur valor valore waarde varde verdi vaerdi vrdi arvo wartosc hodnota deger"
)
OR_A_VALUE = word_set("gauge gage pegel model models quantity measure variable parameter element param metric")


def kind_of_key(name: str) -> str | None:
    """``"stations"`` of ``NUM_POSTE``: what a column with that name tells apart, None where that is not known."""
    words = {word for word in words_of(name) if not word.isdigit()}
    if NUMBER_OF.match(" ".join(words_of(name))):
        return None
    for kind, known in _KINDS.items():
        named = words & known
        if named and (words <= known | FILLER or (words & FILLER and len(words) > 2)):
            return kind
    return None


SHORT_SPREAD, CENTRES = (
    word_set("sd se std err error errors"),
    word_set("mean avg average median estimate value mittel"),
)


def says_value(name: str) -> bool:
    """Whether the name says that this is the value: ``value``, ``peak_va``, ``Messwert``."""
    words = [word for word in words_of(name) if not word.isdigit()]
    return bool(words) and words[-1] in _VALUE_WORDS
