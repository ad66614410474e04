"""The commands, in the order of the flow."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evstats.cli.analysis import analyse, written
from evstats.cli.backtests import Forecasting, add_backtest
from evstats.cli.bulletins import add_bulletin
from evstats.cli.causes import Causes, LowFlow, add_causes, add_low_flows
from evstats.cli.conditional import Conditioning, refuse_otherwise
from evstats.cli.console import Commands, collected_warnings, show, working
from evstats.cli.grids import CellBlocks, CellFitting, CellQuestions, Gridded, Writing, add_answer
from evstats.cli.layers import Pricing, ReadingClaims, Severities, add_layers
from evstats.cli.options import (
    At,
    Certainty,
    Compared,
    Fitting,
    Following,
    Force,
    Losses,
    Moving,
    Now,
    Printing,
    Skewing,
    Tail,
    Then,
    with_options,
)
from evstats.cli.options_of_data import Blocking, Candidates, Peaking, Reading, Sampling, taken_for_losses
from evstats.cli.pages import Page
from evstats.cli.panels import of_fit, of_forecasts, of_output, of_trend
from evstats.cli.rainfall import Durations, add_curves
from evstats.cli.regions import Sites, add_region
from evstats.cli.saving import Picturing, Saving
from evstats.cli.trends import add_attribution, add_trend, ask_in, check_state
from evstats.cli.written import names_in, numbers, one_of, one_state
from evstats.errors import ArgumentError
from evstats.files import check_writable, write_all
from evstats.notes import Note, say_losses
from evstats.report import record
from evstats.report.parts import Data, Listing, Table
from evstats.report.questions import Certainty as Asked
from evstats.report.questions import Questions

if TYPE_CHECKING:
    from evstats.bulletin import Bulletin17C
    from evstats.fitting import Fit
    from evstats.report.making import Report
    from evstats.report.pictures import Figures

_COMMANDS = "Everything at once, then step by step"

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
)

Periods = Annotated[Any, of_fit("T,T,...", "Return periods, in years.", parser=numbers)]

Levels = Annotated[Any, of_fit("X,X,...", "Levels: how often, how likely?", parser=numbers)]
Title = Annotated[str | None, of_output("TEXT", "Title of the report: project, gauge.")]
Years = Annotated[float, of_fit("N", "Chances are of the next N years.")]


def _version(asked: bool) -> None:
    if asked:
        show(f"evstats {resolve_name('evstats:__version__')}")
        raise typer.Exit


@app.callback()
def evstats(
    version: Annotated[
        bool, typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Extreme-value statistics: from a CSV to return levels and risk quantiles."""


@app.command(rich_help_panel=_COMMANDS)
@with_options
def analyze(
    context: typer.Context,
    source: Reading,
    blocks: Sampling,
    following: Moving,
    compared: Compared,
    tail: Tail,
    printing: Printing,
    periods: Periods = None,
    confidence: Annotated[float, of_fit("SHARE", "Confidence of the intervals.")] = 0.95,
    out: Annotated[Path | None, of_output("FOLDER", "Write tables and figures there.")] = None,
    report: Annotated[bool, of_output("", "Write report.html, .md and .json, there or here.", "--report")] = False,
    losses: Losses = False,
    title: Title = None,
    force: Force = False,
) -> None:
    """Audit, fits, return levels, risk, figures, report."""
    page = Page("analyze")
    questions = Questions(periods, tail=tail, certainty=Certainty(confidence), compared=compared)
    with collected_warnings(page.notes):
        command = _command(context) if report else None
        analyse(
            page, source, blocks, following, questions, out, losses=losses, report=command, title=title, force=force
        )
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def audit(source: Reading, blocks: Blocking, printing: Printing) -> None:
    """What was read, dropped and merged, and the blocks."""
    page = Page("audit")
    try:
        with collected_warnings(page.notes):
            _audit(page, source, blocks)
    finally:
        if page.parts:  # what was read is worth seeing where no block can be made of it, too
            printing.print(page)


def _audit(page: Page, source: Reading, blocks: Blocking) -> None:
    from evstats.remarks.checks import data_notes

    read = blocks.read(source)
    page.notes += read.audit.notes
    page.parts |= {"data": record.read(read), "rows": record.rows(read.audit)}
    extremes = blocks.extremes(read)
    page.parts |= {
        "blocks": record.cut(extremes),
        "kept": record.kept(extremes),
        "dropped": record.dropped(extremes, blocks.min_coverage),
    }
    page.parts["same_event"] = record.same_event(extremes)
    page.notes += [*record.unlisted(extremes.notes), *data_notes(extremes.values, minima=extremes.of_minima)]


@app.command(rich_help_panel=_COMMANDS)
@with_options
def thresholds(source: Reading, candidates: Candidates, saving: Picturing, printing: Printing) -> None:
    """Which threshold: diagnostics of many, and the choice."""
    from evstats.report import choosing

    saving.check(source.data)
    page = Page("thresholds")
    with collected_warnings(page.notes):
        read = source.record()
        choice = candidates.choice(read)
        table = candidates.table(choice)
        page.notes += [*read.audit.notes, *choice.notes]
    page.parts |= {"data": Data(record.read(read).data()), "choice": choosing.chosen(choice)}
    page.parts |= {"near": choosing.near(choice), "diagnostics": choosing.diagnostics(table)}
    saving.save_with(page, lambda: resolve_name("evstats.cli.figures:of_choice")(choice, table))
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def peaks(source: Reading, over: Peaking, saving: Picturing, printing: Printing) -> None:
    """The peaks over a threshold: above it, merged, observed."""
    from evstats.remarks.peaks import in_time

    saving.check(source.data)
    page = Page("peaks")
    with collected_warnings(page.notes):
        read = source.record()
        found = over.peaks(read)
        page.notes += [*read.audit.notes, *found.notes, *in_time(found)]
    page.parts |= {"data": record.read(read), "taken": record.taken(found), "peaks": record.peaks_kept(found)}
    page.parts |= {"merged": record.merged(found), "gaps": record.gaps(found)}
    saving.save_with(page, lambda: resolve_name("evstats.cli.figures:of_peaks")(found))
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def fit(
    source: Reading, blocks: Sampling, fitting: Following, sure: Certainty, saving: Saving, printing: Printing
) -> None:
    """Parameters, standard errors and goodness of fit."""
    from evstats.report import tables

    saving.check(source.data)
    page = Page("fit")
    with collected_warnings(page.notes):
        fitted = _fitted(page, source, blocks, fitting)
        with working("computing intervals"):
            page.add({"parameters": tables.parameters([fitted], sure)})
        page.add({"likelihood": tables.criteria(fitted)})
        with working("testing the fit"):
            page.add({"goodness_of_fit": tables.goodness(fitted)})
        page.parts["fit"] = Data(fitted.to_dict())
    saving.save(page)
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def levels(
    source: Reading,
    blocks: Sampling,
    fitting: Following,
    sure: Certainty,
    saving: Saving,
    printing: Printing,
    periods: Periods = None,
    level: Levels = None,
    years: Years = 1.0,
    at: At = None,
) -> None:
    """Return levels; or return period and chance of a level."""
    from evstats.report import tables

    there = one_state(at)
    with _answering("levels", source, blocks, fitting, saving, printing) as (page, fitted, reference):
        ask_in(page, fitted, there)
        if periods or not level:
            page.add(_levels_of_periods(fitted, reference, periods, years, sure, there))
        if level:
            page.add(tables.at_levels(fitted, level, years, sure, there))
            page.add(tables.of_reference(reference, lambda fit, sure: tables.at_levels(fit, level, years, sure), sure))


def _levels_of_periods(
    fitted: Fit, reference: Fit | None, periods: list[float] | None, years: float, sure: Certainty, at: Any
) -> dict[str, Table]:
    from evstats.report import tables

    def table(fit: Fit, sure: Asked) -> dict[str, Table]:
        return {"return_levels": tables.return_levels([fit], periods, sure, at)}

    return {
        **table(fitted, sure),
        **({} if fitted.has_covariates else tables.predictive(fitted, periods, years)),
        **tables.of_reference(reference, table, sure),
    }


@app.command(rich_help_panel=_COMMANDS)
@with_options
def trend(
    source: Reading,
    blocks: Sampling,
    fitting: Following,
    sure: Certainty,
    saving: Picturing,
    printing: Printing,
    periods: Periods = None,
    now: Now = None,
    then: Then = None,
) -> None:
    """Has it changed: test, slopes, levels then and now."""
    saving.check(source.data)
    page = Page("trend")
    with collected_warnings(page.notes):
        fitted = _fitted(page, source, blocks, _over_time(fitting, blocks))
        add_trend(page, fitted, periods, now, then, sure)
    saving.save_with(page, lambda: resolve_name("evstats.cli.figures:of_trend")(fitted, sure))
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def attribute(
    source: Reading,
    blocks: Sampling,
    fitting: Following,
    sure: Certainty,
    saving: Picturing,
    printing: Printing,
    event: Annotated[float, of_trend("X", "The level that was reached.")],
    now: Now = None,
    then: Then = None,
) -> None:
    """How likely and how intense an event is now and then."""
    saving.check(source.data)
    page = Page("attribute")
    with collected_warnings(page.notes):
        fitted = _fitted(page, source, blocks, _over_time(fitting, blocks))
        add_attribution(page, fitted, event, now, then, sure)
    saving.save_with(page, lambda: resolve_name("evstats.cli.figures:of_two_states")(fitted, now, then, event, sure))
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def region(
    sites: Sites,
    saving: Picturing,
    printing: Printing,
    family: Annotated[
        str | None,
        of_fit(
            "NAME",
            "glo, gev, gno, pe3, gpa, gum or kap; by itself that with the smallest |Z|.",
            completes=names_in("evstats.regions:FAMILIES"),
        ),
    ] = None,
    periods: Periods = None,
    confidence: Annotated[float, of_fit("SHARE", "Confidence of the bounds.")] = 0.95,
    at_site: Annotated[str | None, of_fit("NAME", "Levels at this site too.")] = None,
    index_flood: Annotated[float | None, of_fit("X", "Levels at an ungauged site with this index flood.")] = None,
    correlation: Annotated[float, of_fit("R", "Correlation between sites in one year, for the bounds.")] = 0.0,
    replicates: Annotated[int, of_fit("N", "Regions that are simulated.")] = 1_000,
) -> None:
    """Sites with one growth curve: are they alike, which law?"""
    saving.check(sites.data)
    page = Page("region")
    with collected_warnings(page.notes):
        fitted = add_region(page, sites, family, periods, confidence, at_site, index_flood, correlation, replicates)
    saving.save_with(page, lambda: resolve_name("evstats.cli.figures:of_region")(fitted, confidence, correlation))
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def idf(
    source: Reading,
    durations: Durations,
    saving: Picturing,
    printing: Printing,
    periods: Periods = None,
    plot: Annotated[Path | None, of_output("PATH", "The curves as .png, .svg or .pdf.")] = None,
) -> None:
    """Intensity-duration-frequency curves of rain."""
    if plot is not None:
        saving = replace(saving, out=[*(saving.out or ()), plot])
    saving.check(source.data)
    page = Page("idf")
    with collected_warnings(page.notes):
        read = source.record()
        found = durations.curves(read)
        add_curves(page, found, durations, periods)
        page.notes += read.audit.notes
    saving.save_with(page, lambda: resolve_name("evstats.cli.figures:of_curves")(found, periods, durations.options))
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def risk(
    source: Reading,
    blocks: Sampling,
    fitting: Following,
    tail: Tail,
    sure: Certainty,
    conditioning: Conditioning,
    saving: Picturing,
    printing: Printing,
    at: At = None,
    losses: Losses = False,
) -> None:
    """Value at risk and expected shortfall; of tomorrow."""
    there = one_state(at)
    if conditioning.asked:
        refuse_otherwise(blocks, fitting, replace(tail, levels=None))
        _risk_of_the_next_day(source, conditioning, blocks.threshold, tail, sure, saving, printing, losses)
    else:
        tables = Saving(saving.out, saving.force)
        _risk_of_a_fit(source, blocks, fitting, tail, sure, tables, printing, there, losses)


def _risk_of_a_fit(
    source: Reading,
    blocks: Sampling,
    fitting: Following,
    tail: Tail,
    sure: Certainty,
    saving: Saving,
    printing: Printing,
    there: Any,
    losses: bool,
) -> None:
    from evstats.report import tables

    notes: list[str] = []
    of_losses = losses or source.returns is not None
    whole = blocks.for_tail(tail, notes, losses=of_losses)
    with _answering("risk", source, whole, fitting, saving, printing, losses) as (page, fitted, reference):
        page.notes += notes
        ask_in(page, fitted, there)
        if of_losses and tail.horizon is None and not fitted.family.minima and fitted.single_observations is not None:
            tail = replace(tail, horizon="observation")
        if fitted.of_peaks and tail.horizon != "observation":
            merged = blocks.separation is not None and fitted.single_observations is None
            page.notes.insert(0, Note("risk_of_what_passed", "loss" if of_losses else "peak", merged=merged))
        page.add({"risk": tables.risk([fitted], tail, sure, there)})
        page.add(tables.of_reference(reference, lambda fit, sure: {"risk": tables.risk([fit], tail, sure)}, sure))


def _risk_of_the_next_day(
    source: Reading,
    conditioning: Conditioning,
    threshold: str | None,
    tail: Tail,
    sure: Certainty,
    saving: Picturing,
    printing: Printing,
    losses: bool,
) -> None:
    saving.check(source.data)
    page = Page("risk")
    with collected_warnings(page.notes):
        compared = conditioning.add(page, source, threshold, tail, sure, told=losses)
    saving.save_with(
        page, lambda: {} if compared is None else resolve_name("evstats.cli.figures:of_backtest")(compared)
    )
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def backtest(
    source: Forecasting,
    saving: Picturing,
    printing: Printing,
    p_values: Annotated[
        str,
        of_forecasts(
            "NAME",
            "exact, mid-p, random or asymptotic.",
            completes=one_of("exact", "mid-p", "random", "asymptotic"),
        ),
    ] = "exact",
) -> None:
    """Losses against the VaR and ES that were forecast."""
    saving.check(source.data)
    page = Page("backtest")
    with collected_warnings(page.notes):
        compared = source.backtest(page)
        with working("testing the forecasts"):
            add_backtest(page, compared, p_values)
    saving.save_with(page, lambda: resolve_name("evstats.cli.figures:of_backtest")(compared))
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def b17c(
    context: typer.Context,
    source: Reading,
    blocks: Blocking,
    skewing: Skewing,
    saving: Picturing,
    printing: Printing,
    periods: Periods = None,
    confidence: Annotated[float, of_fit("SHARE", "Confidence of the limits.")] = 0.9,
    report: Annotated[
        list[Path] | None, of_output("PATH", "A report: .html, .pdf, .md or .json; may be repeated.")
    ] = None,
    title: Title = None,
) -> None:
    """Flood frequency by Bulletin 17C, from annual peaks."""
    from evstats.bulletin.frequency import PERIODS
    from evstats.extremes.coded import USGS
    from evstats.report.making import form_of

    saving.check(source.data)
    forms = {place: form_of(place) for place in report or ()}
    check_writable([*forms], force=saving.force, read=[source.data])
    page = Page("b17c")
    with collected_warnings(page.notes):
        read = blocks.read(source)
        found = add_bulletin(page, blocks.extremes(read, USGS), skewing, periods, confidence)
        page.notes += read.audit.notes
        if forms:
            with working("writing the report"):
                document = _of_bulletin(
                    found, blocks, Questions(periods or PERIODS, certainty=Asked(confidence)), context, title
                )
                write_all({place: document.encoded(form) for place, form in forms.items()}, force=saving.force)
    page.parts |= {"report": Listing("Report", tuple(map(str, forms)), [*forms])} if forms else {}
    saving.save_with(page, lambda: resolve_name("evstats.cli.figures:of_bulletin")(found, confidence))
    printing.print(page)


def _of_bulletin(
    found: Bulletin17C, blocks: Blocking, questions: Questions, context: typer.Context, title: str | None
) -> Report:
    """The report on what Bulletin 17C finds."""
    from evstats.report.analysis import analysed

    return written(analysed(found.fit, questions), blocks, _command(context), title)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def combine(
    source: Reading,
    blocks: Blocking,
    causes: Causes,
    fitting: Fitting,
    sure: Certainty,
    saving: Picturing,
    printing: Printing,
    periods: Periods = None,
    level: Levels = None,
    years: Years = 1.0,
) -> None:
    """Seasons or causes fitted apart, and their product."""
    saving.check(source.data)
    page = Page("combine")
    with collected_warnings(page.notes):
        extremes = causes.extremes(page, source, blocks)
        found = add_causes(page, extremes, fitting, sure, periods, level, years)
        page.parts["combined"] = Data(found.to_dict())
    saving.save_with(page, lambda: resolve_name("evstats.cli.figures:of_causes")(found, sure))
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def lowflow(
    source: Reading,
    flow: LowFlow,
    fitting: Fitting,
    sure: Certainty,
    saving: Saving,
    printing: Printing,
    periods: Periods = None,
    level: Levels = None,
    years: Years = 1.0,
) -> None:
    """Low flows such as the 7Q10, with years that are dry."""
    saving.check(source.data)
    page = Page("lowflow")
    with collected_warnings(page.notes):
        minima = flow.extremes(source, page)
        found = add_low_flows(page, minima, fitting, sure, periods, level, years)
        page.parts["low_flows"] = Data(found.to_dict())
    saving.save(page)
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def grid(
    context: typer.Context,
    source: Gridded,
    blocks: CellBlocks,
    fitting: CellFitting,
    sure: Certainty,
    writing: Writing,
    printing: Printing,
    compared: Compared,
    periods: Periods = None,
    at: At = None,
) -> None:
    """Return levels of every cell of a NetCDF or zarr grid."""
    writing.check()
    page, asked = Page("grid"), CellQuestions(periods, one_state(at), compared)
    with collected_warnings(page.notes):
        add_answer(page, source, blocks, fitting, asked, sure, writing, _command(context))
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def layer(
    source: ReadingClaims,
    pricing: Pricing,
    peaking: Severities,
    sure: Certainty,
    saving: Picturing,
    printing: Printing,
) -> None:
    """What layers of losses over a threshold cost a year."""
    from evstats.fitting import fit

    saving.check(source.data)
    page = Page("layer")
    with collected_warnings(page.notes):
        read, losses = source.claims(page)
        page.parts["data"] = record.read(read)
        page.notes += read.audit.notes
        peaks = peaking.peaks(losses)
        page.parts["peaks"], fitted = record.taken(peaks), fit(peaks)
        page.parts["parameters"] = resolve_name("evstats.report.tables:parameters")([fitted], sure)
        with working("computing intervals"):
            add_layers(page, fitted, pricing, sure.interval, sure.confidence)
    saving.save_with(page, lambda: resolve_name("evstats.cli.figures:of_tail")(fitted, pricing.layers, sure))
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def plot(
    source: Reading,
    blocks: Sampling,
    fitting: Following,
    sure: Certainty,
    printing: Printing,
    at: At = None,
    figure: Annotated[
        list[str] | None,
        of_output(
            "NAME",
            "return-level, diagnostics, series, qq, pp or density; with covariates trend (by itself) or then-and-now; "
            "may be repeated.",
            completes=names_in("evstats.cli.figures:FIGURES"),
        ),
    ] = None,
    out: Annotated[
        list[Path] | None,
        of_output("PATH", "A .png, .svg or .pdf file, or a folder; may be repeated. Else NAME.png here."),
    ] = None,
    dpi: Annotated[int, of_output("N", "Dots per inch of .png files.", min=10, max=1200)] = 150,
    force: Force = False,
) -> None:
    """Figures as PNG, SVG or PDF."""
    from evstats.cli.figures import FIGURES, format_of
    from evstats.report.analysis import reference_of
    from evstats.report.pictures import Figures

    there = one_state(at)
    usual = "trend" if fitting.formulas and there is None else "return-level"
    names = list(dict.fromkeys(FIGURES.name_of(FIGURES[name]) for name in figure or [usual]))
    targets = list(_targets(names, out or [Path()]))
    check_writable([path for _, path in targets], force=force, read=[source.data])
    page = Page("plot")
    with collected_warnings(page.notes):
        fitted = _fitted(page, source, blocks, fitting)
        fits = [fitted, *([other] if (other := reference_of(fitted)) else [])]
        if "return-level" in names:
            check_state(fitted, there)
        figures = Figures(fits, sure, there)
        with working("drawing"):
            contents = {path: FIGURES[name].drawn(figures).image(format_of(path), dpi) for name, path in targets}
        behind = {name: _behind(figures, name) for name in names} if printing.json else {}
    write_all(contents, force=force)
    page.parts["files"] = Listing("Files", tuple(map(str, contents)), list(contents))
    page.parts["figures"] = Data(behind)
    printing.print(page)


@app.command(rich_help_panel=_COMMANDS)
@with_options
def report(
    context: typer.Context,
    source: Reading,
    blocks: Sampling,
    fitting: Following,
    compared: Compared,
    tail: Tail,
    sure: Certainty,
    printing: Printing,
    periods: Periods = None,
    level: Levels = None,
    years: Years = 1.0,
    losses: Losses = False,
    out: Annotated[list[Path] | None, of_output("PATH", "A .html, .pdf, .md or .json file; may be repeated.")] = None,
    title: Title = None,
    force: Force = False,
) -> None:
    """A report to hand in: one HTML page, Markdown or JSON."""
    from evstats.quantities import positive_years
    from evstats.report.analysis import analysed
    from evstats.report.beside import NOTHING, has_blocks_beside
    from evstats.report.making import form_of

    places = list(dict.fromkeys(out or [Path("report.html")]))
    forms = {place: form_of(place) for place in places}
    check_writable(places, force=force, read=[source.data])
    page = Page("report")
    questions = Questions(periods, level or (), positive_years(years), tail, sure, compared)
    with collected_warnings(page.notes):
        read = taken_for_losses(blocks.read(source)) if losses else blocks.read(source)
        whole = blocks.for_tail(tail, page.notes, losses=say_losses(read.audit.notes))
        sample = whole.sample(read)
        asked = fitting.fit(sample)
        with working("computing intervals"):
            beside = whole.beside(read, sample) if has_blocks_beside(asked, questions) else NOTHING
            made = analysed(asked, questions, beside=beside)
        page.notes += [*read.audit.notes, *made.notes]
        with working("writing the report"):
            document = written(replace(made, notes=tuple(page.notes)), blocks, _command(context), title)
            write_all({place: document.encoded(form) for place, form in forms.items()}, force=force)
    page.notes, page.cautions = list(document.notes), document.cautions
    page.parts = {
        "answer": Listing("Answer", (document.answer,), document.answer),
        "data": Data(record.read(read).data()),
        "files": Listing("Files", tuple(map(str, places)), places),
    }
    printing.print(page)


def _command(context: typer.Context) -> str:
    """The command line as it was typed."""
    return shlex.join(["evstats", *context.find_root().obj])


def _targets(names: list[str], places: list[Path]) -> Iterator[tuple[str, Path]]:
    """Which figure goes to which file: a place without suffix is a folder."""
    from evstats.cli.figures import format_of

    for place in places:
        if place.is_dir() or not place.suffix:
            yield from ((name, place / f"{name}.png") for name in names)
        elif len(names) > 1:
            raise ArgumentError(
                f"{place} is one file for {len(names)} figures", "give a folder, or one figure at a time."
            )
        else:
            format_of(place)
            yield names[0], place


def _behind(figures: Figures, name: str) -> dict[str, Any]:
    """The tables behind a figure."""
    from evstats.cli.figures import FIGURES

    return {key: table.to_dict("records") for key, table in FIGURES[name].data(figures).items()}


def _over_time(fitting: Following, blocks: Sampling) -> Following:
    """What is fitted where nothing is said to be followed: the years, of peaks by their rate and their sizes."""
    if fitting.formulas:
        return fitting
    return replace(fitting, trend="year") if blocks.threshold is None else replace(fitting, rate="year", scale="year")


def _fitted(page: Page, source: Reading, blocks: Sampling, fitting: Fitting, losses: bool = False) -> Fit:
    """The fit of the data, with what there is to say about all three on the page; ``losses`` says that they are."""
    from evstats.extremes.records import Extremes
    from evstats.report import tables

    read = taken_for_losses(blocks.read(source)) if losses else blocks.read(source)
    extremes = blocks.sample(read)
    fitted = fitting.fit(extremes)
    page.parts |= {"data": Data(record.read(read).data())}
    if isinstance(extremes, Extremes):
        page.parts["blocks"] = Data(record.cut(extremes).data())
    else:
        page.parts["peaks"] = Data(record.taken(extremes).data())
    page.parts["model"] = tables.model(fitted)
    page.notes += [*read.audit.notes, *fitted.notes]
    return fitted


@contextmanager
def _answering(
    name: str,
    source: Reading,
    blocks: Sampling,
    fitting: Fitting,
    saving: Saving,
    printing: Printing,
    losses: bool = False,
) -> Iterator[tuple[Page, Fit, Fit | None]]:
    """The page of a command, the fit that answers and its reference, if there is one; saved and printed at the end.

    What speaks against either fit is on the page.
    """
    from evstats.report.analysis import doubts, reference_of, without_condition

    saving.check(source.data)
    page = Page(name)
    with collected_warnings(page.notes):
        fitted = _fitted(page, source, blocks, fitting, losses)
        reference = reference_of(fitted)
        page.notes += doubts([fitted, *([reference] if reference else [])])
        with working("computing intervals"):
            yield page, fitted, reference
    page.notes = without_condition(page.notes, fitted)
    saving.save(page)
    printing.print(page)
