"""Sentences for the logbook: what was measured and taught. Regimes and signatures get there by their entities."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.logbook import LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_CALIBRATION

#: (kind of capture, accepted) → sentence.
SENTENCES: Final = {
    ("baseline", True): "the empty room was measured",
    ("baseline", False): "the measurement of the empty room was refused ({reason})",
    ("anchor", True): "the pose {what} was accepted",
    ("anchor", False): "the pose {what} was refused ({reason})",
    ("signature", True): "the signature {what} was recorded",
    ("signature", False): "the signature {what} was not kept ({reason})",
    ("train", True): "the room was taught",
    ("train", False): "nothing could be learnt ({reason})",
}


@callback
def async_describe_events(
    hass: HomeAssistant, async_describe_event: Callable[[str, str, Callable[[Event[Any]], dict[str, str]]], None]
) -> None:
    """Called by Home Assistant."""

    @callback
    def calibration(event: Event[Any]) -> dict[str, str]:
        data = event.data
        sentence = SENTENCES[data["kind"], data["accepted"]]
        return {LOGBOOK_ENTRY_NAME: data["room"], LOGBOOK_ENTRY_MESSAGE: sentence.format_map(data)}

    async_describe_event(DOMAIN, EVENT_CALIBRATION, calibration)
