"""No input makes an impossible body."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ruview_engine.training.camera_free.skeleton import BONES, INDEX, KEYPOINT_NAMES, interpolate, violations


@given(arrays(np.float64, (5, 2), elements=st.floats(-50, 50)))
def test_no_violations_whatever_the_proxies_say(proxy: np.ndarray) -> None:
    assert violations(interpolate(proxy)) == ()


def test_violations_are_found() -> None:
    points = interpolate(np.array([[0, 1.7], [-0.4, 1.0], [0.4, 1.0], [-0.1, 0], [0.1, 0]], dtype=float))
    points[INDEX["left_wrist"]] += 5.0
    assert violations(points) == ("left_elbow-left_wrist",)


def test_a_standing_proxy_stays_where_it_was() -> None:
    proxy = np.array([[0, 1.6], [-0.35, 1.05], [0.35, 1.05], [-0.1, 0.05], [0.1, 0.05]], dtype=float)
    points = interpolate(proxy)
    assert np.hypot(*(points[INDEX["nose"]] - proxy[0])) < 0.25
    assert points[INDEX["nose"]][1] > points[INDEX["left_hip"]][1] > points[INDEX["left_ankle"]][1]


def test_every_key_point_hangs_on_the_tree_after_its_parent() -> None:
    placed = {"nose"}
    for parent, child, shortest, longest in BONES:
        assert parent in placed
        assert child not in placed
        assert 0 < shortest < longest
        placed.add(child)
    assert placed == set(KEYPOINT_NAMES)
