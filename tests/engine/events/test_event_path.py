"""The slow path as a whole, frame by frame."""

from ruview_engine.events.event_path import EventKind, EventPath
from tests.engine.events.samples import sample_of


def test_motion_is_reported_no_earlier_than_the_second_window_after_its_onset(rng):
    path = EventPath()
    events = []
    for i in range(160):
        wobble = 0.3 if i >= 80 else 0.0
        events += [(i, e.kind) for e in path.update(sample_of(i * 0.05, 1 + wobble * rng.normal(size=16)))]
    moving = [i for i, kind in events if kind is EventKind.MOTION_DETECTED]
    assert moving == [111]
    assert path.is_moving
    path.reset()
    assert not path.is_moving
    assert path.stats is None
