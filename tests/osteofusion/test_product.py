"""Products in parts are the products."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion.product import ONE_THREAD, product


@pytest.mark.parametrize(
    ("rows", "inner", "columns"),
    [(512, 60, 60), (1, 1, 1), (0, 5, 4), (7, 0, 3), (3, 700, 700), (100, 512, 101)],
)
def test_the_parts_make_the_whole(rows: int, inner: int, columns: int) -> None:
    rng = np.random.default_rng(1)
    left, right = rng.standard_normal((rows, inner)), rng.standard_normal((inner, columns))
    np.testing.assert_allclose(product(left, right), left @ right, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(product(left[:, ::-1], right[::-1]), left @ right, rtol=1e-12, atol=1e-9)


def test_no_part_is_divided_among_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, sizes = np.matmul, []

    def watched(left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        sizes.append(left.shape[0] * right.size)
        whole(left, right, out=out)

    monkeypatch.setattr(np, "matmul", watched)
    product(np.ones((512, 60)), np.ones((60, 60)))
    assert sum(sizes) == 512 * 60 * 60
    assert max(sizes) <= ONE_THREAD
