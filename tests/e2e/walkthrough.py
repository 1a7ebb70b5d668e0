"""What an owner clicks: adding the listener, a room, its empty-room measurement. Flows over HTTP, nothing else."""

import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .client import Client, wait_for

type Flow = dict[str, Any]
type Answer = Mapping[str, Any] | Callable[[Flow], Mapping[str, Any]]
"""What to fill into a form, or which menu entry to take (`{"next_step_id": …}`); may depend on the form."""

#: How often a running progress step is looked at. Origin: chosen; the wizard itself moves twice a second.
LOOK_EVERY_S = 0.3


class Stuck(AssertionError):
    """A flow asked something nobody expected, or refused an answer."""


def choose(entry: str) -> Mapping[str, Any]:
    """Take a menu entry."""
    return {"next_step_id": entry}


def walk(
    client: Client,
    flow: Flow,
    answers: Mapping[str, Answer],
    *,
    close_at: str | None = None,
    timeout_s: float = 180.0,
) -> Flow:
    """Answer every step of a subentry flow until it ends, or close the dialog at `close_at`; the last result back."""
    deadline = time.monotonic() + timeout_s
    while flow["type"] not in ("abort", "create_entry"):
        if time.monotonic() > deadline:
            raise Stuck(f"still at {flow.get('step_id')!r} after {timeout_s:.0f} s")
        if flow["type"] in ("progress", "progress_done"):
            time.sleep(LOOK_EVERY_S)
            flow = client.subentry_flow(flow)
            continue
        step = flow["step_id"]
        if flow.get("errors"):
            raise Stuck(f"{step!r} refused: {flow['errors']}")
        if step == close_at:
            client.close_subentry_flow(flow)
            return flow
        if step not in answers:
            raise Stuck(f"unexpected {flow['type']} {step!r}: {flow.get('description_placeholders')}")
        answer = answers[step]
        flow = client.continue_subentry_flow(flow, **(answer(flow) if callable(answer) else answer))
    return flow


def add_listener(client: Client, udp_port: int) -> tuple[str, Flow]:
    """Set the integration up on a port; its entry id, and the room flow that opens by itself."""
    flow = client.start_flow("ruview")
    assert flow["step_id"] == "user", flow
    result = client.continue_flow(flow, host="127.0.0.1", port=udp_port)
    if result["type"] != "create_entry":
        raise Stuck(f"the listener was refused: {result.get('errors') or result.get('reason')}")
    _, room_flow_id = result["next_flow"]
    return result["result"]["entry_id"], client.subentry_flow({"flow_id": room_flow_id})


def add_area(client: Client, name: str) -> str:
    """Create an area; its id."""
    return str(client.command("config/area_registry/create", name=name)["area_id"])


def every_node(flow: Flow) -> Mapping[str, Any]:
    """Tick all nodes the form offers."""
    field = next(field for field in flow["data_schema"] if field["name"] == "nodes")
    return {"nodes": [option["value"] for option in field["selector"]["select"]["options"]]}


def room_answers(area_id: str, *, lead_s: float = 0.0, duration_s: float = 30.0) -> dict[str, Answer]:
    """A new room with all nodes heard, its baseline measured, the poses left for later."""
    return {
        "user": {"area_id": area_id},
        "nodes": every_node,
        "baseline_intro": {"lead_s": lead_s, "duration_s": duration_s},
        "enrol_intro": choose("later"),
    }


def import_room(client: Client, config: Path, room_id: str, archive: Path) -> None:
    """Put an archive where the action looks for one, and perform the action."""
    exports = config / "ruview/exports"
    exports.mkdir(parents=True, exist_ok=True)
    shutil.copy(archive, exports / archive.name)
    data = {"device_id": device(client, room_id), "file": archive.name}
    client.action("ruview", "import_room", data, with_response=True)


def automate(client: Client, name: str, **config: Any) -> str:
    """Save an automation as the editor does; its entity id, once it is there."""
    client.post(f"/api/config/automation/config/{name}", {"alias": name, **config})
    return wait_for(
        lambda: next((one for one, state in client.states().items() if state["attributes"].get("id") == name), None),
        10,
        f"the automation {name}",
    )


def from_blueprint(client: Client, blueprint: str, **inputs: Any) -> str:
    """One of the shipped blueprints, filled in."""
    return automate(client, blueprint, use_blueprint={"path": f"ruview/{blueprint}.yaml", "input": inputs})


def switch_on(helper: str) -> list[dict[str, Any]]:
    """An action list that leaves a trace."""
    return [{"action": "input_boolean.turn_on", "target": {"entity_id": f"input_boolean.{helper}"}}]


def set_options(client: Client, entry_id: str, **options: Any) -> None:
    """Answer the options dialog, which reloads the listener; what is not named keeps its value."""
    flow = client.post("/api/config/config_entries/options/flow", {"handler": entry_id})
    present = {
        field["name"]: field.get("description", {}).get("suggested_value", field.get("default"))
        for field in flow["data_schema"]
    }
    answer = client.post(f"/api/config/config_entries/options/flow/{flow['flow_id']}", {**present, **options})
    assert answer["type"] == "create_entry", answer


def device(client: Client, identifier: str) -> str:
    """The id of a device of ours."""
    devices = client.command("config/device_registry/list")
    return str(next(found["id"] for found in devices if ["ruview", identifier] in found["identifiers"]))


def rooms(client: Client, entry_id: str) -> dict[str, str]:
    """Subentry ids of an entry's rooms by title."""
    found = client.command("config_entries/subentries/list", entry_id=entry_id)
    return {room["title"]: room["subentry_id"] for room in found if room["subentry_type"] == "room"}


def board_entities(client: Client) -> list[str]:
    """Entity ids of all boards: online, signal strength, frame rate."""
    registry = client.command("config/entity_registry/list")
    keys = ("_online", "_rssi", "_frame_rate")
    return sorted(
        entry["entity_id"]
        for entry in registry
        if entry["platform"] == "ruview" and entry["unique_id"].endswith(keys) and not entry["disabled_by"]
    )


def room_entities(client: Client, room_id: str) -> dict[str, str]:
    """Entity ids of a room's enabled entities by their key."""
    registry = client.command("config/entity_registry/list")
    return {
        entry["unique_id"].removeprefix(f"{room_id}_"): entry["entity_id"]
        for entry in registry
        if entry["platform"] == "ruview" and entry["unique_id"].startswith(f"{room_id}_") and not entry["disabled_by"]
    }
