"""Panel and card in a real browser, on a real Home Assistant, with boards that send real datagrams."""

import hashlib
import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page

from .browser import signed_in_page
from .client import Client, Refused, wait_for
from .config_folder import Account
from .homeassistant_process import HomeAssistantProcess, free_port
from .simulated_home import SimulatedHome
from .walkthrough import Flow, add_area, add_listener, room_answers, room_entities, rooms, walk

#: Longest wait for something on a page. Origin: chosen; everything here shows within two seconds on an idle machine.
SHOWN_MS = 30_000
#: Until an empty room says so: hold time and evidence. Origin: as in test_living_room, 5 s and three times 26 s.
CLEAR_MS = 85_000
PHONE_WIDTH = 360
DASHBOARD = "ruview-test"

PROBES = Path(__file__).with_name("probes")
TRANSLATIONS = Path(__file__).parents[2] / "custom_components/ruview/translations"


@dataclass(kw_only=True)
class Stage:
    """What the tests of this module share."""

    home: HomeAssistantProcess
    people: SimulatedHome
    entry_id: str
    flow: Flow
    room_id: str = ""
    shots: Path
    complaints: list[str] = field(default_factory=list)

    @property
    def client(self) -> Client:
        return self.home.client

    @contextmanager
    def page(self, path: str, account: Account | None = None, **options: Any) -> Iterator[Page]:
        """A page of Home Assistant; everything a browser complains of is kept."""
        with signed_in_page(self.home.folder.url, account or self.home.folder.owner, **options) as page:
            page.on("console", self._console)
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
            page.goto(f"{self.home.folder.url}/{path}")
            yield page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def keep(self, page: Page, name: str) -> bytes:
        """A screenshot, for people and for comparison."""
        return page.screenshot(path=self.shots / f"{name}.png")


@pytest.fixture(scope="module")
def stage(home: HomeAssistantProcess, browser: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    udp_port = free_port(socket.SOCK_DGRAM)
    with SimulatedHome(udp_port, home.folder.path / "truth.jsonl") as people:
        entry_id, flow = add_listener(home.client, udp_port)
        yield Stage(
            home=home, people=people, entry_id=entry_id, flow=flow, shots=tmp_path_factory.mktemp("screenshots")
        )


@pytest.fixture(scope="module")
def room(stage: Stage) -> Stage:
    """The same with a room whose empty state is known, and a dashboard with its card."""
    area = add_area(stage.client, "Living room")
    result = walk(stage.client, stage.flow, room_answers(area))
    assert result["reason"] == "room_added", result
    stage.room_id = rooms(stage.client, stage.entry_id)["Living room"]
    entities = room_entities(stage.client, stage.room_id)
    stage.client.action("number", "set_value", {"entity_id": entities["hold_time"], "value": 5})
    stage.client.command(
        "lovelace/dashboards/create", url_path=DASHBOARD, title="Card", mode="storage", show_in_sidebar=True
    )
    card = {"type": "custom:ruview-room-card", "entity": entities["occupancy"]}
    view = {"type": "sections", "title": "Card", "sections": [{"type": "grid", "cards": [card]}]}
    stage.client.command("lovelace/config/save", url_path=DASHBOARD, config={"views": [view]})
    return stage


def seen(page: Page, test_id: str) -> Locator:
    """The part with this test id, once it is there."""
    part = page.get_by_test_id(test_id)
    part.wait_for(timeout=SHOWN_MS)
    return part


def moving(page: Page, waterfall: Locator) -> None:
    """Wait until the picture is another one; whose picture it is, is told if it stays."""
    first = hashlib.sha256(waterfall.screenshot()).digest()
    path = seen(page, "waterfall-link").input_value()
    eventually(
        page, f"a waterfall of {path} that moves", lambda: hashlib.sha256(waterfall.screenshot()).digest() != first
    )


def eventually(page: Page, what: str, question: Callable[[], bool], within_ms: int = SHOWN_MS) -> None:
    """Wait until it is so, while the page goes on living."""

    def ask() -> bool:
        page.wait_for_timeout(100)
        return question()

    wait_for(ask, within_ms / 1000, what)


def probe(name: str) -> str:
    """A question to the page, kept in a file of its own."""
    return (PROBES / f"{name}.js").read_text(encoding="utf-8")


def widths(page: Page, element: str) -> tuple[int, int]:
    """What the page's widest part needs, and what there is."""
    needed, there = page.evaluate(probe("widths"), element)
    return int(needed), int(there)


def test_panel_without_room_says_what_to_do(stage: Stage) -> None:
    with stage.page("ruview") as page:
        empty = seen(page, "empty")
        assert "No room yet" in empty.inner_text()
        link = empty.get_by_role("link")
        link.click()
        page.wait_for_url("**/config/integrations/integration/ruview*", timeout=SHOWN_MS)


def test_card_lives_for_a_guest(room: Stage) -> None:
    """First of the room's tests: nobody has been in it since it was measured empty."""
    with room.page(DASHBOARD, room.home.folder.guest) as page:
        word = seen(page, "card-occupancy")
        eventually(page, "Empty", lambda: word.inner_text() == "Empty", CLEAR_MS)
        assert "Posture" in seen(page, "fact-posture").inner_text()
        assert len(seen(page, "fact-posture").inner_text().splitlines()) >= 3, "the reason stands beside unknown"
        strip = seen(page, "regime-strip")
        eventually(page, "a strip in words", lambda: "minutes" in (strip.get_attribute("aria-label") or ""))
        room.people.tell("walk")
        eventually(page, "Occupied", lambda: word.inner_text() == "Occupied")
        room.keep(page, "card-guest")
        assert page.locator("ruview-room-card").evaluate(probe("flaws")) == []
    assert room.complaints == []


def test_panel_shows_the_room_live(room: Stage) -> None:
    room.people.tell("leave")
    with room.page("ruview", height=2200) as page:
        tile = seen(page, f"room-{room.room_id}")
        assert tile.get_attribute("aria-current") == "true"
        waterfall = seen(page, "waterfall")
        eventually(page, "a waterfall with words", lambda: "Waterfall" in (waterfall.get_attribute("aria-label") or ""))
        moving(page, waterfall)
        eventually(page, "a change score", lambda: "threshold" in seen(page, "change-value").inner_text())
        assert seen(page, "nodes").locator("tbody tr").count() >= 4
        assert "Empty room measured" in seen(page, "baseline").inner_text()
        assert seen(page, "drift").get_attribute("aria-valuenow") is not None
        assert seen(page, "enrolment").get_by_role("listitem").count() == 8
        posture = seen(page, "reading-posture")
        eventually(page, "why posture is unknown", lambda: "Unknown" in posture.inner_text())
        assert len(posture.inner_text().splitlines()) >= 3, "an unknown has its reason beside it"
        room.people.tell("walk")
        eventually(page, "Moving", lambda: "Moving" in tile.inner_text())
        eventually(page, "Occupied", lambda: "Occupied" in tile.inner_text())
        room.keep(page, "panel-light")
        assert page.locator("ruview-panel").evaluate(probe("flaws")) == []
    assert room.complaints == []


def test_canvas_that_was_hidden_for_a_moment_is_drawn(stage: Stage) -> None:
    with stage.page("ruview") as page:
        page.locator("ruview-panel").wait_for(timeout=SHOWN_MS)
        assert page.evaluate(probe("hidden_then_shown"), "/ruview_static/shared/painter.js") == 1


def test_panel_by_keyboard(room: Stage) -> None:
    with room.page("ruview") as page:
        tile = seen(page, f"room-{room.room_id}")
        tile.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/ruview/{room.room_id}")
        seen(page, "waterfall")
        order = []
        for _ in range(5):
            page.keyboard.press("Tab")
            order.append(page.evaluate(probe("focused")))
        assert order[:3] == ["waterfall-pause", "waterfall-link", "waterfall-mode"]
        measure = seen(page, "measure")
        measure.focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Not now").press("Enter")
        assert seen(page, "measure").evaluate("e => e.getRootNode().activeElement === e"), "focus comes back"


def test_streams_live_only_while_somebody_looks(room: Stage) -> None:
    commands = (
        "[...document.querySelector('home-assistant').hass.connection.commands.values()].filter("
        "(known) => known.unsubscribe).length"
    )
    with room.page("ruview") as page:
        seen(page, "waterfall")
        page.wait_for_timeout(1000)
        looking = page.evaluate(commands)
        show = "state => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });"
        show += " document.dispatchEvent(new Event('visibilitychange')) }"
        page.evaluate(show, "hidden")
        eventually(page, "four streams fewer", lambda: page.evaluate(commands) <= looking - 4)
        away = page.evaluate(commands)
        page.evaluate(show, "visible")
        eventually(page, "the streams again", lambda: page.evaluate(commands) >= away + 4)
        seen(page, "waterfall")
        page.evaluate("history.pushState(null, '', '/config'); dispatchEvent(new CustomEvent('location-changed'))")
        eventually(page, "no stream left", lambda: page.evaluate(commands) <= away)
    assert room.complaints == []


def test_panel_finds_its_room_again_after_a_reload(room: Stage) -> None:
    with room.page("ruview") as page:
        waterfall = seen(page, "waterfall")
        room.client.post(f"/api/config/config_entries/entry/{room.entry_id}/reload")
        page.wait_for_timeout(3000)  # the former streams have said their last
        moving(page, waterfall)
        assert "lost" not in seen(page, f"room-{room.room_id}").inner_text()


def test_panel_fits_a_phone(room: Stage) -> None:
    with room.page("ruview", width=PHONE_WIDTH, height=740) as page:
        seen(page, "waterfall")
        page.get_by_test_id("calibration").wait_for(timeout=SHOWN_MS)
        page.wait_for_timeout(2500)
        needed, there = widths(page, "ruview-panel")
        assert needed <= there == PHONE_WIDTH
        room.keep(page, "panel-phone")


def test_panel_follows_the_theme(room: Stage) -> None:
    backgrounds = []
    for dark in (False, True):
        with room.page("ruview", dark=dark) as page:
            waterfall = seen(page, "waterfall")
            page.wait_for_function(
                "e => e.getAttribute('aria-label')", arg=waterfall.element_handle(), timeout=SHOWN_MS
            )
            seen(page, "measure").click()
            assert page.locator("ruview-panel").evaluate(probe("contrast")) == []
            backgrounds.append(page.locator("ruview-panel").evaluate("e => getComputedStyle(e).backgroundColor"))
            room.keep(page, f"panel-{'dark' if dark else 'light-top'}")
    assert backgrounds[0] != backgrounds[1]


def test_card_fits_a_phone_and_the_dark(room: Stage) -> None:
    with room.page(DASHBOARD, room.home.folder.guest, dark=True, width=PHONE_WIDTH, height=740) as page:
        seen(page, "card-occupancy")
        page.wait_for_timeout(1500)
        assert page.locator("ruview-room-card").evaluate(probe("contrast")) == []
        needed, there = widths(page, "ruview-room-card")
        assert needed <= there == PHONE_WIDTH
        room.keep(page, "card-phone-dark")


def test_panel_and_card_speak_the_language_of_whoever_looks(room: Stage) -> None:
    """German words are longer: the narrowest phone, too."""
    with room.page("ruview", language="de-DE", width=PHONE_WIDTH, height=740) as page:
        seen(page, "waterfall")
        eventually(page, "a drift in German", lambda: "Grenze" in seen(page, "drift-value").inner_text())
        panel = page.locator("ruview-panel")
        eventually(page, "poses", lambda: seen(page, "enrolment").get_by_role("listitem").count() == 8)
        assert english_left(panel.inner_text()) == set()
        assert english_left(" / ".join(panel.evaluate(probe("labels")))) == set()
        needed, there = widths(page, "ruview-panel")
        assert needed <= there == PHONE_WIDTH
        room.keep(page, "panel-phone-german")
    with room.page(DASHBOARD, room.home.folder.guest, language="de-DE") as page:
        word = seen(page, "card-occupancy")
        eventually(page, "a word for it", lambda: word.inner_text() in ("Belegt", "Leer", "Unbekannt"))
        assert english_left(page.locator("ruview-room-card").inner_text()) == set()
        room.keep(page, "card-german")
    assert room.complaints == []


def english_left(text: str) -> set[str]:
    """English sentences and words in `text` for which there is a German one."""
    german = {said for _, said in sentences("de")}
    return {
        said
        for _, said in sentences("en")
        if "{" not in said and said not in german and re.search(rf"\b{re.escape(said)}(?!\w)", text)
    }


def sentences(language: str) -> Iterator[tuple[str, str]]:
    """Everything that panel and card may say in one language."""
    texts = json.loads((TRANSLATIONS / f"{language}.json").read_text(encoding="utf-8"))["selector"]
    for group, known in texts.items():
        for key, said in known["options"].items():
            yield f"{group}.{key}", said


def test_card_is_offered_for_our_rooms_only(room: Stage) -> None:
    occupancy = room_entities(room.client, room.room_id)["occupancy"]
    with room.page(DASHBOARD) as page:
        seen(page, "card-occupancy")
        ask = (
            "entity => window.customCards.find((card) => card.type === 'ruview-room-card')"
            ".getEntitySuggestion(document.querySelector('home-assistant').hass, entity)"
        )
        assert page.evaluate(ask, occupancy)["config"] == {"type": "custom:ruview-room-card", "entity": occupancy}
        assert page.evaluate(ask, "sun.sun") is None
        kind = "customElements.get('ruview-room-card')"
        stub = page.evaluate(f"{kind}.getStubConfig(document.querySelector('home-assistant').hass)")
        assert stub == {"entity": occupancy}
        form = page.evaluate(
            f"{kind}.getConfigForm().then((form) => form.schema.map((field) => [field.name, form.computeLabel(field)]))"
        )
        assert form == [["entity", "Room"], ["name", "Name"], ["minutes", "Minutes of regime history"]]


def test_panel_holds_nothing_that_it_does_not_hear(room: Stage) -> None:
    with room.page("ruview") as page:
        motion = seen(page, "reading-motion")
        eventually(page, "an answer", lambda: "sure" in motion.inner_text())
        silent = "panel => { panel._view._lost(); return panel.shadowRoot.querySelector('.readings').innerText; }"
        told = page.locator("ruview-panel").evaluate(silent)
        assert told.count("The connection was lost") == told.count("Unknown") == 7
        eventually(page, "the answer again", lambda: "sure" in motion.inner_text())
    assert room.complaints == []


def test_panel_says_that_the_listener_is_off(room: Stage) -> None:
    switch = "to => document.querySelector('home-assistant').hass.callWS({ type: 'config_entries/disable', ...to })"
    with room.page("ruview") as page:
        seen(page, f"room-{room.room_id}")
        page.evaluate(switch, {"entry_id": room.entry_id, "disabled_by": "user"})
        assert "RuView is not running" in seen(page, "empty").inner_text()
        assert page.get_by_test_id(f"room-{room.room_id}").count() == 0
        page.evaluate(switch, {"entry_id": room.entry_id, "disabled_by": None})
        seen(page, f"room-{room.room_id}")
        assert page.get_by_test_id("empty").count() == 0


@pytest.mark.parametrize("command", ["waterfall/subscribe", "introspection/subscribe", "room/details"])
def test_guest_gets_no_streams_of_the_panel(room: Stage, command: str) -> None:
    guest = Client(room.home.folder.url, room.home.folder.guest.token)
    with pytest.raises(Refused, match="unauthorized"):
        guest.command(f"ruview/{command}", room_id=room.room_id)


def test_guest_has_no_panel(room: Stage) -> None:
    with room.page("ruview", room.home.folder.guest) as page:
        page.wait_for_timeout(3000)
        assert page.locator("ruview-panel").count() == 0


def test_measuring_begins_from_the_panel(room: Stage) -> None:
    """After everything that stands on the present baseline: nobody waits for the end of this one."""
    with room.page("ruview") as page:
        seen(page, "measure").click()
        page.get_by_role("button", name="Start").click()
        progress = seen(page, "progress")
        assert "Leave the room" in progress.inner_text()
        before = progress.inner_text()
        eventually(page, "a countdown", lambda: progress.inner_text() != before)
    assert room.complaints == []


def test_log_is_clean(room: Stage) -> None:
    """Last on purpose: it reads what everything above has caused."""
    assert room.home.complaints() == []
