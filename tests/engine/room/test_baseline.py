"""An empty room becomes a baseline; everything else is refused with its reason."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.errors import Damaged
from ruview_engine.links.link_id import LinkId
from ruview_engine.room.baseline import Baseline, BaselineRefusal, Refusal, judge
from tests.engine.room.synthetic import LINK, joined, window


def refused(found, reason):
    assert isinstance(found, BaselineRefusal), found
    assert found.reason is reason
    return True


def test_quiet_minute_is_a_baseline(rng):
    found = judge("r", 1.0, (window(rng),))
    assert isinstance(found, Baseline)
    (link,) = found.links
    assert link.rate_hz == pytest.approx(20, rel=0.05)
    assert link.rssi_dbm == pytest.approx(-50, abs=1)
    assert link.quiet is not None
    assert link.coherence < 0.3
    assert len(link.eigenvalues) == 4


def test_movement_is_refused(rng):
    assert refused(judge("r", 1.0, (window(rng, moving=0.05),)), Refusal.MOTION)


def test_breathing_is_refused(rng):
    found = judge("r", 1.0, (window(rng, breath_bpm=14, breath=0.02),))
    assert refused(found, Refusal.BREATHING)
    assert dict(found.numbers)["bpm"] == pytest.approx(14, abs=1)


def test_a_rarely_heard_neighbour_cannot_refuse_an_empty_room(rng):
    """Three frames a second of somebody else's access point, restless for a while; the own one heard nothing of it."""
    own = window(rng)
    calm, restless = (
        window(rng, seconds=30, rate_hz=4, moving=moving, start_s=start) for moving, start in ((0.0, 0), (0.3, 30))
    )
    neighbour = replace(joined(calm, restless), link=LinkId("1", "64", "b"))
    assert isinstance(judge("r", 1.0, (own, neighbour)), Baseline)
    assert refused(judge("r", 1.0, (window(rng, moving=0.05), neighbour)), Refusal.MOTION)


def test_nothing_too_little_too_slow(rng):
    assert refused(judge("r", 1.0, ()), Refusal.NO_FRAMES)
    assert refused(judge("r", 1.0, (window(rng, seconds=4),)), Refusal.TOO_FEW_FRAMES)
    assert refused(judge("r", 1.0, (window(rng, seconds=90, rate_hz=2),)), Refusal.NO_USABLE_LINK)


def test_holes_are_refused(rng):
    one = window(rng)
    times = one.times + 3.0 * np.floor(one.times / 5)
    assert refused(judge("r", 1.0, (replace(one, times=times),)), Refusal.GAPS)


@pytest.mark.parametrize("fill", [0.0, np.nan, np.inf, -1.0])
def test_broken_frames_never_become_a_baseline(rng, fill):
    one = window(rng)
    assert isinstance(judge("r", 1.0, (replace(one, profiles=np.full_like(one.profiles, fill)),)), BaselineRefusal)


def test_constant_frames_do_not_raise(rng):
    one = window(rng)
    judge("r", 1.0, (replace(one, profiles=np.ones_like(one.profiles)),))


def test_id_is_made_from_content(rng):
    one = window(rng)
    first, again = judge("r", 1.0, (one,)), judge("r", 2.0, (one,))
    assert first.id == again.id
    assert judge("r", 1.0, (window(rng),)).id != first.id


def test_distance_grows_with_the_shift(rng):
    baseline = judge("r", 1.0, (window(rng),))
    near, small, large = (
        baseline.distance((window(rng, seconds=10, shift=shift),))[LINK] for shift in (0.0, 0.05, 0.3)
    )
    assert near.statistic < near.limit
    assert near.rms < small.rms < large.rms
    assert large.statistic > large.limit
    assert large.limit_rms < large.rms
    assert near.limit_rms > near.rms


def test_distance_ignores_other_layouts(rng):
    baseline = judge("r", 1.0, (window(rng),))
    other = window(rng, seconds=10)
    assert baseline.distance((replace(other, profiles=other.profiles[:, :40]),)) == {}


def test_dictionary_round_trip_and_tampering(rng):
    baseline = judge("r", 1.0, (window(rng),))
    assert Baseline.from_dict(baseline.to_dict()).id == baseline.id
    stored = baseline.to_dict()
    stored["links"][0] = stored["links"][0] | {"level": 99.0}
    with pytest.raises(Damaged):
        Baseline.from_dict(stored)
    stored["links"][0] = stored["links"][0] | {"block_covariance": -np.eye(16)}
    with pytest.raises(Damaged):
        Baseline.from_dict(stored)


@pytest.mark.parametrize("name", ["1531", "1648", "1658", "1841", "1410"])
def test_recorded_minutes_are_told_apart(data_dir, name):
    """ialr_s3_amp: every empty minute is accepted, every moving minute refused (10 Hz, integer amplitudes)."""
    (path,) = (data_dir / "ialr_s3_amp").glob(f"*_{name}.npz")
    data = np.load(path)
    times, labels = data["t"].astype(float), data["labels"]
    amplitude = data["amp"].astype(np.float32)
    active = np.median(amplitude, axis=0) > 0.1 * np.median(amplitude)
    amplitude = np.where(active, amplitude, 0)
    edges = np.flatnonzero(labels[1:] != labels[:-1]) + 1
    for block in np.split(np.arange(len(times)), edges):
        block = block[~data["settling"][block].astype(bool)]
        if len(block) < 300:
            continue
        rows = amplitude[block]
        one = window(np.random.default_rng(0), seconds=1)
        recorded = replace(
            one,
            times=times[block],
            profiles=(rows / (rows.sum(axis=1, keepdims=True) / active.sum())).astype(np.float32),
            levels=rows.mean(axis=1),
            rssi_dbm=np.full(len(block), np.nan),
        ).cleaned()
        found = judge("r", 0.0, (recorded,))
        assert isinstance(found, Baseline) == (str(labels[block[0]]) == "empty"), (name, labels[block[0]], found)
