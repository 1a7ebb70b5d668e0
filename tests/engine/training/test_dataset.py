"""Phase 0: packets to rows; whatever cannot be used is counted, never fatal."""

import numpy as np
import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.simulate import Person, Simulator, Timeline, scenes
from ruview_engine.training.dataset import MAX_NODES, Dataset
from ruview_engine.training.features import FeatureSource
from ruview_engine.wire import CsiFrame, EdgeVitals, FeatureVector, decode


@pytest.fixture(scope="module")
def heard() -> list:
    """Eight seconds of two simulated boards, as (seconds, node, packet)."""
    scene = scenes.living_room(nodes=2, seed=2)
    simulator = Simulator(scene, Timeline([Person(scene, seed=3)]), seed=7)
    rows = [(at, decode(data)) for _ in range(8) for at, _source, data in simulator.second()]
    return [(at, packet.node_id, packet) for at, packet in rows if hasattr(packet, "node_id")]


def test_frames_become_rows_of_their_node_and_link(heard: list) -> None:
    found = Dataset.collect(heard)
    table = found.table(FeatureSource.CSI)
    assert found.nodes == (1, 2)
    assert set(table.node) == {1, 2}
    counts = dict(found.counts)
    assert counts["frames with features"] == len(table)
    n_frames = sum(isinstance(packet, CsiFrame) for *_, packet in heard)
    without = "frames without features (mask, glitch, repetition, first second of a link)"
    assert counts["frames with features"] + counts[without] == n_frames
    for link in np.unique(table.link):
        assert len(set(table.node[table.link == link])) == 1


def test_everything_is_counted_once(heard: list) -> None:
    assert sum(dict(Dataset.collect(heard).counts).values()) == len(heard)


def test_boards_reports_and_their_own_vectors_are_kept(heard: list) -> None:
    more = [
        (9.0, 1, FeatureVector.__new__(FeatureVector)),
        (9.1, 1, FeatureVector.__new__(FeatureVector)),
    ]
    for (_, _, packet), values in zip(more, ([0.5] * 8, [np.nan] * 8), strict=True):
        object.__setattr__(packet, "values", tuple(values))
    found = Dataset.collect([*heard, *more])
    counts = dict(found.counts)
    assert counts["feature vectors that are not eight finite numbers"] == 1
    n_vectors = sum(isinstance(packet, FeatureVector) for *_, packet in heard)
    assert len(found.table(FeatureSource.FIRMWARE)) == n_vectors + 1
    assert len(found.reports.at_s) == sum(isinstance(packet, EdgeVitals) for *_, packet in heard)


def test_a_clock_that_steps_back_stands_still(heard: list) -> None:
    jumped = [(at - 100.0 if at > 4.0 else at, node, packet) for at, node, packet in heard]
    table = Dataset.collect(jumped).table(FeatureSource.CSI)
    assert (np.diff(table.at_s) >= 0).all()
    assert table.at_s.max() <= 4.0


def test_somebody_may_watch_samples_and_reports_go_by(heard: list) -> None:
    seen: list[tuple[str, int]] = []

    class Watcher:
        def see_sample(self, node: int, sample: object) -> None:
            seen.append(("sample", node))

        def see_report(self, at_s: float, node: int, report: object) -> None:
            seen.append(("report", node))

    found = Dataset.collect(heard, Watcher())
    assert seen.count(("report", 1)) == int((found.reports.node == 1).sum())
    assert sum(kind == "sample" for kind, _ in seen) >= len(found.table(FeatureSource.CSI))


def test_nothing_usable_says_what_there_was(heard: list) -> None:
    with pytest.raises(TrainingError, match="no packets at all"):
        Dataset.collect([])
    with pytest.raises(TrainingError, match="first second of a link"):
        Dataset.collect(heard[:5])


def test_a_source_that_is_not_there_is_named(heard: list) -> None:
    only_frames = [row for row in heard if isinstance(row[2], CsiFrame)]
    with pytest.raises(TrainingError, match="firmware-adr069"):
        Dataset.collect(only_frames).table(FeatureSource.FIRMWARE)


def test_node_numbers_are_bounded(heard: list) -> None:
    _, _, frame = next(row for row in heard if isinstance(row[2], CsiFrame))
    flood = [(10.0 + k, 1000 + k, frame) for k in range(MAX_NODES + 5)]
    assert dict(Dataset.collect([*heard, *flood]).counts)["frames of too many nodes"] == 7
