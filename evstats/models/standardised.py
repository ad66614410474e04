"""Designs in standard form, in which any unit of the covariates gives the same problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from evstats.arrays import Array, Mask, Places
from evstats.errors import ArgumentError, DataError
from evstats.models.allowed import INTERCEPT
from evstats.notes import Note
from evstats.text.numbers import number

#: Columns of which a combination is smaller than this, each of length one, are taken for dependent.
_SINGULAR: Final = 1e-10
#: A term whose share in such a combination is smaller than this does not belong to it.
_SHARE: Final = 1e-6
#: Values beyond the number of coefficients without which there is no fit, and values a coefficient below which a note
#: says so.
SPARE: Final = 3
EACH: Final = 5


@dataclass(frozen=True, eq=False)
class Standardised:
    """A design whose columns are orthogonal and of mean square 1, the first of them the constant, and the way back.

    With X = [1, x] the design as it was given, m the means of x and R a triangle, the columns are Q = [1, (x - m) / R]
    and the same predictor is X beta = Q gamma.

    Attributes
    ----------
    design
        Q (n, p), or batch + (n, p).
    means
        M, batch + (p - 1,).
    triangle
        R, upper, batch + (p - 1, p - 1).

    Examples
    --------
    >>> years = np.arange(1990.0, 1994.0)
    >>> found = Standardised.of(np.column_stack([np.ones(4), years]), ["Intercept", "year"])
    >>> found.design[:, 1].round(3).tolist()
    [-1.342, -0.447, 0.447, 1.342]
    >>> beta = found.coefficients(np.array([10.0, 2.0]))  # of the constant and the year as they were given
    >>> float(round(beta @ [1.0, 1990.0] - (10.0 - 2.0 * 1.3416407865), 6))
    0.0
    """

    design: Array
    means: Array
    triangle: Array

    @classmethod
    def of(cls, matrix: Array, names: Sequence[str], text: str = "") -> Standardised:
        """The standard form of a design, (n, p) or batch + (n, p), whose first column is the constant.

        Parameters
        ----------
        matrix
            Its columns.
        names
            Of its columns.
        text
            The formula it is of, for sentences.

        Raises
        ------
        DataError
            A column that does not vary, or that is a combination of others: the error names them.
        """
        columns = np.asarray(matrix, dtype=np.float64)[..., 1:]
        with np.errstate(over="ignore", invalid="ignore"):
            means = columns.mean(axis=-2)
            centred = columns - means[..., None, :]
            centred -= centred.mean(axis=-2, keepdims=True)
        size = np.abs(centred).max(axis=-2)
        _refuse_constant(columns, size, names, text)
        n = matrix.shape[-2]
        length = size * np.sqrt(np.square(centred / size[..., None, :]).sum(axis=-2))
        orthogonal, triangle = np.linalg.qr(centred / length[..., None, :])
        _refuse_dependent(triangle, n, names, text)
        signs = np.sign(np.diagonal(triangle, axis1=-2, axis2=-1))
        design = np.concatenate([np.ones((*columns.shape[:-1], 1)), np.sqrt(n) * orthogonal * signs[..., None, :]], -1)
        scaled = signs[..., None] * triangle * (length / np.sqrt(n))[..., None, :]
        return cls(design, means, scaled)

    def rows(self, matrix: Array) -> Array:
        """Other rows of the design (..., rows, p), in new states of the covariates, in standard form."""
        moved = np.asarray(matrix, dtype=np.float64)[..., 1:] - self.means[..., None, :]
        solved = np.swapaxes(np.linalg.solve(np.swapaxes(self.triangle, -1, -2), np.swapaxes(moved, -1, -2)), -1, -2)
        return np.concatenate([np.ones((*solved.shape[:-1], 1)), solved], axis=-1)

    def at(self, places: Places) -> Standardised:
        """The designs of the samples with these places among all, each of which has its own."""
        design, means, triangle = self.design, self.means, self.triangle
        return Standardised(
            design.reshape(-1, *design.shape[-2:])[places],
            means.reshape(-1, means.shape[-1])[places],
            triangle.reshape(-1, *triangle.shape[-2:])[places],
        )

    def leverage(self, matrix: Array) -> Array:
        """How far rows (..., rows, p) lie from the middle of the design: n times the variance of their predictor in a
        least-squares fit, 1 in the middle.
        """
        return np.square(self.rows(matrix)).sum(axis=-1)

    def coefficients(self, gamma: Array) -> Array:
        """The coefficients (..., p) of the design as it was given."""
        return np.matmul(self._back, gamma[..., None])[..., 0]

    def covariance(self, covariance: Array) -> Array:
        """The covariance (..., p, p) of the coefficients of the design as it was given."""
        return self._back @ covariance @ np.swapaxes(self._back, -1, -2)

    def standard(self, beta: Array) -> Array:
        """The coefficients (..., p) in standard form."""
        slopes = np.matmul(self.triangle, beta[..., 1:, None])[..., 0]
        return np.concatenate([beta[..., :1] + np.vecdot(self.means, beta[..., 1:])[..., None], slopes], axis=-1)

    @property
    def jacobian(self) -> Array:
        """The derivatives (..., p, p) of the coefficients as given in those of the standard form."""
        return self._back

    @property
    def _back(self) -> Array:
        inverse = np.linalg.solve(self.triangle, np.broadcast_to(np.eye(self.means.shape[-1]), self.triangle.shape))
        whole = np.zeros((*inverse.shape[:-2], inverse.shape[-2] + 1, inverse.shape[-1] + 1))
        whole[..., 0, 0] = 1.0
        whole[..., 1:, 1:] = inverse
        whole[..., 0, 1:] = -np.matmul(self.means[..., None, :], inverse)[..., 0, :]
        return whole


def array_design(values: Any, shape: tuple[int, ...]) -> tuple[tuple[str, ...], Array]:
    """The names and the columns of a plain array as a design, with a constant before them.

    Parameters
    ----------
    values
        (n,) one covariate, (n, p) several, or batch + (n, p) where every series has its own.
    shape
        Of the data, batch + (n,).

    Raises
    ------
    ArgumentError
        An array of another shape, or not of numbers.
    DataError
        A value that is missing or infinite.

    Examples
    --------
    >>> array_design([3.0, 4.0], (2,))
    (('Intercept', 'x1'), array([[1., 3.],
           [1., 4.]]))
    """
    n, batch = shape[-1], shape[:-1]
    own = f" or ({', '.join(map(str, shape))}, p)" if batch else ""
    expected = f"expected ({n},), ({n}, p){own}"
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as cause:
        raise ArgumentError("the design is not an array of numbers", f"{expected}.") from cause
    columns = array[:, None] if array.ndim == 1 else array
    fits = columns.ndim >= 2 and columns.shape[-2] == n and columns.shape[-1] > 0
    if not (fits and columns.shape[:-2] in ((), batch)):
        more = "; for one covariate of each series add an axis, values[..., None]" if array.shape == shape else ""
        raise ArgumentError(f"the design has shape {array.shape}, and the data {shape}", f"{expected}{more}.")
    if (wrong := np.argwhere(~np.isfinite(columns))).size:
        place = tuple(int(at) for at in wrong[0])
        raise DataError(f"the design is {columns[place]} at {place} (counted from 0)", "give a number for every value.")
    names = (INTERCEPT, *(f"x{j}" for j in range(1, columns.shape[-1] + 1)))
    return names, np.concatenate([np.ones((*columns.shape[:-1], 1)), columns], axis=-1)


def check_count(n: int, coefficients: int) -> tuple[Note, ...]:
    """A note where there are fewer than five values for each coefficient.

    Raises
    ------
    DataError
        Fewer than the number of coefficients and three more.
    """
    if n < coefficients + SPARE:
        raise DataError(
            f"there are {n} values for {coefficients} coefficients, which need at least {coefficients + SPARE}",
            "use fewer terms, or a longer record.",
        )
    few = n < EACH * coefficients
    return (Note("few_for_coefficients", n=n, k=coefficients, least=EACH * coefficients),) if few else ()


def _of(text: str) -> str:
    return f" of the formula {text!r}" if text else ""


def _lane(where: Sequence[int]) -> str:
    return f" in series {tuple(int(at) for at in where)}" if len(where) else ""


def _refuse_constant(columns: Array, size: Array, names: Sequence[str], text: str) -> None:
    """An error for a column that varies by no more than the roundings of its values."""
    flat: Mask = ~(size > 4.0 * np.spacing(np.abs(columns).max(axis=-2)))
    if flat.any():
        *lane, column = np.argwhere(flat)[0]
        value = columns[(*lane, 0, column)]
        raise DataError(
            f"the term {names[column + 1]}{_of(text)} is {number(float(value))} everywhere{_lane(lane)}",
            "leave it out: the constant is there already.",
        )


def _refuse_dependent(triangle: Array, n: int, names: Sequence[str], text: str) -> None:
    """An error for columns of which one is a combination of others, to be seen in the triangle of their factors."""
    if not triangle.shape[-1]:
        return
    short = n <= triangle.shape[-1]
    least = np.linalg.svd(triangle, compute_uv=False)[..., -1]
    bad = np.argwhere((least < _SINGULAR) | short)
    if not len(bad):
        return
    lane = tuple(int(at) for at in bad[0])
    own = triangle[lane]
    if short:
        raise DataError(f"there are {own.shape[1]} terms{_of(text)} and only {n} values", "use fewer terms.")
    diagonal = np.abs(np.diagonal(own))
    last = int(np.flatnonzero(diagonal <= max(10.0 * diagonal.min(), _SINGULAR))[0])
    weights = np.linalg.lstsq(own[:last, :last], own[:last, last])[0]
    some = np.abs(weights) > _SHARE * np.abs(weights).max(initial=0.0)
    others = [name for name, counts in zip(names[1:], some, strict=False) if counts]
    raise DataError(
        f"the term {names[last + 1]}{_of(text)} is a combination of {', '.join(others)} and the constant{_lane(lane)}",
        f"leave out {names[last + 1]} or one of the others.",
    )


__all__ = ["EACH", "SPARE", "Standardised", "array_design", "check_count"]
