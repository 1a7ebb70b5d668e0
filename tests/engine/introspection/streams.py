"""Samples for introspection tests: made of arrays, no radio."""

import numpy as np

from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample

LINK = LinkId("1", "64", "a")


def samples(profiles, fs_hz=20.0, start_s=100.0, link=LINK, first=None, glitches=()):
    """One sample per row; `first` is the gap before the first one (None = a new link)."""
    for i, row in enumerate(np.atleast_2d(profiles)):
        yield Sample(
            link=link,
            at_s=start_s + i / fs_hz,
            index=i,
            profile=np.asarray(row, dtype=np.float32),
            level=20.0,
            rssi_dbm=-50,
            gap_s=first if i == 0 else 1.0 / fs_hz,
            is_glitch=i in glitches,
        )


def quiet_profiles(rng, n, n_bins=56, jitter=0.02):
    """(n, n_bins) a fixed channel with independent tone jitter, mean about 1."""
    shape = 1.0 + 0.4 * np.sin(np.arange(n_bins) / 7.0)
    return shape * (1.0 + jitter * rng.normal(size=(n, n_bins)))


def moving_profiles(rng, n, fs_hz=20.0, n_bins=56, depth=0.25, jitter=0.02):
    """(n, n_bins) several echoes sweep smoothly and irregularly over the tones."""
    t = np.arange(n) / fs_hz
    tones = np.arange(n_bins)
    out = np.zeros((n, n_bins))
    for k in range(4):
        rate = 2.0 + 2.0 * k / 3.0
        path = 2 * np.pi * rate * t / 2 + np.cumsum(rng.normal(size=n)) * 0.25
        out += np.cos(path[:, None] + tones * (0.05 + 0.06 * k) + rng.uniform(0, 6.28))
    return quiet_profiles(rng, n, n_bins, jitter) * (1.0 + depth / 2.0 * out)


def breathing_profiles(rng, n, fs_hz=20.0, n_bins=56, bpm=15.0, depth=0.03, jitter=0.02):
    """(n, n_bins) one slow modulation whose sign changes over the tones."""
    t = np.arange(n) / fs_hz
    wave = np.sin(2 * np.pi * bpm / 60 * t)
    return quiet_profiles(rng, n, n_bins, jitter) * (1.0 + depth * wave[:, None] * np.cos(np.arange(n_bins) / 12.0))
