"""The slow tick: presence, gating, veto, staleness and adaptation, and defined answers to anything."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ruview_engine.links.link_id import LinkId
from ruview_engine.room.adaptation import DAILY_BOUND, Adaptation
from ruview_engine.room.life import THING_S, may_be_drift
from ruview_engine.room.memory import LONG_STILL_S, Memory
from ruview_engine.room.reading import WhyNot
from ruview_engine.room.runtime import Runtime
from ruview_engine.room.stale import StaleReason
from ruview_engine.room.state import Calibration, Posture, Presence
from ruview_engine.room.state_json import to_json
from ruview_engine.room.window import LinkWindow, RoomInputs
from tests.engine.room.conftest import POSES, AnchorLabel
from tests.engine.room.synthetic import LINK, window


def live(runtime, make, *, seconds, start_s=1000.0, memory=None, step_s=2.0, is_moving=None):
    """Tick over a stream that `make` gives for [start, start + seconds + 60); returns all outcomes."""
    stream = make(start_s - 60.0, seconds + 60.0)
    outcomes = []
    at_s = start_s
    while at_s <= start_s + seconds:
        inputs = RoomInputs(at_s=at_s, windows=(stream.between(at_s - 60.0, at_s),), is_moving=is_moving)
        outcomes.append(runtime.evaluate(inputs, memory))
        memory = outcomes[-1].memory
        at_s += step_s
    return outcomes


@pytest.fixture
def trained(enrolled):
    return Runtime(room_id="study", baseline=enrolled.baseline, bank=enrolled.bank)


@pytest.fixture(scope="module")
def emptied(enrolled):
    """Three minutes and a half of nobody, lived once for all tests that begin there; outcomes are frozen."""
    room = Runtime(room_id="study", baseline=enrolled.baseline, bank=enrolled.bank)
    return live(room, nobody(np.random.default_rng(20260403)), seconds=200)


@pytest.fixture
def untrained(enrolled):
    return Runtime(room_id="study", baseline=enrolled.baseline)


def person(rng, label=AnchorLabel.SIT, **changes):
    return lambda start, seconds: window(rng, seconds=seconds, start_s=start, **(POSES[label] | changes))


def nobody(rng, **changes):
    return lambda start, seconds: window(rng, seconds=seconds, start_s=start, **changes)


def walker(rng):
    return lambda start, seconds: window(rng, seconds=seconds, start_s=start, moving=0.08)


def values(outcomes, name):
    return [getattr(outcome.state, name).value for outcome in outcomes]


def test_a_still_person_is_present_and_the_empty_room_is_clear(trained, emptied, rng):
    came = live(trained, walker(rng), seconds=10)
    stayed = live(trained, person(rng), seconds=120, start_s=1012, memory=came[-1].memory)
    assert all(value is Presence.PRESENT for value in values(stayed, "presence"))
    called = values(emptied, "presence")[30:]
    assert all(value is Presence.CLEAR for value in called)


def test_untrained_presence_is_less_sure(untrained, rng):
    stayed = live(untrained, person(rng), seconds=60)
    assert stayed[-1].state.presence.value is Presence.PRESENT
    assert stayed[-1].state.presence.confidence <= 0.8
    assert stayed[-1].state.calibration is Calibration.BASELINE


@pytest.mark.parametrize(
    ("label", "posture"),
    [
        (AnchorLabel.STAND_STILL, Posture.STANDING),
        (AnchorLabel.SIT, Posture.SITTING),
        (AnchorLabel.LIE_DOWN, Posture.LYING),
    ],
)
def test_posture_is_read_after_the_body_has_settled(trained, rng, label, posture):
    came = live(trained, walker(rng), seconds=10)
    assert all(value is None for value in values(came, "posture"))
    stayed = live(trained, person(rng, label), seconds=60, start_s=1012, memory=came[-1].memory)
    assert stayed[-1].state.posture.value is posture
    assert stayed[-1].state.posture.provenance.bank_version == 1


def test_an_unknown_posture_is_not_guessed(trained, rng):
    stayed = live(trained, person(rng, shift_seed=77, shift=0.4), seconds=60)
    assert stayed[-1].state.posture.value is None
    assert stayed[-1].state.posture.why_not in (WhyNot.NOVEL, WhyNot.AMBIGUOUS)
    assert not stayed[-1].state.is_vetoed


def test_breathing_needs_a_person(trained, emptied, rng):
    stayed = live(trained, person(rng, AnchorLabel.BREATHE_NORMAL), seconds=60)
    assert stayed[-1].state.breathing.value == pytest.approx(15, abs=0.5)
    assert emptied[-1].state.breathing.why_not is WhyNot.ABSENT
    assert emptied[-1].state.posture.why_not is WhyNot.ABSENT
    assert emptied[-1].state.restlessness.why_not is WhyNot.ABSENT


def test_walking_and_another_session_are_no_anomaly(trained, rng):
    for make in (walker(rng), person(rng, shift=0.3, shift_seed=55)):
        outcomes = live(trained, make, seconds=60)
        assert not any(outcome.state.is_vetoed for outcome in outcomes)


def test_interference_vetoes_everybody(trained, rng):
    came = live(trained, person(rng), seconds=20)
    jammed = live(
        trained, nobody(np.random.default_rng(9), noise=0.5), seconds=30, start_s=1082, memory=came[-1].memory
    )
    fresh = [outcome for outcome in jammed if outcome.state.is_vetoed]
    frozen = window(rng, seconds=100, start_s=1200)
    frozen = replace(frozen, profiles=np.repeat(frozen.profiles[:1], len(frozen), axis=0))
    stuck = live(trained, lambda start, seconds: frozen, seconds=30, start_s=1262)
    fresh += [outcome for outcome in stuck if outcome.state.is_vetoed]
    assert fresh
    for outcome in fresh:
        assert outcome.state.breathing.why_not is WhyNot.ANOMALY
        assert outcome.state.posture.why_not is WhyNot.ANOMALY
        assert outcome.state.anomaly.value >= 0.5


def test_another_baseline_makes_the_bank_stale_at_once(trained, rng):
    stale = replace(trained, bank=replace(trained.bank, baseline_id="another"))
    (outcome, *_) = live(stale, person(rng, AnchorLabel.BREATHE_NORMAL), seconds=0)
    assert [cause.reason for cause in outcome.state.stale] == [StaleReason.BASELINE_MISMATCH]
    assert outcome.state.calibration is Calibration.STALE
    assert outcome.state.posture.why_not is WhyNot.STALE
    assert outcome.state.breathing.why_not is WhyNot.STALE
    assert outcome.state.motion.value is not None


def test_a_specialist_of_another_encoder_makes_the_room_stale(trained, rng):
    provenance = replace(trained.bank.posture.provenance, backbone_rev="abc")
    bank = replace(trained.bank, posture=replace(trained.bank.posture, provenance=provenance))
    for installed, is_stale in ((None, True), ("other", True), ("abc", False)):
        encoder = None if installed is None else SimpleNamespace(revision=installed)
        outcome = live(replace(trained, bank=bank, encoder=encoder), person(rng), seconds=12)[-1]
        assert (outcome.state.calibration is Calibration.STALE) == is_stale
        assert [cause.reason for cause in outcome.state.stale] == [StaleReason.BANK_VERSION] * is_stale
        assert outcome.state.presence.provenance.backbone_rev == installed


def test_stale_rooms_keep_motion_and_never_say_clear(trained, rng):
    stale = replace(trained, bank=replace(trained.bank, baseline_id="another"))
    empty = live(stale, nobody(rng), seconds=150)
    assert Presence.CLEAR not in values(empty, "presence")
    assert empty[-1].state.presence.why_not is WhyNot.STALE
    moving = live(stale, walker(rng), seconds=10)
    assert moving[-1].state.motion.value is True
    assert moving[-1].state.presence.value is Presence.PRESENT


def test_drift_of_an_empty_room_is_stale_after_a_minute(trained, emptied, rng):
    """Nobody came in since the room was empty beyond doubt, so the shift cannot be a person."""
    assert not emptied[-1].memory.may_be_inside
    drifted = live(trained, nobody(rng, shift=0.3, shift_seed=66), seconds=160, start_s=1262, memory=emptied[-1].memory)
    first = next(outcome.state.at_s for outcome in drifted if outcome.state.stale)
    assert drifted[-1].state.stale[0].reason is StaleReason.DRIFT
    assert drifted[-1].state.stale[0].value > drifted[-1].state.stale[0].limit
    assert drifted[-1].drift.is_judged
    assert 1262 + 55 <= first <= 1262 + 100


def test_a_sleeper_is_not_drift(trained, rng):
    """Half an hour of the same shift, entered with movement and breathing visibly, never becomes STALE."""
    came = live(trained, walker(rng), seconds=10)
    asleep = live(
        trained, person(rng, AnchorLabel.SLEEP_POSTURE), seconds=1800, start_s=1012, memory=came[-1].memory, step_s=30.0
    )
    assert not any(outcome.state.stale for outcome in asleep)
    assert not any(outcome.drift.is_judged for outcome in asleep)
    assert all(value is Presence.PRESENT for value in values(asleep, "presence")[1:])


def test_a_chair_left_elsewhere_is_not_called_somebody_for_ever(trained, emptied, rng):
    """It shifts the profile as a body does; after twenty minutes without a sign of life nobody knows."""
    walked = live(trained, walker(rng), seconds=12, start_s=1262, memory=emptied[-1].memory)
    chair = {"shift": POSES[AnchorLabel.SIT]["shift"], "shift_seed": POSES[AnchorLabel.SIT]["shift_seed"]}
    stands = live(trained, nobody(rng, **chair), seconds=120, start_s=1344, memory=walked[-1].memory)
    assert values(stands, "presence")[-1] is Presence.PRESENT
    memory = stands[-1].memory
    before = replace(memory, moved_s=stands[-1].state.at_s - THING_S + 300.0)
    for moment, expected in ((before, Presence.PRESENT), (replace(before, moved_s=before.moved_s - 300.0), None)):
        looks = live(trained, nobody(rng, **chair), seconds=20, start_s=memory.at_s + 2.0, memory=moment)
        assert values(looks, "presence")[-1] is expected


def test_who_may_call_drift(rng):
    """History decides: nobody in, long lifeless, or hours without a sign."""
    quiet = (object(),)

    class Calm:
        still_z = 0.0

    quiet = (Calm(),)
    base = Memory.new(0.0)
    at_s = 5000.0
    assert not may_be_drift(base, quiet, at_s)
    assert may_be_drift(replace(base, may_be_inside=False), quiet, at_s)
    assert not may_be_drift(replace(base, may_be_inside=False, is_moving=True), quiet, at_s)
    assert not may_be_drift(replace(base, may_be_inside=False, moved_s=at_s - 10), quiet, at_s)
    assert may_be_drift(replace(base, lifeless_since_s=at_s - 700), quiet, at_s)
    assert not may_be_drift(replace(base, lifeless_since_s=at_s - 100), quiet, at_s)
    assert may_be_drift(replace(base, sign_s=at_s - LONG_STILL_S - 1), quiet, at_s)
    assert not may_be_drift(base, (), at_s)


def test_adaptation_follows_slow_drift_within_bounds(trained, emptied, rng):
    memory, at_s = emptied[-1].memory, 1200.0
    for hour in range(1, 5):
        outcomes = live(
            trained, nobody(rng, shift=0.015 * hour, shift_seed=66), seconds=400, start_s=at_s + 2, memory=memory,
            step_s=60.0,
        )  # fmt: skip
        memory, at_s = outcomes[-1].memory, at_s + 400
        assert not any(outcome.state.stale for outcome in outcomes)
    offset = memory.adaptation.offset(LINK)
    assert 0.005 < np.sqrt(np.mean(offset**2)) <= DAILY_BOUND
    assert memory.adaptation.reset().offset(LINK) is None


def test_adaptation_never_follows_a_person(trained, rng):
    came = live(trained, walker(rng), seconds=10)
    stayed = live(trained, person(rng), seconds=600, start_s=1012, memory=came[-1].memory, step_s=30.0)
    assert stayed[-1].memory.adaptation.offset(LINK) is None


def test_a_disabled_adaptation_does_nothing(trained, rng):
    memory = replace(Memory.new(1000.0), adaptation=Adaptation(is_enabled=False))
    empty = live(trained, nobody(rng), seconds=400, memory=memory, step_s=10.0)
    assert empty[-1].memory.adaptation.offset(LINK) is None


def broken(one: LinkWindow, kind: str) -> LinkWindow:
    """A good window of the empty room, spoilt in one way."""
    profiles, times = one.profiles.copy(), one.times.copy()
    if kind == "nan":
        profiles[::2] = np.nan
    elif kind == "inf":
        profiles[5] = np.inf
    elif kind == "zero":
        profiles[:] = 0
    elif kind == "constant":
        profiles[:] = profiles[0]
    elif kind == "saturated":
        profiles[:] = one.active.astype(np.float32)
    elif kind == "reversed":
        times = times[::-1].copy()
    elif kind == "hole":
        times[:600] -= 30.0
    elif kind == "other layout":
        profiles = profiles[:, :40]
    elif kind == "empty":
        times, profiles = times[:0], profiles[:0]
    n = len(times)
    return replace(one, times=times, profiles=profiles, levels=one.levels[:n], rssi_dbm=one.rssi_dbm[:n])


#: What the taught, empty room says of a minute that is spoilt: presence, motion, breathing, and what is wrong.
CLEAR, SILENT, DEAF = (
    ("clear", "still", "absent"),
    ("no_frames", "no_frames", "no_frames"),
    ("anomaly", "still", "anomaly"),
)


@pytest.mark.parametrize(
    ("kind", "said", "wrong"),
    [
        ("nothing", CLEAR, ()),
        ("nan", CLEAR, ()),  # every other frame: the rest is a room
        ("inf", CLEAR, ()),
        ("zero", SILENT, ("link_gone",)),
        ("constant", DEAF, ("vetoed",)),
        ("saturated", DEAF, ("vetoed",)),
        ("reversed", ("ambiguous", "warming_up", "ambiguous"), ()),  # one frame is not older than the one before
        ("hole", CLEAR, ()),  # half a minute ago, half a minute long
        ("other layout", SILENT, ("link_gone",)),
        ("empty", SILENT, ("link_gone",)),
    ],
)
def test_broken_input_has_a_defined_answer(trained, rng, kind, said, wrong):
    memory, one = None, broken(window(rng, seconds=60, start_s=940), kind)
    for second in range(40):
        moved = replace(one, times=one.times + second)
        outcome = trained.evaluate(RoomInputs(at_s=1000.0 + second, windows=(moved,)), memory)
        memory = outcome.memory
        assert np.isfinite(memory.log_odds)
        readings = to_json(outcome.state, drift=outcome.drift)["readings"]
        for reading in readings.values():
            assert (reading["value"] is None) == (reading["why_not"] is not None)
            assert 0.0 <= reading["confidence"] <= 1.0
    words = {True: "moving", False: "still"}
    answers = [readings[name]["why_not"] or readings[name]["value"] for name in ("presence", "motion", "breathing")]
    assert tuple(words.get(answer, answer) for answer in answers) == said
    causes = tuple(cause.reason.value for cause in outcome.state.stale)
    assert causes + ("vetoed",) * outcome.state.is_vetoed == wrong


def test_a_frozen_signal_does_not_clear_a_room_in_which_somebody_was(trained, rng):
    came = live(trained, person(rng), seconds=20)
    frozen = broken(window(rng, seconds=170, start_s=922), "constant")
    states = [one.state for one in live(trained, lambda *_: frozen, seconds=60, start_s=1022, memory=came[-1].memory)]
    vetoed = [state for state in states if state.is_vetoed]
    assert len(vetoed) > 20
    assert {state.presence.why_not for state in vetoed} == {WhyNot.ANOMALY}


def test_a_lost_link_goes_unknown_then_stale(trained, rng):
    came = live(trained, person(rng), seconds=20)
    memory, states = came[-1].memory, []
    for at_s in np.arange(1022.0, 1090.0, 2.0):
        outcome = trained.evaluate(RoomInputs(at_s=float(at_s), windows=()), memory)
        memory = outcome.memory
        states.append(outcome.state)
    assert states[0].presence.why_not is WhyNot.NO_FRAMES
    assert [cause.reason for cause in states[-1].stale] == [StaleReason.LINK_GONE]


def test_time_that_jumps_starts_presence_again(trained, rng):
    came = live(trained, person(rng), seconds=20)
    assert came[-1].memory.log_odds > 1
    for at_s in (5000.0, 900.0):
        outcome = trained.evaluate(RoomInputs(at_s=at_s, windows=()), came[-1].memory)
        assert outcome.memory.log_odds == 0.0


def test_a_room_that_moves_is_occupied_in_the_same_second(trained, rng):
    moving = replace(window(rng, start_s=940), motion_z=np.full(1200, 5.0))
    sure = replace(Memory.new(999.0), log_odds=-5.0)
    state = trained.evaluate(RoomInputs(at_s=1000.0, windows=(moving,), is_moving=True), sure).state
    assert state.motion.value is True
    assert state.presence.value is Presence.PRESENT


def test_an_unknown_link_is_ignored(trained, rng):
    stranger = replace(window(rng, start_s=940), link=LinkId("9", "64", "a"))
    state = trained.evaluate(RoomInputs(at_s=1000.0, windows=(stranger,)), None).state
    assert state.presence.why_not is WhyNot.NO_FRAMES


def test_evaluate_is_pure(trained, rng):
    one = window(rng, start_s=940)
    before = one.profiles.copy()
    memory = Memory.new(999.0)
    first = trained.evaluate(RoomInputs(at_s=1000.0, windows=(one,)), memory)
    again = trained.evaluate(RoomInputs(at_s=1000.0, windows=(one,)), memory)
    assert to_json(first.state) == to_json(again.state)
    assert np.array_equal(one.profiles, before)


def test_gain_changes_nothing(trained, rng):
    one = window(rng, start_s=940, **POSES[AnchorLabel.SIT])
    state = trained.evaluate(RoomInputs(at_s=1000.0, windows=(one,)), None).state
    louder = replace(one, levels=one.levels * 1.2)
    assert to_json(trained.evaluate(RoomInputs(at_s=1000.0, windows=(louder,)), None).state) == to_json(state)
