"""Tells one browser what is new, at its own pace, until it goes. While nobody watches there is no object, no timer."""

from typing import Any

from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback


class BrowserStream:
    """One answer to one subscription of a websocket; what the news are is said by what derives from it."""

    def __init__(self, hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
        self._hass = hass
        self._connection = connection
        self._msg_id: int = msg["id"]
        self._every_s = 1.0 / float(msg["max_hz"])
        self._timer: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> None:
        """Accept the subscription and send what there is."""
        self._connection.subscriptions[self._msg_id] = self.close
        self._connection.send_result(self._msg_id)
        self._look()

    @callback
    def news(self) -> dict[str, Any] | None:
        """What has come since the last call; None when that is nothing."""
        raise NotImplementedError

    @callback
    def close(self) -> None:
        """The browser has gone."""
        if self._timer is not None:
            self._timer()

    @callback
    def _look(self) -> None:
        """Send if there is anything new, and look again later: a browser can never fall behind."""
        event = self.news()
        if event is not None:
            self._connection.send_event(self._msg_id, event)
        self._timer = self._hass.loop.call_later(self._every_s, self._look).cancel
