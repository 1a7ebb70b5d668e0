"""Labels from the boards' own reports: thresholds of the seed, and nothing where nobody reported."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.training.dataset import Dataset, Reports
from ruview_engine.training.feature_table import FeatureTable
from ruview_engine.training.own_labels import ACTIVITY_CLASSES, PRESENCE_CLASSES, label


def reports(**columns: list[float]) -> Reports:
    n = len(columns["at_s"])
    given = {name: np.array(values, dtype=float) for name, values in columns.items()}
    zero = dict.fromkeys(
        ("presence_score", "motion_energy", "breathing_bpm", "heart_bpm", "n_persons", "rssi_dbm"), np.zeros(n)
    )
    return Reports(**(zero | {"node": np.ones(n, dtype=np.int64)} | given))


def rows(*at_s: float, node: int = 1) -> FeatureTable:
    n = len(at_s)
    return FeatureTable(at_s=np.array(at_s), node=np.full(n, node), features=np.zeros((n, 8)), motion=np.zeros(n))


def of(found: Reports) -> Dataset:
    return Dataset(csi=None, firmware=None, reports=found, nodes=(1,), counts=())


def test_thresholds_are_the_seeds() -> None:
    found = reports(at_s=[0, 10, 20, 30], presence_score=[0.3, 0.31, 5, 0], motion_energy=[0.1, 0.11, 2.0, 2.01])
    labels = label(of(found), rows(0, 10, 20, 30))
    assert [PRESENCE_CLASSES[k] for k in labels.presence] == ["absent", "present", "present", "absent"]
    assert [ACTIVITY_CLASSES[k] for k in labels.activity] == ["empty", "still", "still", "moving"]


def test_rates_are_scaled_and_need_both() -> None:
    found = reports(at_s=[0, 10], breathing_bpm=[15, 15], heart_bpm=[60, 0])
    labels = label(of(found), rows(0, 10))
    assert labels.vitals[0].tolist() == [0.5, 0.5]
    assert labels.vitals_quality.tolist() == [1.0, 0.0]


def test_the_nearest_report_of_the_same_node_counts_within_a_second() -> None:
    found = reports(at_s=[0, 1.5, 10], presence_score=[0, 1, 1], node=[1, 1, 2])
    found = replace(found, node=found.node.astype(np.int64))
    labels = label(of(found), rows(0.7, 0.8, 2.5, 2.6, 10))
    assert labels.presence[:3].tolist() == [0, 1, 1]
    assert labels.quality.tolist() == [1, 1, 1, 0, 0]
    assert label(of(found), rows(10.9, node=2)).quality.tolist() == [1]


@pytest.mark.parametrize("n", [0, 3])
def test_without_reports_nothing_is_known(n: int) -> None:
    labels = label(of(reports(at_s=[])), rows(*range(n)))
    assert labels.vitals.shape == (n, 2)
    assert not labels.quality.any()
    assert not labels.vitals_quality.any()
