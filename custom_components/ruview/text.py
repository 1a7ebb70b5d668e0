"""Translated words that Python puts into sentences: reasons, poses, advice. They live in `selector`, like choices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN


@dataclass(frozen=True, slots=True)
class Texts:
    """The `selector` part of our translations in the language of the house."""

    words: Mapping[str, str]

    @classmethod
    async def load(cls, hass: HomeAssistant) -> Self:
        """Home Assistant caches the files; this is cheap after the first time."""
        return cls(await async_get_translations(hass, hass.config.language, "selector", [DOMAIN]))

    @classmethod
    def cached(cls, hass: HomeAssistant) -> Self:
        """Where nobody can wait: Home Assistant loaded our texts when it set us up."""
        return cls(async_get_cached_translations(hass, hass.config.language, "selector", DOMAIN))

    def get(self, group: str, key: str | None) -> str:
        """One choice of one group; the key itself when there is no word for it, nothing for None."""
        if key is None:
            return ""
        return self.words.get(f"component.{DOMAIN}.selector.{group}.options.{key}", key)


def moment(at: datetime) -> str:
    """A time within a sentence: in the zone of the house, which need not be the machine's, and no language's order."""
    return dt_util.as_local(at).strftime("%Y-%m-%d %H:%M")
