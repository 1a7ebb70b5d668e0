"""What the simulator's tests share: decoded frames of a simulated stretch."""

from collections.abc import Callable

import numpy as np
import pytest

from ruview_engine.simulate import Simulator
from ruview_engine.wire import CsiFrame, decode

type Collected = tuple[np.ndarray, np.ndarray, list[CsiFrame]]


@pytest.fixture
def collect() -> Callable[[Simulator, float], Collected]:
    """(times, amplitudes, frames) of all CSI frames of one size that arrive within a duration."""

    def run(simulator: Simulator, duration_s: float) -> Collected:
        times, rows, frames = [], [], []
        for at_s, _, datagram in simulator.datagrams(duration_s):
            packet = decode(datagram)
            if isinstance(packet, CsiFrame):
                iq = np.frombuffer(packet.iq, np.int8).astype(float)
                times.append(at_s)
                rows.append(np.hypot(iq[::2], iq[1::2]))
                frames.append(packet)
        return np.array(times), np.array(rows), frames

    return run
