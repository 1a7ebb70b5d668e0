"""A headless Chromium that is already signed in to a Home Assistant under test."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

from .config_folder import YEARS_10_S, Account

#: In order of preference; RUVIEW_CHROMIUM names another.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # Nothing but the page under test may use the network.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
#: Far away: the page never tries to refresh a token that has no refresh token behind it.
EXPIRES_MS = 4_102_444_800_000


def executable() -> str | None:
    """Where a Chromium or Chrome is on this machine, if there is one."""
    for name in (os.environ.get("RUVIEW_CHROMIUM", ""), *BROWSERS):
        if name and (path := shutil.which(name)):
            return path
    return None


@contextmanager
def signed_in_page(
    url: str, account: Account, *, width: int = 1280, height: int = 900, dark: bool = False, language: str = "en-GB"
) -> Iterator[Page]:
    """A page of a browser in which `account` has signed in; open any path of `url` with it."""
    tokens = {
        "hassUrl": url,
        "clientId": f"{url}/",
        "access_token": account.token,
        "token_type": "Bearer",
        "expires_in": YEARS_10_S,
        "refresh_token": "none",
        "expires": EXPIRES_MS,
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        try:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                locale=language,
                reduced_motion="reduce",
                service_workers="block",
            )
            context.add_init_script(f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(tokens))})")
            yield context.new_page()
        finally:
            browser.close()
