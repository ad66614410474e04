"""What was simulated: the tables shipped with the package, and one bounded store of what is simulated in between."""

from evstats.simulated.keeping import MOST_BYTES, Store, kept
from evstats.simulated.tables import shipped_table

__all__ = ["MOST_BYTES", "Store", "kept", "shipped_table"]
