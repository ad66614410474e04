"""One suite for everything in the registries, and for families from outside: with every estimator, quantity, interval.

The toy families (``toys.py``) are written as a user would write one: a location and a scale, and two shapes besides.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from toys import REGIONAL, TOYS, Logistic, LogisticMin, SinhGumbel, registered

import evstats as ev
from evstats import quantities
from evstats.cli import app
from evstats.distributions import FAMILIES, GEV, Family
from evstats.errors import ArgumentError, DataError, FitError, Status
from evstats.estimators import ESTIMATORS, Estimation, Estimator, as_observations
from evstats.estimators import base as estimators_base
from evstats.intervals import INTERVALS, Bootstrap, Calibrated, Interval
from evstats.intervals.likelihood_ratio import LikelihoodRatio
from evstats.quantities import Quantity

Array = NDArray[np.float64]
EPS = np.finfo(float).eps


def over(registry: Any, name: str) -> Any:
    return pytest.mark.parametrize(name, list(registry.values()), ids=list(registry))


@pytest.fixture(autouse=True, scope="module")
def _toys(few_replicates: None) -> Iterator[None]:
    """The toys are in the registry, and what is simulated are few samples, for covariances too."""
    with registered(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimators_base, "_REPLICATES", 200)
        yield


#: Those of regions, some of them slow, have a section at the end and tests/distributions/test_regional_families.py.
EVERY = {**{name: family for name, family in FAMILIES.items() if name not in REGIONAL}, **TOYS}
EVERY_FAMILY = over(EVERY, "family")
#: Moments do not determine four parameters, nor is their posterior proper under a flat prior, which says nothing of a
#: skewness either; expected moments are of logarithms.
APPLY = {
    f"{name}-{how}": (family, method)
    for name, family in EVERY.items()
    for how, method in ESTIMATORS.items()
    if len(family.parameter_names) < 4 or how == "mle"
    if (how == "expected-moments") <= (family.usual_method == how)
    if (how == "bayes") <= (family.shape_is_xi or "shape" not in family.parameter_names)
}
EVERY_FIT = pytest.mark.parametrize(("family", "method"), list(APPLY.values()), ids=list(APPLY))
#: Of these block maxima; those of chosen thresholds and of durations have tests of their own.
OF_BLOCKS = {name: interval for name, interval in INTERVALS.items() if name not in ("threshold-bootstrap", "composite")}
EVERY_INTERVAL = over(OF_BLOCKS, "interval")

QUESTIONS: dict[str, Any] = {
    "ReturnLevel": [1.01, 2.0, 100.0, 1e6],
    "ReturnPeriod": [-3.0, 0.5, 4.0],
    "ExceedanceProbability": [-3.0, 0.5, 4.0],
    "ValueAtRisk": [0.05, 0.5, 0.999],
    "ExpectedShortfall": [0.05, 0.5, 0.999],
    "Parameters": None,
}
QUANTITIES = {
    name: found
    for name, found in ((name, getattr(quantities, name)) for name in quantities.__all__)
    if inspect.isclass(found) and issubclass(found, Quantity) and not inspect.isabstract(found)
    if not name.startswith("Peak")
    and name != "PurePremium"  # of peaks over a threshold: tests/test_peaks_conformance.py
}
EVERY_QUANTITY = pytest.mark.parametrize("name", list(QUANTITIES))


def test_the_suite_asks_every_quantity() -> None:
    assert set(QUANTITIES) == set(QUESTIONS)


def ask(name: str, asked: Any = None) -> Quantity:
    questions = QUESTIONS[name] if asked is None else asked
    return QUANTITIES[name]() if questions is None else QUANTITIES[name](questions)  # type: ignore[no-any-return]


def sample(family: type[Family], *shape: int, seed: int = 1) -> Array:
    """Samples of a standard member, with shape 0.1 where there is one, and of two populations far apart; eight times
    as long for two shapes."""
    rng = np.random.default_rng(seed)
    if family is SinhGumbel:
        return np.sinh(1.2 * np.arcsinh(rng.gumbel(size=(*shape[:-1], 8 * shape[-1]))))
    if of_logarithms(family):  # three times as long, or every sixth has no maximum
        return 10.0 ** (0.2 * rng.normal(size=(*shape[:-1], 3 * shape[-1])))
    if family in (Logistic, LogisticMin):
        return rng.logistic(size=shape)
    x = rng.gumbel(size=shape)
    if len(family.scales) == 2:
        return np.maximum(0.25 * x, 3.0 * rng.gumbel(size=shape) - 1.0)
    x = np.expm1(0.1 * x) / 0.1 if len(family.parameter_names) == 3 else x
    return -x if family.minima else x


def of_logarithms(family: type[Family]) -> bool:
    """Whether nothing can be added to its values."""
    return family.working() is not family


def estimate(family: type[Family], method: type[Estimator], values: Any) -> Estimation:
    estimator, values = method(), np.asarray(values, dtype=float)
    return Estimation(family, estimator, values, estimator.estimate(family, values))


# ---------------------------------------------------------------- estimators


@EVERY_FIT
@pytest.mark.parametrize("batch", [(), (1,), (3,), (2, 1, 2), (0,), (2, 0)])
def test_batch_shapes(family: type[Family], method: type[Estimator], batch: tuple[int, ...]) -> None:
    k = len(family.parameter_names)
    found = estimate(family, method, sample(family, *batch, 20 * len(family.scales)))
    assert found.estimate.parameters.shape == (*batch, k)
    assert np.shape(found.estimate.status) == batch
    assert np.shape(found.estimate.iterations) == batch
    assert np.shape(found.loglik()) == batch
    assert found.covariance().shape == (*batch, k, k)
    assert found.distribution.batch_shape == batch
    assert found.counts.shape == batch
    assert (found.estimate.status == Status.CONVERGED).all()
    assert np.isfinite(found.estimate.parameters).all()


@EVERY_FIT
def test_a_series_alone_equals_the_same_series_in_a_batch_bit_for_bit(
    family: type[Family], method: type[Estimator]
) -> None:
    slow = len(family.parameter_names) > 3 or of_logarithms(family)
    m = 625 if slow else 2500  # two blocks of lanes, where that does not take seconds
    values = sample(family, m, 17)
    values[::7, :5] = np.nan
    values[3::11, -1] = np.nan
    values[5] = np.nan
    values[6] = 2.0
    whole = estimate(family, method, values)
    log_likelihood = whole.loglik()
    for lane in (0, 1, 2, 3, 5, 6, 7, 14, 623, *((1926, 1927, 1928, 2499) if m == 2500 else ())):
        alone = estimate(family, method, values[lane])
        np.testing.assert_array_equal(alone.estimate.parameters, whole.estimate.parameters[lane])
        assert alone.estimate.status == whole.estimate.status[lane]
        assert alone.estimate.iterations == whole.estimate.iterations[lane]
        np.testing.assert_array_equal(alone.loglik(), log_likelihood[lane])
    shuffled = np.random.default_rng(0).permutation(m)
    np.testing.assert_array_equal(
        estimate(family, method, values[shuffled]).estimate.parameters, whole.estimate.parameters[shuffled]
    )


@EVERY_FIT
def test_covariance_of_a_series_does_not_depend_on_its_neighbours(
    family: type[Family], method: type[Estimator]
) -> None:
    values = sample(family, 4, 25)
    values[1, :6] = np.nan
    whole = estimate(family, method, values).covariance()
    for lane in range(4):
        np.testing.assert_array_equal(estimate(family, method, values[lane]).covariance(), whole[lane])
    assert np.isfinite(whole).all()
    np.testing.assert_allclose(whole, np.swapaxes(whole, -1, -2), rtol=1e-12)
    assert (np.linalg.eigvalsh(whole) > 0).all()


@EVERY_FIT
def test_missing_values_are_as_if_they_were_not_there(family: type[Family], method: type[Estimator]) -> None:
    values = sample(family, 4, 30)
    gaps = np.random.default_rng(5).random(values.shape) < 0.25
    padded = estimate(family, method, np.where(gaps, np.nan, values))
    for lane in range(4):
        x = values[lane][~gaps[lane]]
        alone = estimate(family, method, x)
        assert padded.counts[lane] == x.size
        np.testing.assert_allclose(padded.estimate.parameters[lane], alone.estimate.parameters, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(padded.loglik()[lane], alone.loglik(), rtol=1e-12)
        at_the_end = estimate(family, method, np.concatenate([x, np.full(values.shape[1] - x.size, np.nan)]))
        np.testing.assert_allclose(at_the_end.estimate.parameters, alone.estimate.parameters, rtol=1e-12, atol=1e-12)


@EVERY_FIT
def test_the_order_of_the_observations_does_not_matter(family: type[Family], method: type[Estimator]) -> None:
    values = sample(family, 30)
    ordered = estimate(family, method, np.sort(values)).estimate.parameters
    np.testing.assert_allclose(estimate(family, method, values).estimate.parameters, ordered, rtol=1e-11, atol=1e-11)


@EVERY_FIT
@settings(max_examples=8)
@given(
    exponent=st.floats(-12, 12),
    shift=st.one_of(st.just(0.0), st.floats(-1e3, 1e3), st.sampled_from([1e3, -1e3])),
    seed=st.integers(0, 500),
    n=st.sampled_from([12, 30, 80]),
)
def test_a_fit_of_ax_plus_b_is_the_transformed_fit(
    family: type[Family], method: type[Estimator], exponent: float, shift: float, seed: int, n: int
) -> None:
    x = sample(family, n, seed=seed)
    a = 10.0**exponent
    b = 0.0 if of_logarithms(family) else shift * a * x.std()
    ours = estimate(family, method, x)
    moved = estimate(family, method, a * x + b)
    assert moved.estimate.status == ours.estimate.status
    if ours.estimate.status != Status.CONVERGED:
        return
    was, now = ours.estimate.parameters, moved.estimate.parameters
    scale = a * was[1]
    tolerance = 1e-9 + 100 * EPS * abs(b) / scale
    wanted = family.rescaled(was, np.asarray(b), np.asarray(a))
    with_unit = np.isin(np.arange(len(was)), (*family.locations, *family.scales)) & (not of_logarithms(family))
    assert np.all(np.abs(now - wanted) <= tolerance * np.where(with_unit, scale, 1.0))


@EVERY_FIT
def test_a_lane_that_cannot_be_fitted_says_why_and_leaves_the_others_alone(
    family: type[Family], method: type[Estimator]
) -> None:
    values = np.tile(sample(family, 20), (8, 1))
    values[1] = 3.25
    values[2] = np.nan
    values[3, 2:] = np.nan
    values[4, 7] = np.inf
    values[5, 7] = -np.inf
    values[6] = np.where(np.arange(values.shape[1]) < 4, 7.0, np.nan)
    found = estimate(family, method, values)
    wanted = [Status.CONVERGED, Status.CONSTANT_SERIES, Status.TOO_FEW_VALUES, Status.TOO_FEW_VALUES]
    wanted += [Status.NOT_FINITE, Status.NOT_FINITE, Status.CONSTANT_SERIES, Status.CONVERGED]
    assert [Status(int(status)) for status in found.estimate.status] == wanted
    good = np.array(wanted) == Status.CONVERGED
    np.testing.assert_array_equal(np.isnan(found.estimate.parameters).any(axis=-1), ~good)
    np.testing.assert_array_equal(np.isnan(found.loglik()), ~good)
    np.testing.assert_array_equal(np.isnan(found.covariance()).all(axis=(-2, -1)), ~good)
    np.testing.assert_array_equal(found.estimate.parameters[0], found.estimate.parameters[7])
    np.testing.assert_array_equal(found.estimate.converged, good)


@EVERY_FIT
@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_values_are_too_few(family: type[Family], method: type[Estimator], n: int) -> None:
    found = estimate(family, method, np.arange(n, dtype=float))
    assert found.estimate.status == Status.TOO_FEW_VALUES
    assert np.isnan(found.estimate.parameters).all()
    assert found.counts == n


@EVERY_FIT
@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e300])
def test_units_near_the_ends_of_float64(family: type[Family], method: type[Estimator], scale: float) -> None:
    x = sample(family, 25)
    ours = estimate(family, method, x).estimate
    far = estimate(family, method, scale * x).estimate
    assert far.status == Status.CONVERGED
    back = family.rescaled(far.parameters, np.asarray(0.0), np.asarray(1.0 / scale))
    np.testing.assert_allclose(back, ours.parameters, rtol=1e-9, atol=1e-9)


@EVERY_FIT
def test_ties_and_rounded_data_are_fitted(family: type[Family], method: type[Estimator]) -> None:
    x = np.round(100 + 8 * sample(family, 40))
    found = estimate(family, method, x)
    assert found.estimate.status == Status.CONVERGED
    assert np.isfinite(found.covariance()).all()


@EVERY_FIT
def test_nothing_given_is_changed_and_results_are_frozen(family: type[Family], method: type[Estimator]) -> None:
    values = sample(family, 3, 20)
    kept = values.copy()
    values.flags.writeable = False
    found = estimate(family, method, values)
    np.testing.assert_array_equal(values, kept)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.values = kept  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.estimate.status = 1  # type: ignore[misc, assignment]
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.estimator.name = "x"  # type: ignore[misc]


@EVERY_FIT
def test_same_answer_every_run(family: type[Family], method: type[Estimator]) -> None:
    values = sample(family, 3, 20)
    first, second = estimate(family, method, values), estimate(family, method, values)
    np.testing.assert_array_equal(first.estimate.parameters, second.estimate.parameters)
    np.testing.assert_array_equal(first.covariance(), second.covariance())


@EVERY_FIT
def test_memory_layout_and_type_of_the_input_do_not_matter(family: type[Family], method: type[Estimator]) -> None:
    values = np.round(1000 * sample(family, 6, 30))
    wanted = estimate(family, method, values).estimate.parameters
    for other in (
        np.asfortranarray(values),
        values[:, ::-1][:, ::-1],
        values.astype(np.int32),
        values.astype(np.float32),
    ):
        np.testing.assert_array_equal(method().estimate(family, as_observations(other)).parameters, wanted)


@pytest.mark.parametrize("family", [each for each in EVERY.values() if len(each.parameter_names) == 4])
def test_a_method_that_does_not_apply_says_so(family: type[Family]) -> None:
    for how in ("moments", "lmoments"):
        with pytest.raises(ArgumentError, match=r"four parameters, which .*moments cannot find; use method='mle'"):
            estimate(family, ESTIMATORS[how], sample(family, 20))
    words = "gives TCEV an improper posterior" if len(family.scales) > 1 else "says nothing of lean and tail"
    with pytest.raises(ArgumentError, match=f"the flat prior {words}"):
        estimate(family, ESTIMATORS["bayes"], sample(family, 20))


# ---------------------------------------------------------------- what observations may be


def test_observations_of_every_real_type() -> None:
    import pandas as pd

    wanted = np.array([250.0, 251.0, 3.0])
    for data in (
        np.array([250, 251, 3], dtype=np.uint8),
        np.array([250, 251, 3], dtype=np.int64),
        np.array([250, 251, 3], dtype=np.float32),
        [250, 251, 3],
        (250, 251, 3),
        pd.Series([250, 251, 3]),
        pd.Series([250, 251, 3], dtype="UInt8"),
    ):
        found = as_observations(data)
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, wanted)


def test_masked_and_missing_entries_become_nan() -> None:
    import pandas as pd

    masked = np.ma.masked_array([1.0, -999.0, 3.0], mask=[False, True, False])
    np.testing.assert_array_equal(as_observations(masked), [1.0, np.nan, 3.0])
    integers = np.ma.masked_array([1, -999, 3], mask=[False, True, False])
    np.testing.assert_array_equal(as_observations(integers), [1.0, np.nan, 3.0])
    np.testing.assert_array_equal(as_observations(pd.Series([1, None, 3], dtype="Int64")), [1.0, np.nan, 3.0])
    np.testing.assert_array_equal(as_observations(pd.Series([1.5, None, 3.0])), [1.5, np.nan, 3.0])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([1.0 + 2.0j, 3.0], "complex"),
        ([True, False, True], "boolean"),
        (["1", "2", "3"], "string"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "datetime"),
        ([object(), object()], "object"),
        (5.0, "single number"),
    ],
)
def test_what_is_not_a_series_of_numbers_is_refused_in_words(given: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        as_observations(given)


def test_a_data_frame_is_not_taken_for_a_series() -> None:
    import pandas as pd

    with pytest.raises((ArgumentError, DataError), match="DataFrame"):
        as_observations(pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}))


# ---------------------------------------------------------------- quantities


def member(family: type[Family], *batch: int) -> Family:
    k = len(family.parameter_names)
    rng = np.random.default_rng(8)
    if family is SinhGumbel:
        k, smaller = 4, 0.3 * rng.uniform(-1, 1, batch)
        return family(rng.normal(size=batch), rng.uniform(0.5, 2, batch), smaller, rng.uniform(-0.3, 0.3, batch))  # type: ignore[call-arg]
    parameters = [rng.normal(size=batch), rng.uniform(0.5, 2, batch), rng.uniform(-0.3, 0.3, batch)]
    if len(family.scales) == 2:
        parameters.append(3.0 * parameters[1])
    return family.from_parameters(np.stack(parameters, axis=-1)[..., :k])


@EVERY_FAMILY
@EVERY_QUANTITY
def test_answers_have_the_shape_of_the_batch_and_the_questions(family: type[Family], name: str) -> None:
    many = member(family, 2, 3)
    answers = ask(name)(many)
    count = len(family.parameter_names) if QUESTIONS[name] is None else len(QUESTIONS[name])
    assert answers.shape == (2, 3, count)
    assert np.isfinite(answers).all() or name == "ReturnPeriod"
    assert not np.isnan(answers).any()
    for i in range(2):
        for j in range(3):
            np.testing.assert_array_equal(ask(name)(many[i, j]), answers[i, j])
    if QUESTIONS[name] is not None:
        one_by_one = [ask(name, [question])(many[0, 0])[0] for question in QUESTIONS[name]]
        np.testing.assert_array_equal(one_by_one, answers[0, 0])
        np.testing.assert_array_equal(ask(name, QUESTIONS[name][1])(many[0, 0]), answers[0, 0, 1:2])


@EVERY_FAMILY
@EVERY_QUANTITY
def test_a_failed_lane_has_no_answers(family: type[Family], name: str) -> None:
    k = len(family.parameter_names)
    parameters = np.array([[1.0, 2.0, 0.1, 3.0], [np.nan] * 4])[:, :k]
    answers = ask(name)(family.from_parameters(parameters))
    assert not np.isnan(answers[0]).any()
    assert np.isnan(answers[1]).all()


@EVERY_FAMILY
@EVERY_QUANTITY
def test_links_undo_themselves_and_increase(family: type[Family], name: str) -> None:
    quantity, distribution = ask(name), member(family, 4)
    answers, linked = quantity(distribution), quantity.linked(distribution)
    usable = np.isfinite(linked)
    back = quantity.from_link(linked, family)
    np.testing.assert_allclose(back[usable], answers[usable], rtol=1e-9)
    np.testing.assert_array_less(quantity.from_link(linked - 0.1, family)[usable], back[usable] + 1e-12)


@EVERY_QUANTITY
def test_quantities_are_frozen(name: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ask(name).questions = np.zeros(1)  # type: ignore[misc]


@EVERY_FAMILY
@EVERY_QUANTITY
def test_answers_move_with_the_unit(family: type[Family], name: str) -> None:
    """Answers in the unit of the data follow a*x + b; periods and probabilities stay if the level moves along."""
    before = member(family, 5)
    a, b = 250.0, 0.0 if of_logarithms(family) else 3000.0
    parameters = before.parameters.copy()
    flat = np.moveaxis(parameters, -1, 0)
    parameters = np.moveaxis(family.rescaled(flat, np.asarray(b), np.asarray(a)), 0, -1)
    after = family.from_parameters(parameters)
    if name == "Parameters":
        np.testing.assert_array_equal(ask(name)(after), parameters)
    elif ask(name).in_data_unit:
        np.testing.assert_allclose(ask(name)(after), a * ask(name)(before) + b, rtol=1e-10)
    else:
        levels = np.array(QUESTIONS[name])
        np.testing.assert_allclose(ask(name, a * levels + b)(after), ask(name, levels)(before), rtol=1e-9)


# ---------------------------------------------------------------- intervals


def made(interval: type[Interval]) -> Interval:
    """An interval by its class; of those that simulate for the question, with few replicates."""
    if interval is Bootstrap:
        return Bootstrap(200)
    return Calibrated(replicates=20) if interval is Calibrated else interval()


def applies(interval: type[Interval], family: type[Family], method: type[Estimator]) -> bool:
    """Exact ones are for Gumbel by any method but Bayes, those of the likelihood ratio for maximum likelihood, two of
    them for two populations too."""
    if interval.name == "delta":
        return True
    if interval.name in ("threshold-bootstrap", "composite"):  # peaks over a threshold that was chosen
        return False
    if interval.name == "credible" or method.name == "bayes":
        return interval.name == "credible" and method.name == "bayes"
    if interval.name == "exact":
        return family.of_maxima() is FAMILIES["gumbel"]
    if interval.name == "bootstrap":
        return True
    if len(family.scales) > 1:
        return interval.name in ("calibrated", "profile")
    if interval.name == "bulletin":
        return method.name == "expected-moments"
    tabulated = interval.name in ("bartlett", "calibrated")
    return method.name == "mle" and not (tabulated and (family in TOYS.values() or of_logarithms(family)))


def asked_of_intervals() -> Iterator[Any]:
    """Every fit, interval and quantity that go together. In the everyday run each fit and interval is asked two of the
    six quantities, in turn; the long run asks all."""
    pairs = [
        (row, fitted, family, method, name, interval)
        for row, (fitted, (family, method)) in enumerate(APPLY.items())
        for name, interval in INTERVALS.items()
        if applies(interval, family, method)
    ]
    for turn, (row, fitted, family, method, name, interval) in enumerate(pairs):
        for place, quantity in enumerate(QUANTITIES):
            everyday = (turn + row + place) % 3 == 2 or interval.name == "bulletin"
            marks = () if everyday else pytest.mark.slow
            label = f"{quantity}-{fitted}-{name}"
            yield pytest.param(family, method, interval, quantity, marks=marks, id=label)


ASKED_OF_INTERVALS = list(asked_of_intervals())


@EVERY_QUANTITY
def test_every_family_and_every_interval_is_asked_every_quantity_in_the_everyday_run(name: str) -> None:
    everyday = [own.values for own in ASKED_OF_INTERVALS if not own.marks and own.values[-1] == name]
    assert {family for family, *_ in everyday} == {*EVERY.values()}
    assert {interval for _, _, interval, _ in everyday} == {*OF_BLOCKS.values()}


@EVERY_FIT
def test_an_interval_that_does_not_exist_says_so(family: type[Family], method: type[Estimator]) -> None:
    estimation = estimate(family, method, sample(family, 40))
    for interval in INTERVALS.values():
        if not applies(interval, family, method):
            with pytest.raises(ArgumentError, match=rf"the {interval.name} interval (is|needs)"):
                made(interval)(estimation, ask("ReturnLevel"), 0.95)


@pytest.mark.parametrize(("family", "method", "interval", "name"), ASKED_OF_INTERVALS)
def test_intervals_hold_the_estimate_and_widen_with_confidence(
    family: type[Family], method: type[Estimator], interval: type[Interval], name: str
) -> None:
    values = sample(family, 3, 40)
    values[1, :10] = np.nan
    values[2] = 1.0
    estimation, asked = estimate(family, method, values), QUESTIONS[name]
    quantity = ask(name, asked[1:2] if asked and len(family.scales) > 1 else None)  # one of two populations
    answers = quantity(estimation.distribution)
    lower, upper = made(interval)(estimation, quantity, 0.95)
    assert lower.shape == upper.shape == answers.shape
    fitted = slice(0, 2)
    assert not np.isnan(lower[fitted]).any()
    assert (lower[fitted] <= answers[fitted]).all()
    assert (answers[fitted] <= upper[fitted]).all()
    assert (lower[fitted] < upper[fitted]).any()
    assert np.isnan(lower[2]).all()
    assert np.isnan(upper[2]).all()
    narrow_lower, narrow_upper = made(interval)(estimation, quantity, 0.5)
    assert (lower[fitted] <= narrow_lower[fitted]).all()
    assert (narrow_upper[fitted] <= upper[fitted]).all()
    for lane in (1, 2):
        alone = made(interval)(estimate(family, method, values[lane]), quantity, 0.95)
        # a limit far out where the likelihood is all but flat moves with its last digits
        rtol = 1e-4 if issubclass(interval, LikelihoodRatio) else 1e-9
        np.testing.assert_allclose(alone, (lower[lane], upper[lane]), rtol=rtol, atol=1e-12)


#: That of expected moments is of log-Pearson III alone.
OF_THE_GUMBEL = over({name: interval for name, interval in OF_BLOCKS.items() if name != "bulletin"}, "interval")


@OF_THE_GUMBEL
@pytest.mark.parametrize("name", ["ReturnLevel", "ValueAtRisk", "ExpectedShortfall"])
def test_interval_limits_move_with_the_unit(interval: type[Interval], name: str) -> None:
    family, method = FAMILIES["gumbel"], ESTIMATORS["bayes" if interval.name == "credible" else "mle"]
    x = sample(family, 30)
    a, b = 2.5e4, -3.0e5
    here = made(interval)(estimate(family, method, x), ask(name), 0.9)
    there = made(interval)(estimate(family, method, a * x + b), ask(name), 0.9)
    np.testing.assert_allclose(there, a * np.array(here) + b, rtol=1e-7)


@OF_THE_GUMBEL
@pytest.mark.parametrize("name", ["ReturnLevel", "ReturnPeriod", "ExceedanceProbability", "ValueAtRisk"])
def test_intervals_of_minima_mirror_those_of_maxima(interval: type[Interval], name: str) -> None:
    x = sample(FAMILIES["gumbel"], 30)
    method = ESTIMATORS["bayes" if interval.name == "credible" else "mle"]
    maxima, minima = (
        made(interval)(estimate(FAMILIES[family], method, sign * x), quantity, 0.9)
        for family, sign, quantity in (
            ("gumbel", 1, ask(name)),
            ("gumbel-min", -1, ask(name, QUESTIONS[name] if ask(name).in_data_unit else -np.array(QUESTIONS[name]))),
        )
    )
    mirrored = (-minima[1], -minima[0]) if ask(name).in_data_unit else minima
    np.testing.assert_allclose(mirrored, maxima, rtol=1e-8, atol=1e-12)


def test_a_gev_below_minus_one_half_has_an_estimate_but_no_delta_interval() -> None:
    g = np.random.default_rng(3).gumbel(size=60)
    found = estimate(GEV, ESTIMATORS["mle"], np.expm1(-0.7 * g) / -0.7)
    assert found.estimate.status == Status.CONVERGED
    assert found.estimate.parameters[2] < -0.5
    assert np.isnan(INTERVALS["delta"]()(found, ask("ReturnLevel"), 0.95)).all()


@pytest.mark.parametrize("family", [family for family in EVERY.values() if len(family.scales) == 1])
@pytest.mark.parametrize("interval", ["profile", "rstar"])
def test_a_level_and_its_period_have_the_same_limits(family: type[Family], interval: str) -> None:
    """The level at the lower limit of the 100-year level may have a period of 100 years, and no longer one."""
    found = estimate(family, ESTIMATORS["mle"], sample(family, 60))
    limits = made(INTERVALS[interval])(found, ask("ReturnLevel", [100.0]), 0.95)
    for limit, side in zip(limits, (0, 1) if family.minima else (1, 0), strict=True):
        periods = made(INTERVALS[interval])(found, ask("ReturnPeriod", limit), 0.95)
        np.testing.assert_allclose(periods[side], 100.0, rtol=1e-5)


@pytest.mark.parametrize("name", ["ReturnLevel", "ReturnPeriod", "ExpectedShortfall", "Parameters"])
@pytest.mark.parametrize("interval", ["delta", "profile", "rstar", "bootstrap"])
def test_a_toy_of_minima_mirrors_the_toy_of_maxima(interval: str, name: str) -> None:
    x = sample(Logistic, 40)
    asked = ask(name)
    mirrored = ask(name, -np.array(QUESTIONS[name])) if name == "ReturnPeriod" else asked
    maxima = made(INTERVALS[interval])(estimate(Logistic, ESTIMATORS["mle"], x), asked, 0.9)
    minima = made(INTERVALS[interval])(estimate(LogisticMin, ESTIMATORS["mle"], -x), mirrored, 0.9)
    turned = {"Parameters": np.array([-1.0, 1.0])}.get(name, np.array(-1.0 if asked.in_data_unit else 1.0))
    np.testing.assert_allclose(np.sort([turned * end for end in minima], axis=0), maxima, rtol=1e-8, atol=1e-12)


# ---------------------------------------------------------------- families from outside, where all comes together


def drawn(name: str) -> Array:
    family = TOYS[name]
    truth = family.from_parameters(np.array([100.0, 20.0, 0.1, -0.1])[: len(family.parameter_names)])
    return truth.rvs(160, rng=3)


@pytest.mark.parametrize("name", TOYS)
def test_a_family_from_outside_is_fitted_asked_drawn_and_stored(name: str) -> None:
    fit = ev.fit(drawn(name), name)
    assert TOYS[name].label in str(fit.summary())
    asked = fit.return_level([10, 100])
    assert asked.attrs["interval"] == "r*, tangent exponential model"
    assert (asked["lower"] < asked["estimate"]).all()
    assert (asked["estimate"] < asked["upper"]).all()
    assert not any("exact" in note for note in fit.return_level([10], interval="delta").attrs["notes"])
    tests = fit.goodness_of_fit()
    assert tests["p_value"].between(0.0, 1.0, inclusive="neither").all()
    assert ev.plots.diagnostics(fit).shape == (2, 2)
    again = ev.Fit.from_dict(json.loads(json.dumps(fit.to_dict(), allow_nan=False)))
    assert again.distribution == fit.distribution
    assert list(ev.compare(fit.values, ["gumbel", name]).index) == ["gumbel", name]
    with pytest.raises(ArgumentError, match="the predictive level averages over a posterior, which Toy"):
        fit.predictive_level([0.01])


@pytest.mark.parametrize("name", TOYS)
def test_a_family_from_outside_answers_on_the_command_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{1800 + i},{value:.4f}\n" for i, value in enumerate(drawn(name)))
    Path("maxima.csv").write_text("year,flow\n" + rows)
    kind = "min" if TOYS[name].minima else "max"
    # the report of the logistic is that of its mirror image
    for command in ("levels", "risk") if name == "toy-logistic" else ("levels", "risk", "report"):
        with pytest.raises(SystemExit) as left:
            app([command, "maxima.csv", "--family", name, "--kind", kind])
        assert left.value.code == 0, capsys.readouterr().err
        assert TOYS[name].label in " ".join(capsys.readouterr().out.split())
    if name == "toy-logistic":
        return
    page = Path("report.html").read_text(encoding="utf-8")
    assert f"follow a {TOYS[name].label} distribution" in page
    assert "greater of two" not in page


def test_a_family_from_outside_can_be_estimated_by_moments_and_bayes() -> None:
    x = drawn("toy-logistic")
    by = {method: ev.fit(x, "toy-logistic", method=method) for method in ESTIMATORS if method != "expected-moments"}
    levels = [float(fit.return_level([100])["estimate"].iloc[0]) for fit in by.values()]
    assert np.ptp(levels) < 0.05 * np.mean(levels)
    assert by["bayes"].return_level([100]).attrs["interval"].startswith("credible")
    assert by["moments"].return_level([100]).attrs["interval"] == "delta method"


def test_the_registry_holds_a_family_only_as_long_as_it_is_asked_to() -> None:
    with pytest.raises(ArgumentError, match="there is a family 'gumbel' already"), FAMILIES.holding("gumbel", Logistic):
        pass
    with FAMILIES.holding("mine", Logistic):
        assert FAMILIES["mine"] is Logistic
    assert "mine" not in FAMILIES


# ---------------------------------------------------------------- families of regions


#: A member of each family of regions, and the methods that find it: the largest likelihood of a GPA has its location at
#: the smallest value, and the flat prior knows no other shapes than those of GEV and GLO.
REGIONAL_MEMBERS = {"glo": [0.0, 1.0, 0.1], "gno": [0.0, 1.0, 0.1], "pe3": [0.0, 1.0, 0.6], "gpa": [0.0, 1.0, 0.1]}
REGIONAL_MEMBERS["kappa"] = [0.0, 1.0, 0.1, -0.4]
REGIONAL_METHODS = {"glo": ("mle", "moments", "lmoments", "bayes"), "gpa": ("moments", "lmoments")}
REGIONAL_METHODS |= dict.fromkeys(("gno", "pe3"), ("mle", "moments", "lmoments")) | {"kappa": ("mle", "lmoments")}
#: Pairs of method and interval that take seconds.
SLOW = {("glo", "bayes", "credible"), ("kappa", "lmoments", "delta")}
SLOW |= {("kappa", "mle", interval) for interval in ("profile", "rstar", "severini", "bootstrap")}


def of_region(name: str, *shape: int) -> Array:
    member = FAMILIES[name].from_parameters(np.array(REGIONAL_MEMBERS[name]))
    return np.asarray(member.from_gumbel(np.random.default_rng(1).gumbel(size=shape)))


REGIONAL_FITS = [(name, how) for name in REGIONAL for how in ESTIMATORS if (name, how) != ("pe3", "expected-moments")]


@pytest.mark.parametrize(("name", "how"), REGIONAL_FITS)
def test_a_regional_family_is_fitted_alone_as_in_a_batch_or_refused_in_words(name: str, how: str) -> None:
    family, method, values = FAMILIES[name], ESTIMATORS[how], of_region(name, 2, 3, 60)
    values[0, 1, :7] = np.nan
    if how not in REGIONAL_METHODS[name]:
        refusal = r"fit by L-moments|pass a proper prior of your own|expected moments are for the log-Pearson"
        with pytest.raises((ArgumentError, FitError), match=refusal):
            ev.fit(values[0, 0], family, method=how)
        return
    whole = estimate(family, method, values)
    assert whole.estimate.parameters.shape == (2, 3, len(family.parameter_names))
    for lane in ((0, 0), (0, 1), (1, 2)):
        alone = estimate(family, method, values[lane])
        np.testing.assert_allclose(whole.estimate.parameters[lane], alone.estimate.parameters, rtol=1e-10)
        assert whole.estimate.status[lane] == alone.estimate.status


REGIONAL_INTERVALS = [
    pytest.param(name, how, interval, marks=pytest.mark.slow if (name, how, interval) in SLOW else ())
    for name, found in REGIONAL_METHODS.items()
    for how in found
    for interval in OF_BLOCKS
]


@pytest.mark.parametrize(("name", "how", "interval"), REGIONAL_INTERVALS)
def test_an_interval_of_a_regional_family_holds_the_estimate_or_is_refused_in_words(
    name: str, how: str, interval: str
) -> None:
    family, kind = FAMILIES[name], OF_BLOCKS[interval]
    estimation = estimate(family, ESTIMATORS[how], of_region(name, 60))
    if not applies(kind, family, ESTIMATORS[how]) or interval in ("bartlett", "calibrated"):
        with pytest.raises(ArgumentError, match=rf"the {interval} interval (is|needs)"):
            made(kind)(estimation, ask("ReturnLevel"), 0.95)
        return
    quantity = ask("ReturnLevel", [2.0, 100.0])
    lower, upper = made(kind)(estimation, quantity, 0.95)
    answers = quantity(estimation.distribution)
    assert (lower < answers).all()
    assert (answers < upper).all()
