"""What is recorded reaches the disk whole and in order, however slow the disk."""

import asyncio
import time

import pytest
from homeassistant.core import HomeAssistant

from custom_components.ruview import tape as tape_module
from custom_components.ruview.ruview_engine.ingest.recording import read_recording
from custom_components.ruview.ruview_engine.wire import EdgeVitals, encode
from custom_components.ruview.tape import Tape

HOME = "192.0.2.7"


def vitals(number: int) -> bytes:
    return encode(
        EdgeVitals(
            node_id=1, flags=0, breathing_bpm=0.0, heart_bpm=0.0, rssi_dbm=-50, n_persons=0, motion_energy=0.0,
            presence_score=0.0, uptime_ms=number,
        )
    )  # fmt: skip


async def test_batches_keep_their_order_when_the_disk_is_slow(hass: HomeAssistant) -> None:
    tape = Tape(hass, "study", frozenset({HOME}))
    await tape.start(60.0, lambda: None)
    write, delays = tape._write, [0.2, 0.0, 0.0]

    def slow(batch: list[tuple[float, str, bytes]]) -> None:
        time.sleep(delays.pop(0))
        write(batch)

    tape._write = slow  # type: ignore[method-assign]
    flushes = []
    for number in range(3):
        tape.take(vitals(number), HOME, 100.0 + number)
        flushes.append(asyncio.create_task(tape.flush()))
        await asyncio.sleep(0)
    await tape.close()
    await asyncio.gather(*flushes)
    assert [datagram for _, _, datagram in read_recording(tape.path)] == [vitals(number) for number in range(3)]


async def test_a_disk_that_takes_no_more_leaves_no_file_open(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    tape = Tape(hass, "study", frozenset({HOME}))
    await tape.start(60.0, lambda: None)
    tape.take(vitals(1), HOME, 100.0)
    await tape.flush()

    def full(batch: list[tuple[float, str, bytes]]) -> None:
        raise OSError(28, "No space left on device")

    tape._write = full  # type: ignore[method-assign]
    tape.take(vitals(2), HOME, 101.0)
    with pytest.raises(OSError, match="No space left"):
        await tape.flush()
    tape.take(vitals(3), HOME, 102.0)
    await tape.close()
    assert tape._file is not None
    assert tape._file.closed
    assert "could not be written" in caplog.text
    assert [datagram for _, _, datagram in read_recording(tape.path)] == [vitals(1)], "what was there is kept"


async def test_what_waits_is_bounded_and_strangers_are_not_taken(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tape_module, "MAX_WAITING", 3)
    tape = Tape(hass, "study", frozenset({HOME}))
    await tape.start(60.0, lambda: None)
    tape.take(vitals(0), "192.0.2.66", 100.0)
    for number in range(5):
        tape.take(vitals(number), HOME, 100.0 + number)
    await tape.close()
    assert tape.n_dropped == 2
    assert [datagram for _, _, datagram in read_recording(tape.path)] == [vitals(2), vitals(3), vitals(4)]
