"""Recordings that run: one per room, and no queue before a disk that hangs."""

import threading

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ruview.const import DOMAIN
from custom_components.ruview.recordings import Recordings
from custom_components.ruview.ruview_engine.ingest.recording import read_recording

from .test_tape import HOME, vitals


async def test_a_disk_that_hangs_is_waited_for_once(hass: HomeAssistant) -> None:
    entry = MockConfigEntry(domain=DOMAIN)
    entry.add_to_hass(hass)
    recordings = Recordings(hass, entry)
    tape = await recordings.start("study", {HOME}, 60.0)
    write, goes_on, n_writes = tape._write, threading.Event(), 0

    def hanging(batch: list[tuple[float, str, bytes]]) -> None:
        nonlocal n_writes
        n_writes += 1
        assert goes_on.wait(10)
        write(batch)

    tape._write = hanging  # type: ignore[method-assign]
    for number in range(5):
        recordings.take(vitals(number), HOME, 100.0 + number)
        recordings.async_flush()
    goes_on.set()
    await recordings.stop_all()
    assert recordings.tapes == {}
    assert n_writes == 2, "the first batch, and all that came while it hung"
    assert [datagram for _, _, datagram in read_recording(tape.path)] == [vitals(number) for number in range(5)]
