"""An engine that has just been started with what a room was taught."""

from ruview_engine import change_models
from ruview_engine.engine import Engine
from ruview_engine.live_room import LiveRoom
from ruview_engine.room.last_known import LastKnown
from ruview_engine.room.repository import RoomRepository
from ruview_engine.settings import RoomSettings


def begin(repository: RoomRepository, at_s: float = 0.0, known: LastKnown | None = None) -> tuple[Engine, LiveRoom]:
    """The engine and its one room, which hears every board.

    known : what the room knew of somebody before a pause that ends at `at_s`
    """
    stored, engine = repository.load(), Engine()
    assert stored.baseline is not None
    room = engine.add_room(RoomSettings(room_id=repository.room_id, nodes=None), at_s)
    room.room.load(baseline=stored.baseline, bank=stored.bank)
    if known is not None:
        room.room.resume(known, at_s)
    engine.expect(room, change=change_models.from_dict(repository.load_change(stored.baseline.id) or {}))
    return engine, room
