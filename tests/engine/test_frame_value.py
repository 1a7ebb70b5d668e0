"""What a value per frame keeps of an ordinary dataclass, and what it costs in memory."""

import numpy as np
import pytest

from ruview_engine.frame_value import frame_value


@frame_value()
class Step:
    at_s: float
    height: float = 1.0


@frame_value(eq=False)
class Shape:
    profile: np.ndarray


def test_compares_by_value_and_shows_itself() -> None:
    assert Step(at_s=1.0) == Step(1.0, 1.0)
    assert Step(1.0) != Step(2.0)
    assert "at_s=1.0" in repr(Step(1.0))


def test_values_with_arrays_compare_by_identity() -> None:
    shape = Shape(np.zeros(3))
    assert shape == shape
    assert shape != Shape(np.zeros(3))


def test_has_no_room_for_anything_else() -> None:
    with pytest.raises(AttributeError):
        Step(1.0).color = "red"
    assert not hasattr(Step(1.0), "__dict__")
