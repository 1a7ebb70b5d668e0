"""One lesson at a time, and everybody who waits is told how it ended."""

import asyncio

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.ruview.lessons import ANCHOR, BASELINE, TRAIN, Lessons
from custom_components.ruview.ruview_engine.errors import OrderError
from custom_components.ruview.view import Outcome


@pytest.fixture
def lessons(hass: HomeAssistant) -> Lessons:
    return Lessons(hass, "Study")


async def test_a_second_lesson_has_to_wait(lessons: Lessons) -> None:
    lessons.must_be_free()
    lessons.begin(ANCHOR, "sit")
    assert lessons.runs(ANCHOR)
    assert not lessons.runs(TRAIN)
    with pytest.raises(OrderError, match="anchor is running"):
        lessons.must_be_free()


async def test_it_ends_once_and_is_told_once(hass: HomeAssistant, lessons: Lessons) -> None:
    told = async_capture_events(hass, "ruview_calibration")
    lessons.end(accepted=True)
    assert (lessons.outcome, told) == (None, []), "nothing ran"
    lessons.begin(BASELINE)
    lessons.end(accepted=False, reason="motion", numbers=(("z", 3.0),))
    lessons.end(accepted=True)
    await hass.async_block_till_done()
    assert lessons.outcome == Outcome(kind=BASELINE, accepted=False, reason="motion", numbers=(("z", 3.0),))
    assert [event.data for event in told] == [
        {"room": "Study", "kind": "baseline", "what": None, "accepted": False, "reason": "motion"}
    ]
    lessons.begin(TRAIN)
    assert lessons.outcome is None, "what is running has no outcome yet"


async def test_one_who_waits_no_longer_leaves_the_others_waiting(lessons: Lessons) -> None:
    lessons.begin(BASELINE)
    impatient, patient = (asyncio.ensure_future(lessons.wait()) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    lessons.end(accepted=True)
    assert (await patient).accepted
    assert await lessons.wait() == lessons.outcome


async def test_waiting_for_nothing_is_an_interruption(lessons: Lessons) -> None:
    assert (await lessons.wait()).reason == "interrupted"
