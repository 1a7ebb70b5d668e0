"""What nodes say per second: shapes, ranks free of scale, means over who spoke."""

import numpy as np
import pytest

from ruview_engine.errors import ShapeError
from ruview_engine.training.camera_free.observation import Observation, is_known, mean_over_nodes, rank

COLUMNS = ("presence", "motion", "rssi_dbm", "n_persons", "periodicity", "upper", "lower")


def test_every_column_has_a_row_per_second_and_a_column_per_node() -> None:
    whole = {name: np.zeros((3, 2)) for name in COLUMNS}
    assert len(Observation(grid=np.arange(3.0), nodes=(1, 2), **whole)) == 3
    for name in COLUMNS:
        with pytest.raises(ShapeError, match=name):
            Observation(grid=np.arange(3.0), nodes=(1, 2), **(whole | {name: np.zeros((3, 1))}))


def test_ranks_ignore_scale_and_holes() -> None:
    values = np.array([[3.0, np.nan], [1.0, 7.0], [2.0, np.nan]])
    found = rank(values)
    assert found[:, 0].tolist() == [1.0, 0.0, 0.5]
    assert np.isnan(found[:, 1]).all()  # one value has no rank
    assert np.array_equal(rank(np.exp(values)), found, equal_nan=True)


def test_means_are_of_those_that_spoke() -> None:
    found = mean_over_nodes(np.array([[1.0, 3.0], [np.nan, 4.0], [np.nan, np.nan]]))
    assert found[:2].tolist() == [2.0, 4.0]
    assert np.isnan(found[2])
    assert is_known(found, np.array([1.0, np.nan, 1.0])).tolist() == [True, False, False]
