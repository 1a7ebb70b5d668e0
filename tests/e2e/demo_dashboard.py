"""The dashboard of the demonstration: what the room says, what the simulated person really does, and how it went."""

from typing import Any

from .client import Client

URL_PATH = "ruview-demo"
#: Shows what the simulated person is doing; written by the demonstration, read by nobody but the one who looks at it.
TRUTH = "input_text.simulated_person"

NOTE = (
    "**Simulated boards, real everything else.** Another process on this machine plays ESP32 boards in a furnished "
    "room and sends their datagrams to UDP port {udp_port}. Home Assistant, the integration, its calibration and every "
    "value on this page are real. *Really going on* is what the simulated person does; the integration never sees it."
)


def show(
    client: Client, room: str, entities: dict[str, str], boards: list[str], udp_port: int, *, has_card: bool
) -> None:
    """Create the dashboard, and make it what opens first."""
    client.command(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title="RuView demo",
        icon="mdi:account-eye",
        show_in_sidebar=True,
        mode="storage",
    )
    config = {"views": [view(room, entities, boards, udp_port, has_card=has_card)]}
    client.command("lovelace/config/save", url_path=URL_PATH, config=config)
    client.command("frontend/set_system_data", key="core", value={"default_panel": URL_PATH})


def view(room: str, entities: dict[str, str], boards: list[str], udp_port: int, *, has_card: bool) -> dict[str, Any]:
    """One page in three sections; entities that do not exist are left out."""
    now = [heading(room, "mdi:sofa")]
    if has_card:
        card = {"type": "custom:ruview-room-card", "entity": entities["occupancy"]}
        now.append(card | {"grid_options": {"columns": "full"}})
    now += tiles(entities, "occupancy", "motion", "posture", "breathing_rate", "regime", "calibration")
    truth = {"type": "tile", "entity": TRUTH, "name": "Really going on", "icon": "mdi:theater"}
    now.append(truth | {"grid_options": {"columns": "full"}})
    followed = [
        entities[key] for key in ("occupancy", "motion", "posture", "regime", "breathing_rate") if key in entities
    ]
    past = [
        heading("The last minutes", "mdi:chart-timeline"),
        {"type": "history-graph", "hours_to_show": 0.1, "entities": [TRUTH, *followed]},
    ]
    behind = [
        heading("Behind it", "mdi:access-point"),
        *[{"type": "tile", "entity": entity} for entity in boards],
        {"type": "markdown", "content": NOTE.format(udp_port=udp_port)},
    ]
    sections = [{"type": "grid", "cards": cards} for cards in (now, past, behind)]
    return {"title": "RuView demo", "path": "room", "type": "sections", "max_columns": 3, "sections": sections}


def heading(text: str, icon: str) -> dict[str, Any]:
    """A section's title."""
    return {"type": "heading", "heading": text, "icon": icon}


def tiles(entities: dict[str, str], *keys: str) -> list[dict[str, Any]]:
    """A tile for each that exists."""
    return [{"type": "tile", "entity": entities[key]} for key in keys if key in entities]
