"""What stands between the commands and the terminal: exit codes, errors in one paragraph, progress, clean ends."""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from evstats import progress
from evstats.errors import ArgumentError, DataError, EvstatsWarning, FitError, nearest
from evstats.habits.arguments import called_by_others
from evstats.text.arguments import OPTIONS, in_options
from evstats.text.paragraphs import printable, wrapped

#: Columns of everything printed, on a wider terminal too: what is piped looks the same.
WIDTH = 80

_NAME = "evstats: "
#: Commands that are named where an option is not of the one typed.
_FEW_COMMANDS = 3
#: Seconds before it is said what is being done: quick commands do not flash.
_PATIENCE = 1.0

BAD_DATA, USAGE, NO_FIT, BUG, INTERRUPTED = 1, 2, 3, 70, 130
_EXIT_CODES = {DataError: BAD_DATA, ArgumentError: USAGE, FitError: NO_FIT}

# Typer's usage errors come from click, of which newer versions carry a copy of their own: this name both have.
_UsageError: type[Any] = typer.BadParameter.__mro__[1]


class Commands(TyperGroup):
    """The commands behind one door: every way to end has its exit code, and no traceback reaches the user."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options; of the two on completion the help shows the one that installs it, on one line."""
        params = super().get_params(ctx)
        for param in params:
            if param.name == "install_completion":
                param.help = "Install Tab completion for this shell."  # type: ignore[attr-defined]
            if param.name == "show_completion":
                param.hidden = True  # type: ignore[attr-defined]
        return params

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names; another one is suggested only where it is close."""
        if not ctx.resilient_parsing and not args[0].startswith("-") and args[0] not in self.commands:
            asked = _COMMANDS.get(args[0].lower().replace("_", "-"), args[0])
            ctx.fail(f"No such command {args[0]!r}.{nearest(asked, self.commands)}")
        name, command, words = super().resolve_command(ctx, args)
        if name is not None and not ctx.resilient_parsing:
            _refuse_repeated(ctx, name, command, words)
        return name, command, words

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = "evstats",
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and leave with its exit code."""

        def run() -> Any:
            given = _in_two_words(sys.argv[1:] if args is None else args)
            return TyperGroup.main(self, given, prog_name, complete_var, False, windows_expand_args, obj=given, **extra)

        if not standalone_mode:
            return run()
        _prepare_streams()
        with suppress(ValueError):  # signals belong to the main thread
            signal.signal(signal.SIGTERM, _terminate)
        sys.exit(_exit_code(run))


def _exit_code(run: Callable[[], Any]) -> int:
    """Run a command; every way to end has its exit code and at most one paragraph on standard error."""
    try:
        code = run()
    except (DataError, ArgumentError, FitError) as error:
        complain(error.text.said(in_options))
        return next(code for kind, code in _EXIT_CODES.items() if isinstance(error, kind))
    except _UsageError as error:
        return _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except MemoryError:
        complain("the memory does not suffice for these data; give a shorter record or use a machine with more.")
        return BAD_DATA
    except Exception as error:
        complain(_bug(error))
        return BUG
    if code == INTERRUPTED:
        complain("interrupted.")
    return code if isinstance(code, int) else 0


def show(text: str, style: str | None = None) -> None:
    """Print a line or more on standard output, styled on a terminal; a reader who has seen enough is no error."""
    if sys.stdout is None:  # closed by whoever started us
        return
    styled = io.StringIO()  # not straight to standard output, where Rich would end the program on a closed pipe
    in_style = sys.stdout.isatty() and not Console().legacy_windows  # whose terminal would show the codes of colours
    console = Console(file=styled, force_terminal=in_style or None, highlight=False, legacy_windows=False)
    console.print(Text(text, style=style or ""), soft_wrap=True)
    try:
        sys.stdout.write(styled.getvalue())
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not (isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)):
            raise ArgumentError(f"standard output cannot be written: {error.strerror or error}.") from error


def complain(message: str) -> None:
    """One paragraph on standard error: wrapped between words on a terminal, else one line that can be searched for."""
    if sys.stderr is None:  # closed by whoever started us
        return
    console = Console(stderr=True, highlight=False)
    text = f"{_NAME}{printable(message)}"
    if sys.stderr.isatty():
        text = "\n".join(wrapped(text, min(WIDTH, console.width), whole=True))
    line = Text(text)
    line.stylize("bold red", 0, len(_NAME))
    with suppress(OSError):
        console.print(line, soft_wrap=True)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say on a terminal what is being done where it takes over a second: on standard error, gone when it is done."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    status = Console(stderr=True, highlight=False).status(Text(f"{printable(what)} ..."), spinner="line")
    start = threading.Timer(_PATIENCE, status.start)
    start.daemon = True
    start.start()
    try:
        with progress.silenced():
            yield
    finally:
        start.cancel()
        start.join()
        status.stop()


@contextmanager
def collected_warnings(notes: list[str]) -> Iterator[None]:
    """The notes of evstats' warnings, instead of Python's own lines on standard error."""

    def note(message: Warning | str, category: type[Warning], *place: object, **line: object) -> None:
        if isinstance(message, EvstatsWarning):
            notes.append(message.note)

    with warnings.catch_warnings():
        warnings.simplefilter("always", EvstatsWarning)
        warnings.showwarning = note
        yield


def note_width() -> int:
    """Columns for running text: those of a narrow terminal, else ``WIDTH``."""
    return min(WIDTH, max(20, shutil.get_terminal_size((WIDTH, 24)).columns))


def _prepare_streams() -> None:
    """A terminal that cannot show a letter gets its escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _misused(error: Any) -> int:
    """A usage error in one line with where to find help; a bare ``evstats`` has printed its help already."""
    message = str(error.format_message()).strip().rstrip(".")
    if getattr(error, "option_name", "") in _OF_TWO_WORDS:
        message = f"{error.option_name} takes two words, {_OF_TWO_WORDS[error.option_name]}"
    if hasattr(error, "possibilities"):  # an option that does not exist; Click's own suggestions are far-fetched
        own = [name for option in error.ctx.command.get_params(error.ctx) for name in option.opts]
        message = f"{error.message}.{_meant(error, own)}".rstrip(".")
    if message:
        command = "evstats" if error.ctx is None else error.ctx.command_path
        complain(f"{message}{'' if message.endswith('?') else '.'} See {command} --help.")
    return USAGE


#: What commands may be called.
_COMMANDS = {
    **dict.fromkeys(("return-level", "return-levels", "return-period", "rl", "quantiles"), "levels"),
    **dict.fromkeys(("gev", "gumbel", "summary", "parameters", "estimate"), "fit"),
    **dict.fromkeys(("pot", "decluster"), "peaks"),
    **dict.fromkeys(("var", "es"), "risk"),
    **dict.fromkeys(("bulletin17c", "bulletin", "17c", "flood-frequency"), "b17c"),
    **dict.fromkeys(("info", "describe", "read"), "audit"),
}
#: What is typed as an option of its own, and is the value of another.
_MEANT = {
    **dict.fromkeys(("minima", "min", "minimum", "low"), "--kind min"),
    **dict.fromkeys(("bootstrap", "boot"), "--interval bootstrap"),
    **dict.fromkeys(("water_year", "hydrological_year"), "--block water-year"),
    "annual": "--block year",
    "monthly": "--block month",
    "lmoments": "--method lmoments",
    "mle": "--method mle",
    **dict.fromkeys(("bayes", "bayesian"), "--method bayes"),
    "gev": "--family gev",
    "gumbel": "--family gumbel",
    "gpd": "--family gpd",
    "model": "--family",
    "pot": "--threshold auto",
}
#: The options that take two words, and an example.
_OF_TWO_WORDS = {"--over": "such as --over 7D mean or --over 3D sum"}


def _in_two_words(args: Sequence[str]) -> list[str]:
    """The words of a command, of which one that is quoted with a space in it may be the two that an option takes."""
    words: list[str] = []
    for word in args:
        option, equals, value = word.partition("=")
        if equals and option in _OF_TWO_WORDS and len(value.split()) == 2:
            words += [option, *value.split()]
        elif words and words[-1] in _OF_TWO_WORDS and len(word.split()) == 2:
            words += word.split()
        else:
            words.append(word)
    return words


#: What is to be done instead of giving an option several times, where that is not to write its values with commas.
_INSTEAD = {
    "--value": "analyse one column after the other, a command for each; the r largest of each block are fitted in "
    "Python, with ev.largest, and the records of several sites together by evstats region",
    "--threshold": "compare thresholds by evstats thresholds",
    "--family": "evstats analyze has families side by side",
    "--trend": "write covariates in one formula: gmst + nino34",
    **dict.fromkeys(("--at", "--now", "--then"), "write covariates in one word, with commas: gmst=1.3,nino34=0"),
}


def _refuse_repeated(ctx: Any, name: str, command: Any, words: Sequence[str]) -> None:
    """An error for an option that holds one value and is given several, of which the last would count in silence.

    Flags mean the same however often they are given.
    """
    own = command.make_context(name, [], parent=ctx, resilient_parsing=True)
    given = command.make_parser(own).parse_args(list(words))[2]
    if any(option.name == "help" for option in given):
        return
    for option in dict.fromkeys(given):
        if given.count(option) == 1 or option.multiple or getattr(option, "is_flag", True):
            continue
        called = next(word for word in option.opts if word.startswith("--"))
        commas = "write its values in one word, with commas" if "," in (option.metavar or "") else ""
        instead = _INSTEAD.get(called, commas or "give it once")
        own.resilient_parsing = False
        own.fail(
            f"{called} is given {_TIMES.get(given.count(option), 'several times')}, and holds one value: {instead}."
        )


_TIMES = {2: "twice", 3: "three times"}

#: Options that questions alike have, and what those of others are called.
_LIKE = {"--at": ("--then", "--now"), "--now": ("--at",), "--then": ("--at",)}


def _meant(error: Any, own: Sequence[str]) -> str:
    """``" Did you mean '--then' or '--now'?"``: the options of a command that one it lacks may stand for.

    Or the other commands that have it.
    """
    if (like := _LIKE.get(error.option_name)) and set(like) <= set(own):
        return f" Did you mean {' or '.join(map(repr, like))}?"
    return _elsewhere(error) or _called(error.option_name, own) or nearest(error.option_name, own)


def _called(option: str, own: Sequence[str]) -> str:
    """What an option by habit is called here."""
    name = option.lstrip("-").replace("-", "_")
    if (meant := _MEANT.get(name, "")).partition(" ")[0] in own:
        return f" Did you mean {meant!r}?"
    found = {
        OPTIONS[here]: theirs.why
        for theirs in called_by_others(name)
        for here in theirs.here
        if OPTIONS.get(here) in own
    }
    said = [f"{here} ({why})" if why else here for here, why in found.items()]
    return f" It is called {' or '.join(said)} here." if found else ""


def _elsewhere(error: Any) -> str:
    """The few commands that have the option, where this one does not."""
    commands = getattr(error.ctx.find_root().command, "commands", {})
    having = [
        name
        for name, command in commands.items()
        if any(error.option_name in option.opts for option in command.get_params(error.ctx))
    ]
    return f" It is of evstats {' and '.join(having)}." if 0 < len(having) <= _FEW_COMMANDS else ""


def _bug(error: Exception) -> str:
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(place.filename)}:{place.lineno}"
    return (
        f"this is a bug in evstats, not in your data: {type(error).__name__} at {where}: {error}. Please report it "
        "with the command and, if you can, the first lines of the file."
    )


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    """Leave in good order when asked to end, so that temporary files go too."""
    raise SystemExit(128 + number)
