"""Collects the samples of a capture, per link, bounded."""

from typing import Final

import numpy as np

from ..links.link_id import LinkId
from ..links.sample import Sample
from ..shapes import Profile
from .window import LinkWindow

#: Samples kept per link. Origin: derived, two minutes at the firmware's 50 Hz gate.
MAX_SAMPLES: Final = 6000
#: Links kept per capture. Origin: chosen; 8 nodes with 4 links, more would only be flood.
MAX_LINKS: Final = 32


class Recorder:
    """`add` per sample while a capture runs; `windows` hands out everything as arrays."""

    def __init__(self) -> None:
        self._samples: dict[LinkId, list[tuple[float, Profile, float, int | None]]] = {}

    def add(self, sample: Sample) -> None:
        """Keep a usable sample; glitches, repetitions and what exceeds the bounds are left out."""
        if not sample.is_usable:
            return
        kept = self._samples.get(sample.link)
        if kept is None:
            if len(self._samples) >= MAX_LINKS:
                return
            kept = self._samples[sample.link] = []
        if len(kept) < MAX_SAMPLES and (not kept or sample.at_s > kept[-1][0]):
            kept.append((sample.at_s, sample.profile, sample.level, sample.rssi_dbm))

    def __len__(self) -> int:
        return sum(map(len, self._samples.values()))

    def counts(self) -> dict[LinkId, int]:
        """Samples so far, per link."""
        return {link: len(kept) for link, kept in self._samples.items()}

    def windows(self, *, since_s: float = -np.inf) -> tuple[LinkWindow, ...]:
        """Everything recorded after `since_s`, one window per link, in a stable order."""
        found = []
        for link, samples in sorted(self._samples.items()):
            kept = [sample for sample in samples if sample[0] >= since_s]
            if not kept:
                continue
            times, profiles, levels, rssi = zip(*kept, strict=True)
            window = LinkWindow(
                link=link,
                times=np.array(times, np.float64),
                profiles=np.array(profiles, np.float32),
                levels=np.array(levels, np.float64),
                rssi_dbm=np.array([np.nan if value is None else value for value in rssi], np.float64),
            )
            found.append(window.cleaned())
        return tuple(found)
