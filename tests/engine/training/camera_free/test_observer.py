"""What a second looked like, from samples and reports."""

import numpy as np
import pytest

from ruview_engine.errors import TrainingError
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample
from ruview_engine.training.camera_free.observer import Observer, rhythm


def sample(at_s: float, profile: np.ndarray, link: str = "a", gap_s: float | None = 0.1) -> Sample:
    return Sample(
        link=LinkId("1", "64", link), at_s=at_s, index=0, profile=profile.astype(np.float32), level=10.0,
        rssi_dbm=-50, gap_s=gap_s,
    )  # fmt: skip


def test_movement_shows_in_the_seconds_in_which_it_was(rng: np.random.Generator) -> None:
    observer = Observer()
    for k in range(400):
        size = 0.2 if 100 <= k < 200 else 0.01
        observer.see_sample(1, sample(k / 10, 1 + size * rng.normal(size=64), gap_s=0.1 if k else None))
    seen = observer.observe()
    assert seen.nodes == (1,)
    moving = seen.motion[11:19, 0].mean()
    still = seen.motion[np.r_[0:9, 21:39], 0].mean()
    assert moving > still + 4.0
    assert np.isnan(seen.presence).all()


def test_links_are_measured_against_themselves(rng: np.random.Generator) -> None:
    observer = Observer()
    for k in range(400):
        # Link b is ten times as noisy as link a, and speaks only in the second half.
        link, size = ("b", 0.2) if k >= 200 else ("a", 0.02)
        observer.see_sample(1, sample(k / 10, 1 + size * rng.normal(size=64), link, 0.1 if k % 200 else None))
    motion = observer.observe().motion[:, 0]
    assert abs(np.nanmean(motion[:19]) - np.nanmean(motion[21:])) < 0.3


def test_upper_and_lower_bins_are_told_apart(rng: np.random.Generator) -> None:
    observer = Observer()
    for k in range(300):
        noise = 0.01 * rng.normal(size=64)
        if k >= 150:
            noise[32:] *= 20
        observer.see_sample(1, sample(k / 10, 1 + noise, gap_s=0.1 if k else None))
    seen = observer.observe()
    assert np.nanmean(seen.upper[16:, 0]) > np.nanmean(seen.lower[16:, 0]) + 0.9


def test_steps_are_a_rhythm_and_noise_is_none(rng: np.random.Generator) -> None:
    times = np.arange(0.0, 60.0, 0.05)
    grid = np.arange(60.0)
    steps = rhythm(times, np.sin(2 * np.pi * 1.8 * times), grid)
    noise = rhythm(times, rng.normal(size=len(times)), grid)
    assert np.median(steps) > 0.7
    assert np.nanmedian(noise) < 0.4
    assert np.isnan(rhythm(times[::60], noise[: len(times[::60])], grid)).all()


def test_nothing_seen_is_an_error() -> None:
    with pytest.raises(TrainingError, match="no sample"):
        Observer().observe()
