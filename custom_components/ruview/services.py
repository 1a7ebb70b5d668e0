"""The actions: asking a room, teaching it, recording, moving what it has learnt to another installation."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

import probatio as vol
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_device_and_config_entry, async_register_admin_service

from .const import CONF_RECORDING, DEFAULT_BASELINE_S, DEFAULT_LEAD_S, DOMAIN
from .coordinator import RoomCoordinator
from .document import plain
from .hub import RuViewHub
from .poses import POSES
from .rooms import may_see
from .ruview_engine.errors import FormatError, NewerFormat, OrderError, StoreError, TrainingError
from .training_job import async_train, is_running
from .view import Outcome

_LOGGER = logging.getLogger(__name__)

type Action = Callable[[RuViewHub, RoomCoordinator, ServiceCall], Coroutine[Any, Any, ServiceResponse]]


def _refuse(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders or None
    )


def _failed(key: str, room: RoomCoordinator) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders={"room": room.title}
    )


def _need_frames(room: RoomCoordinator) -> None:
    if room.teacher.progress is not None:
        raise _refuse("busy")
    if not room.hears:
        raise _refuse("no_frames")


def _verdict(outcome: Outcome) -> ServiceResponse:
    return {"accepted": outcome.accepted, "reason": outcome.reason, "numbers": dict(outcome.numbers)}


async def get_room_state(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """All readings."""
    return {"room": room.title, "state": plain(room.data.state), "calibration": room.calibration}


async def get_snapshot(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """What introspection sees, and the signatures it looks for."""
    return {
        "room": room.title,
        "snapshot": plain(room.snapshot),
        "signatures": [plain(known) for known in room.teacher.signatures.known],
    }


async def capture_baseline(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """Measure the empty room; answers when done."""
    _need_frames(room)
    room.teacher.async_start_baseline(call.data["lead"], call.data["duration"])
    return _verdict(await room.teacher.async_wait())


async def record_anchor(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """Record one pose; answers when judged."""
    _need_frames(room)
    if not room.has_baseline:
        raise _refuse("no_baseline")
    room.teacher.async_start_pose(call.data["anchor"], call.data.get("lead"))
    return _verdict(await room.teacher.async_wait())


async def train_room(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """Learn from what was accepted."""
    if room.teacher.progress is not None:
        raise _refuse("busy")
    if not room.has_baseline:
        raise _refuse("no_baseline")
    try:
        room.teacher.async_start_training()
    except OrderError:
        raise _refuse("nothing_taught") from None
    outcome = await room.teacher.async_wait()
    return {
        "accepted": outcome.accepted,
        "reason": outcome.reason,
        "specialists": {skill.kind: plain(skill) for skill in room.teacher.skills},
    }


async def restore_bank(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """Back to a former bank."""
    version = int(call.data["version"])
    if version not in {bank.version for bank in room.teacher.banks}:
        raise _refuse("unknown_bank", room=room.title, version=str(version))
    await room.teacher.async_restore(version)
    return {"version": version}


async def capture_signature(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """Record a short happening."""
    _need_frames(room)
    room.teacher.signatures.async_start(call.data["label"], call.data["lead"], call.data["duration"])
    outcome = await room.teacher.async_wait()
    found = {known.label: known.signature_id for known in room.teacher.signatures.known}
    return {**(_verdict(outcome) or {}), "signature_id": found.get(call.data["label"]) if outcome.accepted else None}


async def delete_signature(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """Forget one."""
    signature_id = call.data["signature_id"]
    if signature_id not in {known.signature_id for known in room.teacher.signatures.known}:
        raise _refuse("unknown_signature", room=room.title, signature=signature_id)
    await room.teacher.signatures.async_delete(signature_id)
    return {"signature_id": signature_id}


async def start_recording(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """Write raw frames to a file, for a while."""
    if not hub.option(CONF_RECORDING):
        raise _refuse("recording_not_allowed")
    if room.room_id in hub.recordings.tapes:
        raise _refuse("busy")
    if not room.hears:
        raise _refuse("no_frames")  # nor would it be known which senders to record
    addresses = {node.address for key, node in hub.engine.nodes.items() if key in room.nodes}
    tape = await hub.recordings.start(room.room_id, addresses, call.data["duration"])
    return {"file": tape.name}


async def stop_recording(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """End it before its time."""
    tape = await hub.recordings.stop(room.room_id)
    if tape is None:
        raise _refuse("not_recording")
    return {"file": tape.name, "datagrams": tape.n_written, "dropped": tape.n_dropped}


async def train_encoder(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """Learn an encoder from the room's recordings and sensors; answers what was measured."""
    if is_running(call.hass, room.room_id):
        raise _refuse("busy")
    measured = await async_train(call.hass, room, call.data["epochs"])
    if measured is None:
        raise _refuse("no_recordings", room=room.title)
    return measured


async def export_room(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """One file with everything learnt."""
    return {"file": await room.teacher.store.export(room.title)}


async def import_room(hub: RuViewHub, room: RoomCoordinator, call: ServiceCall) -> ServiceResponse:
    """Take over such a file."""
    if room.teacher.progress is not None:  # its result would end up in what is taken over
        raise _refuse("busy")
    try:
        await room.teacher.store.import_(call.data["file"])
    except FileNotFoundError:
        raise _refuse("file_not_found", file=call.data["file"]) from None
    except NewerFormat:
        raise _refuse("file_newer") from None
    except (FormatError, StoreError) as error:
        _LOGGER.warning("The file %s was refused: %s", call.data["file"], error)
        raise _refuse("file_refused") from error
    await call.hass.config_entries.async_reload(hub.entry_id)
    _, fresh = room_of(call.hass, call.data[ATTR_DEVICE_ID])
    return {"calibration": fresh.calibration}


_LEAD: Final = vol.All(vol.Coerce(float), vol.Range(min=0, max=300))
_FILE: Final = vol.All(cv.string, vol.Match(r"^[\w-][\w.-]*$"))

#: Name → what it does, its fields, what it answers, and whether it is for administrators only.
ACTIONS: Final[dict[str, tuple[Action, dict[vol.Marker, Any], SupportsResponse, bool]]] = {
    "get_room_state": (get_room_state, {}, SupportsResponse.ONLY, False),
    "get_snapshot": (get_snapshot, {}, SupportsResponse.ONLY, True),
    "capture_baseline": (
        capture_baseline,
        {
            vol.Optional("lead", default=DEFAULT_LEAD_S): _LEAD,
            vol.Optional("duration", default=DEFAULT_BASELINE_S): vol.All(
                vol.Coerce(float), vol.Range(min=30, max=120)
            ),
        },
        SupportsResponse.OPTIONAL,
        True,
    ),
    "record_anchor": (
        record_anchor,
        {vol.Required("anchor"): vol.In(list(POSES)), vol.Optional("lead"): _LEAD},
        SupportsResponse.OPTIONAL,
        True,
    ),
    "train_room": (train_room, {}, SupportsResponse.OPTIONAL, True),
    "restore_bank": (
        restore_bank,
        {vol.Required("version"): vol.All(vol.Coerce(int), vol.Range(min=1, max=100_000))},
        SupportsResponse.OPTIONAL,
        True,
    ),
    "capture_signature": (
        capture_signature,
        {
            vol.Required("label"): vol.All(cv.string, vol.Strip, vol.Length(min=1, max=64)),
            vol.Optional("duration", default=5.0): vol.All(vol.Coerce(float), vol.Range(min=1, max=30)),
            vol.Optional("lead", default=3.0): _LEAD,
        },
        SupportsResponse.OPTIONAL,
        True,
    ),
    "delete_signature": (
        delete_signature,
        {vol.Required("signature_id"): cv.string},
        SupportsResponse.OPTIONAL,
        True,
    ),
    "start_recording": (
        start_recording,
        {vol.Optional("duration", default=300.0): vol.All(vol.Coerce(float), vol.Range(min=1, max=86400))},
        SupportsResponse.OPTIONAL,
        True,
    ),
    "stop_recording": (stop_recording, {}, SupportsResponse.OPTIONAL, True),
    "train_encoder": (
        train_encoder,
        {vol.Optional("epochs", default=20): vol.All(vol.Coerce(int), vol.Range(min=1, max=100))},
        SupportsResponse.OPTIONAL,
        True,
    ),
    "export_room": (export_room, {}, SupportsResponse.OPTIONAL, True),
    "import_room": (import_room, {vol.Required("file"): _FILE}, SupportsResponse.OPTIONAL, True),
}


def room_of(hass: HomeAssistant, device_id: str) -> tuple[RuViewHub, RoomCoordinator]:
    """The room behind a device, or an error that says what is wrong with the choice."""
    device, entry = async_get_device_and_config_entry(hass, DOMAIN, device_id, include_child_devices=False)
    hub: RuViewHub = entry.runtime_data
    for _, identifier in device.identifiers:
        if (room := hub.rooms.get(identifier)) is not None:
            return hub, room
    raise _refuse("not_a_room")


async def _must_be_seen(room: RoomCoordinator, call: ServiceCall) -> None:
    """As in panel and card: whoever may see nothing of a room is told nothing of it. Automations may see all."""
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    if not may_see(call.hass, user, room):
        raise Unauthorized(context=call.context, permission=POLICY_READ)


def _handler(action: Action) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
    async def handle(call: ServiceCall) -> ServiceResponse:
        hub, room = room_of(call.hass, call.data[ATTR_DEVICE_ID])
        await _must_be_seen(room, call)
        try:
            response = await action(hub, room, call)
        except OrderError as error:  # something else began between the question and the answer
            raise _refuse("busy") from error
        except TrainingError as error:
            _LOGGER.warning("Nothing could be learnt in %s: %s", room.title, error)
            raise _refuse("nothing_to_train", room=room.title) from error
        except StoreError as error:
            _LOGGER.warning("A file of %s was refused: %s", room.title, error)
            raise _failed("damaged", room) from error
        except OSError as error:
            _LOGGER.warning("A file of %s could not be read or written: %s", room.title, error)
            raise _failed("disk", room) from error
        return response

    return handle


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register all of them; they outlive the config entry."""
    for name, (action, fields, answers, admin_only) in ACTIONS.items():
        schema = vol.Schema({vol.Required(ATTR_DEVICE_ID): cv.string, **fields})
        register = async_register_admin_service if admin_only else _register
        register(hass, DOMAIN, name, _handler(action), schema=schema, supports_response=answers)


def _register(hass: HomeAssistant, domain: str, name: str, handler: Any, **options: Any) -> None:
    hass.services.async_register(domain, name, handler, **options)
