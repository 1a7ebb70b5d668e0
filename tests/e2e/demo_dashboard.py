"""The dashboard of the demonstration: what the rooms say, what the simulated people really do, and how it went."""

from typing import Any

from .client import Client

URL_PATH = "ruview-demo"
#: Show what the simulated people are doing; written by the demonstration, read by nobody but the one who looks at it.
TRUTH = "input_text.simulated_person"
PUPIL_TRUTH = "input_text.simulated_pupil"

#: Short, for a page about one room.
NAMES = {
    "occupancy": "Occupancy",
    "motion": "Motion",
    "posture": "Posture",
    "breathing_rate": "Breathing",
    "regime": "Regime",
    "calibration": "Calibration",
}
#: What a simulated person does, as somebody says it who looks on.
DOINGS = {
    "absent": "nobody is there",
    "enter": "comes in",
    "walk": "walks about",
    "stand down": "stands still",
    "stand": "stands still",
    "sit down": "sits down",
    "sit": "sits",
    "breathe": "sits and breathes",
    "small_move": "fidgets",
    "lie down": "lies down",
    "lie": "lies",
    "sleep down": "lies down",
    "sleep": "sleeps",
    "get up": "gets up",
    "leave": "leaves",
}
FOLLOWED = ("occupancy", "motion", "posture", "regime")

NOTE = (
    "**Simulated boards, real everything else.** Another process on this machine plays ESP32 boards in a furnished "
    "room and sends their datagrams to UDP port {udp_port}. Home Assistant, the integration, its calibration and every "
    "value on this page are real. *Really going on* is what the simulated person does; the integration never sees it."
)
#: The board of the room that is left to whoever looks; the first room has three.
SECOND_NODE = 4
LESSON = (
    f"The bedroom has a board, number {SECOND_NODE}, and no room in RuView yet. "
    "Its person does what the wizard asks for.\n\n"
    "1. Open [RuView](/config/integrations/integration/ruview) and press **Add room**, on the right.\n"
    f"2. Choose the area *Bedroom*, tick **Node {SECOND_NODE}**, and go on.\n"
    "3. Leave the times as they are: the person goes out, the empty room is measured, the person comes back.\n"
    "4. Press **Start** and go through the poses; each gets a verdict. *Try again* when one is refused.\n\n"
    "It takes seven to eight minutes, the same as at home. Closing the dialog loses nothing."
)


def show(client: Client, room: str, entities: dict[str, str], boards: list[str], udp_port: int) -> None:
    """Create the dashboard, and make it what opens first. `entities` without those the room was not taught."""
    client.command(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title="RuView demo",
        icon="mdi:account-eye",
        show_in_sidebar=True,
        mode="storage",
    )
    fill(client, room, entities, boards, udp_port)
    client.command("frontend/set_system_data", key="core", value={"default_panel": URL_PATH})


def fill(client: Client, room: str, entities: dict[str, str], boards: list[str], udp_port: int) -> None:
    """Write its pages anew."""
    config = {"views": [view(room, entities, boards, udp_port), lesson()]}
    client.command("lovelace/config/save", url_path=URL_PATH, config=config)


def show_second(client: Client, room: str, entities: dict[str, str]) -> None:
    """The second room has been added by whoever looks: show it beside the instructions."""
    config = client.command("lovelace/config", url_path=URL_PATH)
    config["views"][1] = lesson(room, entities)
    client.command("lovelace/config/save", url_path=URL_PATH, config=config)


def view(room: str, entities: dict[str, str], boards: list[str], udp_port: int) -> dict[str, Any]:
    """One page in three sections; entities that do not exist are left out."""
    now = [heading(room, "mdi:sofa"), card(entities)]
    now += tiles(entities, "occupancy", "motion", "posture", "breathing_rate", "regime", "calibration")
    now.append(truth(TRUTH))
    followed = [{"entity": entities[key], "name": NAMES[key]} for key in FOLLOWED if key in entities]
    past = [
        heading("The last minutes", "mdi:chart-timeline"),
        {
            "type": "history-graph",
            "hours_to_show": 0.1,
            "entities": [{"entity": TRUTH, "name": "Really"}, *followed],
        },
    ]
    behind = [
        heading("Behind it", "mdi:access-point"),
        *[{"type": "tile", "entity": entity, "name": board_name(entity)} for entity in by_board(boards)],
        {"type": "markdown", "content": NOTE.format(udp_port=udp_port)},
        {"type": "markdown", "content": f"**Your turn:** [teach a room yourself](/{URL_PATH}/teach)."},
    ]
    sections = [{"type": "grid", "cards": cards} for cards in (now, past, behind)]
    return {"title": "Living room", "path": "room", "type": "sections", "max_columns": 3, "sections": sections}


def lesson(room: str = "Bedroom", entities: dict[str, str] | None = None) -> dict[str, Any]:
    """The page that lets somebody teach a room; with the room itself once it is there."""
    told = [heading("Teach a room yourself", "mdi:school"), {"type": "markdown", "content": LESSON}]
    seen = [heading(room, "mdi:bed"), truth(PUPIL_TRUTH)]
    if entities is not None:
        seen += [card(entities), *tiles(entities, "occupancy", "motion", "posture", "breathing_rate", "calibration")]
    sections = [{"type": "grid", "cards": cards} for cards in (told, seen)]
    return {"title": "Teach a room", "path": "teach", "type": "sections", "max_columns": 2, "sections": sections}


def card(entities: dict[str, str]) -> dict[str, Any]:
    """Our card of a room."""
    return {
        "type": "custom:ruview-room-card",
        "entity": entities["occupancy"],
        "grid_options": {"columns": "full"},
    }


def truth(entity: str) -> dict[str, Any]:
    """What a simulated person does."""
    return {
        "type": "tile",
        "entity": entity,
        "name": "Really going on",
        "icon": "mdi:theater",
        "grid_options": {"columns": "full"},
    }


def by_board(boards: list[str]) -> list[str]:
    """Of each board, one after the other, whether it is there and how fast it sends."""
    shown = [entity for entity in boards if entity.endswith(("_online", "_frame_rate"))]
    return sorted(shown, key=lambda entity: (entity.partition(".")[2].rpartition("node_")[2][:1], entity))


def board_name(entity: str) -> str:
    """Short enough for half a column."""
    number = entity.rpartition("node_")[2][:1]
    return f"Node {number}" if entity.endswith("_online") else "Its frames"


def heading(text: str, icon: str) -> dict[str, Any]:
    """A section's title."""
    return {"type": "heading", "heading": text, "icon": icon}


def tiles(entities: dict[str, str], *keys: str) -> list[dict[str, Any]]:
    """A tile for each that exists."""
    return [{"type": "tile", "entity": entities[key], "name": NAMES[key]} for key in keys if key in entities]
