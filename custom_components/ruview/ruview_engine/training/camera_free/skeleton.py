"""From five coarse key points to seventeen, with bones that a person can have (ADR-071 phase 4).

The result is a *proxy*: a plausible body at a plausible place, not a measured pose. Coordinates are metres, x to the
side, y up.
"""

from typing import Final

import numpy as np

from ...shapes import Matrix, Vector

#: The five proxies, in order.
PROXY_NAMES: Final = ("head", "left_hand", "right_hand", "left_foot", "right_foot")

#: The seventeen COCO key points, in order.
KEYPOINT_NAMES: Final = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip

INDEX: Final = {name: index for index, name in enumerate(KEYPOINT_NAMES)}

#: Projection passes over all bones. Origin: spec, ADR-071 phase 4.
N_ITERATIONS: Final = 3

#: (parent, child, shortest, longest) in metres. A tree in walking order from the nose, so that one pass from the root
#: can satisfy every bone. Origin: chosen around the segment ratios of Drillis & Contini (1966) for statures of
#: 1.45–2.00 m; the shortest lengths are about half of that, since a limb pointing at the viewer looks short.
BONES: Final = (
    ("nose", "left_eye", 0.02, 0.06),
    ("nose", "right_eye", 0.02, 0.06),
    ("left_eye", "left_ear", 0.03, 0.12),
    ("right_eye", "right_ear", 0.03, 0.12),
    ("nose", "left_shoulder", 0.15, 0.45),
    ("nose", "right_shoulder", 0.15, 0.45),
    ("left_shoulder", "left_elbow", 0.13, 0.38),
    ("right_shoulder", "right_elbow", 0.13, 0.38),
    ("left_elbow", "left_wrist", 0.10, 0.32),
    ("right_elbow", "right_wrist", 0.10, 0.32),
    ("left_shoulder", "left_hip", 0.22, 0.65),
    ("right_shoulder", "right_hip", 0.22, 0.65),
    ("left_hip", "left_knee", 0.18, 0.52),
    ("right_hip", "right_knee", 0.18, 0.52),
    ("left_knee", "left_ankle", 0.17, 0.52),
    ("right_knee", "right_ankle", 0.17, 0.52),
)

#: Below this two points coincide and the direction of a bone is undefined. Origin: chosen, a tenth of a millimetre.
MIN_LENGTH_M: Final = 1e-4

#: Rounding that a bone may be out of its limits by. Origin: derived, float64 at metre scale.
TOLERANCE_M: Final = 1e-9


def interpolate(proxy: Matrix) -> Matrix:
    """(5, 2) proxies → (17, 2) key points whose every bone is within its limits, by the seed's formulae.

    Shoulders 0.3 head + 0.7 hand, elbows halfway to the hand, hips halfway from head to foot, knees halfway to the
    foot, face from the head; then `N_ITERATIONS` symmetric projections and a pass from the root that leaves
    no violation.
    Not finite proxies give not finite key points.
    """
    head, left_hand, right_hand, left_foot, right_foot = proxy
    points = np.empty((len(KEYPOINT_NAMES), 2))
    points[INDEX["nose"]] = head
    for side, sign, hand, foot in (("left", -1.0, left_hand, left_foot), ("right", 1.0, right_hand, right_foot)):
        shoulder = 0.3 * head + 0.7 * hand
        hip = (head + foot) / 2.0
        points[INDEX[f"{side}_eye"]] = head + np.array([sign * 0.03, 0.03])
        points[INDEX[f"{side}_ear"]] = head + np.array([sign * 0.08, 0.0])
        points[INDEX[f"{side}_shoulder"]] = shoulder
        points[INDEX[f"{side}_elbow"]] = (shoulder + hand) / 2.0
        points[INDEX[f"{side}_wrist"]] = hand
        points[INDEX[f"{side}_hip"]] = hip
        points[INDEX[f"{side}_knee"]] = (hip + foot) / 2.0
        points[INDEX[f"{side}_ankle"]] = foot
    for _ in range(N_ITERATIONS):
        _project(points, share_of_child=0.5)
    _project(points, share_of_child=1.0)
    return points


def violations(points: Matrix) -> tuple[str, ...]:
    """Names "parent-child" of bones outside their limits; empty for a possible body."""
    found = []
    for parent, child, shortest, longest in BONES:
        length = float(np.hypot(*(points[INDEX[child]] - points[INDEX[parent]])))
        if not shortest - TOLERANCE_M <= length <= longest + TOLERANCE_M:
            found.append(f"{parent}-{child}")
    return tuple(found)


def _project(points: Matrix, share_of_child: float) -> None:
    """Move the ends of every bone that is too short or too long, in place; with share 1 only the child moves.

    Walking from the root with share 1, a bone is never touched again once it is right, so no violation remains.
    """
    for parent, child, shortest, longest in BONES:
        start, end = points[INDEX[parent]], points[INDEX[child]]
        offset: Vector = end - start
        length = float(np.hypot(*offset))
        if shortest <= length <= longest:
            continue
        # Two points on top of each other: hang the child below its parent, as gravity would.
        direction = offset / length if length > MIN_LENGTH_M else np.array([0.0, -1.0])
        correction = direction * min(max(length, shortest), longest) - offset
        points[INDEX[child]] = end + share_of_child * correction
        points[INDEX[parent]] = start - (1.0 - share_of_child) * correction
