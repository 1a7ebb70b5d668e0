"""What the sensors of a room reported while it was recorded, from Home Assistant's own memory."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from homeassistant.const import ATTR_DEVICE_CLASS
from homeassistant.core import HomeAssistant, State

from .ruview_engine.training.camera_free.sensor_files import Reports, read_state, signal_of
from .ruview_engine.training.camera_free.signals import STEP_LIFE_S

#: A state from before the recording still holds at its start. Origin: derived, as long as training believes it.
BEFORE: Final = timedelta(seconds=STEP_LIFE_S)


async def async_reports(
    hass: HomeAssistant, entities: Sequence[str], start: datetime, end: datetime
) -> tuple[Reports, list[str]]:
    """(reports by signal in unix seconds, notes on what could not be used)."""
    signals, notes = {}, []
    for entity in entities:
        state = hass.states.get(entity)
        device_class = state.attributes.get(ATTR_DEVICE_CLASS) if state is not None else None
        signal = signal_of(entity, None if device_class is None else str(device_class))
        if signal is None:
            notes.append(f"{entity}: measures none of the ten signals")
        else:
            signals[entity] = signal
    if not signals:
        return {}, notes
    if "recorder" not in hass.config.components:
        return {}, [*notes, "the recorder is not running, so nothing is known of the past"]
    from homeassistant.components.recorder import get_instance
    from homeassistant.components.recorder.history import get_significant_states

    def query() -> dict[str, list[State]]:
        found = get_significant_states(
            hass, start - BEFORE, end, list(signals), significant_changes_only=False, no_attributes=True
        )
        return {entity: [one for one in states if isinstance(one, State)] for entity, states in found.items()}

    states = await get_instance(hass).async_add_executor_job(query)
    reports: Reports = {}
    for entity, signal in signals.items():
        rows = [(one.last_updated_timestamp, read_state(one.state)) for one in states.get(entity, [])]
        usable = [(at, value) for at, value in rows if value is not None]
        if usable:
            reports.setdefault(signal, []).extend(usable)
        else:
            notes.append(f"{entity}: no history of that time")
    return reports, notes
