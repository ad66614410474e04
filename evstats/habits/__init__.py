"""What strangers type by habit, and what it is here: arguments and attributes of other libraries.

The names are tables (``arguments``, ``attributes``), loaded when a call has failed: one that is made pays for the
handler around it alone.
"""

from __future__ import annotations

import inspect
from abc import ABCMeta
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

Thing = TypeVar("Thing")
Class = TypeVar("Class", bound=type)


def knowing_their_names(thing: Thing) -> Thing:
    """The function, or the class in its making, which answers an argument that is not there with what to pass.

    A call that is made pays for the handler around it alone.

    Parameters
    ----------
    thing
        A function or a class.

    Returns
    -------
    callable
        Of the same signature and docstring; the class itself.

    Examples
    --------
    >>> @knowing_their_names
    ... def draw(logits, *, temperature=1.0):
    ...     return logits
    >>> draw(1, tau=0.5)
    Traceback (most recent call last):
    evstats.habits.calls.CallError: tau= is called temperature= here; pass temperature=0.5.
    >>> draw(1, temprature=0.5)
    Traceback (most recent call last):
    evstats.habits.calls.CallError: draw has no argument temprature=; did you mean temperature=?
    """
    if not isinstance(thing, type):
        return cast("Thing", _answering(cast("Callable[..., Any]", thing)))
    setattr(thing, "__init__", _answering(vars(thing)["__init__"]))  # noqa: B010
    return thing


def methods_knowing_their_names(cls: Thing) -> Thing:
    """The class, whose public methods do so.

    Parameters
    ----------
    cls
        A class.

    Returns
    -------
    type
        The class itself.
    """
    for name, member in list(vars(cls).items()):
        if inspect.isfunction(member) and not name.startswith("_"):
            setattr(cls, name, _answering(member))
    return cls


def _answering(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def named(*args: Any, **given: Any) -> Any:
        try:
            return function(*args, **given)
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:  # raised within the function
                raise
            from evstats.habits.calls import refusal

            refused = refusal(function, args, given)
        raise refused

    return named


def knows_their_attributes(kind: str) -> Callable[[Class], Class]:
    """A class whose results say where an attribute by habit is; of a kind in the table.

    Parameters
    ----------
    kind
        A name in the table.

    Returns
    -------
    callable
        A decorator, which gives the class itself.

    Examples
    --------
    >>> import evstats as ev
    >>> hasattr(ev.fit([31.0, 45.2, 28.9, 39.4, 52.1, 33.3], "gumbel"), "plot")
    False
    """

    def attribute(self: Any, name: str) -> Any:
        if not name.startswith("_") and hasattr(type(self), name):  # a property that raised: its own error
            return object.__getattribute__(self, name)
        raise not_there(kind, type(self).__name__, name, type(self))

    def decorated(cls: Class) -> Class:
        setattr(cls, "__getattr__", attribute)  # noqa: B010
        return cls

    return decorated


class Named(ABCMeta):
    """The classes of distributions, which say where an attribute by habit is, as in ``GEV.fit(data)``."""

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Any:
            """What is asked for and not there."""
            raise not_there("distribution", cls.__name__, name, cls)


def not_there(kind: str, what: str, name: str, of: type | object, otherwise: str = "") -> AttributeError:
    """The error for an attribute of a kind of result: where it is, or the nearest; of private names nothing more.

    Parameters
    ----------
    kind
        What was asked, a name in the table.
    what
        How it is called.
    name
        The attribute.
    of
        What has the attributes that there are.
    otherwise
        What is said where nothing is known of the name.

    Returns
    -------
    AttributeError
        To be raised.

    Examples
    --------
    >>> str(not_there("fit", "Fit", "plot", object))
    'Fit has no plot: figures are ev.plots.return_level(fit).'
    """
    if name.startswith("_"):  # what copies and libraries ask for
        return AttributeError(name)
    from evstats.habits.attributes import WHERE, NotThereError

    return NotThereError(what, name, of, WHERE[kind].get(name, ""), otherwise)


__all__ = ["Named", "knowing_their_names", "knows_their_attributes", "methods_knowing_their_names", "not_there"]
