"""What strangers type by habit: every keyword, name and attribute of other libraries is answered with a way on."""

from __future__ import annotations

import ast
import copy
import inspect
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import evstats as ev
from evstats import plots
from evstats.distributions import GumbelMin, Mixture
from evstats.errors import ArgumentError, EvstatsError
from evstats.habits.arguments import ANYWHERE, ARGUMENTS, ELSEWHERE, Theirs
from evstats.habits.attributes import WHERE

X = ev.GEV(100.0, 20.0, 0.1).rvs(60, rng=1)
DAILY = pd.Series(ev.Gumbel(10.0, 2.0).rvs(1461, rng=2), index=pd.date_range("2001-01-01", periods=1461), name="flow")
FIT = ev.fit(X, "gumbel")
GEV = ev.GEV(100.0, 20.0, 0.1)

#: A call by habit, and what it is told to pass.
CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any], str]] = {
    "SciPy's c of a GEV": (ev.GEV, {"c": -0.1, "loc": 100.0, "scale": 20.0}, "pass shape=0.1."),
    "SciPy's c of a GPD": (ev.GPD, {"c": 0.1, "loc": 0.0, "scale": 2.0}, "pass shape=0.1."),
    "Coles' letters": (ev.GEV, {"mu": 1, "sigma": 2, "xi": 0.1}, "pass loc=1, scale=2 and shape=0.1."),
    "OpenTURNS' Gumbel": (ev.Gumbel, {"beta": 2.0, "gamma": 1.0}, "pass scale=2.0 and loc=1.0."),
    "a threshold of a GPD": (ev.GPD, {"u": 3.0, "sigma": 1.0, "xi": 0.1}, "pass loc=3.0, scale=1.0 and shape=0.1."),
    "Hosking's k": (ev.GEV, {"loc": 0.0, "scale": 1.0, "k": 0.1}, "Hosking's k, and MATLAB's k"),
    "a shape of Gumbel": (ev.Gumbel, {"loc": 0.0, "scale": 1.0, "shape": 0.1}, "take a GEV"),
    "SciPy's defaults": (ev.GEV, {"shape": 0.1}, "GEV needs loc and scale; there are no defaults"),
    "random_state": (GEV.rvs, {"size": 3, "random_state": 1}, "pass rng=1."),
    "seed": (GEV.rvs, {"size": 3, "seed": 1}, "pass rng=1."),
    "R's n": (GEV.rvs, {"n": 3}, "pass size=3."),
    "SciPy's q": (GEV.ppf, {"q": 0.9}, "pass p=0.9."),
    "R's q": (GEV.cdf, {"q": 120.0}, "pass x=120.0."),
    "distribution": (ev.fit, {"data": X, "distribution": "gumbel"}, "pass family='gumbel'."),
    "SciPy's family": (ev.fit, {"data": X, "dist": "genextreme"}, "pass family='gev'."),
    "minima": (ev.fit, {"data": X, "kind": "min"}, "block_maxima(..., kind='min')"),
    "a threshold of a fit": (
        ev.fit,
        {"data": X, "threshold": 90.0},
        "fit(peaks_over_threshold(series, threshold), 'gpd')",
    ),
    "blocks of a fit": (ev.fit, {"data": X, "block_size": "365D"}, "fit(block_maxima(series, 'year'), 'gev')"),
    "limits of a fit": (ev.fit, {"data": X, "alpha": 0.05}, "fit(...).return_level([100], confidence=0.95)"),
    "a held shape": (ev.fit, {"data": X, "fc": 0.0}, "a shape of 0 is the family 'gumbel'"),
    "a slip": (ev.fit, {"data": X, "covariate": X}, "did you mean covariates=?"),
    "nothing known": (ev.fit, {"data": X, "colours": 1}, "fit has no argument colours=; it takes data, family"),
    "units": (ev.read_series, {"source": DAILY, "units": "m3/s"}, "pass unit='m3/s'."),
    "pandas' words": (
        ev.read_series,
        {"source": DAILY, "sep": ";", "index_col": 0},
        "pass separator=';' and time=....",
    ),
    "a column": (ev.read_series, {"source": DAILY, "column": "flow"}, "pass value='flow'."),
    "peaks in a file": (ev.read_peaks, {"source": DAILY, "units": "m3/s"}, "pass unit='m3/s'."),
    "freq": (ev.block_maxima, {"data": DAILY, "freq": "YS"}, "pass block='YS'."),
    "pyextremes' minima": (ev.block_maxima, {"data": DAILY, "extremes_type": "low"}, "pass kind='min'."),
    "ismev's u": (
        ev.peaks_over_threshold,
        {"data": DAILY, "u": 14.0, "r": "3D"},
        "threshold=14.0 and separation='3D'.",
    ),
    "a quantile": (ev.peaks_over_threshold, {"data": DAILY, "quantile": 0.95}, "pass threshold='95%'."),
    "no threshold": (ev.peaks_over_threshold, {"data": DAILY}, "peaks_over_threshold needs threshold."),
    "return_period": (FIT.return_level, {"return_period": 100}, "pass periods=100."),
    "significance": (FIT.return_level, {"periods": 100, "alpha": 0.1}, "pass confidence=0.9."),
    "pyextremes' alpha": (FIT.return_level, {"periods": 100, "alpha": 0.95}, "pass confidence=0.95."),
    "ci in words": (FIT.return_level, {"periods": 100, "ci": "delta"}, "pass interval='delta'."),
    "ci as a number": (FIT.return_level, {"periods": 100, "ci": 0.9}, "pass confidence=0.9."),
    "a yearly chance": (FIT.return_level, {"aep": 0.01}, "pass periods=100.0."),
    "a quantile of the year": (FIT.return_level, {"q": 0.99}, "pass periods=100.0."),
    "n_samples": (FIT.return_level, {"periods": 100, "n_samples": 500}, "Bootstrap(replicates=...)"),
    "a level": (FIT.return_period, {"level": 150.0}, "pass levels=150.0."),
    "N years": (FIT.exceedance_probability, {"levels": 150.0, "n": 30}, "pass years=30."),
    "a confidence of VaR": (FIT.value_at_risk, {"alpha": 0.01}, "pass p=0.99."),
    "twice": (FIT.value_at_risk, {"p": 0.9, "alpha": 0.05}, "pass confidence=0.95."),
    "replicates": (ev.Bootstrap, {"n_boot": 100, "seed": 1}, "pass replicates=100 and rng=1."),
    "rng of a seed": (ev.compare_r, {"extremes": None, "rng": 1}, "pass seed=1."),
    "figsize": (plots.return_level, {"fit": FIT, "figsize": (4, 3)}, "plt.subplots(figsize=...)[1]"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_keyword_of_another_library_is_one_sentence_that_leads_on(name: str) -> None:
    call, given, told = CALLS[name]
    with pytest.raises(ArgumentError) as raised:
        call(**given)
    assert told in str(raised.value)
    assert isinstance(raised.value, TypeError)  # as Python has it
    assert raised.value.__context__ is None  # one sentence, not two
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", [name for name in CALLS if "pass " in CALLS[name][2] and "..." not in CALLS[name][2]])
def test_advice_is_followed_without_another_refusal(name: str) -> None:
    call, given, _ = CALLS[name]
    with pytest.raises(ArgumentError) as raised:
        call(**given)
    advice = raised.value.remedy.removeprefix("pass ").removesuffix(".").replace(" and ", ", ")
    keywords = ast.parse(f"f({advice})", mode="eval").body.keywords  # type: ignore[attr-defined]
    passed = {keyword.arg: ast.literal_eval(keyword.value) for keyword in keywords}
    theirs = {key: value for key, value in given.items() if key in inspect.signature(call).parameters}
    if any(value is None for value in theirs.values()) or call is ev.read_peaks:
        return
    call(**theirs, **passed)


def test_advice_on_signs_gives_the_right_answer() -> None:
    """SciPy's c of a GEV is minus the shape, of a GPD the shape itself."""
    for family, theirs, c in ((ev.GEV, stats.genextreme, -0.1), (ev.GPD, stats.genpareto, 0.1)):
        with pytest.raises(ArgumentError) as raised:
            family(c=c, loc=10.0, scale=2.0)  # type: ignore[call-arg]
        shape = float(str(raised.value).rpartition("shape=")[2].removesuffix("."))
        assert family(10.0, 2.0, shape).ppf(0.99) == pytest.approx(theirs(c, 10.0, 2.0).ppf(0.99), rel=1e-12)


def test_advice_on_minima_gives_the_right_answer() -> None:
    lowest = ev.block_maxima(DAILY, kind="min")
    by_series, by_family = ev.fit(lowest, "gumbel"), ev.fit(lowest.values, "gumbel-min")
    mirrored = ev.fit(-lowest.values, "gumbel").distribution
    for fitted in (by_series, by_family):
        assert fitted.distribution.ppf(0.1) == pytest.approx(-mirrored.isf(0.1), rel=1e-9)


def test_too_many_by_position_are_told_by_name() -> None:
    with pytest.raises(ArgumentError, match=r"takes data and family by position, and was given 3 .* names: method="):
        ev.fit(X, "gev", "mle")  # type: ignore[call-overload]
    with pytest.raises(ArgumentError, match=r"Gumbel takes loc and scale by position.*take a GEV"):
        ev.Gumbel(0.0, 1.0, 0.1)  # type: ignore[call-arg]
    with pytest.raises(ArgumentError, match="periods by position and by name"):
        FIT.return_level([100], periods=[100])  # type: ignore[misc]


def test_an_error_within_a_function_stays_its_own() -> None:
    def broken(x: Any) -> Any:
        return x + "a"

    from evstats.habits import knowing_their_names

    with pytest.raises(TypeError, match="unsupported operand") as raised:
        knowing_their_names(broken)(1)
    assert not isinstance(raised.value, EvstatsError)
    assert "broken" in traceback.format_tb(raised.value.__traceback__)[-1]


def test_names_and_signatures_stay_as_they_were() -> None:
    assert list(inspect.signature(ev.fit).parameters)[:3] == ["data", "family", "method"]
    assert str(inspect.signature(ev.GEV)).startswith("(loc:")
    assert (ev.fit.__name__, ev.fit.__module__, FIT.return_level.__name__) == (
        "fit",
        "evstats.fitting.fitted",
        "return_level",
    )
    assert pickle.loads(pickle.dumps(ev.fit)) is ev.fit


def test_a_warning_is_told_where_the_user_called() -> None:
    with pytest.warns(ev.EvstatsWarning) as told:
        ev.fit(DAILY, "gumbel")
    with pytest.warns(ev.EvstatsWarning) as of_batch:
        ev.fit([[31.0, 45.2], [28.9, 39.4]])
    assert {warning.filename for warning in (*told, *of_batch)} == {__file__}


def test_the_table_of_arguments_leads_to_arguments_that_there_are() -> None:
    """Every name on the right is an argument of some public function, and no name on the left of that function."""
    public = [getattr(ev, name) for name in ev.__all__ if callable(getattr(ev, name))]
    public += [
        member for cls in public if inspect.isclass(cls) for member in vars(cls).values() if inspect.isfunction(member)
    ]
    public += [getattr(room, name) for room in (ev.plots, ev.sampling, ev.grid, ev.montecarlo) for name in room.__all__]
    known = {name for one in public if inspect.isroutine(one) or inspect.isclass(one) for name in _parameters(one)}
    here = {name for _, theirs in ARGUMENTS for name in theirs.here}
    here |= {name for theirs in ELSEWHERE.values() if isinstance(theirs, Theirs) for name in theirs.here}
    assert here <= known
    assert not set(ANYWHERE) & known
    for (call, name), answer in ELSEWHERE.items():
        called = getattr(ev, call, None) or getattr(ev.distributions, call, None) or getattr(ev.Fit, call, None)
        assert callable(called or getattr(ev.Gumbel, call)), call
        if called is not None and not isinstance(answer, Theirs):
            assert name not in _parameters(called) or call != "fit", (call, name)


def _parameters(one: Any) -> list[str]:
    try:
        return list(inspect.signature(one).parameters)
    except (TypeError, ValueError):
        return []


NAMES: dict[str, tuple[Callable[[], Any], str]] = {
    "SciPy's gumbel_l": (lambda: ev.fit(X, "gumbel_l"), "take 'gumbel-min'"),
    "SciPy's genextreme": (lambda: ev.fit(X, "genextreme"), "take 'gev', whose shape is minus SciPy's c"),
    "SciPy's genpareto": (lambda: ev.fit(X, "genpareto"), "take 'gpd', of peaks over a threshold"),
    "Weibull": (lambda: ev.fit(X, "weibull"), "take 'gev', which has it where the shape is negative"),
    "PWM": (lambda: ev.fit(X, method="pwm"), "take 'lmoments', which gives the same estimates"),
    "extRemes' GMLE": (lambda: ev.fit(X, method="GMLE"), "MaximumLikelihood(penalty=MartinsStedinger())"),
    "emcee": (lambda: ev.fit(X, method="Emcee"), "take 'bayes'"),
    "Wald": (lambda: FIT.return_level(100, interval="wald"), "take 'delta'"),
    "BCa": (lambda: FIT.return_level(100, interval="BCa"), "Bootstrap(ci='bca')"),
    "low": (lambda: ev.block_maxima(DAILY, kind="low"), "take 'min'"),
    "pandas' A": (lambda: ev.block_maxima(DAILY, "A"), "Did you mean 'year'?"),
    "pandas' AS-OCT": (lambda: ev.block_maxima(DAILY, "AS-OCT"), "Did you mean 'water-year'?"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_another_library_leads_to_that_which_is_here(name: str) -> None:
    call, told = NAMES[name]
    with pytest.raises(ArgumentError) as raised:
        call()
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("theirs", "here"),
    [
        ("ML", "mle"),
        ("lmom", "lmoments"),
        ("l-moments", "lmoments"),
        ("mom", "moments"),
        ("MM", "moments"),
        ("MLE", "mle"),
    ],
)
def test_methods_have_the_names_of_the_field(theirs: str, here: str) -> None:
    assert ev.fit(X, "gumbel", method=theirs).distribution.loc == ev.fit(X, "gumbel", method=here).distribution.loc


#: What is asked for by habit, and what its error names.
ATTRIBUTES: dict[str, tuple[Any, str, str]] = {
    "plot": (FIT, "plot", "ev.plots.return_level(fit)"),
    "confint": (FIT, "confint", "fit.return_level([100], confidence=0.95)"),
    "params_": (FIT, "params_", "fit.params"),
    "AIC": (FIT, "AIC", "fit.aic"),
    "ppf": (FIT, "ppf", "fit.distribution"),
    "a slip": (FIT, "return_levels", "Did you mean 'return_level'?"),
    "median": (GEV, "median", ".ppf(0.5)"),
    "a family's fit": (ev.GEV, "fit", "ev.fit(data, family)"),
    "a parameter": (ev.Gumbel(0.0, 1.0), "shapes", "its parameters are loc, scale"),
    "a record": (ev.read_series(DAILY), "values", "record.series"),
    "extremes": (ev.block_maxima(DAILY), "plot", "ev.plots.series(extremes)"),
    "peaks": (ev.as_peaks([5.0, 6.0, 7.0], 4.0, 3.0), "u", ".threshold"),
    "the package": (ev, "genextreme", "ev.GEV"),
    "a slip of the package": (ev, "block_maximas", "Did you mean 'block_maxima'?"),
}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_by_habit_says_where_it_is(name: str) -> None:
    thing, attribute, told = ATTRIBUTES[name]
    assert not hasattr(thing, attribute)
    with pytest.raises(AttributeError) as raised:
        getattr(thing, attribute)
    assert told in str(raised.value)
    assert not hasattr(thing, "_ipython_canary_method_should_not_exist_")


@pytest.mark.parametrize("kind", WHERE)
def test_the_table_of_attributes_names_none_that_is_there(kind: str) -> None:
    """And what it names in code is there: of a fit, its attributes; of the package, its names."""
    things = {"fit": FIT, "distribution": GEV, "extremes": ev.block_maxima(DAILY), "record": ev.read_series(DAILY)}
    things |= {"peaks": ev.as_peaks([5.0, 6.0, 7.0], 4.0, 3.0), "package": ev}
    thing = things[kind]
    assert [name for name in WHERE[kind] if hasattr(thing, name)] == []
    words = " ".join(WHERE[kind].values()).replace("(", " ").replace("[", " ").replace(",", " ").split()
    for word in words:
        for start, of in (("fit.", FIT), ("ev.", ev), ("record.", things["record"])):
            if word.startswith(start):
                found = of
                for part in word.removeprefix(start).strip(").:").split("."):
                    found = getattr(found, part)


def test_copies_and_pickles_of_what_answers_are_whole() -> None:
    for thing in (FIT, GEV, ev.block_maxima(DAILY), ev.read_series(DAILY)):
        for again in (copy.copy(thing), copy.deepcopy(thing), pickle.loads(pickle.dumps(thing))):
            assert type(again) is type(thing)
    with pytest.raises(AttributeError) as raised:
        _ = FIT.plot  # type: ignore[attr-defined]
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_a_property_that_fails_says_its_own_error() -> None:
    from evstats.habits import knows_their_attributes

    @knows_their_attributes("fit")
    class Failing:
        @property
        def plot(self) -> int:
            raise AttributeError("of its own")

    with pytest.raises(AttributeError, match="of its own"):
        _ = Failing().plot


#: Values of another kind, which were tracebacks or, worse, answers.
WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "no shape": (lambda: ev.GEV(100.0, 20.0, None), "None is no number"),  # type: ignore[arg-type]
    "blocks a year below 0": (lambda: ev.ExceedanceProbability([1.0], 1.0, -1.0), "blocks_per_year is -1.0"),
    "a truth for a period": (lambda: FIT.return_level(True), "expected a number"),
    "an empty horizon": (lambda: FIT.value_at_risk(0.9, horizon=""), "unknown horizon ''"),
    "a text for a truth": (lambda: ev.read_series(DAILY, dayfirst="no"), "dayfirst is 'no'; expected True or False"),  # type: ignore[arg-type]
    "events in words": (lambda: ev.read_series(DAILY, events="no"), "events is 'no'"),  # type: ignore[arg-type]
    "a list for a name": (lambda: ev.fit(X, method=[]), "unknown method []"),  # type: ignore[call-overload]
    "a column by place": (lambda: ev.read_series(DAILY, time=1.5), "time is 1.5"),  # type: ignore[arg-type]
    "no covariates": (lambda: ev.fit(X, covariates={}), "covariates hold none"),
    "data for a fit": (lambda: ev.likelihood_ratio_test(X, FIT), "null is a ndarray; expected a fit"),  # type: ignore[arg-type]
    "a year of a block": (lambda: ev.largest([[3.0, 2.0], [4.0, 1.0]], years=2000), "years has 1 entries"),  # type: ignore[arg-type]
    "a density in words": (lambda: ev.MartinsStedinger("a"), "p is 'a'; expected a finite number"),  # type: ignore[arg-type]
    "no quantity": (lambda: FIT.evaluate("level"), "quantity is 'level'"),  # type: ignore[arg-type]
    "too few a year": (
        lambda: ev.peaks_over_threshold(DAILY, 14.0, observations_per_year=1.5),
        "by which 1,461 observations last 974 years, their dates 4",
    ),
    "a figure of Bulletin 17C": (lambda: plots.qq(ev.bulletin17c(X)), "or of its fit, answer.fit"),  # type: ignore[arg-type]
    "a figure of values": (lambda: plots.return_level(X), "make one as ev.fit(data) does"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_of_another_kind_is_one_sentence(name: str) -> None:
    call, told = WRONG[name]
    with pytest.raises(EvstatsError) as raised:
        call()
    assert told in str(raised.value)


def test_a_year_of_several_blocks_tells_what_the_covariate_was() -> None:
    monthly = ev.block_maxima(DAILY, "month")
    warming = pd.DataFrame({"gmst": np.linspace(0.5, 1.0, monthly.values.size)}, index=monthly.blocks)
    fit = ev.fit(monthly, "gumbel", loc="gmst", covariates=warming)
    with pytest.raises(ArgumentError, match=r"that year has 12 blocks, 2002-01 to 2002-12, .* from 0\.6277 to 0\.7447"):
        fit.return_level([100], at={"year": 2002})


@pytest.mark.parametrize("size", [None, 1.5, "3", -1, True], ids=repr)
def test_a_number_of_draws_that_is_none_is_named(size: object) -> None:
    mixture = Mixture([0.75, 0.25], ev.Gumbel([0.0, 5.0], 1.0))
    for distribution in (ev.Gumbel(0.0, 1.0), ev.GPD(0.0, 1.0, 0.1), GumbelMin(0.0, 1.0), mixture):
        with pytest.raises(ArgumentError, match=rf"size is {size!r}; expected a non-negative integer"):
            distribution.rvs(size)  # type: ignore[arg-type]


def test_axes_that_are_none_are_named() -> None:
    with pytest.raises(ArgumentError, match=r"ax is 'x'; give Axes of matplotlib"):
        plots.return_level(FIT, ax="x")  # type: ignore[arg-type]
