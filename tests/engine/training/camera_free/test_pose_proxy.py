"""A proxy: sides from two boards, hands from movement, feet from steps; nobody, or one board, is no pose."""

import numpy as np
import pytest

from ruview_engine.training.camera_free.observation import Observation
from ruview_engine.training.camera_free.pose_proxy import MAX_CONFIDENCE, SIDE_REACH_M, pose_proxy
from ruview_engine.training.camera_free.skeleton import PROXY_NAMES
from ruview_engine.training.camera_free.weak_labels import WeakLabel

M = 40


def seen(rng: np.random.Generator, n_nodes: int = 2, **columns: np.ndarray) -> Observation:
    zero = {name: np.zeros((M, n_nodes)) for name in ("presence", "n_persons", "periodicity", "lower")}
    noise = {name: rng.random((M, n_nodes)) for name in ("motion", "upper")}
    rssi = {"rssi_dbm": np.full((M, n_nodes), -50.0)}
    return Observation(grid=np.arange(float(M)), nodes=tuple(range(n_nodes)), **(zero | noise | rssi | columns))


def present(values: np.ndarray | None = None, weight: float = 0.8) -> WeakLabel:
    values = np.ones(M) if values is None else values
    return WeakLabel(values=values, weight=np.full(M, weight), sources=())


def steps(*at: int) -> np.ndarray:
    return np.isin(np.arange(M), at)


def test_a_louder_left_board_draws_the_body_to_its_side(rng: np.random.Generator) -> None:
    rssi = np.full((M, 2), -50.0)
    rssi[:5, 0] += 40.0
    found = pose_proxy(seen(rng, rssi_dbm=rssi), present(), steps())
    head = found.points[:, PROXY_NAMES.index("head"), 0]
    assert np.allclose(head[:5], -SIDE_REACH_M)
    assert np.allclose(head[5:], 0.0)


def test_steps_move_the_feet_apart(rng: np.random.Generator) -> None:
    found = pose_proxy(seen(rng), present(), steps(7))
    feet = [PROXY_NAMES.index(name) for name in ("left_foot", "right_foot")]
    stride = np.diff(found.points[:, feet, 0], axis=1)[:, 0]
    assert stride[7] > stride[6] + 0.3
    assert np.ptp(np.delete(stride, 7)) == pytest.approx(0.0)


def test_confidence_is_small_and_nothing_without_somebody(rng: np.random.Generator) -> None:
    nobody = np.ones(M)
    nobody[:10] = 0
    found = pose_proxy(seen(rng), present(nobody), steps())
    assert not found.confidence[:10].any()
    assert (found.confidence[10:] == MAX_CONFIDENCE * 0.8).all()


@pytest.mark.parametrize("case", ["one node", "no rssi", "a silent node"])
def test_what_knows_no_side_has_no_pose(rng: np.random.Generator, case: str) -> None:
    rssi = np.full((M, 2), -50.0)
    rssi[:, 0 if case == "a silent node" else slice(None)] = np.nan
    one = seen(rng, 1) if case == "one node" else seen(rng, rssi_dbm=rssi)
    assert not pose_proxy(one, present(), steps()).confidence.any()
