"""Sentences for the logbook: what was measured and taught. Regimes and signatures get there by their entities."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.logbook import LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_CALIBRATION
from .text import Texts

#: Kind of capture → the group of words in which its reasons are.
REASONS: Final = {"baseline": "refusal", "anchor": "verdict", "signature": "verdict", "train": "training"}


@callback
def async_describe_events(
    hass: HomeAssistant, async_describe_event: Callable[[str, str, Callable[[Event[Any]], dict[str, str]]], None]
) -> None:
    """Called by Home Assistant."""

    @callback
    def calibration(event: Event[Any]) -> dict[str, str]:
        data, texts = event.data, Texts.cached(hass)
        kind = data["kind"]
        sentence = texts.get("logbook", f"{kind}_{'accepted' if data['accepted'] else 'refused'}")
        what = texts.get("anchor", data["what"]) if kind == "anchor" else data["what"]
        message = sentence.format(what=what, reason=texts.get(REASONS[kind], data["reason"]))
        return {LOGBOOK_ENTRY_NAME: data["room"], LOGBOOK_ENTRY_MESSAGE: message}

    async_describe_event(DOMAIN, EVENT_CALIBRATION, calibration)
