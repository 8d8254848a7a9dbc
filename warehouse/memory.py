"""Giving memory that is free within the process back to the system.

Belongs here: that one call. Long runs that first prepare something large and then use it call it in between: what NumPy has
let go stays with the process otherwise, because the C library gives back the end of its heap only.
"""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Does nothing where the C library is not glibc."""
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
