"""The report as one HTML page: style and figures are inside, nothing is fetched, nothing runs."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from evstats.report.document import Document
from evstats.report.parts import Column, Table
from evstats.report.pictures import pictures
from evstats.report.rounding import p_value
from evstats.text.paragraphs import printable

MOST_ROWS = 400
"""Rows of a table that are shown; the JSON form has all."""

_HEADINGS = {
    "aep": "AEP", "std_error": "std. error", "p_value": "p-value", "ad_p_value": "Anderson-Darling p",
    "loglik": "log-likelihood", "aicc": "AICc", "bic": "BIC", "aic": "AIC",
}  # fmt: skip

_MEASURES = {"var": "VaR", "es": "ES"}


def html(report: Document) -> str:
    """The page. Whatever comes from the data is escaped; the figures are the only markup that is taken as it is."""
    environment = Environment(
        loader=PackageLoader("evstats.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawn = {name: (Markup(picture.svg), picture.caption) for name, picture in pictures(report).items()}
    page = environment.get_template("page.html.jinja")
    return page.render(
        report=report,
        pictures=drawn,
        heading=lambda column, part: _unbroken(heading(report, column.name, part)),
        shown=shown,
        most=MOST_ROWS,
    )


def _unbroken(text: str) -> Markup:
    """Text in which no line begins with a sign of per cent."""
    return escape(text).replace(" %", Markup("&nbsp;%"))


def _finalized(value: Any) -> Any:
    """Text without what would steer a reader's screen: control characters and marks of direction appear as escapes."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def shown(column: Column, cell: str) -> str:
    """A cell as the page shows it: risk measures by their usual names, a dash for what does not exist."""
    if column.name == "measure":
        return _MEASURES.get(cell, cell)
    if column.numeric and cell == "nan":
        return "–"
    return p_value(float(cell)) if column.name.endswith("p_value") else cell


def heading(report: Document, name: str, part: Table) -> str:
    """What a column is called on the page."""
    confidence = f"{100 * report.questions.certainty.confidence:g} %"
    special = {
        "return_period": f"T, {report.fits[0].time_unit}",
        "level": "probability" if "measure" in part.frame else "level",
        "lower": f"lower {confidence}",
        "upper": f"upper {confidence}",
    }
    return special.get(name) or _HEADINGS.get(name) or name.replace("_", " ")
