"""From frames as they arrive to a candidate, whatever arrives."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.chest_link import ChestLink
from ruview_engine.dsp.periodicity import Evidence, NoRhythm
from ruview_engine.dsp.resample import Grid
from ruview_engine.links.link_id import LinkId
from ruview_engine.room.link_rhythm import link_grid, link_rhythm
from ruview_engine.room.reading import WhyNot
from ruview_engine.room.specialists.breathing import BREATHING_BAND, GRID_HZ
from ruview_engine.room.window import LinkWindow

DURATION_S = 30.0


def window(times: np.ndarray, profiles: np.ndarray) -> LinkWindow:
    n = len(times)
    return LinkWindow(
        link=LinkId("1", "64", "a"),
        times=times,
        profiles=profiles,
        levels=np.ones(n, np.float32),
        rssi_dbm=np.full(n, -50, np.float32),
    )


@pytest.fixture
def breathing(rng: np.random.Generator) -> LinkWindow:
    times, profiles, _ = ChestLink(ratio_db=-14, breath_bpm=15, rate_hz=20).record(32, rng)
    return window(times, profiles)


def found(one: LinkWindow, at_s: float | None = None) -> Evidence | NoRhythm | WhyNot:
    now = float(one.times[-1]) if at_s is None and len(one) else (at_s or 0.0)
    return link_rhythm(one, at_s=now, duration_s=DURATION_S, grid_hz=GRID_HZ, band=BREATHING_BAND).found


def test_a_breath_is_a_candidate_with_numbers(breathing: LinkWindow) -> None:
    evidence = found(breathing)
    assert isinstance(evidence, Evidence)
    assert abs(evidence.rate_bpm - 15) < 0.7
    assert evidence.duration_s == DURATION_S


@pytest.mark.parametrize("rate_hz", [3.0, 10.0, 50.0, 140.0])
def test_any_frame_rate(rate_hz: float, rng: np.random.Generator) -> None:
    times, profiles, truth = ChestLink(ratio_db=-6, breath_bpm=15, rate_hz=rate_hz).record(32, rng)
    evidence = found(window(times, profiles))
    assert isinstance(evidence, Evidence)
    assert abs(evidence.rate_bpm - truth.mean()) < 0.7


def test_bad_frames_count_as_none(breathing: LinkWindow, rng: np.random.Generator) -> None:
    bad = breathing.profiles.copy()
    bad[rng.integers(0, len(bad), 30), rng.integers(0, 52, 30)] = rng.choice([np.nan, np.inf], 30)
    bad[rng.integers(0, len(bad), 20)] *= rng.uniform(0, 3, (20, 52)).astype(np.float32)
    evidence = found(replace(breathing, profiles=bad))
    assert isinstance(evidence, Evidence)
    assert abs(evidence.rate_bpm - 15) < 0.7


def test_leaving_rows_out_does_not_tear_a_hole(breathing: LinkWindow, rng: np.random.Generator) -> None:
    """Two seconds full of broken frames: answered from the rest, not refused as a gap."""
    profiles = breathing.profiles.copy()
    profiles[300:340] *= rng.uniform(0.5, 1.5, (40, 52)).astype(np.float32)
    assert isinstance(
        link_grid(
            replace(breathing, profiles=profiles),
            at_s=float(breathing.times[-1]),
            duration_s=DURATION_S,
            grid_hz=GRID_HZ,
            slowest_hz=2.0,
        ),
        Grid,
    )


def test_a_hole_is_a_gap(breathing: LinkWindow) -> None:
    keep = np.abs(breathing.times - breathing.times[-1] + 12) > 0.8
    assert found(window(breathing.times[keep], breathing.profiles[keep])) is WhyNot.GAP


def test_too_short_too_slow_too_old_too_empty(breathing: LinkWindow) -> None:
    assert found(breathing.between(5.0, 25.0)) is WhyNot.WARMING_UP
    assert found(window(breathing.times[::14], breathing.profiles[::14])) is WhyNot.RATE_TOO_LOW
    assert found(breathing, at_s=float(breathing.times[-1]) + 5) is WhyNot.NO_FRAMES
    assert found(breathing.between(-9.0, -1.0)) is WhyNot.NO_FRAMES


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan, np.inf, 1e30])
def test_constant_and_impossible_profiles_have_no_rhythm(breathing: LinkWindow, value: float) -> None:
    answer = found(replace(breathing, profiles=np.full_like(breathing.profiles, value)))
    assert isinstance(answer, (NoRhythm, WhyNot))


def test_time_that_runs_backwards_is_survived(breathing: LinkWindow) -> None:
    times = breathing.times.copy()
    times[200:210] -= 3.0
    assert isinstance(found(replace(breathing, times=times)), (Evidence, NoRhythm, WhyNot))
