"""Words that Python puts into sentences, in the language of the house."""

from datetime import UTC, datetime

import pytest
from homeassistant.core import HomeAssistant

from custom_components.ruview.text import Texts, moment

from .conftest import House


@pytest.mark.parametrize(
    ("language", "moved"),
    [
        ("en", "you moved. Keep still until the time is up."),
        ("de", "Du hast dich bewegt. Halte still, bis die Zeit um ist."),
        ("is", "you moved. Keep still until the time is up."),
    ],
)
async def test_what_a_language_lacks_is_said_in_english(
    hass: HomeAssistant, house: House, language: str, moved: str
) -> None:
    hass.config.language = language
    texts = await Texts.load(hass)
    assert texts.get("verdict", "moved") == moved


async def test_without_a_word_it_is_the_key_and_without_a_key_nothing(hass: HomeAssistant, house: House) -> None:
    texts = Texts.cached(hass)
    assert texts.get("verdict", "moved").startswith("you moved")
    assert texts.get("verdict", "a_reason_of_tomorrow") == "a_reason_of_tomorrow"
    assert texts.get("verdict", None) == ""


async def test_a_moment_is_told_in_the_time_of_the_house(hass: HomeAssistant) -> None:
    at = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    await hass.config.async_set_time_zone("Europe/Berlin")
    assert moment(at) == "2026-12-01 00:30"
    await hass.config.async_set_time_zone("UTC")
    assert moment(at) == "2026-11-30 23:30"
