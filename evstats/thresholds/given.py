"""A threshold that is given, as a number or as a share of the observations."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from evstats.errors import ArgumentError
from evstats.extremes.blocks import KINDS
from evstats.extremes.watch import Watch
from evstats.notes import Note
from evstats.text.arguments import Setting, Text


def given_threshold(watch: Watch, asked: Any, kind: str, others: str = "'95%'") -> tuple[float, tuple[Note, ...]]:
    """The threshold that a number or a share such as ``"95%"`` stands for, and what to say of it.

    Raises
    ------
    ArgumentError
        Neither; it says that ``others`` are expected beside a number.
    """
    if isinstance(asked, str) and asked.strip().endswith("%"):
        return _of_share(watch, asked, kind, others)
    if isinstance(asked, bool) or not isinstance(asked, (Real, np.number)) or not np.isfinite(float(asked)):
        raise _no_threshold(asked, others)
    return float(asked), ()


def _of_share(watch: Watch, asked: str, kind: str, others: str) -> tuple[float, tuple[Note, ...]]:
    """What so many per cent of the observations lie below, or above for minima."""
    below, minima = share_of(asked, kind, others), KINDS[kind].name == "min"
    threshold = float(np.quantile(watch.sample.values, below))
    share = float(asked.strip().removesuffix("%"))
    note = Note("threshold_share", watch.sample.name, threshold=threshold, share=share, minima=int(minima))
    return threshold, (note,)


def share_of(asked: str, kind: str, others: str = "'95%'") -> float:
    """The share of the observations below a threshold given as ``"95%"``, of minima that above it.

    Raises
    ------
    ArgumentError
        A text that is no share, or a share outside 0 to 100 %.
    """
    try:
        share = float(asked.strip().removesuffix("%")) if asked.strip().endswith("%") else None
    except ValueError:
        share = None
    if share is None:
        raise _no_threshold(asked, others)
    if not 0.0 < share < 100.0:
        raise ArgumentError(Text(Setting("threshold"), f" is {asked!r}"), "a share lies between 0% and 100%.")
    return 1.0 - share / 100.0 if KINDS[kind].name == "min" else share / 100.0


def _no_threshold(asked: object, others: str) -> ArgumentError:
    shown = repr(asked) if isinstance(asked, str) else str(asked)
    return ArgumentError(
        Text(Setting("threshold"), f" is {shown}"),
        f"expected a number in the unit of the values, a share of the observations such as {others}.",
    )


__all__ = ["given_threshold", "share_of"]
