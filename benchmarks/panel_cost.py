"""What an open panel costs the server: CPU of a real Home Assistant with and without browsers that watch.

Three boards (the simulator has no more) at 67 frames a second are as many frames as four at 50.

`python -m benchmarks.panel_cost` starts Home Assistant and simulated boards (real UDP), then measures the process's own
CPU time in turns: nobody watches, one panel watches, three watch. A panel is what the real one asks for: room stream
twice (tile and view), snapshots at 10 Hz, waterfall at 15 Hz, details every 2 s, rooms every 10 s.
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import aiohttp

from tests.e2e.config_folder import ROOT, prepare
from tests.e2e.homeassistant_process import HomeAssistantProcess, free_port
from tests.e2e.walkthrough import add_area, add_listener, room_answers, rooms, walk

TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """CPU seconds a process has used, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


class Panel:
    """Asks for what the panel asks for, and counts what comes."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str, room_id: str) -> None:
        self._session, self._url, self._token, self._room_id = session, url, token, room_id
        self.n_bytes = 0
        self.n_events = 0
        self._id = 0

    async def __aenter__(self) -> Panel:
        self._socket = await self._session.ws_connect(f"{self._url}/api/websocket", max_msg_size=0)
        await self._socket.receive_json()
        await self._socket.send_json({"type": "auth", "access_token": self._token})
        await self._socket.receive_json()
        for kind, more in (
            ("room/subscribe", {}),
            ("room/subscribe", {}),
            ("introspection/subscribe", {"max_hz": 10, "profiles": False}),
            ("waterfall/subscribe", {"max_hz": 15}),
        ):
            await self._ask(f"ruview/{kind}", room_id=self._room_id, **more)
        self._tasks = [asyncio.create_task(job) for job in (self._read(), self._poll())]
        return self

    async def __aexit__(self, *error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self._socket.close()

    async def _ask(self, kind: str, **fields: Any) -> None:
        self._id += 1
        await self._socket.send_json({"id": self._id, "type": kind, **fields})

    async def _read(self) -> None:
        async for message in self._socket:
            self.n_bytes += len(message.data)
            self.n_events += 1

    async def _poll(self) -> None:
        while True:
            await self._ask("ruview/room/details", room_id=self._room_id)
            await asyncio.sleep(2)


async def measure(pid: int, url: str, token: str, room_id: str, n_panels: int, seconds: float) -> tuple[float, float]:
    """Share of a core, and bytes a second to each panel."""
    async with aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        panels = [await stack.enter_async_context(Panel(session, url, token, room_id)) for _ in range(n_panels)]
        await asyncio.sleep(2)
        before, began_s, n_bytes = cpu_s(pid), time.monotonic(), sum(panel.n_bytes for panel in panels)
        await asyncio.sleep(seconds)
        took_s = time.monotonic() - began_s
        sent = sum(panel.n_bytes for panel in panels) - n_bytes
        return (cpu_s(pid) - before) / took_s, sent / took_s / max(n_panels, 1)


def main() -> None:
    """Measure in turns and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--rate", type=float, default=67.0, help="frames of the access point per board and second")
    options = parser.parse_args()
    udp_port = free_port(socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        place = Path(folder)
        home = stack.enter_context(HomeAssistantProcess(prepare(place / "config", free_port())))
        boards = ["--to", f"127.0.0.1:{udp_port}", "--nodes", "3", "--rate", str(options.rate), "--activity", "walk"]
        command = [sys.executable, "-m", "ruview_engine", "simulate", "--plain", *boards]
        simulator = stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL))
        stack.callback(simulator.terminate)
        entry_id, flow = add_listener(home.client, udp_port)
        walk(home.client, flow, room_answers(add_area(home.client, "Room")), close_at="baseline_intro")
        room_id = rooms(home.client, entry_id)["Room"]
        time.sleep(10)
        results: dict[int, list[tuple[float, float]]] = {0: [], 1: [], 3: []}
        for _ in range(options.turns):
            for n_panels, found in results.items():
                arguments = (home.pid, home.folder.url, home.folder.owner.token, room_id, n_panels, options.seconds)
                found.append(asyncio.run(measure(*arguments)))
        details = home.client.command("ruview/room/details", room_id=room_id)
        print(f"nodes {len(details['nodes'])}, links {len(details['links'])}: ", end="")
        print(", ".join(f"{link['id']} {link['quality']['fs_hz'] or 0:.0f} Hz" for link in details["links"]))
        for n_panels, found in results.items():
            shares = sorted(100 * share for share, _ in found)
            kilobytes = sum(sent for _, sent in found) / len(found) / 1000
            each = ", ".join(f"{share:.1f}" for share in shares)
            middle = shares[len(shares) // 2]
            print(f"{n_panels} panels: median {middle:.1f} % of a core ({each}), {kilobytes:.0f} kB/s each")


if __name__ == "__main__":
    main()
