"""Who may speak, in which order the silences come, and how long the impossible must last."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.room.evidence import gather
from ruview_engine.room.gated import SETTLED_S, SWAY_S, Gate, judge_anomaly, read_all
from ruview_engine.room.link_baseline import BLOCK_S
from ruview_engine.room.memory import Memory
from ruview_engine.room.micro_motion import GRID_HZ
from ruview_engine.room.posture_tracker import PostureTracker
from ruview_engine.room.rate_tracker import RateTracker
from ruview_engine.room.reading import Provenance, Reading, WhyNot
from ruview_engine.room.specialists.anomaly import IMPOSSIBLE_S, VETO_FROM
from ruview_engine.room.state import Posture, Presence
from ruview_engine.room.window import RoomInputs
from tests.engine.room.conftest import POSES, AnchorLabel
from tests.engine.room.synthetic import LINK, window

OPEN = Gate(presence=Presence.PRESENT, is_stale=False, has_frames=True, provenance=Provenance(baseline_id="b"))
BREATH = Reading(value=15.0, confidence=0.9)
CALM = Reading(value=0.0, confidence=1.0)


@pytest.fixture
def known(enrolled):
    return {link.link: link for link in enrolled.baseline.links}


@pytest.fixture
def sitting(known, rng):
    """Inputs, windows in the baseline's units, evidence of somebody who sits as taught, and the baseline's links."""
    one = window(rng, start_s=940, **POSES[AnchorLabel.SIT])
    evidence, measured = gather(one, known[LINK], 1000.0)
    return RoomInputs(at_s=1000.0, windows=(one,)), (measured,), (evidence,), known


@pytest.fixture
def settled():
    return replace(Memory.new(900.0), at_s=1000.0, moved_s=1000.0 - SETTLED_S)


def ask(bank, sitting, gate, memory, *, is_vetoed=False, asked=(BREATH, CALM)):
    inputs, measured, evidence, known = sitting
    return read_all(bank, inputs, measured, evidence, asked, gate, memory, is_vetoed=is_vetoed, known=known)


def test_the_gates_close_in_order():
    gate = replace(OPEN, presence=None)
    assert gate.closed(is_vetoed=False) is WhyNot.AMBIGUOUS
    gate = replace(gate, presence=Presence.CLEAR)
    assert gate.closed(is_vetoed=False) is WhyNot.ABSENT
    gate = replace(gate, is_stale=True)
    assert gate.closed(is_vetoed=False) is WhyNot.STALE
    assert gate.closed(is_vetoed=True) is WhyNot.ANOMALY
    assert replace(gate, has_frames=False).closed(is_vetoed=True) is WhyNot.NO_FRAMES
    assert OPEN.closed(is_vetoed=False) is None


def test_an_open_gate_lets_everybody_speak(enrolled, sitting, settled):
    readings, _ = ask(enrolled.bank, sitting, OPEN, settled)
    assert readings.posture.value is Posture.SITTING
    assert readings.breathing.value == 15.0
    assert readings.restlessness.value is not None
    assert readings.anomaly.value == 0.0
    assert not readings.is_vetoed
    for reading in (readings.posture, readings.breathing, readings.heart_rate, readings.restlessness, readings.anomaly):
        assert reading.provenance == OPEN.provenance


@pytest.mark.parametrize(
    ("closed", "is_vetoed", "why"),
    [
        ({"presence": Presence.CLEAR}, False, WhyNot.ABSENT),
        ({"presence": None}, False, WhyNot.AMBIGUOUS),
        ({"is_stale": True}, False, WhyNot.STALE),
        ({}, True, WhyNot.ANOMALY),
    ],
)
def test_a_closed_gate_silences_all_but_the_anomaly(enrolled, sitting, settled, closed, is_vetoed, why):
    memory = replace(settled, heart=RateTracker(looks=((999.0, 60.0),)))
    readings, after = ask(enrolled.bank, sitting, replace(OPEN, **closed), memory, is_vetoed=is_vetoed)
    for name in ("posture", "breathing", "restlessness"):
        assert getattr(readings, name).why_not is why, name
    assert readings.heart_rate.why_not is WhyNot.NOT_SEPARABLE, "this room has no heartbeat in its bank"
    assert readings.anomaly.value == 0.0
    assert readings.is_vetoed is is_vetoed
    assert after.heart.looks == (), "a pulse is not continued across a silence"


@pytest.mark.parametrize("closed", [{}, {"presence": Presence.CLEAR}, {"presence": None}, {"is_stale": True}])
def test_what_was_never_taught_says_so_whoever_comes_and_goes(enrolled, sitting, settled, closed):
    bank = replace(enrolled.bank, posture=None)
    gate = replace(OPEN, **closed)
    assert ask(bank, sitting, gate, settled)[0].posture.why_not is WhyNot.NOT_SEPARABLE
    assert ask(None, sitting, gate, settled)[0].posture.why_not is WhyNot.NOT_TRAINED
    silent = ask(bank, sitting, replace(gate, has_frames=False), settled)[0]
    assert silent.posture.why_not is WhyNot.NO_FRAMES


def test_breath_needs_no_training(sitting, settled):
    readings, _ = ask(None, sitting, OPEN, settled)
    assert readings.breathing.value == 15.0
    assert readings.breathing.provenance == OPEN.provenance
    assert readings.posture.why_not is readings.restlessness.why_not is WhyNot.NOT_TRAINED


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"is_moving": True}, WhyNot.MOVING),
        ({"moved_s": 1000.1 - SETTLED_S}, WhyNot.MOVING),
        ({"moved_s": None, "started_s": 1000.1 - SETTLED_S}, WhyNot.MOVING),
        ({"moved_s": None, "started_s": 0.0}, None),
    ],
)
def test_posture_waits_until_the_body_has_settled(enrolled, sitting, settled, changes, why):
    assert SETTLED_S > BLOCK_S, "the mean that posture is read from must not contain the movement"
    readings, _ = ask(enrolled.bank, sitting, OPEN, replace(settled, **changes))
    assert readings.posture.why_not is why


def test_a_room_that_moved_lately_has_no_posture_however_still_the_profile_is(enrolled, sitting, settled):
    for ago_s, why in ((SETTLED_S - 1.0, WhyNot.MOVING), (SETTLED_S + 1.0, None)):
        readings, _ = ask(enrolled.bank, sitting, OPEN, replace(settled, moving_ticks=(1000.0 - ago_s,)))
        assert readings.posture.why_not is why


@pytest.fixture
def swaying(enrolled, sitting, known, rng):
    """A bank that tells standing by sway alone, and somebody who wanders and does not come back."""
    inputs, measured, (evidence,), _ = sitting
    steps = rng.normal(0.0, 0.02, (int(SWAY_S * GRID_HZ) + 1, len(known[LINK].log_reference)))
    wandering = replace(evidence, slots=known[LINK].log_reference + steps.cumsum(axis=0))
    bank = replace(enrolled.bank, posture=replace(enrolled.bank.posture, links={}, tells_standing=True))
    return bank, (inputs, measured, (wandering,), known)


@pytest.mark.parametrize(
    ("still_s", "breath", "said"),
    [
        (SWAY_S, Reading.none(WhyNot.WEAK_EVIDENCE), Posture.STANDING),
        (SWAY_S - 1.0, Reading.none(WhyNot.WEAK_EVIDENCE), None),
        (SWAY_S, BREATH, None),
    ],
)
def test_nobody_stands_whose_breath_is_read_or_could_not_have_been_yet(swaying, settled, still_s, breath, said):
    bank, seen = swaying
    memory = replace(settled, moving_ticks=(1000.0 - still_s,))
    assert ask(bank, seen, OPEN, memory, asked=(breath, CALM))[0].posture.value is said


def test_who_was_said_to_stand_does_not_once_breath_is_read(swaying, settled):
    bank, seen = swaying
    held = PostureTracker(held=Posture.STANDING, confidence=0.9, told_s=999.0)
    memory = replace(settled, moved_s=900.0, posture=held, moving_ticks=(1000.0 - SWAY_S + 1.0,))
    quiet = Reading.none(WhyNot.WEAK_EVIDENCE)
    assert ask(bank, seen, OPEN, memory, asked=(quiet, CALM))[0].posture.value is Posture.STANDING
    readings, after = ask(bank, seen, OPEN, memory)
    assert readings.posture.value is None
    assert after.posture == PostureTracker()


def test_posture_is_not_read_from_frames_of_before(enrolled, sitting, settled):
    inputs, measured, (evidence,), known = sitting
    old = inputs, measured, (replace(evidence, age_s=60.0),), known
    readings, _ = ask(enrolled.bank, old, OPEN, settled)
    assert readings.posture.value is None
    blind = inputs, measured, (replace(evidence, shift=None),), known
    readings, _ = ask(enrolled.bank, blind, OPEN, settled)
    assert readings.posture.value is None


def test_what_a_trained_bank_lacks_was_not_separable(enrolled, sitting, settled):
    bank = replace(enrolled.bank, posture=None, restlessness=None, heartbeat=None)
    readings, _ = ask(bank, sitting, OPEN, settled)
    for name in ("posture", "restlessness", "heart_rate"):
        assert getattr(readings, name).why_not is WhyNot.NOT_SEPARABLE, name


def test_a_device_can_give_the_pulse_without_a_specialist(enrolled, sitting, settled):
    inputs, measured, evidence, known = sitting
    bank, memory = replace(enrolled.bank, heartbeat=None), settled
    for second in range(3):
        now = replace(inputs, at_s=1000.0 + second, heart_rates=(("radar", 62.0, 0.9),))
        readings, memory = read_all(
            bank, now, measured, evidence, (BREATH, CALM), OPEN, memory, is_vetoed=False, known=known
        )
    assert readings.heart_rate.value == pytest.approx(62.0)


def test_the_impossible_vetoes_after_seconds_only(known, sitting, settled):
    (evidence,) = sitting[2]
    jammed = (replace(evidence, motion_z=9.0, coherence=0.0),)
    memory = settled
    for second in range(int(IMPOSSIBLE_S) + 1):
        memory = replace(memory, at_s=1000.0 + second)
        reading, is_vetoed, memory = judge_anomaly(None, jammed, known, memory)
        assert is_vetoed is (second >= IMPOSSIBLE_S)
        assert (reading.value >= VETO_FROM) is is_vetoed
    assert memory.impossible_since_s == 1000.0
    _, is_vetoed, memory = judge_anomaly(None, (evidence,), known, memory)
    assert not is_vetoed
    assert memory.impossible_since_s is None


def test_old_frames_are_nobodys_anomaly(known, sitting, settled):
    (evidence,) = sitting[2]
    stopped = (replace(evidence, motion_z=9.0, coherence=0.0, age_s=60.0),)
    reading, is_vetoed, _ = judge_anomaly(None, stopped, known, settled)
    assert reading.why_not is WhyNot.NO_FRAMES
    assert not is_vetoed


def test_walking_is_loud_and_possible(known, rng, settled):
    walking, _ = gather(window(rng, start_s=940, moving=0.08), known[LINK], 1000.0)
    reading, is_vetoed, _ = judge_anomaly(None, (walking,), known, replace(settled, impossible_since_s=None))
    assert reading.value < VETO_FROM
    assert not is_vetoed
    assert np.isfinite(reading.value)
