"""What ``evstats.report`` offers, by name: each is imported when it is first used."""

from .making import Report as Report
from .making import make_report as make_report
