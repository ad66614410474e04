"""Sentences that name arguments of functions: written once, said in Python and in the options of the command line."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

#: The arguments that can be given on the command line, by the options that give them.
OPTIONS: Final[Mapping[str, str]] = {
    **{
        name: f"--{name.replace('_', '-')}"
        for name in (
            *("time", "value", "where", "unit", "dayfirst", "decimal", "thousands", "separator", "sheet", "encoding"),
            *("skip", "block", "kind", "min_coverage", "first_month", "season", "separation", "over", "family"),
            *("method", "prior", "interval", "confidence", "horizon", "extremal_index", "periods", "years", "force"),
            *("threshold", "months", "observations_per_year", "thresholds", "level_period", "loc", "scale", "shape"),
            *("lower", "upper", "history", "peak", "largest", "rate", "trend", "trend_kind", "covariates", "exclude"),
            *("at", "event", "now", "then", "site", "index", "correlation", "replicates"),
            *("var", "dim", "pool", "plot", "resume", "es", "level", "p_values"),
            *("window", "every", "observed_years"),
            *("regional_skew", "regional_mse", "low_outliers"),
            *("durations", "minutes", "correction"),
            *("layers", "aggregate_limit", "reinstatements", "events", "limit", "capped", "deductible"),
        )
    },
    "losses": "--loss",
    "span": "--mean",
    "volatility": "--conditional",
    "na_values": "--missing",
    "missing": "--missing-covariates",
    "days": "--horizon-days",
    "probabilities": "--probabilities",
}

#: The options that take all values in one word, with commas.
_IN_ONE_WORD: Final = frozenset({"durations", "minutes", "periods", "probabilities", "thresholds"})

#: The functions that take them, where they have to be named: ``kind`` of others is another.
_CALLS = ("", "block_maxima", "peaks_over_threshold")

#: The value of a setting that names its argument only.
ANY: Final = ...


@dataclass(frozen=True)
class Setting:
    """An argument with the value to give it, or without one where it is only named.

    Attributes
    ----------
    name
        Of the argument.
    value
        To give it.
    call
        The function that takes it, where that is not the one that was called.
    beside
        How Python's words add those of the command line, ``{}``; empty where they do not.

    Examples
    --------
    >>> str(Setting("method", "lmoments")), in_options(Setting("method", "lmoments"))
    ("method='lmoments'", '--method lmoments')
    >>> str(both("time", "my date")), in_options(both("time", "my date"))
    ("time='my date' (--time 'my date')", "--time 'my date'")
    >>> str(Setting("kind", "min", call="block_maxima")), in_options(Setting("kind", "min", call="block_maxima"))
    ("block_maxima(..., kind='min')", '--kind min')
    >>> in_options(Setting("over", ("3D", "sum"))), in_options(Setting("na_values", [-99, -999]))
    ('--over 3D sum', '--missing -99 --missing -999')
    >>> in_options(Setting("separation", None, call="peaks_over_threshold")), in_options(Setting("minutes", [10, 60]))
    ('--separation none', '--minutes 10,60')
    """

    name: str
    value: Any = ANY
    call: str = ""
    beside: str = ""

    @property
    def option(self) -> str | None:
        """What the argument is called on the command line; None where it is not there."""
        return OPTIONS.get(self.name) if self.call in _CALLS else None

    def __str__(self) -> str:
        if self.value is ANY:
            said = f"{self.name}=" if self.beside else self.name
        else:
            said = f"{self.name}={_in_python(self.value)}"
        said = f"{self.call}(..., {said})" if self.call else said
        return said + self.beside.format(in_options(self)) if self.beside else said


def both(name: str, value: Any = ANY) -> Setting:
    """A setting that is said in both ways where Python is spoken: ``skip=3 (--skip 3)``."""
    return Setting(name, value, beside=" ({})")


def named(name: str) -> Text:
    """An argument in brackets, in both ways where Python is spoken: ``(skip=, --skip)``."""
    return Text("(", Setting(name, beside=", {}"), ")")


def in_options(setting: Setting) -> str:
    """A setting as it is typed on the command line; as in Python where that has no such option."""
    if setting.option is None:
        return str(replace(setting, beside=""))
    if isinstance(setting.value, bool):
        return setting.option if setting.value else f"--no-{setting.option.removeprefix('--')}"
    if setting.value is ANY:
        return setting.option
    if setting.name in _IN_ONE_WORD and isinstance(setting.value, list):
        return f"{setting.option} {','.join(map(typed, setting.value))}"
    return " ".join(f"{setting.option} {typed(value)}" for value in _each(setting.value))


def typed(value: object) -> str:
    """A word as it is typed on the command line, or several, quoted where a shell or a reader would split it."""
    if isinstance(value, tuple):
        return " ".join(map(typed, value))
    text = "none" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)
    plain = all(char.isalnum() or char in "_-.,:/%+@=*" for char in text) and any(map(str.isalnum, text))
    return text if plain else f"'{text}'" if "'" not in text else shlex.quote(text)


class State(dict[str, Any]):
    """A state of covariates: a mapping in Python, one word on the command line.

    Examples
    --------
    >>> at = Setting("at", State(gmst=1.3, year=...))
    >>> str(at), in_options(at)
    ('at=dict(gmst=1.3, year=...)', '--at gmst=1.3,year=...')
    >>> at = Setting("at", State({"mean temp": 1.3}))
    >>> str(at), in_options(at)
    ("at={'mean temp': 1.3}", "--at 'mean temp=1.3'")
    """

    def __repr__(self) -> str:
        if all(name.isidentifier() for name in self):
            return f"dict({', '.join(f'{name}={_shown(value)}' for name, value in self.items())})"
        return f"{{{', '.join(f'{name!r}: {_shown(value)}' for name, value in self.items())}}}"

    def __str__(self) -> str:
        return ",".join(f"{_in_one(name)}={_shown(value)}" for name, value in self.items())


def _in_one(name: str) -> str:
    """A name in the state of the command line, where a comma parts it from the next."""
    return f"`{name}`" if "," in name else name


def _shown(value: object) -> str:
    return "..." if value is ... else f"{value:.10g}" if isinstance(value, float) else str(value)


def _each(value: Any) -> Iterable[Any]:
    """The values of an option that is repeated."""
    if isinstance(value, State):
        return [value]
    if isinstance(value, Mapping):
        return [f"{key}={item}" for key, item in value.items()]
    return value if isinstance(value, list) else [value]


def _in_python(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_in_python, value))}]"
    return f"{value:.10g}" if isinstance(value, float) else repr(value)


class Text(str):
    """A text for readers in Python that knows the arguments it names, so that it can be said in options too.

    Examples
    --------
    >>> text = Text("fit by L-moments instead (", Setting("method", "lmoments"), ").")
    >>> text, text.said(in_options)
    ("fit by L-moments instead (method='lmoments').", 'fit by L-moments instead (--method lmoments).')
    """

    parts: tuple[str | Setting, ...]

    def __new__(cls, *parts: str | Setting) -> Text:
        """The parts one after the other."""
        text = str.__new__(cls, "".join(map(str, parts)))
        text.parts = parts
        return text

    @classmethod
    def of(cls, template: str, *named: str | Setting) -> Text:
        """A template in which ``{}`` stands for each argument, or text, that follows.

        Examples
        --------
        >>> Text.of("skip fewer {}, or {}.", named("skip"), Setting("sheet", "A"))
        "skip fewer (skip=, --skip), or sheet='A'."
        """
        first, *written = template.split("{}")
        return cls(first, *(part for pair in zip(named, written, strict=True) for part in pair))

    def said(self, words: Callable[[Setting], str]) -> str:
        """The text with its arguments in other words, such as those of the command line."""
        return "".join(_said(part, words) for part in self.parts)

    @property
    def settings(self) -> Iterator[Setting]:
        """The arguments that it names, in its order."""
        for part in self.parts:
            if isinstance(part, Setting):
                yield part
            elif isinstance(part, Text):
                yield from part.settings

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles know the arguments too."""
        return type(self), self.parts


class InPython(Text):
    """What is said in Python only, being of no use on the command line."""

    def said(self, words: Callable[[Setting], str]) -> str:
        """Nothing."""
        return ""


def _said(part: str | Setting, words: Callable[[Setting], str]) -> str:
    if isinstance(part, Setting):
        return words(part)
    return part.said(words) if isinstance(part, Text) else part


def joined(problem: str, remedy: str) -> Text:
    """What is wrong and what to do about it, as one text."""
    if not remedy:
        return Text(problem)
    return Text(problem, " " if problem.endswith((".", ",", ":", "?")) else "; ", remedy)
