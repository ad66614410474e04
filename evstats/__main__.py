"""``python -m evstats`` is ``evstats``."""

from evstats.cli import main

if __name__ == "__main__":
    main()
