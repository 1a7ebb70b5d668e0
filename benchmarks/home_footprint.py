"""What the integration adds to a real Home Assistant's memory with four boards, and how soon a room speaks.

`python -m benchmarks.home_footprint` starts Home Assistant, lets it settle, and adds the listener and two rooms with
two simulated boards each (real UDP), one of them taught. Memory is the process's resident set, all threads, against
the same process before anything of ours was set up: code and libraries that are loaded for us count. Then the entry is
reloaded, as an update or a changed option does it, and the time is taken until the taught room says *on* or *off*.
"""

import argparse
import socket
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from tests.e2e.client import Client
from tests.e2e.config_folder import prepare
from tests.e2e.homeassistant_process import HomeAssistantProcess, free_port
from tests.e2e.walkthrough import add_listener, room_entities

from .event_loop_lag import furnish

#: Origin: ARCHITECTURE, "Budgets".
BUDGET_MB = 60.0
BUDGET_S = 10.0
#: Home Assistant's own start goes on for a while after it says that it runs. Origin: measured, flat after 40 s.
SETTLE_S = 60.0
#: Between two looks at the state. Origin: chosen.
LOOK_S = 0.05
#: No room is waited for longer. Origin: chosen.
PATIENCE_S = 60.0


def resident_mb(pid: int) -> float:
    """Resident set of a process, MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024.0
    raise RuntimeError(f"no process {pid}")


def seconds_to_word(client: Client, occupancy: str) -> float:
    """From the reload's end until the room says whether somebody is there."""
    entry_id = client.entries("ruview")[0]["entry_id"]
    client.post(f"/api/config/config_entries/entry/{entry_id}/reload")
    began_s = time.monotonic()
    while client.state(occupancy) not in ("on", "off"):
        if time.monotonic() - began_s > PATIENCE_S:
            raise TimeoutError(f"{occupancy} is {client.state(occupancy)} after {PATIENCE_S:g} s")
        time.sleep(LOOK_S)
    return time.monotonic() - began_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="with four boards")
    parser.add_argument("--rate", type=float, default=20.0, help="frames of the access point per board and second")
    parser.add_argument("--reloads", type=int, default=5)
    options = parser.parse_args()
    udp_port = free_port(socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = stack.enter_context(HomeAssistantProcess(prepare(Path(folder) / "config", free_port())))
        time.sleep(SETTLE_S)
        alone_mb = resident_mb(home.pid)
        print(f"Home Assistant alone: {alone_mb:.0f} MB", flush=True)
        entry_id, flow = add_listener(home.client, udp_port)
        room_id = furnish(home, stack, udp_port, options.rate, entry_id, flow)
        began_s = time.monotonic()
        for minute in (*(m for m in (1.0, 3.0) if m < options.minutes), options.minutes):
            time.sleep(max(began_s + 60.0 * minute - time.monotonic(), 0.0))
            added = resident_mb(home.pid) - alone_mb
            print(f"after {minute:g} min: {added:+.1f} MB, budget {BUDGET_MB:g}", flush=True)
        occupancy = room_entities(home.client, room_id)["occupancy"]
        waited = [seconds_to_word(home.client, occupancy) for _ in range(options.reloads)]
        each = ", ".join(f"{seconds:.1f}" for seconds in waited)
        print(f"from reload to occupancy: median {np.median(waited):.1f} s ({each}), budget {BUDGET_S:g}")


if __name__ == "__main__":
    main()
