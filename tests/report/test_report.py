"""What a report says, and that all its forms say the same."""

from __future__ import annotations

import inspect
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import rcParams

import evstats as ev
from evstats.distributions import FAMILIES
from evstats.errors import ArgumentError
from evstats.estimators import ESTIMATORS
from evstats.intervals import INTERVALS
from evstats.remarks.peaks import dispersion
from evstats.report.pages import escaped
from evstats.report.pictures import COLOURS
from evstats.report.sections import _SHOWN, _in_a_sentence
from evstats.report.subjects import subject_of
from evstats.report.values import Value
from evstats.text.numbers import chance, span
from evstats.text.paragraphs import printable

ROOT = Path(__file__).resolve().parents[2]
RIVER = ROOT / "data" / "river_daily_flow.csv"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def river() -> Any:
    return ev.fit(ev.block_maxima(ev.read_series(RIVER), "water-year"))


@pytest.fixture(scope="module")
def report(river: Any) -> Any:
    return ev.make_report(river, levels=[150.0], years=30, risk=[0.9, 0.99])


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def page(report: Any) -> Page:
    return Page(report.to_html())


def test_the_question_is_answered_in_one_sentence(river: Any, report: Any) -> None:
    level = river.return_level([100]).loc[100.0]
    beside = river.beside().return_level([100]).loc[100.0]
    assert report.answer == (
        f"The 100-year maximum of discharge_m3s is {level['estimate']:.0f} m3/s, 95 % interval {level['lower']:.0f} to "
        f"{level['upper']:.0f}, from 93 water years, 1927 to 2019, 1 left out (GEV by maximum likelihood). If the "
        f"maxima are Gumbel, which the tests do not speak against, it is {beside['estimate']:.0f} m3/s, "
        f"{beside['lower']:.0f} to {beside['upper']:.0f} (Gumbel by maximum likelihood)."
    )


@pytest.mark.filterwarnings("ignore:.*the data speak against the Gumbel")
def test_the_family_that_is_named_answers_and_what_speaks_against_it_is_said() -> None:
    sample = np.asarray(ev.GEV(100.0, 20.0, 0.35).rvs(80, rng=3))
    report = ev.make_report(ev.fit(sample, "gumbel"))
    answers = [ev.fit(sample, name).evaluate(ev.ReturnLevel([100])) for name in ("gumbel", "gev")]
    named, beside = (Value(*map(float, (a.estimate[0], a.lower[0], a.upper[0]))) for a in answers)
    assert report.answer.startswith("If the maxima were Gumbel, which the data speak against (Anderson-Darling p ")
    assert f"would be {named.level()}, 95 % interval {named.interval(named.level)}, from 80" in report.answer
    assert f"are Gumbel, it is {beside.level()}, {beside.interval(beside.level)} (GEV by maximum" in report.answer
    led = ev.make_report(ev.fit(sample)).answer
    assert led.startswith(f"The 100-block maximum of value is {beside.level()}, 95 % interval")
    assert f"it would be {named.level()}, {named.interval(named.level)} (Gumbel by maximum likelihood)." in led


@pytest.mark.parametrize(
    ("estimate", "lower", "upper", "said", "interval"),
    [
        (146.32, 131.1, 167.4, "146", "131 to 167"),
        (4.694, 4.49, 5.261, "4.69", "4.49 to 5.26"),
        (0.1534, 0.1412, 0.1701, "0.153", "0.141 to 0.170"),
        (18207.0, 14582.0, 25916.0, "18,200", "14,600 to 25,900"),
        (-0.04, -1.2, 2.3, "0.0", "-1.2 to 2.3"),
        (1.96182e11, 1.1e11, 3.2e11, "200,000,000,000", "110,000,000,000 to 320,000,000,000"),
        (5.0, 4.0, np.inf, "5.00", "above 4.00"),
        (5.0, -np.inf, 6.0, "5.00", "below 6.00"),
        (5.0, -np.inf, np.inf, "5", "unbounded"),
        (5.25, np.nan, np.nan, "5.25", "not available"),
        (7.1e6, 565950.0, 3.1e7, "7,100,000", "570,000 to 31,000,000"),
        (np.inf, 100.0, np.inf, "infinite", "above 100"),
        (2.5e-9, 2.1e-9, 3.3e-9, "2.5e-09", "2.1e-09 to 3.3e-09"),
    ],
)
def test_numbers_have_the_digits_that_their_interval_leaves(
    estimate: float, lower: float, upper: float, said: str, interval: str
) -> None:
    value = Value(estimate, lower, upper)
    assert (value.level(), value.interval(value.level)) == (said, interval)


def test_chances_and_periods_end_in_words() -> None:
    assert Value(0.003, 0.00045, 0.011).interval(chance) == "less than 0.001 to 0.011"
    assert Value(1.0, 0.9999, 1.0).interval(chance) == "more than 0.999"
    assert Value(3490.0, 91.2, 134680.0).interval(span) == "91.2 to 135,000"
    assert Value(np.inf, 90.71, np.inf).interval(span) == "above 90.7"


@pytest.fixture(scope="module")
def dated(river: Any) -> Any:
    """One report made twice on the same given day, and what of matplotlib's settings its pages have changed."""
    before = dict(rcParams)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "86400")
        reports = [ev.make_report(river, periods=[10], title="Bridge 12 <north>") for _ in range(2)]
        pages = [report.to_html() for report in reports]
    changed = {name for name, value in rcParams.items() if value != before[name]}
    return reports, pages, changed


def test_a_title_of_ones_own(dated: Any) -> None:
    (report, _), (page, _), _ = dated
    assert report.title == "Bridge 12 <north>"
    assert "<title>Bridge 12 &lt;north&gt;</title>" in page


def test_the_same_report_is_the_same_page(dated: Any) -> None:
    (report, _), (one, other), changed = dated
    assert report.making.date == "1970-01-02"
    assert one == other
    assert changed == set()  # of matplotlib


def test_few_values_and_heavy_tails_are_cautions() -> None:
    few = ev.make_report(ev.fit(np.asarray(ev.Gumbel(10.0, 3.0).rvs(8, rng=3)), "gumbel"))
    assert "From 8 values only: what lies far beyond them rests on the family, not on the data." in few.cautions
    heavy = ev.make_report(ev.fit(np.asarray(ev.GEV(10.0, 3.0, 0.75).rvs(80, rng=2)), "gev"))
    assert any("no finite variance" in caution for caution in heavy.cautions)


def test_blocks_are_named_in_words() -> None:
    record = ev.read_series(RIVER)
    named = {
        "month": "1117 months, 1926-10 to 2019-10, 1 left out",
        "year": "92 years, 1927 to 2018, 2 left out",
        "season": "371 seasons, 1927-DJF to 2019-JJA, 2 left out",
        "DJF": "93 blocks of DJF, 1927-DJF to 2019-DJF",
        365: "93 blocks of 365 observations, 1 to 93, 1 left out",
    }
    for block, words in named.items():
        assert subject_of(ev.fit(ev.block_maxima(record, block), "gumbel", method="moments")).in_words == words
    assert subject_of(ev.fit([3.0, 4.1, 5.2, 4.4], "gumbel")).in_words == "4 observations"


def test_minima_are_undercut() -> None:
    temperature = ev.read_series(ROOT / "data" / "clemson_daily_temperature.csv", value="tmin_degF")
    fit = ev.fit(ev.block_maxima(temperature, "year", kind="min"), "gev", method="lmoments")
    report = ev.make_report(fit, levels=[0.0])
    assert re.match("The 100-year minimum of tmin_degF is -|By a GEV .minima. .*, the 100-year minimum", report.answer)
    assert "How often 0 degF is undercut, GEV (minima) by L-moments" in report.to_markdown().replace("\\", "")
    assert {row["family"] for row in report.to_dict()["comparison"]} == {"gev-min", "gumbel-min"}


def test_every_form_has_the_same_numbers(river: Any, report: Any, page: Page) -> None:
    data = json.loads(report.to_json())
    lead = [row for row in data["return_levels"] if (row["family"], row["method"]) == ("gev", "mle")]
    expected = river.return_level([row["return_period"] for row in lead])
    np.testing.assert_allclose([row["upper"] for row in lead], expected["upper"], rtol=1e-12)
    np.testing.assert_allclose([row["aep"] for row in lead], 1 / expected.index, rtol=1e-12)
    markdown = report.to_markdown().replace("\\", "")
    for text in (report.answer, *report.notes, *report.assumptions, f"{expected['upper'].iloc[-1]:.2f}"):
        assert " ".join(text.split()) in page.text
        assert " ".join(text.split()) in " ".join(markdown.split())
    assert data["answer"] == report.answer
    assert data["notes"] == list(report.notes)


def test_all_that_was_asked_for_is_there(report: Any, page: Page) -> None:
    tables = {"return_levels", "predictive_levels", "return_periods", "probabilities", "risk", "parameters"}
    tables |= {"goodness_of_fit", "comparison", "stationarity", "data", "rows", "blocks", "dropped", "kept", "in_short"}
    assert tables <= set(report.parts)
    for heading in ("In short", "Return levels", "Risk quantiles", "Does the model fit?", "What was assumed"):
        assert heading in page.text
    captions = page.text
    assert "AEP" in captions
    assert "T, years" in captions
    assert "2020" in str(report.to_dict()["dropped"])


def test_a_trend_is_a_caution_beside_the_answer() -> None:
    years = pd.date_range("1930", periods=80, freq="YS")
    rising = pd.Series(np.asarray(ev.Gumbel(10.0, 3.0).rvs(80, rng=1)) + np.arange(80) / 10, years, name="level")
    report = ev.make_report(ev.fit(ev.block_maxima(rising, "year"), "gev", method="lmoments"))
    caution, *_ = report.cautions
    assert caution.startswith("The maxima rise with time (Mann-Kendall test: tau = ")
    assert caution in Page(report.to_html()).text
    assert escaped(caution) in report.to_markdown()
    assert report.to_dict()["cautions"] == list(report.cautions)
    assert caution not in report.notes


def test_a_family_that_the_data_speak_against_does_not_answer_without_a_word() -> None:
    flow = ev.read_series(RIVER).series["1960":"1989"]
    report = ev.make_report(ev.fit(ev.block_maxima(flow, "month")))
    assert report.answer.startswith("By a GEV distribution whose mean is infinite, which is not credible, the 100-year")
    said = " ".join(report.cautions)
    for words in ("blocks a year are pooled", "depend on one another", "speak against the GEV", "no finite mean"):
        assert words in said
    shown = report.to_markdown()
    assert all(escaped(caution) in shown for caution in report.cautions)


def test_a_record_that_the_family_cannot_believe_is_a_caution() -> None:
    temperature = ev.read_series(ROOT / "data" / "clemson_daily_temperature.csv", value="tmin_degF")
    report = ev.make_report(ev.fit(ev.block_maxima(temperature.series["1926":"1941"], "month", kind="min")))
    said = " ".join(report.cautions)
    assert "The smallest observation (-72.04) is impossible under the GEV (minima) fit to the others" in said
    assert "The answer hangs on the smallest observation (-72.04): without it the T = 100 level would be -5.3" in said


def test_without_an_interior_maximum_a_report_answers_too_and_says_how() -> None:
    bounded = [64.7, 57.9, 46.4, 40.7, 58.7, 60.5, 57.1, 64.9, 50.0, 66.6, 56.8, 34.5]
    report = ev.make_report(ev.fit(bounded))
    assert "from 12 observations (GEV by Bayes). If the maxima were Gumbel" in report.answer
    assert [code for code in report.to_dict()["caution_codes"] if code["code"] == "no_interior_maximum"]
    beside = ev.make_report(ev.fit(bounded, "gumbel")).answer
    assert beside.startswith("If the maxima were Gumbel, which the data speak against (Anderson-Darling p = 0.053")
    assert beside.endswith("(GEV by Bayes).")


def test_the_meaning_of_an_interval_is_that_of_its_kind() -> None:
    sample = np.asarray(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=2))
    by_kind = {
        ("gev", "mle"): "holds the truth 95 % of the time, if all the above is true.",
        ("gev", "lmoments"): "95 % are nominal: in short records intervals of this kind hold less often",
        ("gumbel", "mle"): "of data that are not Gumbel it holds less often",
    }
    for (family, method), words in by_kind.items():
        report = ev.make_report(ev.fit(sample, family, method=method), periods=[10])
        assert any(words in text for text in report.assumptions), (family, method)


def test_a_penalty_is_named_and_the_plain_fit_stands_beside_it() -> None:
    sample = np.asarray(ev.GEV(100.0, 20.0, 0.1).rvs(40, rng=2))
    report = ev.make_report(ev.fit(sample, "gev", method=ev.MaximumLikelihood(penalty=ev.MartinsStedinger())))
    assert "(GEV by maximum likelihood with Martins and Stedinger's prior)" in report.answer
    assert [fit.method.label for fit in report.fits if fit.family is ev.GEV][1] == "maximum likelihood"
    assert "Martins, E. S. and Stedinger, J. R. (2000)" in report.to_html()


def test_levels_beyond_the_end_are_never_passed() -> None:
    sample = np.asarray(ev.GEV(100.0, 20.0, -0.3).rvs(60, rng=4))
    report = ev.make_report(ev.fit(sample, "gev"), levels=[400.0])
    assert {"never, by this fit", "less than 0.001"} <= {row["answer"] for row in report.to_dict()["in_short"]}
    assert any("so that it ends at " in text for text in report.assumptions)


def test_how_it_was_made_is_said(report: Any) -> None:
    making = report.to_dict()["making"]
    assert making["versions"]["evstats"] == ev.__version__
    assert making["versions"]["numpy"] == np.__version__
    assert any("seed 20261121" in seed for seed in making["seeds"])


def test_methods_have_their_literature(report: Any) -> None:
    by_name = {method.name: method for method in report.methods}
    assert "Lawless, J. F. (1974)" in " ".join(by_name["Interval: exact"].references)
    assert len(by_name["Interval: r*, tangent exponential model"].references) == 2
    for registry in (FAMILIES, ESTIMATORS, INTERVALS):
        for name, method in registry.items():
            text = _in_a_sentence(method)
            assert text.endswith("."), name
            assert not re.search(r"\b(batch|lane|lanes|shape of|NaN)\b", text), name
            assert all(re.search(r"\((19|20)\d\d", reference) for reference in method.literature), name


def test_literature_is_that_of_the_documentation() -> None:
    used = [*FAMILIES.values(), *ESTIMATORS.values(), *INTERVALS.values(), ev.ColesDixon, ev.MartinsStedinger]
    cited = [(method, method.literature) for method in used]
    functions = (ev.intervals.predictive_levels, ev.goodness.goodness_of_fit, ev.stationarity, dispersion)
    functions += (ev.peaks_over_threshold, ev.threshold_diagnostics)
    functions += (ev.likelihood_ratio_test, ev.Fit.change, ev.Fit.attribution, ev.stationarity)
    cited += [(each, method.references) for each, method in zip(functions, _SHOWN.values(), strict=True)]
    for method, literature in cited:
        documented = (inspect.getdoc(method) or "").partition("References\n----------\n")[2].split("\n\n")[0]
        assert " ".join(re.sub("^- ", "", documented, flags=re.MULTILINE).split()) == " ".join(literature), method
    assert sum(bool(literature) for _, literature in cited) > 15


def test_the_page_asks_for_nothing_from_outside(report: Any, page: Page) -> None:
    sources = [(tag, name, value) for tag, attrs in page.elements for name, value in attrs.items()
               if name in ("src", "srcset", "href", "xlink:href", "action", "data", "poster")]  # fmt: skip
    outside = [found for found in sources if not str(found[2]).startswith(("#", "data:,"))]
    assert outside == []
    assert not re.search(r"@import|url\((?!#)", report.to_html())
    assert "script" not in {tag for tag, _ in page.elements}


def test_names_stay_text_in_every_form() -> None:
    sample = pd.Series(np.asarray(ev.Gumbel(10.0, 3.0).rvs(40, rng=1)), name=HOSTILE)
    report = ev.make_report(ev.fit(sample, "gumbel"))
    assert HOSTILE not in report.to_html()
    assert HOSTILE in Page(report.to_html()).text
    assert HOSTILE not in report.to_markdown()
    assert escaped(HOSTILE) in report.to_markdown()
    assert HOSTILE in json.loads(report.to_json())["title"]


@pytest.mark.parametrize(
    "name",
    [
        '#0072B2 id="a" url(#b) 水位',
        "</style></svg> a\x1b[31m\u202eb",
        "*a* _b_ `c` [d](e) ~~f~~ $g$ www.h.org\n# i",
        "x" * 300,
    ],
)
def test_names_of_any_kind_stay_text(name: str) -> None:
    sample = pd.Series(np.asarray(ev.Gumbel(10.0, 3.0).rvs(40, rng=1)), name=name)
    report = ev.make_report(ev.fit(sample, "gumbel"), periods=[10])
    assert printable(name) in Page(report.to_html()).text
    assert escaped(name) in report.to_markdown()
    assert "\n# i" not in report.to_markdown()
    assert json.loads(report.to_json())["title"].startswith(f"10-block level of {name}")


def test_pictures_take_the_colours_of_the_page(report: Any) -> None:
    drawn = re.findall(r"<svg.*?</svg>", report.to_html(), re.DOTALL)
    assert len(drawn) == 6
    colours = {colour for svg in drawn for colour in re.findall(r"#[0-9a-fA-F]{6}\b", svg)}
    assert colours == set()
    style = report.to_html().split("</style>")[0]
    assert all(style.count(f"{variable}:") == 2 for variable in COLOURS.values())  # one for light, one for dark


@pytest.mark.parametrize(
    ("text", "paper"), [("ink", "paper"), ("quiet", "paper"), ("quiet", "shade"), ("ink", "shade")]
)
def test_text_stands_out_from_its_paper(text: str, paper: str, report: Any) -> None:
    """WCAG 2.2, success criterion 1.4.3: a contrast of at least 4.5, in light and in dark."""
    style = report.to_html().split("</style>")[0]
    for light, dark in zip(*(re.findall(rf"--{name}: (#\w{{6}})", style) for name in (text, paper)), strict=True):
        assert contrast(light, dark) >= 4.5


def contrast(one: str, other: str) -> float:
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_a_report_of_plain_numbers_has_no_audit() -> None:
    report = ev.make_report(ev.fit([31.0, 45.2, 28.9, 39.4], "gumbel", method="moments"))
    assert "data" not in report.parts
    assert any(note.startswith("No test of stationarity: ") for note in report.notes)
    assert len(re.findall("<svg", report.to_html())) == 5


def test_a_family_without_a_maximum_is_compared_by_what_answers_for_it() -> None:
    sample = 5.0 + np.array([0.0, 0.8, 0.9, 0.95, 0.97, 0.99, 1.0, 1.01])
    fit = ev.fit(sample, "gumbel", method="lmoments")
    rows = ev.make_report(fit).to_dict()["comparison"]
    assert {"gumbel", "gev"} == {row["family"] for row in rows}
    assert [(row["method"], row["status"]) for row in rows if row["family"] == "gev"] == [("bayes", "converged")]


def test_two_populations_and_bayes_can_be_reported() -> None:
    sample = np.asarray(ev.TwoComponentGumbel(100.0, 20.0, 40.0, 80.0).rvs(60, rng=2))
    assert "(TCEV by maximum likelihood)" in ev.make_report(ev.fit(sample, "tcev"), interval="delta").answer
    bayes = ev.fit(np.asarray(ev.GEV(100.0, 20.0, 0.1).rvs(60, rng=1)), "gev", method="bayes", prior="mdi", rng=1)
    report = ev.make_report(bayes)
    assert "(GEV by Bayes)" in report.answer
    assert report.to_html().count("<svg") == 5


def test_writing_chooses_the_form_and_does_not_overwrite(report: Any, tmp_path: Path) -> None:
    for suffix, begins in ((".html", "<!doctype html>"), (".md", "# "), (".json", "{")):
        path = tmp_path / f"report{suffix}"
        report.write(path)
        assert path.read_text(encoding="utf-8").startswith(begins)
        with pytest.raises(ArgumentError, match="exists already"):
            report.write(path)
        report.write(path, force=True)
    with pytest.raises(ArgumentError, match=r"known: \.html, \.md, \.json, \.pdf"):
        report.write(tmp_path / "report.docx")


def test_what_cannot_be_reported_is_said(river: Any) -> None:
    batch = ev.fit(np.asarray(ev.Gumbel(10.0, 3.0).rvs((2, 40), rng=1)), "gumbel")
    with pytest.raises(ArgumentError, match=r"use fit\[i\]"):
        ev.make_report(batch)
    with pytest.raises(ArgumentError, match="by name"):
        ev.make_report(river, interval=ev.Bootstrap(replicates=400))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="return periods"):
        ev.make_report(river, periods=[np.nan])
    with pytest.raises(ArgumentError, match="expected a positive number of years"):
        ev.make_report(river, years=0)
    with pytest.raises(ArgumentError, match="'rstar'"):
        ev.make_report(ev.fit(river.values, "gev"), interval="exact")


def test_a_long_record_gives_a_small_page() -> None:
    hours = ev.read_series(ROOT / "data" / "battery_hourly_water_level.csv.gz")
    assert len(hours.series) > 800_000
    fit = ev.fit(ev.block_maxima(hours, "year"), "gev")
    assert len(ev.make_report(fit).to_html().encode()) < 2_000_000


def annual(name: str | None, **options: Any) -> Any:
    """The report on forty years of a variable of that name."""
    years = pd.date_range("1950", periods=40, freq="YS")
    sample = np.asarray(ev.Gumbel(10.0, 3.0).rvs(40, rng=1))
    series = pd.Series(sample if not options.get("minima") else -sample, years, name=name)
    kind = "min" if options.pop("minima", False) else "max"
    return ev.make_report(ev.fit(ev.block_maxima(series, "year", kind=kind)), **options)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("discharge_m3s", "100-year level of discharge_m3s (m3/s), 1950 to 1989"),
        ("annual flood", "100-year flood of annual flood, 1950 to 1989"),
        ("peak_va", "100-year flood of peak_va, 1950 to 1989"),
        ("floodplain_depth", "100-year level of floodplain_depth, 1950 to 1989"),
    ],
)
def test_the_title_is_the_question(name: str, title: str) -> None:
    assert annual(name).title == title


def test_the_title_names_the_period_the_kind_and_the_unit_of_time() -> None:
    assert annual("flow", periods=[10, 50]).title == "50-year level of flow, 1950 to 1989"
    assert annual("flow", minima=True).title == "100-year minimum of flow, 1950 to 1989"
    assert ev.make_report(ev.fit([3.0, 4.1, 5.2, 4.4, 3.9, 6.1], "gumbel")).title == "100-block level of value"


@pytest.mark.parametrize(
    ("name", "told"),
    [("loss", True), ("closing price", True), ("claims", True), ("flow", False), ("lossless", False), ("gauge", False)],
)
def test_risk_is_told_unasked_of_losses_and_prices_only(name: str, told: bool) -> None:
    assert ("risk" in annual(name).parts) is told


def test_risk_is_told_where_asked() -> None:
    assert set(annual("flow", risk=[0.95]).tables["risk"].frame["level"]) == {0.95}
    assert annual("flow").questions.tail.probabilities == (0.9, 0.95, 0.99)
