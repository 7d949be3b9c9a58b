"""Functions have NumPy's signatures, and native forms take arguments by place in NumPy's order."""

import inspect

import numpy as real
import pytest

import tenfold.numpy as np

SPACES = ("", "linalg", "fft")
BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
MORE = {"arange": ["dtype"]}  # taken by place, though NumPy's signature does not say so


def functions():
    """(path, ours, theirs) of every public function."""
    for space in SPACES:
        theirs, ours = (getattr(module, space) if space else module for module in (real, np))
        for name, function in vars(theirs).items():
            if name.startswith("_") or name == "test" or isinstance(function, type) or not callable(function):
                continue
            if hasattr(ours, name):
                yield f"{space}.{name}".strip("."), getattr(ours, name), function


FUNCTIONS = {path: (ours, theirs) for path, ours, theirs in functions()}


def signature(function):
    """None where a function has none."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def by_place(function):
    """Names of the parameters by place; None for a function that takes any."""
    parameters = signature(function).parameters.values()
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters):
        return None
    return [p.name for p in parameters if p.kind in BY_PLACE]


def test_most_functions_are_here():
    assert len(FUNCTIONS) > 400


@pytest.mark.parametrize("path", FUNCTIONS)
def test_signatures_are_those_of_numpy(path):
    ours, theirs = FUNCTIONS[path]
    wanted = signature(theirs)
    if wanted is not None:
        assert inspect.signature(ours) == wanted


@pytest.mark.parametrize("path", [p for p, (ours, _) in FUNCTIONS.items() if hasattr(ours, "__wrapped__")])
def test_forms_take_arguments_by_place_in_the_order_of_numpy(path):
    ours, theirs = FUNCTIONS[path]
    if signature(theirs) is None or by_place(theirs) is None or by_place(ours.__wrapped__) is None:
        return
    form, wanted = by_place(ours.__wrapped__), by_place(theirs)
    assert form == (wanted + MORE.get(path, []))[: len(form)]
