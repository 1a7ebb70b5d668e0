"""From belief to word: thresholds, hysteresis, and a reason whenever nothing is said."""

from dataclasses import replace

import pytest

from ruview_engine.room.life import LIFELESS_ODDS, THING_S
from ruview_engine.room.memory import Memory
from ruview_engine.room.presence_call import CLEAR_FROM, CLEAR_TO, PRESENT_TO, UNTRAINED_CEILING, call_presence
from ruview_engine.room.reading import Provenance, WhyNot
from ruview_engine.room.specialist import SpecialistKind
from ruview_engine.room.specialists.presence import Ratios
from ruview_engine.room.specialists.presence_belief import PRESENT_FROM
from ruview_engine.room.state import Presence

PRESENT, CLEAR = Presence.PRESENT, Presence.CLEAR
NOTHING = Ratios(motion=0.1, micro=0.2, static=0.0)


def call(
    odds, *, before=None, ratios=NOTHING, static=0.0, bank=None, is_stale=False, is_deaf=False, may_clear=True, **memory
):
    memory = replace(Memory.new(0.0), log_odds=odds, presence=before, **memory)
    return call_presence(
        memory, ratios, static, bank, Provenance(bank_version=3),
        is_stale=is_stale, is_deaf=is_deaf, may_clear=may_clear,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("odds", "before", "said"),
    [
        (PRESENT_FROM, None, PRESENT),
        (PRESENT_FROM - 0.1, None, None),
        (PRESENT_FROM - 0.1, PRESENT, PRESENT),
        (PRESENT_TO - 0.1, PRESENT, None),
        (CLEAR_FROM, None, CLEAR),
        (CLEAR_FROM + 0.1, None, None),
        (CLEAR_FROM + 0.1, CLEAR, CLEAR),
        (CLEAR_TO + 0.1, CLEAR, None),
    ],
)
def test_nothing_is_said_that_is_less_likely_than_its_contrary(odds, before, said):
    reading, called = call(odds, before=before)
    assert reading.value is called is said
    assert reading.why_not is (WhyNot.AMBIGUOUS if said is None else None)
    assert reading.provenance.bank_version == 3


def test_a_lasting_shift_counts_beside_the_belief():
    reading, _ = call(PRESENT_FROM - 3.0, static=3.0)
    assert reading.value is PRESENT
    assert dict(reading.evidence) == {
        "log_odds": PRESENT_FROM, "motion": 0.1, "micro_motion": 0.2, "static_shift": 3.0,
    }  # fmt: skip


def test_who_is_not_heard_is_neither_there_nor_away():
    assert call(9.0, ratios=None)[0].why_not is WhyNot.NO_FRAMES
    reading, called = call(9.0, ratios=None, is_deaf=True)
    assert reading.why_not is WhyNot.ANOMALY
    assert called is None


def test_a_room_blind_to_somebody_still_is_never_clear(enrolled):
    bank = enrolled.bank
    links = {link: replace(one, may_clear=False) for link, one in bank.presence.links.items()}
    unlike = replace(bank, presence=replace(bank.presence, links=links))
    untaught = replace(bank, presence=None, absent=((SpecialistKind.PRESENCE, "a still person looks like nobody"),))
    for blind in (unlike, untaught):
        reading, called = call(-5.0, bank=blind)
        assert (reading.why_not, called) == (WhyNot.NOT_SEPARABLE, None)
        assert call(5.0, bank=blind)[1] is PRESENT
    assert call(-5.0, bank=bank)[1] is CLEAR


@pytest.mark.parametrize("is_taught", [True, False])
def test_who_was_not_seen_while_taught_forbids_clear(enrolled, is_taught):
    bank = enrolled.bank if is_taught else None
    reading, called = call(-5.0, bank=bank, may_clear=False)
    assert (reading.why_not, called) == (WhyNot.NOT_SEPARABLE, None)
    assert call(5.0, bank=bank, may_clear=False)[1] is PRESENT


def test_what_resembles_somebody_who_was_not_seen_to_come_is_not_clear():
    reading, called = call(-5.0, ratios=replace(NOTHING, doubt=PRESENT_FROM))
    assert (reading.why_not, called) == (WhyNot.AMBIGUOUS, None)


def test_a_stale_room_thinks_that_it_is_clear_and_does_not_say_so(enrolled):
    reading, called = call(-5.0, bank=enrolled.bank, is_stale=True)
    assert (reading.value, reading.why_not, called) == (None, WhyNot.STALE, CLEAR)
    assert call(5.0, bank=enrolled.bank, is_stale=True)[0].value is PRESENT


def test_what_shows_no_life_for_long_may_be_a_thing():
    assert call(LIFELESS_ODDS, static=9.0, at_s=THING_S - 1.0)[1] is PRESENT
    assert call(LIFELESS_ODDS, static=9.0, at_s=THING_S)[0].why_not is WhyNot.AMBIGUOUS


@pytest.mark.parametrize("odds", [9.0, -9.0])
def test_only_a_taught_room_in_force_is_surer_than_the_ceiling(enrolled, odds):
    assert call(odds)[0].confidence == UNTRAINED_CEILING
    assert call(odds, bank=enrolled.bank)[0].confidence > 0.99
    assert call(9.0, bank=enrolled.bank, is_stale=True)[0].confidence == UNTRAINED_CEILING
