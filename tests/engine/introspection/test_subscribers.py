"""Listeners are bounded in number and in memory; what they do not get is counted."""

from ruview_engine.introspection.subscribers import MAX_SUBSCRIBERS, RING, Subscribers


def _publish(listeners, n):
    """Numbers stand for snapshots: nothing here looks inside."""
    for number in range(n):
        listeners.publish(number)


def test_a_slow_listener_loses_the_oldest_and_a_quick_one_nothing():
    listeners = Subscribers()
    slow, quick = listeners.open(), listeners.open()
    seen = []
    for number in range(RING + 50):
        listeners.publish(number)
        seen += quick.take()
    assert seen == list(range(RING + 50))
    assert quick.n_dropped == 0
    assert len(slow) == RING
    assert slow.take() == tuple(range(50, RING + 50))
    assert (slow.n_published, slow.n_dropped, slow.n_coalesced) == (RING + 50, 50, 0)
    assert slow.take() == ()


def test_the_newest_takes_the_place_of_the_others_and_every_one_is_accounted_for():
    listeners = Subscribers()
    one = listeners.open()
    shown = 0
    for n in (5, 1, RING + 7):
        _publish(listeners, n)
        assert one.latest() == n - 1
        shown += 1
    assert one.latest() is None
    assert one.n_coalesced == 4 + 0 + RING - 1
    assert one.n_dropped == 7
    assert one.n_published == shown + one.n_coalesced + one.n_dropped


def test_who_comes_later_gets_what_comes_later():
    listeners = Subscribers()
    _publish(listeners, 3)
    late = listeners.open()
    assert len(late) == 0
    listeners.publish(3)
    assert late.take() == (3,)


def test_listeners_are_bounded_and_closing_twice_is_harmless():
    listeners = Subscribers()
    opened = [listeners.open() for _ in range(MAX_SUBSCRIBERS)]
    assert listeners.open() is None
    listeners.close(opened[0])
    listeners.close(opened[0])
    assert len(listeners) == MAX_SUBSCRIBERS - 1
    listeners.publish(1)
    assert len(opened[0]) == 0, "who has left is told nothing"
    assert listeners.open() is not None
    assert len(listeners) == MAX_SUBSCRIBERS
