"""What a hand does in a dialog of Home Assistant: read, press, choose, fill in."""

from playwright.sync_api import Locator, Page

#: Longest wait for a sentence. Origin: chosen; everything but a capture shows within two seconds on an idle machine.
PATIENCE_S = 60.0
#: Dialogs slide in and their buttons are enabled a moment later. Origin: measured, 0.3 s; doubled.
SETTLE_MS = 700


def dialog(page: Page) -> Locator:
    """The box of the open dialog."""
    return page.get_by_role("dialog").first


def press(page: Page, name: str) -> None:
    """Press a button of the dialog."""
    page.get_by_role("button", name=name, exact=True).last.click()


def choose(page: Page, entry: str) -> None:
    """Take a menu entry of the dialog."""
    page.get_by_text(entry, exact=True).last.click()


def see(page: Page, text: str, timeout_s: float = PATIENCE_S) -> None:
    """Wait until the dialog says this, and until it has stopped moving."""
    page.get_by_text(text).last.wait_for(timeout=timeout_s * 1000)
    page.wait_for_timeout(SETTLE_MS)


def see_one(page: Page, *texts: str, timeout_s: float = PATIENCE_S) -> str:
    """Wait until the dialog says one of these; which."""
    one = page.get_by_text(texts[0])
    for text in texts[1:]:
        one = one.or_(page.get_by_text(text))
    one.last.wait_for(timeout=timeout_s * 1000)
    page.wait_for_timeout(SETTLE_MS)
    return next(text for text in texts if page.get_by_text(text).count())


def add_listener(page: Page, url: str, udp_port: int) -> None:
    """From the link in the README to the first dialog of a room."""
    page.goto(f"{url}/config/integrations/dashboard/add?domain=ruview")
    press(page, "OK")
    see(page, "Listen for nodes")
    page.locator("ha-form input").nth(0).fill(str(udp_port))
    page.locator("ha-form input").nth(1).fill("127.0.0.1")


def fill_times(page: Page, lead_s: int, duration_s: int) -> None:
    """How long to get out, how long to measure."""
    numbers = page.locator("ha-form input[type=number]")
    numbers.nth(0).fill(str(lead_s))
    numbers.nth(1).fill(str(duration_s))


def pick_area(page: Page, name: str) -> None:
    """Choose an area that exists."""
    page.locator("ha-form ha-area-picker").click()
    page.get_by_text(name, exact=True).first.click()
    page.wait_for_timeout(SETTLE_MS)


def tick_all(page: Page) -> None:
    """Tick every box of the form."""
    for box in page.locator("ha-form ha-checkbox").all():
        box.click()
    page.wait_for_timeout(SETTLE_MS)
