"""The command line: parse, call the public function, print the table."""

from evstats.cli.commands import app


def main() -> None:
    """The entry point of ``evstats``."""
    app()


__all__ = ["app", "main"]
