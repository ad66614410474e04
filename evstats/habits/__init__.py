"""What strangers type by habit, and what it is here: arguments and attributes of other libraries."""

from evstats.habits.attributes import Named, knows_their_attributes, not_there
from evstats.habits.calls import CallError, knowing_their_names, methods_knowing_their_names

__all__ = [
    "CallError",
    "Named",
    "knowing_their_names",
    "knows_their_attributes",
    "methods_knowing_their_names",
    "not_there",
]
