"""What families do not have, in words."""

from __future__ import annotations

from evstats.errors import ArgumentError


def no_power(label: str) -> ArgumentError:
    """The error where the largest of several blocks is asked for."""
    return ArgumentError(
        f"the extreme of several blocks of a {label} distribution is not {label}", "ask for levels of one block."
    )


def not_in_scipy(label: str) -> ArgumentError:
    """The error where SciPy's distribution is asked for."""
    return ArgumentError(f"SciPy has no {label} distribution in these parameters.")
