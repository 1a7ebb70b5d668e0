"""Makers of samples, quiet and moving profiles for all introspection tests."""

import numpy as np
import pytest

from ruview_engine.introspection.introspector import ChangeModel, Introspector
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample

LINK = LinkId("1", "64", "a")
N_BINS = 56


class Streams:
    """Profiles without radio: `quiet`, `moving`, `breathing`; `samples` puts times to rows."""

    link = LINK

    def __init__(self, rng):
        self.rng = rng

    def samples(self, profiles, fs_hz=20.0, start_s=100.0, link=LINK, first=None, glitches=()):
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

    def quiet(self, n, jitter=0.02):
        shape = 1.0 + 0.4 * np.sin(np.arange(N_BINS) / 7.0)
        return shape * (1.0 + jitter * self.rng.normal(size=(n, N_BINS)))

    def moving(self, n, fs_hz=20.0, depth=0.25):
        t, tones, out = np.arange(n) / fs_hz, np.arange(N_BINS), np.zeros((n, N_BINS))
        for k in range(4):
            path = 2 * np.pi * (1.0 + k / 3.0) * t + np.cumsum(self.rng.normal(size=n)) * 0.6
            out += np.cos(path[:, None] + tones * (0.05 + 0.06 * k) + self.rng.uniform(0, 6.28))
        return self.quiet(n) * (1.0 + depth / 2.0 * out)

    def breathing(self, n, fs_hz=20.0, bpm=15.0, depth=0.012):
        wave = np.sin(2 * np.pi * bpm / 60 * np.arange(n) / fs_hz)
        return self.quiet(n) * (1.0 + depth * wave[:, None] * np.cos(np.arange(N_BINS) / 12.0))

    @staticmethod
    def seen(tap, samples, fs_hz=20):
        """Snapshots, with the look back that the slow job takes once a second."""
        for i, sample in enumerate(samples):
            yield tap.update(sample)
            if i % fs_hz == fs_hz - 1:
                tap.take(tap.job()())

    def tap(self, baseline=None, fs_hz=20.0, **more):
        """A calibrated introspector of a quiet room."""
        change = ChangeModel.fit([self.quiet(1200) if baseline is None else baseline], fs_hz=fs_hz)
        return Introspector(LINK, np.ones(N_BINS, dtype=bool), change=change, fs_hz=fs_hz, **more)


@pytest.fixture
def streams(rng):
    return Streams(rng)
