"""How often the tests of Gumbel notice a GEV: what a test that passed is worth at this sample size."""

from __future__ import annotations

from dataclasses import dataclass

from evstats.errors import ArgumentError
from evstats.goodness import shipped
from evstats.notes import Note


@dataclass(frozen=True)
class Power:
    """Share of GEV samples of one shape in which each test of Gumbel rejects at 5 % (two-sided).

    Attributes
    ----------
    shape
        Of the GEV.
    anderson_darling, likelihood_ratio, score
        The shares, between 0 and 1.

    Examples
    --------
    >>> from evstats.goodness import power
    >>> power(50, 0.1)
    Power(shape=0.1, anderson_darling=0.12215, likelihood_ratio=0.18765, score=0.18615)
    """

    shape: float
    anderson_darling: float
    likelihood_ratio: float
    score: float


def power(n: int, shape: float = 0.1) -> Power:
    """The power of the tests of Gumbel for n values of a GEV of shape 0.1 or 0.2, fitted by maximum likelihood.

    Read from a table of 20,000 samples per entry (``tests/studies/shipped_tables.py``), interpolated in log n from 5 to
    500; beyond, the nearest entry.

    Parameters
    ----------
    n
        Number of values.
    shape
        A shape that is tabulated.

    Returns
    -------
    Power
        The shares of the three tests.

    Examples
    --------
    >>> from evstats import goodness
    >>> goodness.power(30, 0.1).anderson_darling < 0.2
    True
    """
    if n < 3:
        raise ArgumentError(f"n is {n}", "expected a number of values of at least 3.")
    if shape not in shipped.ALTERNATIVES:
        known = " or ".join(f"{known:g}" for known in shipped.ALTERNATIVES)
        raise ArgumentError(f"shape is {shape!r}; the power is tabulated for shapes of {known}.")
    column = shipped.ALTERNATIVES.index(shape)
    return Power(shape, *map(float, shipped.powers(n)[:, column]))


def power_sentence(n: int) -> Note:
    """What passing the tests of Gumbel is worth, as a note: their power at n values.

    Parameters
    ----------
    n
        Number of values.

    Returns
    -------
    Note
        A sentence.

    Examples
    --------
    >>> from evstats import goodness
    >>> goodness.power_sentence(30)[:36]
    'With 30 values passing is no proof: '

    >>> from evstats.goodness import power_sentence
    >>> power_sentence(40).code
    'power'
    """
    found = [power(n, shape) for shape in shipped.ALTERNATIVES]
    shares = {name: [getattr(entry, name) for entry in found] for name in ("anderson_darling", "likelihood_ratio")}
    return Note("power", n=n, shapes=shipped.ALTERNATIVES, **shares)
