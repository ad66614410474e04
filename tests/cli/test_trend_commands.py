"""Covariates on the command line: options, what has changed, an event now and then, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.conftest import Done, Evstats

import evstats as ev
from evstats.models.covariates import Covariates

Page = Callable[..., dict[str, Any]]
YEARS = np.arange(1961, 2011)
GMST = np.round((YEARS - 1961.0) / 50.0 + 0.1 * np.sin(YEARS), 3)
VALUES = np.round(ev.GEV(30.0, 3.0, -0.1).rvs(50, rng=5) + 4.0 * GMST, 2)
USAGE, BAD_DATA = 2, 1


@pytest.fixture(scope="module")
def heat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fifty annual maxima that follow a covariate, and the files of that one and of another."""
    folder = tmp_path_factory.mktemp("heat")
    pd.DataFrame({"year": YEARS, "heat_degC": VALUES}).to_csv(folder / "heat.csv", index=False)
    pd.DataFrame({"year": YEARS, "gmst": GMST, "aod": np.cos(YEARS).round(3)}).to_csv(folder / "gmst.csv", index=False)
    nino = pd.DataFrame({"year": YEARS, "nino34": np.sin(3.0 * YEARS).round(3)})
    nino[nino["year"] != 1970].to_csv(folder / "nino.csv", index=False, sep=";", decimal=",")
    slips = pd.DataFrame({"year": YEARS, "gmst": GMST}).astype({"gmst": object})
    slips.loc[3, "gmst"] = "n/a?"
    slips.to_csv(folder / "slips.csv", index=False)
    odd = pd.DataFrame({"year": YEARS, "mean temp": GMST, "soi-index": np.cos(YEARS).round(3)})
    odd.to_csv(folder / "odd.csv", index=False)
    infinite = pd.DataFrame({"year": YEARS, "aod": np.where(YEARS == 1962, np.inf, 1.0)})
    infinite.to_csv(folder / "infinite.csv", index=False)
    months = pd.date_range("1961-01-01", periods=600, freq="MS", name="date")
    pd.Series(np.arange(600.0), months, name="aod").to_csv(folder / "monthly.csv")
    (folder / "copy.csv").write_bytes((folder / "gmst.csv").read_bytes())
    return folder / "heat.csv"


@pytest.fixture(scope="module")
def gmst(heat: Path) -> tuple[object, ...]:
    """The options that follow the covariate."""
    return "--trend", "gmst", "--covariates", heat.parent / "gmst.csv"


@pytest.fixture
def page(evstats: Evstats) -> Page:
    """The answer of a command as machines read it."""

    def run(*arguments: object) -> dict[str, Any]:
        done = evstats(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found

    return run


def fitted(**asked: Any) -> ev.Fit:
    frame = pd.DataFrame({"gmst": GMST}, index=YEARS)
    return ev.fit(pd.Series(VALUES, index=YEARS), "gev", covariates=frame, **asked)


def fits_80_columns(done: Done) -> bool:
    return max(map(len, done.stdout.splitlines())) <= 80


# -- the options -------------------------------------------------------------------------------------------------------


def test_levels_in_a_state_are_those_of_the_fit(heat: Path, gmst: tuple[object, ...], page: Page) -> None:
    found = page("levels", heat, *gmst, "--at", "gmst=1.2", "--periods", "10,100", "--level", "40")
    fit = fitted(loc="gmst")
    table = fit.return_level([10, 100], at={"gmst": 1.2})
    for row, own in zip(found["return_levels"], table.itertuples(), strict=True):
        assert [row[name] for name in ("estimate", "lower", "upper")] == pytest.approx(
            [own.estimate, own.lower, own.upper], rel=1e-9
        )
    period = fit.return_period([40.0], at={"gmst": 1.2})["estimate"].item()
    assert found["return_periods"][0]["estimate"] == pytest.approx(period, rel=1e-9)
    assert found["model"]["covariates"] == "loc ~ gmst"
    assert "covariate_outside" in [note["code"] for note in found["note_codes"]]


def test_loc_is_the_trend_by_another_name(heat: Path, gmst: tuple[object, ...], page: Page) -> None:
    by_trend = page("fit", heat, *gmst)
    by_loc = page("fit", heat, "--loc", *gmst[1:])
    assert by_trend["parameters"] == by_loc["parameters"]
    assert [row["parameter"] for row in by_trend["parameters"]][:2] == ["loc:Intercept", "loc:gmst"]


def test_covariates_of_several_files_are_read_as_any_series(heat: Path, gmst: tuple[object, ...], page: Page) -> None:
    nino = ("--covariates", heat.parent / "nino.csv", "--scale", "nino34")
    found = page("fit", heat, "--loc", *gmst[1:], *nino, "--missing-covariates", "drop")
    assert found["model"]["covariates"] == "loc ~ gmst, scale ~ nino34"
    assert found["model"]["observations"] == 49
    without = YEARS != 1970
    series = pd.Series(VALUES[without], index=YEARS[without])
    covariates = {"gmst": GMST[without], "nino34": np.sin(3.0 * YEARS[without]).round(3)}
    own = ev.fit(series, "gev", loc="gmst", scale="nino34", covariates=covariates)
    assert [row["estimate"] for row in found["parameters"]] == pytest.approx(own.params["estimate"].tolist(), rel=1e-6)


@pytest.mark.parametrize("trend", ["mean temp", "`mean temp`"])
def test_a_column_may_have_any_name(trend: str, heat: Path, gmst: tuple[object, ...], page: Page) -> None:
    asked = ("--covariates", heat.parent / "odd.csv", "--periods", "10", "--at", "mean temp=1.2")
    own = page("levels", heat, "--trend", trend, *asked)
    assert own["return_levels"] == page("levels", heat, *gmst, "--at", "gmst=1.2", "--periods", "10")["return_levels"]
    assert own["model"]["covariates"].endswith(trend)


def test_a_block_is_left_out(heat: Path, page: Page) -> None:
    found = page("fit", heat, "--trend", "year", "--exclude", "2010", "--exclude", "1961")
    assert found["model"]["observations"] == 48
    assert "2 values are left out of the fit, as asked: blocks 1961, 2010." in found["notes"]


def test_the_risk_is_taken_in_a_state(heat: Path, gmst: tuple[object, ...], page: Page) -> None:
    found = page("risk", heat, *gmst, "--at", "gmst=1", "--probabilities", "0.99")
    var = fitted(loc="gmst").value_at_risk([0.99], at={"gmst": 1.0})["estimate"].item()
    assert found["risk"][0]["estimate"] == pytest.approx(var, rel=1e-9)


# -- what has changed --------------------------------------------------------------------------------------------------


def test_the_trend_is_tested_measured_and_shown_then_and_now(heat: Path, gmst: tuple[object, ...], page: Page) -> None:
    found, fit = page("trend", heat, *gmst), fitted(loc="gmst")
    null = ev.fit(pd.Series(VALUES, index=YEARS), "gev")
    test = ev.likelihood_ratio_test(null, fit).iloc[0]
    assert found["test"][0]["p_value"] == pytest.approx(test["p_value"], rel=1e-9)
    slope = fit.params.loc["loc:gmst", ["estimate", "lower", "upper"]].astype(float)
    one, record = found["slopes"]
    assert [one[name] for name in slope.index] == pytest.approx(slope.tolist(), rel=1e-9)
    length = GMST[-1] - GMST[0]
    assert [record[name] for name in slope.index] == pytest.approx((length * slope).tolist(), rel=1e-9)
    for word, state in (("then", GMST[0]), ("now", GMST[-1])):
        table = fit.return_level([2, 10, 100], at={"gmst": state})
        assert [row[word] for row in found["then_and_now"]] == pytest.approx(table["estimate"].tolist(), rel=1e-9)
        uppers = [row[f"{word}_upper"] for row in found["then_and_now"]]
        assert uppers == pytest.approx(table["upper"].tolist(), rel=1e-9)


def test_the_observation_on_which_the_level_now_rests_is_told(heat: Path, page: Page) -> None:
    found = page("trend", heat, "--trend", "year", "--periods", "10")
    levels = fitted(loc="year").return_level([10], at={"year": YEARS[-1]})
    (told,) = (note for note in levels.attrs["notes"] if note.code == "without_largest_in_state")
    assert [note for note in found["notes"] if "for its covariates" in note] == [told]  # of those now, and not then


def test_a_trend_in_years_is_told_per_decade_too(heat: Path, page: Page) -> None:
    year, decade, record = page("trend", heat)["slopes"]
    assert [year["per"], decade["per"], record["per"]] == ["year", "decade", "record (49 years)"]
    assert [decade["lower"], record["lower"]] == pytest.approx([10 * year["lower"], 49 * year["lower"]])


def test_a_covariate_that_does_not_go_with_time_is_compared_low_and_high(
    heat: Path, tmp_path: Path, page: Page, evstats: Evstats
) -> None:
    """The first and the last block, in which it is what it happens to be, stand for nothing."""
    index = pd.DataFrame({"year": YEARS, "soi": np.round(np.sin(3.0 * YEARS), 3)})
    index.to_csv(tmp_path / "soi.csv", index=False)
    asked = ("--trend", "soi", "--covariates", tmp_path / "soi.csv")
    found = page("trend", heat, *asked)
    low, high = np.sort(index["soi"])[[2, -3]]  # of 50 values about 5 % lie below, and above
    said = found["answer"].replace("\n", " ")
    assert f"from soi = {low:g} to soi = {high:g} the" in said
    assert re.search(rf": it is \S+ degC \(.*\) at soi = {high:g}, against \S+ degC \(.*\) at soi = {low:g},", said)
    assert " was " not in said
    span = index["soi"].max() - index["soi"].min()
    assert [row["per"] for row in found["slopes"]] == ["1 of soi", f"record's range ({span:.4g} of soi)"]
    slope = found["slopes"][0]["estimate"]
    assert found["slopes"][1]["estimate"] == pytest.approx(span * slope)
    assert found["then_and_now"][0]["change"] == pytest.approx((high - low) * slope)
    event = page("attribute", heat, *asked, "--event", "40")
    assert event["attribution"][-1]["quantity"] == "intensity_change_percent"
    assert event["attribution"][-1]["estimate"] is None  # 0 degC is a convention
    assert "A change in percent has no meaning in degC, whose zero is a convention." in event["notes"]
    assert event["states"] == {"now": {"soi": high}, "then": {"soi": low}}
    maxima = ev.block_maxima(ev.read_series(heat))
    fit = ev.fit(maxima, "gev", loc="soi", covariates=index.set_index("year"))
    assert fit.change([100]).attrs["then"] == fit.attribution(40.0).attrs["then"] == {"soi": low}
    assert ev.plots.then_and_now(fit).lines[0].get_label() == f"soi = {high:g}"
    assert f"at soi = {high:g}, against once in" in event["answer"]
    assert f"at soi = {low:g} (then) and at soi = {high:g} (now)" in " ".join(
        evstats("trend", heat, *asked).stdout.split()
    )


@pytest.mark.parametrize(
    ("column", "moves"),
    [
        (GMST, True),
        (np.where(YEARS > 2008, 1.0, 0.0), True),
        (-((YEARS - 1960.0) ** 2), True),
        (np.cos(YEARS), False),
        (np.where(YEARS % 5 == 0, 1.0, 0.0), False),
    ],
    ids=["warming", "a dam", "falling", "index", "events"],
)
def test_covariates_that_go_with_time(column: np.ndarray[Any, Any], moves: bool) -> None:
    order = np.argsort(np.cos(7.0 * YEARS))
    rows = Covariates.of({"x": column[order]}, YEARS[order], "block")
    assert rows.goes_with_time("x") is moves


def test_differences_of_heights_have_no_datum(tmp_path: Path, page: Page) -> None:
    levels = pd.DataFrame({"year": YEARS, "level_m_navd88": VALUES})
    levels.to_csv(tmp_path / "sea.csv", index=False)
    found = page("trend", tmp_path / "sea.csv", "--trend", "year")
    assert {row["unit"] for row in found["slopes"]} == {"m"}
    said = found["answer"]
    assert " m, 95 % interval" in said
    assert said.count("m above NAVD88") == 2, "the levels then and now, not the change"
    fit = ev.fit(ev.block_maxima(ev.read_series(tmp_path / "sea.csv")), loc="year")
    assert fit.change(100).attrs["unit"] == "m"
    assert fit.return_level(100, at={"year": 2000}).attrs["unit"] == "m above NAVD88"


def test_a_trend_of_the_scale_is_in_per_cent(heat: Path, page: Page) -> None:
    year = page("trend", heat, "--scale", "year")["slopes"][0]
    slope = ev.fit(pd.Series(VALUES, index=YEARS), "gev", scale="year").params.loc["log_scale:year"]
    assert (year["parameter"], year["unit"]) == ("scale", "%")
    assert year["upper"] == pytest.approx(100.0 * np.expm1(slope["upper"]), rel=1e-6)


def test_the_page_of_a_trend_is_80_columns_wide_and_says_what_it_rests_on(heat: Path, evstats: Evstats) -> None:
    done = evstats("trend", heat, "--periods", "2,50,1000", "--out", "trend.png", "--out", "tables")
    assert done.returncode == 0, done.stderr
    assert fits_80_columns(done)
    for said in ("covariates      loc ~ year", "year = 1961, and now, year = 2010; 95 %", "record (49 years)"):
        assert said in done.stdout
    assert {path.name for path in Path("tables").iterdir()} >= {"test.csv", "slopes.csv", "then_and_now.png"}
    assert Path("trend.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("sign", "verb"), [(1.0, "rises"), (-1.0, "falls")])
def test_the_answer_is_the_test_and_the_change_with_its_certainty(
    sign: float, verb: str, tmp_path: Path, page: Page
) -> None:
    pd.DataFrame({"year": YEARS, "heat_degC": 40.0 + sign * (VALUES - 40.0)}).to_csv(tmp_path / "own.csv", index=False)
    kind = "max" if sign > 0.0 else "min"
    found = page("trend", tmp_path / "own.csv", "--periods", "10,50", "--kind", kind)
    change, p = found["then_and_now"][-1], found["test"][0]["p_value"]
    lower, upper = sorted(sign * change[name] for name in ("change_lower", "change_upper"))
    assert found["answer"].startswith(
        f"The {kind}ima of heat_degC have changed over the years, by more than chance explains (likelihood-ratio test "
        f"of loc ~ year: p = {p:.2g}). By the fit, from 1961 to 2010 the 50-year {kind}imum {verb} by "
        f"{sign * change['change']:.1f} degC, 95 % interval {lower:.1f} to {upper:.1f}: it was "
    )


def test_without_a_clear_change_the_answer_says_so(heat: Path, page: Page) -> None:
    found = page("trend", heat, "--trend", "aod", "--covariates", heat.parent / "gmst.csv")
    assert found["answer"].startswith("That the maxima of heat_degC follow aod cannot be told from chance (")
    assert "the 100-year maximum changes by " in found["answer"]


def test_the_test_of_a_trend_keeps_the_season(tmp_path: Path, page: Page) -> None:
    days = pd.date_range("1991-01-01", "2010-12-31", freq="ME")
    season = 5.0 * np.cos(2.0 * np.pi * days.month.to_numpy() / 12.0)
    values = ev.Gumbel(20.0, 2.0).rvs(len(days), rng=2) + season + 0.1 * (days.year.to_numpy() - 1991)
    series = pd.Series(np.round(values, 2), days, name="flow")
    series.rename_axis("date").to_csv(tmp_path / "monthly.csv")
    asked = ("--block", "month", "--family", "gumbel", "--scale", "harmonics(1)", "--periods", "10")
    found = page("trend", tmp_path / "monthly.csv", *asked, "--loc", "year + harmonics(1)")
    months = ev.block_maxima(series, "month")
    null, full = (
        ev.fit(months, "gumbel", loc=loc, scale="harmonics(1)") for loc in ("harmonics(1)", "year + harmonics(1)")
    )
    test = ev.likelihood_ratio_test(null, full, reference="chi-square").iloc[0]
    assert [found["test"][0][name] for name in test.index] == pytest.approx(test.tolist(), rel=1e-6)
    assert "scale ~ harmonics(1) against the season alone: p" in found["answer"]
    assert "from year = 1991, time of year = 0.9575 (December) to year = 2010, time of year" in found["answer"]
    alone = page("trend", tmp_path / "monthly.csv", *asked, "--loc", "harmonics(1)", "--then", "time_of_year=0.5")
    assert alone["test"][0]["df"] == 4


# -- an event now and then ---------------------------------------------------------------------------------------------


def test_an_event_is_attributed_as_the_fit_does(heat: Path, gmst: tuple[object, ...], page: Page) -> None:
    now, then = {"gmst": 1.0}, {"gmst": 0.1}
    found = page("attribute", heat, *gmst, "--event", "42", "--now", "gmst=1.0", "--then", "gmst=0.1")
    table = fitted(loc="gmst").attribution(42.0, now=now, then=then)
    table.loc["intensity_change_percent"] = None  # of a temperature, whose unit the file tells
    for row, (quantity, own) in zip(found["attribution"], table.iterrows(), strict=True):
        assert row["quantity"] == quantity
        limits = [np.nan if row[name] is None else row[name] for name in ("estimate", "lower", "upper")]
        assert limits == pytest.approx(own.tolist(), rel=1e-6, nan_ok=True)
    assert found["states"] == {"now": now, "then": then}


def test_the_states_of_the_last_and_the_first_block_are_taken_and_said(
    heat: Path, gmst: tuple[object, ...], evstats: Evstats
) -> None:
    done = evstats("attribute", heat, *gmst, "--event", "42", "--trend-kind", "scale", "--out", "event.png")
    assert done.returncode == 0, done.stderr
    assert fits_80_columns(done)
    assert f"now             gmst = {GMST[-1]:g}\nthen            gmst = {GMST[0]:g}\n" in done.stdout
    assert "covariates      loc and scale ~ gmst" in done.stdout
    assert "times as likely, 95 % interval" in " ".join(done.stdout.split())
    assert Path("event.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_impossible_is_said(tmp_path: Path, page: Page) -> None:
    bounded = np.round(ev.GEV(30.0, 3.0, -0.4).rvs(50, rng=5) + 0.2 * (YEARS - 1961), 2)
    pd.DataFrame({"year": YEARS, "heat_degC": bounded}).to_csv(tmp_path / "bounded.csv", index=False)
    end = ev.fit(pd.Series(bounded, index=YEARS), "gev", loc="year")
    ends = [end.at(year=year).isf(0.0) for year in (1961, 2010)]
    between, beyond = (
        page("attribute", tmp_path / "bounded.csv", "--event", x, "--interval", "delta")["answer"]
        for x in (np.mean(ends), 90)
    )
    assert "never came then (year = 1961): the fit holds it impossible then, so that the ratio" in between
    assert beyond.endswith("the fit holds it impossible both times, so that the ratio of the probabilities is 0/0.")


# -- figures -----------------------------------------------------------------------------------------------------------


def test_the_figure_of_a_trend_is_drawn_by_itself(heat: Path, gmst: tuple[object, ...], page: Page) -> None:
    found = page("plot", heat, *gmst)
    assert found["files"] == ["trend.png"]
    levels = pd.DataFrame(found["figures"]["trend"]["levels"])
    level = fitted(loc="gmst").return_level([100], at={"gmst": GMST[-1]}).iloc[0]
    last = levels[levels["return_period"] == 100.0].iloc[-1]
    assert last[["estimate", "lower", "upper"]].tolist() == pytest.approx(level.tolist(), rel=1e-9)


def test_levels_are_drawn_in_the_state_asked(heat: Path, gmst: tuple[object, ...], page: Page) -> None:
    found = page("plot", heat, *gmst, "--at", "gmst=1", "--figure", "return-level", "--figure", "then-and-now")
    curve = pd.DataFrame(found["figures"]["return-level"]["curve"])
    own = fitted(loc="gmst").return_level(curve["return_period"], at={"gmst": 1.0})
    assert curve["upper"].tolist() == pytest.approx(own["upper"].tolist(), rel=1e-9)
    assert found["figures"]["then-and-now"]["now"] == found["figures"]["return-level"]["curve"]


def test_what_has_changed_of_peaks_is_told(tmp_path: Path, page: Page, evstats: Evstats, as_json: list[str]) -> None:
    days = pd.date_range("1990-01-01", "2019-12-31", freq="D")
    values = np.round(np.exp((days.year - 1990) / 60.0) * ev.Gumbel(10.0, 2.0).rvs(days.size, rng=3), 2)
    pd.DataFrame({"date": days, "rain_mm": values}).to_csv(tmp_path / "rain.csv", index=False)
    given = tmp_path / "rain.csv", "--threshold", "99.5%", "--separation", "2D"
    trend = page("trend", *given, "--periods", "20")
    assert trend["model"]["covariates"] == "rate ~ year, scale ~ year"
    assert trend["test"][0]["df"] == 2
    assert trend["test"][0]["reference"] == "bartlett"
    assert {(row["parameter"], row["unit"]) for row in trend["slopes"]} == {("rate", "%"), ("scale", "%")}
    series = pd.Series(values, index=days)
    fit = ev.fit(ev.peaks_over_threshold(series, "99.5%", separation="2D"), "gpd", rate="year", scale="year")
    change = fit.change([20.0]).iloc[0]
    row = trend["then_and_now"][0]
    assert [row[f"change{end}"] for end in ("", "_lower", "_upper")] == pytest.approx(change.tolist(), rel=1e-6)
    found = page("attribute", *given, "--rate", "year", "--event", "30")
    own = ev.fit(fit.peaks, "gpd", rate="year").attribution(30.0)["estimate"]
    assert [row["estimate"] for row in found["attribution"]] == pytest.approx(own.tolist(), rel=1e-6)
    done = evstats("levels", *given, "--rate", "year", "--at", "year=2019", "--periods", "20")
    assert "a year at year = 2019, 95 % interval" in " ".join(done.stdout.split())
    assert fits_80_columns(done)
    levels = json.loads(as_json[-1])
    there = ev.fit(fit.peaks, "gpd", rate="year").rate_at({"year": 2019.0})["estimate"].item()
    assert levels["model"]["rate"]["estimate"] == pytest.approx(there, rel=1e-9)
    rare = page("levels", *given, "--rate", "year", "--at", "year=1990")["return_levels"]  # of those longer than a peak
    assert rare[0]["return_period"] == 20.0


# -- what is refused ---------------------------------------------------------------------------------------------------

REFUSED: dict[tuple[str, ...], str] = {
    ("fit", "--rate", "year"): (
        "--rate is for peaks over a threshold, and these are block maxima or minima; leave it out, or take those, by "
        "--threshold 95% of the record."
    ),
    ("attribute", "--event", "40", "--now", "gmst=1"): "--now gives no year; write for example --now year=....",
    ("attribute", "--event", "40", "--now", "year=1961"): "now and then are the same: year = 1961; give another state",
    ("attribute", "--event", "inf"): "expected finite numbers",
    ("trend", "--now", "year=1961"): "now and then are the same: year = 1961; give another state, such as --then year=",
    ("levels", "--trend", "year"): (
        "the model has the covariate year, and no state is given; write for example --at year=2010, that of the last "
        "block."
    ),
    ("levels", "--at", "year=2010"): (
        "--at is for fits with covariates, and this one has none; leave it out, or fit with covariates as in --loc year"
    ),
    ("levels", "--trend", "year", "--at", "gmst=1"): "--at gives no year; write for example --at year=....",
    ("levels", "--trend", "year", "--at", "year=1990", "--at", "year=2010"): "--at gives year twice; ask in one state",
    ("levels", "--trend", "year", "--at", "year:2010"): "'year:2010' is no state such as gmst=1.3,nino34=0",
    ("fit", "--trend", "gmst"): (
        "unknown covariate 'gmst' in the formula 'gmst'; known: 'year', 'time_of_year'. Others come with --covariates."
    ),
    ("fit", "--trend", "mean temp + aod", "--covariates", "odd.csv"): (
        "odd.csv: unknown column 'mean'; known: 'year', 'mean temp', 'soi-index'. Did you mean 'mean temp'? A name "
        "that is not one word stands in back quotes: '`mean temp`'."
    ),
    ("fit", "--trend", "gmts", "--covariates", "gmst.csv"): (
        "gmst.csv: unknown column 'gmts'; known: 'year', 'gmst', 'aod'. Did you mean 'gmst'?"
    ),
    ("fit", "--trend", "year", "--covariates", "gmst.csv"): (
        "--covariates gives gmst.csv, and no formula names a column of it; name one, as in --trend COLUMN, or leave "
    ),
    ("fit", "--trend", "nino34", "--covariates", "nino.csv"): (
        "has no value for 1 of 50 blocks: block 1970; give them, or leave these out with --missing-covariates drop."
    ),
    ("fit", "--trend", "gmst", "--covariates", "none.csv"): "covariates: ",
    ("fit", "--trend", "aod", "--covariates", "infinite.csv"): (
        "in line 3 ('1962,inf'; 1 in all). Correct it, or leave the cell empty where the value is missing."
    ),
    ("fit", "--trend", "aod", "--covariates", "monthly.csv"): (
        "and a block takes 365 days; make one value a block of them, such as their mean."
    ),
    ("fit", "--trend", "gmst", "--covariates", "gmst.csv", "--covariates", "slips.csv"): "no number in line 5 of slips",
    ("fit", "--trend", "aod", "--covariates", "gmst.csv", "--covariates", "copy.csv"): (
        "the covariate 'aod' is a column of gmst.csv and copy.csv; rename one of them."
    ),
    ("fit", "--trend", "year", "--exclude", "1800"): "--exclude is 1800, which no block is called",
    ("fit", "--trend", "__import__('os')"): "the formula \"__import__('os')\"",
    ("plot", "--trend", "year", "--figure", "return-level"): "write for example --at year=2010",
    ("plot", "--trend", "year", "--figure", "density"): (
        "this plot shows one distribution, and that of this fit follows covariates; draw trend, then_and_now, or "
        "return_level in a state of them (--at)."
    ),
}


@pytest.mark.parametrize("asked", list(REFUSED), ids=" ".join)
def test_what_cannot_be_is_said_in_the_words_of_the_command_line(
    asked: tuple[str, ...], heat: Path, evstats: Evstats, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, *options = asked
    monkeypatch.chdir(heat.parent)
    done = evstats(command, heat, *options)
    assert done.returncode in (BAD_DATA, USAGE)
    assert REFUSED[asked] in done.stderr
    assert not done.stdout
    assert done.stderr.count("\n") == 1


def test_the_advice_followed_answers(heat: Path, evstats: Evstats) -> None:
    done = evstats("levels", heat, "--trend", "year")
    advised = done.stderr.split("--at ")[1].split(", that")[0]
    assert evstats("levels", heat, "--trend", "year", "--at", advised).returncode == 0
