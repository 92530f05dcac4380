"""Nothing stale is run: whatever a kernel is compiled from is in its digest, and so in the cache's key."""

from __future__ import annotations

from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from numba.core.dispatcher import Dispatcher

from tests.test_twins import KERNELS
from windhover.tracks.kernel import digest, named


def written(source: str, **world: Any) -> FunctionType:
    """The function `f` of this source, with these globals."""
    exec(source, world)
    return world["f"]


def module(**inside: Any) -> ModuleType:
    made = ModuleType("numbers_of_a_test")
    vars(made).update(inside)
    return made


ONE, OTHER = (KERNELS[f"windhover.tracks.{name}"] for name in ("learn.life", "learn.field_area"))


@pytest.mark.parametrize(
    ("source", "world", "other"),
    [
        ("def f(x): return x + A", {"A": 1}, {"A": 2}),
        ("def f(x): return x + m.A", {"m": module(A=1, B=5)}, {"m": module(A=2, B=5)}),
        ("def f(x): return m.k(x)", {"m": module(k=ONE)}, {"m": module(k=OTHER)}),
    ],
)
def test_a_number_that_has_changed_is_another_digest(
    source: str, world: dict[str, Any], other: dict[str, Any]
) -> None:
    before = digest(written(source, **world))
    assert before == digest(written(source, **world)) != digest(written(source, **other))


def test_what_a_kernel_does_not_read_is_not_in_its_digest() -> None:
    source = "def f(x): return x + m.A"
    assert digest(written(source, m=module(A=1, B=5))) == digest(
        written(source, m=module(A=1, B=6))
    )


@pytest.mark.parametrize("name", sorted(KERNELS))
def test_a_kernel_reads_nothing_that_the_digest_does_not_follow(name: str) -> None:
    """Numbers, kernels, and what `math` and `numpy` bring: no arrays, strings or closures."""
    function = KERNELS[name].py_func
    assert not function.__code__.co_freevars
    assert not any(isinstance(c, CodeType) for c in function.__code__.co_consts)
    for called, value in named(function).items():
        foreign = called.startswith(("math.", "np."))
        assert foreign or isinstance(value, bool | int | float | Dispatcher), called
