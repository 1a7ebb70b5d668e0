"""A coarse body from what the radio can at best suggest: five points per second (ADR-071 camera-free phase 3).

This is a *proxy*. One pair of radios cannot see a posture of limbs; published figures for camera-free pose are 2.5–3 %
PCK@20. The points say "about here, about this much movement on that side"; their confidence says how little that is.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...shapes import Matrix, Vector
from .observation import Observation, mean_over_nodes, rank
from .skeleton import PROXY_NAMES
from .weak_labels import RSSI_SPAN_DB, WeakLabel

#: A body of middle height in metres: where head, hands and feet are when nothing says otherwise. Origin: chosen around
#: Drillis & Contini (1966) for 1.70 m.
HEAD_M: Final = 1.60
HAND_M: Final = (0.35, 1.05)
FOOT_M: Final = (0.12, 0.05)

#: How far the estimate may move the body sideways, and a hand from its rest. Origin: chosen, half a room; an arm's
#: reach.
SIDE_REACH_M: Final = 1.5
HAND_REACH_M: Final = 0.30

#: Confidence is never above this: see the module's first lines. Origin: chosen.
MAX_CONFIDENCE: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PoseProxy:
    """points (m, 5, 2) metres, x to the side, y up, in the order of `PROXY_NAMES`; confidence (m,) 0–0.3, 0 = none."""

    points: NDArray[np.float64]
    confidence: Vector


def pose_proxy(seen: Observation, present: WeakLabel, steps: NDArray[np.bool_]) -> PoseProxy:
    """Head from the RSSI centroid, hands from the sides' share of movement, feet from steps; nobody → no proxy.

    seen : two nodes are left and right; with one node there is no side and no proxy
    steps : (m,) seconds in which the vibration sensor felt a step
    """
    m = len(seen)
    points = np.tile(_rest(), (m, 1, 1))
    if len(seen.nodes) < 2:
        return PoseProxy(points=points, confidence=np.zeros(m))
    left_rssi, right_rssi = seen.rssi_dbm[:, 0], seen.rssi_dbm[:, 1]
    across = left_rssi - right_rssi
    if not np.isfinite(across).any():
        return PoseProxy(points=points, confidence=np.zeros(m))
    side = np.clip((across - np.nanmedian(across)) / RSSI_SPAN_DB, -1.0, 1.0) * SIDE_REACH_M
    movement = rank(seen.motion)
    upper = mean_over_nodes(rank(seen.upper))
    known = np.isfinite(side) & np.isfinite(movement[:, 0]) & np.isfinite(movement[:, 1]) & np.isfinite(upper)
    points[:, :, 0] -= np.where(known, side, 0.0)[:, None]
    for hand, node in (("left_hand", 0), ("right_hand", 1)):
        raised = np.where(known, movement[:, node] * np.nan_to_num(upper), 0.0)
        points[:, PROXY_NAMES.index(hand), 1] += raised * HAND_REACH_M
    stride = np.where(steps, 0.2, 0.0)
    points[:, PROXY_NAMES.index("left_foot"), 0] -= stride
    points[:, PROXY_NAMES.index("right_foot"), 0] += stride
    somebody = (present.values == 1) & (present.weight > 0)
    confidence = np.where(known & somebody, MAX_CONFIDENCE * present.weight, 0.0)
    return PoseProxy(points=points, confidence=confidence)


def _rest() -> Matrix:
    hand_x, hand_y = HAND_M
    foot_x, foot_y = FOOT_M
    return np.array([[0.0, HEAD_M], [-hand_x, hand_y], [hand_x, hand_y], [-foot_x, foot_y], [foot_x, foot_y]])
