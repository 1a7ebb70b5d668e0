"""Whose word counts in a live room."""

from dataclasses import replace

import numpy as np

from ruview_engine.engine import Engine
from ruview_engine.evaluation import EmptyRoom
from ruview_engine.ingest.rows import RecordedDatagram
from ruview_engine.settings import RoomSettings
from ruview_engine.wire import encode
from tests.engine.links.air import Air, frames_of, walk

HOME = "192.0.2.7"
KNOWN, NEW = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")


def _heard(air: Air, address: bytes, times: np.ndarray, *, is_moving: bool) -> list[RecordedDatagram]:
    frames = frames_of(air.rows(len(times), walk(times) if is_moving else None))
    return [
        RecordedDatagram(at_s, HOME, encode(replace(frame, version=2, transmitter=address, sequence=round(1e3 * at_s))))
        for at_s, frame in zip(times.tolist(), frames, strict=True)
    ]


def test_a_new_link_decides_where_the_known_one_has_nearly_ceased():
    """Somebody in the way makes another shape of most frames; the known link's rate is still that of before."""
    air = Air(1)
    empty = EmptyRoom.learn([_heard(air, KNOWN, np.arange(0.0, 20.0, 0.02), is_moving=False)])
    (known,) = empty.quiet
    engine = Engine()
    room = engine.add_room(RoomSettings(room_id="study", nodes=None), 0.0)
    engine.expect(room, empty.quiet, empty.change)
    datagrams = _heard(air, KNOWN, np.arange(0.0, 6.0, 0.02), is_moving=False)
    datagrams += _heard(air, KNOWN, np.arange(6.0, 10.0, 0.5), is_moving=False)
    datagrams += _heard(air, NEW, np.arange(6.0, 10.0, 0.05), is_moving=True)
    second = 1.0
    for at_s, source, datagram in sorted(datagrams):
        if at_s >= second:
            engine.tick(second)
            second += 1.0
        engine.feed(datagram, source, at_s)
    new = next(tap for name, tap in engine.taps.items() if name != known)
    assert (engine.taps[known].link.fs_hz or 0.0) > (new.link.fs_hz or 0.0)
    assert room.is_moving is True
