"""softmax and its logarithm: values, masks, certainty, libraries, gradients, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from evstats import ArgumentError, sampling

INF = np.inf
PAIRS = [(sampling.softmax, scipy.special.softmax), (sampling.log_softmax, scipy.special.log_softmax)]
BOTH = pytest.mark.parametrize(("function", "reference"), PAIRS, ids=["softmax", "log_softmax"])


@BOTH
@pytest.mark.parametrize("axis", [-1, 0, 1, -3])
@pytest.mark.parametrize(("dtype", "tolerance"), [("f4", 1e-6), ("f8", 1e-13)])
def test_values(library: Any, function: Any, reference: Any, axis: int, dtype: str, tolerance: float) -> None:
    x = np.random.default_rng(1).normal(size=(3, 4, 5)).astype(dtype) * 5
    result = function(library.make(x), axis=axis)
    assert type(result) is type(library.make(x))
    assert library.read(result).dtype == dtype
    np.testing.assert_allclose(library.read(result), reference(x.astype("f8"), axis=axis), rtol=0, atol=5 * tolerance)


@given(x=arrays(np.float64, array_shapes(max_dims=3, max_side=5), elements=st.floats(-1e300, 1e300)))
def test_any_finite_logits(x: np.ndarray) -> None:
    with np.errstate(over="ignore"):
        p, log_p = sampling.softmax(x), sampling.log_softmax(x)
    np.testing.assert_allclose(p.sum(axis=-1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(np.exp(log_p), p, atol=1e-12)
    assert (log_p <= 0).all()


def test_masks_and_certainty(library: Any) -> None:
    x = np.array([[0.0, -INF, 0.0], [INF, 5.0, INF], [-INF, INF, -INF], [1e300, -1e300, -INF]])
    wanted = np.array([[0.5, 0, 0.5], [0.5, 0, 0.5], [0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(library.read(sampling.softmax(library.make(x))), wanted)
    with np.errstate(divide="ignore"):
        log = np.log(wanted)
    log[3, 1] = -2e300
    np.testing.assert_allclose(library.read(sampling.log_softmax(library.make(x))), log, rtol=1e-15)


def test_masks_and_certainty_inside_jit(jax: Any) -> None:
    x = jax.numpy.asarray([[0.0, -INF, 0.0], [INF, 5.0, INF], [-INF, -INF, -INF]])
    p = np.asarray(jax.jit(sampling.softmax)(x))
    np.testing.assert_array_equal(p[:2], [[0.5, 0, 0.5], [0.5, 0, 0.5]])
    assert np.isnan(p[2]).all()


def test_small_log_probabilities_do_not_underflow(library: Any) -> None:
    log_p = library.read(sampling.log_softmax(library.make(np.array([0.0, -1000.0]))))
    np.testing.assert_array_equal(log_p, [0.0, -1000.0])


def test_half_precision_comes_back_as_it_came(library: Any) -> None:
    x = np.random.default_rng(1).normal(size=(3, 1000))
    for function, reference in PAIRS:
        result = function(library.half(x))
        assert result.dtype == library.half(x).dtype
        wanted = reference(x.astype("f2").astype("f8"), axis=-1)
        np.testing.assert_allclose(np.asarray(library.read(result), "f8"), wanted, rtol=2e-3, atol=1e-7)


def test_integers_and_sequences_are_promoted(library: Any) -> None:
    wanted = scipy.special.softmax([1.0, 2.0, 3.0])
    for dtype in (np.int8, np.int64, np.uint16):
        result = library.read(sampling.softmax(library.make(np.array([1, 2, 3], dtype))))
        assert result.dtype == np.float64
        np.testing.assert_allclose(result, wanted)
    np.testing.assert_allclose(sampling.softmax([1, 2, 3]), wanted)
    assert sampling.softmax(np.zeros(3, np.longdouble)).dtype == np.float64


@BOTH
def test_gradients(differentiating: Any, finite_difference: Any, function: Any, reference: Any) -> None:
    x, w = np.random.default_rng(1).normal(size=(2, 3, 4))
    make = differentiating.make
    slope = differentiating.gradient(lambda x: (function(x) * make(w)).sum(), x)
    np.testing.assert_allclose(slope, finite_difference(lambda x: (function(x) * w).sum(), x), atol=1e-8)


def test_gradients_with_a_mask(differentiating: Any, finite_difference: Any) -> None:
    x, w = np.random.default_rng(1).normal(size=(2, 3, 4))
    open_ = np.ones_like(x)
    open_[0, 1] = 0
    masked = np.where(open_ > 0, x, -INF)
    slope = differentiating.gradient(lambda x: (sampling.softmax(x) * differentiating.make(w)).sum(), masked)
    wanted = finite_difference(lambda x: (sampling.softmax(np.where(open_ > 0, x, -INF)) * w).sum(), x)
    np.testing.assert_allclose(slope, wanted, atol=1e-8)


def test_the_input_is_left_alone(library: Any) -> None:
    x = library.make(np.array([1.0, 2.0]))
    sampling.softmax(x), sampling.log_softmax(x)
    np.testing.assert_array_equal(library.read(x), [1.0, 2.0])


def test_no_rows() -> None:
    assert sampling.softmax(np.empty((0, 3))).shape == (0, 3)
    assert sampling.softmax(np.empty((2, 0, 3))).shape == (2, 0, 3)


@BOTH
def test_refusals(library: Any, function: Any, reference: Any) -> None:
    make = library.make
    with pytest.raises(ArgumentError, match=r"^logits contain NaN"):
        function(make(np.array([[0.0, 1.0], [0.0, np.nan]])))
    with pytest.raises(ArgumentError, match=r"^logits are -inf throughout in a row"):
        function(make(np.array([[0.0, 1.0], [-INF, -INF]])))
    with pytest.raises(ArgumentError, match=r"^logits is a single number"):
        function(make(np.array(1.0)))
    with pytest.raises(ArgumentError, match=r"^logits have shape \(2, 0\): there is no category"):
        function(make(np.empty((2, 0))))
    with pytest.raises(ArgumentError, match=r"^logits has dtype .*complex.*; expected real"):
        function(make(np.zeros(2, complex)))
    for axis in (2, -3, 1.0, True):
        with pytest.raises(ArgumentError, match=r"^axis is .*; expected an integer from -2 to 1"):
            function(make(np.zeros((2, 3))), axis=axis)


@pytest.mark.parametrize("logits", [["a", "b"], [[0.0], [0.0, 1.0]], [None, 1.0], object()])
def test_no_numbers_at_all(logits: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^logits (has dtype .*; expected real|cannot be read|is a single)"):
        sampling.softmax(logits)
