"""Designs in standard form: any unit gives the same problem, and coefficients find their way back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import evstats as ev
from evstats import newton
from evstats.errors import ArgumentError, DataError
from evstats.models import Likelihood, Model, Points, Standardised
from evstats.models.standardised import array_design, check_count

N = 60
YEARS = np.arange(1950.0, 1950.0 + N)
DATA = np.asarray(ev.GEV(0.0, 1.0, 0.1).rvs(N, rng=7)) + 0.03 * (YEARS - YEARS.mean())
SINE = np.sin(YEARS)


def design(*columns: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(columns[0])), *columns])


def names(matrix: np.ndarray) -> list[str]:
    return ["Intercept", *"abcdefgh"[: matrix.shape[-1] - 1]]


def standardised(*columns: np.ndarray) -> Standardised:
    matrix = design(*columns)
    return Standardised.of(matrix, names(matrix))


def maximum(location: np.ndarray, scale: np.ndarray | None = None, data: np.ndarray = DATA) -> newton.Maximum:
    """A GEV by maximum likelihood, from the least squares of the location, the scale of Gumbel and shape 0.05."""
    model = Model.constant(ev.GEV).with_design("loc", location)
    model = model if scale is None else model.with_design("scale", scale)
    slopes, *_ = np.linalg.lstsq(location, data, rcond=None)
    spread = float(np.std(data - location @ slopes))
    slopes[0] -= 0.45 * spread
    log_scale = np.zeros(1 if scale is None else scale.shape[1])
    log_scale[0] = np.log(0.78 * spread)
    start = np.concatenate([slopes, log_scale, [0.05]])[:, None]
    return newton.maximize(Likelihood(model, Points.of_maxima(data[None])), start, max_step=np.full(len(start), 0.7))


CENTRED = maximum(design((YEARS - YEARS.mean()) / 30.0))

#: The same line in other units.
UNITS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "raw years": lambda year: year,
    "seconds since 1970": lambda year: (year - 1970.0) * 31_556_952.0,
    "nanoseconds since 1970": lambda year: (year - 1970.0) * 3.1556952e16,
    "a trillionth": lambda year: (year - 1900.0) * 1e-12,
    "x 1e15 + 1e18": lambda year: year * 1e15 + 1e18,
    "backwards": lambda year: 3.0 - 1e-6 * year,
    "vast": lambda year: year * 1e200,
    "tiny": lambda year: year * 1e-200,
}


@pytest.mark.parametrize("unit", UNITS)
def test_any_unit_gives_the_maximum_of_centred_years(unit: str) -> None:
    found = maximum(standardised(UNITS[unit](YEARS)).design)
    assert found.converged.all()
    assert abs(found.value[0] - CENTRED.value[0]) < 1e-9
    assert found.iterations[0] <= 8


@pytest.mark.parametrize("unit", UNITS)
def test_levels_and_slopes_come_back_in_the_unit_of_the_covariate(unit: str) -> None:
    transform = UNITS[unit]
    form = standardised(transform(YEARS))
    gamma = maximum(form.design).parameters[:2, 0]
    state = design(transform(np.array([2030.0])))
    in_centred = CENTRED.parameters[0, 0] + CENTRED.parameters[1, 0] * (2030.0 - YEARS.mean()) / 30.0
    assert form.rows(state)[0] @ gamma == pytest.approx(in_centred, abs=1e-6)
    beta = form.coefficients(gamma)
    step = float(transform(np.array([2001.0]))[0] - transform(np.array([2000.0]))[0])
    assert beta[1] * step == pytest.approx(CENTRED.parameters[1, 0] / 30.0, rel=1e-5)


def test_powers_of_raw_years_give_the_maximum_of_centred_ones() -> None:
    t = (YEARS - YEARS.mean()) / 30.0
    raw = design(YEARS, YEARS**2, YEARS**3)
    assert np.linalg.cond(raw) > 1e15
    for power, least in ((2, 1e-10), (3, 1e-7)):
        centred = maximum(design(*(t**k for k in range(1, power + 1))))
        form = Standardised.of(raw[:, : power + 1], names(raw[:, : power + 1]))
        found = maximum(form.design)
        assert centred.converged.all()
        assert found.converged.all()
        assert abs(found.value[0] - centred.value[0]) < least


def test_a_moving_scale_does_not_know_the_unit_either() -> None:
    reference = maximum(design((YEARS - YEARS.mean()) / 30.0), design(SINE))
    form = standardised(YEARS * 1e15 + 1e18)
    found = maximum(form.design, standardised(1e6 + 1e-3 * SINE).design)
    assert reference.converged.all()
    assert abs(found.value[0] - reference.value[0]) < 1e-7


@pytest.mark.parametrize("columns", [(YEARS,), (YEARS, SINE), (YEARS, YEARS**2, SINE), (YEARS * 1e15 + 1e18, SINE)])
def test_the_columns_are_orthogonal_of_mean_square_one_and_span_the_same(columns: tuple[np.ndarray, ...]) -> None:
    matrix, form = design(*columns), standardised(*columns)
    np.testing.assert_allclose(form.design.T @ form.design / N, np.eye(matrix.shape[1]), atol=1e-9)
    np.testing.assert_allclose(form.rows(matrix), form.design, atol=1e-6)
    assert (np.vecdot(form.design[:, 1:].T, matrix[:, 1:].T - matrix[:, 1:].T.mean(axis=1, keepdims=True)) > 0).all()
    assert form.leverage(matrix).mean() == pytest.approx(matrix.shape[1], rel=1e-6)


def test_coefficients_there_and_back() -> None:
    form = standardised(YEARS, SINE, YEARS * SINE)
    gamma = np.array([10.0, 2.0, -1.0, 0.5])
    beta = form.coefficients(gamma)
    np.testing.assert_allclose(design(YEARS, SINE, YEARS * SINE) @ beta, form.design @ gamma, atol=1e-9)
    np.testing.assert_allclose(form.standard(beta), gamma, atol=1e-9)
    np.testing.assert_allclose(form.jacobian @ gamma, beta, rtol=1e-12)


def test_covariances_are_those_of_least_squares_in_the_covariate_s_own_unit() -> None:
    matrix = design(YEARS - 1950.0, SINE)
    form = Standardised.of(matrix, names(matrix))
    standard = np.linalg.inv(form.design.T @ form.design)
    np.testing.assert_allclose(form.covariance(standard), np.linalg.inv(matrix.T @ matrix), rtol=1e-9)


def test_a_design_for_each_series_is_that_of_each_alone() -> None:
    matrices = np.stack([design(YEARS, SINE), design(SINE, YEARS**2), design(YEARS * SINE, YEARS)])
    together = Standardised.of(matrices, names(matrices))
    gamma = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    for lane, matrix in enumerate(matrices):
        alone = Standardised.of(matrix, names(matrix))
        np.testing.assert_allclose(together.design[lane], alone.design, atol=1e-12)
        np.testing.assert_allclose(together.coefficients(gamma)[lane], alone.coefficients(gamma[lane]), rtol=1e-9)
        np.testing.assert_allclose(together.standard(gamma)[lane], alone.standard(gamma[lane]), rtol=1e-12)
        np.testing.assert_allclose(together.rows(matrices)[lane], alone.rows(matrix), atol=1e-9)
    covariance = np.broadcast_to(np.eye(3), (3, 3, 3))
    assert together.covariance(covariance).shape == (3, 3, 3)


def test_the_order_of_rows_does_not_matter() -> None:
    order = np.argsort(SINE)
    np.testing.assert_allclose(
        standardised(YEARS[order], SINE[order]).design, standardised(YEARS, SINE).design[order], atol=1e-12
    )


def test_a_constant_alone() -> None:
    form = Standardised.of(np.ones((5, 1)), ["Intercept"])
    np.testing.assert_array_equal(form.design, np.ones((5, 1)))
    assert form.coefficients(np.array([3.0])).tolist() == [3.0]
    assert form.standard(np.array([3.0])).tolist() == [3.0]
    assert form.leverage(np.ones((1, 1))).tolist() == [1.0]


COSINE = np.cos(YEARS)
#: Columns a, b, c ... and which of them is said to be a combination of which.
DEPENDENT = {
    "another unit": ((YEARS, 1.8 * YEARS + 32.0), "b", "a"),
    "among others": ((YEARS, SINE, COSINE, YEARS / 7.0 - 3.0 * COSINE), "d", "a, c"),
    "three": ((YEARS, SINE, YEARS + SINE), "c", "a, b"),
    "the first that is": ((YEARS, 2.0 * YEARS, SINE, 3.0 * SINE), "b", "a"),
    "vast": ((YEARS * 1e200, YEARS * 1e-200), "b", "a"),
}


@pytest.mark.parametrize("case", DEPENDENT)
def test_what_cannot_be_told_apart_is_named(case: str) -> None:
    columns, term, others = DEPENDENT[case]
    with pytest.raises(DataError) as caught:
        standardised(*columns)
    assert str(caught.value) == (
        f"the term {term} is a combination of {others} and the constant; leave out {term} or one of the others."
    )


def test_a_constant_column_is_named() -> None:
    with pytest.raises(DataError, match="the term b is 7 everywhere; leave it out: the constant is there already"):
        standardised(YEARS, np.full(N, 7.0))


def test_the_formula_and_the_series_are_named_too() -> None:
    matrices = np.stack([design(YEARS, SINE), design(YEARS, 2.0 * YEARS)])
    with pytest.raises(DataError, match=r"the term b of the formula 'a \+ b' is a combination .* in series \(1,\)"):
        Standardised.of(matrices, names(matrices), "a + b")
    for values in (3, 2):
        with pytest.raises(DataError, match=f"there are 3 terms and only {values} values"):
            Standardised.of(design(YEARS, SINE, COSINE)[:values], list("iabc"))


def test_close_is_not_dependent() -> None:
    form = standardised(YEARS, YEARS + 1e-7 * SINE)
    assert maximum(form.design).converged.all()
    with pytest.raises(DataError, match="combination"):
        standardised(YEARS, YEARS + 1e-11 * SINE)


# -- plain arrays ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "shape", "expected"),
    [
        (YEARS, (N,), (N, 2)),
        (np.ones((N, 3)), (N,), (N, 4)),
        (YEARS, (5, N), (N, 2)),
        (np.ones((N, 3)), (5, N), (N, 4)),
        (np.ones((5, N, 3)), (5, N), (5, N, 4)),
        (np.ones((2, 5, N, 1)), (2, 5, N), (2, 5, N, 2)),
    ],
)
def test_plain_arrays_gain_a_constant(values: np.ndarray, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    labels, matrix = array_design(values, shape)
    assert matrix.shape == expected
    assert (matrix[..., 0] == 1.0).all()
    np.testing.assert_array_equal(matrix[..., 1:], values[:, None] if values.ndim == 1 else values)
    assert labels == ("Intercept", *(f"x{j}" for j in range(1, expected[-1])))


@pytest.mark.parametrize(
    ("values", "shape", "sentence"),
    [
        (YEARS[:-1], (N,), "the design has shape (59,), and the data (60,); expected (60,), (60, p)."),
        (np.ones((4, 6, 1)), (5, 6), "the design has shape (4, 6, 1), and the data (5, 6); expected (6,), (6, p) or "
         "(5, 6, p)."),
        (np.ones((5, 6)), (5, 6), "the design has shape (5, 6), and the data (5, 6); expected (6,), (6, p) or (5, 6, "
         "p); for one covariate of each series add an axis, values[..., None]."),
        (["a"] * 6, (6,), "the design is not an array of numbers; expected (6,), (6, p)."),
        (3.0, (6,), "the design has shape (), and the data (6,); expected (6,), (6, p)."),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit(values: object, shape: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        array_design(values, shape)
    assert str(caught.value) == sentence


def test_a_missing_number_in_an_array() -> None:
    with pytest.raises(DataError, match=r"the design is nan at \(2, 0\) \(counted from 0\); give a number"):
        array_design([1.0, 2.0, np.nan], (3,))


# -- how many values ---------------------------------------------------------------------------------------------------


def test_too_few_values() -> None:
    with pytest.raises(DataError) as caught:
        check_count(6, 4)
    assert str(caught.value) == (
        "there are 6 values for 4 coefficients, which need at least 7; use fewer terms, or a longer record."
    )
    (note,) = check_count(7, 4)
    assert note == "7 values for 4 coefficients: below about 20 the estimates hang on single values. Use fewer terms."
    assert check_count(19, 4)
    assert check_count(20, 4) == ()
