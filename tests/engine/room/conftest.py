"""One enrolled person on one synthetic link, trained once for all tests of the room."""

from dataclasses import dataclass

import numpy as np
import pytest

from ruview_engine.room.anchor import ANCHORS, BY_LABEL, AnchorLabel, Verdict
from ruview_engine.room.anchor_feature import AnchorFeature
from ruview_engine.room.bank import Bank
from ruview_engine.room.baseline import Baseline, judge
from ruview_engine.room.capture import compact
from ruview_engine.room.gate import judge_anchor
from ruview_engine.room.sensitivity import SensitivityReport
from ruview_engine.room.specialist import SpecialistKind
from ruview_engine.room.training import TrainingJob, train
from tests.engine.room.synthetic import window

#: What a person does to the link at each anchor.
POSES = {
    AnchorLabel.STAND_STILL: {"shift": 0.12, "shift_seed": 31, "breath_bpm": 14.0, "breath": 0.01},
    AnchorLabel.SIT: {"shift": 0.12, "shift_seed": 32, "breath_bpm": 14.0, "breath": 0.01},
    AnchorLabel.LIE_DOWN: {"shift": 0.12, "shift_seed": 33, "breath_bpm": 14.0, "breath": 0.01},
    AnchorLabel.BREATHE_SLOW: {"shift": 0.12, "shift_seed": 32, "breath_bpm": 7.5, "breath": 0.02},
    AnchorLabel.BREATHE_NORMAL: {"shift": 0.12, "shift_seed": 32, "breath_bpm": 15.0, "breath": 0.02},
    AnchorLabel.SMALL_MOVE: {"shift": 0.12, "shift_seed": 32, "moving": 0.04},
    AnchorLabel.SLEEP_POSTURE: {"shift": 0.12, "shift_seed": 33, "breath_bpm": 12.0, "breath": 0.01},
}


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Everything that enrolment and training gave."""

    baseline: Baseline
    verdicts: dict[AnchorLabel, Verdict]
    features: dict[AnchorLabel, AnchorFeature]
    captures: dict
    bank: Bank
    report: SensitivityReport


def anchor_window(rng: np.random.Generator, label: AnchorLabel, **changes):
    """What the link shows during an anchor."""
    return window(rng, seconds=BY_LABEL[label].duration_s + 2, start_s=1000.0, **(POSES[label] | changes))


def training_job(enrolled_parts, *, kinds=tuple(SpecialistKind), former=None):
    """A job for these parts."""
    baseline, features, captures = enrolled_parts
    return TrainingJob(
        baseline=baseline, features=features, captures=captures, former=former, kinds=tuple(kinds),
        anchor_set_hash="anchors", trained_at_s=1.78e9,
    )  # fmt: skip


@pytest.fixture(scope="session")
def enrolled() -> Enrolled:
    """Trained once."""
    rng = np.random.default_rng(3)
    quiet = window(rng)
    baseline = judge("study", 1.0, (quiet,))
    assert isinstance(baseline, Baseline)
    captures = {AnchorLabel.EMPTY: compact((quiet,), baseline)}
    verdicts, features = {}, {}
    for anchor in ANCHORS[1:]:
        seen = anchor_window(rng, anchor.label)
        verdict, found = judge_anchor(anchor, (seen,), baseline)
        verdicts[anchor.label] = verdict
        features[anchor.label] = AnchorFeature(
            room_id="study", label=anchor.label, t_epoch_us=1, baseline_id=baseline.id, links=found
        )
        captures[anchor.label] = compact((seen,), baseline)
    result = train(training_job((baseline, features, captures)))
    assert result.bank is not None, result.reason
    return Enrolled(baseline, verdicts, features, captures, result.bank, result.report)
