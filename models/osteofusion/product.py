"""Products of small matrices, in parts so small that OpenBLAS keeps to one thread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ONE_THREAD = 2**18  # multiplications; OpenBLAS divides more among threads, and to wake one takes up to 8 ms

Table = NDArray[np.float64]


def product(left: Table, right: Table) -> Table:
    """`left @ right` for tables (n, k) and (k, m)."""
    rows = max(1, ONE_THREAD // max(1, right.size))
    result = np.empty((len(left), right.shape[1]))
    for start in range(0, len(left), rows):
        np.matmul(left[start : start + rows], right, out=result[start : start + rows])
    return result
