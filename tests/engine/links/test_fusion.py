"""Links of a room add their evidence."""

import pytest

from ruview_engine.links.fusion import MAX_LINKS, NEUTRAL, WORD_S, RoomMotion
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.motion import MotionSample
from ruview_engine.links.motion_state import ON


def _motion(at_s, score):
    return MotionSample(at_s=at_s, z=score, score=score, smoothness=0.0, floor=0.0, is_calibrated=True)


A, B, C = (LinkId("1", "64", name) for name in "abc")


def test_one_link_is_itself():
    room = RoomMotion()
    assert room.update(A, _motion(1.0, ON + 0.5)) == pytest.approx(ON + 0.5)


def test_two_nearly_sure_links_are_sure():
    room = RoomMotion()
    room.update(A, _motion(1.0, ON - 0.1))
    assert room.update(B, _motion(1.0, ON - 0.1)) > ON


def test_quiet_links_do_not_outvote_one_that_sees():
    room = RoomMotion()
    room.update(A, _motion(1.0, -1.0))
    room.update(B, _motion(1.0, -1.0))
    assert room.update(C, _motion(1.0, 6.0)) > ON


def test_a_link_that_repeats_its_word_does_not_hush_the_others():
    room = RoomMotion()
    for step in range(200):
        at_s = 1.0 + 0.05 * step
        room.update(B, _motion(at_s, 0.0))
        room.update(A, _motion(min(at_s, 2.0), 0.0))
    assert room.get(at_s) is False


def test_quiet_everywhere_is_quieter_than_one_link():
    room = RoomMotion()
    one = room.update(A, _motion(1.0, 0.0))
    assert room.update(B, _motion(1.0, 0.0)) < one < NEUTRAL


def test_weight_weakens_a_poor_link():
    room = RoomMotion()
    assert room.update(A, _motion(1.0, 6.0), weight=0.1) < ON


def test_old_words_do_not_count():
    room = RoomMotion()
    room.update(A, _motion(1.0, 6.0))
    assert room.score(1.0 + WORD_S + 0.1) is None
    assert room.update(B, _motion(1.0 + WORD_S + 0.1, 0.0)) < NEUTRAL


def test_nothing_heard_is_unknown():
    room = RoomMotion()
    assert room.score(0.0) is None
    assert room.get(0.0) is None
    assert room.update(A, None) is None


def test_state_follows_and_ends_unknown():
    room = RoomMotion()
    for k in range(20):
        room.update(A, _motion(k * 0.05, 6.0))
    assert room.get(1.0) is True
    assert room.get(30.0) is None
    room.reset()
    assert room.get(1.0) is None


def test_links_are_bounded():
    room = RoomMotion()
    for k in range(500):
        room.update(LinkId("1", "64", str(k)), _motion(float(k * 10), 0.0))
    assert len(room._words) <= MAX_LINKS + 1


def test_a_link_alone_is_given_back_in_the_quiet_as_well():
    room = RoomMotion()
    for score in (5.0, 1.0, 0.0, -3.0):
        assert room.update(A, _motion(1.0, score)) == pytest.approx(score)


def _run(room, words):
    """Is somebody moving after each of these (s, link, score)."""
    moving = []
    for at_s, link, score in words:
        room.update(link, _motion(at_s, score))
        moving.append(bool(room.get(at_s)))
    return moving


def test_one_word_of_a_slow_link_begins_no_motion():
    """It counts for more than a second while a quick link speaks, but it is still one frame."""
    quick = [(1.0 + 0.05 * k, A, -1.0) for k in range(40)]
    assert not any(_run(RoomMotion(), sorted([*quick, (1.51, B, 8.0), (2.21, B, -1.0)])))
    assert any(_run(RoomMotion(), sorted([*quick, (1.51, B, 8.0), (2.21, B, 8.0)])))
