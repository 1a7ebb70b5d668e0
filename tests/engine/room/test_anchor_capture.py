"""What is shown during an anchor and what its verdict says of movement is one rule."""

import pytest

from ruview_engine.room.anchor import BY_LABEL, AnchorLabel, Fault
from ruview_engine.room.anchor_capture import AnchorCapture
from ruview_engine.room.gate import judge_anchor
from tests.engine.room.conftest import anchor_window
from tests.engine.room.test_baseline_capture import samples


def shown(enrolled, label, window) -> list[str]:
    """The live word of every second after settling."""
    start_s = float(window.times[0])
    capture = AnchorCapture(BY_LABEL[label], enrolled.baseline, at_s=start_s, lead_s=0.0)
    words = []
    for sample in samples(window):
        while sample.at_s >= start_s + len(words) + 1:
            words.append(capture.progress(start_s + len(words) + 1).live)
        capture.observe(sample)
    return words[4:]


@pytest.mark.parametrize("breath", [0.01, 0.04])
def test_a_chest_that_breathes_is_quiet(enrolled, rng, breath):
    still = anchor_window(rng, AnchorLabel.SIT, breath=breath)
    assert set(shown(enrolled, AnchorLabel.SIT, still)) == {"quiet"}
    assert judge_anchor(BY_LABEL[AnchorLabel.SIT], (still,), enrolled.baseline)[0].accepted


def test_who_moves_is_told_so_at_once(enrolled, rng):
    moving = anchor_window(rng, AnchorLabel.SIT, moving=0.1)
    assert set(shown(enrolled, AnchorLabel.SIT, moving)) == {"moving"}
    assert judge_anchor(BY_LABEL[AnchorLabel.SIT], (moving,), enrolled.baseline)[0].reason is Fault.MOVED


def test_small_movements_are_seen_when_they_are_asked_for(enrolled, rng):
    arms = anchor_window(rng, AnchorLabel.SMALL_MOVE)
    assert shown(enrolled, AnchorLabel.SMALL_MOVE, arms).count("moving") > 12
    still = anchor_window(rng, AnchorLabel.SIT)
    assert set(shown(enrolled, AnchorLabel.SMALL_MOVE, still)) == {"quiet"}
