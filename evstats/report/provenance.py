"""How a report came about: date, versions, seeds, and the fingerprint of what was read."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pkgutil import resolve_name

from evstats.fitting import Fit
from evstats.remarks import independence
from evstats.report.document import Making
from evstats.report.parts import Table

_LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels", "matplotlib")


def making_of(lead: Fit, tables: Mapping[str, Table], command: str | None) -> Making:
    """Of a report on this fit with these tables."""
    return Making(_today(), _versions(), tuple(_seeds(tables)), command, _fingerprint(lead))


def _fingerprint(lead: Fit) -> str | None:
    """Of the bytes that were read."""
    return None if lead.extremes is None or lead.extremes.audit is None else lead.extremes.audit.sha256


def _today() -> str:
    """The date, or that of SOURCE_DATE_EPOCH, by which builds are reproduced."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    return moment.date().isoformat()


def _versions() -> dict[str, str]:
    return {
        "evstats": resolve_name("evstats:__version__"),
        "Python": platform.python_version(),
        **{library: version(library) for library in _LIBRARIES},
    }


def _seeds(tables: Mapping[str, Table]) -> Iterator[str]:
    """The simulations behind the answers, each with the seed that gives it again."""
    if "goodness_of_fit" in tables:
        attrs = tables["goodness_of_fit"].frame.attrs
        yield f"goodness of fit: {attrs['replicates']:,} simulated samples, seed {attrs['seed']}"
    if "stationarity" in tables:
        yield f"stationarity: {independence.PERMUTATIONS:,} random orders, seed {independence.SEED}"
    kinds = {str(kind) for table in tables.values() if "interval" in table.frame for kind in table.frame["interval"]}
    yield from (f"interval {kind}" for kind in sorted(kinds) if "seed" in kind)
