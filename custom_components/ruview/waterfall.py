"""The profiles of a room's links as the panel's waterfall draws them: bytes, at the browser's pace, never queued."""

from base64 import b64encode
from typing import Any, Final, override

import numpy as np
import probatio as vol
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback

from . import clock
from .browser_stream import BrowserStream
from .coordinator import RoomCoordinator
from .details import LIVE_S, MAX_LIVE_LINKS, taps
from .hub import RuViewHub
from .ruview_engine.shapes import Profile
from .ruview_engine.tap import Tap
from .websocket_api import MAX_HZ, with_room

#: One step of a byte, in units of the profile's mean. Origin: derived, a third of the quiet tone jitter of 2.4 %
#: (links/quality.py), so what is cut off is noise; 255 steps reach 2.55 times the mean, which few bins exceed.
STEP: Final = 0.01

#: A link silent for longer is not offered: an access point may have gone, and whoever looks at its path would look at a
#: picture that stands still. Origin: chosen, longer than the pauses of a board that is busy (2–5 s, SENSING §1).
HEARD_S: Final = 10.0


def quantised(profile: Profile) -> str:
    """A profile (mean 1) as base64 of one byte per bin, in `STEP`s."""
    steps = np.clip(np.rint(profile / STEP), 0, 255).astype(np.uint8)
    return b64encode(steps.tobytes()).decode("ascii")


class Waterfall(BrowserStream):
    """One browser watching the links of one room."""

    def __init__(
        self, hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any], room: RoomCoordinator
    ) -> None:
        super().__init__(hass, connection, msg)
        self._room = room
        self._frames: dict[str, int] = {}
        self._told: tuple[object, ...] | None = None
        self._n_left_out = 0

    @override
    @callback
    def news(self) -> dict[str, Any] | None:
        """The newest profile of each link that has a new one."""
        now_s = clock.now_s()
        live = self._live(now_s)
        rows = self._rows(live, now_s)
        if not rows:
            return None
        event: dict[str, Any] = {"rows": rows, "n_left_out": self._n_left_out}
        baseline = self._room.live.room.baseline
        shown = (None if baseline is None else baseline.id, *(tap.link.id for tap in live))
        if shown != self._told:
            self._told = shown
            event["links"] = self._links(live)
        return event

    def _live(self, now_s: float) -> list[Tap]:
        """A bounded number of links: of those that are heard the ones with the most frames, in a stable order."""
        heard = [tap for tap in taps(self._room) if tap.link.last_s is not None and now_s - tap.link.last_s < HEARD_S]
        busiest = sorted(heard, key=lambda tap: (-tap.link.frames, tap.link.id))[:MAX_LIVE_LINKS]
        return sorted(busiest, key=lambda tap: tap.link.id)

    def _rows(self, live: list[Tap], now_s: float) -> dict[str, str]:
        rows: dict[str, str] = {}
        for tap in live:
            name, frames = str(tap.link.id), tap.link.frames
            new = frames - self._frames.get(name, frames - 1)
            if not new:
                continue
            self._frames[name] = frames
            profiles = tap.link.window(LIVE_S, now_s).profiles
            if len(profiles):
                self._n_left_out += new - 1
                rows[name] = quantised(profiles[-1][tap.link.active])
        return rows

    def _links(self, live: list[Tap]) -> list[dict[str, Any]]:
        """What the rows are, with the empty room's profile where it is known."""
        baseline = self._room.live.room.baseline
        found = []
        for tap in live:
            known = None if baseline is None else baseline.link(tap.link.id)
            reference = None if known is None else quantised(known.reference[tap.link.active])
            found.append(
                {
                    "id": str(tap.link.id),
                    "frames": tap.link.frames,
                    "bins": np.flatnonzero(tap.link.active).tolist(),
                    "reference": reference,
                }
            )
        return found


@websocket_api.require_admin
@websocket_api.websocket_command(
    {
        vol.Required("type"): "ruview/waterfall/subscribe",
        vol.Required("room_id"): str,
        vol.Optional("max_hz", default=MAX_HZ): vol.All(vol.Coerce(float), vol.Range(min=0.5, max=MAX_HZ)),
    }
)
@with_room
def ws_waterfall(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any], hub: RuViewHub, room: RoomCoordinator
) -> None:
    """Profiles as they come, coalesced. A breath could be read from them, so privacy mode has none."""
    if hub.is_private:
        connection.send_error(msg["id"], websocket_api.ERR_NOT_ALLOWED, "Switched off by privacy mode")
        return
    Waterfall(hass, connection, msg, room).start()


@callback
def async_setup_waterfall(hass: HomeAssistant) -> None:
    """Register the command; it outlives the config entry."""
    websocket_api.async_register_command(hass, ws_waterfall)
