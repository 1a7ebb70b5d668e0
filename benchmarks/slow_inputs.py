"""What a slow tick takes of the event loop: copying a minute of twelve links for the job that runs beside it.

    python benchmarks/slow_inputs.py

`LiveRoom.slow_job` runs in the loop, what it returns does not. Links of 192 pairs at 20 Hz, rings that have wrapped.
"""

import time

import numpy as np

from ruview_engine.engine import Engine
from ruview_engine.settings import EngineSettings, RoomSettings

#: Milliseconds. Origin: chosen, a tenth of what Home Assistant calls a late loop is 20 times as much.
BUDGET_MS = 2.0
N_LINKS = 12
FS_HZ = 20.0
SECONDS = 100


def main() -> None:
    from frame_path import frames

    engine = Engine(EngineSettings(is_introspecting=False))
    room = engine.add_room(RoomSettings(room_id="bench", nodes=None), 0.0)
    datagrams = frames(int(SECONDS * FS_HZ), np.random.default_rng(1))
    for i, data in enumerate(datagrams):
        for node in range(N_LINKS):
            engine.feed(data[:4] + bytes([node + 1]) + data[5:], f"192.0.2.{node + 1}", 100.0 + i / FS_HZ)
    now_s = 100.0 + SECONDS
    spent = []
    for _ in range(60):
        began = time.perf_counter()
        room.slow_job(now_s)
        spent.append(1e3 * (time.perf_counter() - began))
    n = [len(w) for w in room.inputs(now_s).windows]
    print(
        f"{len(n)} links, {sum(n)} samples: min {min(spent):.2f}, median {np.median(spent):.2f} ms of the loop; ",
        end="",
    )
    print(f"budget {BUDGET_MS} ms")


if __name__ == "__main__":
    main()
