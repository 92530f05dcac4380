"""How kernels are compiled: once per install, cached, with the arithmetic of NumPy.

Division by zero gives infinity instead of raising (a check per division costs a fifth of the time),
and a·b+c may be fused. NaN and infinity keep their meaning, and the same input gives the same
output on the same machine.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from numba import njit

kernel: Final[Any] = partial(njit, cache=True, error_model="numpy", fastmath={"contract", "nsz"})
