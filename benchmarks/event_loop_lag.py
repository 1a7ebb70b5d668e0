"""How late a real Home Assistant's event loop is with four boards at 50 frames a second each, and without them.

`python -m benchmarks.event_loop_lag` starts Home Assistant with a probe in it (a component of ten lines that asks to be
called every 5 ms and writes down how late it was), then measures in turns: no boards, four boards in two rooms (one
of them taught), and the same with an open panel. It also counts the rows the recorder wrote for a room meanwhile.

The probe's lateness includes what the machine itself does to a sleeping process; the turn without boards shows that. On
a machine that does other work too, `--first` (as root) lets Home Assistant go before all of it.
"""

import argparse
import asyncio
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from tests.e2e.client import Client
from tests.e2e.config_folder import ROOT, prepare
from tests.e2e.homeassistant_process import HomeAssistantProcess, free_port
from tests.e2e.prepared_room import PreparedRoom
from tests.e2e.walkthrough import Flow, add_area, add_listener, import_room, rooms, walk

from .panel_cost import Panel, cpu_s

#: Between two calls the probe asks for. Origin: chosen; 200 a second, so that p99 of a minute rests on 120 calls.
EVERY_S = 0.005
BUDGET_MS = 5.0

PROBE = '''
"""Asks the event loop to be called every {every_s} s and writes down how late it was, in milliseconds."""

from homeassistant.core import callback

async def async_setup(hass, config):
    late, loop = [], hass.loop

    @callback
    def look(due):
        late.append(1000 * (loop.time() - due))
        again = max(due + {every_s}, loop.time())
        loop.call_at(again, look, again)

    async def dump(call):
        taken, late[:] = list(late), []
        def write():
            import json, pathlib
            pathlib.Path(hass.config.path("lag.json")).write_text(json.dumps(taken))
        await hass.async_add_executor_job(write)

    hass.services.async_register("loop_probe", "dump", dump)
    look(loop.time())
    return True
'''


def install_probe(config: Path) -> None:
    """Beside our own component."""
    folder = config / "custom_components/loop_probe"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(PROBE.format(every_s=EVERY_S), encoding="utf-8")
    manifest = {
        "domain": "loop_probe",
        "name": "Loop probe",
        "version": "0.0.1",
        "codeowners": [],
        "documentation": "-",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest | {"iot_class": "calculated"}), encoding="utf-8")


def add_room(client: Client, entry_id: str, flow: Flow, title: str, nodes: list[str]) -> str:
    """A room with these nodes, its empty state not measured."""
    answers = {
        "user": {"area_id": add_area(client, title)},
        "nodes": {"nodes": nodes},
    }
    walk(client, flow, answers, close_at="baseline_intro")
    return rooms(client, entry_id)[title]


def furnish(
    home: HomeAssistantProcess, stack: ExitStack, udp_port: int, rate_hz: float, entry_id: str, flow: Flow
) -> str:
    """Four boards that send until `stack` ends, in two rooms of which the first is taught; its id."""
    for first, scene in ((1, "living_room"), (3, "bedroom")):
        boards: list[Any] = ["--to", f"127.0.0.1:{udp_port}", "--nodes", 2, "--first-node", first, "--scene", scene]
        boards += ["--rate", rate_hz, "--scenario", "demo"]
        command = [sys.executable, "-m", "ruview_engine", "simulate", "--plain", *map(str, boards)]
        simulator = stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL))
        stack.callback(simulator.terminate)
    time.sleep(3)
    room_id = add_room(home.client, entry_id, flow, "Living room", ["1", "2"])
    second = home.client.start_subentry_flow(entry_id, "room")
    add_room(home.client, entry_id, second, "Bedroom", ["3", "4"])
    with PreparedRoom(ROOT / ".cache/demo") as taught:
        import_room(home.client, home.folder.path, room_id, taught.wait())
    return room_id


def lags(home: HomeAssistantProcess, seconds: float) -> np.ndarray:
    """Lateness in ms of all calls of a stretch of time."""
    home.client.action("loop_probe", "dump")
    time.sleep(seconds)
    home.client.action("loop_probe", "dump")
    return np.array(json.loads((home.folder.path / "lag.json").read_text(encoding="utf-8")))


def watched(home: HomeAssistantProcess, room_id: str, seconds: float) -> np.ndarray:
    """The same while a panel is open."""

    async def look() -> np.ndarray:
        async with (
            aiohttp.ClientSession() as session,
            Panel(session, home.folder.url, home.folder.owner.token, room_id),
        ):
            return await asyncio.to_thread(lags, home, seconds)

    return asyncio.run(look())


def report(name: str, late: np.ndarray, cpu_share: float) -> str:
    """One row."""
    p50, p99, p999 = np.quantile(late, (0.5, 0.99, 0.999))
    numbers = " | ".join(f"{value:.2f}" for value in (p50, p99, p999, late.max()))
    return f"| {name} | {len(late)} | {numbers} | {100 * cpu_share:.0f} % |"


def rows_per_hour(home: HomeAssistantProcess, since_s: float, entity_part: str) -> dict[str, float]:
    """Rows that the recorder wrote since then, per hour, of each entity whose id contains this."""
    with sqlite3.connect(f"file:{home.folder.path / 'home-assistant_v2.db'}?mode=ro", uri=True) as database:
        found = database.execute(
            "SELECT states_meta.entity_id, COUNT(*) FROM states JOIN states_meta USING (metadata_id) "
            "WHERE states_meta.entity_id LIKE ? AND last_updated_ts >= ? GROUP BY 1 ORDER BY 2 DESC",
            (f"%{entity_part}%", since_s),
        ).fetchall()
    return {entity_id: 3600 * count / (time.time() - since_s) for entity_id, count in found}


def main() -> None:
    """Measure in turns and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each turn")
    parser.add_argument("--rate", type=float, default=50.0, help="frames of the access point per board and second")
    parser.add_argument("--first", action="store_true", help="Home Assistant before all other work; only as root")
    options = parser.parse_args()
    udp_port = free_port(socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        prepared = prepare(Path(folder) / "config", free_port(), more="loop_probe:\n")
        install_probe(prepared.path)
        home = stack.enter_context(HomeAssistantProcess(prepared))
        if options.first:
            for task in Path(f"/proc/{home.pid}/task").iterdir():  # each thread has its own; new ones inherit it
                os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(1))
        entry_id, flow = add_listener(home.client, udp_port)
        time.sleep(10)
        turns = [measure(home, "no boards", lambda: lags(home, options.seconds))]
        room_id = furnish(home, stack, udp_port, options.rate, entry_id, flow)
        time.sleep(15)
        began_s = time.time()
        turns.append(measure(home, "four boards", lambda: lags(home, options.seconds)))
        turns.append(measure(home, "four boards, open panel", lambda: watched(home, room_id, options.seconds)))
        details = home.client.command("ruview/room/details", room_id=room_id)
        rates = ", ".join(f"{link['id']} {link['quality']['fs_hz'] or 0:.0f} Hz" for link in details["links"])
        print(f"Living room: {rates}")
        print("| turn | calls | p50 ms | p99 ms | p99.9 ms | worst ms | of a core |\n|---|---|---|---|---|---|---|")
        print("\n".join(turns))
        print(f"Bar: p99 ≤ {BUDGET_MS:g} ms.")
        rows = rows_per_hour(home, began_s, "living_room_")
        each = ", ".join(f"{entity_id} {count:.0f}" for entity_id, count in rows.items())
        print(f"Recorder rows per hour, living room: {sum(rows.values()):.0f} ({each})")


def measure(home: HomeAssistantProcess, name: str, turn: Any) -> str:
    """A turn with the processor time it took."""
    before, began_s = cpu_s(home.pid), time.monotonic()
    late = turn()
    return report(name, late, (cpu_s(home.pid) - before) / (time.monotonic() - began_s))


if __name__ == "__main__":
    main()
