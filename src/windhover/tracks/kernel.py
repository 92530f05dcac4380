"""How kernels are compiled: once per install, cached, with the arithmetic of NumPy.

Kernels work in the arrays that they are given and own no memory. So Numba's reference counting is off
(`_nrt`), which had cost a third of the time: atomic operations on every array of every call. The few that
allocate say so. Small kernels that run once per pair are put into their callers (`inline`).

Division by zero gives infinity instead of raising (a check per division costs a fifth of the time),
and a·b+c may be fused. NaN and infinity keep their meaning, and the same input gives the same
output on the same machine. While one runs, the interpreter's lock is let go: a picture belongs to one
thread, and others (the server's requests) go on meanwhile.

Numba's cache looks at the file of the function alone. A kernel contains the kernels that it calls and
the numbers that it names, wherever they stand, so their digest is part of its key here: after an
edit nothing stale is run.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from types import CodeType, ModuleType
from typing import Any, Final

from numba import njit
from numba.core.caching import FunctionCache

FASTMATH: Final = ("contract", "nsz")
OPTIONS: Final = {"error_model": "numpy", "fastmath": set(FASTMATH), "nogil": True}


def named(function: Any) -> dict[str, Any]:
    """What a function's code names outside itself, also through a module (`layout.EX`)."""
    names = function.__code__.co_names
    found: dict[str, Any] = {}
    for name in names:
        value = function.__globals__.get(name)
        if isinstance(value, ModuleType):
            inside = vars(value)
            found |= {f"{name}.{key}": inside[key] for key in names if key in inside}
        elif value is not None:
            found[name] = value
    return found


def digest(function: Any) -> str:
    """Of the function's code, the numbers it names and the kernels it calls."""
    code = function.__code__
    whole = blake2b(code.co_code, digest_size=12)
    whole.update(repr([c for c in code.co_consts if not isinstance(c, CodeType)]).encode())
    for name, value in sorted(named(function).items()):
        if isinstance(value, bool | int | float):
            whole.update(f"{name}={value!r}".encode())
        elif hasattr(value, "py_func"):
            inside = value.targetoptions.get("forceinline", False)
            whole.update(f"{name}:{digest(value.py_func)}{inside}".encode())
    return whole.hexdigest()


class _Cache(FunctionCache):  # type: ignore[misc]
    """Numba's own, with the digest and the options in its key."""

    options = ""

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return (*super()._index_key(sig, codegen), digest(self._py_func), self.options)


def kernel(signature: str, inline: bool = False, allocates: bool = False) -> Callable[[Any], Any]:
    """Compile for this one signature now, or take it from the cache; `inline`: into every caller."""

    def compiled(function: Any) -> Any:
        options = {**OPTIONS, "forceinline": inline, "_nrt": allocates}
        dispatcher = njit(**options)(function)
        dispatcher._cache = _Cache(function)
        dispatcher._cache.options = repr((FASTMATH, "nogil", inline, allocates))
        dispatcher.compile(signature)
        dispatcher.disable_compile()
        return dispatcher

    return compiled
