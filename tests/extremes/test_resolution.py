"""In what steps a record was written down: found where it was, and not where it was not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evstats import noise
from evstats.errors import ArgumentError
from evstats.extremes.resolution import Lattice, Resolution, common_step, may_be_rounded, resolution, resolutions

Array = NDArray[np.float64]
FOOT = 0.3048


def maxima(n: int = 60, seed: int = 1) -> Array:
    """Standard Gumbel values."""
    return noise.gumbel(n, rng=seed)


def fahrenheit(n: int = 60) -> Array:
    """Whole degrees Fahrenheit, in degrees Celsius."""
    return (np.rint(90.0 + 4.0 * maxima(n)) - 32.0) / 1.8


def found(x: Array) -> tuple[Lattice, ...]:
    steps = resolution(x)
    assert steps is not None
    return steps.lattices


# ---------------------------------------------------------------- the common step


@given(st.integers(1, 50), st.integers(0, 4), st.lists(st.integers(-1000, 1000), min_size=2, max_size=40, unique=True))
@example(3, 1, [-928, -222, 103, 347, 505])
@example(1, 0, [0, 1, 525])
def test_the_common_step_divides_every_difference(unit: int, decimals: int, multiples: list[int]) -> None:
    values = np.array(multiples) * unit / 10.0**decimals
    step, _ = common_step(np.unique(values))
    assert step == pytest.approx(np.gcd.reduce(np.diff(np.sort(multiples))) * unit / 10.0**decimals, rel=1e-6)


@pytest.mark.parametrize(
    "values", [[1.0], [], [3.0, 3.0], [np.pi, np.e, np.sqrt(2.0)], [0.1, 0.2, 0.3 + 1e-9], list(maxima(5))]
)
def test_values_without_a_common_step(values: list[float]) -> None:
    assert common_step(np.unique(values))[0] == 0.0


@pytest.mark.parametrize("step", [1.0, 0.1, 0.02, 5.0, FOOT, 5.0 / 9.0, 1.0 / 64.0, 0.514444, 25.0])
@pytest.mark.parametrize("place", [0.0, 100.0, -3.37])
def test_one_step_is_found_whatever_its_unit(step: float, place: float) -> None:
    scale = 2.0 * step
    x = place + step * np.rint(scale * maxima() / step)
    lattice, *others = found(x)
    assert not others
    assert lattice.step == pytest.approx(step, rel=1e-8)
    assert lattice.count == x.size
    assert lattice.contains(x).all()
    np.testing.assert_allclose(lattice.recorded(x + 0.4 * step), x, atol=1e-6 * step)


def test_values_kept_in_half_the_digits() -> None:
    x = np.round(10.0 + 0.5 * maxima(), 1).astype(np.float32).astype(np.float64)
    assert found(x)[0].step == pytest.approx(0.1, rel=1e-6)
    assert found(fahrenheit().astype(np.float32).astype(np.float64))[0].step == pytest.approx(5.0 / 9.0, rel=1e-6)
    assert resolution(maxima().astype(np.float32)) is None


# ---------------------------------------------------------------- what is no step


@pytest.mark.parametrize(
    "values",
    [
        maxima(),
        np.exp(maxima()),
        np.round(100.0 + 20.0 * maxima(), 1),  # a two-hundredth of the scale
        np.round(maxima(200), 3),
        np.repeat(maxima(10), 3),
        np.full(20, 4.0),
        [3.0],
        [],
        np.sort(maxima(12)) ** 3,
    ],
    ids=["exact", "skewed", "fine", "three decimals", "repeated", "equal", "one", "none", "few"],
)
def test_no_step_that_matters(values: Array) -> None:
    assert resolution(values) is None


def test_records_without_a_step_are_hardly_ever_given_one() -> None:
    exact = np.sort(noise.gumbel((2_000, 30), rng=2), axis=-1)
    assert not resolutions(exact)
    tenths = np.round(exact, 1)
    assert sum(len(steps.lattices) > 1 or steps.lattices[0].digit > 0 for steps in resolutions(tenths).values()) <= 4


def test_a_quick_look_passes_over_exact_values_and_over_no_rounded_ones() -> None:
    x = np.sort(noise.gumbel((500, 40), rng=3), axis=-1)
    assert may_be_rounded(x).mean() < 0.02
    for step in (0.05, 0.3, 1.0):
        assert may_be_rounded(step * np.rint(x / step)).all()


# ---------------------------------------------------------------- converted and rounded again


@pytest.mark.parametrize(
    ("x", "step", "digit"),
    [
        (np.round(fahrenheit(), 1), 5.0 / 9.0, 0.1),
        (np.round(fahrenheit(), 2), 5.0 / 9.0, 0.01),
        (np.round(FOOT * np.rint(10.0 + 2.0 * maxima()), 2), FOOT, 0.01),
        (np.round(2.54 * np.rint(15.0 + 3.0 * maxima()), 1), 2.54, 0.1),
        (np.round(0.514444 * np.rint(60.0 + 5.0 * maxima()), 1), 0.514444, 0.1),
    ],
    ids=["degF in 0.1 degC", "degF in 0.01 degC", "ft in cm", "0.1 in in 0.1 mm", "kn in 0.1 m/s"],
)
def test_a_step_that_was_converted_and_rounded_again(x: Array, step: float, digit: float) -> None:
    lattice, *others = found(x)
    assert not others
    assert (lattice.digit, lattice.count) == (digit, x.size)
    assert lattice.step == pytest.approx(step, rel=0.01)
    assert lattice.contains(x).all()
    assert np.abs(lattice.recorded(x) - x).max() <= digit * (1.0 + 1e-9)


#: Coldest winter nights at Port Jervis, New York, 1927-1995, in whole degrees Fahrenheit (Wettstein and Mearns 2002;
#: PORTw of extRemes has them in degrees Celsius with four decimals).
PORT_JERVIS = np.array(
    [
        -8,
        -8,
        -4,
        -8,
        0,
        7,
        -7,
        -19,
        -15,
        -8,
        0,
        -15,
        -3,
        0,
        -4,
        -11,
        -20,
        -2,
        -4,
        -1,
        2,
        -16,
        -5,
        -5,
        -9,
        -10,
        6,
        -12,
        -6,
        -4,
        -16,
        -8,
        -3,
        -20,
        -11,
        -15,
        -6,
        -7,
        -7,
        -10,
        -19,
        -1,
        -10,
        -12,
        -6,
        -2,
        -5,
        -3,
        -9,
        -10,
        -10,
        -14,
        -5,
        -19,
        -14,
        -2,
        -13,
        -9,
        0,
        -10,
        -9,
        -2,
        -13,
        -1,
        -1,
        -3,
        -19,
        -4,
    ]
)


@pytest.mark.parametrize("decimals", range(1, 13))
def test_whole_degrees_fahrenheit_are_not_multiples_of_five_degrees_celsius(decimals: int) -> None:
    """Every ninth of them is, to the last digit: far more than chance puts there if the last digit were their step."""
    x = np.round((PORT_JERVIS - 32.0) / 1.8, decimals)
    (lattice,) = found(x)
    assert lattice.step == pytest.approx(5.0 / 9.0, rel=0.002)
    assert lattice.count == x.size
    assert lattice.contains(x).all()


@pytest.mark.parametrize("decimals", range(2, 10))
def test_whole_feet_in_metres(decimals: int) -> None:
    x = np.round(FOOT * np.rint(40.0 + 6.0 * maxima(68)), decimals)
    (lattice,) = found(x)
    assert lattice.step == pytest.approx(FOOT, rel=0.002)


@pytest.mark.parametrize("scale", [2.0, 6.0, 60.0])
def test_multiples_of_five_are_found(scale: float) -> None:
    (lattice,) = found(5.0 * np.rint((40.0 + scale * maxima(68)) / 5.0))
    assert (lattice.step, lattice.count) == (5.0, 68)


def test_a_converted_step_needs_enough_values_to_be_told_from_chance() -> None:
    assert resolution(np.round(fahrenheit(8), 1)) is None


# ---------------------------------------------------------------- several steps


def halves(coarse: Callable[[Array], Array], fine: Callable[[Array], Array]) -> Array:
    x = 20.0 + 2.0 * maxima(80, seed=5)
    return np.concatenate([coarse(x[:40]), fine(x[40:])])


def tenths(x: Array) -> Array:
    return np.round(x, 1)


@pytest.mark.parametrize(
    ("x", "steps"),
    [
        (halves(np.rint, tenths), [1.0, 0.1]),
        (halves(np.rint, lambda x: x), [1.0, 0.0]),
        (halves(np.rint, lambda x: np.round(x, 3)), [1.0, 0.0]),
        (halves(lambda x: 0.5 * np.rint(2.0 * x), tenths), [0.5, 0.1]),
        (halves(np.rint, lambda x: np.round(0.514444 * np.rint(x / 0.514444), 1)), [1.0, 0.514444]),
        (halves(lambda x: np.round((np.rint(1.8 * x) - 32.0) / 1.8, 1), tenths), [5.0 / 9.0, 0.0]),
    ],
    ids=["1 and 0.1", "1 and exact", "1 and fine", "0.5 and 0.1", "m/s and knots", "degF and 0.1 degC"],
)
def test_two_steps_in_one_record(x: Array, steps: list[float]) -> None:
    lattices = found(x)
    assert [lattice.step for lattice in lattices] == pytest.approx(steps, rel=0.01)
    assert sum(lattice.count for lattice in lattices) == x.size
    assert lattices[0].count == pytest.approx(40, abs=4)
    order = np.argsort(noise.exponential(x.size, rng=1))
    assert found(x[order]) == lattices


def test_three_steps_in_one_record() -> None:
    x = 20.0 + 2.0 * maxima(120, seed=6)
    lattices = found(np.concatenate([np.rint(x[:40]), np.round(x[40:80], 1), x[80:]]))
    assert [lattice.step for lattice in lattices] == [1.0, 0.1, 0.0]
    assert [lattice.count for lattice in lattices] == pytest.approx([40, 40, 40], abs=5)


def test_samples_are_recorded_in_the_same_steps() -> None:
    steps = resolution(halves(np.rint, tenths))
    assert steps is not None
    drawn = 20.0 + 2.0 * noise.gumbel((50, 80), rng=9)
    samples = steps.written(drawn)
    assert np.abs(samples - drawn).max() <= 0.5  # each in its place
    np.testing.assert_array_equal(steps.mirrored().written(-drawn), -samples)
    whole = np.mean(np.abs(samples - np.rint(samples)) < 1e-9)
    assert whole == pytest.approx(0.5 + 0.5 / 10.0, abs=0.04)
    np.testing.assert_allclose(samples, np.round(samples, 1), atol=1e-9)
    with pytest.raises(ArgumentError, match="the steps are those of 80 values; a sample has 79"):
        steps.written(drawn[:, 1:])


# ---------------------------------------------------------------- how coarse


def test_coarseness_is_the_step_over_the_scale() -> None:
    steps = resolution(np.rint(2.0 * maxima(400)) / 2.0)
    assert steps is not None
    assert steps.coarseness == pytest.approx(0.5, rel=0.1)
    assert not steps.too_coarse
    coarse = resolution(2.0 * np.rint(maxima(400) / 2.0))
    assert coarse is not None
    assert coarse.too_coarse


def test_a_resolution_is_a_value() -> None:
    steps, same = (Resolution((Lattice(0.1, 0.0, count=3),), 0.1) for _ in range(2))
    assert steps == same
    assert hash(steps) == hash(same)
