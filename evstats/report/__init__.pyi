"""What ``evstats.report`` offers, by name: each is imported when it is first used."""

from .document import Document as Document
from .document import Making as Making
from .document import Section as Section
from .making import Report as Report
from .making import make_report as make_report
from .questions import Certainty as Certainty
from .questions import Questions as Questions
from .questions import Tail as Tail
