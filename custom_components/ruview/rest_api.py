"""REST: the newest introspection snapshot of a room (the seed's endpoint, behind Home Assistant's own login)."""

from http import HTTPStatus

from aiohttp import web
from homeassistant.components.http import KEY_HASS
from homeassistant.components.http.decorators import require_admin
from homeassistant.helpers.http import HomeAssistantView

from .const import CONF_INTROSPECTION
from .document import plain
from .rooms import find_room


class SnapshotView(HomeAssistantView):
    """`GET /api/ruview/introspection/snapshot?room=…` with id, area or title of the room."""

    url = "/api/ruview/introspection/snapshot"
    name = "api:ruview:introspection:snapshot"

    @require_admin
    async def get(self, request: web.Request) -> web.Response:
        """The snapshot, or 404 for an unknown room, 403 when introspection is switched off."""
        found = find_room(request.app[KEY_HASS], request.query.get("room", ""))
        if found is None:
            return self.json_message("No such room", HTTPStatus.NOT_FOUND)
        hub, room = found
        if not hub.option(CONF_INTROSPECTION):
            return self.json_message("Introspection is switched off in the options", HTTPStatus.FORBIDDEN)
        return self.json({"room": room.title, "room_id": room.room_id, "snapshot": plain(room.snapshot)})
