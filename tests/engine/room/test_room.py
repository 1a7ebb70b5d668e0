"""The whole loop in simulation, through the same object that the engine owns."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.room_lab import Lab
from ruview_engine.errors import OrderError
from ruview_engine.room import codec
from ruview_engine.room.adaptation import Adaptation, Adapted
from ruview_engine.room.anchor import AnchorLabel, Fault, Verdict
from ruview_engine.room.baseline_capture import Phase
from ruview_engine.room.changes import (
    BaselineCaptured,
    BaselineRefused,
    EnrolmentAppended,
    ProcedureCancelled,
    ReferenceFollowed,
)
from ruview_engine.room.enrolment import AnchorRejected, Started
from ruview_engine.room.reading import WhyNot
from ruview_engine.room.room import Room
from ruview_engine.room.specialist import SpecialistKind
from ruview_engine.room.state import Calibration, Presence
from ruview_engine.room.window import RoomInputs
from tests.engine.room.synthetic import LINK, window


def through(lab: Lab, activity: str, seconds: int) -> list[Presence | None]:
    """Let the person do something; the presence of every other second after eight."""
    settled_s = lab.act(activity)
    called = []
    lab.run(max(0.0, settled_s - lab.at_s) + 8, every=2)
    lab.run(seconds, each=lambda one: called.append(one.room.state.presence.value), every=2)
    return called


@pytest.mark.parametrize("seed", [3])
def test_from_unboxing_to_a_calibrated_room(seed):
    lab = Lab(geometry="living_room", layout="128", nodes=2, version=2, seed=seed, n_others=0)
    assert lab.room.calibration is Calibration.UNCALIBRATED
    with pytest.raises(OrderError):
        lab.room.start_anchor("sit", 0.0)
    captured = lab.calibrate()
    assert isinstance(captured, BaselineCaptured)
    assert captured.baseline.links[0].frequency_mhz == 2437
    assert lab.room.missing_anchors[0] is AnchorLabel.STAND_STILL
    verdicts = lab.enrol()
    assert [label for label, verdict in verdicts.items() if not verdict.accepted] == []
    assert lab.room.missing_anchors == ()
    assert lab.train() is not None
    assert SpecialistKind.PRESENCE in lab.room.bank.kinds
    still = through(lab, "sit", 40)
    assert still.count(Presence.PRESENT) >= 0.98 * len(still)
    lab.act("leave")
    lab.run(60, every=3)
    empty = []
    lab.run(90, each=lambda one: empty.append(one.room.state.presence), every=2)
    said = [reading.value for reading in empty]
    assert said.count(Presence.PRESENT) <= 0.01 * len(said)
    # A room that could not tell a posture from emptiness never says clear, and says why; any other does.
    if lab.room.bank.presence.may_clear:
        assert said.count(Presence.CLEAR) >= 0.7 * len(said)
    else:
        assert {reading.why_not for reading in empty if reading.value is None} <= {
            WhyNot.NOT_SEPARABLE,
            WhyNot.AMBIGUOUS,
        }
    assert lab.room.calibration is Calibration.READY
    _takes_up_after_a_restart(lab)


def _takes_up_after_a_restart(lab: Lab) -> None:
    """What was stored gives the same room again; a new baseline then makes its bank stale."""
    again = Room("again")
    again.load(
        baseline=codec.decode_baseline(codec.encode_baseline(lab.room.baseline)),
        bank=codec.decode_bank(codec.encode_bank(lab.room.bank)),
    )
    assert again.calibration is Calibration.READY
    assert again.bank.baseline_id == again.baseline.id
    captured = lab.calibrate()
    assert isinstance(captured, BaselineCaptured)
    lab.run(3)
    assert lab.room.calibration is Calibration.STALE
    assert len(lab.room.missing_anchors) == 7
    with pytest.raises(OrderError):
        lab.room.training_job(lab.at_s)


def test_a_baseline_with_a_walker_is_refused_and_the_former_one_stays():
    lab = Lab(seed=4, version=2)
    first = lab.calibrate()
    assert isinstance(first, BaselineCaptured)
    lab.act("walk")
    lab.run(5, is_ticking=False)
    second = lab.calibrate()
    assert isinstance(second, BaselineRefused)
    assert lab.room.baseline is first.baseline


def test_procedures_exclude_each_other_and_can_be_cancelled():
    room = Room("r")
    assert room.start_baseline(0.0, lead_s=5.0).phase is Phase.LEAD_IN
    with pytest.raises(OrderError):
        room.start_baseline(1.0)
    assert room.progress(3.0).remaining_s == pytest.approx(2.0)
    assert room.cancel(4.0) == (ProcedureCancelled(what="baseline"),)
    assert room.cancel(5.0) == ()
    assert room.progress(6.0) is None


def test_skipping_opens_the_chapter(enrolled):
    room = Room("study")
    room.load(baseline=enrolled.baseline)
    changes = room.skip_anchor("sit", 1.0)
    assert [type(change) for change in changes] == [EnrolmentAppended] * 3
    assert AnchorLabel.SIT not in room.missing_anchors
    assert len(room.missing_anchors) == 6


@pytest.mark.parametrize("refused", [None, AnchorLabel.SIT])
def test_a_room_that_did_not_see_somebody_sit_is_never_clear(enrolled, refused):
    started = Started(at_unix_s=1.0, room_id="study", baseline_id=enrolled.baseline.id)
    absent = [] if refused is None else [Verdict.failed(refused, Fault.ABSENT)]
    room = Room("study")
    room.load(
        baseline=enrolled.baseline, events=[started, *(AnchorRejected(at_unix_s=2.0, verdict=one) for one in absent)]
    )
    assert room.may_clear is (refused is None)
    quiet = window(np.random.default_rng(8), seconds=300.0)
    for at_s in range(60, 300, 5):
        part = quiet.between(at_s - 60.0, float(at_s))
        room.apply(room.slow_job(RoomInputs(at_s=float(at_s), windows=(part,), is_moving=False))())
    said = room.state.presence
    assert (said.value, said.why_not) == ((Presence.CLEAR, None) if refused is None else (None, WhyNot.NOT_SEPARABLE))


def _offset(enrolled, by: float) -> Adaptation:
    return Adaptation(offsets={LINK: np.full(enrolled.baseline.link(LINK).log_reference.shape, by)})


def test_a_restart_goes_on_from_where_the_reference_was(enrolled):
    """A room that had followed 4 % of drift is not 4 % off again after a restart."""
    inputs = RoomInputs(at_s=60.0, windows=(window(np.random.default_rng(8)),))
    off = {}
    for by in (0.0, 0.04):
        room = Room("study")
        room.load(baseline=enrolled.baseline, adaptation=_offset(enrolled, by))
        room.apply(room.slow_job(inputs)())
        off[by] = room.drift.value
    assert off[0.0] < 0.01
    assert off[0.04] == pytest.approx(0.04, abs=0.01)


def test_every_step_of_following_is_to_be_stored(enrolled):
    room = Room("study")
    room.load(baseline=enrolled.baseline)
    result = room.slow_job(RoomInputs(at_s=1.0, windows=()))()
    followed = replace(result.outcome.memory, adaptation=_offset(enrolled, 0.02))
    moved = Adapted(at_s=1.0, link=str(LINK), moved_rms=0.02, total_rms=0.02)
    outcome = replace(result.outcome, memory=followed, adapted=(moved,))
    event, change = room.apply(replace(result, outcome=outcome))
    assert isinstance(event, EnrolmentAppended)
    assert isinstance(change, ReferenceFollowed)
    assert change.baseline_id == enrolled.baseline.id
    assert change.adaptation.offset(LINK) == pytest.approx(0.02)
    (back,) = room.reset_adaptation()
    assert isinstance(back, ReferenceFollowed)
    assert back.adaptation.offset(LINK) is None


def test_a_job_of_a_former_baseline_changes_nothing(enrolled):
    room = Room("study")
    job = room.slow_job(RoomInputs(at_s=1.0, windows=()))
    room.load(baseline=enrolled.baseline)
    assert room.apply(job()) == ()
    assert room.state is None


@pytest.mark.slow
@pytest.mark.parametrize("index", range(20))
def test_full_loop_over_seeds_geometries_and_layouts(index):
    """The bars of the issue that hold in every home; all figures are in docs/benchmarks/room.md."""
    from benchmarks.room_simulation import home_of, one_home

    home, row, score = home_of(index), "", None
    while home is not None:
        row, score, named, home = one_home(home, None, 3, verbose=False)
    assert "refused" not in row, row
    assert {"wrong:sit", "wrong:stand_still", "leaves:stand_still", "visitor:sit"} <= set(named), row
    assert score.empty["present"] <= 0.05 * score.empty.total(), row
    assert min(score.recalls(), default=1.0) >= 0.9, row
    assert score.heart["wrong"] == score.n_vetoes == 0, row
