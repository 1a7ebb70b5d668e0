"""A number that a float can hold, or none."""

import math
from typing import Any

import pytest

from ruview_engine.finite import finite


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3.0), (-0.5, -0.5), (True, 1.0), (10**300, 1e300), (10**400, None), (-(10**400), None), (math.inf, None),
     (math.nan, None), ("3", None), (None, None), ([3], None)],
)  # fmt: skip
def test_finite(value: Any, number: float | None) -> None:
    assert finite(value) == number
    assert not isinstance(finite(value), bool)
