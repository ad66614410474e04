"""Everything computed of one series, once: the fits side by side, the tables that answer, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evstats.distributions import GEV, GPD
from evstats.errors import ArgumentError, FitError
from evstats.estimators import leading
from evstats.fitting import Fit
from evstats.intervals import chosen
from evstats.notes import Gravity, Note, as_note, gravity_of, ordered
from evstats.remarks import influence
from evstats.report import moving, tables
from evstats.report.answer import NO_MEAN, REJECTED
from evstats.report.beside import NOTHING, Beside
from evstats.report.parts import Table
from evstats.report.questions import Questions
from evstats.report.subject import Subject
from evstats.report.subject_blocks import OfBlocks, OfMovingBlocks
from evstats.report.subject_losses import OfLosses
from evstats.report.subject_peaks import OfMovingPeaks, OfPeaks
from evstats.report.subjects import subject_of
from evstats.report.words import is_financial, label, of_distinct_families, of_shape_zero
from evstats.text.arguments import Setting, Text

#: From this shape on the variance is infinite.
_NO_VARIANCE = 0.5


@dataclass(frozen=True, eq=False)
class Analysis:
    """The answers to the questions asked of one series.

    Attributes
    ----------
    questions
        What was asked.
    fits
        The fit that answers, and after it the usual ones of the same data.
    failures
        Why those missing have no estimate, by family and method.
    tables
        The tables of the fits side by side, by name.
    notes
        What is to be said of them, as it came; names of fits stand before what is not said of all.
    """

    questions: Questions
    fits: tuple[Fit, ...]
    failures: tables.Failures
    tables: Mapping[str, Table]
    notes: tuple[str, ...]

    @property
    def lead(self) -> Fit:
        """The fit that answers."""
        return self.fits[0]

    @property
    def wants_risk(self) -> bool:
        """Whether value at risk and expected shortfall are told: asked for, or of losses, returns or prices."""
        return wants_risk(self.lead, self.questions)

    def with_notes(self, notes: Iterable[str]) -> Analysis:
        """The same with more notes after its own."""
        return replace(self, notes=(*self.notes, *notes))

    def said(self) -> tuple[str, ...]:
        """Every note on the data and, without its name, on the fit that answers; what is said of the others alone is
        left out.
        """
        lead = label(self.lead)
        known = map(as_note, self.notes)
        return ordered(note.about() for note in known if not note.fits or lead in note.fits)

    def cautions(self) -> tuple[str, ...]:
        """The notes that put the answer in doubt."""
        return tuple(note for note in self.said() if gravity_of(note) <= Gravity.CAUTION)


def analysed(asked: Fit, questions: Questions, *, with_risk: bool = False, beside: Beside = NOTHING) -> Analysis:
    """The analysis of the sample of a fit that answers; ``with_risk`` adds the risk where nobody asks for it, and
    ``beside`` are fits of another sample of the same series, such as the maxima of its blocks.

    Raises
    ------
    ArgumentError
        The interval asked for does not exist for the fit; for those beside it, it need not.
    """
    chosen(questions.certainty.interval, asked.estimation)
    return _ANALYSED[type(subject_of(asked))](asked, questions, with_risk or wants_risk(asked, questions), beside)


def _of_one_distribution(asked: Fit, questions: Questions, with_risk: bool, beside: Beside) -> Analysis:
    """That of a sample of one distribution."""
    if questions.compared.asked:
        raise ArgumentError(
            Text(
                Setting("now"),
                ", ",
                Setting("then"),
                " and ",
                Setting("event"),
                " compare states of covariates, and this fit has none",
            ),
            Text("fit with covariates as in ", Setting("trend", "year"), "."),
        )
    (fits, failures), sure, subject = with_usual(asked), questions.certainty, subject_of(asked)
    questions = subject.answering(questions)
    tested = {"goodness_of_fit": tables.goodness(asked), "stationarity": tables.stationarity(asked)}
    shown = (*fits, *beside.fits)
    found = {
        "parameters": tables.parameters(shown, sure),
        "comparison": tables.comparison(fits, failures),
        **{name: table for name, table in tested.items() if isinstance(table, Table)},
        **subject.tables(),
    }
    if subject.in_periods(questions):
        found["return_levels"] = tables.return_levels(shown, questions.periods, sure)
        found |= tables.predictive(asked, questions.periods_for(subject.per_year), questions.years)
    if with_risk:
        found["risk"] = tables.risk(fits, questions.tail, sure)
    if questions.levels:
        found |= tables.at_levels(asked, questions.levels, questions.years, sure)
    notes = [note for table in found.values() for note in table.notes]
    notes += (note for note in tested.values() if isinstance(note, Note))
    made = Analysis(questions, shown, failures, found, (*subject.noted(questions), *beside.notes, *notes))
    return made.with_notes(_cautions(made))


def _of_moving(asked: Fit, questions: Questions, with_risk: bool, beside: Beside) -> Analysis:
    """That of a sample whose distribution follows covariates."""
    questions = replace(questions, compared=moving.resolved(asked, questions.compared))
    questions = moving.in_periods(asked, questions)
    fits, failures = moving.fitted_beside(asked)
    tested = dict(moving.tables_of(fits, questions, failures))
    if with_risk:
        _, now = moving.states_of(questions)
        tested["risk"] = tables.risk([asked], questions.tail, questions.certainty, now)
    found = {name: table for name, table in tested.items() if isinstance(table, Table)}
    notes = [note for table in found.values() for note in table.notes]
    notes += (note for note in tested.values() if isinstance(note, Note))
    doubts = subject_of(asked).doubts(None)
    return Analysis(questions, tuple(fits), failures, found, (*moving.own_notes(asked), *notes, *doubts))


_ANALYSED: Mapping[type[Subject], Callable[[Fit, Questions, bool, Beside], Analysis]] = {
    OfBlocks: _of_one_distribution,
    OfMovingBlocks: _of_moving,
    OfPeaks: _of_one_distribution,
    OfLosses: _of_one_distribution,
    OfMovingPeaks: _of_moving,
}


def with_usual(asked: Fit) -> tuple[list[Fit], dict[tuple[str, str], FitError]]:
    """A fit and after it the usual ones of the same data, and why those missing have no estimate."""
    fits, failures = [asked], {}
    reference = asked.evidence.reference
    for estimation in leading.compared(asked.estimation, reference):
        try:
            leading.checked(estimation)
        except FitError as error:
            failures[estimation.family.sizes_of().name, estimation.estimator.name] = error
        else:
            fits.append(asked.reference_fit if estimation is reference else replace(asked, estimation=estimation))
    return fits, failures


def reference_of(lead: Fit) -> Fit | None:
    """The reference fit of the one that answers, the other of GEV and Gumbel, of peaks of GPD and exponential; None
    where there is none, as with covariates.
    """
    return lead.reference_fit if leading.has_reference(lead.family) and not lead.has_covariates else None


def doubts(fits: Sequence[Fit]) -> list[Note]:
    """A note where the data speak against the family that assumes least, whether it answers or is the reference."""
    for one in fits:
        widest = one.family.of_maxima() in (leading.FAMILY, leading.FAMILY_OF_PEAKS) and not one.has_covariates
        if widest and one.method.maximises_likelihood and one.evidence.anderson_darling < REJECTED:
            return [_rejection(one)]
    return []


def _rejection(fit: Fit) -> Note:
    return subject_of(fit).rejection(fit.evidence.anderson_darling)


def without_condition(notes: Iterable[str], lead: Fit) -> list[str]:
    """The notes without what the condition of a Gumbel reference says already: that the data speak against
    it.
    """
    if of_shape_zero(lead):
        return list(notes)
    return [note for note in notes if as_note(note).code != "gumbel_rejected"]


def wants_risk(lead: Fit, questions: Questions) -> bool:
    """Whether value at risk and expected shortfall are told: asked for, or of losses, returns or prices."""
    return questions.tail.asked or is_financial(lead)


# -- what puts the answer itself in doubt, said beside it and not below ------------------------------------------------


def _cautions(made: Analysis) -> Iterator[Note]:
    """What the notes of the fit that answers do not say yet: on the data first, then on the fit."""
    lead = made.lead
    yield from subject_of(lead).doubts(made.tables["stationarity"].frame if "stationarity" in made.tables else None)
    yield from _rejected(made)
    yield from _no_mean(lead)
    yield from _record(made)


def _rejected(made: Analysis) -> Iterator[Note]:
    """Whether the data speak against the family that answers."""
    lead = made.lead
    if of_shape_zero(lead):
        if len(of_distinct_families(made.fits)) == 1 and lead.evidence.gumbel.speaks_against:
            reasons = ", ".join(error.status.label.replace("_", " ") for error in made.failures.values())
            yield Note("no_other_estimate", reasons=reasons) if reasons else Note("no_other_family")
    elif lead.evidence.anderson_darling < REJECTED:
        yield _rejection(lead)


def _no_mean(lead: Fit) -> Iterator[Note]:
    shape = float(lead.distribution.parameters[-1]) if lead.family.of_maxima() in (GEV, GPD) else 0.0
    if shape >= NO_MEAN:
        yield Note("no_mean", shape=shape)
    elif shape >= _NO_VARIANCE:
        yield Note("no_variance", shape=shape)


def _record(made: Analysis) -> Iterator[Note]:
    """Whether the answer hangs on the most extreme observation alone."""
    lead, subject = made.lead, subject_of(made.lead)
    asked, value = subject.headline(made.tables, made.questions)
    quantity = subject.asked_first(made.questions)
    without = influence.without_largest(lead.estimation, quantity, lead.evidence.without_largest)
    if without is None:
        return
    after = without.values["after"]
    if after < value.lower or after > value.upper:  # neither, where there are no limits
        yield subject.hanging({**without.values, **asked})
