"""Folders of rooms that were deleted while RuView was switched off: out of the way at once, gone after a month."""

import logging
import os
import re
import shutil
import time
from collections.abc import Set
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant

from .const import DOMAIN, SUBENTRY_ROOM

_LOGGER = logging.getLogger(__name__)

#: Where they wait, beside the rooms'.
REMOVED: Final = "removed"
#: So long they can be put back by hand. Origin: chosen; whoever restores half a backup notices within a month.
KEPT_S: Final = 30 * 86_400.0
#: A room's folder is called like its subentry, a ULID; an import puts two more beside it. Whatever else is there is not
#: ours to move: exports, rooms of the command line, what people put there.
ROOM: Final = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})(?:-former|-arriving)?")


async def async_clear_away(hass: HomeAssistant) -> None:
    """Called when a listener starts: what belongs to no room of any listener goes."""
    entries = hass.config_entries.async_entries(DOMAIN)
    owned = {room.subentry_id for entry in entries for room in entry.get_subentries_of_type(SUBENTRY_ROOM)}
    await hass.async_add_executor_job(_clear_away, Path(hass.config.path(DOMAIN)), owned, time.time())


async def async_forget_all(hass: HomeAssistant) -> None:
    """The last listener was deleted: nothing waits any more, and an empty folder says nothing."""
    home = Path(hass.config.path(DOMAIN))

    def forget() -> None:
        shutil.rmtree(home / REMOVED, ignore_errors=True)
        if home.is_dir() and not any(home.iterdir()):
            home.rmdir()

    await hass.async_add_executor_job(forget)


def _clear_away(home: Path, owned: Set[str], now_unix_s: float) -> None:
    """Never raises: a folder that cannot be moved today is tried again at the next start."""
    waiting = home / REMOVED
    try:
        for place in list(home.iterdir()) if home.is_dir() else []:
            found = ROOM.fullmatch(place.name)
            if found is None or found[1] in owned or not place.is_dir():
                continue
            waiting.mkdir(exist_ok=True)
            shutil.rmtree(waiting / place.name, ignore_errors=True)
            place.replace(waiting / place.name)
            os.utime(waiting / place.name, (now_unix_s, now_unix_s))
            _LOGGER.info("The room %s was deleted while RuView was off: its files wait in %s", place.name, waiting)
        for place in list(waiting.iterdir()) if waiting.is_dir() else []:
            if place.stat().st_mtime < now_unix_s - KEPT_S:
                shutil.rmtree(place, ignore_errors=True)
    except OSError as error:
        _LOGGER.warning("What deleted rooms have left cannot be cleared away: %s", error)
