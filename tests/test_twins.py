"""Every compiled function has a slow, obvious twin, and a property test that they agree.

The pair is found by its name: the twin of `windhover.tracks.gate.expected` is the function `expected`
in a `tests/tracks/naive*.py`, and some `@given` test in a `tests/tracks/test_*.py` calls both, itself or
through a helper in the tests. A leading underscore is not part of the name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from hypothesis import is_hypothesis_test
from numba.core.dispatcher import Dispatcher

import windhover

TESTS = Path(__file__).parent


def compiled() -> dict[str, Dispatcher]:
    """Every compiled function of the package by its full name."""
    found = {}
    for module in pkgutil.walk_packages(windhover.__path__, "windhover."):
        if module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Dispatcher):
                function = value.py_func
                found[f"{function.__module__}.{function.__name__}"] = value
    return found


KERNELS = compiled()


def names(code: CodeType) -> Iterator[str]:
    """Names that a function's code uses, those of the functions inside it too."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from names(inner)


def used(test: FunctionType) -> set[Any]:
    """Functions that a test calls; helpers and classes of the tests are followed, twins are not."""
    found: set[Any] = set()
    left = [test]
    while left:
        function = left.pop()
        asked = set(names(function.__code__))
        called = []
        for name in asked:
            value = function.__globals__.get(name)
            home = getattr(value, "__module__", None) or ""
            if isinstance(value, ModuleType) and value.__name__.startswith(
                ("tests.", "windhover.")
            ):
                called += [vars(value)[key] for key in asked & set(vars(value))]
            elif isinstance(value, type) and home.startswith("tests."):
                called += vars(value).values()
            else:
                called.append(value)
        for value in called:
            if not isinstance(value, Dispatcher | FunctionType) or value in found:
                continue
            found.add(value)
            home = value.__module__ if isinstance(value, FunctionType) else ""
            if home.startswith("tests.") and "naive" not in home.rsplit(".", 1)[-1]:
                left.append(value)
    return found


@cache
def folder(name: str) -> tuple[dict[str, list[FunctionType]], list[set[Any]]]:
    """Of one folder of tests: its twins by name, and what each property test calls."""
    twins: dict[str, list[FunctionType]] = {}
    tests = []
    for path in sorted((TESTS / name).glob("*.py")):
        if not path.stem.startswith(("naive", "test_")):
            continue
        module = importlib.import_module(f"tests.{name}.{path.stem}")
        for key, value in vars(module).items():
            if not isinstance(value, FunctionType):
                continue
            if path.stem.startswith("naive"):
                twins.setdefault(key, []).append(value)
            elif is_hypothesis_test(value):
                tests.append(used(value.hypothesis.inner_test))
    return twins, tests


@pytest.mark.parametrize("name", sorted(KERNELS))
def test_a_kernel_has_a_twin_that_a_property_test_compares_it_with(name: str) -> None:
    place = name.split(".")[1]
    twins, tests = folder(place)
    own = twins.get(name.rsplit(".", 1)[-1].lstrip("_"), [])
    assert own, f"{name} has no twin in tests/{place}/naive*.py"
    compared = any(KERNELS[name] in calls and calls & set(own) for calls in tests)
    assert compared, f"no property test in tests/{place} calls {name} and its twin"


def test_kernels_are_found_at_all() -> None:
    places = {name.split(".")[1] for name in KERNELS}
    assert {"tracks", "identities", "score"} <= places and len(KERNELS) > 50
