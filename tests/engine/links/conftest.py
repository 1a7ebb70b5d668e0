"""Real recordings as timed frames."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ruview_engine.wire.packet import CsiFrame
from tests.engine.links.air import frame_of, frames_of


@pytest.fixture
def recording(data_dir: Path) -> Callable[[str], list[tuple[float, CsiFrame]]]:
    """Loads an .npz recording as timed frames."""

    def load(name: str, every: int = 1) -> list[tuple[float, CsiFrame]]:
        with np.load(data_dir / name, allow_pickle=True) as data:
            times, csi = data["t"], data["csi"]
            rssi = data["rssi"] if "rssi" in data else np.full(len(times), -50)
        frames = frames_of(csi[::every], [int(level) for level in rssi[::every]])
        return list(zip(times[::every].tolist(), frames, strict=True))

    return load


@pytest.fixture
def two_boards(data_dir: Path) -> list[tuple[float, str, CsiFrame]]:
    """The two-board recording of the real firmware: (time, node, frame)."""
    rows = []
    with (data_dir / "ruview_pretrain" / "pretrain-1775182186.csi.jsonl").open() as lines:
        for line in lines:
            row = json.loads(line)
            if row.get("magic") != "0xC5110001":
                continue
            iq = bytes.fromhex(row["iq_hex"])
            frame = frame_of(np.zeros(row["subcarriers"], complex), iq=iq, rssi_dbm=row["rssi"])
            rows.append((row["timestamp"], str(row["node_id"]), frame))
    return rows
