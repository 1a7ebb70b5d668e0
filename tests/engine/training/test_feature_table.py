"""Rows in time order, of one shape, or none."""

import numpy as np
import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.training.feature_table import FeatureTable, thinned


def parts(n: int = 4) -> dict[str, np.ndarray]:
    at = np.arange(n, dtype=float)
    return {"at_s": at, "node": np.ones(n, dtype=np.int64), "features": np.zeros((n, 8)), "motion": at * 0}


def test_without_links_every_node_is_one() -> None:
    table = FeatureTable(**(parts() | {"node": np.array([1, 2, 1, 2])}))
    assert table.link.tolist() == [1, 2, 1, 2]
    assert table.link is not table.node


def test_chosen_rows_keep_everything_together() -> None:
    table = FeatureTable(**parts(), link=np.array([5, 6, 7, 8]))
    for chosen in (np.array([False, True, False, True]), np.array([1, 3])):
        part = table.take(chosen)
        assert (len(part), part.at_s.tolist(), part.link.tolist()) == (2, [1.0, 3.0], [6, 8])


@pytest.mark.parametrize(
    "change",
    [
        {"features": np.zeros((4, 7))},
        {"motion": np.zeros(3)},
        {"node": np.ones(5, dtype=np.int64)},
        {"at_s": np.array([0.0, 2.0, 1.0, 3.0])},
        {"features": np.full((4, 8), np.nan)},
    ],
    ids=["width", "motion", "node", "order", "finite"],
)
def test_what_does_not_fit_is_refused(change: dict[str, np.ndarray]) -> None:
    with pytest.raises(ShapeError):
        FeatureTable(**(parts() | change))


def test_no_rows_are_a_table_too() -> None:
    assert len(FeatureTable(**parts(0))) == 0


@pytest.mark.parametrize(("n", "most", "kept"), [(0, 5, 0), (5, 5, 5), (6, 5, 3), (1000, 7, 7), (3, 100, 3)])
def test_thinning_is_even_and_never_too_much(n: int, most: int, kept: int) -> None:
    found = np.arange(n)[thinned(n, most)]
    assert len(found) == kept <= most
    assert len(set(np.diff(found))) <= 1
