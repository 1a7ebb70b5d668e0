"""A capture goes by the clock it is told, and records only its own phase."""

import numpy as np

from ruview_engine.links.sample import Sample
from ruview_engine.room.baseline import Baseline
from ruview_engine.room.baseline_capture import BaselineCapture, Phase
from ruview_engine.room.recorder import MAX_LINKS, Recorder
from tests.engine.room.synthetic import LINK, window


def samples(one, link=LINK):
    for index, at_s in enumerate(one.times):
        yield Sample(
            link=link, at_s=float(at_s), index=index, profile=one.profiles[index], level=float(one.levels[index]),
            rssi_dbm=-50, gap_s=0.05,
        )  # fmt: skip


def test_lead_in_is_not_recorded(rng):
    capture = BaselineCapture(at_s=0.0, lead_s=5.0, duration_s=30.0)
    assert capture.progress(1.0).phase is Phase.LEAD_IN
    for sample in samples(window(rng, seconds=40)):
        capture.observe(sample)
    (recorded,) = capture.recorder.windows()
    assert recorded.times[0] >= 5.0
    assert recorded.times[-1] < 35.0
    assert capture.phase(36.0) is Phase.DONE
    assert isinstance(capture.judge("r", 0.0, {LINK: (2437, None)}), Baseline)


def test_frequency_reaches_the_baseline(rng):
    capture = BaselineCapture(at_s=0.0, lead_s=0.0, duration_s=40.0)
    for sample in samples(window(rng, seconds=40)):
        capture.observe(sample)
    found = capture.judge("r", 0.0, {LINK: (2462, "aa:bb")})
    assert found.links[0].frequency_mhz == 2462
    assert found.links[0].access_point == "aa:bb"


def test_progress_says_what_the_last_seconds_look_like(rng):
    for one, expected in (
        (window(rng, seconds=20), "quiet"),
        (window(rng, seconds=20, moving=0.08), "moving"),
        (window(rng, seconds=20, rate_hz=1.5), "slow"),
    ):
        capture = BaselineCapture(at_s=0.0, lead_s=0.0, duration_s=30.0)
        for sample in samples(one):
            capture.observe(sample)
        assert capture.progress(20.0).live == expected
    assert BaselineCapture(at_s=0.0, lead_s=0.0, duration_s=30.0).progress(10.0).live == "no_frames"


def test_recorder_is_bounded_and_refuses_what_is_not_evidence(rng):
    recorder = Recorder()
    one = window(rng, seconds=2)
    first = next(samples(one))
    for number in range(MAX_LINKS + 10):
        recorder.add(next(samples(one, type(LINK)("1", "64", f"x{number}"))))
    assert len(recorder.windows()) == MAX_LINKS
    again = Recorder()
    again.add(first)
    again.add(first)
    assert len(again) == 1
    assert np.isfinite(again.windows()[0].rssi_dbm).all()
