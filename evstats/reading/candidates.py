"""Which column is the value: the one that can be, else a refusal that names those that could."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evstats.errors import DataError
from evstats.notes import Note
from evstats.reading.column_names import says_value, word_set, words_of
from evstats.reading.roles import TIERS, Column, Role
from evstats.text.arguments import Text, both, named
from evstats.text.paragraphs import listed as first_of

_SHOWN = 12
#: Roles of which nobody needs to be told that they are not the value.
_PLAIN = (Role.CONSTANT, Role.DATE, Role.EMPTY, Role.KEY, Role.LABEL, Role.PLACE, Role.NUMBERING, Role.PART)
#: A column with fewer than one in twenty of the cells of the fullest is not what the file is about.
_SPARSE = 20


_PRICES = {
    "open": word_set("open opening eroffnung eroffn erster ouverture ouv apertura abertura otwarcie avkast"),
    "high": word_set("high hoch tageshoch haut maximo massimo maxima najwyzszy hi hoog hogst"),
    "low": word_set("low tief tagestief bas minimo minima najnizszy lo laag lagst"),
    "volume": word_set("volume vol volumen stuecke stucke umsatz turnover wolumen volym"),
}
#: The words for the price at the end of the day, the surest first.
_CLOSES = (
    word_set("close closing schluss schlusskurs cloture cierre fechamento chiusura zamkniecie slotkoers closeadj"),
    word_set("settle settlement settl"),
    word_set("last price zuletzt dernier ultimo kurs laatst senast"),
)
_ADJUSTED = word_set("adj adjusted adjclose adjustedclose bereinigt closeadj ajuste ajustado")
_EARLIER = word_set("prev previous vortag prior")


@dataclass(frozen=True, eq=False)
class Candidates:
    """The columns of a table beside its time, with their roles."""

    columns: Sequence[Column]
    roles: Mapping[str, Role]
    times: Sequence[str] = ()

    def value(self) -> tuple[str, Note]:
        """The column that is the value, and a note that says which others it is not."""
        names = next((found for found in map(self._of, TIERS) if found), ())
        if not names:
            raise self._none()
        chosen = _price(names) or _called_value(names) or tuple(names)
        if len(chosen) > 1:
            raise several(chosen, undated=not self.times)
        return chosen[0], self._note(chosen[0])

    def _of(self, tier: Iterable[Role]) -> tuple[str, ...]:
        """The columns with a role of that tier, those that are nearly empty left out."""
        wanted = set(tier)
        named = [column for column in self.columns if self.roles[column.name] in wanted or self._also(column, wanted)]
        counts = {column.name: column.count for column in named}
        fullest = max(counts.values(), default=0)
        return tuple(name for name, count in counts.items() if count and _SPARSE * count >= fullest)

    def _also(self, column: Column, wanted: set[Role]) -> bool:
        """Where several quality marks of one name stand, several things were measured, one that stayed the same too."""
        stems = Counter(
            tuple(word for word in words_of(name) if not word.isdigit())
            for name, role in self.roles.items()
            if role is Role.QUALITY
        )
        several_measured = max(stems.values(), default=0) > 1
        constant = self.roles[column.name] is Role.CONSTANT and not column.whole
        return Role.VALUE in wanted and several_measured and constant

    def _note(self, chosen: str) -> Note:
        others = [column.name for column in self.columns if column.count and column.name != chosen]
        told = [name for name in others if self.roles[name] not in _PLAIN]
        if not told:
            return Note("value_column", chosen)
        return Note("value_column_of_several", chosen, others=self._described(told))

    def _described(self, names: Sequence[str]) -> str:
        """``'id' (a running number), 'Predicted' (predicted)``; of what could be a value the name alone."""
        parts = [
            repr(name) if self.roles[name] is Role.VALUE else f"{name!r} ({self.roles[name].value})" for name in names
        ]
        return first_of(parts, _SHOWN)

    def _none(self) -> DataError:
        if not self.columns:
            return DataError(f"there is no value column beside the time column {listed(self.times)}", "add one.")
        empty = [column.name for column in self.columns if self.roles[column.name] is Role.EMPTY]
        numeric = [column.name for column in self.columns if column.count]
        if numeric:
            return DataError(
                f"no column can be the value: {self._described(numeric)}.",
                Text("If one of them is, name it: ", both("value", numeric[0]), "."),
            )
        if empty:
            return DataError(
                f"there is no numeric column: every cell of {listed(empty)} is empty or marked missing.",
                Text("Check the file, or name the value column ", named("value"), "."),
            )
        first = self.columns[0]
        return DataError(
            f"there is no numeric column: the columns are {listed([*self.times, *self.roles])}, and {first.name!r} "
            f"holds {first.texts.iloc[0]!r}.",
            Text("Check the separator and the decimal mark, or name the value column ", named("value"), "."),
        )


def several(names: Sequence[str], *, undated: bool = False) -> DataError:
    """Two or more columns could be the value, of a table whose dates may not be known either."""
    if undated:
        return DataError(
            f"no column was understood as dates, and {len(names)} columns could be the value: {listed(names)}.",
            Text.of(
                "Name the column or columns of the date {} and that of the value {}.", named("time"), named("value")
            ),
        )
    return DataError(
        f"{len(names)} columns could be the value: {listed(names)}.",
        Text("Choose one, for example ", both("value", names[0]), "."),
    )


def _price(names: Sequence[str]) -> tuple[str, ...]:
    """Of the columns of a price table the adjusted close, else the close; empty where this is none."""
    words = {name: set(words_of(name)) for name in names}
    kinds = {kind: [name for name in names if words[name] & known] for kind, known in _PRICES.items()}
    others = {name for found in kinds.values() for name in found}
    ranked = [
        [n for n in names if n not in others and words[n] & known and not words[n] & _EARLIER] for known in _CLOSES
    ]
    around = sum(bool(kinds[kind]) for kind in ("open", "high", "low"))
    adjusted = [name for name in names if name not in others and words[name] & _ADJUSTED]
    if not (around >= 2 or ((ranked[0] or adjusted) and others)) and not (ranked[0] and adjusted):
        return ()
    return tuple(next((found for found in (adjusted, *ranked) if found), ()))


def _called_value(names: Sequence[str]) -> tuple[str, ...]:
    """The one column whose name says that it is the value."""
    called = tuple(filter(says_value, names))
    return called if len(called) == 1 else ()


def listed(names: Sequence[str]) -> str:
    """Names in a sentence, the first dozen of many."""
    return first_of(map(repr, names), _SHOWN)
