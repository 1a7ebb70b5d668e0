"""Listens to a Cognitum Seed for a while and keeps what it said, in the form that training reads."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ..shapes import Matrix, Times
from ..training.camera_free.sensor_files import Reports
from ..training.camera_free.signals import Signal
from .seed_client import Reading, SeedClient
from .seed_http import SeedError

#: Pause between two questions for fragility. Origin: spec, ADR-071 "every 10s".
BOUNDARY_EVERY_S: Final = 10.0

#: Readings kept at most. Origin: derived, an hour of the stream's 10 per second.
MAX_READINGS: Final = 36_000


@dataclass(slots=True)
class SeedCapture:
    """Readings and fragilities with their times; `ended` says why it stopped early, None when it ran its time."""

    readings: list[Reading] = field(default_factory=list)
    fragility: list[tuple[float, float]] = field(default_factory=list)
    ended: str | None = None
    problems: list[str] = field(default_factory=list)

    def reports(self) -> Reports:
        """By signal, unix seconds."""
        found: Reports = {Signal.FRAGILITY: list(self.fragility)}
        for reading in self.readings:
            for signal, value in (
                (Signal.PIR, reading.pir),
                (Signal.TEMPERATURE, reading.temperature_c),
                (Signal.HUMIDITY, reading.humidity),
                (Signal.DOOR, reading.door),
                (Signal.VIBRATION, reading.vibration),
            ):
                if value is not None:
                    found.setdefault(signal, []).append((reading.unix_s, value))
        return {signal: rows for signal, rows in found.items() if rows}

    def embeddings(self) -> tuple[Times, Matrix]:
        """(k,) unix seconds and (k, 45); empty when the Seed sent none."""
        rows = sorted(((r.unix_s, r.embedding) for r in self.readings if r.embedding), key=lambda row: row[0])
        return np.array([at for at, _ in rows]), np.array([values for _, values in rows]).reshape(len(rows), -1)

    def lines(self) -> list[str]:
        """JSON lines that `--sensors` reads back."""
        return [
            json.dumps({"signal": signal.value, "time": at, "value": value})
            for signal, rows in self.reports().items()
            for at, value in rows
        ]


async def listen(client: SeedClient, duration_s: float, on_reading: Callable[[int], None] | None = None) -> SeedCapture:
    """Follow the sensor stream for a while, asking for fragility in between.

    Raises SeedError only when the Seed cannot be reached at all; what fails later ends up in the capture.
    """
    await client.status()
    capture = SeedCapture()
    await _ask_fragility(client, capture)
    asking = asyncio.create_task(_keep_asking(client, capture))
    try:
        async with asyncio.timeout(duration_s):
            async for reading in client.stream():
                capture.readings.append(reading)
                if on_reading is not None:
                    on_reading(len(capture.readings))
                if len(capture.readings) >= MAX_READINGS:
                    capture.ended = f"{MAX_READINGS} readings are kept at most"
                    break
            else:
                capture.ended = "the Seed ended its stream"
    except TimeoutError:
        pass
    except SeedError as error:
        capture.ended = str(error)
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    return capture


async def _ask_fragility(client: SeedClient, capture: SeedCapture) -> None:
    try:
        capture.fragility.append((time.time(), await client.fragility()))
    except SeedError as error:
        if not capture.problems:
            capture.problems.append(str(error))


async def _keep_asking(client: SeedClient, capture: SeedCapture) -> None:
    while True:
        await asyncio.sleep(BOUNDARY_EVERY_S)
        await _ask_fragility(client, capture)
